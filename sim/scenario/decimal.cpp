// Digits into an integer and back.
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include <colossim/base/utf8.hpp>
#include <colossim/scenario/decimal.hpp>

namespace colossim {

namespace {

/// Nanoseconds of one unit in the last place, by the number of decimals.
constexpr std::array<std::int64_t, 9> weights{100'000'000, 10'000'000, 1'000'000, 100'000, 10'000,
                                              1'000,       100,        10,        1};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

ReadTime read_seconds(std::string_view text) {
  using Problem = ReadTime::Problem;
  constexpr std::int64_t most = longest_table_time.ns() / one_second.ns();
  if (text.size() > 1 && text[0] == '-' && is_digit(text[1])) return {{}, Problem::negative};
  std::int64_t whole = 0;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    whole = whole * 10 + (text[at] - '0');
    if (whole > most) return {{}, Problem::too_large};
  }
  if (at == 0) return {{}, Problem::not_decimal};
  std::int64_t ns = whole * one_second.ns();
  if (at < text.size()) {
    if (text[at] != '.' || ++at == text.size()) return {{}, Problem::not_decimal};
    const std::size_t point = at;
    std::int64_t fraction = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (at - point == weights.size()) return {{}, Problem::too_precise};
      fraction = fraction * 10 + (text[at] - '0');
    }
    if (at < text.size()) return {{}, Problem::not_decimal};
    ns += fraction * weights[at - point - 1];
  }
  if (ns > longest_table_time.ns()) return {{}, Problem::too_large};
  return {Duration{ns}, Problem::none};
}

std::optional<Int128> read_billionths(std::string_view text) {
  constexpr Int128 most = Int128{10'000'000'000} * 1'000'000'000;
  constexpr Int128 billion = 1'000'000'000;
  const bool negative = text.starts_with('-');
  std::size_t at = negative ? 1 : 0;
  const std::size_t first = at;
  Int128 value = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    value = value * 10 + (text[at] - '0');
    if (value >= most) return std::nullopt;
  }
  if (at == first) return std::nullopt;
  value *= billion;
  if (at < text.size()) {
    if (text[at] != '.' || ++at == text.size()) return std::nullopt;
    std::int64_t weight = 100'000'000;
    for (; at < text.size() && is_digit(text[at]); ++at, weight /= 10)
      value += weight * (text[at] - '0');
    if (at < text.size()) return std::nullopt;
  }
  return negative ? -value : value;
}

std::string time_problem(ReadTime::Problem problem, std::string_view text) {
  using Problem = ReadTime::Problem;
  const std::string found = shown(text);
  if (problem == Problem::negative) return "expected at least 0 s, found " + found;
  if (problem == Problem::too_precise)
    return "expected at most nine decimals (nanoseconds), found " + found;
  if (problem == Problem::too_large)
    return fmt::format("expected at most {} s, found {}", longest_table_time.ns() / one_second.ns(),
                       found);
  return "expected seconds such as 12 or 4.709164, found " + found;
}

void append_seconds(std::string& out, Duration time) {
  if (time < Duration{}) {
    out += '-';
    time = Duration{} - time;
  }
  const std::int64_t second = one_second.ns();
  const fmt::format_int whole{time.ns() / second};
  out.append(whole.data(), whole.size());
  std::int64_t rest = time.ns() % second;
  if (rest == 0) return;
  const fmt::format_int fraction{second + rest};  // the leading 1 keeps zeros
  std::size_t digits = 9;
  while (rest % 10 == 0) {
    rest /= 10;
    --digits;
  }
  out += '.';
  out.append(fraction.data() + 1, digits);
}

}  // namespace colossim
