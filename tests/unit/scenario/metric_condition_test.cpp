// Conditions on metrics: grammar, units, names.
#include <string>

#include <doctest/doctest.h>

#include <colossim/scenario/metric_condition.hpp>

using namespace colossim;

namespace {

const std::vector<MetricDefinition> known{
    {.name = "party.xai.profit", .dimension = {.money = 1}, .unit = "USD", .factor = 1, .doc = ""},
    {.name = "site.a.pue", .dimension = {}, .unit = "1", .factor = 1, .doc = ""},
    {.name = "site.a.energy",
     .dimension = {.energy = 1},
     .unit = "MWh",
     .factor = 3.6e9,
     .doc = ""}};

std::string problem_of(const std::string& text) {
  try {
    static_cast<void>(parse_condition(text, known));
    return {};
  } catch (const ConditionError& error) {
    return error.what();
  }
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a condition has a metric, a relation and a limit in its unit or in %") {
  const MetricCondition share = parse_condition("xai.profit < -1%", known);
  CHECK(share.metric == "party.xai.profit");
  CHECK(share.relative);
  CHECK(share.limit == -0.01);
  CHECK(share.holds(-0.02));
  CHECK_FALSE(share.holds(-0.01));
  const MetricCondition energy = parse_condition("  site.a.energy>=2 GWh ", known);
  CHECK_FALSE(energy.relative);
  CHECK(energy.limit == 7.2e12);
  CHECK(energy.holds(7.2e12));
  CHECK(parse_condition("site.a.pue <= 0.02", known).holds(0.02));
  CHECK(parse_condition("site.a.pue > 0.02", known).relation == MetricRelation::greater);
  CHECK(parse_condition("site.a.pue = 1.2", known).holds(1.2));
}

TEST_CASE("what is no condition is told") {
  CHECK(holds(problem_of("xai.profit"), "expected `metric < limit`"));
  CHECK(holds(problem_of("< 3 USD"), "expected `metric < limit`"));
  CHECK(holds(problem_of(""), "expected `metric < limit`"));
  CHECK(holds(problem_of("xai.profit < 3 MW"), "expected USD or %, found \"3 MW\""));
  CHECK(holds(problem_of("site.a.pue < 3 USD"), "expected a number or %"));
  CHECK(holds(problem_of("xai.profit < much"), "limit of party.xai.profit: "));
  CHECK(holds(problem_of("xai.profti < 3 USD"), "did you mean \"xai.profit\"?"));
  CHECK(holds(problem_of("nothing < 3 USD"), "see `colossim list metrics`"));
  CHECK(holds(problem_of("xai.profit << 3 USD"), "limit of"));
}
