// How far the results move when each assumption moves between its low and its high value.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <colossim/record/result.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// The scenario with one assumption at an end of its range.
struct MovedScenario {
  std::string assumption;  // `path = value`
  Scenario scenario;
};

/// One scenario for each `low` and `high` of `scenario`, all checked. Throws what `load` throws.
std::vector<MovedScenario> moved_scenarios(const std::filesystem::path& file,
                                           const LoadOptions& options, const Scenario& scenario);

/// Runs the moved scenarios on the same seed and returns the hull of every metric around `base`.
std::vector<MetricHull> hull(const std::vector<MovedScenario>& moved, const Result& base);

}  // namespace colossim
