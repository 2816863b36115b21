// Elastic jobs: running ones that shrink for others and grow into what is idle.
#include <algorithm>
#include <utility>

#include <colossim/base/check.hpp>
#include <colossim/policy/scheduler.hpp>

#include "scheduler_view.hpp"

namespace colossim {

Duration SchedulerHost::resize_cost(JobId job) const {
  COLOSSIM_CHECK(false, "job={}", job.row());
  return {};
}

void SchedulerHost::lay_down(JobId job) {
  COLOSSIM_CHECK(false, "job={}", job.row());
}

void SchedulerHost::resubmit(JobId job) {
  COLOSSIM_CHECK(false, "job={}", job.row());
}

/// Units a running job surely gives back: of a shared node, others may hold the rest.
std::int64_t Scheduler::whole_units(const DemandOption& how) const {
  return counts_gpus_ ? how.gpus : how.gpus / gpus_per_node_[how.pool];
}

/// Whether elastic jobs shrank so that the foremost waiting job has room on its least size.
bool Scheduler::make_room(const View& view, SchedulerHost& host) {
  const std::optional<DemandId> foremost = policy_->foremost(view);
  if (!foremost) return false;
  const Demand& demand = demands_[*foremost];
  return std::any_of(demand.options.begin(), demand.options.end(), [&](const DemandOption& how) {
    return how.gpus == demand.least_gpus && make_room(how, view, host);
  });
}

/// The last that started shrink first, each no further than it must; none when that is not enough.
bool Scheduler::make_room(const DemandOption& how, const View& view, SchedulerHost& host) {
  std::int64_t missing = how.units - view.pool(how.pool).free;
  if (missing <= 0) return false;  // it fits; or not together, which more would not change
  std::vector<std::pair<Elastic, std::size_t>> changes;
  const Elastic end{.since = SimTime::never()};
  for (const Elastic* run = elastic_.before(end); run != nullptr && missing > 0;
       run = elastic_.before(*run)) {
    const auto& options = demands_[run->demand].options;
    const DemandOption& present = options[run->option];
    if (present.pool != how.pool || run->settled > host.now()) continue;
    std::int64_t gain = 0;
    std::size_t smaller = run->option;
    for (std::size_t i = run->option + 1; i < options.size() && gain < missing; ++i) {
      const std::int64_t units = whole_units(present) - options[i].units;
      if (options[i].pool != how.pool || units <= gain) continue;
      gain = units;
      smaller = i;
    }
    if (gain > 0) changes.emplace_back(*run, smaller);
    missing -= gain;
  }
  if (missing > 0) return false;
  for (const auto& [run, option] : changes) resize(run, option, view, host);
  return true;
}

/// While none waits, the first that started grows first, as far as it can.
void Scheduler::grow(const View& view, SchedulerHost& host) {
  std::vector<Elastic> settled;
  elastic_.each([&](const Elastic& run) {
    if (run.settled <= host.now()) settled.push_back(run);
    return true;
  });
  for (const Elastic& run : settled) {
    if (view.free_gpus() == 0) return;
    if (const auto option = greater_size(run, view, host)) resize(run, *option, view, host);
  }
}

/// The greatest size a job could have now, if it ends sooner with it.
std::optional<std::size_t> Scheduler::greater_size(const Elastic& run, const View& view,
                                                   const SchedulerHost& host) const {
  const auto& options = demands_[run.demand].options;
  const DemandOption& present = options[run.option];
  const Duration left = host.remaining(run.job);
  for (std::size_t i = 0; i < run.option; ++i) {
    const DemandOption& how = options[i];
    const bool here = how.pool == present.pool;
    const std::int64_t own = here ? whole_units(present) : 0;
    if (how.units > view.pool(how.pool).free + own) continue;
    if (!host.allows(how.pool, here ? how.gpus - present.gpus : how.gpus)) continue;
    const Duration then = host.resize_cost(run.job) + expected_length(left, how);
    if (then < expected_length(left, present)) return i;
  }
  return std::nullopt;
}

/// To a size, or to the next smaller one that fits: not all of its nodes come back when some are to
/// leave the pool.
void Scheduler::resize(const Elastic& run, std::size_t option, const View& view,
                       SchedulerHost& host) {
  const JobId job = run.job;
  host.lay_down(job);
  const std::size_t options = demands_[run.demand].options.size();
  while (option < options && !view.fits(run.demand, option)) ++option;
  if (option == options) return host.resubmit(job);
  // As if it had waited, for no time.
  ++waiting_;
  ++waiting_by_demand_[run.demand.row()];
  start({.job = job, .option = option}, host);
}

SimTime Scheduler::review(SimTime now) const {
  SimTime first = policy_->review(now);
  elastic_.each([&](const Elastic& run) {
    const bool changes =
        waiting_ > 0 ? run.option + 1 < demands_[run.demand].options.size() : run.option > 0;
    if (changes && run.settled > now) first = std::min(first, run.settled);
    return true;
  });
  return first;
}

}  // namespace colossim
