// Results of a study in one SQLite file that other programs read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/experiment/plan.hpp>
#include <colossim/record/series.hpp>

namespace colossim {

/// How a run ended: with results; with a scenario that is faulty at this point; or not at all,
/// after it took its worker with it several times.
enum class RunStatus : std::uint8_t { done, failed, quarantined };
std::string_view to_string(RunStatus status);

/// One column of a run's series.
struct SeriesRecord {
  std::string header;
  std::vector<SimTime> ends;        // of the intervals
  std::vector<Series::Cell> cells;  // in the unit of the header
};

struct RunRecord {
  RunStatus status = RunStatus::done;
  std::string message;
  std::vector<double> metrics;  // by `Plan::metrics`, in base units; not a number: not reported
  std::vector<SeriesRecord> series;
};

/// Part of a study's runs: every `count`-th from the `index`-th; of points where they stop by rule.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;

  /// Runs are dealt so that neighbours part, whatever the axes are: no shard gets one value of an
  /// axis alone.
  [[nodiscard]] bool holds(const Plan& plan, std::size_t run) const;
};

/// How far a results file is.
struct StoreStatus {
  std::string title;
  std::string version;
  std::size_t planned = 0;  // runs asked for so far; where a rule stops them it may grow
  std::size_t done = 0;
  std::size_t failed = 0;
  std::size_t quarantined = 0;
  std::vector<std::string> problems;  // what failed runs said, each once, with how many
  std::size_t shards = 0;             // 0: none were frozen
  std::string content;                // hash of all results, in the order of the runs

  [[nodiscard]] std::size_t left() const { return planned - done - failed - quarantined; }
};

/// A results file open for writing, by one process at a time. Tables: `study` (name, value: where
/// everything comes from), `columns` (name, kind, unit, meaning), `points`, `plan`, `results`,
/// `deaths`, `cells`; views `runs` (one row per run: axes and metrics) and `series` (long). What
/// was recorded is there whatever happens next.
class ResultStore {
 public:
  /// Opens or creates the file for a plan. Results of other plans stay as long as their key may
  /// come back. Throws a ScenarioError when the file holds another study, is of another version, or
  /// is no results file; a std::system_error when another process writes it.
  ResultStore(const std::filesystem::path& file, const Plan& plan, bool shared_disk = false);
  ResultStore(ResultStore&&) noexcept;
  ResultStore& operator=(ResultStore&&) = delete;
  ~ResultStore();

  /// The first run of the plan with the same key: points of a sample may be equal.
  [[nodiscard]] std::size_t first_of_key(std::size_t run) const;
  /// What is known of a run.
  [[nodiscard]] std::optional<RunStatus> status(std::size_t run) const;
  [[nodiscard]] std::optional<double> metric(std::size_t run, std::size_t metric) const;
  /// The run belongs to the study's results.
  void ask_for(const std::vector<std::size_t>& runs);
  void record(std::size_t run, const RunRecord& record);
  /// Another worker died of it; returns how many have.
  int count_death(std::size_t run, const std::string& how);
  /// Forgets what failed or was quarantined, so that it is tried again.
  void retry();
  void freeze_shards(std::size_t count);
  /// Takes over results of another file of the same study, each once.
  void take_over(const std::filesystem::path& other);
  /// Closes the file, with all of it in place.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// How the file stands. Throws like the constructor of ResultStore.
StoreStatus store_status(const std::filesystem::path& file);

/// What the file says about its study: `title`, `study_file`, `study`, `scenario_hash`, ...
std::map<std::string, std::string> store_facts(const std::filesystem::path& file);

/// `runs`, `series` or `columns` as CSV; the header of `runs` has units where there are any:
/// `price [USD/gpu/h]`. Calls `write` line by line.
void export_csv(const std::filesystem::path& file, const std::string& table,
                const std::function<void(std::string_view)>& write);

/// Where the shards of a results file are, and the file of one.
std::filesystem::path shard_folder(const std::filesystem::path& results);
std::filesystem::path shard_file(const std::filesystem::path& results, std::size_t index);

}  // namespace colossim
