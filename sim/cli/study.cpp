// Studies on one machine: plan, run, resume, status, export.
#include "study.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <colossim/base/atomic_file.hpp>
#include <colossim/experiment/sampling.hpp>
#include <colossim/experiment/slurm.hpp>
#include <colossim/report/text.hpp>

namespace colossim {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

volatile std::sig_atomic_t asked_to_stop = 0;

extern "C" void on_stop(int signal) {
  asked_to_stop = 1;
  std::signal(signal, SIG_DFL);  // a second one ends it at once
}

/// One line on a terminal's stderr: done, rate, time left, failures.
class SweepBar {
 public:
  void show(const SweepProgress& progress) {
    if (::isatty(STDERR_FILENO) != 1) return;
    const auto now = std::chrono::steady_clock::now();
    if (progress.left() > 0 && now - shown_ < std::chrono::milliseconds{100}) return;
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    const std::size_t ended = progress.done + progress.failed + progress.quarantined;
    const double rate = seconds > 0 ? static_cast<double>(ended) / seconds : 0;
    std::string line =
        fmt::format("{} of {} runs", progress.planned - progress.left(), progress.planned);
    if (ended > 0)
      line += fmt::format("   {:.3g} runs/s   {:.0f} s left", rate,
                          static_cast<double>(progress.left()) / rate);
    if (progress.failed + progress.quarantined > 0)
      line += fmt::format("   {} failed", progress.failed + progress.quarantined);
    fmt::print(stderr, "\r\033[K{}", line);
    if (progress.left() == 0) fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
  }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_;
};

std::string axis_text(const Axis& axis) {
  if (axis.distribution && axis.numeric)
    return fmt::format("distribution, 98 % of it from {} to {}",
                       tidy_value(axis, quantile(*axis.distribution, 0.01)).text,
                       tidy_value(axis, quantile(*axis.distribution, 0.99)).text);
  std::string text = fmt::format("{} value{}: {}", axis.values.size(),
                                 axis.values.size() == 1 ? "" : "s", axis.values.front().text);
  if (axis.values.size() > 1)
    text += fmt::format("{} {}", axis.numeric ? " to" : " ...", axis.values.back().text);
  return text;
}

std::string plan_text(const Plan& plan) {
  std::string out = fmt::format("STUDY  {}\n  scenario {} {}   seed {}   colossim {}\n",
                                plan.study.spec.study, plan.study.spec.scenario,
                                plan.scenario_hash.substr(0, 8), plan.seed, plan.version);
  std::size_t width = 0;
  std::size_t path_width = 0;
  for (const Axis& axis : plan.points.axes) {
    width = std::max(width, axis.name.size());
    path_width = std::max(path_width, axis.path.size());
  }
  for (const Axis& axis : plan.points.axes)
    out += fmt::format("  {:<{}}  {:<{}}  {}\n", axis.name, width, axis.path, path_width,
                       axis_text(axis));
  out += fmt::format("{}: {} point{}", plan.study.spec.sampling, plan.points.points.size(),
                     plan.points.points.size() == 1 ? "" : "s");
  if (plan.points.excluded > 0) out += fmt::format(" ({} excluded)", plan.points.excluded);
  out += fmt::format(" x {} replicate{} = {}{} run{}\n", plan.replicates(),
                     plan.replicates() == 1 ? "" : "s", plan.stop ? "at most " : "", plan.runs(),
                     plan.runs() == 1 ? "" : "s");
  if (plan.stop)
    out += fmt::format("  a point ends once {} is known to {}, looked at every {} replicates\n",
                       plan.metrics[plan.stop->metric].name, plan.study.spec.stop->half_width,
                       plan.stop->least);
  out += fmt::format("keeps {} metric{}", plan.metrics.size(), plan.metrics.size() == 1 ? "" : "s");
  if (!plan.series.empty()) out += fmt::format(" and {} series", plan.series.size());
  return out + "\n";
}

std::string shard_text(const fs::path& file) {
  if (!fs::exists(file)) return "has not begun";
  try {
    const StoreStatus part = store_status(file);
    return fmt::format("{} runs: {} done, {} failed, {} quarantined, {} left", part.planned,
                       part.done, part.failed, part.quarantined, part.left());
  } catch (const ScenarioError& error) {
    return error.what();
  }
}

/// The state of every shard.
nlohmann::ordered_json shards_json(const fs::path& file, const StoreStatus& status) {
  nlohmann::ordered_json shards = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < status.shards; ++i) shards.push_back(shard_text(shard_file(file, i)));
  return shards;
}

CommandLine study_line(std::string_view usage) {
  CommandLine line{.usage = usage, .positional = "file"};
  add_catalog_option(line.options);
  return line;
}

CommandLine results_line(std::string_view usage) {
  CommandLine line = study_line(usage);
  add_results_option(line.options);
  return line;
}

ResultStore open_store(const po::variables_map& values, const Plan& plan, const fs::path& file) {
  ResultStore store{file, plan};
  if (values.count("retry") > 0) store.retry();
  return store;
}

}  // namespace

void add_results_option(po::options_description& options) {
  options.add_options()("results",
                        po::value<std::string>()->value_name("FILE")->default_value("results.db"),
                        "the results file");
}

fs::path results_file(const po::variables_map& values) {
  if (values["results"].as<std::string>().empty()) throw UsageError{"--results: expected a file"};
  return values["results"].as<std::string>();
}

void add_workers_option(po::options_description& options, int workers) {
  options.add_options()("jobs,j", po::value<int>()->value_name("N")->default_value(workers),
                        "worker processes (0: one per processor)")(
      "retry", "try again what failed or was quarantined");
}

