// Units and ranges of claims.
#include "claim_numbers.hpp"

#include <string_view>

#include <fmt/format.h>

#include <colossim/report/text.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

ClaimUnit named(std::string name) {
  if (name == "1") return {};
  std::string problem;
  const auto one = parse_measured("1 " + name, problem);
  return one ? ClaimUnit{std::move(name), one->base} : ClaimUnit{};
}

std::string_view time_unit(double seconds) {
  if (seconds >= 2 * units::year.base() / 12) return "month";
  if (seconds >= 2 * units::day.base()) return "d";
  return seconds >= units::hour.base() ? "h" : "s";
}

/// `2.50` as `2.5`, `10.00` as `10`.
std::string without_idle_zeros(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.ends_with('.')) number.pop_back();
  return number;
}

/// A number and the unit behind it, prefix included.
struct Printed {
  std::string number;
  std::string unit;
};

Printed printed(double base, const ClaimUnit& unit) {
  const double value = base / unit.factor;
  if (unit.name == "gpu") return {grouped(value, 0), "gpu"};
  const std::string text = human(value, unit.name);
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return {without_idle_zeros(text), ""};
  return {without_idle_zeros(text.substr(0, space)), text.substr(space + 1)};
}

std::string joined(const Printed& value) {
  return value.unit.empty() ? value.number : value.number + " " + value.unit;
}

}  // namespace

ClaimUnit usual_unit(Dimension dimension, double size) {
  if (dimension == Dimension{}) return named(size <= 1 ? "%" : "1");
  if (dimension == Time::dimension) return named(std::string{time_unit(size)});
  if (dimension == Frequency::dimension)
    return named(size <= 12 / units::year.base() ? "%/month" : "1/h");
  if (dimension == Dollars::dimension) return named("USD");
  if (dimension == MoneyRate::dimension) return named("USD/month");
  if (dimension == (Dollars::dimension - GpuCount::dimension)) return named("USD/gpu");
  if (dimension == Power::dimension) return named("W");
  if (dimension == Energy::dimension) return named("Wh");
  return named(legal_units(dimension).front());
}

std::string number_text(double base, const ClaimUnit& unit) {
  return joined(printed(base, unit));
}

std::string range_text(ClaimBounds range, const ClaimUnit& unit) {
  const Printed low = printed(range.low, unit);
  const Printed high = printed(range.high, unit);
  if (low.number == high.number && low.unit == high.unit) return joined(high);
  const bool is_zero = range.low == 0;
  if (low.unit == high.unit || is_zero) return fmt::format("{} to {}", low.number, joined(high));
  return fmt::format("{} to {}", joined(low), joined(high));
}

}  // namespace colossim
