// Oracle for lease fees: V25 and take-or-pay by hand.
#include <doctest/doctest.h>

#include <colossim/model/lease_fee.hpp>

using namespace colossim;
using units::gpu;
using units::gpu_hour;
using units::hour;
using units::usd;
using units::year;

namespace {

constexpr auto per_gpu_hour = usd / gpu_hour;
constexpr Time month = 730.0 * hour;
constexpr GpuPrice price = 2.0 * per_gpu_hour;

double fee(double used, double delivered, double committed, double take_or_pay) {
  return lease_fee(price, used * gpu_hour, delivered * gpu_hour, committed * gpu_hour, take_or_pay)
      .in(usd);
}

}  // namespace

TEST_CASE("V25: $3 to 4 billion a year for 220,000 GPUs are $1.55666 to 2.07555 per GPU-hour") {
  INFO("3e9/(220,000·8,760), 4e9/(220,000·8,760)");
  CHECK(implied_price(3e9 * usd, 220'000.0 * gpu, year) / per_gpu_hour ==
        doctest::Approx(1.55666).epsilon(1e-5));
  CHECK(implied_price(4e9 * usd, 220'000.0 * gpu, year) / per_gpu_hour ==
        doctest::Approx(2.07555).epsilon(1e-5));
}

TEST_CASE("V25: $1.25 billion a month for 325,000 GPUs are $5.26870, $920M for 110,000 $11.45704") {
  INFO("1.25e9/(325,000·730), 920e6/(110,000·730)");
  CHECK(implied_price(1.25e9 * usd, 325'000.0 * gpu, month) / per_gpu_hour ==
        doctest::Approx(5.26870).epsilon(1e-5));
  CHECK(implied_price(920e6 * usd, 110'000.0 * gpu, month) / per_gpu_hour ==
        doctest::Approx(11.45704).epsilon(1e-5));
}

TEST_CASE("a fee at the implied price for full use is the fee it was implied from") {
  const GpuTime all = 325'000.0 * gpu * month;
  const GpuPrice implied = implied_price(1.25e9 * usd, 325'000.0 * gpu, month);
  CHECK(lease_fee(implied, all, all, all, 0.95).in(usd) == doctest::Approx(1.25e9).epsilon(1e-14));
}

TEST_CASE("take-or-pay bills the floor, use above it bills use, late delivery lowers the floor") {
  INFO("price 2, committed 1,000, take-or-pay 95 %");
  CHECK(fee(400, 1'000, 1'000, 0.95) == doctest::Approx(1'900).epsilon(1e-14));
  CHECK(fee(980, 1'000, 1'000, 0.95) == doctest::Approx(1'960).epsilon(1e-14));
  CHECK(fee(400, 600, 1'000, 0.95) == doctest::Approx(1'140).epsilon(1e-14));
  CHECK(fee(400, 1'500, 1'000, 0.95) == doctest::Approx(1'900).epsilon(1e-14));
  CHECK(fee(1'200, 1'500, 1'000, 0.95) == doctest::Approx(2'400).epsilon(1e-14));
  CHECK(fee(400, 1'000, 1'000, 0.0) == doctest::Approx(800).epsilon(1e-14));
}

TEST_CASE("the month-to-date fee never falls, so its differences add up to the month's fee") {
  double posted = 0;
  for (int day = 1; day <= 30; ++day) {
    const double used = day <= 15 ? 20.0 * day : 300 + 60.0 * (day - 15);  // slow, then fast
    const double fee_so_far = fee(used, 40.0 * day, 40.0 * day, 0.9);
    INFO("day ", day);
    CHECK(fee_so_far >= posted);
    posted = fee_so_far;
  }
  INFO("month: max(1,200, .9·1,200)·2 = 2,400");
  CHECK(posted == doctest::Approx(2'400).epsilon(1e-14));
}
