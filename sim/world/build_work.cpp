// Job streams, services and the recorded series.
#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/base/math.hpp>

#include "build.hpp"

namespace colossim {

namespace {

/// Server types of a site that carry a GPU type, in the order of the site's table.
std::vector<NodeModelId> models_with(const BuildContext& context, SiteId site,
                                     const std::string& gpu) {
  std::vector<NodeModelId> models;
  for (const NodeModelId model : context.models[site.row()]) {
    if (context.world.fleet.models[model].gpu == gpu) models.push_back(model);
  }
  return models;
}

/// Who shares a queue: the tenants its traces name, and the streams that name none.
std::vector<std::string> accounts_of(const Scenario& scenario, const Ref& site, const Ref& tenant) {
  std::set<std::string> names;
  for (const auto& [name, job] : scenario.jobs) {
    std::visit(
        [&, &stream = name](const auto& spec) {
          if (spec.site != site || spec.tenant != tenant) return;
          if constexpr (requires { spec.accounts; }) {
            names.insert(spec.accounts.begin(), spec.accounts.end());
          }
          names.insert(stream);
        },
        job);
  }
  return {names.begin(), names.end()};
}

JobQueue make_queue(const BuildContext& context, SiteId site, PartyId tenant,
                    const JobSpec& first) {
  const auto [site_ref, tenant_ref] = std::visit(
      [](const auto& spec) {
        return std::pair{spec.site, spec.tenant};
      },
      first);
  const Fleet& fleet = context.world.fleet;
  PoolSpec spec;
  std::string described;
  for (const auto& [name, pool] : context.scenario.pools) {
    if (pool.site != site_ref || pool.tenant != tenant_ref) continue;
    spec = pool;
    described = name;
  }
  std::vector<PoolId> pools;
  std::vector<NodeModelId> models;
  std::vector<std::uint32_t> gpus_per_node;
  for (const PoolId pool : context.pools.at({site.row(), tenant.row()})) {
    if (!pool.exists()) continue;
    pools.push_back(pool);
    models.push_back(fleet.pools[pool].model);
    gpus_per_node.push_back(fleet.pools[pool].free.gpus_per_node());
  }
  const std::string path = "pools." + described;
  JobQueue queue{.name = described,
                 .site = site,
                 .tenant = tenant,
                 .pools = std::move(pools),
                 .models = std::move(models),
                 .accounts = accounts_of(context.scenario, site_ref, tenant_ref),
                 .scheduler = Scheduler{
                     make_queue_policy(spec.queue),
                     make_placement(spec.placement, Stream{context.stream(path, "placement")}),
                     std::move(gpus_per_node)}};
  queue.scheduler.set_accounts(queue.accounts);
  return queue;
}

QueueId queue_of(BuildContext& context, SiteId site, PartyId tenant, const JobSpec& spec) {
  JobTables& jobs = context.world.jobs;
  for (std::size_t row = 0; row < jobs.queues.size(); ++row) {
    const JobQueue& queue = jobs.queues[QueueId{row}];
    if (queue.site == site && queue.tenant == tenant) return QueueId{row};
  }
  return jobs.queues.push_back(make_queue(context, site, tenant, spec));
}

template <class Spec>
CheckpointLaw checkpoint_of(const Spec& spec) {
  CheckpointLaw law;
  if (spec.checkpoint) law.every = to_duration(*spec.checkpoint);
  if constexpr (requires { spec.restart; }) {
    law.write = to_duration(spec.checkpoint_write);
    law.restart = to_duration(spec.restart);
  }
  return law;
}

template <class Spec>
void add_stream(BuildContext& context, const std::string& name, const Spec& spec) {
  World& world = context.world;
  const SiteId site = context.sites.at(spec.site.name);
  JobStream stream;
  stream.name = name;
  stream.spec = spec;
  stream.queue = queue_of(context, site, context.parties.at(spec.tenant.name), spec);
  const std::vector<std::string>& accounts = world.jobs.queues[stream.queue].accounts;
  stream.account = static_cast<std::uint32_t>(
      std::lower_bound(accounts.begin(), accounts.end(), name) - accounts.begin());
  stream.checkpoint = checkpoint_of(spec);
  stream.until = world.end;
  if constexpr (!std::is_same_v<Spec, TraceSpec>) {  // a trace has a time of its own
    stream.from = std::max(SimTime{}, context.at(site, spec.from, SimTime{}));
    stream.until = context.at(site, spec.until, world.end);
  }
  if constexpr (std::is_same_v<Spec, BatchSpec>) {
    const std::string draws = "jobs." + spec.draws_as.value_or(name);
    stream.arrivals = Stream{context.stream(draws, "arrivals")};
    stream.sizes = Stream{context.stream(draws, "gpus")};
    stream.runtimes = Stream{context.stream(draws, "runtime")};
  }
  for (const Ref& gpu : spec.on) {
    for (const NodeModelId id : models_with(context, site, gpu.name)) {
      const NodeModel& model = world.fleet.models[id];
      const NodePower node = node_power_of(context.scenario, model.name);
      stream.models.push_back(id);
      stream.speedup.push_back(model.bf16 / world.fleet.models[stream.models.front()].bf16);
      stream.activities.push_back(add_activity(
          context,
          {.name = name + " on " + model.name,
           .site = site,
           .model = id,
           .tenant = context.parties.at(spec.tenant.name),
           .uncapped_uw = above_idle_uw(node, spec.activity, context.overhead[site.row()]),
           .die_power = (node.gpu_idle + spec.activity * (node.gpu_tdp - node.gpu_idle)).base(),
           .clock_insensitive = spec.clock_insensitive}));
    }
  }
  const JobStreamId id = world.jobs.streams.push_back(std::move(stream));
  open_stream(world.jobs, id, world.agenda, world.end);
}

/// The week's shape, scaled to a mean of one.
void set_shape(Service& service, const ShapeSpec& shape) {
  double sum = 0;
  for (std::size_t hour = 0; hour < 24; ++hour)
    sum += 5 * shape.weekday[hour] + 2 * shape.weekend[hour];
  const double mean = sum / (7 * 24);
  for (std::size_t hour = 0; hour < 24; ++hour) {
    service.shape[0][hour] = shape.weekday[hour] / mean;
    service.shape[1][hour] = shape.weekend[hour] / mean;
  }
}

constexpr double decode_clock_insensitive = 0.85;  // [models_2_3]

ServiceType make_type(BuildContext& context, const Service& service, const ReplicaSpec& replica,
                      NodeModelId id) {
  const NodeModel& model = context.world.fleet.models[id];
  const ModelSpec& spec = context.scenario.catalog.models.at(service.spec.model.name);
  ServiceType type;
  type.model = id;
  type.pool = context.pools.at({service.site.row(), service.tenant.row()})[id.row()];
  type.nodes_per_unit = std::max<std::int64_t>(1, replica.gpus / model.gpus);
  type.replicas_per_unit = std::max<std::int64_t>(1, model.gpus / replica.gpus);
  type.gpus_per_unit = type.nodes_per_unit * model.gpus;
  type.law = {replica.t0, replica.t1};
  const int cap = batch_cap({.gpus = GpuCount{static_cast<double>(replica.gpus)},
                             .memory_per_gpu = context.scenario.catalog.gpus.at(model.gpu).memory,
                             .weights = spec.weights,
                             .kv_per_token = Bytes{spec.kv_per_token.base()},
                             .context_tokens = service.spec.users.context.base()});
  // The mean occupancy (1 + r) ρ / (1 − ρ), r = t0/t1, must fit into memory.
  const double scale = 1 + replica.t0 / replica.t1;
  type.memory_load = cap / (scale + cap);
  type.target_load = std::min(slo_load(type.law, service.spec.tpot), type.memory_load);
  type.unit_rate =
      static_cast<double>(type.replicas_per_unit) * type.target_load * saturation(type.law).base();
  for (const PowerPointSpec& point : replica.power)
    type.power.push_back({point.batch, point.power});
  type.node_power = node_power_of(context.scenario, model.name);
  type.overhead = context.overhead[service.site.row()];
  type.activity = add_activity(
      context, {.name = service.name + " on " + model.name,
                .site = service.site,
                .model = id,
                .tenant = service.tenant,
                .die_power = std::min(replica.power.back().power, type.node_power.gpu_tdp).base(),
                .clock_insensitive = decode_clock_insensitive});
  return type;
}

void add_service(BuildContext& context, const std::string& name, const ServiceSpec& spec) {
  World& world = context.world;
  Service service;
  service.name = name;
  service.site = context.sites.at(spec.site.name);
  service.tenant = context.parties.at(spec.tenant.name);
  service.spec = spec;
  const ShapeSpec& shape = context.scenario.catalog.shapes.at(spec.users.shape.name);
  service.shape_zone = shape.local ? context.calendars[service.site.row()] : world.calendar;
  set_shape(service, shape);
  service.users = spec.users.daily.base();
  service.base_rate =
      (spec.users.daily * spec.users.requests_per_user * spec.users.tokens_per_request).base();
  service.log_growth =
      math::log(1 + spec.users.growth.base() * 2628000) / 2628000;  // compound per 730 h month
  service.from = std::max(SimTime{}, context.at(service.site, spec.from, SimTime{}));
  service.until = context.at(service.site, spec.until, SimTime::never());
  service.warm = service.from == SimTime{};
  service.since = SimTime{};
  service.noise = Stream{context.stream("services." + name, "noise")};
  for (const Ref& gpu : spec.on) {
    const ReplicaSpec& replica =
        context.scenario.catalog.models.at(spec.model.name).on.at(gpu.name);
    for (const NodeModelId model : models_with(context, service.site, gpu.name))
      service.types.push_back(make_type(context, service, replica, model));
  }
  const ServiceId id = world.services.services.push_back(std::move(service));
  const Service& added = world.services.services[id];
  // Replicas load before the first request: the first step comes as many steps early as a cold
  // start takes.
  const Duration every = to_duration(spec.every);
  const std::int64_t early = (to_duration(spec.cold_start).ns() + every.ns() - 1) / every.ns();
  if (added.from < world.end)
    world.agenda.schedule(std::max(SimTime{}, added.from - early * every), Phase::demand,
                          DemandChanged{id});
  if (spec.revenue || spec.subscription)
    world.books.incomes.push_back({id,
                                   added.tenant,
                                   added.site,
                                   spec.revenue,
                                   spec.subscription,
                                   {},
                                   context.cause("service " + name)});
}

}  // namespace

void build_jobs(BuildContext& context) {
  for (const auto& [name, job] : context.scenario.jobs) {
    std::visit([&, job_name = name](const auto& spec) { add_stream(context, job_name, spec); },
               job);
  }
}

void build_services(BuildContext& context) {
  for (const auto& [name, service] : context.scenario.services) add_service(context, name, service);
}

void build_series(BuildContext& context) {
  World& world = context.world;
  std::vector<SeriesColumn> columns;
  const auto add = [&](std::string header, double scale) {
    columns.push_back({std::move(header), scale});
  };
  for (const auto& [name, site] : context.sites) {
    world.layout.site.push_back(columns.size());
    for (const char* power : {"power_mw", "it_power_mw", "plant_power_mw", "loss_mw"})
      add(name + "_" + power, 1e-6);
    for (const char* other :
         {"power_per_it_power", "cap_percent", "dry_bulb_c", "wet_bulb_c", "coolant_c"})
      add(name + "_" + other, 1);
  }
  for (const Agreement& agreement : world.fleet.agreements) {
    std::string name = agreement.name;
    std::replace(name.begin(), name.end(), ' ', '_');
    world.layout.agreement.push_back(columns.size());
    for (const char* kind : {"nodes_gpus", "jobs_gpus", "services_gpus"}) add(name + "_" + kind, 1);
  }
  for (const Service& service : world.services.services) {
    world.layout.service.push_back(columns.size());
    add(service.name + "_demand_mtoken_per_s", 1e-6);
    add(service.name + "_served_mtoken_per_s", 1e-6);
    add(service.name + "_tpot_ms", 1e3);
  }
  world.layout.jobs = columns.size();
  add("jobs_running", 1);
  add("jobs_waiting", 1);
  world.series = Series{std::move(columns)};
}

}  // namespace colossim
