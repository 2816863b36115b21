// Conservative backfilling.
#include <algorithm>

#include <colossim/policy/conservative.hpp>

namespace colossim {

void Conservative::join(const QueuedJob& job) {
  const WaitingEntry entry = entry_of(job, 0);
  in_order_.insert(entry);
  groups_.insert(entry, job.least_gpus);
  if (job.order < planned_) holds_ = false;  // it lost its nodes
}

void Conservative::stopped(JobId /*job*/, SimTime /*now*/) {
  holds_ = false;
}

void Conservative::begin(const QueueView& view) {
  starts_.clear();
  if (in_order_.empty() || view.free_gpus() == 0) return;
  renew(view);
  plan(view);
  std::reverse(starts_.begin(), starts_.end());
}

/// Begins a new plan unless the last one holds: what it expects to be free now is free.
void Conservative::renew(const QueueView& view) {
  const SimTime now = view.now();
  bool holds = holds_;
  for (std::size_t row = 0; holds && row < view.pools(); ++row)
    holds = profiles_[row].free_at(now) == view.pool(row).free;
  if (holds) return;
  holds_ = true;
  planned_ = 0;
  found_.clear();
  profiles_.resize(view.pools());
  for (std::size_t row = 0; row < view.pools(); ++row)
    profiles_[row].reset(now, view.pool(row).free, *view.pool(row).releases);
}

/// Order of the last job that might still start now: of those that fit into what is free for as
/// long as the shortest of their kind takes. −1: none.
std::int64_t Conservative::last_candidate(const QueueView& view) const {
  std::int64_t last = -1;
  groups_.each_within(view.free_gpus(), [&](const auto& group) {
    const std::int64_t order = group.jobs.back().order;
    if (order <= last || order < planned_) return;
    EstimateRange estimates;
    group.jobs.summaries([&](const EstimateRange& block) {
      estimates.least = std::min(estimates.least, block.least);
    });
    for (const DemandOption& option : view.demand(group.demand).options) {
      const CapacityProfile& profile = profiles_[option.pool];
      if (profile.free_at(view.now()) < option.units) continue;
      const Duration shortest = expected_length(Duration{estimates.least}, option);
      if (profile.earliest(view.now(), option.units, shortest).time == view.now()) last = order;
    }
  });
  return last;
}

void Conservative::plan(const QueueView& view) {
  constexpr int runs_between_looks = 8;
  last_ = last_candidate(view);
  run_.clear();
  int runs = 0;
  in_order_.each_from({.order = planned_}, [&](const WaitingEntry& job) {
    const bool alike =
        !run_.empty() && run_.front().demand == job.demand && run_.front().estimate == job.estimate;
    if (!alike && !run_.empty()) {
      plan_run(view);
      if (++runs % runs_between_looks == 0) last_ = last_candidate(view);
    }
    if (job.order > last_) return false;
    run_.push_back(job);
    return true;
  });
  plan_run(view);
}

/// Jobs that follow each other and are alike: as many as fit get the same slot at once.
void Conservative::plan_run(const QueueView& view) {
  for (std::size_t done = 0; done < run_.size() && run_[done].order <= last_;) {
    const WaitingEntry& job = run_[done];
    const auto& options = view.demand(job.demand).options;
    const Slot slot = earliest(view, job);
    std::int64_t jobs = 1;
    if (slot.time != SimTime::never()) {
      const DemandOption& option = options[slot.option];
      if (options.size() == 1)
        jobs = std::min(static_cast<std::int64_t>(run_.size() - done), slot.least / option.units);
      profiles_[option.pool].reserve(slot.time, expected_length(Duration{job.estimate}, option),
                                     jobs * option.units);
    }
    const bool now = slot.time == view.now();
    for (; jobs > 0; --jobs, ++done) {
      planned_ = run_[done].order + 1;
      if (now) starts_.push_back({run_[done], slot.option});
    }
    if (now) last_ = last_candidate(view);
  }
  run_.clear();
}

Conservative::Slot Conservative::earliest(const QueueView& view, const WaitingEntry& job) {
  Slot best;
  const auto& options = view.demand(job.demand).options;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const DemandOption& option = options[i];
    const Duration length = expected_length(Duration{job.estimate}, option);
    SimTime from = view.now();
    Found* same = nullptr;
    for (Found& found : found_) {
      if (found.pool != option.pool || found.units > option.units || found.length > length)
        continue;
      from = std::max(from, found.time);
      if (found.units == option.units && found.length == length) same = &found;
    }
    const auto [time, least] = profiles_[option.pool].earliest(from, option.units, length);
    if (time != SimTime::never()) {
      if (same == nullptr)
        same = &found_.emplace_back(Found{option.pool, option.units, length, {}});
      same->time = time;
    }
    if (time < best.time) best = {i, time, least};
  }
  return best;
}

std::optional<QueueCommand> Conservative::next(const QueueView& view) {
  while (!starts_.empty()) {
    const Planned start = starts_.back();
    starts_.pop_back();
    // Units may be free on nodes that cannot hold it together.
    if (!view.fits(start.job.demand, start.option)) continue;
    in_order_.erase(start.job);
    groups_.erase(start.job);
    return StartJob{start.job.job, start.option};
  }
  return std::nullopt;
}

std::unique_ptr<QueuePolicy> Conservative::clone() const {
  return std::make_unique<Conservative>(*this);
}

}  // namespace colossim
