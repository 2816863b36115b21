// Dates and calendar months on the simulated clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <colossim/base/time.hpp>

namespace colossim {

/// A civil date (proleptic Gregorian).
using Date = std::chrono::year_month_day;

/// A calendar period: months, not hours. `3 yr` is 36 months; the end of a month clamps (31 January
/// + 1 month is 28 or 29 February).
struct Period {
  int months = 0;
  friend constexpr auto operator<=>(const Period&, const Period&) = default;
};

Date operator+(Date date, Period period);
/// Days from `from` to `to`; negative when `to` is earlier.
std::int64_t days_between(Date from, Date to);
/// The date `days` later.
Date add_days(Date date, std::int64_t days);
/// `2026-05-06`.
std::string to_string(Date date);
/// The date of such a text, of the years 1970 to 2100; nothing when it is none.
std::optional<Date> parse_date(std::string_view text);

/// The calendar of a place: where the clock's zero lies and how far local time is from UTC. No
/// daylight saving: billing and tariffs use one fixed offset all year.
class Calendar {
 public:
  Calendar() = default;
  /// The clock's zero is `start` 00:00 UTC.
  Calendar(Date start, Duration utc_offset) : start_(start), utc_offset_(utc_offset) {}

  [[nodiscard]] Date start() const { return start_; }
  [[nodiscard]] Duration utc_offset() const { return utc_offset_; }
  /// 00:00 local time on `date`.
  [[nodiscard]] SimTime at(Date date) const;
  [[nodiscard]] Date date(SimTime t) const;
  /// 00:00 local on the first of the month after the one that contains `t`.
  [[nodiscard]] SimTime next_month(SimTime t) const;
  /// Local time since local midnight.
  [[nodiscard]] Duration time_of_day(SimTime t) const;
  /// Whole hours since 1 January 00:00 local; 29 February repeats the 28th, so the range is [0,
  /// 8760).
  [[nodiscard]] int hour_of_year(SimTime t) const;
  /// 0 = Monday .. 6 = Sunday, local.
  [[nodiscard]] int weekday(SimTime t) const;
  /// `2026-05-06 14:30:00` local.
  [[nodiscard]] std::string text(SimTime t) const;

 private:
  [[nodiscard]] std::int64_t local_day(SimTime t) const;  // days since the civil epoch

  Date start_ = std::chrono::year{2026} / 1 / 1;
  Duration utc_offset_;
};

}  // namespace colossim
