// Start, preemption and end of jobs.
#include <algorithm>
#include <cmath>
#include <utility>

#include <colossim/base/check.hpp>
#include <colossim/world/jobs.hpp>

#include "job_rows.hpp"

namespace colossim {

JobId new_row(JobTables& tables) {
  if (tables.free_rows.empty()) return tables.jobs.push_back({});
  const JobId row = tables.free_rows.back();
  tables.free_rows.pop_back();
  return row;
}

/// A job without nodes waits, in its place by arrival.
void wait(JobId id, JobTables& tables, SimTime now) {
  Job& job = tables.jobs[id];
  JobQueue& queue = tables.queues[tables.streams[job.stream].queue];
  job.state = JobState::waiting;
  job.waits_since = now;
  queue.waiting_gpus += job.gpus;
  queue.arrived = true;
  queue.scheduler.join(job.queued);
}

/// Integrals over the waiting of a queue up to now.
void meter_queue(JobQueue& queue, SimTime now) {
  const std::int64_t elapsed = (now - queue.metered).ns();
  if (elapsed == 0) return;
  queue.queue_time += static_cast<Int128>(queue.scheduler.waiting()) * elapsed;
  queue.fragmented_time += static_cast<Int128>(queue.fragmented) * elapsed;
  queue.metered = now;
}

namespace {

Claim claim_of(const JobStream& stream, const Job& job) {
  return {stream.activities[job.type], GpuState::running, NodeUse::job};
}

const Activity& activity_of(const Job& job, const JobStream& stream, const PowerTables& power) {
  return power.activities[stream.activities[job.type]];
}

/// full_speed · ns of the run's length done so far.
Int128 done_of(const Job& job, const Activity& activity, SimTime now) {
  return std::min(job.length, progress_at(activity, now) - job.progress_at_start);
}

Duration in_ns(Int128 at_full_speed) {
  return Duration{static_cast<std::int64_t>(at_full_speed / full_speed)};
}

/// Time on the first server type at the asked size, from time at a run's speed.
Duration as_asked(Duration run, double speed) {
  if (speed == 1) return run;
  return Duration{math::round_to_int(static_cast<double>(run.ns()) * speed)};
}

/// A run begins on nodes already taken. `demand`'s speed is against the asked size.
void begin_run(JobId id, const DemandOption& how, std::span<const NodePart> parts,
               JobTables& tables, Machines machines) {
  Job& job = tables.jobs[id];
  JobStream& stream = tables.streams[job.stream];
  job.state = JobState::running;
  job.speed = how.speed;
  job.held_gpus = how.gpus;
  job.started = job.audited = machines.now;
  if (job.outcome.first_start == SimTime::never()) job.outcome.first_start = machines.now;
  job.left =
      how.speed == 1 ? job.queued.runtime : to_duration(job.queued.runtime.quantity() / how.speed);
  job.left = std::max(Duration{1}, job.left);
  job.length =
      static_cast<Int128>(run_length(stream.checkpoint, job.left, job.lead).ns()) * full_speed;
  job.progress_at_start = progress_at(activity_of(job, stream, machines.power), machines.now);
  job.parts.assign(parts.begin(), parts.end());
  claim_parts(machines, claim_of(stream, job), job.parts);
  stream.started += 1;
  stream.running += 1;
  stream.waited += (machines.now - job.waits_since).ns();
  tables.running += 1;
}

void audit(Job& job, Fleet& fleet, SimTime now) {
  const std::int64_t elapsed = (now - job.audited).ns();
  for (const NodePart& part : job.parts) {
    fleet.agreements[fleet.agreement[NodeId{part.node}]].audit.used_time +=
        static_cast<Int128>(part.gpus) * elapsed;
  }
  job.audited = now;
}

/// The job holds its nodes no longer.
void vacate_nodes(JobId id, JobTables& tables, Machines machines) {
  Job& job = tables.jobs[id];
  JobStream& stream = tables.streams[job.stream];
  audit(job, machines.fleet, machines.now);
  const Duration held = machines.now - job.started;
  stream.gpu_time += static_cast<Int128>(job.held_gpus) * held.ns();
  job.outcome.held = job.outcome.held + held;
  job.queued.attained += static_cast<Int128>(job.held_gpus) * held.ns();
  tables.running -= 1;
  stream.running -= 1;
  release_parts(machines, claim_of(stream, job), job.parts);
  job.generation += 1;
  if (!is_standing(stream))
    tables.queues[stream.queue].scheduler.stopped(id, job.parts, machines.now);
  job.parts.clear();
  job.state = JobState::gone;
}

/// A job leaves its nodes, with all of its work or what it saved; its next run begins after `lead`.
void lay_down(JobId id, bool save, Duration lead, JobTables& tables, Machines machines) {
  Job& job = tables.jobs[id];
  JobStream& stream = tables.streams[job.stream];
  const Int128 done = done_of(job, activity_of(job, stream, machines.power), machines.now);
  const RunProgress run = run_progress(stream.checkpoint, in_ns(done), job.lead);
  const Duration kept = save ? run.progress : run.kept;
  // What was begun of a nanosecond and saved need not be done again.
  const Duration gone =
      save ? run_progress(stream.checkpoint, in_ns(done + full_speed - 1), job.lead).progress
           : run.kept;
  stream.useful += static_cast<Int128>(kept.ns()) * job.held_gpus;
  stream.lost += static_cast<Int128>((run.progress - kept).ns()) * job.held_gpus;
  job.outcome.lost = job.outcome.lost + as_asked(run.progress - kept, job.speed);
  vacate_nodes(id, tables, machines);
  job.lead = lead;
  const Duration left = as_asked(job.left - gone, job.speed);
  const Duration told = job.queued.estimate - as_asked(kept, job.speed);
  job.queued.runtime = std::max(Duration{1}, left);
  job.queued.estimate = std::max(run_length(stream.checkpoint, job.queued.runtime, lead), told);
}

/// A job leaves its nodes; unless it is standing work it waits again for what is left.
void evict(JobId id, bool save, JobTables& tables, Machines machines) {
  Job& job = tables.jobs[id];
  JobStream& stream = tables.streams[job.stream];
  lay_down(id, save, stream.checkpoint.restart, tables, machines);
  if (is_standing(stream)) {
    stream.held_nodes -= 1;
    stream.done += 1;
    tables.free_rows.push_back(id);
    return;
  }
  stream.evicted += 1;
  job.outcome.preemptions += 1;
  wait(id, tables, machines.now);
}

/// The queue's scheduler at work in the world.
class WorldHost final : public SchedulerHost {
 public:
  WorldHost(JobTables& tables, JobQueue& queue, Machines machines, Agenda& agenda,
            std::span<const Reservation> reservations)
      : tables_(tables),
        queue_(queue),
        machines_(machines),
        agenda_(agenda),
        reservations_(reservations) {}

