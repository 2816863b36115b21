// The actions of `colossim sweep` on studies and their results.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <colossim/experiment/plan.hpp>
#include <colossim/experiment/sweep.hpp>

#include "options.hpp"

namespace colossim {

int sweep_plan(const Words& words);
int sweep_run(const Words& words);
int sweep_resume(const Words& words);
int sweep_status(const Words& words);
int sweep_export(const Words& words);
int sweep_submit(const Words& words);
int sweep_work(const Words& words);
int sweep_merge(const Words& words);

/// `--results FILE`, by default results.db here.
void add_results_option(boost::program_options::options_description& options);
std::filesystem::path results_file(const boost::program_options::variables_map& values);
/// `-j N`, by default one per processor.
void add_workers_option(boost::program_options::options_description& options, int workers);
unsigned workers_of(const boost::program_options::variables_map& values);
/// The plan of the study that the command line names.
Plan plan_from(const boost::program_options::variables_map& values);

/// Runs what is missing, with progress on a terminal; SIGINT, SIGTERM and SIGUSR1 end it after the
/// runs in hand. Prints what became of it and returns the exit code.
int run_study(const Plan& plan, ResultStore& store, unsigned workers, Shard shard,
              const std::filesystem::path& file);
/// One screen about a results file.
std::string status_text(const std::filesystem::path& file);

}  // namespace colossim
