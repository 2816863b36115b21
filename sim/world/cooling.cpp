// Heat rejection at part load, and the temperatures behind it.
#include <algorithm>
#include <cmath>

#include <colossim/base/math.hpp>
#include <colossim/world/cooling.hpp>

namespace colossim {

namespace {

// Heat exchangers at design heat assumed: 2 K between racks' coolant and facility water, 1 K along
// the pipes.
constexpr Temperature exchanger_drop{2};
constexpr Temperature pipe_drop{1};
constexpr Temperature total_drop = exchanger_drop + pipe_drop;
constexpr double least_speed = 0.5;  // fans and pumps turn no slower assumed

double share_of(Power heat, Power design) {
  return design > Power{} ? heat / design : 0.0;
}

/// Fans slow down while the weather leaves room: the approach grows as the airflow shrinks.
double fan_speed(Temperature needed, Temperature available) {
  if (available <= needed) return 1.0;
  return std::max(least_speed, needed / available);
}

/// Fans of a tower that holds `setpoint` with the approach `needed` at full speed.
Power tower_fans(const TowerSpec& spec, Power design, Temperature needed, Temperature available) {
  return fan_power(spec.fan_share * design, fan_speed(needed, available));
}

Temperature approach_of(const TowerSpec& spec, Power design, Power heat) {
  return tower_approach({.design_heat = design, .design_approach = spec.approach}, heat);
}

Power movers(const HeatLoop& loop, double q) {
  return pump_power(loop.spec.mover_share * loop.design_heat, std::clamp(q, least_speed, 1.0));
}

LoopState run(const TowerSpec& spec, const HeatLoop& loop, Power heat, Outdoors outdoors) {
  const Temperature setpoint = loop.spec.supply - total_drop;
  const Temperature needed = approach_of(spec, loop.design_heat, heat);
  const Power fans = tower_fans(spec, loop.design_heat, needed, setpoint - outdoors.wet_bulb);
  return {fans, std::max(setpoint, outdoors.wet_bulb + needed), heat};
}

LoopState run(const DryCoolerSpec& spec, const HeatLoop& loop, Power heat, Outdoors outdoors) {
  const Temperature setpoint = loop.spec.supply - total_drop;
  const Temperature needed = share_of(heat, loop.design_heat) * spec.approach;
  const double speed = fan_speed(needed, setpoint - outdoors.dry_bulb);
  const Temperature water = std::max(setpoint, dry_cooler_water(outdoors.dry_bulb, needed));
  return {fan_power(spec.fan_share * loop.design_heat, speed), water, Power{}};
}

LoopState run(const ChillerPlantSpec& spec, const HeatLoop& loop, Power heat, Outdoors outdoors) {
  const Temperature setpoint = loop.spec.supply - total_drop;
  const Temperature needed = approach_of(spec.tower, loop.design_heat, heat);
  const Temperature tower = outdoors.wet_bulb + needed;
  const double mechanical = spec.economiser ? mechanical_share(tower, setpoint, spec.rise) : 1.0;
  const Power load = mechanical * heat;
  const ChillerWater water{spec.chilled, tower};
  const Power unit = chiller_capacity(loop.chiller, water);
  const double installed = std::max(1.0, std::floor(1 / spec.unit_share + 0.5));
  const double running = std::clamp(std::ceil(load / unit), 1.0, installed);
  const Power compressors =
      load > Power{} ? running * chiller_power(loop.chiller, load / running, water) : Power{};
  const Power unmet = std::max(Power{}, load - installed * unit);
  // Compressors want water as cold as it gets; without them the fans may slow down.
  const Temperature available =
      mechanical > 0 ? needed : setpoint - exchanger_drop - outdoors.wet_bulb;
  const Power fans = tower_fans(spec.tower, loop.design_heat, needed, available);
  const Temperature warmer = share_of(unmet, loop.design_heat) * spec.rise;
  return {compressors + fans, setpoint + warmer, heat + compressors};
}

double cycles(const RejectionSpec& spec) {
  if (const auto* tower = std::get_if<TowerSpec>(&spec)) return tower->cycles;
  if (const auto* plant = std::get_if<ChillerPlantSpec>(&spec)) return plant->tower.cycles;
  return 2;  // no evaporation, so it does not matter
}

}  // namespace

LoopState run_loop(const HeatLoop& loop, Power heat, Outdoors outdoors) {
  LoopState state = std::visit([&](const auto& spec) { return run(spec, loop, heat, outdoors); },
                               loop.spec.rejection);
  state.mechanical += movers(loop, share_of(heat, loop.design_heat));
  return state;
}

ThermalNetwork thermal_network(const HeatLoop& liquid, const HeatLoop& air) {
  // A site without one of the heats still has a (tiny) loop, so that the network keeps its shape.
  const auto sized = [](const HeatLoop& loop) {
    return std::max(loop.design_heat, 1.0 * units::watt);
  };
  const auto capacity = [&](const HeatLoop& loop, auto inertia) {
    return HeatCapacity{sized(loop).base() * inertia.base()};
  };
  ThermalLayout layout;
  for (const HeatLoop* loop : {&liquid, &air}) {
    layout.nodes.push_back({capacity(*loop, loop->spec.inertia), loop->spec.supply});
    layout.nodes.push_back(
        {capacity(*loop, loop->spec.facility_inertia), loop->spec.supply - exchanger_drop});
    layout.boundaries.push_back(loop->spec.supply - total_drop);
    const std::size_t node = layout.nodes.size() - 2;
    layout.links.push_back({node, node + 1, sized(*loop) / exchanger_drop});
    layout.boundary_links.push_back(
        {node + 1, layout.boundaries.size() - 1, sized(*loop) / pipe_drop});
  }
  return ThermalNetwork{layout};
}

void advance_cooling(SiteCooling& cooling, SimTime now) {
  const Time elapsed = (now - cooling.since).quantity();
  if (elapsed <= Time{}) return;
  cooling.network.advance(elapsed);
  cooling.since = now;
  const auto makeup = [&](const HeatLoop& loop, const LoopState& state) {
    return makeup_water(state.evaporating * elapsed, cycles(loop.spec.rejection)).in(units::litre);
  };
  cooling.water_l +=
      makeup(cooling.liquid, cooling.liquid_state) + makeup(cooling.air, cooling.air_state);
}

Power set_heat(SiteCooling& cooling, Power liquid, Power air, Power it) {
  cooling.liquid_state = run_loop(cooling.liquid, liquid, cooling.weather.now);
  cooling.air_state = run_loop(cooling.air, air, cooling.weather.now);
  cooling.network.set_heat(static_cast<std::size_t>(ThermalSpot::liquid), liquid);
  cooling.network.set_heat(static_cast<std::size_t>(ThermalSpot::air), air);
  cooling.network.set_boundary(0, cooling.liquid_state.facility);
  cooling.network.set_boundary(1, cooling.air_state.facility);
  return cooling.liquid_state.mechanical + cooling.air_state.mechanical + cooling.auxiliary * it;
}

void update_weather(Weather& weather, const Calendar& calendar, SimTime now) {
  if (const auto* signals = std::get_if<SignalWeatherSpec>(&weather.source)) {
    weather.now = {signals->dry_bulb.at(now, calendar), signals->wet_bulb.at(now, calendar)};
    return;
  }
  const auto& climate = std::get<SyntheticClimate>(weather.source);
  const int hour = calendar.hour_of_year(now);
  const double day_of_year = hour / 24 + 1;  // NOLINT: whole days
  const Temperature deviation = weather.deviation * anomaly_sigma(climate, day_of_year);
  const Temperature dry = climate_mean(climate, day_of_year, hour % 24) + deviation;
  const Temperature dew = dew_point(climate, daily_mean(climate, day_of_year) + deviation);
  weather.now = {dry, std::min(dry, wet_bulb(dry, std::min(1.0, relative_humidity(dry, dew))))};
  const double z = standard_normal(weather.stream);
  weather.deviation = ou_step(weather.deviation, units::hour, climate.tau, 1.0, z);
}

}  // namespace colossim
