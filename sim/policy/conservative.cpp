// Conservative backfilling.
#include <algorithm>

#include <colossim/policy/conservative.hpp>

namespace colossim {

void Conservative::join(const QueuedJob& job) {
  const Arrived arrived{job.order, job.job, kind_of(job)};
  in_order_.insert(arrived);
  groups_.insert(entry_of(arrived), job.least_gpus);
  if (job.order < planned_) holds_ = false;  // it lost its nodes
}

/// The row of the job's kind, which counts it.
std::uint32_t Conservative::kind_of(const QueuedJob& job) {
  const auto [place, fresh] = kind_rows_.try_emplace({job.demand, job.estimate.ns()});
  if (fresh) {
    if (free_kinds_.empty()) {
      place->second = static_cast<std::uint32_t>(kinds_.size());
      kinds_.emplace_back();
    } else {
      place->second = free_kinds_.back();
      free_kinds_.pop_back();
    }
    kinds_[place->second] = {.demand = job.demand, .estimate = job.estimate.ns()};
  }
  ++kinds_[place->second].waiting;
  return place->second;
}

WaitingEntry Conservative::entry_of(const Arrived& job) const {
  const Kind& kind = kinds_[job.kind];
  return {.order = job.order, .estimate = kind.estimate, .job = job.job, .demand = kind.demand};
}

void Conservative::leave(const Arrived& job) {
  in_order_.erase(job);
  groups_.erase(entry_of(job));
  Kind& kind = kinds_[job.kind];
  if (--kind.waiting > 0) return;
  kind_rows_.erase({kind.demand, kind.estimate});
  free_kinds_.push_back(job.kind);
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
  ++plan_;
  planned_ = 0;
  found_.clear();
  profiles_.resize(view.pools());
  for (std::size_t row = 0; row < view.pools(); ++row)
    profiles_[row].reset(now, view.pool(row).free, *view.pool(row).releases);
}

/// Whether a job could start now if nobody came before it. Plans only take capacity away: what
/// cannot now will not later in the pass.
bool Conservative::may_start(const QueueView& view, const WaitingEntry& job) const {
  for (const DemandOption& option : view.demand(job.demand).options) {
    const CapacityProfile& profile = profiles_[option.pool];
    const Duration length = expected_length(Duration{job.estimate}, option);
    if (profile.free_at(view.now()) >= option.units &&
        length <= profile.free_for(view.now(), option.units))
      return true;
  }
  return false;
}

/// Makes sure that `last_` might still start now, or takes the one before it that might.
void Conservative::look(const QueueView& view) {
  if (last_.order < planned_ || may_start(view, last_)) return;
  const WaitingEntry end = last_;
  last_.order = -1;
  groups_.each_within(view.free_gpus(), [&](const auto& group) {
    const std::int64_t floor = std::max(last_.order, planned_ - 1);
    if (group.jobs.back().order <= floor) return;
    for (const DemandOption& option : view.demand(group.demand).options) {
      const CapacityProfile& profile = profiles_[option.pool];
      if (profile.free_at(view.now()) < option.units) continue;
      const Duration room = profile.free_for(view.now(), option.units);
      const auto ends = [&](std::int64_t estimate) {
        return expected_length(Duration{estimate}, option) <= room;
      };
      const WaitingEntry* found = group.jobs.find_last(
          end, [&](const EstimateRange& block) { return ends(block.least); },
          [&](const WaitingEntry& job) { return job.order <= floor || ends(job.estimate); });
      if (found != nullptr && found->order > std::max(last_.order, floor)) last_ = *found;
    }
  });
}

void Conservative::plan(const QueueView& view) {
  constexpr int rows_between_looks = 8;
  last_ = entry_of(in_order_.back());
  look(view);
  Row row;
  int rows = 0;
  in_order_.each_from({.order = planned_}, [&](const Arrived& job) {
    if (row.jobs > 0 && job.kind != row.kind) {
      plan_row(view, row);
      row.jobs = 0;
      if (++rows % rows_between_looks == 0) look(view);
    }
    if (job.order > last_.order) return false;
    row = {job.kind, row.jobs + 1, job.order};
    return true;
  });
  plan_row(view, row);
}

/// As many jobs of a row as fit get the same slot at once.
void Conservative::plan_row(const QueueView& view, const Row& row) {
  for (std::int64_t left = row.jobs; left > 0 && planned_ <= last_.order;) {
    Kind& kind = kinds_[row.kind];
    const auto [option, slot] = earliest(view, kind);
    std::int64_t jobs = 1;
    if (slot.time != SimTime::never()) {
      const Kind::Way& way = kind.ways[option];
      if (kind.ways.size() == 1) jobs = std::min(left, slot.least / way.units);
      profiles_[way.pool].reserve(slot, way.length, jobs * way.units);
    }
    left -= jobs;
    if (slot.time == view.now()) {
      start_planned(jobs, option);
      look(view);
    } else if (left == 0) {
      planned_ = row.last + 1;
    }
  }
}

/// The next jobs that are not planned start now.
void Conservative::start_planned(std::int64_t jobs, std::size_t option) {
  in_order_.each_from({.order = planned_}, [&](const Arrived& job) {
    if (jobs-- == 0) return false;
    starts_.push_back({job, option});
    planned_ = job.order + 1;
    return true;
  });
}

Conservative::Choice Conservative::earliest(const QueueView& view, Kind& kind) {
  if (kind.ways.empty()) {
    for (const DemandOption& option : view.demand(kind.demand).options)
      kind.ways.push_back(
          {option.pool, option.units, expected_length(Duration{kind.estimate}, option)});
  }
  Choice best;
  for (std::size_t i = 0; i < kind.ways.size(); ++i) {
    Kind::Way& way = kind.ways[i];
    const bool known = way.plan == plan_;
    const SimTime now = view.now();
    const SimTime from = known ? std::max(way.time, now) : bound(way, now);
    const CapacityProfile::Slot slot = profiles_[way.pool].earliest(from, way.units, way.length);
    if (slot.time == SimTime::never()) continue;
    if (!known) found_.push_back(static_cast<std::uint32_t>(&kind - kinds_.data()));
    way.plan = plan_;
    way.time = slot.time;
    if (slot.time < best.slot.time) best = {i, slot};
  }
  return best;
}

/// Before this no slot is worth looking for: something that needs no more for no longer has none.
SimTime Conservative::bound(const Kind::Way& way, SimTime now) const {
  SimTime bound = now;
  for (const std::uint32_t row : found_) {
    for (const Kind::Way& other : kinds_[row].ways) {
      if (other.plan == plan_ && other.pool == way.pool && other.units <= way.units &&
          other.length <= way.length)
        bound = std::max(bound, other.time);
    }
  }
  return bound;
}

std::optional<QueueCommand> Conservative::next(const QueueView& view) {
  while (!starts_.empty()) {
    const Planned start = starts_.back();
    starts_.pop_back();
    // Units may be free on nodes that cannot hold it together.
    if (!view.fits(kinds_[start.job.kind].demand, start.option)) continue;
    leave(start.job);
    return StartJob{start.job.job, start.option};
  }
  return std::nullopt;
}

std::optional<DemandId> Conservative::foremost(const QueueView& /*view*/) const {
  return in_order_.empty() ? std::nullopt : std::optional{kinds_[in_order_.front().kind].demand};
}

std::unique_ptr<QueuePolicy> Conservative::clone() const {
  return std::make_unique<Conservative>(*this);
}

}  // namespace colossim
