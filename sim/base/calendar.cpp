// Calendar arithmetic on std::chrono's civil dates.
#include <charconv>

#include <fmt/format.h>

#include <colossim/base/calendar.hpp>

namespace colossim {

namespace {

using std::chrono::sys_days;

std::int64_t day_number(Date date) {
  return sys_days{date}.time_since_epoch().count();
}

Date from_day_number(std::int64_t day) {
  return Date{sys_days{std::chrono::days{static_cast<int>(day)}}};
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

Date operator+(Date date, Period period) {
  const Date shifted = date + std::chrono::months{period.months};
  if (shifted.ok()) return shifted;
  return Date{shifted.year() / shifted.month() / std::chrono::last};
}

std::int64_t days_between(Date from, Date to) {
  return day_number(to) - day_number(from);
}

Date add_days(Date date, std::int64_t days) {
  return from_day_number(day_number(date) + days);
}

std::optional<Date> parse_date(std::string_view text) {
  const auto number = [&](std::size_t from, std::size_t length) {
    int value = -1;
    const char* end = text.data() + from + length;
    const auto [stop, error] = std::from_chars(text.data() + from, end, value);
    return error == std::errc{} && stop == end ? value : -1;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 1970 || year > 2100 || month <= 0 || day <= 0) return std::nullopt;
  const Date date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                  std::chrono::day{static_cast<unsigned>(day)}};
  return date.ok() ? std::optional{date} : std::nullopt;
}

std::string to_string(Date date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

SimTime Calendar::at(Date date) const {
  return SimTime{} + days_between(start_, date) * one_day - utc_offset_;
}

std::int64_t Calendar::local_day(SimTime t) const {
  const Duration local = (t + utc_offset_) - SimTime{};
  return day_number(start_) + floor_div(local.ns(), one_day.ns());
}

Date Calendar::date(SimTime t) const {
  return from_day_number(local_day(t));
}

SimTime Calendar::next_month(SimTime t) const {
  const Date today = date(t);
  return at(Date{today.year() / today.month() / 1} + Period{1});
}

Duration Calendar::time_of_day(SimTime t) const {
  return t - at(date(t));
}

int Calendar::hour_of_year(SimTime t) const {
  const Date today = date(t);
  const std::int64_t day = days_between(today.year() / 1 / 1, today);
  const bool leap_day_passed = today.year().is_leap() && day >= 59;
  const std::int64_t hour = time_of_day(t).ns() / one_hour.ns();
  return static_cast<int>((leap_day_passed ? day - 1 : day) * 24 + hour);
}

int Calendar::weekday(SimTime t) const {
  const std::chrono::weekday day{sys_days{date(t)}};
  return static_cast<int>(day.iso_encoding()) - 1;
}

std::string Calendar::text(SimTime t) const {
  const std::int64_t seconds = time_of_day(t).ns() / one_second.ns();
  return fmt::format("{} {:02}:{:02}:{:02}", to_string(date(t)), seconds / 3600, seconds / 60 % 60,
                     seconds % 60);
}

}  // namespace colossim
