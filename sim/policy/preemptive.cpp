// Preemptive orders.
#include <algorithm>

#include <colossim/policy/preemptive.hpp>

namespace colossim {

std::int64_t Preemptive::level(Int128 attained) const {
  return std::upper_bound(thresholds_.begin(), thresholds_.end(), attained) - thresholds_.begin();
}

std::int64_t Preemptive::waiting_key(const QueuedJob& job) const {
  switch (key_) {
    case Key::remaining:
      return job.runtime.ns();
    case Key::priority:
      return -2 * job.priority + 1;  // behind what runs with the same priority
    case Key::attained:
      break;
  }
  return level(job.attained);
}

std::int64_t Preemptive::running_key(const RunningEntry& job, const QueueView& view) const {
  switch (key_) {
    case Key::remaining:
      return view.remaining(job.job.job).ns();
    case Key::priority:
      return -2 * job.job.priority;
    case Key::attained:
      break;
  }
  return level(job.attained(view.now()));
}

void Preemptive::join(const QueuedJob& job) {
  waiting_.insert(entry_of(job, waiting_key(job)), job.least_gpus);
}

void Preemptive::started(const QueuedJob& job, SimTime now, const DemandOption& how) {
  running_.add(job, now, how);
}

void Preemptive::stopped(JobId job, SimTime /*now*/) {
  running_.remove(job);
}

/// The greedy admission of one pass: merges the running jobs, sorted, with the heads of the groups.
class Preemptive::Admission {
 public:
  Admission(Preemptive& policy, const QueueView& view) : policy_(policy), view_(view) {
    for (std::size_t row = 0; row < view.pools(); ++row) budget_.push_back(view.pool(row).free);
    for (const RunningEntry& job : policy.running_) {
      budget_[job.how.pool] += job.how.units;
      running_.push_back({policy.running_key(job, view), job.job.order, job.job.job, job.how});
    }
    std::sort(running_.begin(), running_.end());
  }

  void run() {
    std::size_t next = 0;
    while (const auto head = best_waiting()) {
      for (; next < running_.size() && before(running_[next], *head); ++next) admit(running_[next]);
      // What runs before it may have left too little.
      const auto option = option_within(head->demand);
      if (!option) continue;
      policy_.admitted_.push_back({*head, *option});
      const DemandOption& how = view_.demand(head->demand).options[*option];
      budget_[how.pool] -= how.units;
      policy_.waiting_.erase(*head);
    }
    for (; next < running_.size(); ++next) admit(running_[next]);
  }

 private:
  static bool before(const Ranked& running, const WaitingEntry& waiting) {
    return running.key != waiting.key ? running.key < waiting.key : running.order < waiting.order;
  }

  void admit(const Ranked& job) {
    if (job.how.units <= budget_[job.how.pool]) {
      budget_[job.how.pool] -= job.how.units;
    } else {
      policy_.preempted_.push_back(job.job);
    }
  }

  [[nodiscard]] std::optional<std::size_t> option_within(DemandId demand) const {
    const auto& options = view_.demand(demand).options;
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (options[i].units <= budget_[options[i].pool]) return i;
    }
    return std::nullopt;
  }

  /// The first waiting job in order that fits into the budget.
  [[nodiscard]] std::optional<WaitingEntry> best_waiting() const {
    const WaitingEntry* best = nullptr;
    policy_.waiting_.each_within(any_size, [&](const auto& group) {
      const WaitingEntry& head = group.jobs.front();
      if (best != nullptr && !(head < *best)) return;
      if (option_within(group.demand)) best = &head;
    });
    return best == nullptr ? std::nullopt : std::optional{*best};
  }

  static constexpr std::int64_t any_size = std::numeric_limits<std::int64_t>::max();

  Preemptive& policy_;
  const QueueView& view_;
  std::vector<std::int64_t> budget_;  // by pool
  std::vector<Ranked> running_;
};

void Preemptive::begin(const QueueView& view) {
  preempted_.clear();
  admitted_.clear();
  next_preempted_ = next_admitted_ = 0;
  if (!waiting_.empty()) Admission{*this, view}.run();
}

std::optional<QueueCommand> Preemptive::next(const QueueView& view) {
  if (next_preempted_ < preempted_.size()) return PreemptJob{preempted_[next_preempted_++]};
  while (next_admitted_ < admitted_.size()) {
    const Admitted admitted = admitted_[next_admitted_++];
    if (view.fits(admitted.job.demand, admitted.option))
      return StartJob{admitted.job.job, admitted.option};
    // Enough is free, but apart: it waits on.
    waiting_.insert(admitted.job, view.demand(admitted.job.demand).least_gpus);
  }
  return std::nullopt;
}

SimTime Preemptive::review(SimTime now) const {
  SimTime first = SimTime::never();
  if (key_ != Key::attained || waiting_.empty()) return first;
  for (const RunningEntry& job : running_) {
    const Int128 attained = job.attained(now);
    const auto next = std::upper_bound(thresholds_.begin(), thresholds_.end(), attained);
    if (next == thresholds_.end()) continue;
    const Int128 left = (*next - attained + job.how.gpus - 1) / job.how.gpus;
    first = std::min(first, now + Duration{static_cast<std::int64_t>(left)});
  }
  return first;
}

std::optional<DemandId> Preemptive::foremost(const QueueView& /*view*/) const {
  return waiting_.empty() ? std::nullopt : std::optional{waiting_.front().demand};
}

std::unique_ptr<QueuePolicy> Preemptive::clone() const {
  return std::make_unique<Preemptive>(*this);
}

}  // namespace colossim
