// Scenarios run side by side on the same random numbers, and why their results differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <colossim/record/result.hpp>
#include <colossim/report/compare_text.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// A scenario file and how it is read.
struct ScenarioSource {
  std::string name;  // in tables
  std::filesystem::path file;
  LoadOptions options;
};

struct CompareOptions {
  std::int64_t replications = 1;  // ≥ 1, counted up from the first scenario's `replication`
  unsigned threads = 0;           // 0: one per processor
  std::string owner;              // empty: who owns the first scenario's first site
  std::string tenant;             // empty: who besides the owner has most GPU-hours in all runs
  std::optional<Fork> fork;       // the second scenario is the first until then
  /// Called after each run, never from two threads at once.
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// Loads all scenarios on one seed, that of the options or else the first scenario's; `sources`
/// keep it for later replications. Throws what `load` throws, and a ScenarioError that names both
/// files when two scenarios do not cover the same time.
std::vector<Scenario> load_paired(std::span<ScenarioSource> sources);

/// A scenario and its second future, as `compare` takes them. Throws a ScenarioError when the
/// changes are none that a running world can adopt, and when the instant is not within the run.
std::vector<Scenario> load_fork(std::vector<ScenarioSource>& sources, const Fork& fork);

/// Simulates every scenario `replications` times, several at once; the result does not depend on
/// how many. REQUIRES: `scenarios` are what `load_paired(sources)` gave, at least one.
Comparison compare(std::span<const ScenarioSource> sources, std::vector<Scenario> scenarios,
                   const CompareOptions& options = {});

/// The group of an account of the P&L; `other` for those of the balance sheet.
WaterfallGroup group_of(Account account);

/// Why the profit of `party` differs: every account under every cause, split into price and volume
/// where both results know a quantity in one unit. Causes that only one side has are set against
/// those that only the other side has (same account, same unit), so a contract that takes another's
/// place differs in price and volume. Checked to the micro-dollar against the balances of both
/// ledgers. A party that a result does not know has earned nothing there. [models_8_4]
Waterfall waterfall_of(const Result& base, const Result& other, const std::string& party);

}  // namespace colossim
