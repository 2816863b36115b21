// Measuring: CPU time, the table's rows, and children whose peak memory is their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace colossim::bench {

/// How much work to do: everything five times, or once and shorter.
struct Effort {
  bool quick = false;

  [[nodiscard]] int repetitions() const { return quick ? 1 : 5; }
  [[nodiscard]] std::int64_t scaled(std::int64_t full, std::int64_t short_one) const {
    return quick ? short_one : full;
  }
};

/// What one benchmark found. Plain, as it travels from a child through a pipe.
struct Figures {
  double seconds = 0;  // least CPU time of the repetitions
  std::uint64_t events = 0;
  std::uint64_t hash = 0;  // of the result, so that a faster wrong answer is seen
  double peak_rss = 0;     // MB; filled in by `isolated`

  [[nodiscard]] double ns_per_event() const { return seconds * 1e9 / static_cast<double>(events); }
};

/// CPU time of this process [s].
double cpu_time();

/// The faster of two measurements of the same work. Leaves with 1 when their hashes differ.
Figures least(const Figures& a, const Figures& b);

/// Runs `work` in a child, so that memory of one benchmark is not counted for the next. Leaves with
/// 1 when the child fails.
Figures isolated(const std::function<Figures()>& work);

/// Runs a program with its output discarded: CPU time, wall time and peak memory.
struct ProgramRun {
  double cpu = 0;       // s
  double wall = 0;      // s
  double peak_rss = 0;  // MB
};
ProgramRun run_program(const std::vector<std::string>& arguments);
/// Calls `work(i)` in child i of so many, all at once: CPU time of all, wall time.
ProgramRun run_children(std::size_t children, const std::function<void(std::size_t)>& work);

/// The calibration loop every figure is compared with: ns per hold of a std::priority_queue at
/// 10,000 pending.
double calibrate(Effort effort);

void print_header(double calibration);
/// `calibration` in ns.
void print_row(const std::string& name, const Figures& figures, double calibration);
/// A comparison and the bar it is held to.
void print_ratio(const std::string& what, double ratio, double bar);

/// Seconds and the bar they are held to on the machine the bars were set on, where calibration
/// takes 85 ns. Here it is taken anew each time: neighbours slow a shared machine down for minutes.
void print_seconds(const std::string& what, double seconds, double bar);

/// The groups of benchmarks, each in its own file.
void bench_hold(Effort effort, double calibration);
void bench_full_lease(Effort effort, double calibration, const std::string& executable);
void bench_growth(Effort effort, double calibration);
void bench_jobs(Effort effort, double calibration);
void bench_deals(Effort effort, double calibration, const std::string& executable);
void bench_sweeps(Effort effort, const std::string& executable);

}  // namespace colossim::bench