  [[nodiscard]] SimTime now() const override { return machines_.now; }
  [[nodiscard]] FreeNodes& free(std::size_t pool) override {
    return machines_.fleet.pools[queue_.pools[pool]].free;
  }
  [[nodiscard]] const FreeNodes& free(std::size_t pool) const override {
    return machines_.fleet.pools[queue_.pools[pool]].free;
  }
  [[nodiscard]] std::int64_t gpus(std::size_t pool) const override {
    return machines_.fleet.pools[queue_.pools[pool]].gpus;
  }
  [[nodiscard]] std::vector<std::uint32_t> nodes(std::size_t pool) const override {
    const Fleet& fleet = machines_.fleet;
    std::vector<std::uint32_t> nodes;
    for (std::size_t row = 0; row < fleet.rack.size(); ++row) {
      const NodeId node{row};
      const NodeModelId model = fleet.racks[fleet.rack[node]].model;
      const bool offered = fleet.use[node] != NodeUse::dark &&
                           fleet.use[node] != NodeUse::transfer &&
                           !fleet.destination[node].exists();
      if (offered && pool_of(fleet, fleet.agreement[node], model) == queue_.pools[pool])
        nodes.push_back(node.row());
    }
    return nodes;
  }
  /// Services claim whole nodes: what is left of them must cover each reservation on this pool.
  [[nodiscard]] bool allows(std::size_t row, std::int64_t gpus) const override {
    if (reservations_.empty()) return true;
    const PoolId pool = queue_.pools[row];
    const auto per_node = [&](PoolId id) -> std::int64_t {
      return machines_.fleet.pools[id].free.gpus_per_node();
    };
    const std::int64_t taken = (gpus + per_node(pool) - 1) / per_node(pool) * per_node(pool);
    return std::all_of(reservations_.begin(), reservations_.end(),
                       [&](const Reservation& reservation) {
                         const auto& pools = reservation.pools;
                         if (std::find(pools.begin(), pools.end(), pool) == pools.end())
                           return true;
                         std::int64_t free = 0;
                         for (const PoolId id : pools)
                           free += machines_.fleet.pools[id].free.nodes() * per_node(id);
                         return free - taken >= reservation.missing;
                       });
  }
  [[nodiscard]] const QueuedJob& queued(JobId job) const override {
    return tables_.jobs[job].queued;
  }
  [[nodiscard]] Duration remaining(JobId id) const override {
    const Job& job = tables_.jobs[id];
    const JobStream& stream = tables_.streams[job.stream];
    const Duration done = run_progress_of(job, stream, machines_.power, machines_.now);
    return job.queued.runtime - as_asked(done, job.speed);
  }

