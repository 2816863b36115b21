// Sweeps: what workers and the results file cost over bare runs, a year of Colossus 1 drawn again
// and again, and what common random numbers save.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/experiment/plan.hpp>
#include <colossim/experiment/sweep.hpp>

#include "../support/scenarios.hpp"
#include "runs.hpp"

namespace colossim::bench {

namespace {

namespace fs = std::filesystem;

const fs::path scenarios = fs::path{COLOSSIM_SOURCE_DIR} / "scenarios";

/// `hello` with 2,000 nodes for 30 days.
void write_study(const fs::path& folder, std::int64_t runs) {
  fs::copy_file(scenarios / "hello.yaml", folder / "hello.yaml",
                fs::copy_options::overwrite_existing);
  write_file(
      folder / "study.yaml",
      fmt::format("schema: 1\nstudy: thirty days of 2,000 nodes\nscenario: hello.yaml\n"
                  "replicates: {}\nmetrics: [\"*.profit\"]\naxes:\n"
                  "  days: {{path: duration, list: [30 d]}}\n"
                  "  racks: {{path: sites.barn.halls.hall.racks.hopper.count, list: [250]}}\n"
                  "  feed: {{path: sites.barn.power.feed, list: [30 MW]}}\n"
                  "  mv: {{path: sites.barn.power.branches.mv.rating, list: [40 MW]}}\n"
                  "  rating: {{path: sites.barn.power.branches.busway.rating, list: [6 MW]}}\n",
                  runs));
}

/// CPU and wall time of bare runs: two processes, each with every second of them.
ProgramRun bare_runs(const Plan& plan, std::size_t processes) {
  const auto work = [&](std::size_t which) {
    for (std::size_t run = which; run < plan.runs(); run += processes) run_once(plan, run);
  };
  std::fflush(nullptr);
  return run_children(processes, work);
}

void bench_workers(Effort effort, const std::string& executable) {
  const test::TemporaryFolder folder;
  write_study(folder.path(), effort.scaled(1000, 20));
  const Plan plan =
      make_plan(load_study(folder.path() / "study.yaml"), test::shipped_catalog(), "bench");
  const auto sweep = [&](const std::string& workers) {
    const fs::path results = folder.path() / ("results-" + workers + ".db");
    fs::remove(results);
    return run_program({executable, "sweep", "run", (folder.path() / "study.yaml").string(), "-j",
                        workers, "--results", results.string(), "--catalog",
                        (scenarios / "catalog").string()});
  };
  // The machine is shared: the least of three, in turns.
  ProgramRun bare{1e9, 1e9, 0};
  ProgramRun pool{1e9, 1e9, 0};
  for (int i = 0; i < (effort.quick ? 1 : 3); ++i) {
    const ProgramRun b = bare_runs(plan, 2);
    const ProgramRun p = sweep("2");
    bare = {std::min(bare.cpu, b.cpu), std::min(bare.wall, b.wall), 0};
    pool = {std::min(pool.cpu, p.cpu), std::min(pool.wall, p.wall), 0};
  }
  fmt::print(
      "sweep, {} runs: two workers {:.2f} s wall, {:.2f} s CPU; two bare processes {:.2f} s "
      "wall, {:.2f} s CPU\n",
      plan.runs(), pool.wall, pool.cpu, bare.wall, bare.cpu);
  print_ratio("wall time over two independent processes", pool.wall / bare.wall, 1 / 0.95);
  print_ratio("CPU time over bare runs", pool.cpu / bare.cpu, 1.05);
}

void bench_draws(Effort effort, const std::string& executable) {
  const test::TemporaryFolder folder;
  const std::int64_t draws = effort.scaled(200, 2);
  write_file(folder.path() / "study.yaml",
             fmt::format(
                 "schema: 1\nstudy: draws of a year\nscenario: {}\nreplicates: {}\n"
                 "metrics: [\"party.*\"]\naxes: {{month: {{path: record.every, list: [730 h]}}}}\n",
                 fs::relative(scenarios / "full_lease.yaml", folder.path()).string(), draws));
  const ProgramRun run = run_program(
      {executable, "sweep", "run", (folder.path() / "study.yaml").string(), "-j", "2", "--results",
       (folder.path() / "results.db").string(), "--catalog", (scenarios / "catalog").string()});
  fmt::print("sweep, {} draws of a Colossus-1 year: {:.1f} s wall, {:.1f} s CPU\n", draws, run.wall,
             run.cpu);
  print_ratio("hours for 10,000 draws on two cores",
              run.wall / static_cast<double>(draws) * 10'000 / 3600, 3);
}

/// Metrics of every replication of a scenario, in base units.
struct Replications {
  std::vector<MetricDefinition> metrics;
  std::vector<std::vector<double>> values;  // by replication
};

Replications replications(const fs::path& folder, const fs::path& scenario,
                          std::span<const std::string> metrics, std::size_t count) {
  write_file(folder / "study.yaml",
             fmt::format("schema: 1\nstudy: s\nscenario: {}\nreplicates: {}\nmetrics: [{}]\n",
                         fs::relative(scenario, folder).string(), count, fmt::join(metrics, ", ")));
  const Plan plan = make_plan(load_study(folder / "study.yaml"), test::shipped_catalog(), "bench");
  Replications out{plan.metrics, {}};
  for (std::size_t run = 0; run < count; ++run) out.values.push_back(run_once(plan, run).metrics);
  return out;
}

/// Variance of the difference of two scenarios' metrics: paired by replication, and not.
void bench_common_numbers(Effort effort) {
  const std::size_t pairs = effort.quick ? 3 : 40;  // of 8 pairs one ratio came to 2.5 times itself
  const std::vector<std::string> names{"site.colossus_1.pue", "site.colossus_1.energy",
                                       "site.colossus_1.electricity.cost", "party.xai.profit"};
  const test::TemporaryFolder folder;
  const Replications before =
      replications(folder.path(), scenarios / "colossus_1.yaml", names, pairs);
  const Replications after =
      replications(folder.path(), scenarios / "full_lease.yaml", names, pairs);
  for (std::size_t m = 0; m < before.metrics.size(); ++m) {
    const auto variance = [&](std::size_t shift) {
      double sum = 0;
      double squares = 0;
      for (std::size_t i = 0; i < pairs; ++i) {
        const double d =
            (after.values[i][m] - before.values[(i + shift) % pairs][m]) / before.metrics[m].factor;
        sum += d;
        squares += d * d;
      }
      const auto n = static_cast<double>(pairs);
      return (squares - sum * sum / n) / (n - 1);
    };
    double apart = 0;
    for (std::size_t shift = 1; shift < pairs; ++shift)
      apart += variance(shift) / static_cast<double>(pairs - 1);
    fmt::print(
        "common random numbers, {} pairs of full_lease less colossus_1, {}: variance {:.3g} "
        "paired, "
        "{:.3g} not, {:.1f} times less\n",
        pairs, before.metrics[m].name, variance(0), apart, apart / variance(0));
    print_ratio("paired over unpaired variance", variance(0) / apart, 0.2);
  }
}

}  // namespace

void bench_sweeps(Effort effort, const std::string& executable) {
  bench_common_numbers(effort);
  if (executable.empty()) return;
  bench_workers(effort, executable);
  bench_draws(effort, executable);
}

}  // namespace colossim::bench
