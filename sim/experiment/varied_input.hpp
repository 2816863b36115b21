// What solve varies: from where to where, in which unit and in which steps.
#pragma once

#include <string>
#include <vector>

#include <colossim/experiment/solve.hpp>
#include <colossim/scenario/scenario_files.hpp>

namespace colossim {

/// The multiple of `grid` that is nearest to a value.
double nearest_multiple(double value, double grid);

/// The values an input is searched over.
struct VariedRange {
  std::string path;
  double low = 0;  // base units
  double high = 0;
  std::string low_text;    // as written; empty: it is the program's
  std::string unit;        // as written; empty: none
  double unit_factor = 1;  // one of it, in base units
  Dimension dimension;
  double grid = 0;  // values are multiples of it; 0: any

  /// So many values, evenly spaced but for the grid, ascending and different.
  [[nodiscard]] std::vector<double> spread(int points) const;
  /// A value as `--set` takes it; reads back to the same bits.
  [[nodiscard]] std::string text(double base) const;
};

/// What values of an input are multiples of, in base units; 0: nothing. GPUs go in the steps that
/// the scenario takes within the range: one by one, or by nodes.
double grid_of(const ScenarioFiles& files, const Scenario& scenario, const VariedRange& range);

/// The range of an input: its own ends, else what the scenario says. Throws a ConditionError when
/// the input is no number or has no range.
VariedRange range_of(const ScenarioFiles& files, const Scenario& scenario,
                     const VariedInput& input);

}  // namespace colossim
