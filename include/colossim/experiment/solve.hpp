// The value of one input at which a metric meets a target: break-even.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <colossim/experiment/compare.hpp>
#include <colossim/report/solution.hpp>
#include <colossim/scenario/metric_condition.hpp>

namespace colossim {

/// What is varied: a number of the scenario by its path, and from where to where. Without ends it
/// is searched over its `low` and `high`, else over a quarter to four times what it is.
struct VariedInput {
  std::string path;
  std::string low;  // as written: `1 USD/gpu/h`; empty: by the scenario
  std::string high;
};

/// Parses `PATH` or `PATH=LOW..HIGH`; where LOW has no unit it has that of HIGH. Throws a
/// ConditionError when the text is neither.
VariedInput parse_varied(std::string_view text);

struct SolveOptions {
  std::int64_t replications = 1;  // ≥ 1, counted up from the scenario's own
  unsigned threads = 0;           // 0: one per processor
  int points = 9;                 // ≥ 2, evenly spaced; between two of them crossings are found
  double tolerance = 1e-6;        // of the range: how narrow a bracket becomes
  std::function<void(std::size_t done)> progress;  // after each run
};

/// Where a function of one variable changes its sign between two points.
struct Bracket {
  double low = 0;
  double high = 0;
  double at_low = 0;  // the function's value
  double at_high = 0;
};

/// A function that may have no value somewhere.
using PartialFunction = std::function<std::optional<double>(double)>;

/// Narrows a bracket to at most `width`, or to one step where `grid` is more than 0: then the ends
/// are, and stay, multiples of it. By secants through the ends, where an end that stays twice
/// weighs less (the regula falsi of Anderson and Björck); halves the bracket when two steps did
/// not. Ends early where the function is 0, then both ends are that point, and where it has no
/// value. REQUIRES: the values at the ends have different signs.
Bracket narrow(Bracket bracket, double width, const PartialFunction& function, double grid = 0);

/// Runs the scenario along the input, all replications of every value on the same random numbers,
/// and finds every crossing that the points tell apart. Values that the scenario refuses are left
/// out. The result does not depend on the threads. Throws what `load` throws, for the input where
/// it refuses every value, and a ConditionError when the input is no number, when it has no range,
/// or when the target is in % of the metric.
Solution solve(const ScenarioSource& source, const VariedInput& input,
               const MetricCondition& target, const SolveOptions& options = {});

}  // namespace colossim