unsigned workers_of(const po::variables_map& values) {
  const int jobs = values["jobs"].as<int>();
  check_number("jobs", jobs, 0, 1024);
  return jobs > 0 ? static_cast<unsigned>(jobs) : std::max(1U, std::thread::hardware_concurrency());
}

Plan plan_from(const po::variables_map& values) {
  const Words files = words_of(values, "file");
  if (files.size() != 1) throw UsageError{"sweep: expected one study file"};
  return make_plan(load_study(files.front()), load_options(values), COLOSSIM_VERSION);
}

int run_study(const Plan& plan, ResultStore& store, unsigned workers, Shard shard,
              const fs::path& file) {
  asked_to_stop = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) std::signal(signal, on_stop);
  SweepBar bar;
  const SweepProgress progress =
      run_sweep(plan, store,
                {.workers = workers,
                 .shard = shard,
                 .progress = [&](const SweepProgress& now) { bar.show(now); },
                 .stopping = [] { return asked_to_stop != 0; }});
  store.close();
  fmt::print("{} of {} runs done: {} now, {} before", progress.done + progress.cached,
             progress.planned, progress.done, progress.cached);
  const std::size_t faulty = progress.failed + progress.quarantined;
  if (faulty > 0) fmt::print("; {} failed, {} quarantined", progress.failed, progress.quarantined);
  if (progress.stopped) fmt::print("; stopped, {} left", progress.left());
  fmt::print("\n");
  for (const std::string& problem : store_status(file).problems) fmt::print("  {}\n", problem);
  if (progress.stopped) return exit_stopped;
  return faulty > 0 ? exit_difference : exit_ok;
}

std::string status_text(const fs::path& file) {
  const StoreStatus status = store_status(file);
  std::string out = fmt::format("STUDY  {}   colossim {}\n", status.title, status.version);
  out += fmt::format("  {} runs: {} done, {} failed, {} quarantined, {} left\n", status.planned,
                     status.done, status.failed, status.quarantined, status.left());
  const std::size_t shards = status.left() > 0 ? status.shards : 0;
  for (std::size_t i = 0; i < shards; ++i)
    out += fmt::format("  shard {}: {}\n", i, shard_text(shard_file(file, i)));
  for (const std::string& problem : status.problems) out += fmt::format("  {}\n", problem);
  return out + fmt::format("content {}\n", status.content);
}

int sweep_plan(const Words& words) {
  CommandLine line = study_line(
      "Usage: colossim sweep plan STUDY.yaml [options]\nChecks a study and says what it comes to; "
      "nothing runs.");
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  fmt::print("{}", plan_text(plan_from(*values)));
  return exit_ok;
}

int sweep_run(const Words& words) {
  CommandLine line = results_line(
      "Usage: colossim sweep run STUDY.yaml [options]\nRuns what the results file does not have "
      "yet. Stop it as you like: it goes on where it was.");
  add_workers_option(line.options, 0);
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const Plan plan = plan_from(*values);
  const fs::path file = results_file(*values);
  ResultStore store = open_store(*values, plan, file);
  return run_study(plan, store, workers_of(*values), {}, file);
}

int sweep_resume(const Words& words) {
  CommandLine line = results_line(
      "Usage: colossim sweep resume [options]\nGoes on with the study of a results file.");
  line.positionals = 0;
  add_workers_option(line.options, 0);
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const fs::path file = results_file(*values);
  const Plan plan = plan_of(file, load_options(*values), COLOSSIM_VERSION);
  ResultStore store = open_store(*values, plan, file);
  return run_study(plan, store, workers_of(*values), {}, file);
}

int sweep_status(const Words& words) {
  CommandLine line = results_line("Usage: colossim sweep status [options]\nHow far a study is.");
  line.positionals = 0;
  line.options.add_options()("json", "print as JSON");
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const fs::path file = results_file(*values);
  if (values->count("json") == 0) return fmt::print("{}", status_text(file)), exit_ok;
  const StoreStatus status = store_status(file);
  const nlohmann::ordered_json json{{"study", status.title},
                                    {"colossim", status.version},
                                    {"planned", status.planned},
                                    {"done", status.done},
                                    {"failed", status.failed},
                                    {"quarantined", status.quarantined},
                                    {"left", status.left()},
                                    {"problems", status.problems},
                                    {"shards", shards_json(file, status)},
                                    {"content", status.content}};
  fmt::print("{}\n", json.dump(2));
  return exit_ok;
}

int sweep_export(const Words& words) {
  CommandLine line = results_line(
      "Usage: colossim sweep export --csv [options]\nThe results as CSV: one row per run, axes and "
      "metrics with their units.");
  line.positionals = 0;
  line.options.add_options()("csv", "the format")(
      "table", po::value<std::string>()->value_name("NAME")->default_value("runs"),
      "runs, series or columns")("output,o", po::value<std::string>()->value_name("FILE"),
                                 "write a file, whole or not at all");
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  if (values->count("csv") == 0) throw UsageError{"sweep export: expected --csv"};
  const std::string table = (*values)["table"].as<std::string>();
  if (table != "runs" && table != "series" && table != "columns")
    throw UsageError{fmt::format("--table {}: expected runs, series or columns", table)};
  const fs::path file = results_file(*values);
  if (values->count("output") == 0) {
    export_csv(file, table, [](std::string_view text) { fmt::print("{}", text); });
    return exit_ok;
  }
  const fs::path output = (*values)["output"].as<std::string>();
  if (fs::exists(output) && fs::exists(file) && fs::equivalent(output, file))
    throw UsageError{"--output: this is the results file itself"};
  AtomicFile out{output};
  export_csv(file, table, [&](std::string_view text) { out.write(text); });
  out.commit();
  return exit_ok;
}

}  // namespace colossim
