// Arrival, start and end of jobs.
#include <algorithm>
#include <cmath>
#include <utility>

#include <colossim/base/check.hpp>
#include <colossim/model/training.hpp>
#include <colossim/world/jobs.hpp>

namespace colossim {

namespace {

/// How a size in GPUs falls onto nodes of one type.
struct Shape {
  std::int64_t whole = 0;
  std::uint32_t shared = 0;
};

Shape shape_on(const Fleet& fleet, NodeModelId model, std::uint32_t gpus) {
  const auto per_node = static_cast<std::uint32_t>(fleet.models[model].gpus);
  return {gpus / per_node, gpus % per_node};
}

/// What a queue policy may ask about one queue.
class WorldQueueView final : public QueueView {
 public:
  WorldQueueView(const JobTables& tables, const JobQueue& queue, const Fleet& fleet,
                 std::span<const Reservation> reservations)
      : tables_(tables), queue_(queue), fleet_(fleet), reservations_(reservations) {}

  [[nodiscard]] std::size_t waiting() const override { return queue_.waiting.size(); }
  [[nodiscard]] bool fits(std::size_t position) const override {
    return choice(position).has_value();
  }

  /// The first of the stream's server types that holds the whole job.
  [[nodiscard]] std::optional<std::size_t> choice(std::size_t position) const {
    const WaitingJob& job = queue_.waiting[position];
    const JobStream& stream = tables_.streams[job.stream];
    for (std::size_t i = 0; i < stream.models.size(); ++i) {
      const PoolId pool = queue_.pools[stream.models[i].row()];
      const Shape shape = shape_on(fleet_, stream.models[i], job.gpus);
      if (colossim::fits(fleet_, pool, shape.whole, shape.shared) && leaves_reserved(pool, shape))
        return i;
    }
    return std::nullopt;
  }

 private:
  /// Services claim whole nodes: what is left of them must cover each reservation on this pool.
  [[nodiscard]] bool leaves_reserved(PoolId pool, const Shape& shape) const {
    const auto gpus = [&](PoolId id) { return fleet_.models[fleet_.pools[id].model].gpus; };
    const std::int64_t taken = (shape.whole + (shape.shared > 0 ? 1 : 0)) * gpus(pool);
    return std::all_of(reservations_.begin(), reservations_.end(),
                       [&](const Reservation& reservation) {
                         const auto& pools = reservation.pools;
                         if (std::find(pools.begin(), pools.end(), pool) == pools.end())
                           return true;
                         std::int64_t free = 0;
                         for (const PoolId id : pools)
                           free += fleet_.pools[id].free.nodes() * gpus(id);
                         return free - taken >= reservation.missing;
                       });
  }

