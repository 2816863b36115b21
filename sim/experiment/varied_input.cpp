// Inputs as written, and their ranges.
#include "varied_input.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include <colossim/base/math.hpp>
#include <colossim/scenario/metric_condition.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

Measured measured(const std::string& path, const std::string& text) {
  std::string problem;
  if (parse_date(text))
    throw ConditionError{fmt::format("{}: {} is a date; numbers can be varied", path, text)};
  const auto value = parse_measured(text, problem);
  if (!value) throw ConditionError{fmt::format("{}: {}", path, problem)};
  return *value;
}

bool is_taken(const ScenarioFiles& files, const std::string& path, const std::string& value) {
  try {
    static_cast<void>(files.load({{path, value}}));
    return true;
  } catch (const ScenarioError&) {
    return false;
  }
}

/// The least of 1, 2, 4, ... 64 GPUs of which the scenario takes an odd multiple somewhere in the
/// range; 1 when it takes none.
double gpu_step(const ScenarioFiles& files, const VariedRange& range) {
  constexpr int places = 16;
  for (double step = 1; step <= 64; step *= 2) {
    for (int place = 0; place < places; ++place) {
      const double near = range.low + (range.high - range.low) * place / places;
      const double odd = (2 * std::floor(near / (2 * step)) + 1) * step;
      if (odd >= range.low && odd <= range.high &&
          is_taken(files, range.path, fmt::format("{:.0f} gpu", odd)))
        return step;
    }
  }
  return 1;
}

/// Values of a grid lie on it: the range shrinks to its first and last multiple.
void fit_grid(VariedRange& range) {
  if (range.grid == 0) return;
  if (range.dimension == Time::dimension) {  // calendar months, whatever the range was written in
    range.unit = "month";
    range.unit_factor = range.grid;
  }
  range.low = std::ceil(range.low / range.grid - 1e-9) * range.grid;
  range.high = std::floor(range.high / range.grid + 1e-9) * range.grid;
  if (!(range.low < range.high))
    throw ConditionError{fmt::format("{}: no two of its steps lie in the range", range.path)};
}

}  // namespace

double nearest_multiple(double value, double grid) {
  return static_cast<double>(math::round_to_int(value / grid)) * grid;
}

std::vector<double> VariedRange::spread(int points) const {
  std::vector<double> values;
  const int steps = points - 1;
  for (int i = 0; i <= steps; ++i) {
    double value = i == steps ? high : low + (high - low) * i / steps;
    if (grid > 0) value = nearest_multiple(value, grid);
    if (values.empty() || value > values.back()) values.push_back(value);
  }
  return values;
}

std::string VariedRange::text(double base) const {
  if (grid == 0) return to_text(base, dimension);
  if (dimension == Time::dimension) return fmt::format("{:.0f} month", base / grid);
  return fmt::format("{:.0f}{}", base, dimension == GpuCount::dimension ? " gpu" : "");
}

double grid_of(const ScenarioFiles& files, const Scenario& scenario, const VariedRange& range) {
  const auto grid_in = [&](const Scenario& written) {
    const auto leaf = written.leaves.find(range.path);
    return leaf == written.leaves.end() ? 0 : leaf->second.grid;
  };
  double grid = grid_in(scenario);
  if (scenario.leaves.count(range.path) == 0) {
    try {  // as its low end would be written
      grid = grid_in(files.load({{range.path, range.low_text}}));
    } catch (const ScenarioError&) {
      return 0;  // the runs tell what is wrong
    }
  }
  return grid > 0 && range.dimension == GpuCount::dimension ? gpu_step(files, range) : grid;
}

VariedRange range_of(const ScenarioFiles& files, const Scenario& scenario,
                     const VariedInput& input) {
  VariedRange range{.path = input.path};
  std::string low = input.low;
  std::string high = input.high;
  const std::string_view value_of = ".value";
  const auto leaf = scenario.leaves.find(
      input.path.ends_with(value_of) ? input.path.substr(0, input.path.size() - value_of.size())
                                     : input.path);
  if (leaf != scenario.leaves.end()) {
    if (low.empty()) low = leaf->second.provenance.low;
    if (high.empty()) high = leaf->second.provenance.high;
  }
  if (low.empty() || high.empty()) {
    const std::optional<std::string> text = files.text_at(input.path);
    if (!text && leaf != scenario.leaves.end())
      throw ConditionError{
          fmt::format("{} is no plain number: {}; vary a part of it, or give "
                      "{}=LOW..HIGH",
                      input.path, leaf->second.text, input.path)};
    std::string problem;
    const auto base = text ? parse_measured(*text, problem) : std::nullopt;
    if (text && !base)
      throw ConditionError{fmt::format("{} is no plain number: {}", input.path, *text)};
    if (!base || !(base->base > 0))
      throw ConditionError{fmt::format("{}: expected {}=LOW..HIGH, the scenario {}", input.path,
                                       input.path,
                                       base ? "has no positive value" : "has no value")};
    range.low = base->base / 4;
    range.high = base->base * 4;
    range.dimension = base->dimension;
    range.unit = unit_of(*text);
  } else {
    const Measured first = measured(input.path, low);
    const Measured last = measured(input.path, high);
    if (first.dimension != last.dimension || !(first.base < last.base))
      throw ConditionError{
          fmt::format("{}: expected LOW below HIGH, found {}..{}", input.path, low, high)};
    range.low = first.base;
    range.high = last.base;
    range.dimension = last.dimension;
    range.unit = unit_of(high);
  }
  range.unit_factor = unit_factor(range.unit);
  range.low_text = low;
  range.grid = grid_of(files, scenario, range);
  fit_grid(range);
  return range;
}

VariedInput parse_varied(std::string_view text) {
  const std::size_t equals = text.find('=');
  VariedInput input{std::string{text.substr(0, equals)}, {}, {}};
  if (input.path.empty()) throw ConditionError{"expected PATH or PATH=LOW..HIGH"};
  if (equals == std::string_view::npos) return input;
  const std::string_view range = text.substr(equals + 1);
  const std::size_t dots = range.find("..");
  if (dots == 0 || dots == std::string_view::npos || dots + 2 >= range.size())
    throw ConditionError{fmt::format("{}: expected LOW..HIGH, found \"{}\"", input.path, range)};
  input.low = range.substr(0, dots);
  input.high = range.substr(dots + 2);
  if (parse_number(input.low) && !unit_of(input.high).empty())
    input.low += " " + unit_of(input.high);
  return input;
}

}  // namespace colossim
