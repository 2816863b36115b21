// Arrival of jobs: drawn, planned, or read from a trace.
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include <colossim/model/training.hpp>
#include <colossim/world/jobs.hpp>

#include "job_rows.hpp"

namespace colossim {

void schedule_arrival(const JobStream& stream, JobStreamId id, Agenda& agenda, SimTime t) {
  if (t < stream.until) agenda.schedule(t, Phase::work, JobArrived{id});
}

namespace {

Duration next_gap(JobStream& stream, const BatchSpec& spec) {
  return to_duration(Time{exponential(stream.arrivals, 1 / spec.arrivals.base())});
}

/// A job as it arrives.
struct Arrival {
  Duration runtime;  // on the first server type
  std::optional<Duration> estimate;
  std::int64_t size = 0;
  bool in_nodes = false;
  std::uint32_t account = 0;
  std::int64_t priority = 0;
  std::string gpu;  // it must have; empty: any of the stream's
  std::string id;   // in its trace
};

Arrival draw(JobStream& stream, const BatchSpec& spec) {
  const double gpus = spec.gpus.sample(stream.sizes).base();
  const Time runtime = spec.runtime.sample(stream.runtimes);
  return {.runtime = to_duration(runtime),
          .size = std::max<std::int64_t>(1, math::round_to_int(gpus)),
          .account = stream.account};
}

Arrival draw(const JobStream& stream, const TrainingSpec& spec, double bf16) {
  return {.runtime = to_duration(
              training_time(spec.parameters, spec.tokens, spec.gpus, FlopRate{bf16}, spec.mfu)),
          .size = static_cast<std::int64_t>(spec.gpus.base()),
          .account = stream.account};
}

/// Reads on to the next row of the replayed span and puts it on the agenda.
void next_row(JobStream& stream, JobStreamId id, const TraceSpec& spec, Agenda& agenda) {
  const Duration from = to_duration(spec.from);
  const Duration until = spec.until ? to_duration(*spec.until) : SimTime::never() - SimTime{};
  TraceCursor& cursor = *stream.cursor;
  do {
    if (!cursor.reader.next(cursor.row) || cursor.row.submit >= until) return;
  } while (cursor.row.submit < from);
  const std::int64_t ns = (cursor.row.submit - from).ns();
  const std::int64_t scaled =
      spec.scale_time == 1 ? ns : math::round_to_int(static_cast<double>(ns) * spec.scale_time);
  schedule_arrival(stream, id, agenda, SimTime{scaled});
}

Arrival take_row(const JobStream& stream, const TraceSpec& spec, const JobQueue& queue) {
  const TraceJob& row = stream.cursor->row;
  Arrival arrival{.runtime = row.runtime,
                  .size = row.size,
                  .in_nodes = stream.cursor->reader.columns().nodes,
                  .account = stream.account,
                  .priority = row.priority,
                  .gpu = row.gpu,
                  .id = row.id};
  if (spec.scale_size != 1)
    arrival.size = std::max<std::int64_t>(
        1, math::round_to_int(static_cast<double>(row.size) * spec.scale_size));
  if (spec.estimates == "log") arrival.estimate = row.estimate;
  if (spec.estimate_factor != 1)
    arrival.estimate =
        to_duration(spec.estimate_factor * arrival.estimate.value_or(row.runtime).quantity());
  if (!row.tenant.empty()) {
    const auto account = std::lower_bound(queue.accounts.begin(), queue.accounts.end(), row.tenant);
    arrival.account = static_cast<std::uint32_t>(account - queue.accounts.begin());
  }
  return arrival;
}

std::optional<ElasticSpec> elastic_of(const JobSpec& spec) {
  if (const auto* batch = std::get_if<BatchSpec>(&spec)) return batch->elastic;
  if (const auto* trace = std::get_if<TraceSpec>(&spec)) return trace->elastic;
  return std::nullopt;
}

/// The sizes a job may run at, greatest first: the asked one, the bounds, and halvings between.
std::vector<std::int64_t> sizes_of(std::int64_t asked, const std::optional<ElasticSpec>& elastic) {
  if (!elastic) return {asked};
  const auto scaled = [&](double factor) { return static_cast<double>(asked) * factor; };
  const auto most = static_cast<std::int64_t>(std::floor(scaled(elastic->most) + 1e-9));
  const auto least = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(scaled(elastic->least) - 1e-9)));
  std::vector<std::int64_t> sizes{asked, least};
  for (std::int64_t size = std::max(asked, most); size > least; size /= 2) sizes.push_back(size);
  std::sort(sizes.begin(), sizes.end(), std::greater<>{});
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

/// What the jobs of a stream with this size may run on.
DemandId demand_of(JobStream& stream, const Arrival& arrival, JobQueue& queue, const Fleet& fleet) {
  const auto [known, is_new] =
      stream.demands.try_emplace(std::pair{arrival.size, arrival.gpu}, DemandId{});
  if (!is_new) return known->second;
  const std::optional<ElasticSpec> elastic = elastic_of(stream.spec);
  std::vector<DemandOption> options;
  for (const std::int64_t size : sizes_of(arrival.size, elastic)) {
    const double share = static_cast<double>(size) / static_cast<double>(arrival.size);
    const double scaling = share == 1 ? 1 : math::pow(share, elastic->exponent);
    for (std::size_t type = 0; type < stream.models.size(); ++type) {
      const NodeModel& model = fleet.models[stream.models[type]];
      if (!arrival.gpu.empty() && model.gpu != arrival.gpu) continue;
      const auto pool = std::find(queue.models.begin(), queue.models.end(), stream.models[type]);
      options.push_back({.pool = static_cast<std::uint32_t>(pool - queue.models.begin()),
                         .gpus = arrival.in_nodes ? size * model.gpus : size,
                         .speed = stream.speedup[type] * scaling});
    }
  }
  known->second = queue.scheduler.demand(
      options, elastic && elastic->resize_after ? std::optional{to_duration(*elastic->resize_after)}
                                                : std::nullopt);
  return known->second;
}

/// The job joins its queue.
void submit(const Arrival& arrival, JobStreamId stream_id, JobTables& tables, Machines machines) {
  JobStream& stream = tables.streams[stream_id];
  JobQueue& queue = tables.queues[stream.queue];
  const DemandId demand = demand_of(stream, arrival, queue, machines.fleet);
  const std::int64_t gpus = arrival.in_nodes
                                ? arrival.size * machines.fleet.models[stream.models.front()].gpus
                                : arrival.size;
  const JobId id = new_row(tables);
  Job& job = tables.jobs[id];
  const Duration runtime = std::max(Duration{1}, arrival.runtime);
  const Duration length = run_length(stream.checkpoint, runtime, {});
  job.stream = stream_id;
  job.number = ++stream.submitted;
  job.queued = {.job = id,
                .account = arrival.account,
                .order = tables.arrivals++,
                .least_gpus = queue.scheduler.demand(demand).least_gpus,
                .runtime = runtime,
                .estimate = std::max(length, arrival.estimate.value_or(length)),
                .demand = demand,
                .priority = arrival.priority};
  job.id = arrival.id;
  job.gpus = static_cast<std::uint32_t>(gpus);
  job.submitted = machines.now;
  job.lead = {};
  job.outcome = {.number = job.number,
                 .account = arrival.account,
                 .gpus = gpus,
                 .submitted = machines.now,
                 .first_start = SimTime::never(),
                 .runtime = runtime};
  meter_queue(queue, machines.now);
  wait(id, tables, machines.now);
}

}  // namespace

