// Formatting of numbers.
#include <array>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include <colossim/report/text.hpp>

namespace colossim {

namespace {

double magnitude(double value) {
  return value < 0 ? -value : value;
}

bool takes_prefix(std::string_view unit) {
  for (const std::string_view base : {"USD", "token", "W", "Wh", "gpu", "request", "user"}) {
    if (unit == base || (unit.starts_with(base) && unit[base.size()] == '/')) return true;
  }
  return unit == "gpu-h";
}

}  // namespace

std::string grouped(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find_first_not_of("-0.") == std::string::npos && text.front() == '-') text.erase(0, 1);
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const std::size_t point = text.find('.');
  for (std::size_t i = (point == std::string::npos ? text.size() : point); i > sign + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

std::string human(double value, std::string_view unit) {
  struct Prefix {
    double factor;
    std::string_view letter;
  };
  constexpr std::array prefixes{Prefix{1e15, "P"}, Prefix{1e12, "T"}, Prefix{1e9, "G"},
                                Prefix{1e6, "M"},  Prefix{1e3, "k"},  Prefix{1, ""}};
  const double size = magnitude(value);
  const auto digits = [](double scaled) { return scaled >= 100 ? 1 : scaled >= 10 ? 2 : 3; };
  if (!takes_prefix(unit)) {
    // A share of 0.04 % is not 0.000; what rounding leaves is.
    const std::string number =
        size > 1e-9 && size < 0.01 ? fmt::format("{:.3g}", value) : grouped(value, digits(size));
    return unit == "1" ? number : fmt::format("{} {}", number, unit);
  }
  for (const Prefix& prefix : prefixes) {
    if (size < prefix.factor && prefix.factor > 1) continue;
    return fmt::format("{} {}{}", grouped(value / prefix.factor, digits(size / prefix.factor)),
                       prefix.letter, unit);
  }
  return {};
}

void append_number(std::string& out, double value) {
  constexpr double limit = 9e13;
  if (!(magnitude(value) < limit) || (value != 0 && magnitude(value) < 0.01)) {
    fmt::format_to(std::back_inserter(out), "{:.6g}", value);
    return;
  }
  if (value < 0) out.push_back('-');
  const auto scaled = static_cast<std::int64_t>(magnitude(value) * 1e4 + 0.5);
  const fmt::format_int whole{scaled / 10000};
  out.append(whole.data(), whole.size());
  auto fraction = static_cast<int>(scaled % 10000);
  if (fraction == 0) return;
  std::array<char, 4> digits{};
  for (std::size_t i = 4; i-- > 0; fraction /= 10)
    digits[i] = static_cast<char>('0' + fraction % 10);
  std::size_t length = 4;
  while (digits[length - 1] == '0') --length;
  out.push_back('.');
  out.append(digits.data(), length);
}

}  // namespace colossim
