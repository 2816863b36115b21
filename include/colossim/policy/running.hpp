// Running jobs as queue policies keep them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <colossim/base/check.hpp>
#include <colossim/policy/queue.hpp>

namespace colossim {

struct RunningEntry {
  QueuedJob job;
  SimTime since;
  DemandOption how;

  /// GPU·ns it was given so far, in all its runs.
  [[nodiscard]] Int128 attained(SimTime now) const {
    return job.attained + static_cast<Int128>(how.gpus) * (now - since).ns();
  }
};

/// The running jobs of a queue, in no order.
class RunningList {
 public:
  void add(const QueuedJob& job, SimTime now, const DemandOption& how) {
    if (job.job.row() >= slot_.size()) slot_.resize(job.job.row() + 1, none);
    slot_[job.job.row()] = static_cast<std::uint32_t>(jobs_.size());
    jobs_.push_back({job, now, how});
  }
  /// REQUIRES: it is there.
  RunningEntry remove(JobId job) {
    const std::uint32_t slot = slot_[job.row()];
    COLOSSIM_CHECK(slot < jobs_.size(), "job={}", job.row());
    const RunningEntry removed = jobs_[slot];
    jobs_[slot] = jobs_.back();
    slot_[jobs_[slot].job.job.row()] = slot;
    slot_[job.row()] = none;
    jobs_.pop_back();
    return removed;
  }
  [[nodiscard]] auto begin() const { return jobs_.begin(); }
  [[nodiscard]] auto end() const { return jobs_.end(); }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  std::vector<RunningEntry> jobs_;
  std::vector<std::uint32_t> slot_;  // by job row
};

}  // namespace colossim
