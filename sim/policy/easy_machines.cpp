// Backfilling on named nodes.
#include <algorithm>

#include <colossim/policy/easy_machines.hpp>

namespace colossim {

void EasyMachines::join(const QueuedJob& job) {
  in_order_.insert(entry_of(job, 0));
}

void EasyMachines::begin(const QueueView& view) {
  machines_.clear();
  reserved_ = false;
  passed_.reset();
  if (in_order_.empty()) return;
  for (std::size_t row = 0; row < view.pools(); ++row) {
    Machines machines;
    for (const NodeView& node : view.nodes(row)) machines.push_back({node.node, node.expected});
    machines_.push_back(std::move(machines));
  }
}

std::optional<QueueCommand> EasyMachines::next(const QueueView& view) {
  std::optional<StartJob> start;
  std::optional<WaitingEntry> chosen;
  in_order_.each([&](const WaitingEntry& job) {
    if (passed_ && !(*passed_ < job)) return true;
    passed_ = job;
    const std::size_t options = view.demand(job.demand).options.size();
    for (std::size_t option = 0; option < options; ++option) {
      if (!view.fits(job.demand, option) || !take(view, job, option)) continue;
      start = StartJob{job.job, option, &nodes_};
      chosen = job;
      return false;
    }
    if (!reserved_) reserve(view, job);
    return true;
  });
  if (!start) return std::nullopt;
  in_order_.erase(*chosen);
  return *start;
}

/// Takes the lowest-numbered nodes that are free for the whole estimate.
bool EasyMachines::take(const QueueView& view, const WaitingEntry& job, std::size_t option) {
  const DemandOption& how = view.demand(job.demand).options[option];
  const SimTime end = view.now() + expected_length(Duration{job.estimate}, how);
  nodes_.clear();
  for (const Machine& machine : machines_[how.pool]) {
    if (machine.free > view.now() || machine.reserved < end) continue;
    nodes_.push_back(machine.node);
    if (nodes_.size() == static_cast<std::size_t>(how.units)) break;
  }
  if (nodes_.size() < static_cast<std::size_t>(how.units)) return false;
  auto node = nodes_.begin();
  for (Machine& machine : machines_[how.pool]) {
    if (node == nodes_.end() || machine.node != *node) continue;
    machine.free = std::max(end, view.now() + Duration{1});
    ++node;
  }
  return true;
}

/// The blocked head keeps the lowest-numbered nodes that are free at its earliest instant.
void EasyMachines::reserve(const QueueView& view, const WaitingEntry& job) {
  reserved_ = true;
  const DemandOption* best = nullptr;
  SimTime earliest = SimTime::never();
  for (const DemandOption& option : view.demand(job.demand).options) {
    std::vector<SimTime> times;
    for (const Machine& machine : machines_[option.pool]) times.push_back(machine.free);
    const auto units = static_cast<std::size_t>(option.units);
    if (times.size() < units) continue;
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(units) - 1,
                     times.end());
    if (times[units - 1] >= earliest) continue;
    earliest = times[units - 1];
    best = &option;
  }
  if (best == nullptr) return;
  std::int64_t needed = best->units;
  for (Machine& machine : machines_[best->pool]) {
    if (needed == 0) break;
    if (machine.free > earliest) continue;
    machine.reserved = earliest;
    --needed;
  }
}

std::optional<DemandId> EasyMachines::foremost(const QueueView& /*view*/) const {
  return in_order_.empty() ? std::nullopt : std::optional{in_order_.front().demand};
}

std::unique_ptr<QueuePolicy> EasyMachines::clone() const {
  return std::make_unique<EasyMachines>(*this);
}

}  // namespace colossim
