// What became of jobs: waits, completion times and slowdowns, with exact quantiles.
#pragma once

#include <cstdint>
#include <deque>

#include <colossim/base/int128.hpp>
#include <colossim/base/time.hpp>

namespace colossim {

/// A finished job.
struct JobOutcome {
  std::int64_t number = 0;  // in its stream or trace, from 1
  std::uint32_t account = 0;
  std::int64_t gpus = 0;
  SimTime submitted;
  SimTime first_start;
  SimTime ended;
  Duration runtime;  // undisturbed
  Duration held;     // time on nodes, in all its runs
  std::int64_t preemptions = 0;
  Duration lost;  // work it had to do again
};

/// Mean and quantiles; quantiles interpolate linearly at p (N − 1) in ascending order.
struct Spread {
  double mean = 0;
  double median = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
};

/// Collects finished jobs: 48 bytes each.
class JobStatistics {
 public:
  void add(const JobOutcome& job);

  [[nodiscard]] std::size_t jobs() const { return rows_.size(); }
  [[nodiscard]] std::int64_t waited() const;  // jobs that waited at all

  /// Time between submission and end that a job was not on nodes [s].
  [[nodiscard]] Spread wait() const;
  /// Submission to end [s].
  [[nodiscard]] Spread completion() const;
  /// max(1, completion / max(runtime, 10 s)). [feitelson1998]
  [[nodiscard]] Spread bounded_slowdown() const;

  [[nodiscard]] std::int64_t preemptions() const { return preemptions_; }
  [[nodiscard]] Int128 lost() const { return lost_; }  // GPU·ns
  [[nodiscard]] Int128 work() const { return work_; }  // GPU·ns, size times undisturbed runtime
  /// From the first submission to the last end.
  [[nodiscard]] Duration makespan() const {
    return rows_.empty() ? Duration{} : last_ended_ - first_submitted_;
  }
  /// Only the jobs that `wanted(account, gpus)`.
  template <class Wanted>
  [[nodiscard]] JobStatistics only(const Wanted& wanted) const {
    JobStatistics subset;
    for (const Row& row : rows_) {
      if (wanted(row.account, row.gpus)) subset.count(row);
    }
    return subset;
  }
  /// Calls `use(account, gpus)` for each job.
  template <class Use>
  void each(const Use& use) const {
    for (const Row& row : rows_) use(row.account, row.gpus);
  }

 private:
  struct Row {
    Duration wait;
    Duration completion;
    Duration runtime;
    Duration lost;
    std::uint32_t account = 0;
    std::uint32_t gpus = 0;
    std::uint32_t preemptions = 0;
  };
  void count(const Row& row);
  template <class Value>
  [[nodiscard]] Spread spread(const Value& value) const;

  std::deque<Row> rows_;  // not moved when it grows
  std::int64_t preemptions_ = 0;
  Int128 lost_ = 0;
  Int128 work_ = 0;
  SimTime first_submitted_ = SimTime::never();
  SimTime last_ended_;
};

}  // namespace colossim
