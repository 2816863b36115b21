// `largest_first`: the largest waiting job that fits.
#pragma once

#include <colossim/policy/waiting.hpp>

namespace colossim {

class LargestFirst final : public QueuePolicy {
 public:
  void join(const QueuedJob& job) override {
    waiting_.insert(entry_of(job, -job.least_gpus), job.least_gpus);
  }

  std::optional<QueueCommand> next(const QueueView& view) override {
    std::optional<StartJob> start;
    WaitingEntry chosen;
    waiting_.each_within(view.free_gpus(), [&](const auto& jobs_alike) {  // smaller sizes first
      const auto option = view.first_fit(jobs_alike.demand);
      if (!option) return;
      chosen = jobs_alike.jobs.front();
      start = StartJob{chosen.job, *option};
    });
    if (!start) return std::nullopt;
    waiting_.erase(chosen);
    return *start;
  }

  std::unique_ptr<QueuePolicy> clone() const override {
    return std::make_unique<LargestFirst>(*this);
  }

 private:
  DemandGroups<WaitingList> waiting_;
};

}  // namespace colossim
