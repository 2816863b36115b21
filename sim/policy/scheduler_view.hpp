// What queue policies see of a scheduler and its host.
#pragma once

#include <algorithm>
#include <vector>

#include <colossim/policy/scheduler.hpp>

namespace colossim {

class Scheduler::View final : public QueueView {
 public:
  View(const Scheduler& queue, const SchedulerHost& host) : queue_(queue), host_(host) {}

  [[nodiscard]] SimTime now() const override { return host_.now(); }
  [[nodiscard]] const Demand& demand(DemandId id) const override { return queue_.demands_[id]; }
  [[nodiscard]] bool fits(DemandId id, std::size_t option) const override {
    const DemandOption& how = queue_.demands_[id].options[option];
    return queue_.placement_->fits(host_.free(how.pool), how.gpus) &&
           host_.allows(how.pool, how.gpus);
  }
  [[nodiscard]] std::int64_t free_gpus() const override {
    std::int64_t gpus = 0;
    for (std::size_t row = 0; row < pools(); ++row) gpus += host_.free(row).gpus();
    return gpus;
  }
  [[nodiscard]] std::size_t pools() const override { return queue_.expected_.size(); }
  [[nodiscard]] PoolView pool(std::size_t row) const override {
    const FreeNodes& free = host_.free(row);
    return {queue_.counts_gpus_ ? free.gpus() : free.nodes(), host_.gpus(row),
            queue_.keeps_releases_ ? &queue_.releases(row) : nullptr};
  }
  [[nodiscard]] std::vector<NodeView> nodes(std::size_t pool) const override {
    std::vector<NodeView> views;
    const Expected& expected = queue_.expected_[pool];
    const SimTime soon = now() + Duration{1};
    for (const std::uint32_t node : host_.nodes(pool)) {
      SimTime until;
      if (!host_.free(pool).is_free(node)) {
        // What others than this queue's jobs hold is not expected back; what is overdue is soon.
        const bool ours = node < expected.holdings.size() && expected.holdings[node].jobs > 0;
        until = ours ? std::max(soon, expected.holdings[node].until) : SimTime::never();
      }
      views.push_back({node, until});
    }
    return views;
  }
  [[nodiscard]] Duration remaining(JobId job) const override { return host_.remaining(job); }

 private:
  const Scheduler& queue_;
  const SchedulerHost& host_;
};

}  // namespace colossim
