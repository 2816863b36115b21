// The points of a study: every axis with the value it takes at each.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <colossim/scenario/study.hpp>

namespace colossim {

/// A value of an axis: as `--set` takes it, and as a number where all of the axis' values are.
struct AxisValue {
  std::string text;
  double number = 0;  // in the axis' unit
  double base = 0;    // in base units
};

/// What is varied.
struct Axis {
  std::string name;
  std::string path;
  bool numeric = false;
  bool dates = false;  // all values are; then not numeric
  std::string unit;    // as the study writes it first; of numeric axes
  Dimension dimension;
  std::vector<AxisValue> values;  // it can take; none: those of `distribution`, which else is one
                                  // of their rows
  std::optional<DistributionData> distribution;
};

/// The value nearest to `base` that has twelve digits in the axis' unit: 0.3, not
/// 0.30000000000000004.
AxisValue tidy_value(const Axis& axis, double base);

using StudyPoint = std::vector<AxisValue>;  // by axis

/// Where the study's scenario is run.
struct StudyPoints {
  std::vector<Axis> axes;  // in the order of their names
  std::vector<StudyPoint> points;
  std::size_t excluded = 0;  // by `where`
};

inline constexpr double most_points = 1e6;
inline constexpr double most_runs = 2e6;

/// The axes of a study. Throws a ScenarioError where values are not numbers, have several
/// dimensions or no end.
std::vector<Axis> study_axes(const Study& study);

/// Lays out the design: a grid in which the axis last by name turns fastest, or the points of a
/// sample. What a distribution gives is the nearest multiple of its axis' entry in `grids` (in base
/// units), where it has one. Throws a ScenarioError as `study_axes` does, when `where` is no
/// condition or holds nowhere, when zipped axes have different lengths, and when there are too many
/// points.
StudyPoints study_points(const Study& study, const std::map<std::string, double>& grids = {});

}  // namespace colossim
