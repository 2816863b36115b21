// Whatever a valid scenario describes, every aggregate equals its recount and every balance closes.
// COLOSSIM_PROPERTY_RUNS sets how many random scenarios run in all batches together.
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/report/summary.hpp>

#include "../support/scenarios.hpp"
#include "scenario_generator.hpp"
#include "world_properties.hpp"

using namespace colossim;
using test::ScenarioGenerator;

namespace {

constexpr int batches = 4;

/// Scenarios of one batch. Sanitizers cost about ten times, so they see fewer.
std::uint64_t runs_per_batch() {
#ifdef __SANITIZE_ADDRESS__
  std::uint64_t runs = 300;
#else
  std::uint64_t runs = 2000;
#endif
  if (const char* wanted = std::getenv("COLOSSIM_PROPERTY_RUNS")) {
    runs = std::strtoull(wanted, nullptr, 10);
  }
  return (runs + batches - 1) / batches;
}

/// Runs of a property that needs several simulations each.
std::uint64_t fewer(std::uint64_t runs) {
#ifdef __SANITIZE_ADDRESS__
  return runs / 5;
#else
  return runs;
#endif
}

void append(std::string& text, const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) text += (text.empty() ? "" : "; ") + problem;
}

/// What a run to the end does wrong; nothing when all of it holds and balances.
std::string problems_of_run(const Scenario& scenario) {
  World world = build(scenario);
  advance(world, world.end, {.paranoid = true});
  std::string problems;
  append(problems, test::contract_problems(world));
  const Result result = finish(world, scenario);
  append(problems, test::book_problems(result.ledger));
  append(problems, test::site_problems(world));
  if (!result.balances()) append(problems, {"a balance does not close"});
  return problems;
}

/// What goes wrong with one scenario; nothing when it runs and balances.
std::string problems_of_text(const std::string& text) {
  try {
    return problems_of_run(test::load_text(text));
  } catch (const ScenarioError& error) {
    // A tight feed may turn out to be less than idle racks and plant draw on the worst day:
    // refused, not wrong.
    return error.diagnostics().front().path.ends_with(".power.feed") ? "" : error.what();
  } catch (const std::exception& error) {
    return error.what();
  }
}

/// Batches are interleaved: more runs continue the same series of scenarios.
void run_batch(std::uint64_t batch) {
  const std::uint64_t runs = runs_per_batch();
  for (std::uint64_t i = 0; i < runs; ++i) {
    const std::uint64_t number = i * batches + batch;
    const std::string text = ScenarioGenerator{number}.text();
    const std::string problems = problems_of_text(text);
    if (!problems.empty()) FAIL_CHECK("scenario " << number << ": " << problems << "\n" << text);
  }
}

/// Everything a run leaves, or why it was refused.
std::string outputs(const Scenario& scenario, World world) {
  try {
    advance(world, world.end, {});
  } catch (const ScenarioError& error) {
    return error.what();
  }
  const Result result = finish(world, scenario);
  const Report report{scenario, result, "test", ""};
  std::string text = ledger_csv(report) + series_csv(report);
  for (const MetricValue& metric : result.metrics) {
    text += fmt::format("{} {}\n", metric.name, metric.value);
  }
  for (const ContractRecord& each : result.contracts)
    text += each.contract + ": " + each.outcome + "\n";
  for (const DrillRecord& drill : result.drills)
    text += fmt::format("{} {} {} {}\n", drill.contract, drill.option, drill.gpus, drill.back);
  return text;
}

}  // namespace

TEST_CASE("random scenarios keep every invariant and balance: first batch") {
  run_batch(0);
}

TEST_CASE("random scenarios keep every invariant and balance: second batch") {
  run_batch(1);
}

TEST_CASE("random scenarios keep every invariant and balance: third batch") {
  run_batch(2);
}

TEST_CASE("random scenarios keep every invariant and balance: fourth batch") {
  run_batch(3);
}

TEST_CASE("a random scenario saved and loaded again is the same scenario") {
  for (std::uint64_t number = 0; number < fewer(50); ++number) {
    const std::string text = ScenarioGenerator{number}.text();
    INFO("scenario " << number << ":\n" << text);
    const Scenario original = test::load_text(text);
    const std::string saved = save(original);
    const Scenario again = test::load_text(saved);
    CHECK(save(again) == saved);
    CHECK(outputs(again, build(again)) == outputs(original, build(original)));
  }
}

TEST_CASE("a random run in two parts ends like its copy and like one in one") {
  Stream dice{StreamName{.seed = 11, .path = "property", .purpose = "cuts"}};
  for (std::uint64_t number = 0; number < fewer(20); ++number) {
    const std::string text = ScenarioGenerator{number}.text();
    INFO("scenario " << number << ":\n" << text);
    const Scenario scenario = test::load_text(text);
    const std::string whole = outputs(scenario, build(scenario));
    World parts = build(scenario);
    const auto cut =
        static_cast<std::int64_t>(dice.uniform() * static_cast<double>(parts.end.ns()));
    advance(parts, SimTime{cut}, {});
    const World copy = parts;
    CHECK(outputs(scenario, parts) == whole);
    CHECK(outputs(scenario, copy) == whole);
  }
}