void open_stream(JobTables& tables, JobStreamId id, Agenda& agenda, SimTime end) {
  JobStream& stream = tables.streams[id];
  stream.until = std::min(stream.until, end);
  if (const auto* batch = std::get_if<BatchSpec>(&stream.spec)) {
    schedule_arrival(stream, id, agenda, stream.from + next_gap(stream, *batch));
  } else if (const auto* trace = std::get_if<TraceSpec>(&stream.spec)) {
    stream.cursor.emplace(TraceCursor{TraceReader{trace->trace.path}, {}});
    next_row(stream, id, *trace, agenda);
  } else {
    schedule_arrival(stream, id, agenda, stream.from);
  }
  // Standing work looks again on its last day.
  if (is_standing(stream) && stream.until < end)
    agenda.schedule(stream.until, Phase::work, JobArrived{id});
}

void handle(const JobArrived& event, JobTables& tables, Machines machines, Agenda& agenda,
            double bf16_of_first) {
  JobStream& stream = tables.streams[event.stream];
  if (is_standing(stream)) {
    tables.queues[stream.queue].arrived = true;
    return;
  }
  Arrival arrival;
  if (const auto* batch = std::get_if<BatchSpec>(&stream.spec)) {
    arrival = draw(stream, *batch);
    schedule_arrival(stream, event.stream, agenda, agenda.now() + next_gap(stream, *batch));
  } else if (const auto* trace = std::get_if<TraceSpec>(&stream.spec)) {
    arrival = take_row(stream, *trace, tables.queues[stream.queue]);
    next_row(stream, event.stream, *trace, agenda);
  } else {
    arrival = draw(stream, std::get<TrainingSpec>(stream.spec), bf16_of_first);
  }
  submit(arrival, event.stream, tables, machines);
}

}  // namespace colossim
