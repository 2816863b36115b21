// Break-even against closed forms.
#include <cmath>
#include <string>

#include <doctest/doctest.h>

#include <colossim/experiment/solve.hpp>
#include <colossim/world/simulate.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

struct Lease {
  test::TemporaryFolder folder;
  ScenarioSource source;

  Lease() : source{"lease", folder.path() / "lease.yaml", test::shipped_catalog()} {
    write_file(source.file,
               test::small_site() + test::small_service("tenant") +
                   "contracts: {lease: {kind: lease, owner: owner, tenant: tenant, site: here, "
                   "gpus: 320 gpu, price: 2 USD/gpu/h, ramp: 320 gpu/d}}\n");
  }
  [[nodiscard]] Scenario scenario() const { return load(source.file, source.options); }
  Solution solve_for(const char* vary, const std::string& target,
                     const SolveOptions& options = {}) const {
    return solve(source, parse_varied(vary),
                 parse_condition(target, metric_definitions(scenario())), options);
  }
  [[nodiscard]] double metric(const std::string& name) const {
    for (const MetricValue& value : simulate(scenario()).metrics) {
      if (value.name == name) return value.value;
    }
    return std::nan("");
  }
};

constexpr double per_hour = 1.0 / 3600;  // USD per GPU-second in a USD per GPU-hour

/// Calls of a function until its root is bracketed to 1e-9.
int calls(const std::function<double(double)>& function, double low, double high, double root) {
  int count = 0;
  const Bracket found = narrow({low, high, function(low), function(high)}, 1e-9, [&](double x) {
    ++count;
    return function(x);
  });
  CHECK(found.low <= root + 1e-12);
  CHECK(found.high >= root - 1e-12);
  CHECK(found.high - found.low <= 1e-9);
  return count;
}

}  // namespace

TEST_CASE("brackets close on known roots in few steps") {
  CHECK(calls([](double x) { return 3 * x - 1; }, 0, 1, 1.0 / 3) <= 3);
  CHECK(calls([](double x) { return x * x - 2; }, 0, 4, std::sqrt(2.0)) <= 20);
  CHECK(calls([](double x) { return x * x * x * x * x * x * x * x * x; }, -1, 4, 0) <= 100);
  CHECK(calls([](double x) { return x < 0.7 ? -1.0 : 5.0; }, 0, 1, 0.7) <= 100);
  CHECK(calls([](double x) { return 1 / (x + 1e-3) - 500; }, 0, 1, 1e-3) <= 40);
}

TEST_CASE("the price at which the owner breaks even is its cost over the GPU-hours it bills") {
  const Lease lease;
  // profit(p) = p H - C: the fee is linear in the price, and nothing else depends on it. H is the
  // fee at 2 USD over 2 USD, C the cost of the same run.
  const double hours = lease.metric("contract.lease.fee") / 2;
  const double price = lease.metric("party.owner.cost") / hours;
  const Solution found = lease.solve_for("contracts.lease.price", "owner.profit = 0 USD");
  REQUIRE(found.crossings.size() == 1);
  const Crossing& root = found.crossings.front();
  INFO("profit = p H - C, so p = C / H = " << price << " USD/gpu/h; found "
                                           << root.input / per_hour);
  CHECK_FALSE(root.jumps);
  // Within a tolerance of 1e-6 of the range from 0.5 to 8 USD.
  CHECK(std::abs(root.input / per_hour - price) < 7.5e-6);
  CHECK(root.half_width == 0);
  CHECK(found.runs < 20);
}

TEST_CASE("the interval of a root is the metric's over the slope, on the seeds that are told") {
  const Lease lease;
  const SolveOptions three{.replications = 3, .points = 3};
  const Solution found = lease.solve_for("contracts.lease.price", "owner.profit = 0 USD", three);
  REQUIRE(found.crossings.size() == 1);
  const Crossing& root = found.crossings.front();
  CHECK(found.first_replication == 0);
  CHECK(found.replications == 3);
  const double hours = lease.metric("contract.lease.fee") / 2;
  const double at_root =
      root.input == root.low.input ? root.low.metric.half_width : root.high.metric.half_width;
  INFO("profit rises by H = " << hours << " USD per USD/gpu/h: half-width / H");
  CHECK(at_root > 0);
  CHECK(root.half_width / per_hour == doctest::Approx(at_root / hours).epsilon(0.01));
}

TEST_CASE("no root and bad questions are told") {
  const Lease lease;
  const Solution none = lease.solve_for("contracts.lease.price=1..4 USD/gpu/h",
                                        "owner.profit = 1 GUSD", {.points = 2});
  CHECK(none.crossings.empty());
  CHECK(solution_text(none).find("NO ROOT  party.owner.profit stays below the target") !=
        std::string::npos);
  const auto wrong = [&](const char* vary, const char* target) {
    CHECK_THROWS_AS(lease.solve_for(vary, target), ConditionError);
  };
  wrong("contracts.lease.price", "owner.profit = 1 %");
  wrong("contracts.lease.price=4..1 USD/gpu/h", "owner.profit = 0 USD");
  wrong("contracts.lease.price=1..", "owner.profit = 0 USD");
  wrong("contracts.lease.kind", "owner.profit = 0 USD");
  wrong("", "owner.profit = 0 USD");
  CHECK_THROWS_AS(lease.solve_for("contracts.lease.cost=1..2 USD", "owner.profit = 0 USD"),
                  ScenarioError);
}

TEST_CASE("a solution is the same on one thread and on several") {
  const Lease lease;
  const auto with = [&](unsigned threads) {
    return solution_json(lease.solve_for("contracts.lease.price", "owner.profit = 100 kUSD",
                                         {.replications = 2, .threads = threads, .points = 3}),
                         "1");
  };
  CHECK(with(1) == with(2));
}
