// The pattern is followed character by character; the calendar is std::chrono's.
#include "date_format.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <fmt/format.h>

#include <colossim/scenario/decimal.hpp>

namespace colossim {

namespace {

constexpr std::string_view directives = "YmdHMS%";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string spelt_out(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view two = pattern.substr(i, 2);
    if (two == "%F" || two == "%T") {
      out += two == "%F" ? "%Y-%m-%d" : "%H:%M:%S";
      ++i;
    } else {
      out += pattern[i];
      if (pattern[i] == '%' && ++i < pattern.size()) out += pattern[i];
    }
  }
  return out;
}

/// Takes characters off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  /// Between `fewest` and `most` digits; nothing when there are fewer.
  std::optional<int> digits(std::size_t fewest, std::size_t most) {
    std::size_t count = 0;
    int value = 0;
    for (; count < most && count < rest_.size() && is_digit(rest_[count]); ++count)
      value = value * 10 + (rest_[count] - '0');
    if (count < fewest) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }
  /// The nanoseconds of `.digits`, if they are there.
  std::int64_t fraction() {
    if (rest_.size() < 2 || rest_[0] != '.' || !is_digit(rest_[1])) return 0;
    rest_.remove_prefix(1);
    std::int64_t ns = 0;
    for (std::int64_t weight = one_second.ns() / 10; !rest_.empty() && is_digit(rest_[0]);
         weight /= 10, rest_.remove_prefix(1))
      ns += weight * (rest_[0] - '0');
    return ns;
  }

 private:
  std::string_view rest_;
};

/// Minutes east of UTC, or nothing when what is left is no zone.
std::optional<int> zone_minutes(Scanner& scanner) {
  scanner.take(" ");
  if (scanner.at_end() || ((scanner.take("Z") || scanner.take("UTC")) && scanner.at_end()))
    return 0;
  const bool east = scanner.take("+");
  if (!east && !scanner.take("-")) return std::nullopt;
  const auto hours = scanner.digits(2, 2);
  scanner.take(":");
  const int minutes = scanner.at_end() ? 0 : scanner.digits(2, 2).value_or(60);
  if (!hours || *hours > 14 || minutes > 59 || !scanner.at_end()) return std::nullopt;
  return (east ? 1 : -1) * (*hours * 60 + minutes);
}

struct Parts {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;

  int& of(char directive) {
    if (directive == 'Y') return year;
    if (directive == 'm') return month;
    if (directive == 'd') return day;
    if (directive == 'H') return hour;
    return directive == 'M' ? minute : second;
  }
  /// Seconds since 1970; a leap second (60) is the first of the next minute.
  [[nodiscard]] std::optional<std::int64_t> seconds() const {
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 || second > 60)
      return std::nullopt;
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
  }
};

}  // namespace

std::optional<std::string> DateFormat::problem_of(std::string_view pattern) {
  const std::string text = spelt_out(pattern);
  std::string found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    const char directive = ++i < text.size() ? text[i] : ' ';
    if (directives.find(directive) == std::string_view::npos)
      return fmt::format("expected %Y %m %d %H %M %S %F %T, found %{}", directive);
    if (directive != '%' && found.find(directive) != std::string::npos)
      return fmt::format("found %{} twice", directive);
    found += directive;
  }
  for (const char needed : {'Y', 'm', 'd'}) {
    if (found.find(needed) == std::string::npos)
      return fmt::format("expected a date with %Y, %m and %d; %{} is missing", needed);
  }
  return std::nullopt;
}

DateFormat::DateFormat(std::string_view pattern) : pattern_(spelt_out(pattern)) {}

std::optional<Duration> DateFormat::parse(std::string_view text) const {
  Scanner scanner{text};
  Parts parts;
  for (std::size_t i = 0; i < pattern_.size(); ++i) {
    const char directive = pattern_[i] == '%' ? pattern_[++i] : '%';
    if (directive == '%') {
      if (!scanner.take(std::string_view{pattern_}.substr(i, 1))) return std::nullopt;
      continue;
    }
    const auto value = directive == 'Y' ? scanner.digits(4, 4) : scanner.digits(1, 2);
    if (!value) return std::nullopt;
    parts.of(directive) = *value;
  }
  const std::int64_t fraction = pattern_.ends_with("%S") ? scanner.fraction() : 0;
  const auto east = zone_minutes(scanner);
  const auto seconds = parts.seconds();
  if (!east || !seconds) return std::nullopt;
  return (*seconds - *east * 60) * one_second + Duration{fraction};
}

std::string date_text(Duration since_1970) {
  const std::int64_t day_ns = one_day.ns();
  const std::int64_t ns = since_1970.ns();
  const std::int64_t day = ns / day_ns - (ns % day_ns < 0 ? 1 : 0);
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
  const std::int64_t rest = ns - day * day_ns;
  const std::int64_t seconds = rest / one_second.ns();
  std::string text =
      fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  seconds / 3600, seconds / 60 % 60, seconds % 60);
  std::string fraction;
  append_seconds(fraction, Duration{rest % one_second.ns()});
  return text + fraction.substr(1);
}

}  // namespace colossim