  void start(JobId id, std::size_t option, std::span<const NodePart> parts) override {
    Job& job = tables_.jobs[id];
    const JobStream& stream = tables_.streams[job.stream];
    const DemandOption how = queue_.scheduler.demand(job.queued.demand).options[option];
    const NodeModelId model = queue_.models[how.pool];
    job.type = static_cast<std::size_t>(
        std::find(stream.models.begin(), stream.models.end(), model) - stream.models.begin());
    queue_.waiting_gpus -= job.gpus;
    begin_run(id, how, parts, tables_, machines_);
    agenda_.schedule(machines_.now + in_ns(job.length), Phase::work, JobEnded{id, job.generation});
  }
  void preempt(JobId job) override {
    tables_.streams[tables_.jobs[job].stream].preempted += 1;
    evict(job, false, tables_, machines_);
  }
  [[nodiscard]] Duration resize_cost(JobId job) const override {
    const CheckpointLaw& law = tables_.streams[tables_.jobs[job].stream].checkpoint;
    return law.write + law.restart;
  }
  void lay_down(JobId id) override {
    Job& job = tables_.jobs[id];
    tables_.streams[job.stream].resized += 1;
    colossim::lay_down(id, true, resize_cost(id), tables_, machines_);
    job.waits_since = machines_.now;
    queue_.waiting_gpus += job.gpus;
  }
  void resubmit(JobId id) override {
    queue_.waiting_gpus -= tables_.jobs[id].gpus;
    wait(id, tables_, machines_.now);
  }