  const JobTables& tables_;
  const JobQueue& queue_;
  const Fleet& fleet_;
  std::span<const Reservation> reservations_;
};

JobId new_row(JobTables& tables) {
  if (tables.free_rows.empty()) return tables.jobs.push_back({});
  const JobId row = tables.free_rows.back();
  tables.free_rows.pop_back();
  return row;
}

Claim claim_of(const JobStream& stream, const RunningJob& job, NodeUse use) {
  return {stream.activities[job.choice], GpuState::running, use};
}

void start(WaitingJob waiting, std::size_t choice, JobTables& tables, Machines machines,
           Agenda& agenda) {
  JobStream& stream = tables.streams[waiting.stream];
  const JobId id = new_row(tables);
  RunningJob& job = tables.jobs[id];
  job.waiting = waiting;
  job.choice = choice;
  job.active = true;
  job.started = job.audited = machines.now;
  const bool ends = !std::holds_alternative<StandingSpec>(stream.spec);
  const Duration work =
      ends ? to_duration(waiting.work.quantity() / stream.speedup[choice]) : waiting.work;
  job.work = static_cast<Int128>(std::max<std::int64_t>(1, work.ns())) * full_speed;
  job.progress_at_start =
      progress_at(machines.power.activities[stream.activities[choice]], machines.now);
  const PoolId pool = tables.queues[stream.queue].pools[stream.models[choice].row()];
  const Shape shape = shape_on(machines.fleet, stream.models[choice], waiting.gpus);
  claim_nodes(machines, {pool, *tables.placement}, shape.whole, claim_of(stream, job, NodeUse::job),
              job.nodes);
  job.shared_gpus = shape.shared;
  if (shape.shared > 0)
    job.shared_node =
        claim_shared(machines, pool, claim_of(stream, job, NodeUse::shared), shape.shared);
  stream.started += 1;
  stream.waited += (machines.now - waiting.queued).ns();
  tables.running += 1;
  if (ends)
    agenda.schedule(machines.now + Duration{static_cast<std::int64_t>(job.work / full_speed)},
                    Phase::work, JobEnded{id, job.generation});
}

void audit(RunningJob& job, Fleet& fleet, SimTime now) {
  const std::int64_t elapsed = (now - job.audited).ns();
  for (const NodeId node : job.nodes) {
    fleet.agreements[fleet.agreement[node]].audit.used_time +=
        static_cast<Int128>(gpus_per_node(fleet, node)) * elapsed;
  }
  if (job.shared_gpus > 0) {
    fleet.agreements[fleet.agreement[job.shared_node]].audit.used_time +=
        static_cast<Int128>(job.shared_gpus) * elapsed;
  }
  job.audited = now;
}

/// The job holds its nodes no longer; its row is free.
void vacate_nodes(JobId id, JobTables& tables, Machines machines) {
  RunningJob& job = tables.jobs[id];
  JobStream& stream = tables.streams[job.waiting.stream];
  audit(job, machines.fleet, machines.now);
  stream.gpu_time += static_cast<Int128>(job.waiting.gpus) * (machines.now - job.started).ns();
  tables.running -= 1;
  release_nodes(machines, claim_of(stream, job, NodeUse::job), job.nodes.data(),
                job.nodes.data() + job.nodes.size());
  if (job.shared_gpus > 0)
    release_shared(machines, claim_of(stream, job, NodeUse::shared), job.shared_node,
                   job.shared_gpus);
  job.active = false;
  job.generation += 1;
  job.nodes.clear();
  job.shared_node = NodeId{};
  job.shared_gpus = 0;
  tables.free_rows.push_back(id);
}

/// Progress that survives an eviction [full_speed · ns].
Int128 kept_progress(const JobStream& stream, Int128 progress, bool save) {
  if (save) return progress;
  const std::optional<Time> every =
      std::visit([](const auto& spec) { return spec.checkpoint; }, stream.spec);
  if (!every) return 0;
  const Int128 interval = static_cast<Int128>(to_duration(*every).ns()) * full_speed;
  return progress / interval * interval;
}

/// A job leaves its nodes; unless it is standing work it waits again for what is left.
std::optional<WaitingJob> evict(JobId id, bool save, JobTables& tables, Machines machines) {
  RunningJob& job = tables.jobs[id];
  JobStream& stream = tables.streams[job.waiting.stream];
  const Activity& activity = machines.power.activities[stream.activities[job.choice]];
  const Int128 progress =
      std::min(job.work, progress_at(activity, machines.now) - job.progress_at_start);
  const Int128 kept = kept_progress(stream, progress, save);
  stream.useful += kept / full_speed * job.waiting.gpus;
  stream.lost += (progress - kept) / full_speed * job.waiting.gpus;
  WaitingJob again = job.waiting;
  const auto left = static_cast<double>(to_double((job.work - kept) / full_speed));
  again.work =
      Duration{std::max<std::int64_t>(1, math::round_to_int(left * stream.speedup[job.choice]))};
  again.queued = machines.now;
  vacate_nodes(id, tables, machines);
  if (std::holds_alternative<StandingSpec>(stream.spec)) {
    stream.held_nodes -= 1;
    stream.done += 1;
    return std::nullopt;
  }
  stream.evicted += 1;
  return again;
}

void schedule_arrival(JobStream& stream, JobStreamId id, Agenda& agenda, SimTime t) {
  if (t < stream.until) agenda.schedule(t, Phase::work, JobArrived{id});
}

Duration next_gap(JobStream& stream, const BatchSpec& spec) {
  return to_duration(Time{exponential(stream.arrivals, 1 / spec.arrivals.base())});
}

WaitingJob draw(JobStream& stream, const BatchSpec& spec) {
  const double gpus = spec.gpus.sample(stream.sizes).base();
  const Time runtime = spec.runtime.sample(stream.runtimes);
  return {.work = to_duration(runtime),
          .gpus = static_cast<std::uint32_t>(std::max<std::int64_t>(1, math::round_to_int(gpus)))};
}

WaitingJob draw(const TrainingSpec& spec, double bf16) {
  const FlopRate rate{bf16};
  return {
      .work = to_duration(training_time(spec.parameters, spec.tokens, spec.gpus, rate, spec.mfu)),
      .gpus = static_cast<std::uint32_t>(spec.gpus.base())};
}

}  // namespace

void open_stream(JobStream& stream, JobStreamId id, Agenda& agenda, SimTime end) {
  stream.until = std::min(stream.until, end);
  if (const auto* batch = std::get_if<BatchSpec>(&stream.spec)) {
    schedule_arrival(stream, id, agenda, stream.from + next_gap(stream, *batch));
  } else {
    schedule_arrival(stream, id, agenda, stream.from);
  }
  // Standing work looks again on its last day.
  if (std::holds_alternative<StandingSpec>(stream.spec) && stream.until < end)
    agenda.schedule(stream.until, Phase::work, JobArrived{id});
}

void handle(const JobArrived& event, JobTables& tables, Agenda& agenda, double bf16_of_first) {
  JobStream& stream = tables.streams[event.stream];
  WaitingJob job;
  if (std::holds_alternative<StandingSpec>(stream.spec)) {
    tables.queues[stream.queue].arrived = true;
    return;
  }
  if (const auto* batch = std::get_if<BatchSpec>(&stream.spec)) {
    job = draw(stream, *batch);
    schedule_arrival(stream, event.stream, agenda, agenda.now() + next_gap(stream, *batch));
  } else {
    job = draw(std::get<TrainingSpec>(stream.spec), bf16_of_first);
  }
  job.number = ++stream.submitted;
  job.stream = event.stream;
  job.submitted = job.queued = agenda.now();
  JobQueue& queue = tables.queues[stream.queue];
  queue.waiting.push_back(job);
  queue.arrived = true;
}

void handle(const JobEnded& event, JobTables& tables, Machines machines, Agenda& agenda) {
  RunningJob& job = tables.jobs[event.job];
  if (!job.active || job.generation != event.generation) return;  // stale
  JobStream& stream = tables.streams[job.waiting.stream];
  const Activity& activity = machines.power.activities[stream.activities[job.choice]];
  const Int128 left = job.work - (progress_at(activity, machines.now) - job.progress_at_start);
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
  stream.useful += job.work / full_speed * job.waiting.gpus;
  tables.ended.push_back({job.waiting.number, job.waiting.stream, stream.models[job.choice],
                          job.waiting.gpus, job.waiting.submitted, job.started, machines.now});
  if (const auto* training = std::get_if<TrainingSpec>(&stream.spec);
      training != nullptr && stream.submitted < training->runs) {
    schedule_arrival(stream, job.waiting.stream, agenda,
                     machines.now + to_duration(training->pause));
  }
  vacate_nodes(event.job, tables, machines);
}

void schedule_jobs(QueueId id, JobTables& tables, Machines machines, Agenda& agenda,
                   std::span<const Reservation> reservations) {
  JobQueue& queue = tables.queues[id];
  queue.arrived = false;
  const WorldQueueView view{tables, queue, machines.fleet, reservations};
  while (const auto command = tables.queue_policy->decide(view)) {
    const auto choice = view.choice(command->position);
    COLOSSIM_CHECK(choice.has_value(), "position={}", command->position);
    const auto job = queue.waiting.begin() + static_cast<std::ptrdiff_t>(command->position);
    const WaitingJob waiting = *job;
    queue.waiting.erase(job);
    start(waiting, *choice, tables, machines, agenda);
  }
}

void evict_jobs(const std::vector<NodeId>& nodes, bool save, JobTables& tables, Machines machines) {
  std::vector<std::uint8_t> leaves(machines.fleet.rack.size());
  for (const NodeId node : nodes) leaves[node.row()] = 1;
  const auto holds = [&](const RunningJob& job) {
    if (!job.active) return false;
    if (job.shared_gpus > 0 && leaves[job.shared_node.row()] != 0) return true;
    return std::any_of(job.nodes.begin(), job.nodes.end(),
                       [&](NodeId node) { return leaves[node.row()] != 0; });
  };
  std::vector<WaitingJob> again;
  for (std::size_t row = 0; row < tables.jobs.size(); ++row) {
    if (!holds(tables.jobs[JobId{row}])) continue;
    if (const auto job = evict(JobId{row}, save, tables, machines)) again.push_back(*job);
  }
  // They came before anything that waits.
  std::sort(again.begin(), again.end(), [](const WaitingJob& a, const WaitingJob& b) {
    return std::pair{a.submitted, a.number} > std::pair{b.submitted, b.number};
  });
  for (const WaitingJob& job : again) {
    JobQueue& queue = tables.queues[tables.streams[job.stream].queue];
    queue.waiting.push_front(job);
    queue.arrived = true;
  }
}

namespace {

/// Nodes of a standing stream's types that are free, by type.
std::int64_t free_nodes(const JobStream& stream, const JobQueue& queue, const Fleet& fleet) {
  std::int64_t nodes = 0;
  for (const NodeModelId model : stream.models)
    nodes += fleet.pools[queue.pools[model.row()]].free.nodes();
  return nodes;
}

void end_standing(JobStreamId id, JobTables& tables, Machines machines, bool all) {
  if (!all && machines.fleet.leaving == 0) return;
  const Fleet& fleet = machines.fleet;
  for (std::size_t row = 0; row < tables.jobs.size(); ++row) {
    const RunningJob& job = tables.jobs[JobId{row}];
    if (!job.active || job.waiting.stream != id) continue;
    const NodeId node = job.nodes.front();
    const bool leaves = fleet.destination[node].exists() && !fleet.move[node].exists();
    if (all || leaves) evict(JobId{row}, true, tables, machines);
  }
}

constexpr Duration endless{1'000'000'000'000'000'000};  // 31 years

}  // namespace

void settle_standing(QueueId id, JobTables& tables, Machines machines, Agenda& agenda) {
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
    for (std::size_t choice = 0; choice < stream.models.size(); ++choice) {
      const Pool& pool = machines.fleet.pools[queue.pools[stream.models[choice].row()]];
      for (; more > 0 && pool.free.nodes() > 0; --more) {
        WaitingJob job{
            .number = ++stream.submitted,
            .stream = stream_id,
            .submitted = machines.now,
            .queued = machines.now,
            .work = endless,
            .gpus = static_cast<std::uint32_t>(machines.fleet.models[stream.models[choice]].gpus)};
        stream.held_nodes += 1;
        start(job, choice, tables, machines, agenda);
      }
    }
  }
}

void wake_stalled(JobTables& tables, const PowerTables& power, Agenda& agenda) {
  const auto moves = [&](const JobEnded& event) {
    const RunningJob& job = tables.jobs[event.job];
    return power.activities[tables.streams[job.waiting.stream].activities[job.choice]].speed > 0;
  };
  for (const JobEnded& event : tables.stalled) {
    if (moves(event)) agenda.schedule(agenda.now(), Phase::work, event);
  }
  std::erase_if(tables.stalled, moves);
}

std::int64_t waiting_gpus(const JobTables& tables, PartyId party, SiteId site) {
  std::int64_t gpus = 0;
  for (const JobQueue& queue : tables.queues) {
    if (queue.tenant != party || (site.exists() && queue.site != site)) continue;
    for (const WaitingJob& job : queue.waiting) gpus += job.gpus;
  }
  return gpus;
}

void audit_jobs(JobTables& tables, Fleet& fleet, SimTime now) {
  for (RunningJob& job : tables.jobs) {
    if (job.active) audit(job, fleet, now);
  }
}

}  // namespace colossim
