// Oracle for cash flows: annuities in closed form, rates of return by their definition, payback by
// hand.
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/model/cash_flow.hpp>

using namespace colossim;
using units::gpu_hour;
using units::usd;

namespace {

CashFlow flow_of(double at_start, const std::vector<double>& amounts) {
  CashFlow flow{.at_start = at_start * usd, .month = {}};
  for (const double amount : amounts) flow.month.push_back(amount * usd);
  return flow;
}

CashFlow negated(CashFlow flow) {
  flow.at_start = -flow.at_start;
  for (Dollars& amount : flow.month) amount = -amount;
  return flow;
}

}  // namespace

TEST_CASE("twelve months of a monthly rate are a year of the annual one") {
  for (const double rate : {-0.5, 0.0, 0.05, 0.12, 3.0}) {
    const double month = 1 + monthly_rate(rate);
    double year = 1;
    for (int k = 0; k < 12; ++k) year *= month;
    INFO("(1 + i)^12 at r = ", rate);
    CHECK(year == doctest::Approx(1 + rate).epsilon(1e-13));
    CHECK(discount_factor(rate, 12) * (1 + rate) == doctest::Approx(1).epsilon(1e-13));
  }
  CHECK(discount_factor(0.12, 0) == 1);
}

TEST_CASE("equal payments are worth the closed form of an annuity") {
  const double i = monthly_rate(0.12);
  const double v = 1 / (1 + i);
  INFO("-50 + 10·v·(1 - v^24)/(1 - v), v = 1.12^(-1/12)");
  double v24 = 1;
  for (int k = 0; k < 24; ++k) v24 *= v;
  const CashFlow flow = flow_of(-50, std::vector<double>(24, 10.0));
  CHECK(net_present_value(flow, 0.12).in(usd) ==
        doctest::Approx(-50 + 10 * v * (1 - v24) / (1 - v)).epsilon(1e-12));
  CHECK(net_present_value(flow, 0).in(usd) == doctest::Approx(190).epsilon(1e-14));
  CHECK(net_present_value({}, 0.12) == Dollars{});
}

TEST_CASE("the rate of return of one payment is the root of what it grew by") {
  std::vector<double> late(24, 0.0);
  late.back() = 121;
  INFO("(121/100)^(12/24) - 1, (50/100)^(12/12) - 1, (1e6)^12 - 1");
  CHECK(internal_rate_of_return(flow_of(-100, late)).value() ==
        doctest::Approx(0.1).epsilon(1e-12));
  std::vector<double> half(12, 0.0);
  half.back() = 50;
  CHECK(internal_rate_of_return(flow_of(-100, half)).value() ==
        doctest::Approx(-0.5).epsilon(1e-12));
  CHECK(internal_rate_of_return(flow_of(-1, {1e6})).value() == doctest::Approx(1e72).epsilon(1e-9));
}

TEST_CASE("the rate of return of an annuity is the rate it was made from") {
  for (const double rate : {0.001, 0.12, 0.9}) {
    const double v = discount_factor(rate, 1);
    double worth = 0;
    for (int k = 0; k < 36; ++k) worth = (worth + 1) * v;
    INFO("36 payments of 1, bought for what they are worth at ", rate);
    CHECK(internal_rate_of_return(flow_of(-worth, std::vector<double>(36, 1.0))).value() ==
          doctest::Approx(rate).epsilon(1e-9));
  }
}

TEST_CASE("a rate of return exists exactly for one change of sign") {
  CHECK_FALSE(internal_rate_of_return({}).has_value());
  CHECK_FALSE(internal_rate_of_return(flow_of(0, {0, 0})).has_value());
  CHECK_FALSE(internal_rate_of_return(flow_of(5, {0, 1})).has_value());
  CHECK_FALSE(internal_rate_of_return(flow_of(-5, {-1})).has_value());
  INFO("-100, +230, -132 is worth 0 at 10 % and at 20 % a month: neither is the rate");
  CHECK_FALSE(internal_rate_of_return(flow_of(-100, {230, -132})).has_value());
  INFO("-(g - 1.1)(g - 1.2)(g - 1.3): 10, 20 and 30 % a month");
  CHECK_FALSE(internal_rate_of_return(flow_of(-1, {3.6, -4.31, 1.716})).has_value());
  INFO("zeros, before, between and after, are no change");
  CHECK(internal_rate_of_return(flow_of(0, {0, -100, 0, 0, 110, 0})).value() ==
        doctest::Approx(std::pow(1.1, 4) - 1).epsilon(1e-12));
  INFO("a prepaid contract, + then -, has a rate too");
  CHECK(internal_rate_of_return(flow_of(100, {0, 0, -110})).value() ==
        doctest::Approx(std::pow(1.1, 4) - 1).epsilon(1e-12));
}

