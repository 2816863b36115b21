// A queue at work.
#include <algorithm>
#include <bit>

#include <colossim/base/check.hpp>
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
            &queue_.expected_[row].releases};
  }
  [[nodiscard]] std::vector<NodeView> nodes(std::size_t pool) const override {
    std::vector<NodeView> views;
    const Expected& expected = queue_.expected_[pool];
    const SimTime soon = now() + Duration{1};
    for (const std::uint32_t node : host_.nodes(pool)) {
      SimTime until;
      if (!host_.free(pool).is_free(node)) {
        // What others than this queue's jobs hold is not expected back; what is overdue is soon.
        const bool ours = node < expected.holders.size() && expected.holders[node] > 0;
        until = ours ? std::max(soon, expected.until[node]) : SimTime::never();
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

Scheduler::Scheduler(std::unique_ptr<QueuePolicy> policy, std::unique_ptr<Placement> placement,
                     std::vector<std::uint32_t> gpus_per_node)
    : policy_(std::move(policy)),
      placement_(std::move(placement)),
      keeps_releases_(policy_->wants_releases()),
      counts_gpus_(placement_->counts_gpus()),
      gpus_per_node_(std::move(gpus_per_node)),
      expected_(gpus_per_node_.size()) {}

DemandId Scheduler::demand(const std::vector<DemandOption>& options) {
  std::vector<std::int64_t> key;
  for (const DemandOption& option : options) {
    key.push_back(option.pool);
    key.push_back(option.gpus);
    key.push_back(std::bit_cast<std::int64_t>(option.speed));
  }
  const auto known = by_options_.find(key);
  if (known != by_options_.end()) return known->second;
  Demand demand{.options = options};
  for (DemandOption& option : demand.options) {
    const std::int64_t per_node = gpus_per_node_[option.pool];
    option.units = counts_gpus_ ? option.gpus : (option.gpus + per_node - 1) / per_node;
    if (demand.least_gpus == 0 || option.gpus < demand.least_gpus) demand.least_gpus = option.gpus;
  }
  const DemandId id = demands_.push_back(std::move(demand));
  waiting_by_demand_.push_back(0);
  by_options_.emplace(std::move(key), id);
  return id;
}

std::int64_t Scheduler::fragmented(const SchedulerHost& host) const {
  const View view{*this, host};
  if (waiting_ == 0) return 0;
  const std::int64_t free = view.free_gpus();
  if (free == 0) return 0;
  for (std::size_t row = 0; row < waiting_by_demand_.size(); ++row) {
    const bool waits = waiting_by_demand_[row] > 0 && demands_[DemandId{row}].least_gpus <= free;
    if (waits && view.first_fit(DemandId{row})) return 0;
  }
  return free;
}

void Scheduler::join(const QueuedJob& job) {
  ++waiting_;
  ++waiting_by_demand_[job.demand.row()];
  policy_->join(job);
}

void Scheduler::pass(SchedulerHost& host) {
  const View view{*this, host};
  policy_->begin(view);
  while (const auto command = policy_->next(view)) {
    if (const auto* starting = std::get_if<StartJob>(&*command)) {
      start(*starting, host);
    } else {
      host.preempt(std::get<PreemptJob>(*command).job);
    }
  }
}

void Scheduler::start(const StartJob& command, SchedulerHost& host) {
  const QueuedJob& job = host.queued(command.job);
  const DemandOption how = demands_[job.demand].options[command.option];
  FreeNodes& free = host.free(how.pool);
  parts_.clear();
  if (command.nodes != nullptr) {
    std::int64_t left = how.gpus;
    for (const std::uint32_t node : *command.nodes) {
      const auto part =
          static_cast<std::uint32_t>(std::min<std::int64_t>(left, free.gpus_per_node()));
      free.take_part(node, free.gpus_per_node(), part);
      parts_.push_back({node, part});
      left -= part;
    }
  } else {
    placement_->take(free, how.gpus, parts_);
  }
  --waiting_;
  --waiting_by_demand_[job.demand.row()];
  if (keeps_releases_) expect(command.job, how, host);
  policy_->started(job, host.now(), how);
  host.start(command.job, command.option, parts_);
}

/// Notes when what the job takes is expected back. A node that several jobs share is expected when
/// the last of them is, and that until it is empty: an upper bound.
void Scheduler::expect(JobId job, const DemandOption& how, SchedulerHost& host) {
  const SimTime end = after(host.now(), expected_length(host.queued(job).estimate, how));
  if (job.row() >= runs_.size()) runs_.resize(job.row() + 1);
  runs_[job.row()] = {how.pool, end};
  Expected& expected = expected_[how.pool];
  if (counts_gpus_) {
    expected.releases.add(end, job.row(), how.gpus);
    return;
  }
  const std::size_t nodes = host.free(how.pool).layout().rack.size();
  expected.until.resize(nodes);
  expected.holders.resize(nodes);
  for (const NodePart& part : parts_) {
    SimTime& until = expected.until[part.node];
    if (expected.holders[part.node]++ > 0) {
      if (end <= until) continue;
      expected.releases.remove(until, part.node);
    }
    until = end;
    expected.releases.add(end, part.node, 1);
  }
}

void Scheduler::stopped(JobId job, const std::vector<NodePart>& parts, SimTime now) {
  policy_->stopped(job, now);
  if (!keeps_releases_) return;
  const Run& run = runs_[job.row()];
  Expected& expected = expected_[run.pool];
  if (counts_gpus_) {
    expected.releases.remove(run.expected, job.row());
    return;
  }
  for (const NodePart& part : parts) {
    if (--expected.holders[part.node] == 0)
      expected.releases.remove(expected.until[part.node], part.node);
  }
}

}  // namespace colossim
