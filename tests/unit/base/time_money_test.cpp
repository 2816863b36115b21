// Checks the integer clock and integer money: exact sums, nearest rounding, clamped spans.
#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

#include <colossim/base/money.hpp>
#include <colossim/base/random.hpp>
#include <colossim/base/time.hpp>

using namespace colossim;

TEST_CASE("instants and spans add and subtract exactly") {
  constexpr SimTime noon = SimTime{} + 12 * one_hour;
  static_assert(noon.ns() == 43'200'000'000'000);
  static_assert(noon - SimTime{} == 12 * one_hour);
  static_assert(noon - one_minute == SimTime{43'140'000'000'000});
  static_assert(one_hour + one_minute - one_second == Duration{3'659'000'000'000});
  static_assert(one_day == 24 * one_hour);
  static_assert(SimTime{1} - SimTime{3} == Duration{-2});
  static_assert(SimTime{} < SimTime{1} && noon < SimTime::never());
  static_assert(Duration{} == Duration{0} && SimTime{} == SimTime{0});
  CHECK(one_hour.quantity() == units::hour);
  CHECK(Duration{1}.quantity().in(units::second) == 1e-9);
}

TEST_CASE("never is later than every other instant") {
  CHECK(SimTime::never().ns() == std::numeric_limits<std::int64_t>::max());
  CHECK(SimTime{} + to_duration(1e300 * units::year) < SimTime::never());
}

TEST_CASE("a span becomes the nearest nanosecond, ties away from zero") {
  CHECK(to_duration(Time{}) == Duration{});
  CHECK(to_duration(1.5 * units::hour) == 90 * one_minute);
  CHECK(to_duration(1.4e-9 * units::second).ns() == 1);
  CHECK(to_duration(1.6e-9 * units::second).ns() == 2);
  CHECK(to_duration(-1.6e-9 * units::second).ns() == -2);
  CHECK(to_duration(0.4e-9 * units::second).ns() == 0);
  CHECK(to_duration(units::year).ns() == 365 * one_day.ns());
}

TEST_CASE("a span of days survives the way to a quantity and back") {
  Stream stream{StreamName{.seed = 1, .path = "durations"}};
  for (int i = 0; i < 5000; ++i) {
    const Duration span{static_cast<std::int64_t>(stream.next() >> 14)};  // 13 days
    CHECK(to_duration(span.quantity()) == span);
  }
}

TEST_CASE("spans beyond 140 years are clamped") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Duration limit = to_duration(139.6 * units::year);
  CHECK(to_duration(139.5 * units::year) < limit);
  for (const double years : {140.0, 300.0, 1e30, infinity}) {
    CAPTURE(years);
    const Duration longest = to_duration(years * units::year);
    CHECK(longest.ns() == 4'400'000'000'000'000'000);
    CHECK(to_duration(-years * units::year).ns() == -longest.ns());
    CHECK(SimTime{longest.ns()} + longest > SimTime{});  // two of them do not overflow the clock
  }
}

TEST_CASE("money is exact in micro-dollars") {
  static_assert(Money{3} + Money{4} - Money{5} == Money{2});
  static_assert(-Money{3} == Money{-3} && Money{-3} < Money{});
  Money sum;
  for (int i = 0; i < 10; ++i) sum += Money{100'000};
  CHECK(sum == to_money(1.0 * units::usd));
  sum -= Money{1};
  CHECK(sum.micro() == 999'999);
  CHECK(Money{1'500'000}.quantity() == 1.5 * units::usd);
}

TEST_CASE("an amount becomes the nearest micro-dollar, ties away from zero") {
  CHECK(to_money(Dollars{}) == Money{});
  CHECK(to_money(0.1 * units::usd).micro() == 100'000);
  CHECK(to_money(1.4e-6 * units::usd).micro() == 1);
  CHECK(to_money(1.6e-6 * units::usd).micro() == 2);
  CHECK(to_money(-1.6e-6 * units::usd).micro() == -2);
  CHECK(to_money(0.0000005 * units::usd).micro() == 1);
  CHECK(to_money(-0.0000005 * units::usd).micro() == -1);
  CHECK(to_money(4e9 * units::usd).micro() == 4'000'000'000'000'000);
}

TEST_CASE("an accrual's postings telescope to the rounded total, whatever the steps") {
  Stream stream{StreamName{.seed = 1, .path = "accruals"}};
  for (int round = 0; round < 100; ++round) {
    Accrual accrual;
    Money posted;
    double total = 0;
    for (int step = 0; step < 100; ++step) {
      total += exponential(stream, round % 2 == 0 ? 1e-7 : 1e3);  // far below and above a micro
      posted += accrual.due(Dollars{total});
      REQUIRE(posted == to_money(Dollars{total}));
      REQUIRE(posted == accrual.posted());
    }
  }
}

TEST_CASE("two accruals of one amount agree although their steps differ") {
  Accrual daily;
  Accrual hourly;
  Money by_day;
  Money by_hour;
  constexpr double per_hour = 1.0 / 3.0;
  for (int hour = 1; hour <= 720; ++hour) {
    by_hour += hourly.due(Dollars{per_hour * hour});
    if (hour % 24 == 0) by_day += daily.due(Dollars{per_hour * hour});
  }
  CHECK(by_day == by_hour);
  CHECK(by_day == to_money(240.0 * units::usd));
}

TEST_CASE("an accrual takes back what a falling total no longer owes, and nothing when it stays") {
  Accrual accrual;
  CHECK(accrual.due(Money{10}) == Money{10});
  CHECK(accrual.due(Money{10}) == Money{});
  CHECK(accrual.due(Money{4}) == Money{-6});
  CHECK(accrual.posted() == Money{4});
}
