// Dates and times of day in the ways logs write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <colossim/base/time.hpp>

namespace colossim {

/// A pattern of %Y %m %d %H %M %S, %F (%Y-%m-%d), %T (%H:%M:%S), %% and literal text.
class DateFormat {
 public:
  /// What is wrong with a pattern, or nothing: it must name a year, a month and a day.
  static std::optional<std::string> problem_of(std::string_view pattern);

  /// The pattern must have no problem.
  explicit DateFormat(std::string_view pattern);

  /// Time since 1970-01-01 00:00 UTC. Behind the pattern may follow a fraction of the second (when
  /// the pattern ends in seconds; digits beyond nanoseconds are dropped) and `Z`, ` UTC` or an
  /// offset `+08:00`, `+0800`, `+08`; without one the time is taken as UTC. Nothing when the text
  /// does not match or names no date of the years 1970 to 2200.
  [[nodiscard]] std::optional<Duration> parse(std::string_view text) const;

 private:
  std::string pattern_;  // with %F and %T spelt out
};

/// `2020-06-09 18:41:01`, with as many decimals as the time needs.
std::string date_text(Duration since_1970);

}  // namespace colossim
