// Chillers, towers, dry coolers, pumps, fans and the economiser.
#include <algorithm>

#include <colossim/base/math.hpp>
#include <colossim/model/heat_rejection.hpp>

namespace colossim {

namespace {

constexpr auto evaporation_per_heat = 1.48 * units::litre / units::kilowatt_hour;  // [models_7]

double clamp_to(const TemperatureRange& range, Temperature temperature) {
  return std::clamp(temperature, range.low, range.high).in(units::celsius);
}

double at(const Biquadratic& f, const ChillerCurves& chiller, const ChillerWater& water) {
  const double x = clamp_to(chiller.leaving_chilled, water.leaving_chilled);
  const double y = clamp_to(chiller.entering_condenser, water.entering_condenser);
  return f.c0 + f.c1 * x + f.c2 * x * x + f.c3 * y + f.c4 * y * y + f.c5 * x * y;
}

double at(const Quadratic& f, double x) {
  return f.c0 + x * (f.c1 + x * f.c2);
}

}  // namespace

Power chiller_capacity(const ChillerCurves& chiller, const ChillerWater& water) {
  return chiller.reference_capacity * at(chiller.capacity_by_temperature, chiller, water);
}

double chiller_cop(const ChillerCurves& chiller, Power load, const ChillerWater& water) {
  const double part_load = load / chiller_capacity(chiller, water);
  // Cycling keeps the COP of the smallest steady load; bypass keeps the power of its own.
  const double cooled = std::clamp(part_load, chiller.min_part_load, chiller.max_part_load);
  const double powered = std::clamp(part_load, chiller.min_unloading, chiller.max_part_load);
  const double eir =
      at(chiller.eir_by_temperature, chiller, water) * at(chiller.eir_by_part_load, powered);
  return chiller.reference_cop * cooled / eir;
}

Power chiller_power(const ChillerCurves& chiller, Power load, const ChillerWater& water) {
  const Power most = chiller.max_part_load * chiller_capacity(chiller, water);
  return std::min(load, most) / chiller_cop(chiller, load, water);
}

Temperature tower_approach(const CoolingTower& tower, Power heat) {
  constexpr double exponent = 0.8;  // [models_7]
  const double share = heat / tower.design_heat;
  return share > 0 ? tower.design_approach * math::pow(share, exponent) : Temperature{};
}

Temperature tower_water(const CoolingTower& tower, Temperature wet_bulb, Power heat) {
  return wet_bulb + tower_approach(tower, heat);
}

Volume evaporated_water(Energy heat) {
  return evaporation_per_heat * heat;
}

Volume makeup_water(Energy heat, double cycles) {
  return evaporated_water(heat) * (cycles / (cycles - 1.0));
}

Temperature dry_cooler_water(Temperature dry_bulb, Temperature approach) {
  return dry_bulb + approach;
}

Power fan_power(Power rating, double speed) {
  return rating * (speed * speed * speed);
}

Power pump_power(Power rating, double speed) {
  constexpr double static_head = 0.1;  // share of rated power [models_7]
  if (speed <= 0) return Power{};
  return static_head * rating + (1.0 - static_head) * fan_power(rating, speed);
}

double mechanical_share(Temperature source, Temperature setpoint, Temperature rise) {
  constexpr Temperature exchanger_approach = 1.0 * units::kelvin;  // [models_7]
  const Temperature excess = source - (setpoint - exchanger_approach);
  return std::clamp(excess / rise, 0.0, 1.0);
}

}  // namespace colossim