 private:
  JobTables& tables_;
  JobQueue& queue_;
  Machines machines_;
  Agenda& agenda_;
  std::span<const Reservation> reservations_;
};

/// The option of its demand that a running job runs by.
std::size_t option_of(const Job& job, const JobStream& stream, const JobQueue& queue) {
  const std::vector<DemandOption>& options = queue.scheduler.demand(job.queued.demand).options;
  const auto found = std::find_if(options.begin(), options.end(), [&](const DemandOption& option) {
    return queue.models[option.pool] == stream.models[job.type] && option.gpus == job.held_gpus;
  });
  COLOSSIM_CHECK(found != options.end(), "job={} gpus={}", job.number, job.held_gpus);
  return static_cast<std::size_t>(found - options.begin());
}

}  // namespace

Duration run_progress_of(const Job& job, const JobStream& stream, const PowerTables& power,
                         SimTime at) {
  const Int128 done = done_of(job, activity_of(job, stream, power), at);
  return run_progress(stream.checkpoint, in_ns(done), job.lead).progress;
}

void handle(const JobEnded& event, JobTables& tables, Machines machines, Agenda& agenda) {
  Job& job = tables.jobs[event.job];
  if (job.state != JobState::running || job.generation != event.generation) return;  // stale
  JobStream& stream = tables.streams[job.stream];
  const Activity& activity = activity_of(job, stream, machines.power);
  const Int128 left = job.length - (progress_at(activity, machines.now) - job.progress_at_start);
  if (left > 0 && activity.speed == 0) {
    tables.stalled.push_back(event);
    return;
  }
  if (left > 0) {
    // A cap slowed it: it cannot end before what is left would take at full speed.
    const auto ns = static_cast<std::int64_t>((left + full_speed - 1) / full_speed);
    agenda.schedule(machines.now + Duration{ns}, Phase::work, event);
    return;
  }
  stream.done += 1;
  stream.useful += static_cast<Int128>(job.left.ns()) * job.held_gpus;
  if (const auto* training = std::get_if<TrainingSpec>(&stream.spec);
      training != nullptr && stream.submitted < training->runs) {
    schedule_arrival(stream, job.stream, agenda, machines.now + to_duration(training->pause));
  }
  vacate_nodes(event.job, tables, machines);
  job.outcome.ended = machines.now;
  stream.statistics.add(job.outcome);
  tables.ended.push_back({job.stream, std::move(job.id), stream.models[job.type], job.outcome});
  tables.free_rows.push_back(event.job);
}

void handle(const QueueReviewed& event, JobTables& tables) {
  JobQueue& queue = tables.queues[event.queue];
  queue.review = SimTime::never();
  queue.arrived = true;
}

void schedule_jobs(QueueId id, JobTables& tables, Machines machines, Agenda& agenda,
                   std::span<const Reservation> reservations) {
  JobQueue& queue = tables.queues[id];
  queue.arrived = false;
  meter_queue(queue, machines.now);
  WorldHost host{tables, queue, machines, agenda, reservations};
  queue.scheduler.pass(host);
  // What was preempted in this pass has been looked at.
  queue.arrived = false;
  queue.fragmented = queue.scheduler.fragmented(host);
  const SimTime review = queue.scheduler.review(machines.now);
  if (review < queue.review && review > machines.now) {
    queue.review = review;
    agenda.schedule(review, Phase::work, QueueReviewed{id});
  }
}

void adopt_policies(std::string_view name, JobTables& present, const JobTables& changed,
                    Machines machines, Agenda& agenda) {
  for (std::size_t row = 0; row < present.queues.size(); ++row) {
    const QueueId id{row};
    JobQueue& queue = present.queues[id];
    if (queue.name != name) continue;
    std::vector<JobId> waiting;
    std::vector<JobId> running;
    for (std::size_t at = 0; at < present.jobs.size(); ++at) {
      const Job& job = present.jobs[JobId{at}];
      if (job.state == JobState::gone || present.streams[job.stream].queue != id) continue;
      (job.state == JobState::waiting ? waiting : running).push_back(JobId{at});
    }
    const auto order = [&](JobId job) { return present.jobs[job].queued.order; };
    std::sort(waiting.begin(), waiting.end(),
              [&](JobId a, JobId b) { return order(a) < order(b); });
    std::sort(running.begin(), running.end(), [&](JobId a, JobId b) {
      const Job& first = present.jobs[a];
      const Job& second = present.jobs[b];
      return first.started != second.started ? first.started < second.started : order(a) < order(b);
    });
    std::vector<Scheduler::Running> runs;
    for (const JobId run : running) {
      const Job& job = present.jobs[run];
      runs.push_back(
          {run, option_of(job, present.streams[job.stream], queue), job.started, job.parts});
    }
    WorldHost host{present, queue, machines, agenda, {}};
    queue.scheduler.adopt(changed.queues[id].scheduler, waiting, runs, host);
    queue.arrived = true;
  }
}

void evict_jobs(const std::vector<NodeId>& nodes, bool save, JobTables& tables, Machines machines) {
  std::vector<std::uint8_t> leaves(machines.fleet.rack.size());
  for (const NodeId node : nodes) leaves[node.row()] = 1;
  for (std::size_t row = 0; row < tables.jobs.size(); ++row) {
    const Job& job = tables.jobs[JobId{row}];
    const bool holds = job.state == JobState::running &&
                       std::any_of(job.parts.begin(), job.parts.end(),
                                   [&](const NodePart& part) { return leaves[part.node] != 0; });
    if (!holds) continue;
    meter_queue(tables.queues[tables.streams[job.stream].queue], machines.now);
    evict(JobId{row}, save, tables, machines);
  }
}

namespace {

PoolId pool_for(const JobQueue& queue, NodeModelId model) {
  const auto found = std::find(queue.models.begin(), queue.models.end(), model);
  return queue.pools[static_cast<std::size_t>(found - queue.models.begin())];
}

/// Nodes of a standing stream's types that are free.
std::int64_t free_nodes(const JobStream& stream, const JobQueue& queue, const Fleet& fleet) {
  std::int64_t nodes = 0;
  for (const NodeModelId model : stream.models)
    nodes += fleet.pools[pool_for(queue, model)].free.nodes();
  return nodes;
}

void end_standing(JobStreamId id, JobTables& tables, Machines machines, bool all) {
  if (!all && machines.fleet.leaving == 0) return;
  const Fleet& fleet = machines.fleet;
  for (std::size_t row = 0; row < tables.jobs.size(); ++row) {
    const Job& job = tables.jobs[JobId{row}];
    if (job.state != JobState::running || job.stream != id) continue;
    const NodeId node{job.parts.front().node};
    const bool leaves = fleet.destination[node].exists() && !fleet.move[node].exists();
    if (all || leaves) evict(JobId{row}, true, tables, machines);
  }
}

constexpr Duration endless{1'000'000'000'000'000'000};  // 31 years

/// One endless job on one node.
void start_standing(JobStreamId id, std::size_t type, JobTables& tables, Machines machines) {
  JobStream& stream = tables.streams[id];
  Pool& pool = machines.fleet.pools[pool_for(tables.queues[stream.queue], stream.models[type])];
  const JobId row = new_row(tables);
  Job& job = tables.jobs[row];
  const std::uint32_t gpus = pool.free.gpus_per_node();
  job.stream = id;
  job.number = ++stream.submitted;
  job.queued.runtime = endless;
  job.gpus = gpus;
  job.submitted = job.waits_since = machines.now;
  job.type = type;
  stream.held_nodes += 1;
  std::vector<NodePart> parts;
  tables.standing->take(pool.free, gpus, parts);
  begin_run(row, {.gpus = gpus}, parts, tables, machines);
}

}  // namespace

void settle_standing(QueueId id, JobTables& tables, Machines machines) {
  for (std::size_t row = 0; row < tables.streams.size(); ++row) {
    const JobStreamId stream_id{row};
    JobStream& stream = tables.streams[stream_id];
    const auto* spec = std::get_if<StandingSpec>(&stream.spec);
    if (spec == nullptr || stream.queue != id) continue;
    const bool open = stream.from <= machines.now && machines.now < stream.until;
    end_standing(stream_id, tables, machines, !open);
    if (!open) continue;
    const JobQueue& queue = tables.queues[id];
    const std::int64_t members = stream.held_nodes + free_nodes(stream, queue, machines.fleet);
    std::int64_t more = static_cast<std::int64_t>(
                            std::floor(spec->occupancy * static_cast<double>(members) + 1e-9)) -
                        stream.held_nodes;
    for (std::size_t type = 0; type < stream.models.size(); ++type) {
      const Pool& pool = machines.fleet.pools[pool_for(queue, stream.models[type])];
      for (; more > 0 && pool.free.nodes() > 0; --more)
        start_standing(stream_id, type, tables, machines);
    }
  }
}

void wake_stalled(JobTables& tables, const PowerTables& power, Agenda& agenda) {
  const auto moves = [&](const JobEnded& event) {
    const Job& job = tables.jobs[event.job];
    return activity_of(job, tables.streams[job.stream], power).speed > 0;
  };
  for (const JobEnded& event : tables.stalled) {
    if (moves(event)) agenda.schedule(agenda.now(), Phase::work, event);
  }
  std::erase_if(tables.stalled, moves);
}

std::int64_t waiting_gpus(const JobTables& tables, PartyId party, SiteId site) {
  std::int64_t gpus = 0;
  for (const JobQueue& queue : tables.queues) {
    if (queue.tenant == party && (!site.exists() || queue.site == site)) gpus += queue.waiting_gpus;
  }
  return gpus;
}

void audit_jobs(JobTables& tables, Fleet& fleet, SimTime now) {
  for (Job& job : tables.jobs) {
    if (job.state == JobState::running) audit(job, fleet, now);
  }
  for (JobQueue& queue : tables.queues) meter_queue(queue, now);
}

}  // namespace colossim
