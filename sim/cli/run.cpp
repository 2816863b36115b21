// colossim run: load → resolve → simulate → write.
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/experiment/claim_runs.hpp>
#include <colossim/experiment/option_worth.hpp>
#include <colossim/experiment/readings.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/report/statements.hpp>
#include <colossim/report/summary.hpp>
#include <colossim/scenario/csv.hpp>
#include <colossim/world/simulate.hpp>

#include "fork.hpp"
#include "options.hpp"

namespace colossim {

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// A line on a terminal's stderr that grows with simulated time; silent elsewhere.
class ProgressBar {
 public:
  explicit ProgressBar(SimTime end) : end_(end), shown_(::isatty(STDERR_FILENO) == 1) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }
  /// Leaves the line as it was.
  void clear() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    drawn_ = false;
    shown_ = false;
  }
  void update(SimTime now) {
    if (!shown_ || (++calls_ & 0xfff) != 0) return;
    const auto clock = std::chrono::steady_clock::now();
    if (clock - last_ < std::chrono::milliseconds{100}) return;
    last_ = clock;
    drawn_ = true;
    const double share = static_cast<double>(now.ns()) / static_cast<double>(end_.ns());
    const int width = 40;
    const int full = static_cast<int>(share * width);
    fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {:3.0f} %", "", full, "", width - full, share * 100);
    std::fflush(stderr);
  }

 private:
  SimTime end_;
  bool shown_;
  bool drawn_ = false;
  unsigned calls_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

void append_integer(std::string& out, std::int64_t value) {
  const fmt::format_int text{value};
  out.append(text.data(), text.size());
}

/// Appends seconds with milliseconds, exactly.
void append_seconds(std::string& out, SimTime t) {
  const std::int64_t ms = (t.ns() + 500'000) / 1'000'000;
  append_integer(out, ms / 1000);
  const fmt::format_int fraction{1000 + ms % 1000};  // the leading 1 keeps zeros
  out.push_back('.');
  out.append(fraction.data() + 1, 3);
}

/// Writes jobs.csv and events.csv row by row while the run goes on; they appear when it is
/// committed.
class FileObserver final : public Observer {
 public:
  FileObserver(const fs::path& folder, bool trace, SimTime end) : bar_(end), traces_(trace) {
    if (!folder.empty()) {
      jobs_ = std::make_unique<AtomicFile>(folder / "jobs.csv");
      add(jobs_, jobs_hash_,
          "stream,number,id,tenant,node,gpus,submitted_s,started_s,ended_s,held_s,preemptions\n");
    }
    if (!folder.empty() && trace) {
      events_ = std::make_unique<AtomicFile>(folder / "events.csv");
      add(events_, events_hash_, "time_ns,event,row\n");
    }
  }

  void job_ended(const JobRecord& job, const JobTables& jobs, const Fleet& fleet) override {
    if (!jobs_) return;
    const JobStream& stream = jobs.streams[job.stream];
    const JobOutcome& outcome = job.outcome;
    row_ = stream.name;
    row_ += ',';
    append_integer(row_, outcome.number);
    row_ += ',';
    append_csv_field(row_, job.id);
    row_ += ',';
    append_csv_field(row_, jobs.queues[stream.queue].accounts[outcome.account]);
    row_ += ',';
    row_ += fleet.models[job.model].name;
    row_ += ',';
    append_integer(row_, outcome.gpus);
    for (const SimTime t :
         {outcome.submitted, outcome.first_start, outcome.ended, SimTime{} + outcome.held}) {
      row_ += ',';
      append_seconds(row_, t);
    }
    row_ += ',';
    append_integer(row_, outcome.preemptions);
    row_ += '\n';
    add(jobs_, jobs_hash_, row_);
  }
  void dispatching(SimTime now, const Event& event) override {
    bar_.update(now);
    if (!events_) return;
    row_.clear();
    fmt::format_to(std::back_inserter(row_), "{},{},{}\n", now.ns(), event_name(event),
                   event_row(event));
    add(events_, events_hash_, row_);
  }
  /// The run is over: the terminal belongs to the summary.
  void close_bar() { bar_.clear(); }
  [[nodiscard]] bool traces() const { return traces_; }
  /// Hands over the files it wrote.
  void take(std::vector<std::unique_ptr<AtomicFile>>& files, std::vector<WrittenFile>& written) {
    const auto hand_over = [&](std::unique_ptr<AtomicFile>& file, const char* name,
                               const TextHash& hash) {
      if (!file) return;
      files.push_back(std::move(file));
      written.push_back({name, fmt::format("{:016x}", hash.value())});
    };
    hand_over(jobs_, "jobs.csv", jobs_hash_);
    hand_over(events_, "events.csv", events_hash_);
  }

 private:
  static void add(const std::unique_ptr<AtomicFile>& file, TextHash& hash, std::string_view text) {
    file->write(text);
    hash.add(text);
  }

  ProgressBar bar_;
  bool traces_;
  std::unique_ptr<AtomicFile> jobs_;
  std::unique_ptr<AtomicFile> events_;
  TextHash jobs_hash_;
  TextHash events_hash_;
  std::string row_;
};

/// All files are on disk before the first appears, so that a full disk leaves the old set or none.
void write_outputs(const fs::path& folder, const Report& report, const std::string& resolved,
                   const std::vector<ClaimBase>& bases, FileObserver& observer) {
  std::vector<std::unique_ptr<AtomicFile>> files;
  std::vector<WrittenFile> written;
  observer.take(files, written);
  const auto write = [&](const std::string& name, std::string_view text) {
    files.push_back(std::make_unique<AtomicFile>(folder / name));
    files.back()->write(text);
    written.push_back({name, content_hash(text)});
  };
  write("resolved.yaml", resolved);
  for (const ClaimBase& base : bases) write(resolved_base(base.against), save(base.scenario));
  write("summary.json", summary_json(report));
  write("series.csv", series_csv(report));
  write("ledger.csv", ledger_csv(report));
  write("job_groups.csv", job_groups_csv(report));
  write("ledger.journal", hledger_journal(report));
  write("statements.csv", statements_csv(report));
  write("manifest.json", manifest_json(report, written));
  for (const auto& file : files) file->sync();
  for (const auto& file : files) file->commit();
  if (!observer.traces()) fs::remove(folder / "events.csv");  // of an earlier run with --trace
}

void create_folders(const fs::path& folder, const std::vector<ClaimBase>& bases) {
  if (folder.empty()) return;
  if (fs::exists(folder) && !fs::is_directory(folder))
    throw std::system_error{ENOTDIR, std::generic_category(),
                            fmt::format("cannot write to --out {}", folder.string())};
  fs::create_directories(folder);
  for (const ClaimBase& base : bases)
    fs::create_directories((folder / resolved_base(base.against)).parent_path());
}

/// A run with what its claims need of others.
struct Outcome {
  Result result;
  ClaimRuns claim_runs;
};

/// `moved` is there when ranges are asked for.
Outcome run_all(const Scenario& scenario, const std::vector<ClaimBase>& bases,
                const std::optional<std::vector<MovedRun>>& moved, FileObserver& observer,
                bool paranoid) {
  Outcome outcome;
  outcome.claim_runs.bases = run_claim_bases(bases, [&] {
    outcome.result = simulate(scenario, {.paranoid = paranoid, .observer = &observer});
  });
  observer.close_bar();
  if (moved) {
    Hulls around = hulls(scenario, outcome.result, outcome.claim_runs.bases, *moved);
    outcome.result.hulls = std::move(around.metrics);
    outcome.claim_runs.hulls = std::move(around.claims);
  }
  return outcome;
}

CommandLine run_line() {
  CommandLine line{.usage =
                       "Usage: colossim run FILE [options]\nSimulates a scenario and prints who "
                       "earned what. Without --out nothing is written.",
                   .positional = "file"};
  add_scenario_options(line.options);
  line.options.add_options()(
      "out", po::value<std::string>()->value_name("DIR"),
      "write summary.json, series.csv, ledger.csv, ledger.journal (for hledger), statements.csv, "
      "jobs.csv, job_groups.csv (jobs by tenant and size), resolved.yaml with bases/, "
      "manifest.json")("json", "print the summary as JSON")(
      "hull", "also run the low and high value of each assumption and judge claims on the range")(
      "paranoid", "recompute every aggregate after every settled instant (slow)")(
      "trace", "with --out: also write events.csv, every event handled")(
      "fork", po::value<std::string>()->value_name("at=DATE"),
      "copy the world at that instant (UTC), let the copy go on with --set, and compare the two "
      "futures; --set may change options of contracts, reallocation policies, and the queue and "
      "placement of pools")("reps", po::value<std::int64_t>()->value_name("N"),
                            "with --fork: so many pairs, each on random numbers of its own")(
      "metrics", po::value<std::string>()->value_name("GLOB"),
      "with --fork: show these metrics where they differ; * stands for any text")(
      "csv", "with --fork: print the metrics of both futures as CSV");
  return line;
}

}  // namespace

