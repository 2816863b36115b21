// Waiting jobs as queue policies keep them: in order, and grouped by what they ask for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <colossim/base/blocked_list.hpp>
#include <colossim/policy/queue.hpp>

namespace colossim {

/// A waiting job in a list: by `key`, then by arrival.
struct WaitingEntry {
  std::int64_t key = 0;
  std::int64_t order = 0;
  std::int64_t estimate = 0;  // ns
  JobId job;
  DemandId demand;

  friend bool operator<(const WaitingEntry& a, const WaitingEntry& b) {
    return a.key != b.key ? a.key < b.key : a.order < b.order;
  }
};

/// The entry of a job under a policy's key.
inline WaitingEntry entry_of(const QueuedJob& job, std::int64_t key) {
  return {key, job.order, job.estimate.ns(), job.job, job.demand};
}

/// The estimates in a block.
struct EstimateRange {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t longest = 0;
  void add(const WaitingEntry& entry) {
    least = std::min(least, entry.estimate);
    longest = std::max(longest, entry.estimate);
  }
};

using WaitingList = BlockedList<WaitingEntry, NoSummary>;
using EstimatedList = BlockedList<WaitingEntry, EstimateRange>;

/// Waiting jobs of equal demand: whether one fits decides for all, so a pass looks at groups and
/// not at jobs.
template <class List>
class DemandGroups {
 public:
  struct Group {
    DemandId demand;
    std::int64_t least_gpus = 0;
    List jobs;
  };

  void insert(const WaitingEntry& entry, std::int64_t least_gpus) {
    const std::uint32_t row = entry.demand.row();
    if (row >= groups_.size()) groups_.resize(row + 1);
    Group& group = groups_[row];
    if (group.jobs.empty()) {
      group.demand = entry.demand;
      group.least_gpus = least_gpus;
      busy_.insert(position(row), row);
    }
    group.jobs.insert(entry);
  }

  void erase(const WaitingEntry& entry) {
    const std::uint32_t row = entry.demand.row();
    groups_[row].jobs.erase(entry);
    if (groups_[row].jobs.empty()) busy_.erase(position(row));
  }

  [[nodiscard]] bool empty() const { return busy_.empty(); }
  /// The first job of all groups. REQUIRES: not empty.
  [[nodiscard]] const WaitingEntry& front() const {
    const auto first =
        std::min_element(busy_.begin(), busy_.end(), [&](std::uint32_t a, std::uint32_t b) {
          return groups_[a].jobs.front() < groups_[b].jobs.front();
        });
    return groups_[*first].jobs.front();
  }

  /// Calls `use(group)` for the groups that wait and may need no more than `gpus`, small ones
  /// first.
  template <class Use>
  void each_within(std::int64_t gpus, const Use& use) const {
    for (const std::uint32_t row : busy_) {
      if (groups_[row].least_gpus > gpus) return;
      use(groups_[row]);
    }
  }

 private:
  [[nodiscard]] std::vector<std::uint32_t>::iterator position(std::uint32_t row) {
    return std::lower_bound(busy_.begin(), busy_.end(), row, [&](std::uint32_t a, std::uint32_t b) {
      return groups_[a].least_gpus != groups_[b].least_gpus
                 ? groups_[a].least_gpus < groups_[b].least_gpus
                 : a < b;
    });
  }

  std::vector<Group> groups_;        // by demand
  std::vector<std::uint32_t> busy_;  // rows of those that wait, by size
};

}  // namespace colossim
