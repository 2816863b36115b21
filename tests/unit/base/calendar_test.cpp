// Checks civil dates, months and local time on the simulated clock.
#include <chrono>
#include <cstdint>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <colossim/base/calendar.hpp>
#include <colossim/base/random.hpp>

using namespace colossim;

namespace {

Date date(int year, unsigned month, unsigned day) {
  return std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day);
}

Calendar calendar(Date start, int offset_hours = 0) {
  return Calendar{start, offset_hours * one_hour};
}

/// Days of a year by its own rule, not the library's.
int days_in_year(int year) {
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return leap ? 366 : 365;
}

}  // namespace

TEST_CASE("the end of a month clamps") {
  CHECK(date(2026, 1, 31) + Period{1} == date(2026, 2, 28));
  CHECK(date(2028, 1, 31) + Period{1} == date(2028, 2, 29));
  CHECK(date(2026, 3, 31) + Period{1} == date(2026, 4, 30));
  CHECK(date(2028, 2, 29) + Period{12} == date(2029, 2, 28));
  CHECK(date(2028, 2, 29) + Period{48} == date(2032, 2, 29));
  CHECK(date(2026, 1, 31) + Period{2} == date(2026, 3, 31));  // not through February
  CHECK(date(2026, 5, 31) + Period{-3} == date(2026, 2, 28));
}

TEST_CASE("a period crosses years in both directions") {
  CHECK(date(2026, 5, 6) + Period{36} == date(2029, 5, 6));
  CHECK(date(2026, 12, 15) + Period{1} == date(2027, 1, 15));
  CHECK(date(2026, 1, 15) + Period{-1} == date(2025, 12, 15));
  CHECK(date(2026, 5, 6) + Period{} == date(2026, 5, 6));
}

TEST_CASE("years have the days the Gregorian rule gives") {
  for (const int year : {1900, 2000, 2023, 2024, 2026, 2028, 2100, 2400}) {
    CAPTURE(year);
    CHECK(days_between(date(year, 1, 1), date(year + 1, 1, 1)) == days_in_year(year));
  }
  CHECK(days_between(date(2026, 5, 6), date(2026, 5, 6)) == 0);
  CHECK(days_between(date(2026, 3, 1), date(2026, 2, 28)) == -1);
  CHECK(days_between(date(2028, 3, 1), date(2028, 2, 28)) == -2);
}

TEST_CASE("known dates have their weekday") {
  const Calendar clock = calendar(date(2026, 5, 6));
  CHECK(clock.weekday(SimTime{}) == 2);                           // a Wednesday
  CHECK(clock.weekday(clock.at(date(2026, 5, 11))) == 0);         // a Monday
  CHECK(clock.weekday(clock.at(date(2026, 5, 10))) == 6);         // a Sunday
  CHECK(clock.weekday(clock.at(date(2000, 1, 1))) == 5);          // a Saturday, before the start
  CHECK(clock.weekday(clock.at(date(2028, 2, 29))) == 1);         // a Tuesday
  CHECK(clock.weekday(SimTime{} - Duration{1}) == 1);             // the last instant of Tuesday
  CHECK(calendar(date(2026, 5, 6), -6).weekday(SimTime{}) == 1);  // still Tuesday in Memphis
}

TEST_CASE("the clock's zero is the start's midnight in UTC") {
  CHECK(calendar(date(2026, 5, 6)).at(date(2026, 5, 6)) == SimTime{});
  CHECK(calendar(date(2026, 5, 6), -6).at(date(2026, 5, 6)) == SimTime{} + 6 * one_hour);
  CHECK(calendar(date(2026, 5, 6), 2).at(date(2026, 5, 6)) == SimTime{} - 2 * one_hour);
  CHECK(calendar(date(2026, 5, 6)).at(date(2026, 5, 5)) == SimTime{} - one_day);
}

TEST_CASE("text gives local date and time to the second") {
  const Calendar utc = calendar(date(2026, 5, 6));
  CHECK(utc.text(SimTime{}) == "2026-05-06 00:00:00");
  CHECK(utc.text(SimTime{} + 14 * one_hour + 30 * one_minute) == "2026-05-06 14:30:00");
  CHECK(utc.text(SimTime{} + one_day - Duration{1}) == "2026-05-06 23:59:59");
  CHECK(utc.text(SimTime{} - Duration{1}) == "2026-05-05 23:59:59");
  CHECK(calendar(date(2026, 1, 1), -6).text(SimTime{}) == "2025-12-31 18:00:00");
  CHECK(calendar(date(2025, 12, 31), 2).text(SimTime{} + 23 * one_hour) == "2026-01-01 01:00:00");
  CHECK(to_string(date(987, 3, 4)) == "0987-03-04");
}

