// Autoscaling and the closed-form state of a service between demand steps.
#include <algorithm>
#include <cmath>
#include <utility>

#include <colossim/base/check.hpp>
#include <colossim/base/math.hpp>
#include <colossim/world/services.hpp>

namespace colossim {

namespace {

constexpr double loading_activity =
    0.08;  // GPU with weights loaded but no requests: 120 W of 70..700 W [models_2_2]

Claim claim_of(const ServiceType& type, GpuState state) {
  return {type.activity, state, NodeUse::service};
}

double shape_at(const Service& service, SimTime t) {
  const auto value = [&](SimTime at) {
    const bool weekend = service.shape_zone.weekday(at) >= 5;
    const auto hour =
        static_cast<std::size_t>(service.shape_zone.time_of_day(at).ns() / one_hour.ns());
    return service.shape[weekend ? 1 : 0][hour];
  };
  const std::int64_t into_hour = service.shape_zone.time_of_day(t).ns() % one_hour.ns();
  const double fraction = static_cast<double>(into_hour) / static_cast<double>(one_hour.ns());
  const double here = value(t);
  return fraction == 0 ? here : here + (value(t + one_hour) - here) * fraction;
}

/// The newest `units` loading units will not become ready.
void forget_loading(ServiceType& type, std::int64_t units) {
  while (units > 0) {
    ServiceType::Cohort& newest = type.loading.back();
    const std::int64_t taken = std::min(units, newest.units);
    newest.units -= taken;
    units -= taken;
    if (newest.units == 0) type.loading.pop_back();
  }
}

/// Returns the newest units: loading ones first, as they serve nobody yet.
void shrink(ServiceType& type, std::int64_t units, Machines machines) {
  const std::int64_t loading = std::min(units, type.units() - type.ready_units);
  forget_loading(type, loading);
  type.ready_units -= units - loading;
  const auto give_back = [&](std::int64_t count, GpuState state) {
    const auto nodes = static_cast<std::size_t>(count * type.nodes_per_unit);
    const NodeId* last = type.nodes.data() + type.nodes.size();
    release_nodes(machines, claim_of(type, state), last - nodes, last);
    type.nodes.resize(type.nodes.size() - nodes);
  };
  give_back(loading, GpuState::starting);
  give_back(units - loading, GpuState::serving);
}

/// What a change of a service's units needs at hand.
struct Scaling {
  ServiceId id;
  Placement& placement;
  Machines machines;
  Agenda& agenda;
};

void grow(ServiceType& type, std::int64_t units, const Service& service, const Scaling& scaling) {
  const SimTime now = scaling.machines.now;
  const Duration cold = service.warm ? Duration{} : to_duration(service.spec.cold_start);
  const bool warm = cold == Duration{} && type.loading.empty();
  const Claim claim = claim_of(type, warm ? GpuState::serving : GpuState::starting);
  claim_nodes(scaling.machines, {type.pool, scaling.placement}, units * type.nodes_per_unit, claim,
              type.nodes);
  if (warm) {
    type.ready_units += units;
    return;
  }
  type.loading.push_back({now + cold, units});
  scaling.agenda.schedule(now + cold, Phase::demand, ReplicasReady{scaling.id});
}

/// Units with a node that is to change hands leave at the first demand step after their requests
/// had time to end.
void vacate(ServiceType& type, Machines machines) {
  const Fleet& fleet = machines.fleet;
  const auto leaving = [&](NodeId node) {
    return fleet.destination[node].exists() && fleet.vacated[node] <= machines.now;
  };
  if (std::none_of(type.nodes.begin(), type.nodes.end(), leaving)) return;
  std::vector<NodeId> kept;
  std::vector<NodeId> serving;
  std::vector<NodeId> starting;
  std::int64_t ready = 0;
  std::deque<ServiceType::Cohort> loading = type.loading;
  std::size_t cohort = 0;  // units stand in the order of their cohorts
  std::int64_t cohort_end = type.ready_units;
  for (std::int64_t unit = 0; unit < type.units(); ++unit) {
    const bool is_ready = unit < type.ready_units;
    while (!is_ready && unit >= cohort_end) cohort_end += type.loading[cohort++].units;
    const NodeId* first = type.nodes.data() + unit * type.nodes_per_unit;
    const NodeId* last = first + type.nodes_per_unit;
    const bool leaves = std::any_of(first, last, leaving);
    std::vector<NodeId>& target = !leaves ? kept : is_ready ? serving : starting;
    target.insert(target.end(), first, last);
    if (!leaves && is_ready) ++ready;
    if (leaves && !is_ready) loading[cohort - 1].units -= 1;
  }
  std::erase_if(loading, [](const ServiceType::Cohort& each) { return each.units == 0; });
  type.loading = std::move(loading);
  type.nodes = std::move(kept);
  type.ready_units = ready;
  release_nodes(machines, claim_of(type, GpuState::serving), serving.data(),
                serving.data() + serving.size());
  release_nodes(machines, claim_of(type, GpuState::starting), starting.data(),
                starting.data() + starting.size());
}

std::int64_t free_units(const Fleet& fleet, const ServiceType& type) {
  return fleet.pools[type.pool].free.nodes() / type.nodes_per_unit;
}

double speed_of(const PowerTables& power, const ServiceType& type) {
  return static_cast<double>(power.activities[type.activity].speed) /
         static_cast<double>(full_speed);
}

/// What one unit carries at the objective under the present cap: a slower clock stretches every
/// iteration.
struct UnitCapacity {
  double speed = 1;
  double load = 0;       // ρ at the objective
  double rate = 0;       // token/s at that load
  double saturated = 0;  // token/s at any latency, as far as memory allows
};

UnitCapacity unit_capacity(const Service& service, const ServiceType& type, double speed) {
  const double load =
      speed == 1 ? type.target_load
                 : std::min(slo_load(type.law, service.spec.tpot * speed), type.memory_load);
  const double full = type.unit_rate / type.target_load * speed;
  return {speed, load, full * load, full * type.memory_load};
}

/// Units per type that carry `rate` in order of preference, as far as free nodes allow.
void scale(Service& service, const Scaling& scaling) {
  const Machines machines = scaling.machines;
  const bool ended = machines.now >= service.until;
  double rate = ended ? 0 : std::max(service.asked, service.forecast) * (1 + service.spec.headroom);
  const bool window_over = ended || machines.now >= service.window_end;
  for (ServiceType& type : service.types) {
    const std::int64_t held = type.units();
    const double unit_rate = unit_capacity(service, type, speed_of(machines.power, type)).rate;
    // Under a cap that leaves no capacity at the objective, replicas wait for better times.
    const double wanted = unit_rate > 0 ? std::min(std::ceil(rate / unit_rate), 1e9)
                                        : static_cast<double>(ended ? 0 : held);
    const std::int64_t need =
        std::min(static_cast<std::int64_t>(wanted), held + free_units(machines.fleet, type));
    rate = std::max(0.0, rate - static_cast<double>(need) * unit_rate);
    type.window_need = std::max(type.window_need, need);
    if (need > held) grow(type, need - held, service, scaling);
    if (!window_over) continue;
    const std::int64_t keep = ended ? 0 : type.window_need;
    if (keep < type.units()) shrink(type, type.units() - keep, machines);
    type.window_need = need;
  }
  service.short_of_units = rate > 0;
  if (window_over) service.window_end = machines.now + to_duration(service.spec.hold);
  service.warm = false;
}

/// Wall power above idle per held GPU, averaged over serving and loading units [µW].
std::int64_t power_above_idle(const ServiceType& type, double rho) {
  const NodePower& node = type.node_power;
  const Power gpu = power_at_batch(type.power, mean_occupancy(type.law, rho));
  const auto above = [&](double activity) {
    return (gpu_share(node, activity) - gpu_share(node, 0)).base();
  };
  const auto ready = static_cast<double>(type.ready_units);
  const auto loading = static_cast<double>(type.units() - type.ready_units);
  const double mean =
      (ready * above(activity(node, gpu)) + loading * above(loading_activity)) / (ready + loading);
  return math::round_to_int(mean * type.overhead * 1e6);
}

}  // namespace

double users_between(const Service& service, SimTime from, SimTime to) {
  from = std::max(from, service.from);
  to = std::min(to, service.until);
  if (to <= from) return 0;
  const double start = (from - SimTime{}).quantity().base();
  const double length = (to - from).quantity().base();
  const double growth = service.log_growth;
  const double first = service.users * math::exp(growth * start);
  return growth == 0 ? first * length : first * (math::exp(growth * length) - 1) / growth;
}

double demand_at(const Service& service, SimTime t) {
  if (t < service.from || t >= service.until) return 0;
  const double growth = math::exp(service.log_growth * (t - SimTime{}).quantity().base());
  return service.base_rate * growth * shape_at(service, t);
}

std::int64_t missing_reserve(const Service& service) {
  std::int64_t held = 0;
  for (const ServiceType& type : service.types) held += type.units() * type.gpus_per_unit;
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(service.spec.reserve.base()) - held);
}

