// Clocks, children and the table of the benchmarks.
#include "bench.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace colossim::bench {

namespace {

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "colossim_bench: {}\n", why);
  std::exit(1);
}

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double megabytes(const rusage& usage) {
  return static_cast<double>(usage.ru_maxrss) * 1024e-6;
}

double cpu_of(const rusage& usage) {
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

/// Waits for a child that must leave with 0.
rusage reap(pid_t child) {
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child || status != 0) give_up("a child failed");
  return usage;
}

[[noreturn]] void work_in_child(const std::function<Figures()>& work, int pipe_end) {
  try {
    const Figures figures = work();
    ::_exit(::write(pipe_end, &figures, sizeof figures) == sizeof figures ? 0 : 1);
  } catch (const std::exception& error) {
    fmt::print(stderr, "colossim_bench: {}\n", error.what());
    ::_exit(1);
  }
}

[[noreturn]] void become(std::vector<std::string> arguments) {
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, STDOUT_FILENO);
  ::execv(raw.front(), raw.data());
  ::_exit(127);
}

}  // namespace

double cpu_time() {
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

Figures least(const Figures& a, const Figures& b) {
  if (a.hash != b.hash) give_up("two runs of the same work differ in their result");
  return a.seconds <= b.seconds ? a : b;
}

Figures isolated(const std::function<Figures()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) give_up("no pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) give_up("no child");
  if (child == 0) work_in_child(work, ends[1]);
  ::close(ends[1]);
  Figures figures;
  const bool whole = ::read(ends[0], &figures, sizeof figures) == sizeof figures;
  ::close(ends[0]);
  figures.peak_rss = megabytes(reap(child));
  if (!whole) give_up("a child left no figures");
  return figures;
}

ProgramRun run_program(const std::vector<std::string>& arguments) {
  std::fflush(nullptr);
  const double before = seconds_of(CLOCK_MONOTONIC);
  const pid_t child = ::fork();
  if (child < 0) give_up("no child");
  if (child == 0) become(arguments);
  const rusage usage = reap(child);
  return {cpu_of(usage), seconds_of(CLOCK_MONOTONIC) - before, megabytes(usage)};
}

ProgramRun run_children(std::size_t children, const std::function<void(std::size_t)>& work) {
  std::fflush(nullptr);
  const double before = seconds_of(CLOCK_MONOTONIC);
  std::vector<pid_t> pids;
  for (std::size_t i = 0; i < children; ++i) {
    pids.push_back(::fork());
    if (pids.back() < 0) give_up("no child");
    if (pids.back() == 0) {
      work(i);
      ::_exit(0);
    }
  }
  ProgramRun run;
  for (const pid_t pid : pids) run.cpu += cpu_of(reap(pid));
  run.wall = seconds_of(CLOCK_MONOTONIC) - before;
  return run;
}

void print_header(double calibration) {
  fmt::print("calibration: std::priority_queue, hold at 10,000 pending: {:.1f} ns\n\n",
             calibration);
  fmt::print("{:<36}{:>10}{:>12}{:>12}{:>10}{:>9}  {}\n", "benchmark", "CPU s", "events/s",
             "ns/event", "ratio", "RSS MB", "hash");
}

void print_row(const std::string& name, const Figures& figures, double calibration) {
  const double ns = figures.ns_per_event();
  fmt::print("{:<36}{:>10.4f}{:>12.0f}{:>12.1f}{:>10.2f}{:>9.1f}  {:016x}\n", name, figures.seconds,
             1e9 / ns, ns, ns / calibration, figures.peak_rss, figures.hash);
  std::fflush(stdout);
}

void print_ratio(const std::string& what, double ratio, double bar) {
  fmt::print("  {:<66}{:>6.2f}   bar {:.2f}{}\n", what, ratio, bar, ratio <= bar ? "" : "  MISSED");
  std::fflush(stdout);
}

void print_seconds(const std::string& what, double seconds, double bar) {
  constexpr double reference = 85;  // ns
  const double calibration = calibrate({.quick = true});
  print_ratio(
      fmt::format("{}: {:.2f} s at {:.0f} ns, at {:.0f} ns", what, seconds, calibration, reference),
      seconds * reference / calibration, bar);
}

}  // namespace colossim::bench
