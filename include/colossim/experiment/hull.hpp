// How far the results move when each assumption moves between its low and its high value.
#pragma once

#include <filesystem>
#include <vector>

#include <colossim/record/result.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// Runs the scenario again for each number that has `low` or `high`, one at a time on the same
/// seed, and returns the hull of every metric of `base`. Throws what `load` and `simulate` throw.
std::vector<MetricHull> hull(const std::filesystem::path& file, const LoadOptions& options,
                             const Scenario& scenario, const Result& base);

}  // namespace colossim
