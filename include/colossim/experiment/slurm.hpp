// A study over many machines: shards of its runs, each with a results file of its own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <colossim/experiment/result_store.hpp>

namespace colossim {

/// The plan a results file was made for, with its study as it was then. Throws a ScenarioError when
/// the scenario has changed since.
Plan plan_of(const std::filesystem::path& results, const LoadOptions& load, std::string version);

/// How many shards the file's study was divided into; 0: into none.
std::size_t frozen_shards(const std::filesystem::path& results);

struct SlurmOptions {
  std::size_t shards = 1;
  std::string executable;              // of colossim, where the nodes find it
  std::vector<std::string> arguments;  // of the worker and the merge: `--catalog DIR`
  std::vector<std::string> sbatch;     // of sbatch: `--partition=short`
  bool dry_run = false;                // write the scripts only
};

struct SlurmJobs {
  std::filesystem::path folder;       // of scripts, logs and shards
  std::vector<std::size_t> shards;    // that are not complete, as submitted
  std::vector<std::string> commands;  // as run, or to run
  std::string array;                  // job ids; empty in a dry run
  std::string merge;
};

/// Freezes the number of shards, writes the scripts of a job array and of a merge that depends on
/// it, and submits both. Shards that are complete are left out. Throws std::system_error when
/// sbatch is not there or refuses: nothing is lost then, and it can be called again. Throws a
/// ScenarioError when the study is divided otherwise already.
SlurmJobs submit_slurm(const Plan& plan, const std::filesystem::path& results,
                       const SlurmOptions& options);

/// Takes the results of all shards over into the results file, which is replaced whole. Does not
/// depend on their order, and may be repeated. Shards that do not exist are left out.
void merge_shards(const Plan& plan, const std::filesystem::path& results);

}  // namespace colossim
