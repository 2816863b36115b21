// Replaying jobs: a log like RICC 2010, the FCFS shape, growth with the number of jobs, with the
// jobs that wait and with the nodes.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/math.hpp>
#include <colossim/base/random.hpp>
#include <colossim/world/replay.hpp>

#include "bench.hpp"

namespace colossim::bench {

namespace {

Stream stream_of(std::string_view purpose) {
  return Stream{StreamName{.seed = 2010, .path = "jobs_bench", .purpose = purpose}};
}

Duration seconds(double s) {
  return Duration{static_cast<std::int64_t>(s) * one_second.ns()};
}

/// A log with the marginals of RICC-2010-2's first 60,000 jobs [pwa_ricc]: sizes, run times (median
/// 13 min, many at the limit of three days), estimates (58 % the limit), bursts of equal jobs, and
/// a load of 0.87.
class RiccLike {
 public:
  static constexpr std::uint32_t processors = 8192;

  explicit RiccLike(std::int64_t jobs) {
    double time = 0;
    double work = 0;
    while (static_cast<std::int64_t>(jobs_.size()) < jobs) {
      time += exponential(gaps_, 1.0) * (gaps_.uniform() < 0.05 ? 10 : 0.5);
      const std::int64_t size = sizes[pick(sizes_, size_sums)];
      const double limit = limits[pick(estimates_, limit_sums)];
      const double burst = math::exp(exponential(bursts_, 0.9));
      for (std::int64_t i = 0; i < static_cast<std::int64_t>(std::min(burst, 1500.0)); ++i) {
        const double runtime =
            std::clamp(lognormal(runtimes_, 772, 3.3), 1.0, std::min(limit, 259'200.0));
        work += static_cast<double>(size) * runtime;
        jobs_.push_back({.submitted = SimTime{static_cast<std::int64_t>(time * 1e6)},
                         .runtime = seconds(runtime),
                         .estimate = seconds(limit),
                         .gpus = size});
      }
    }
    jobs_.resize(static_cast<std::size_t>(jobs));
    // Stretch the gaps to the load; whole seconds, as logs have them.
    const double last = static_cast<double>(jobs_.back().submitted.ns()) * 1e-6;
    const double stretch = work / (0.87 * processors) / last;
    for (ReplayJob& job : jobs_)
      job.submitted = SimTime{} + seconds(static_cast<double>(job.submitted.ns()) * 1e-6 * stretch);
  }

  [[nodiscard]] JobSource source() const {
    return [this, next = std::size_t{0}](ReplayJob& job) mutable {
      if (next == jobs_.size()) return false;
      job = jobs_[next++];
      return true;
    };
  }

 private:
  static constexpr std::array<std::int64_t, 10> sizes{1, 16, 8, 32, 4, 80, 256, 64, 128, 512};
  static constexpr std::array<double, 10> size_sums{58.0, 67.5, 77.0, 83.8, 87.9,
                                                    91.5, 94.1, 96.6, 97.8, 98.2};
  static constexpr std::array<double, 7> limits{259'200, 43'200, 21'600, 3'600,
                                                14'400,  86'400, 7'200};
  static constexpr std::array<double, 7> limit_sums{57.6, 63.9, 70.0, 75.5, 80.6, 83.5, 85.9};

  Stream gaps_ = stream_of("gaps");
  Stream sizes_ = stream_of("sizes");
  Stream estimates_ = stream_of("estimates");
  Stream bursts_ = stream_of("bursts");
  Stream runtimes_ = stream_of("runtimes");
  std::vector<ReplayJob> jobs_;
};

/// Poisson arrivals of exponential jobs, whole seconds not needed; drawn one by one, so that memory
/// is the replay's own.
struct Poisson {
  std::int64_t jobs = 0;
  double interarrival = 1;  // s
  double runtime = 1;       // s
  std::array<std::int64_t, 4> sizes{1, 1, 1, 1};
  std::uint32_t accounts = 1;

  [[nodiscard]] JobSource source() const {
    return [*this, arrivals = stream_of("arrivals"), lengths = stream_of("lengths"),
            choices = stream_of("choices"), left = jobs, time = 0.0](ReplayJob& job) mutable {
      if (left-- == 0) return false;
      time += exponential(arrivals, interarrival);
      const double length = exponential(lengths, runtime);
      const std::uint64_t choice = choices.next();
      job = {.submitted = SimTime{static_cast<std::int64_t>(time * 1e9)},
             .runtime = Duration{static_cast<std::int64_t>(length * 1e9)},
             .estimate = Duration{static_cast<std::int64_t>(length * 2e9)},
             .gpus = sizes[choice % 4],
             .account = static_cast<std::uint32_t>(choice / 4 % accounts)};
      return true;
    };
  }
};

/// One replay in a child: CPU time, events, and a hash of all ends.
Figures measure(Effort effort, const ReplaySetup& setup, const std::function<JobSource()>& source) {
  return isolated([&] {
    Figures best;
    for (int i = 0; i < std::min(effort.repetitions(), 3); ++i) {
      const double before = cpu_time();
      std::uint64_t hash = 0;
      const ReplayResult result =
          replay(setup, source(), [&](const JobOutcome& job, std::span<const NodePart>) {
            hash = hash * 1'099'511'628'211U + static_cast<std::uint64_t>(job.ended.ns());
          });
      const Figures once{.seconds = cpu_time() - before, .events = result.events, .hash = hash};
      best = i == 0 ? once : least(best, once);
    }
    return best;
  });
}

QueueSpec quota_of_four() {
  return QuotaSpec{.shares = {{"a", 0.25}, {"b", 0.25}, {"c", 0.25}, {"d", 0.25}}};
}

std::vector<std::string> four_accounts() {
  return {"a", "b", "c", "d"};
}

void bench_ricc(Effort effort, double calibration) {
  const RiccLike log{effort.scaled(450'000, 20'000)};
  const auto run = [&](const char* name, const QueueSpec& queue, double bar) {
    const Figures figures = measure({.quick = true},
                                    {.cluster = ReplayCluster::pool(RiccLike::processors),
                                     .queue = queue,
                                     .placement = CountPlacement{}},
                                    [&] { return log.source(); });
    print_row(fmt::format("RICC-like, {}", name), figures, calibration);
    if (!effort.quick) print_seconds(fmt::format("  seconds, {}", name), figures.seconds, bar);
  };
  run("fifo", FifoSpec{}, 0.6);
  run("easy", EasySpec{}, 3);
  run("conservative", ConservativeSpec{}, 60);
}

void bench_fcfs(Effort effort, double calibration) {
  const Poisson work{
      .jobs = effort.scaled(4'000'000, 200'000), .interarrival = 1, .runtime = 0.7 * 27'500};
  const Figures figures = measure(effort,
                                  {.cluster = {.nodes = 27'500, .gpus_per_node = 1},
                                   .queue = FifoSpec{},
                                   .placement = FirstFitPlacement{}},
                                  [&] { return work.source(); });
  print_row("FCFS, 27.5k servers, load 0.7", figures, calibration);
  print_seconds("  2 M jobs", figures.seconds / static_cast<double>(work.jobs) * 2e6, 1);
}

/// 12,500 nodes of 8 GPUs at a load of 0.9.
Poisson ladder(std::int64_t jobs) {
  return {.jobs = jobs,
          .interarrival = 1,
          .runtime = 0.9 * 100'000 / 13,
          .sizes = {4, 8, 8, 32},
          .accounts = 4};
}

void bench_ladder(Effort effort, double calibration) {
  const auto run = [&](const char* name, const QueueSpec& queue) {
    std::vector<Figures> steps;
    std::vector<std::int64_t> counts{100'000, 1'000'000, 5'000'000};
    if (effort.quick) counts = {20'000, 40'000};
    for (const std::int64_t jobs : counts) {
      steps.push_back(measure({.quick = true},
                              {.cluster = {.nodes = 12'500},
                               .queue = queue,
                               .placement = BestFitPlacement{},
                               .accounts = four_accounts()},
                              [&] { return ladder(jobs).source(); }));
      print_row(fmt::format("{} jobs on 12,500 nodes, {}", jobs, name), steps.back(), calibration);
    }
    const auto per_job = [&](std::size_t i) {
      return steps[i].seconds / static_cast<double>(counts[i]);
    };
    print_ratio("  time per job, last over first", per_job(counts.size() - 1) / per_job(0), 1.5);
    if (effort.quick) return;
    print_seconds("  5 M jobs", steps.back().seconds, 15);
    const double megabytes = steps.back().peak_rss - steps.front().peak_rss;
    print_ratio("  bytes per job above the fleet", megabytes * 1e6 / 4.9e6, 150);
  };
  run("easy", EasySpec{});
  run("quota", quota_of_four());
}

/// G6: as many jobs as wait in a burst, against the same work when nobody waits.
void bench_saturation(Effort effort, double calibration) {
  const std::int64_t jobs = effort.scaled(400'000, 40'000);
  const auto run = [&](const char* name, const QueueSpec& queue) {
    const auto at = [&](double load) {
      Poisson work = ladder(jobs);
      work.runtime *= load / 0.9;
      const Figures figures = measure(effort,
                                      {.cluster = {.nodes = 12'500},
                                       .queue = queue,
                                       .placement = BestFitPlacement{},
                                       .accounts = four_accounts()},
                                      [&] { return work.source(); });
      print_row(fmt::format("load {}, {}", load, name), figures, calibration);
      return figures;
    };
    // At a load of 1.5 a third of the jobs waits at the end: more than 100,000.
    const double free = at(0.6).ns_per_event();
    print_ratio("  G6: ns per event with 100k waiting over none", at(1.5).ns_per_event() / free, 3);
  };
  run("fifo", FifoSpec{});
  run("easy", EasySpec{});
  run("quota", quota_of_four());
}

/// The same load on a small and on a large cluster.
void bench_nodes(Effort effort, double calibration) {
  const auto at = [&](std::uint32_t nodes) {
    Poisson work{.jobs = effort.scaled(1'000'000, 50'000),
                 .interarrival = 1,
                 .runtime = 0.8 * 8 * nodes / 2.5,
                 .sizes = {1, 2, 3, 4}};
    const Figures figures = measure(
        effort, {.cluster = {.nodes = nodes}, .queue = EasySpec{}, .placement = BestFitPlacement{}},
        [&] { return work.source(); });
    print_row(fmt::format("small jobs on {} nodes, easy", nodes), figures, calibration);
    return figures.seconds;
  };
  const double small = at(1'000);
  print_ratio("  cost per job, 100,000 nodes over 1,000", at(100'000) / small, 1.5);
}

}  // namespace

void bench_jobs(Effort effort, double calibration) {
  bench_ricc(effort, calibration);
  bench_fcfs(effort, calibration);
  bench_ladder(effort, calibration);
  bench_saturation(effort, calibration);
  bench_nodes(effort, calibration);
}

}  // namespace colossim::bench
