// Oracle for node power: V21 as a law, and the straight line between idle and peak.
#include <array>

#include <doctest/doctest.h>

#include <colossim/model/node_power.hpp>

using namespace colossim;
using units::gpu;
using units::kilowatt;
using units::megawatt;
using units::watt;

namespace {

const NodePower hgx_h100{.idle = 1.9 * kilowatt,
                         .peak = 8.4 * kilowatt,
                         .gpus = 8,
                         .gpu_idle = 70.0 * watt,
                         .gpu_tdp = 700.0 * watt};
const NodePower nvl72{.idle = 25.0 * kilowatt,
                      .peak = 125.0 * kilowatt,
                      .gpus = 72,
                      .gpu_idle = 120.0 * watt,
                      .gpu_tdp = 1200.0 * watt};

}  // namespace

TEST_CASE("V21: Colossus 1 with every node at peak draws 244.722 MW, 264.300 MW IT, 303.945 MW") {
  const std::array<NodeGroup, 3> groups{
      {{hgx_h100, 150'000.0 * gpu}, {hgx_h100, 50'000.0 * gpu}, {nvl72, 20'000.0 * gpu}}};
  const ClusterPeak peak = cluster_peak(groups);
  INFO("200,000/8 · 8.4 kW + 20,000/72 · 125 kW = 210 + 34.7222 MW; · 1.08; · 1.15");
  CHECK(peak.gpu_nodes.in(megawatt) == doctest::Approx(244.722222).epsilon(1e-8));
  CHECK(peak.it.in(megawatt) == doctest::Approx(264.300).epsilon(1e-12));
  CHECK(peak.site.in(megawatt) == doctest::Approx(303.945).epsilon(1e-12));
}

TEST_CASE("V21: at PUE 1.20 the site needs 317 MW, above its 300 MW feed") {
  const std::array<NodeGroup, 2> groups{{{hgx_h100, 200'000.0 * gpu}, {nvl72, 20'000.0 * gpu}}};
  INFO("264.3 MW · 1.20 = 317.16 MW");
  CHECK(cluster_peak(groups, {.pue = 1.20}).site.in(megawatt) ==
        doctest::Approx(317.16).epsilon(1e-12));
}

TEST_CASE("with 30,000 GB200 the peak is 325 MW at PUE 1.15 and 354 MW at 1.25") {
  const std::array<NodeGroup, 2> groups{{{hgx_h100, 200'000.0 * gpu}, {nvl72, 30'000.0 * gpu}}};
  INFO("(210 + 52.0833) · 1.08 = 283.05; · 1.15 = 325.5, · 1.25 = 353.8");
  CHECK(cluster_peak(groups).site.in(megawatt) == doctest::Approx(325.5).epsilon(1e-3));
  CHECK(cluster_peak(groups, {.pue = 1.25}).site.in(megawatt) ==
        doctest::Approx(353.8).epsilon(1e-3));
}

TEST_CASE("activity runs from 0 at idle to 1 at TDP and is clamped outside") {
  INFO("(385 − 70)/(700 − 70) = 0.5");
  CHECK(activity(hgx_h100, 385.0 * watt) == doctest::Approx(0.5).epsilon(1e-15));
  CHECK(activity(hgx_h100, 70.0 * watt) == 0);
  CHECK(activity(hgx_h100, 20.0 * watt) == 0);
  CHECK(activity(hgx_h100, 700.0 * watt) == 1);
  CHECK(activity(hgx_h100, 900.0 * watt) == 1);
}

TEST_CASE("V17: an H100 node at 90 % activity draws 7.75 kW, and eight unlike shares add up") {
  INFO("1.9 + 6.5 · 0.9 = 7.75 kW");
  CHECK((8.0 * gpu_share(hgx_h100, 0.9)).in(kilowatt) == doctest::Approx(7.75).epsilon(1e-12));
  Power node;
  for (int i = 0; i < 8; ++i) node += gpu_share(hgx_h100, i < 4 ? 1.0 : 0.0);
  INFO("four GPUs at peak, four idle: (1.9 + 8.4)/2 = 5.15 kW");
  CHECK(node.in(kilowatt) == doctest::Approx(5.15).epsilon(1e-12));
}
