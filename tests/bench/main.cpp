// colossim_bench [EXECUTABLE] [--quick] [--sweeps]: prints figures, judges nothing but that results
// agree.
#include <cstdio>
#include <string>

#include "bench.hpp"

int main(int argc, char** argv) {
  using namespace colossim::bench;
  Effort effort;
  std::string executable;
  bool only_sweeps = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--quick") {
      effort.quick = true;
    } else if (argument == "--sweeps") {
      only_sweeps = true;
    } else if (!argument.starts_with("-") && executable.empty()) {
      executable = argument;
    } else {
      std::fputs("usage: colossim_bench [EXECUTABLE] [--quick] [--sweeps]\n", stderr);
      return 2;
    }
  }
  if (only_sweeps) {
    bench_sweeps(effort, executable);
    return 0;
  }
  const double calibration = calibrate(effort);
  print_header(calibration);
  bench_hold(effort, calibration);
  bench_full_lease(effort, calibration, executable);
  bench_growth(effort, calibration);
  bench_jobs(effort, calibration);
  bench_deals(effort, calibration, executable);
  bench_sweeps(effort, executable);
  return 0;
}
