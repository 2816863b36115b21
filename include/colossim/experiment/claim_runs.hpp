// The runs that claims need beside the scenario's own: those they are held against, and those that
// move an assumption.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <colossim/record/result.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// A scenario that claims are held against. Its own claims and expectations are left out: they
/// are no concern of the runs here.
struct ClaimBase {
  std::string against;  // as the claims write it
  std::filesystem::path file;
  LoadOptions options;
  Scenario scenario;
};

/// The bases of the claims in `scenario`, read from `file`, each once, by name. They get its seed,
/// its replication and the overrides that concern them. Throws what `load` throws, and a
/// ScenarioError at the claim when a base is missing or faulty, is the scenario itself, covers
/// another time or has no such metric.
std::vector<ClaimBase> load_claim_bases(const std::filesystem::path& file,
                                        const LoadOptions& options, const Scenario& scenario);

/// Where `resolved.yaml` finds a base: in the folder `bases` beside it. The same for a name that
/// is already there.
std::string resolved_base(const std::string& against);

/// The text of `resolved.yaml`: the scenario with its bases in that folder.
std::string save_with_bases(Scenario scenario);

/// Identifies a scenario, wherever its files are: the hash of that text, with traces named without
/// their folder. What is in them is told by their checksums.
std::string scenario_hash(Scenario scenario);

/// Simulates the bases on up to the machine's threads, and calls `beside` (the scenario's own run)
/// among them. The result does not depend on how many run at once.
BaseMetrics run_claim_bases(std::span<const ClaimBase> bases,
                            const std::function<void()>& beside = {});

/// How far metrics and tested values move with each assumption.
struct Hulls {
  std::vector<MetricHull> metrics;
  std::vector<MetricHull> claims;  // of `tested_value`, by claim; 0 where there is none
};

/// A scenario with one assumption at an end of its range, and the bases that share the assumption,
/// moved alike. Where a base has another value at the same path it has an assumption of its own,
/// and stays.
struct MovedRun {
  std::string assumption;  // `path = value`
  Scenario scenario;
  std::vector<ClaimBase> bases;
};

/// One for each `low` and `high` of `scenario` outside its claims. Throws what `load` throws.
std::vector<MovedRun> moved_runs(const std::filesystem::path& file, const LoadOptions& options,
                                 const Scenario& scenario, std::span<const ClaimBase> bases);

/// Simulates the moved runs and returns the hulls around `result`, a run of `scenario`.
Hulls hulls(const Scenario& scenario, const Result& result, const BaseMetrics& bases,
            std::span<const MovedRun> runs);

}  // namespace colossim
