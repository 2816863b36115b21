// Caps, feeds and the certificate of energy under pressure.
#include <doctest/doctest.h>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

std::string one_gang(const std::string& rest) {
  return R"(jobs:
  gang:
    kind: training
    tenant: owner
    site: here
    on: [h100_sxm]
    gpus: 640 gpu
    parameters: 1e10
    tokens: 1 Ttoken
)" + rest;
}

Result run(const std::string& text) {
  return simulate(test::load_text(text), {.paranoid = true});
}

std::string with_feed(const std::string& feed) {
  std::string text = test::small_site();
  return text.replace(text.find("feed: 2 MW"), 10, "feed: " + feed);
}

}  // namespace

TEST_CASE("a gang's run time is 6 N D / (GPUs x rate x MFU)") {
  const Result result = run(test::small_site() + one_gang(""));
  const double seconds = 6 * 1e10 * 1e12 / (640 * 989e12 * 0.4);
  INFO("6 x 1e10 x 1e12 / (640 x 989e12 x 0.4) = " << seconds << " s on 640 GPUs");
  CHECK(result.metric("jobs.gang.done") == 1);
  CHECK(result.metric("jobs.gang.gpu_hours") == doctest::Approx(640 * seconds).epsilon(1e-9));
}

TEST_CASE("the feed is never exceeded and capped work takes longer") {
  const Result free = run(test::small_site() + one_gang("    runs: 2\n"));
  const Result capped = run(with_feed("600 kW") + one_gang("    runs: 2\n"));
  CHECK(free.metric("site.here.capped_time") == 0);
  CHECK(free.metric("site.here.power.peak") > 650e3);
  CHECK(capped.metric("site.here.power.peak") <= 600e3);
  CHECK(capped.metric("site.here.capped_time") > 0);
  CHECK(capped.metric("jobs.gang.gpu_hours") > 1.02 * free.metric("jobs.gang.gpu_hours"));
  INFO("slowed clocks are busy but not useful");
  CHECK(capped.metric("ladder.owner.useful") < 0.99 * capped.metric("ladder.owner.busy"));
}

TEST_CASE("hot coolant caps the dies and their limit holds") {
  std::string text = test::small_site() + one_gang("");
  text.replace(text.find("liquid: {rejection: {kind: tower}}"), 34,
               "liquid: {supply: 60 C, rejection: {kind: dry_cooler, approach: 25 K}}");
  const Result result = run(text);
  INFO("60 C coolant leaves (87 - 60) K / 0.04 K/W = 675 W per die");
  CHECK(result.metric("site.here.die.peak") <= 87.5);
}

TEST_CASE("racks that get power later are dark until then") {
  std::string text = test::small_site();
  text.replace(text.find("in_service: 2025-05-06"), 22,
               "in_service: 2025-05-06, energised: 2026-05-16");
  const Result result = run(text);
  INFO("2026-05-16 00:00 local = 10.25 d after the start: dark share 10.25 / 30");
  CHECK(result.metric("ladder.total.energised") / result.metric("ladder.total.installed") ==
        doctest::Approx(1 - 10.25 / 30));
}

TEST_CASE("a price signal from a file is billed hour by hour") {
  const test::TemporaryFolder folder;
  std::string csv = "hour,usd_per_mwh\n";
  for (int hour = 0; hour < 24; ++hour)
    csv += std::to_string(hour) + "," + (hour < 12 ? "10\n" : "30\n");
  write_file(folder.path() / "price.csv", csv);
  std::string text = test::small_site();
  text.replace(text.find("energy: 40 USD/MWh"), 18,
               "energy: {file: price.csv, column: usd_per_mwh, unit: USD/MWh, every: 1 h, begins: "
               "2026-05-06}");
  text.replace(text.find("duration: 30 d"), 14, "duration: 24 h");
  text.replace(text.find("demand: 15 USD/kW"), 17, "demand: 0 USD/kW");
  write_file(folder.path() / "scenario.yaml", text);
  const Scenario scenario = load(folder.path() / "scenario.yaml", test::shipped_catalog());
  const Result result = simulate(scenario);
  const double price = result.metric("site.here.electricity.price") * 3.6e9;
  INFO("an idle site draws nearly constant power: half at 10, half at 30 USD/MWh");
  CHECK(price == doctest::Approx(20).epsilon(0.05));
  CHECK(save(scenario).find("values: [") != std::string::npos);
}