int run_command(const Words& words) {
  CommandLine line = run_line();
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  if (values->count("file") == 0) throw UsageError{"run: expected a scenario file"};
  if (values->count("fork") > 0) return fork_run((*values)["file"].as<Words>().front(), *values);
  for (const char* option : {"reps", "metrics", "csv"}) {
    if (values->count(option) > 0)
      throw UsageError{fmt::format("--{} belongs to --fork; see also `sweep`", option)};
  }
  const bool trace = values->count("trace") > 0;
  const fs::path folder = values->count("out") > 0 ? (*values)["out"].as<std::string>() : "";
  if (trace && folder.empty())
    throw UsageError{"--trace writes events.csv: give --out DIR as well"};
  if (values->count("out") > 0 && folder.empty()) throw UsageError{"--out: expected a folder"};
  const fs::path file = (*values)["file"].as<Words>().front();
  const LoadOptions options = load_options(*values);

  const Scenario scenario = load(file, options);
  require_readings({file.stem().string(), file, options}, scenario);
  const std::vector<ClaimBase> bases = load_claim_bases(file, options, scenario);
  const std::string resolved = save_with_bases(scenario);
  const std::string hash = scenario_hash(scenario);
  std::optional<std::vector<MovedRun>> moved;
  if (values->count("hull") > 0) moved = moved_runs(file, options, scenario, bases);
  create_folders(folder, bases);
  FileObserver observer{folder, trace, scenario.end()};
  const Outcome outcome = run_all(scenario, bases, moved, observer, values->count("paranoid") > 0);

  const Report report{scenario, outcome.result,     COLOSSIM_VERSION,
                      hash,     outcome.claim_runs, option_worths(scenario)};
  if (!folder.empty()) write_outputs(folder, report, resolved, bases, observer);
  fmt::print("{}", values->count("json") > 0 ? summary_json(report) : summary_text(report));
  return violated_expectations(scenario, outcome.result).empty() ? exit_ok : exit_difference;
}

}  // namespace colossim
