// Two futures of one past, against runs that had the second future from the beginning.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/experiment/compare.hpp>
#include <colossim/world/fork.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

/// A lease that the tenant leaves on a day, with two days' notice, and jobs of chance on both
/// sides.
struct LeftLease {
  test::TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "lease.yaml";

  LeftLease() {
    write_file(
        file,
        test::small_site() + test::small_service("tenant") +
            "contracts: {lease: {kind: lease, owner: owner, tenant: tenant, site: here, gpus: 320 "
            "gpu, price: 2 USD/gpu/h, ramp: 320 gpu/d, term: 12 month, options: {leave: {kind: "
            "exit, "
            "by: tenant, notice: 2 d, exercise: {kind: date, on: 2026-06-02}}}}}\n"
            "jobs: {own: {kind: batch, tenant: owner, site: here, on: [h100_sxm], arrivals: 3 1/h, "
            "gpus: {choice: {8 gpu: 60 %, 40 gpu: 40 %}}, runtime: {lognormal: {median: 3 h, "
            "sigma: "
            "1}}}}\n");
  }
  [[nodiscard]] Scenario scenario(std::vector<Override> changes) const {
    LoadOptions options = test::shipped_catalog();
    options.overrides = std::move(changes);
    return load(file, options);
  }
  [[nodiscard]] Comparison fork(const Fork& fork, std::int64_t replications = 1) const {
    std::vector<ScenarioSource> sources{{"as it is", file, test::shipped_catalog()},
                                        {"forked", file, test::shipped_catalog()}};
    std::vector<Scenario> scenarios = load_fork(sources, fork);
    CompareOptions options{.replications = replications};
    options.fork = fork;
    return compare(sources, std::move(scenarios), options);
  }
  [[nodiscard]] std::string refused(const Fork& wrong) const {
    try {
      static_cast<void>(fork(wrong));
    } catch (const ScenarioError& error) {
      return error.what();
    }
    return "nothing";
  }
};

Override leaving_on(const std::string& day) {
  return {"contracts.lease.options.leave.exercise.on", day};
}

SimTime days(int count) {
  return SimTime{} + count * one_day;
}

void check_same(const std::vector<MetricValue>& found, const Result& wanted) {
  REQUIRE(found.size() == wanted.metrics.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO(found[i].name);
    CHECK(found[i].value == wanted.metrics[i].value);
  }
}

}  // namespace

TEST_CASE("a future that was forked before the change counts is that of a run with the change") {
  const LeftLease lease;
  const Comparison found = lease.fork({days(8), {leaving_on("2026-05-20")}});
  INFO("until the 20th nothing asks for the day: fork at day 8 and run from day 0 are one");
  check_same(found.scenarios[1].result.metrics,
             simulate(lease.scenario({leaving_on("2026-05-20")})));
  check_same(found.scenarios[0].result.metrics, simulate(lease.scenario({})));
  CHECK(found.scenarios[0].result.metric("contract.lease.fee") >
        found.scenarios[1].result.metric("contract.lease.fee"));
}

TEST_CASE("a day that has passed takes effect at the fork, not before") {
  const LeftLease lease;
  const Comparison found = lease.fork({days(20), {leaving_on("2026-05-10")}});
  const Result& forked = found.scenarios[1].result;
  REQUIRE(forked.contracts.size() == 1);
  REQUIRE(forked.contracts[0].uses.size() == 1);
  // The world looks at options once a day, at midnight of the site, which is six hours behind.
  const double noticed = static_cast<double>(forked.contracts[0].uses[0].noticed.ns()) / 8.64e13;
  INFO("noticed on day " << noticed);
  CHECK(noticed >= 20);
  CHECK(noticed <= 21.25);
}

TEST_CASE("a fork without a difference has none, on all replications") {
  const LeftLease lease;
  const Comparison found = lease.fork({days(8), {leaving_on("2026-06-02")}}, 3);
  for (const auto& gain : found.scenarios[1].metric_gains) {
    REQUIRE(gain.has_value());
    CHECK(gain->value == 0);
    CHECK(gain->half_width == 0);
  }
}

namespace {

/// Whole-node jobs of chance that fill a site from the third day on, under a queue policy.
struct BusyPool {
  test::TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "pool.yaml";