TEST_CASE("half-hour offsets shift local time") {
  const Calendar india{date(2026, 5, 6), 5 * one_hour + 30 * one_minute};
  CHECK(india.text(SimTime{}) == "2026-05-06 05:30:00");
  CHECK(india.time_of_day(SimTime{}) == 330 * one_minute);
  CHECK(india.hour_of_year(SimTime{}) % 24 == 5);
}

TEST_CASE("the next month begins on the first at local midnight, over a year's end too") {
  const Calendar utc = calendar(date(2026, 12, 1));
  CHECK(utc.next_month(SimTime{}) == utc.at(date(2027, 1, 1)));
  CHECK(utc.next_month(utc.at(date(2026, 12, 31)) + one_day - Duration{1}) ==
        utc.at(date(2027, 1, 1)));
  CHECK(utc.next_month(utc.at(date(2027, 1, 1))) == utc.at(date(2027, 2, 1)));  // strictly after
  CHECK(utc.next_month(utc.at(date(2027, 1, 31))) == utc.at(date(2027, 2, 1)));
  CHECK(utc.next_month(utc.at(date(2028, 2, 29))) == utc.at(date(2028, 3, 1)));

  const Calendar west = calendar(date(2027, 1, 1), -6);  // still December there
  CHECK(west.next_month(SimTime{}) == SimTime{} + 6 * one_hour);
}

TEST_CASE("hours of the year run from 0 to 8759 in a common year") {
  const Calendar clock = calendar(date(2026, 1, 1));
  for (int hour = 0; hour < 8760; ++hour) {
    REQUIRE(clock.hour_of_year(SimTime{} + hour * one_hour) == hour);
    REQUIRE(clock.hour_of_year(SimTime{} + (hour + 1) * one_hour - Duration{1}) == hour);
  }
  CHECK(clock.hour_of_year(SimTime{} + 8760 * one_hour) == 0);
  CHECK(clock.hour_of_year(SimTime{} - Duration{1}) == 8759);
}

TEST_CASE("29 February repeats the hours of the 28th and the year still ends at 8759") {
  const Calendar clock = calendar(date(2028, 1, 1));
  for (int hour = 0; hour < 24; ++hour) {
    const Duration since_midnight = hour * one_hour;
    const int on_28th = clock.hour_of_year(clock.at(date(2028, 2, 28)) + since_midnight);
    CHECK(on_28th == 58 * 24 + hour);
    CHECK(clock.hour_of_year(clock.at(date(2028, 2, 29)) + since_midnight) == on_28th);
    CHECK(clock.hour_of_year(clock.at(date(2028, 3, 1)) + since_midnight) == on_28th + 24);
  }
  CHECK(clock.hour_of_year(clock.at(date(2028, 12, 31)) + 23 * one_hour) == 8759);
}

TEST_CASE("a negative offset moves the turn of the year") {
  const Calendar west = calendar(date(2026, 1, 1), -8);
  CHECK(west.hour_of_year(SimTime{}) == 8760 - 8);
  CHECK(west.hour_of_year(SimTime{} + 8 * one_hour) == 0);
  CHECK(west.date(SimTime{} + 8 * one_hour - Duration{1}) == date(2025, 12, 31));
  CHECK(west.time_of_day(SimTime{}) == 16 * one_hour);
}

TEST_CASE("an instant is its date's midnight plus its time of day, everywhere") {
  Stream stream{StreamName{.seed = 4, .path = "calendar"}};
  for (int i = 0; i < 2000; ++i) {
    const int offset = static_cast<int>(stream.next() % 27) - 12;
    const Calendar clock = calendar(date(2026, 5, 6), offset);
    const auto span = static_cast<std::int64_t>(stream.next() % (40ULL * 366 * 86'400'000'000'000));
    const SimTime t = SimTime{} + Duration{span} - 20 * 366 * one_day;
    const Date day = clock.date(t);
    REQUIRE(day.ok());
    CHECK(clock.at(day) + clock.time_of_day(t) == t);
    CHECK(clock.time_of_day(t) >= Duration{});
    CHECK(clock.time_of_day(t) < one_day);
    CHECK(clock.next_month(t) > t);
    CHECK(clock.next_month(t) - t <= 31 * one_day);
    CHECK(clock.date(clock.next_month(t)).day() == std::chrono::day{1});
  }
}