TEST_CASE("outlays worth as much as the earnings at a rate return that rate") {
  Stream stream{StreamName{.seed = 7, .purpose = "flows"}};
  for (int n = 0; n < 300; ++n) {
    const double rate = uniform_between(stream, -0.5, 3);
    const int building = static_cast<int>(uniform_between(stream, 0, 12));
    const int earning = 1 + static_cast<int>(uniform_between(stream, 0, 120));
    CashFlow flow;
    for (int k = 0; k < building + earning; ++k) {
      const double sign = k < building ? -1 : 1;
      flow.month.push_back(sign * uniform_between(stream, 0, 1e9) * usd);
    }
    flow.at_start = -net_present_value(flow, rate);
    if (flow.at_start >= Dollars{}) continue;  // the outlays of the first months are too large
    INFO("case ", n, ": -NPV(", rate, ") paid at the start");
    CHECK(internal_rate_of_return(flow).value() == doctest::Approx(rate).epsilon(1e-8));
    CHECK(internal_rate_of_return(negated(flow)) == internal_rate_of_return(flow));
  }
}

TEST_CASE("payback is the first month in which what was put in is back") {
  INFO("totals -30 -20 -10 0 10");
  CHECK(payback_month(flow_of(-30, {10, 10, 10, 10})) == 3);
  INFO("totals -30 -20 -10 -5 never recover");
  CHECK_FALSE(payback_month(flow_of(-30, {10, 10, 5})).has_value());
  INFO("totals 5 10 5 are never negative: nothing was at stake");
  CHECK(payback_month(flow_of(5, {5, -5})) == 0);
  CHECK(payback_month({}) == 0);
  INFO("totals 20 -10 0: prepaid, then at stake, then back");
  CHECK(payback_month(flow_of(20, {-30, 10})) == 2);
  INFO("totals -10 5 -5 20: a later relapse is not looked at");
  CHECK(payback_month(flow_of(-10, {15, -10, 25})) == 1);
  INFO("-1 + 10·0.1 is -1.1e-16 in doubles and 0 in dollars");
  CHECK(payback_month(flow_of(-1, std::vector<double>(12, 0.1))) == 10);
}

TEST_CASE("discounting delays payback") {
  const CashFlow flow = flow_of(-100, std::vector<double>(60, 5.0));
  CHECK(payback_month(flow) == 20);
  CHECK(discounted_payback_month(flow, 0) == 20);
  INFO("5·(1 - v^n)/i >= 100 at i = 1.12^(1/12) - 1 = .9489 %: n = -ln(1 - 20·i)/ln(1 + i) = 22.3");
  CHECK(discounted_payback_month(flow, 0.12) == 23);
  INFO("at i = 6 % a month the annuity is never worth more than 5/.06 = 83");
  CHECK_FALSE(discounted_payback_month(flow, std::pow(1.06, 12) - 1).has_value());
}

TEST_CASE("break-even is where two lines of value cross") {
  constexpr auto per_gpu_hour = usd / gpu_hour;
  const ValueLine keep{.at_zero = -1e9 * usd, .useful = 1e9 * gpu_hour};
  const ValueLine lease{.at_zero = 11e9 * usd, .useful = 0.2e9 * gpu_hour};
  const GpuPrice value = break_even_value(keep, lease).value();
  INFO("-1 + λ = 11 + .2·λ in B$ and B GPU-h: λ = 12/.8 = 15");
  CHECK(value / per_gpu_hour == doctest::Approx(15).epsilon(1e-14));
  CHECK(break_even_value(lease, keep).value() / per_gpu_hour == doctest::Approx(15).epsilon(1e-14));
  CHECK((keep.at_zero + value * keep.useful).in(usd) ==
        doctest::Approx((lease.at_zero + value * lease.useful).in(usd)).epsilon(1e-14));
  INFO("alone: -1 + λ = 0");
  CHECK(break_even_value(keep).value() / per_gpu_hour == doctest::Approx(1).epsilon(1e-14));
  INFO("the lease is worth more whatever λ >= 0 is: 11 + .2·λ = 0 at -55");
  CHECK(break_even_value(lease).value() / per_gpu_hour == doctest::Approx(-55).epsilon(1e-14));
  CHECK_FALSE(break_even_value(keep, {.at_zero = {}, .useful = keep.useful}).has_value());
}
