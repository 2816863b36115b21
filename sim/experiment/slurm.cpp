// Scripts for sbatch, and the merge.
#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/experiment/slurm.hpp>
#include <colossim/experiment/sweep.hpp>

#include "file_lock.hpp"
#include "sqlite.hpp"
#include "store_facts.hpp"

extern char** environ;

namespace colossim {

namespace {

namespace fs = std::filesystem;

/// A word for a shell.
std::string shell_word(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    const bool plain = !word.empty() && word.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_-+=.,:/@%") == std::string::npos;
    out += (out.empty() ? "" : " ") + (plain ? word : shell_word(word));
  }
  return out;
}

/// Runs a program without a shell and returns what it prints; its stderr stays ours.
std::string output_of(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string output;
  std::array<char, 4096> buffer{};
  while (error == 0) {
    const ssize_t got = ::read(ends[0], buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  if (error == 0) ::waitpid(pid, &status, 0);
  if (error != 0 || status != 0)
    throw std::system_error(
        error != 0 ? error : EIO, std::generic_category(),
        fmt::format("{} failed; `colossim sweep work` and `merge` do the same by hand",
                    words.front()));
  while (output.ends_with('\n')) output.pop_back();
  return output;
}

/// Whether a shard has all that it will have.
bool is_complete(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return false;
  try {
    const StoreStatus status = store_status(file);
    return status.planned > 0 && status.left() == 0;
  } catch (const ScenarioError&) {
    return false;  // damaged: its worker says so
  }
}

/// `0-7` or `1,3,7`.
std::string array_text(const std::vector<std::size_t>& shards) {
  if (shards.size() > 1 && shards.back() - shards.front() + 1 == shards.size())
    return fmt::format("{}-{}", shards.front(), shards.back());
  return fmt::format("{}", fmt::join(shards, ","));
}

void write_script(const fs::path& file, const std::string& directives,
                  const std::vector<std::string>& command, const std::string& rest = {}) {
  write_file(file,
             fmt::format("#!/bin/bash\n{}exec {}{}\n", directives, shell_words(command), rest));
}

}  // namespace

Plan plan_of(const fs::path& results, const LoadOptions& load, std::string version) {
  const Facts facts = read_facts(open_results(results));
  LoadOptions options = load;
  const auto catalog = facts.find("catalog");
  if (!load.catalog_is_explicit && catalog != facts.end() && !catalog->second.empty()) {
    options.catalog_folders = {catalog->second};
    options.catalog_is_explicit = true;
  }
  Plan plan = make_plan(parse_study(facts.at("study_file"), facts.at("study")), options,
                        std::move(version));
  require_match(results, facts, plan);
  require_same_plan(results, facts, plan);
  return plan;
}

std::size_t frozen_shards(const fs::path& results) {
  const Facts facts = read_facts(open_results(results));
  const auto found = facts.find("shards");
  return found == facts.end() ? 0 : std::stoul(found->second);
}

SlurmJobs submit_slurm(const Plan& plan, const fs::path& results, const SlurmOptions& options) {
  std::error_code error;
  const fs::path file = fs::absolute(results).lexically_normal();
  const std::size_t frozen = fs::exists(file, error) ? frozen_shards(file) : 0;
  if (frozen > 0 && frozen != options.shards)
    throw ScenarioError{{{{results.string()},
                          "",
                          fmt::format("is divided into {} shards, not {}", frozen, options.shards),
                          "give the same --shards, or another --results"}}};
  {
    ResultStore store{file, plan, true};
    ask_for_all(plan, store);
    store.freeze_shards(options.shards);
  }
  SlurmJobs jobs{
      .folder = shard_folder(file), .shards = {}, .commands = {}, .array = {}, .merge = {}};
  fs::create_directories(jobs.folder);
  for (std::size_t i = 0; i < options.shards; ++i) {
    if (!is_complete(shard_file(file, i))) jobs.shards.push_back(i);
  }
  const auto command = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {options.executable, "sweep"});
    words.insert(words.end(), {"--results", file.string()});
    words.insert(words.end(), options.arguments.begin(), options.arguments.end());
    return words;
  };
  // Preempted and requeued jobs go on where they were; near the time limit they end in good order.
  write_script(jobs.folder / "array.sh",
               fmt::format("#SBATCH --job-name=colossim\n#SBATCH --output=\"{}\"\n"
                           "#SBATCH --open-mode=append\n#SBATCH --requeue\n"
                           "#SBATCH --signal=B:USR1@60\n",
                           (jobs.folder / "%4a.log").string()),
               command({"work"}),
               fmt::format(" --shard \"$SLURM_ARRAY_TASK_ID/{}\"", options.shards));
  write_script(jobs.folder / "merge.sh",
               fmt::format("#SBATCH --job-name=colossim-merge\n#SBATCH --output=\"{}\"\n"
                           "#SBATCH --open-mode=append\n#SBATCH --requeue\n",
                           (jobs.folder / "merge.log").string()),
               command({"merge"}));
  const auto submit = [&](std::vector<std::string> words, const std::string& script) {
    words.insert(words.begin(), {"sbatch", "--parsable"});
    words.insert(words.end(), options.sbatch.begin(), options.sbatch.end());
    words.push_back((jobs.folder / script).string());
    jobs.commands.push_back(shell_words(words));
    if (options.dry_run) return std::string{};
    const std::string printed = output_of(words);
    return printed.substr(0, printed.find(';'));  // `job;cluster`
  };
  std::vector<std::string> after;
  if (!jobs.shards.empty()) {
    jobs.array = submit({"--array=" + array_text(jobs.shards)}, "array.sh");
    after = {"--dependency=afterany:" + (options.dry_run ? "ARRAY_JOB" : jobs.array)};
  }
  jobs.merge = submit(after, "merge.sh");
  return jobs;
}

void merge_shards(const Plan& plan, const fs::path& results) {
  const std::size_t shards = frozen_shards(results);
  const FileLock lock{results};
  const fs::path merged = results.string() + ".tmp";
  std::error_code error;
  fs::remove(merged, error);
  {
    sqlite::Database database{results, sqlite::Mode::write};
    database.run(
        "PRAGMA journal_mode=DELETE");  // a log that stayed would be taken for the new file's
    database.run("VACUUM INTO " + sqlite::quoted_text(merged.string()));
  }
  {
    ResultStore store{merged, plan, true};
    ask_for_all(plan, store);
    for (std::size_t i = 0; i < shards; ++i) {
      if (fs::exists(shard_file(results, i), error)) store.take_over(shard_file(results, i));
    }
  }
  const int descriptor = ::open(merged.c_str(), O_RDONLY | O_CLOEXEC);
  const bool durable = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!durable) throw std::system_error(errno, std::generic_category(), merged.string());
  fs::rename(merged, results);
}

}  // namespace colossim