  explicit BusyPool(const std::string& queue, const std::string& placement = "first_fit") {
    const auto jobs = [](const std::string& name, const std::string& rate) {
      return name +
             ": {kind: batch, tenant: owner, site: here, on: [h100_sxm], from: 2026-05-08, " +
             "arrivals: " + rate + ", gpus: {choice: {8 gpu: 60 %, 40 gpu: 40 %}}, runtime: " +
             "{lognormal: {median: 3 h, sigma: 1}}, checkpoint: 30 min, restart: 5 min}";
    };
    write_file(file, test::small_site() + "pools: {own: {source: assumption, site: here, tenant: " +
                         "owner, placement: " + placement + ", queue: " + queue + "}}\njobs: {" +
                         jobs("few", "1 1/h") + ", " + jobs("many", "5 1/h") + "}\n");
  }
  [[nodiscard]] Comparison fork(int day, const std::string& value,
                                const std::string& what = "queue") const {
    std::vector<ScenarioSource> sources{{"as it is", file, test::shipped_catalog()},
                                        {"forked", file, test::shipped_catalog()}};
    const Fork fork{days(day), {{"pools.own." + what, value}}};
    std::vector<Scenario> scenarios = load_fork(sources, fork);
    CompareOptions options;
    options.fork = fork;
    return compare(sources, std::move(scenarios), options);
  }
};

/// Policies that know nothing but the jobs that wait and run. Fair shares also know who had what
/// before.
const std::vector<std::string> forgetful{
    "fifo",     "sjf",           "srtf",
    "easy",     "easy_machines", "conservative",
    "priority", "las",           "{kind: quota, shares: {few: 50 %, many: 50 %}}"};

}  // namespace

TEST_CASE("a queue policy that takes over before the first job decides as if it always had") {
  std::vector<std::string> queues = forgetful;
  queues.push_back("fair_share");
  for (const std::string& queue : queues) {
    INFO(queue << " from day 1, jobs from day 2");
    check_same(BusyPool{"fifo"}.fork(1, queue).scenarios[1].result.metrics,
               BusyPool{queue}.fork(1, "fifo").scenarios[0].result);
  }
}

TEST_CASE("a placement that takes over before the first job places as if it always had") {
  for (const char* placement :
       {"best_fit", "rack_local", "spread", "random", "consolidate", "count"}) {
    INFO(placement << " from day 1, jobs from day 2");
    check_same(BusyPool{"easy"}.fork(1, placement, "placement").scenarios[1].result.metrics,
               BusyPool{"easy", placement}.fork(1, "easy").scenarios[0].result);
  }
}

TEST_CASE("a queue policy that takes over from itself changes nothing") {
  for (const std::string& queue : forgetful) {
    INFO(queue << ": waiting and running jobs are all it knows, and it is told of them");
    const Comparison found = BusyPool{queue}.fork(12, queue);
    check_same(found.scenarios[1].result.metrics, found.scenarios[0].result);
  }
}

TEST_CASE("a queue policy that takes over in the middle decides from then on") {
  const Comparison found = BusyPool{"fifo"}.fork(12, "sjf");
  const auto wait = [&](std::size_t s) {
    return found.scenarios[s].result.metric("jobs.many.wait.mean");
  };
  INFO("shortest first waits less in the mean: " << wait(1) << " h, in order " << wait(0) << " h");
  CHECK(wait(1) < 0.9 * wait(0));
}

TEST_CASE("what is built into a world cannot change at a fork") {
  const LeftLease lease;
  const auto check = [&](const Fork& fork, const std::string& part) {
    const std::string found = lease.refused(fork);
    INFO(found);
    CHECK(found.find(part) != std::string::npos);
  };
  check({days(8), {}}, "expected --set");
  check({days(8), {{"sites.here.power.feed", "1 MW"}}}, "cannot adopt this");
  check({days(8), {{"contracts.lease.price", "1 USD/gpu/h"}}}, "cannot adopt this");
  check({days(8), {{"contracts.lease.options.leave.then", "other"}}}, "cannot adopt this");
  check({days(8), {{"contracts.lease.options.back.notice", "1 d"}}}, "back");
  check({days(8), {{"pools.own.queue", "sjf"}}}, "own");
  check({days(8), {{"pools.own.site", "here"}}}, "cannot adopt this");
  check({days(80), {leaving_on("2026-05-20")}}, "after the run's start");
}
