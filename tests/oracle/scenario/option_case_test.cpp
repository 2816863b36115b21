// V33 from a scenario's own words: the option that a lease states is the one the law values.
#include <doctest/doctest.h>

#include <colossim/experiment/option_worth.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

/// Colossus 1 leased for three years at 2.32 with one option, in the terms of V33.
Scenario leased(const std::string& option, const std::string& rest = "") {
  return load(shipped("full_lease.yaml"), [&] {
    LoadOptions options = shipped_catalog();
    options.overrides = {{"contracts.lease.gpus", "220000 gpu"},
                         {"contracts.lease.transfer", "null"},
                         {"markets.h100",
                          "{kind: log_ou, start: 2.35 USD/gpu/h, mean: 2.35 USD/gpu/h, reversion: "
                          "0.7 1/yr, volatility: 45 %}"},
                         {"contracts.lease.options.option", "{" + option + rest + "}"}};
    return options;
  }());
}

const std::string reclaim =
    "kind: reclaim, by: xai, after: 90 d, notice: 90 d, fee: 365 h, exercise: ";

double million(Dollars amount) {
  return amount.in(units::usd)*1e-6;
}

}  // namespace

TEST_CASE("V33: the reclaim of a scenario is worth 1,018 MUSD, used by value or only valued") {
  for (const char* exercise :
       {"{kind: value, market: h100}", "{kind: never}, valuation: {market: h100}"}) {
    const std::vector<ValuedOption> worths = option_worths(leased(reclaim + exercise));
    REQUIRE(worths.size() == 1);
    const OptionValue& value = worths.front().value;
    INFO("months 3 to 32, effect 3 later, fee 0.5 month, nothing to switch: 1,018 within 1 %");
    INFO(million(value.value) << " +- " << million(value.standard_error));
    CHECK(million(value.value) == doctest::Approx(1'018).epsilon(0.01));
    CHECK(worths.front().option.holder == "xai");
    CHECK(worths.front().option.law.switching_cost == Dollars{});
  }
}

TEST_CASE("a share of the GPUs has the same share of the worth") {
  const double whole =
      million(option_worths(leased(reclaim + "{kind: value, market: h100}")).front().value.value);
  const double half =
      million(option_worths(leased(reclaim + "{kind: value, market: h100}", ", share: 50 %"))
                  .front()
                  .value.value);
  CHECK(half == doctest::Approx(whole / 2).epsilon(1e-9));
}

TEST_CASE("an option is valued against what the contract says of each month") {
  const std::string option = reclaim + "{kind: value, market: h100}";
  const Scenario scenario = load(shipped("full_lease.yaml"), [&] {
    LoadOptions options = shipped_catalog();
    options.overrides = {
        {"contracts.lease.indexation", "10 %/yr"},
        {"contracts.lease.reduced", "{share: 50 %, for: 2 month}"},
        {"markets.h100", "{kind: log_ou, start: 2.35 USD/gpu/h, mean: 2.35 USD/gpu/h}"},
        {"contracts.lease.options.option", "{" + option + "}"}};
    return options;
  }());
  const LeaseOption law = option_case(scenario, "lease", "option")->law;
  REQUIRE(law.monthly_prices.size() == 36);
  const auto price = [&](std::size_t month) {
    return law.monthly_prices[month] * units::gpu_hour / units::usd;
  };
  INFO("half of 2.32 for two months, 10 % more from the 13th and the 25th");
  CHECK(price(0) == doctest::Approx(1.16));
  CHECK(price(2) == doctest::Approx(2.32));
  CHECK(price(12) == doctest::Approx(2.552));
  CHECK(price(24) == doctest::Approx(2.8072));
  INFO("a dearer lease is worth less to call back: less than the 1,018 MUSD of V33");
  CHECK(million(option_worths(scenario).front().value.value) < 900);
}

TEST_CASE("switching costs an owner its stages and the rent of the time they take") {
  const Scenario scenario = load(shipped("lease_with_reclaim_3y.yaml"), shipped_catalog());
  const std::optional<OptionCase> found = option_case(scenario, "lease", "recall");
  REQUIRE(found);
  INFO(
      "110,040 GPUs, warm both ways: 82 USD a node, 5.9 h (mean) each; half a ramp of 8,803 a day");
  const double nodes = 0.5 * (3'126 * 8 + 278 * 18);
  const double ramp_h = 0.5 * 110'040 / 8'803 * 24;
  const double switch_usd = found->law.switching_cost.in(units::usd);
  const double rent = 110'040 * 2.35;
  CHECK(switch_usd > nodes * 2 * 60 + rent * (ramp_h + 2 * 5));
  CHECK(switch_usd < nodes * 2 * 100 + rent * (ramp_h + 2 * 7));
}

TEST_CASE("a tenant's exit pays no switch, and an option on no market has no case") {
  const Scenario exit = leased(
      "kind: exit, by: anthropic, after: 90 d, notice: 90 d, exercise: {kind: never}, valuation: "
      "{market: h100}");
  const std::vector<OptionCase> cases = option_cases(exit);
  REQUIRE(cases.size() == 1);
  CHECK(cases.front().law.holder == OptionHolder::tenant);
  CHECK(cases.front().law.switching_cost == Dollars{});
  CHECK(option_cases(leased("kind: exit, by: xai, exercise: {kind: never}")).empty());
}
