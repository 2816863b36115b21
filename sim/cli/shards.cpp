// Studies over many machines: submit, work, merge.
#include <charconv>

#include <fmt/format.h>

#include <colossim/experiment/slurm.hpp>

#include "study.hpp"

namespace colossim {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

/// `3/8`: the shard that counts 3, of 8 that count from 0.
Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto number = [&](std::string_view part, std::size_t& out) {
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), out);
    return error == std::errc{} && stop == part.data() + part.size();
  };
  Shard shard;
  const std::string_view view = text;
  if (slash == std::string::npos || !number(view.substr(0, slash), shard.index) ||
      !number(view.substr(slash + 1), shard.count) || shard.count == 0 ||
      shard.index >= shard.count)
    throw UsageError{fmt::format("--shard {}: expected I/N with 0 <= I < N", text)};
  return shard;
}

/// Options of colossim that workers need as well.
Words passed_on(const po::variables_map& values) {
  if (values.count("catalog") == 0) return {};
  return {"--catalog", fs::absolute(values["catalog"].as<std::string>()).string()};
}

}  // namespace

int sweep_submit(const Words& words) {
  CommandLine line{.usage =
                       "Usage: colossim sweep submit --slurm STUDY.yaml --shards N [options]\n"
                       "Submits a job array of N shards, and a merge after it. Submit again "
                       "what did not end.",
                   .positional = "file"};
  add_catalog_option(line.options);
  add_results_option(line.options);
  line.options.add_options()("slurm", "to Slurm, by sbatch")(
      "shards", po::value<int>()->value_name("N"),
      "how many jobs share the runs; frozen at the first submission")(
      "sbatch", po::value<Words>()->value_name("OPTION"),
      "an option for sbatch, such as --partition=short; may be repeated")(
      "dry-run", "prepare the results file and the scripts, and print the commands only");
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  if (values->count("slurm") == 0) throw UsageError{"sweep submit: expected --slurm"};
  if (values->count("shards") == 0) throw UsageError{"sweep submit: expected --shards N"};
  check_number("shards", (*values)["shards"].as<int>(), 1, 9999);
  const Plan plan = plan_from(*values);
  const SlurmJobs jobs =
      submit_slurm(plan, results_file(*values),
                   {.shards = static_cast<std::size_t>((*values)["shards"].as<int>()),
                    .executable = fs::read_symlink("/proc/self/exe").string(),
                    .arguments = passed_on(*values),
                    .sbatch = words_of(*values, "sbatch"),
                    .dry_run = values->count("dry-run") > 0});
  for (const std::string& command : jobs.commands) fmt::print("{}\n", command);
  if (jobs.merge.empty()) return exit_ok;
  if (!jobs.array.empty())
    fmt::print("{} shard{} as job {}, ", jobs.shards.size(), jobs.shards.size() == 1 ? "" : "s",
               jobs.array);
  fmt::print("merge as job {}; logs in {}\n", jobs.merge, jobs.folder.string());
  return exit_ok;
}

int sweep_work(const Words& words) {
  CommandLine line{.usage =
                       "Usage: colossim sweep work --shard I/N --results FILE [options]\n"
                       "Runs one shard of a submitted study, into a results file of its own.",
                   .positional = "file",
                   .positionals = 0};
  add_catalog_option(line.options);
  add_results_option(line.options);
  add_workers_option(line.options, 1);
  line.options.add_options()("shard", po::value<std::string>()->value_name("I/N"),
                             "which, counting from 0, of how many");
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  if (values->count("shard") == 0) throw UsageError{"sweep work: expected --shard I/N"};
  const Shard shard = parse_shard((*values)["shard"].as<std::string>());
  const fs::path results = results_file(*values);
  const std::size_t frozen = frozen_shards(results);
  if (frozen != shard.count)
    throw UsageError{
        fmt::format("--shard: {} is divided into {} shards", results.string(), frozen)};
  const Plan plan = plan_of(results, load_options(*values), COLOSSIM_VERSION);
  const fs::path file = shard_file(results, shard.index);
  fs::create_directories(file.parent_path());
  ResultStore store{file, plan, true};
  if (values->count("retry") > 0) store.retry();
  return run_study(plan, store, workers_of(*values), shard, file);
}

int sweep_merge(const Words& words) {
  CommandLine line{.usage =
                       "Usage: colossim sweep merge --results FILE\n"
                       "Takes over what the shards have. May be repeated.",
                   .positional = "file",
                   .positionals = 0};
  add_catalog_option(line.options);
  add_results_option(line.options);
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const fs::path results = results_file(*values);
  const std::size_t shards = frozen_shards(results);
  if (shards == 0) throw UsageError{fmt::format("sweep merge: {} has no shards", results.string())};
  merge_shards(plan_of(results, load_options(*values), COLOSSIM_VERSION), results);
  fmt::print("{}", status_text(results));
  bool complete = true;
  for (std::size_t i = 0; i < shards; ++i) {
    const fs::path file = shard_file(results, i);
    complete = complete && fs::exists(file) && store_status(file).left() == 0;
  }
  if (!complete) return exit_stopped;
  const StoreStatus status = store_status(results);
  return status.failed + status.quarantined > 0 ? exit_difference : exit_ok;
}

}  // namespace colossim
