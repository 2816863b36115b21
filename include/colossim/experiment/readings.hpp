// One scenario as several sources tell it: which conclusions hold whoever is right.
#pragma once

#include <vector>

#include <colossim/experiment/compare.hpp>
#include <colossim/experiment/decision.hpp>

namespace colossim {

/// The scenario as written and, in the order of their names, its readings, each as a source of its
/// own: its changes come after those of `source`. Throws what `load` throws, problems of a
/// reading's changes located where it stands, and a ScenarioError when there is no reading.
std::vector<ScenarioSource> with_readings(const ScenarioSource& source);

/// Throws the same for readings that are wrong; a scenario without any is fine.
void require_readings(const ScenarioSource& source, const Scenario& scenario);

/// The same as worlds: the scenario as written has weight 1.
std::vector<WeightedWorld> reading_worlds(const ScenarioSource& source);

/// Judges the claims of the scenario under every reading (first replication) and adds the table of
/// conclusions. REQUIRES: `comparison` is of `with_readings`, which gave `sources`.
void add_conclusions(Comparison& comparison, std::span<const ScenarioSource> sources);

}  // namespace colossim
