// A queue at work.
#include <algorithm>
#include <bit>

#include <colossim/base/check.hpp>
#include <colossim/policy/scheduler.hpp>

#include "scheduler_view.hpp"

namespace colossim {

Scheduler::Scheduler(std::unique_ptr<QueuePolicy> policy, std::unique_ptr<Placement> placement,
                     std::vector<std::uint32_t> gpus_per_node)
    : policy_(std::move(policy)),
      placement_(std::move(placement)),
      keeps_releases_(policy_->wants_releases()),
      counts_gpus_(placement_->counts_gpus()),
      gpus_per_node_(std::move(gpus_per_node)),
      expected_(gpus_per_node_.size()) {}

DemandId Scheduler::demand(const std::vector<DemandOption>& options,
                           std::optional<Duration> resize_after) {
  std::vector<std::int64_t> key{resize_after ? resize_after->ns() : -1};
  for (const DemandOption& option : options) {
    key.push_back(option.pool);
    key.push_back(option.gpus);
    key.push_back(std::bit_cast<std::int64_t>(option.speed));
  }
  const auto known = by_options_.find(key);
  if (known != by_options_.end()) return known->second;
  Demand demand{.options = options, .resize_after = resize_after};
  for (DemandOption& option : demand.options) {
    option.units = units_of(option);
    if (demand.least_gpus == 0 || option.gpus < demand.least_gpus) demand.least_gpus = option.gpus;
  }
  const DemandId id = demands_.push_back(std::move(demand));
  waiting_by_demand_.push_back(0);
  by_options_.emplace(std::move(key), id);
  return id;
}

std::int64_t Scheduler::units_of(const DemandOption& option) const {
  const std::int64_t per_node = gpus_per_node_[option.pool];
  return counts_gpus_ ? option.gpus : (option.gpus + per_node - 1) / per_node;
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
  for (bool made_room = true; made_room;) {
    made_room = waiting_ > 0 && !elastic_.empty() && make_room(view, host);
    command(view, host);
  }
  if (waiting_ == 0 && !elastic_.empty()) grow(view, host);
}

/// Carries out what the policy wants.
void Scheduler::command(const View& view, SchedulerHost& host) {
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
  if (keeps_releases_) expect(command.job, how, host.now(), parts_, host);
  policy_->started(job, host.now(), how);
  if (const auto& resize_after = demands_[job.demand].resize_after) {
    const SimTime now = host.now();
    const Elastic run{now,        job.order,      command.job,
                      job.demand, command.option, after(now, *resize_after)};
    elastic_.insert(run);
    elastic_by_job_.emplace(command.job, run);
  }
  host.start(command.job, command.option, parts_);
}

/// Notes when what the job takes is expected back. A node that several jobs share is expected when
/// the last of them is, and that until it is empty: an upper bound.
void Scheduler::expect(JobId job, const DemandOption& how, SimTime since,
                       std::span<const NodePart> parts, SchedulerHost& host) {
  const SimTime end = after(since, expected_length(host.queued(job).estimate, how));
  if (counts_gpus_ || expected_.size() > 1) {
    if (job.row() >= runs_.size()) runs_.resize(job.row() + 1);
    runs_[job.row()] = {how.pool, end};
  }
  Expected& expected = expected_[how.pool];
  if (counts_gpus_) {
    expected.releases.add(end, job.row(), how.gpus);
    return;
  }
  expected.holdings.resize(host.free(how.pool).layout().rack.size());
  const bool tracked = tracks(expected);
  for (const NodePart& part : parts) {
    Holding& holding = expected.holdings[part.node];
    const bool shared = holding.jobs++ > 0;
    if (shared && end <= holding.until) continue;
    if (shared && tracked) expected.releases.remove(holding.until, part.node);
    holding.until = end;
    if (tracked) expected.releases.add(end, part.node, 1);
  }
}

/// Whether a change has to be noted in the releases of nodes; forgets them when nobody has asked
/// for as many changes as they can be.
bool Scheduler::tracks(Expected& expected) const {
  if (!expected.watched || ++expected.unasked <= expected.holdings.size()) return expected.watched;
  expected.releases = {};
  expected.watched = false;
  return false;
}

const ReleaseProfile& Scheduler::releases(std::size_t pool) const {
  Expected& expected = expected_[pool];
  expected.unasked = 0;
  if (expected.watched || counts_gpus_) return expected.releases;
  expected.watched = true;
  std::vector<std::pair<SimTime, std::uint32_t>> held;
  for (std::uint32_t node = 0; node < expected.holdings.size(); ++node) {
    const Holding& holding = expected.holdings[node];
    if (holding.jobs > 0) held.emplace_back(holding.until, node);
  }
  std::sort(held.begin(), held.end());  // what is appended is quick
  for (const auto& [until, node] : held) expected.releases.add(until, node, 1);
  return expected.releases;
}

void Scheduler::adopt(const Scheduler& other, std::span<const JobId> waiting,
                      std::span<const Running> running, SchedulerHost& host) {
  policy_ = other.policy_;
  placement_ = other.placement_;
  keeps_releases_ = other.keeps_releases_;
  counts_gpus_ = other.counts_gpus_;
  for (Demand& demand : demands_) {
    for (DemandOption& option : demand.options) option.units = units_of(option);
  }
  expected_.assign(expected_.size(), Expected{});
  for (const JobId job : waiting) policy_->join(host.queued(job));
  for (const Running& run : running) {
    const QueuedJob& job = host.queued(run.job);
    const DemandOption& how = demands_[job.demand].options[run.option];
    if (keeps_releases_) expect(run.job, how, run.since, run.parts, host);
    policy_->started(job, run.since, how);
  }
}

void Scheduler::stopped(JobId job, std::span<const NodePart> parts, SimTime now) {
  policy_->stopped(job, now);
  if (const auto elastic = elastic_by_job_.find(job); elastic != elastic_by_job_.end()) {
    elastic_.erase(elastic->second);
    elastic_by_job_.erase(elastic);
  }
  if (!keeps_releases_) return;
  // Most queues have one pool, and a look at the run is a cache miss.
  Expected& expected = expected_[expected_.size() == 1 ? 0 : runs_[job.row()].pool];
  if (counts_gpus_) {
    expected.releases.remove(runs_[job.row()].expected, job.row());
    return;
  }
  const bool tracked = tracks(expected);
  for (const NodePart& part : parts) {
    Holding& holding = expected.holdings[part.node];
    if (--holding.jobs == 0 && tracked) expected.releases.remove(holding.until, part.node);
  }
}

}  // namespace colossim
