// Elastic jobs against closed forms: one job and another that comes or goes, on 640 GPUs, with
// perfect scaling, so that work is GPU-seconds.
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/world/simulate.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

class Ends final : public Observer {
 public:
  void job_ended(const JobRecord& job, const JobTables& /*jobs*/, const Fleet& /*fleet*/) override {
    ends[job.id] = (job.outcome.ended - SimTime{}).quantity() / units::second;
  }
  std::map<std::string, double> ends;
};

struct Setup {
  std::string rigid;     // rows of jobs of one size
  std::string flexible;  // rows of elastic jobs
  std::string elastic;
  std::string costs = "checkpoint: 0 s, restart: 100 s";
  std::string queue = "fifo";
  std::string placement = "rack_local";
};

struct Run {
  std::map<std::string, double> ends;  // s, by id
  double resized = 0;
  double preempted = 0;
};

Run run(const Setup& setup) {
  const std::string header = "id,submit_s,runtime_s,gpus\n";
  const test::TemporaryFolder folder;
  write_file(folder.path() / "rigid.csv", header + setup.rigid);
  write_file(folder.path() / "flexible.csv", header + setup.flexible);
  const std::string stream = "{{kind: trace, tenant: owner, site: here, on: [h100_sxm], {}}}\n";
  write_file(
      folder.path() / "scenario.yaml",
      test::small_site() +
          fmt::format("pools: {{main: {{site: here, tenant: owner, queue: {}, placement: {}}}}}\n",
                      setup.queue, setup.placement) +
          "jobs:\n  rigid: " + fmt::format(fmt::runtime(stream), "trace: rigid.csv") +
          "  flexible: " +
          fmt::format(fmt::runtime(stream),
                      fmt::format("trace: flexible.csv, {}, elastic: {{exponent: 1, {}}}",
                                  setup.costs, setup.elastic)));
  Ends ends;
  const Result result = simulate(load(folder.path() / "scenario.yaml", test::shipped_catalog()),
                                 {.paranoid = true, .observer = &ends});
  return {ends.ends, result.metric("jobs.flexible.resized"),
          result.metric("jobs.flexible.preempted")};
}

}  // namespace

TEST_CASE("an elastic job grows into what becomes free, after it kept its size long enough") {
  const auto flexible_end = [](const std::string& runtime, const std::string& more) {
    return run({.rigid = "r,0,1000,600\n",
                .flexible = "e,10," + runtime + ",80\n",
                .elastic = "least: 0.25, most: 8" + more})
        .ends.at("e");
  };
  INFO("80,000 GPU s on the 40 GPUs that are free from 10 s on");
  CHECK(flexible_end("1000", "") == doctest::Approx(10 + 80'000.0 / 40));
  INFO("at 1,000 s 39,600 are done; a restart of 100 s, and the rest on 640");
  CHECK(flexible_end("1000", ", resize_after: 500 s") ==
        doctest::Approx(1000 + 100 + 40'400.0 / 640));
  INFO("at 1,510 s, when nothing else happens, 60,000 are done");
  CHECK(flexible_end("1000", ", resize_after: 1500 s") ==
        doctest::Approx(1510 + 100 + 20'000.0 / 640));
  INFO("2,000 are left at 1,000 s: 50 s on 40 GPUs are less than the restart");
  CHECK(flexible_end("520", ", resize_after: 500 s") == doctest::Approx(1050));
}

TEST_CASE("an elastic job shrinks for the next waiting job under every policy, and grows again") {
  const auto check = [](const Setup& how, double end) {
    Setup setup = how;
    setup.flexible = "e,0,1000,640\n";
    setup.rigid = "r,300,200,100\n";
    setup.elastic = "least: 0.25, most: 1, resize_after: 1 min";
    const Run found = run(setup);
    INFO(setup.queue);
    CHECK(found.ends.at("r") == doctest::Approx(500));
    CHECK(found.ends.at("e") == doctest::Approx(end));
    CHECK(found.preempted == 0);
  };
  INFO("640 until 300 s, 320 from 400 to 500 s, then 416,000 GPU s on 640 from 600 s on");
  for (const char* queue :
       {"fifo", "first_fit", "sjf", "sjf_skip", "srtf", "easy", "easy_sjf", "conservative",
        "priority", "{kind: las, thresholds: [1 gpu-h]}", "fair_share"})
    check({.queue = queue}, 600 + 416'000.0 / 640);
  check({.queue = "easy_machines", .placement = "first_fit"}, 600 + 416'000.0 / 640);
  for (const char* placement : {"count", "consolidate", "best_fit", "spread", "random"})
    check({.placement = placement}, 600 + 416'000.0 / 640);
  INFO("a change costs a save too: 320 from 450 to 500 s, then 432,000 from 650 s on");
  check({.costs = "checkpoint: 1 d, checkpoint_write: 50 s, restart: 100 s"},
        650 + 432'000.0 / 640);
  INFO("a quota starts it on its share, 320; it grows after a minute, 640 from 160 to 300 s");
  check({.queue = "{kind: quota, shares: {flexible: 50 %, rigid: 50 %}}"}, 600 + 499'200.0 / 640);
}

TEST_CASE("an elastic job does not shrink for less than what is missing, nor within its quota") {
  INFO("600 GPUs are missing and it keeps at least 160: r waits for its end");
  const Run large = run({.rigid = "r,300,200,600\n",
                         .flexible = "e,0,1000,640\n",
                         .elastic = "least: 0.25, most: 1, resize_after: 1 min"});
  CHECK(large.resized == 0);
  CHECK(large.ends.at("r") == doctest::Approx(1200));
  INFO("who has no share borrows what is idle, and nothing is");
  const Run within = run({.rigid = "r,300,200,100\n",
                          .flexible = "e,0,1000,640\n",
                          .elastic = "least: 0.25, most: 1, resize_after: 1 min",
                          .queue = "{kind: quota, shares: {flexible: 100 %, rigid: 0 %}}"});
  CHECK(within.resized == 0);
  CHECK(within.ends.at("r") == doctest::Approx(1200));
}
