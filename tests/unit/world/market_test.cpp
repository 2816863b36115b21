// Prices over time, and leases that follow them.
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/world/contracts.hpp>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

using MarketOu = LogOuSpec<GpuPrice::dimension>;
using MarketWalk = RandomWalkSpec<GpuPrice::dimension>;
using MarketSignal = PriceSignalSpec<GpuPrice::dimension>;

constexpr GpuPrice dollar_an_hour = units::usd / units::gpu_hour;

/// The price of a market on each of `days` + 1 days from the first on [USD per GPU-hour].
std::vector<double> prices(const MarketSpec& spec, int days, std::uint64_t seed = 1) {
  ContractTables tables;
  PricePath path;
  path.spec = spec;
  path.stream = Stream{StreamName{.seed = seed, .path = "markets.spot", .purpose = "price"}};
  tables.markets.push_back(path);
  const Calendar calendar{std::chrono::year{2026} / 5 / 1, Duration{}};
  std::vector<double> all;
  for (int day = 0; day <= days; ++day) {
    step_prices(tables, SimTime{} + day * one_day, calendar);
    all.push_back(GpuPrice{tables.markets.front().price} / dollar_an_hour);
  }
  return all;
}

/// Daily values: `may` on each of its 31 days, `june` on 30 days.
std::string spot(const std::string& may, const std::string& june) {
  std::string values;
  for (int day = 0; day < 61; ++day) values += (day > 0 ? ", " : "") + (day < 31 ? may : june);
  return "markets: {spot: {kind: signal, price: {values: [" + values +
         "], unit: USD/gpu/h, every: 24 h, begins: 2026-05-01}}}\n";
}

std::string lease_at_market(const std::string& rest = "") {
  return "contracts:\n" + contract("lease", "lease", "market: spot" + rest);
}

}  // namespace

TEST_CASE("without noise a log-OU price returns to its mean exponentially") {
  const MarketOu spec{.start = 4.0 * dollar_an_hour,
                      .mean = 2.0 * dollar_an_hour,
                      .reversion = 0.7 / units::year,
                      .volatility = 0};
  const std::vector<double> path = prices(spec, 365);
  for (const int day : {0, 1, 30, 365}) {
    const double expected = 2 * math::exp(math::log(2) * math::exp(-0.7 * day / 365.0));
    INFO("day " << day << ": 2 x 2^exp(-0.7 x " << day << "/365) = " << expected);
    CHECK(path[static_cast<std::size_t>(day)] == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("a log-OU price lags behind a mean that drifts") {
  const double drift = -0.25;
  const MarketOu spec{.start = 2.0 * dollar_an_hour,
                      .mean = 2.0 * dollar_an_hour,
                      .reversion = 0.7 / units::year,
                      .volatility = 0,
                      .drift = drift / units::year};
  INFO("d ln p = k (ln 2 + a t - ln p) dt: ln p = ln 2 + a t - a (1 - e^(-k t))/k");
  const double expected = 2 * math::exp(drift - drift * (1 - math::exp(-0.7)) / 0.7);
  CHECK(prices(spec, 365).back() == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("a random walk grows as expected, whatever its noise") {
  MarketWalk spec{.start = 2.0 * dollar_an_hour, .growth = 0.1 / units::year, .volatility = 0};
  CHECK(prices(spec, 365).back() == doctest::Approx(2 * math::exp(0.1)).epsilon(1e-12));
  spec.volatility = 0.4;
  double sum = 0;
  double squares = 0;
  constexpr int paths = 2000;
  for (int seed = 1; seed <= paths; ++seed) {
    const double last = prices(spec, 90, static_cast<std::uint64_t>(seed)).back();
    sum += last;
    squares += last * last;
  }
  const double mean = sum / paths;
  const double error = std::sqrt((squares / paths - mean * mean) / paths);
  const double expected = 2 * math::exp(0.1 * 90 / 365);
  INFO("mean of " << paths << " paths " << mean << " +- " << error << ", expected " << expected);
  CHECK(std::abs(mean - expected) < 4 * error);
  CHECK(error < 0.02);
}

TEST_CASE("a price is drawn from its own stream and from nothing else") {
  const MarketOu spec{.start = 2.0 * dollar_an_hour, .mean = 2.0 * dollar_an_hour};
  CHECK(prices(spec, 30) == prices(spec, 30));
  CHECK(prices(spec, 30) != prices(spec, 30, 2));
}

TEST_CASE("a lease follows the market from month to month") {
  const Deal deal{deal_site("61 d") + spot("1", "3") + lease_at_market()};
  INFO("128 GPUs: May at 1 USD, June at the price of 1 June: 128 x (744 x 1 + 720 x 3)");
  CHECK(deal.balance("tenant", Account::lease_cost) == 371'712 * dollar);
}

TEST_CASE("a lease that begins within a month has that day's price until the next") {
  const Deal deal{deal_site("61 d") + spot("1", "3") + lease_at_market(", start: 2026-05-31")};
  INFO("one day at 1 USD, June at 3: 128 x (24 + 720 x 3)");
  CHECK(deal.balance("tenant", Account::lease_cost) == 279'552 * dollar);
}

TEST_CASE("a signal needs values for the run and none beyond it") {
  CHECK(problems_of(deal_site("61 d") + spot("1", "3") + lease_at_market()).empty());
  const Deal to_the_end{deal_site("61 d") + spot("2", "2") + lease_at_market()};
  CHECK(to_the_end.balance("tenant", Account::lease_cost) == 128 * 1'464 * 2 * dollar);
  CHECK(problems_of(deal_site("62 d") + spot("1", "3") + lease_at_market())
            .find("does not cover the whole run") != std::string::npos);
}

TEST_CASE("a rule watches the market day by day") {
  const Deal deal{deal_site("61 d") + spot("1", "3") +
                  lease_at_two("options: {back: {kind: reclaim, by: owner, exercise: {kind: rule, "
                               "when: price.spot > 2.5 USD/gpu/h for 3 d}}}")};
  INFO("1 June, 744 h, is the first day at 3 USD; the third is over at 816 h");
  REQUIRE(deal.result().drills.size() == 1);
  CHECK(deal.result().drills.front().noticed == SimTime{} + 816 * one_hour);
}
