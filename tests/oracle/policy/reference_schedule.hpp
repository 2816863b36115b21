// A brute-force scheduler to compare policies with: it looks at every job anew at every event and
// shares nothing with the simulator. Times are whole seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace colossim::reference {

/// File order is the order of the vector; `submit` never falls along it.
struct Job {
  std::int64_t submit = 0;
  std::int64_t runtime = 0;
  std::int64_t size = 1;      // at most the capacity
  std::int64_t estimate = 0;  // raised to the runtime, saves included
  int tenant = 0;
  std::int64_t priority = 0;
};

/// What a preemption costs.
struct Costs {
  std::optional<std::int64_t> checkpoint;  // progress between two saves; 0: saved continuously;
                                           // none: a preempted job begins again
  std::int64_t write = 0;    // time of a save, without progress; only with checkpoint > 0
  std::int64_t restart = 0;  // time without progress when a preempted job starts again
};

enum class Policy : std::uint8_t {
  fifo,
  first_fit,
  sjf,
  sjf_skip,
  srtf,
  easy,
  easy_sjf,
  conservative,
  priority,
  las,
  fair_share,
  quota,
  easy_machines
};

struct Setup {
  Policy policy = Policy::fifo;
  std::int64_t capacity = 0;
  Costs costs;
  std::vector<double> weights;           // fair_share: by tenant
  double half_life = 0;                  // fair_share [s]
  std::vector<std::int64_t> guaranteed;  // quota: units by tenant, at most the capacity in all
  std::vector<std::int64_t> thresholds;  // las: unit-seconds, ascending
};

struct Outcome {
  std::int64_t first_start = 0;
  std::int64_t end = 0;
  std::int64_t preemptions = 0;
  std::int64_t lost = 0;      // progress lost to preemptions [s], not times size
  std::vector<int> machines;  // easy_machines only, ascending
};

/// At an instant: all completions, all arrivals, one pass. Ties go by file order. A job that starts
/// and completes at the same instant makes a further event there.
std::vector<Outcome> schedule(const std::vector<Job>& jobs, const Setup& setup);

}  // namespace colossim::reference
