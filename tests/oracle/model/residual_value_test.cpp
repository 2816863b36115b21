// Oracle for residual values: annuities at a constant price, and a last month in part.
#include <cmath>

#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/model/residual_value.hpp>

using namespace colossim;
using units::gpu;
using units::gpu_hour;
using units::usd;
using units::year;

namespace {

constexpr auto per_gpu_hour = usd / gpu_hour;

ResidualOutlook constant(double months, double price) {
  ResidualOutlook outlook{.gpus = 1'000.0 * gpu,
                          .life_left = months / 12 * year,
                          .useful = 0.8,
                          .running = 0.2 * per_gpu_hour,
                          .prices = {},
                          .annual_rate = 0.12};
  outlook.prices.resize(residual_months(outlook.life_left), price * per_gpu_hour);
  return outlook;
}

}  // namespace

TEST_CASE("at a constant price the residual value is an annuity") {
  const double monthly = std::pow(1.12, 1.0 / 12) - 1;
  const double annuity = (1 - std::pow(1 + monthly, -36)) / monthly;
  const double margin = 1'000 * 730 * (0.8 * 2 - 0.2);
  INFO("1,000 GPUs x 730 h x (0.8 x 2 - 0.2) = 1,022,000 a month for 36 months at 12 %/yr");
  CHECK(residual_value(constant(36, 2)).in(usd) ==
        doctest::Approx(margin * annuity).epsilon(1e-12));
}

TEST_CASE("the last month counts for the part of it that is left of the life") {
  const double month = std::pow(1.12, -1.0 / 12);
  const double margin = 1'000 * 730 * (0.8 * 2 - 0.2);
  INFO("1.5 months: margin x (DF(1) + DF(2)/2)");
  CHECK(residual_months(1.5 / 12 * year) == 2);
  CHECK(residual_value(constant(1.5, 2)).in(usd) ==
        doctest::Approx(margin * (month + month * month / 2)).epsilon(1e-12));
}

TEST_CASE("worn-out GPUs are worth nothing, and those that would lose money are switched off") {
  CHECK(residual_months(-1.0 * year) == 0);
  CHECK(residual_value(constant(0, 2)) == Dollars{});
  CHECK(residual_value(constant(-12, 2)) == Dollars{});
  INFO("0.8 x 0.1 - 0.2 < 0");
  CHECK(residual_value(constant(12, 0.1)) == Dollars{});
}

TEST_CASE("a month without a price is a bug") {
  ResidualOutlook outlook = constant(12, 2);
  outlook.prices.pop_back();
  CHECK_THROWS_AS(residual_value(outlook), InvariantBroken);
}
