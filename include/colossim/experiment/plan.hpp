// What a study comes to: its points, the columns of its results, and a key for every run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <colossim/experiment/study_points.hpp>
#include <colossim/scenario/metrics.hpp>
#include <colossim/scenario/scenario_files.hpp>

namespace colossim {

/// `stop:` with its metric and width understood.
struct StopRule {
  std::size_t metric = 0;  // row of `Plan::metrics`
  double half_width = 0;   // in base units, or of the mean when `relative`
  bool relative = false;
  std::int64_t least = 5;
};

/// A study held against its scenario. Runs count from 0: all replicates of a point, then the next
/// point.
struct Plan {
  Study study;
  StudyPoints points;
  ScenarioFiles scenario;
  std::string catalog;  // the folder that is read, absolute; empty: the one beside the scenario
  std::string version;  // of colossim
  std::string scenario_hash;  // of the scenario as it is, without the axes
  std::int64_t seed = 0;
  std::int64_t first_replication = 0;
  std::vector<MetricDefinition> metrics;
  std::vector<std::string> series;  // headers with units: `it_power_mw`
  std::optional<StopRule> stop;
  std::map<std::string, std::string> identities;  // by `path=text`: what a text brings into the run

  [[nodiscard]] std::size_t replicates() const {
    return static_cast<std::size_t>(study.spec.replicates);
  }
  [[nodiscard]] std::size_t runs() const { return points.points.size() * replicates(); }
  [[nodiscard]] std::size_t point_of(std::size_t run) const { return run / replicates(); }
  [[nodiscard]] std::size_t replicate_of(std::size_t run) const { return run % replicates(); }

  /// What is changed in the scenario for a run.
  [[nodiscard]] std::vector<Override> changes_of(std::size_t run) const;
  /// Tells runs with different results apart: a hash of version, scenario, values, seed,
  /// replication and what is kept. How a value or a file name is written does not matter.
  [[nodiscard]] std::string key_of(std::size_t run) const;
};

/// Lays out the study and loads points that show every value of its axes. All problems are thrown
/// as one ScenarioError that names places in the study. A point that is faulty while others are not
/// is left to its run.
Plan make_plan(Study study, const LoadOptions& load, std::string version);

}  // namespace colossim
