// Decimal numbers of tables as whole nanoseconds: without doubles, so that nothing is rounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <colossim/base/int128.hpp>
#include <colossim/base/time.hpp>

namespace colossim {

/// The longest time a table may state: 32 years.
inline constexpr Duration longest_table_time{1'000'000'000 * one_second.ns()};

/// A number that was read, or why it could not be.
struct ReadTime {
  enum class Problem : std::uint8_t { none, not_decimal, negative, too_precise, too_large };

  Duration value;
  Problem problem = Problem::none;
};

/// `digits[.digits]` seconds, exactly: at most nine decimals and `longest_table_time`. No sign
/// (`-` before a number is the problem `negative`), no exponent, no blanks.
ReadTime read_seconds(std::string_view text);

/// `[-]digits[.digits]` in billionths, for numbers other programs wrote: decimals beyond the ninth
/// are dropped. Nothing when it is no such number or its size is 1e19 or more.
std::optional<Int128> read_billionths(std::string_view text);

/// What is wrong, for a message: `expected ..., found "..."`.
std::string time_problem(ReadTime::Problem problem, std::string_view text);

/// Appends seconds with as many decimals as `time` needs; `read_seconds` gives the same time back.
void append_seconds(std::string& out, Duration time);

}  // namespace colossim
