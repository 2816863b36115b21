// Oracle for the cost of owning compute: published totals, V23, and the price the filings imply.
#include <cmath>
#include <initializer_list>

#include <doctest/doctest.h>

#include <colossim/model/lease_fee.hpp>
#include <colossim/model/tco.hpp>

using namespace colossim;
using units::gpu;
using units::gpu_hour;
using units::hour;
using units::kilowatt;
using units::megawatt;
using units::megawatt_hour;
using units::usd;
using units::year;

namespace {

constexpr auto per_gpu_hour = usd / gpu_hour;

/// One GPU: $11k/kW of facility for 20 years, $62/MWh, 5 years, 8 %, upkeep 3 %.
ComputePlant one_gpu(double it_cost, double kilowatts, double pue = 1.25) {
  return {.it_cost = it_cost * usd,
          .facility_price = 11'000.0 * usd / kilowatt,
          .it_power = kilowatts * kilowatt,
          .pue = pue,
          .energy_price = 62.0 * usd / megawatt_hour};
}

double total(const ComputePlant& plant) {
  return cost_per_gpu_hour(plant, 1.0 * gpu).total() / per_gpu_hour;
}

/// 1 GW of IT at $38B, as a plant: operation 0.9 B$ a year, 0.6 of it energy.
ComputePlant gigawatt(double it_years) {
  return {.it_cost = 25.6e9 * usd,
          .it_years = it_years,
          .facility_price = 12.4e9 * usd / (1'000.0 * megawatt),
          .facility_years = 14,
          .it_power = 1'000.0 * megawatt,
          .pue = 1.25,
          .energy_price = 0.6e9 * usd / (1.25 * 1'000.0 * megawatt * year),
          .upkeep = 0.3 / 25.6,
          .annual_rate = 0.07};
}

constexpr Time month = 730.0 * hour;

/// What is left per GPU-hour of 220,000 GPUs when the others cost what another tenant pays.
double decomposed(double others, double discount = 0) {
  const double each = 920e6 / 110'000 * (1 - discount);
  const Dollars left = (1.25e9 - others * each) * usd;
  return implied_price(left, 220'000.0 * gpu, month) / per_gpu_hour;
}

}  // namespace

TEST_CASE("an H100 at $38k costs 1.09 + .18 + .106 + .13 = $1.50 per GPU-hour") {
  const auto cost = cost_per_gpu_hour(one_gpu(38'000, 1.37), 1.0 * gpu);
  INFO("CRF(8 %, 5)·38k/8760, CRF(8 %, 20)·11k·1.37/8760, 1.37·1.25·.062, .03·38k/8760");
  CHECK(cost.it / per_gpu_hour == doctest::Approx(0.25045645 * 38'000 / 8'760).epsilon(1e-8));
  CHECK(cost.facility / per_gpu_hour ==
        doctest::Approx(0.10185221 * 11'000 * 1.37 / 8'760).epsilon(1e-7));
  CHECK(cost.energy / per_gpu_hour == doctest::Approx(1.37 * 1.25 * 0.062).epsilon(1e-12));
  CHECK(cost.upkeep / per_gpu_hour == doctest::Approx(0.03 * 38'000 / 8'760).epsilon(1e-12));
  CHECK(cost.total() / per_gpu_hour == doctest::Approx(1.50).epsilon(0.003));
}

TEST_CASE("total cost of ownership is $1.88 at $50k, $2.63 for GB200, $1.45 at measured power") {
  INFO("rounded to the cent: within half a cent");
  CHECK(std::abs(total(one_gpu(50'000, 1.37)) - 1.88) <= 0.005);
  CHECK(std::abs(total(one_gpu(70'000, 1.9)) - 2.63) <= 0.005);
  CHECK(std::abs(total(one_gpu(38'000, 1.134, 1.20)) - 1.45) <= 0.005);
  CHECK(std::abs(total(one_gpu(38'000, 1.37)) - 1.50) <= 0.005);
}

TEST_CASE("electricity is 5 to 8 % of the cost of a GPU-hour") {
  for (const auto& plant : {one_gpu(38'000, 1.37), one_gpu(50'000, 1.37), one_gpu(70'000, 1.9)}) {
    const auto cost = cost_per_gpu_hour(plant, 1.0 * gpu);
    const double share = cost.energy / cost.total();
    CHECK(share > 0.05);
    CHECK(share < 0.08);
  }
}

TEST_CASE("V23 by parts: 1 GW costs 12.07, 8.56, 7.07 B$ a year with IT of 3, 5, 7 years") {
  INFO("it CRF(7 %, n)·25.6, facility CRF(7 %, 14)·12.4 = 1.418, energy .6, upkeep .3");
  const double published[] = {12.07, 8.56, 7.07};
  const double years[] = {3, 5, 7};
  for (int n = 0; n < 3; ++n) {
    const auto cost = annual_cost(gigawatt(years[n]));
    CAPTURE(years[n]);
    CHECK(cost.facility.in(usd) / 1e9 == doctest::Approx(1.4179).epsilon(1e-4));
    CHECK(cost.energy.in(usd) / 1e9 == doctest::Approx(0.6).epsilon(1e-12));
    CHECK(cost.upkeep.in(usd) / 1e9 == doctest::Approx(0.3).epsilon(1e-12));
    CHECK(cost.total().in(usd) / 1e9 == doctest::Approx(published[n]).epsilon(1e-3));
  }
}

TEST_CASE("cost per GPU-hour does not depend on how many GPUs are bought together") {
  ComputePlant site = one_gpu(38'000, 1.37);
  site.it_cost *= 220'000;
  site.it_power *= 220'000;
  CHECK(cost_per_gpu_hour(site, 220'000.0 * gpu).total() / per_gpu_hour ==
        doctest::Approx(total(one_gpu(38'000, 1.37))).epsilon(1e-13));
}

TEST_CASE("the filings leave $372M a month for 220,000 GPUs: $2.32 per GPU-hour, 4.46 B$ a year") {
  INFO("1,250 - 105,000·920/110,000 = 371.8; 371.8e6/(220,000·730) = 2.315; 12·371.8 = 4,462");
  CHECK(1.25e9 - 105'000 * 920e6 / 110'000 == doctest::Approx(372e6).epsilon(1e-3));
  CHECK(std::abs(decomposed(105'000) - 2.32) <= 0.005);
  CHECK(decomposed(105'000) * 220'000 * 8'760 / 1e9 == doctest::Approx(4.46).epsilon(1e-3));
  INFO("5,000 other GPUs more or fewer, a discount of 10 % on their price");
  CHECK(std::abs(decomposed(110'000) - 2.05) <= 0.005);
  CHECK(std::abs(decomposed(100'000) - 2.58) <= 0.005);
  CHECK(std::abs(decomposed(105'000, 0.1) - 2.86) <= 0.005);
}

TEST_CASE("the implied price is above the cost of ownership and below five times of it") {
  const double cost = total(one_gpu(38'000, 1.37));
  CHECK(decomposed(105'000) > cost);
  CHECK(decomposed(105'000) < 5 * cost);
}
