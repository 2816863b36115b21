// The value of an input at which a metric meets a target, on the screen and for machines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/report/compare_text.hpp>
#include <colossim/scenario/metrics.hpp>

namespace colossim {

/// The metric at one value of the input: mean over replications and interval, in base units.
struct SolutionPoint {
  double input = 0;
  Estimate metric;
  std::string refused = {};  // why the scenario refuses this value; then there is no metric
};

/// How a metric meets a target.
enum class Meeting : std::uint8_t {
  root,   // an input gives the target
  jump,   // the metric leaps over it: no input gives it
  step,   // the input goes in steps, and the target lies between two of them
  holds,  // every input from low to high gives it
  gap,    // somewhere between: values there are refused by the scenario
};
/// `root`, `jump`, ...: as JSON has it.
std::string_view name_of(Meeting meeting);

struct Crossing {
  Meeting kind = Meeting::root;
  SolutionPoint low;  // the metric lies on different sides of the target at these two, or on it
  SolutionPoint high;
  double input = 0;  // the end at which the metric is nearer to the target
  std::optional<double> half_width =
      {};                         // of the 95 % interval, from the roots of the replications
  std::int64_t without_root = 0;  // replications that alone have none: then no half-width
};

struct Solution {
  std::string file;
  std::string title;
  std::string path;
  std::string unit;        // of the input, as the scenario or the range has it; may be empty
  double unit_factor = 1;  // one of it, in base units
  MetricDefinition metric;
  double target = 0;  // base units
  std::int64_t seed = 1;
  std::int64_t first_replication = 0;
  std::int64_t replications = 1;
  std::vector<SolutionPoint> points;  // looked at first, ascending
  std::vector<Crossing> crossings;    // ascending
  std::int64_t runs = 0;
  bool depends = true;  // false: the metric is the same at all points
};

/// One screen: what was searched, the metric along it, and every crossing.
std::string solution_text(const Solution& solution);
std::string solution_json(const Solution& solution, std::string_view version);

}  // namespace colossim
