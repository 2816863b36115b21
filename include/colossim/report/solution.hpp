// The value of an input at which a metric meets a target, on the screen and for machines.
#pragma once

#include <cstdint>
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
};

/// Where the metric crosses the target.
struct Crossing {
  SolutionPoint low;  // the metric lies on different sides of the target at these two, or on it
  SolutionPoint high;
  double input = 0;       // the end at which the metric is nearer to the target
  double half_width = 0;  // of the 95 % interval, from the roots of the replications; 0: one run
  std::int64_t without_root = 0;  // replications that alone have none: then no half-width
  bool jumps = false;             // the metric leaps over the target: no input gives it
};

struct Solution {
  std::string file;
  std::string title;
  std::string path;
  Dimension dimension;  // of the input
  MetricDefinition metric;
  double target = 0;  // base units
  std::int64_t seed = 1;
  std::int64_t first_replication = 0;
  std::int64_t replications = 1;
  std::vector<SolutionPoint> points;  // looked at first, ascending
  std::vector<Crossing> crossings;    // ascending
  std::int64_t runs = 0;
};

/// One screen: what was searched, the metric along it, and every crossing.
std::string solution_text(const Solution& solution);
std::string solution_json(const Solution& solution, std::string_view version);

}  // namespace colossim
