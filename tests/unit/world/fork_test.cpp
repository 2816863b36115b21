// A world is a value: a copy taken at any event goes on exactly like the original.
#include <doctest/doctest.h>

#include <colossim/report/summary.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

std::string ledger_of(const Scenario& scenario, World world) {
  advance(world, world.end, {});
  const Result result = finish(world, scenario);
  return ledger_csv({scenario, result, "test", ""}) + series_csv({scenario, result, "test", ""});
}

}  // namespace

TEST_CASE("a copy at a random event and its original end with the same bytes") {
  const Scenario scenario = test::load_text(test::small_site() + test::small_jobs("owner") +
                                            test::small_service("owner"));
  Stream stream{StreamName{.seed = 7, .path = "fork"}};
  for (int i = 0; i < 5; ++i) {
    World world = build(scenario);
    advance(world, SimTime{} + to_duration(uniform_between(stream, 0, 30) * units::day), {});
    const World copy = world;
    CHECK(ledger_of(scenario, world) == ledger_of(scenario, copy));
  }
}

TEST_CASE("a run in two parts equals a run in one") {
  const Scenario scenario = test::load_text(test::small_site() + test::small_jobs("owner"));
  World halves = build(scenario);
  advance(halves, SimTime{} + 10 * one_day, {});
  CHECK(ledger_of(scenario, halves) == ledger_of(scenario, build(scenario)));
}
