// Oracle for electricity bills: V22 and the Memphis tariff of models 6.5.
#include <doctest/doctest.h>

#include <colossim/model/tariff.hpp>

using namespace colossim;
using units::day;
using units::kilowatt;
using units::megawatt;
using units::megawatt_hour;
using units::usd;
using units::year;

namespace {

constexpr auto per_megawatt_hour = usd / megawatt_hour;
const TwoPartTariff flat_78{.energy = 78.0 * per_megawatt_hour, .demand = {}};
const TwoPartTariff memphis{.energy = 40.4 * per_megawatt_hour, .demand = 15.0 * usd / kilowatt};

}  // namespace

TEST_CASE("V22: 150 MW for a day at $78/MWh cost $280,800") {
  INFO("150·24 = 3,600 MWh; · 78 = 280,800");
  CHECK(energy_cost(flat_78, 150.0 * megawatt * day).in(usd) ==
        doctest::Approx(280'800).epsilon(1e-12));
}

TEST_CASE("V22: 1.59 TWh at $78/MWh are SemiAnalysis' $123.9M within 1 %") {
  INFO("1.59e6 MWh · 78 = $124.02M");
  CHECK(energy_cost(flat_78, 1.59e6 * megawatt_hour).in(usd) ==
        doctest::Approx(123.9e6).epsilon(0.01));
}

TEST_CASE("V22: $2 to 3 million a day for 100,000 GPUs need an implausible price") {
  const Energy energy = 150.0 * megawatt * day;
  INFO("$2M/3,600 MWh = $556/MWh and $3M = $833/MWh, above $500");
  CHECK(is_implausible(2e6 * usd, energy));
  CHECK(is_implausible(3e6 * usd, energy));
  CHECK_FALSE(is_implausible(1.7e6 * usd, energy));
  CHECK_FALSE(is_implausible(280'800.0 * usd, energy));
}

TEST_CASE("the Memphis tariff averages $62/MWh at 95 % load factor") {
  INFO("40.4 + 15,000/(.95·730) = 40.4 + 21.63 = 62.03");
  CHECK(average_price(memphis, 0.95) / per_megawatt_hour == doctest::Approx(62.03).epsilon(1e-4));
}

TEST_CASE("a year's energy and demand charges are the average price times the energy") {
  const Power peak = 300.0 * megawatt;
  const Energy energy = 0.8 * peak * year;
  const Dollars bill = energy_cost(memphis, energy) + 12.0 * demand_cost(memphis, peak);
  INFO("12 months of 730 h; load factor 0.8");
  CHECK(demand_cost(memphis, peak).in(usd) == doctest::Approx(4.5e6).epsilon(1e-12));
  CHECK(bill / (average_price(memphis, 0.8) * energy) == doctest::Approx(1.0).epsilon(1e-12));
}
