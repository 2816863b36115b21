// Break-even against closed forms.
#include <cmath>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

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
  CHECK(root.kind == Meeting::root);
  // Within a tolerance of 1e-6 of the range from 0.5 to 8 USD.
  CHECK(std::abs(root.input / per_hour - price) < 7.5e-6);
  CHECK_FALSE(root.half_width.has_value());
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
  REQUIRE(root.half_width.has_value());
  CHECK(*root.half_width / per_hour == doctest::Approx(at_root / hours).epsilon(0.01));
}

TEST_CASE("the interval of a root is that of the replications' own roots, also on a curve") {
  // The mean wait in a queue grows like 1 / (1 - load): no slope of a wide bracket says anything.
  const test::TemporaryFolder folder;
  ScenarioSource source{"queue", folder.path() / "queue.yaml", test::shipped_catalog()};
  write_file(source.file, test::small_site() +
                              "jobs: {own: {kind: batch, tenant: owner, site: here, on: "
                              "[h100_sxm], arrivals: 3 1/h, gpus: 64 gpu, runtime: {lognormal: "
                              "{median: 1 h, sigma: 1}}}}\n");
  const auto root = [&](std::int64_t first, std::int64_t replications) {
    ScenarioSource from = source;
    from.options.overrides.push_back({"replication", std::to_string(first)});
    const Solution found = solve(from, parse_varied("jobs.own.arrivals=2..8 1/h"),
                                 parse_condition("jobs.own.wait.mean = 2 h",
                                                 metric_definitions(load(from.file, from.options))),
                                 {.replications = replications, .points = 3, .tolerance = 1e-4});
    REQUIRE(found.crossings.size() == 1);
    return found.crossings.front();
  };
  const double roots[] = {root(0, 1).input, root(1, 1).input, root(2, 1).input};
  const double mean = (roots[0] + roots[1] + roots[2]) / 3;
  double squares = 0;
  for (const double each : roots) squares += (each - mean) * (each - mean);
  // Student's t for two degrees of freedom at 97.5 %: 4.30265.
  const double half_width = 4.30265 * std::sqrt(squares / 2 / 3);
  const Crossing found = root(0, 3);
  INFO("roots alone " << roots[0] << " " << roots[1] << " " << roots[2] << ": t s / sqrt(3) = "
                      << half_width << "; found " << found.half_width.value_or(0));
  CHECK(found.without_root == 0);
  CHECK(found.half_width.value_or(0) == doctest::Approx(half_width).epsilon(0.01));
}

TEST_CASE("a metric that counts leaps over what lies between two counts, and tells it") {
  const test::TemporaryFolder folder;
  const ScenarioSource source{"queue", folder.path() / "queue.yaml", test::shipped_catalog()};
  write_file(source.file, test::small_site() + test::small_jobs("owner"));
  const auto known = metric_definitions(load(source.file, source.options));
  // About 3,600 jobs between the ends: one more is 0.03 % of what the count rises by.
  const Solution found =
      solve(source, parse_varied("jobs.batch.arrivals=1..6 1/h"),
            parse_condition("jobs.batch.submitted = 1500.5", known), {.points = 3});
  REQUIRE(found.crossings.size() == 1);
  const Crossing& leap = found.crossings.front();
  CHECK(leap.kind == Meeting::jump);
  CHECK(leap.low.metric.value == 1500);
  CHECK(leap.high.metric.value == 1501);
  CHECK(leap.high.input - leap.low.input < 5e-6 / 3600);
  const std::string text = solution_text(found);
  INFO(text);
  CHECK(text.find("JUMP  between ") != std::string::npos);
  CHECK(text.find(": 1,500.0 and 1,501.0") != std::string::npos);
}