void handle(const DemandChanged& event, ServiceTables& tables, Agenda& agenda) {
  Service& service = tables.services[event.service];
  const SimTime now = agenda.now();
  advance_service(service, now);
  const double sigma = service.spec.users.noise;
  const double factor =
      sigma > 0 ? math::exp(sigma * standard_normal(service.noise) - sigma * sigma / 2) : 1.0;
  service.asked = demand_at(service, now) * factor;
  // A replica claimed now serves from its cold start on, until the step after that.
  service.forecast =
      demand_at(service, now + to_duration(service.spec.cold_start + service.spec.every));
  service.stepped = true;
  if (now >= service.until) return;
  SimTime next = now + to_duration(service.spec.every);
  for (const SimTime edge : {service.from, service.until}) {
    if (now < edge) next = std::min(next, edge);
  }
  agenda.schedule(next, Phase::demand, event);
}

void handle(const ReplicasReady& event, ServiceTables& tables, Machines machines) {
  Service& service = tables.services[event.service];
  advance_service(service, machines.now);
  service.touched = true;
  for (ServiceType& type : service.types) {
    while (!type.loading.empty() && type.loading.front().ready <= machines.now) {
      const std::int64_t units = type.loading.front().units;
      for (std::int64_t i = type.ready_units * type.nodes_per_unit;
           i < (type.ready_units + units) * type.nodes_per_unit; ++i) {
        const NodeId node = type.nodes[static_cast<std::size_t>(i)];
        machines.fleet.agreements[machines.fleet.agreement[node]].meter.move(
            machines.now, GpuState::starting, GpuState::serving,
            gpus_per_node(machines.fleet, node));
      }
      type.ready_units += units;
      type.loading.pop_front();
    }
  }
}