TEST_CASE("an input that is whole is solved for whole numbers, GPUs by nodes") {
  const Lease lease;
  // profit(n) = (p - c) n - C0 is linear but for rounding: the root of the line through 80 and 640
  // GPUs lies between the two nodes found.
  const auto profit = [&](const char* gpus) {
    ScenarioSource source = lease.source;
    source.options.overrides.push_back({"contracts.lease.gpus", gpus});
    for (const MetricValue& value : simulate(load(source.file, source.options)).metrics) {
      if (value.name == "party.owner.profit") return value.value;
    }
    return std::nan("");
  };
  const Solution found =
      lease.solve_for("contracts.lease.gpus=80..640 gpu", "owner.profit = 0 USD", {.points = 3});
  REQUIRE(found.crossings.size() == 1);
  const Crossing& step = found.crossings.front();
  INFO(solution_text(found));
  CHECK(step.kind == Meeting::step);
  CHECK(step.high.input - step.low.input == 8);
  CHECK(std::fmod(step.low.input, 8) == 0);
  CHECK(profit(fmt::format("{} gpu", step.low.input).c_str()) < 0);
  CHECK(profit(fmt::format("{} gpu", step.high.input).c_str()) > 0);
  CHECK_FALSE(step.half_width.has_value());
  // Calendar months, by a metric that grows with each: the fee that a longer run would bring.
  const Solution months = lease.solve_for("sites.here.halls.hall.racks.hopper.nodes=4..8",
                                          "ladder.total.installed = 400000 gpu-h", {.points = 2});
  REQUIRE(months.crossings.size() == 1);
  // 10 racks of n nodes of 8 GPUs for 720 hours: 57,600 n; 400,000 lies between 6 and 7.
  CHECK(months.crossings.front().kind == Meeting::step);
  CHECK(months.crossings.front().low.input == 6);
  CHECK(months.crossings.front().high.input == 7);
}

TEST_CASE("a metric that keeps the target over a stretch holds, and its ends are found") {
  const Lease lease;
  // Below what the tenant uses, take-or-pay changes nothing.
  const Solution none = lease.solve_for("contracts.lease.take_or_pay=0..1 %",
                                        "contract.lease.fee = 1 GUSD", {.points = 2});
  const double fee = none.points.front().metric.value;
  const std::string target = fmt::format("contract.lease.fee = {} USD", fee);
  const Solution found =
      lease.solve_for("contracts.lease.take_or_pay=0..100 %", target, {.points = 11});
  INFO(solution_text(found));
  REQUIRE(found.crossings.size() == 1);
  const Crossing& stretch = found.crossings.front();
  CHECK(stretch.kind == Meeting::holds);
  CHECK(stretch.low.input == 0);
  CHECK(stretch.high.metric.value == doctest::Approx(fee).epsilon(1e-12));
  CHECK(found.depends);
  const std::string beyond =
      fmt::format("contracts.lease.take_or_pay={}..1", stretch.high.input + 2e-6);
  const Solution above =
      lease.solve_for(beyond.c_str(), "contract.lease.fee = 1 GUSD", {.points = 2});
  CHECK(above.points.front().metric.value > fee);

  const Solution all = lease.solve_for(
      "contracts.lease.price=1..2 USD/gpu/h",
      fmt::format("site.here.pue = {}", lease.metric("site.here.pue")), {.points = 3});
  REQUIRE(all.crossings.size() == 1);
  CHECK(all.crossings.front().kind == Meeting::holds);
  CHECK_FALSE(all.depends);
  const Solution off = lease.solve_for("contracts.lease.price=1..2 USD/gpu/h",
                                       "site.here.pue = 300 %", {.points = 3});
  CHECK(solution_text(off).find("it does not depend on contracts.lease.price") !=
        std::string::npos);
}

TEST_CASE("a range is searched up to where the scenario refuses it") {
  const Lease lease;
  const auto only = [&](const char* vary, const std::string& target) {
    const Solution found = lease.solve_for(vary, target);
    INFO(solution_text(found));
    REQUIRE(found.crossings.size() == 1);
    return found.crossings.front();
  };
  // 640 GPUs are there: the default range of a quarter to four times 320 is cut at 640.
  const Crossing whole = only("contracts.lease.gpus=80..640 gpu", "owner.profit = 0 USD");
  const Crossing cut = only("contracts.lease.gpus", "owner.profit = 0 USD");
  CHECK(cut.kind == Meeting::step);
  CHECK(cut.low.input == whole.low.input);
  // A share ends at 100 %: the fee grows with it from what is used to all.
  const Crossing share =
      only("contracts.lease.take_or_pay=50..400 %",
           fmt::format("contract.lease.fee = {} USD", 0.97 * lease.metric("contract.lease.fee")));
  INFO("the fee of a share is that share of the fee at 100 %");
  CHECK(share.kind == Meeting::root);
  CHECK(share.input == doctest::Approx(0.97).epsilon(1e-3));
  // One value alone says nothing of what depends on what.
  const Solution one =
      lease.solve_for("contracts.lease.price=1..1e300 USD/gpu/h", "owner.profit = 0 USD");
  CHECK(solution_text(one).find("the only value looked at that the scenario takes") !=
        std::string::npos);
}

TEST_CASE("a stretch is found from one point on it, and within a bracket") {
  const Lease lease;
  const Solution none = lease.solve_for("contracts.lease.take_or_pay=0..1 %",
                                        "contract.lease.fee = 1 GUSD", {.points = 2});
  const std::string target =
      fmt::format("contract.lease.fee = {} USD", none.points.front().metric.value);
  const auto stretch = [&](const char* vary) {
    const Solution found = lease.solve_for(vary, target, {.points = 2});
    REQUIRE(found.crossings.size() == 1);
    INFO(solution_text(found));
    CHECK(found.crossings.front().kind == Meeting::holds);
    return found.crossings.front();
  };
  const Crossing whole = stretch("contracts.lease.take_or_pay=0..100 %");
  const Crossing part = stretch("contracts.lease.take_or_pay=20..100 %");
  CHECK(part.low.input == doctest::Approx(0.2));
  CHECK(part.high.input == doctest::Approx(whole.high.input).epsilon(1e-5));
  // Jobs that are done by the end are whole, and the bracket's ends lie on both sides of 300.
  const test::TemporaryFolder folder;
  const ScenarioSource source{"queue", folder.path() / "queue.yaml", test::shipped_catalog()};
  write_file(source.file, test::small_site() + test::small_jobs("owner"));
  const Solution count =
      solve(source, parse_varied("jobs.batch.arrivals=0.1..2 1/h"),
            parse_condition("jobs.batch.submitted = 300",
                            metric_definitions(load(source.file, source.options))),
            {.points = 2});
  REQUIRE(count.crossings.size() == 1);
  INFO(solution_text(count));
  CHECK(count.crossings.front().kind == Meeting::holds);
  CHECK(count.crossings.front().low.metric.value == 300);
  CHECK(count.crossings.front().high.metric.value == 300);
  CHECK(count.crossings.front().low.input < count.crossings.front().high.input);
}

TEST_CASE("inputs within values, and inputs that are not stated, have their values and steps") {
  const test::TemporaryFolder folder;
  const ScenarioSource source{"queue", folder.path() / "queue.yaml", test::shipped_catalog()};
  write_file(source.file, test::small_site() + test::small_jobs("owner"));
  const auto solved = [&](const char* vary, const char* target) {
    return solve(source, parse_varied(vary),
                 parse_condition(target, metric_definitions(load(source.file, source.options))),
                 {.points = 3});
  };
  // 3 h in the file: a quarter to four times that is searched.
  const Solution median =
      solved("jobs.batch.runtime.lognormal.median", "ladder.total.useful = 0 gpu-h");
  REQUIRE(median.points.size() == 3);
  CHECK(median.points.front().input == 0.75 * 3600);
  CHECK(median.points.back().input == 12 * 3600);
  CHECK(median.unit == "h");
  // Nobody states the seed; it is whole all the same.
  const Solution seed = solved("seed=1..4", "ladder.total.useful = 0 gpu-h");
  REQUIRE(seed.points.size() == 3);
  CHECK(seed.points[1].input == 3);
  CHECK(seed.points[1].refused.empty());
  CHECK_THROWS_AS(solved("replication=1..4", "ladder.total.useful = 0 gpu-h"), ConditionError);
}

TEST_CASE("values that the scenario refuses are left out and told, unless it refuses all") {
  const Lease lease;
  const Solution found = lease.solve_for("contracts.lease.take_or_pay=50..150 %",
                                         "owner.profit = 1 GUSD", {.points = 3});
  REQUIRE(found.points.size() == 4);  // of 50 to 100 %, and the first that is refused
  CHECK(found.points[2].input == doctest::Approx(1).epsilon(1e-5));
  CHECK(found.points[2].refused.empty());
  CHECK(found.points[3].refused.find("at most 1") != std::string::npos);
  CHECK(solution_text(found).find("refused: ") != std::string::npos);
  CHECK(found.unit == "%");
  try {
    lease.solve_for("contracts.lease.take_or_pay=200..300 %", "owner.profit = 1 GUSD");
    FAIL("all values were refused");
  } catch (const ScenarioError& error) {
    CHECK(std::string{error.what()}.find("--vary contracts.lease.take_or_pay=") == 0);
  }
  // Where a function has no value a bracket stays as wide as it is.
  const Bracket wide = narrow({0, 1, -1, 1}, 1e-6, [](double) { return std::optional<double>{}; });
  CHECK(wide.high - wide.low == 1);
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