void settle_service(ServiceId id, ServiceTables& tables, Machines machines, Agenda& agenda) {
  Service& service = tables.services[id];
  if (service.stepped || service.short_of_units) {
    advance_service(service, machines.now);
    if (machines.fleet.leaving > 0 && service.stepped) {
      for (ServiceType& type : service.types) vacate(type, machines);
    }
    service.stepped = false;
    scale(service, {id, *tables.placement, machines, agenda});
  }
  evaluate_service(service, machines);
}

void evaluate_service(Service& service, Machines machines) {
  advance_service(service, machines.now);
  service.touched = false;
  constexpr double no_capacity = 100;  // demand that meets (next to) none
  double capacity = 0;
  double saturated = 0;
  for (const ServiceType& type : service.types) {
    const UnitCapacity unit = unit_capacity(service, type, speed_of(machines.power, type));
    capacity += static_cast<double>(type.ready_units) * unit.rate;
    saturated += static_cast<double>(type.ready_units) * unit.saturated;
  }
  const auto demand_against = [&](double rate) {
    return service.asked == 0 ? 0.0
           : rate > 0         ? std::min(no_capacity, service.asked / rate)
                              : no_capacity;
  };
  service.capacity = capacity;
  service.load = demand_against(capacity);
  const double u = std::min(1.0, service.load);
  service.served = u * capacity;
  double tpot_rate = 0;
  for (ServiceType& type : service.types) {
    if (type.units() == 0) continue;
    const UnitCapacity unit = unit_capacity(service, type, speed_of(machines.power, type));
    const double rho = u * unit.load;
    const double rate = u * static_cast<double>(type.ready_units) * unit.rate;
    type.useful_share =
        static_cast<std::int64_t>(u * unit.rate / type.unit_rate * static_cast<double>(full_speed));
    if (rate > 0) tpot_rate += rate * tpot(type.law, rho).base() / unit.speed;
    set_uncapped(machines.power, type.activity, power_above_idle(type, rho));
  }
  service.tpot_s = service.served > 0 ? tpot_rate / service.served : 0;
  service.peak_load = std::max(service.peak_load, service.load);
  service.peak_saturation = std::max(service.peak_saturation, demand_against(saturated));
}

void advance_service(Service& service, SimTime now) {
  const std::int64_t elapsed = (now - service.since).ns();
  if (elapsed == 0) return;
  const double seconds = static_cast<double>(elapsed) * 1e-9;
  service.user_seconds += users_between(service, service.since, now);
  service.asked_tokens += service.asked * seconds;
  service.served_tokens += service.served * seconds;
  service.capacity_tokens += service.capacity * seconds;
  service.tpot_tokens += service.served * service.tpot_s * seconds;
  for (const ServiceType& type : service.types) {
    service.replica_seconds += static_cast<double>(type.units() * type.replicas_per_unit) * seconds;
    service.held_seconds += static_cast<double>(type.units() * type.gpus_per_unit) * seconds;
    service.loading_seconds +=
        static_cast<double>((type.units() - type.ready_units) * type.gpus_per_unit) * seconds;
    service.useful += static_cast<Int128>(type.ready_units * type.gpus_per_unit) * elapsed *
                      type.useful_share / full_speed;
  }
  service.since = now;
}

}  // namespace colossim
