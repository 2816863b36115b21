// For PUE and water: chillers, cooling towers, dry coolers, pumps, fans and the economiser.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// c0 + c1·x + c2·x² + c3·y + c4·y² + c5·x·y.
struct Biquadratic {
  double c0 = 0;
  double c1 = 0;
  double c2 = 0;
  double c3 = 0;
  double c4 = 0;
  double c5 = 0;
};

/// c0 + c1·x + c2·x².
struct Quadratic {
  double c0 = 0;
  double c1 = 0;
  double c2 = 0;
};

/// Interval a curve was fitted on; inputs outside are clamped to it.
struct TemperatureRange {
  Temperature low;
  Temperature high;
};

/// Electric chiller by its energy input ratio (EIR), the DOE-2 model: curves over x = leaving
/// chilled water [°C] and y = water entering the condenser [°C], and over the part-load ratio.
/// [energyplus_chillers]
struct ChillerCurves {
  Biquadratic capacity_by_temperature;
  Biquadratic eir_by_temperature;
  Quadratic eir_by_part_load;
  Power reference_capacity;  // cooling at the reference temperatures
  double reference_cop = 0;  // cooling per electricity there
  TemperatureRange leaving_chilled;
  TemperatureRange entering_condenser;
  double min_part_load = 0.1;  // below it the compressor cycles: power ∝ load
  double min_unloading = 0.2;  // below it hot-gas bypass holds the power of this part load
  double max_part_load = 1.0;  // above it the chiller falls short of the load
};

/// The two water temperatures a chiller works between.
struct ChillerWater {
  Temperature leaving_chilled;
  Temperature entering_condenser;
};

/// DOE-2 generic centrifugal chiller, COP 5.5 at 6.67 °C chilled and 29.4 °C condenser water. The
/// source sizes it per project: set `reference_capacity` on a copy. [energyplus_chillers]
inline constexpr ChillerCurves doe2_centrifugal_5_50{
    .capacity_by_temperature = {.257896, .0389016, -.00021708, .0468684, -.00094284, -.00034344},
    .eir_by_temperature = {.933884, -.058212, .00450036, .00243, .000486, -.001215},
    .eir_by_part_load = {.222903, .313387, .463710},
    .reference_capacity = 1.0 * units::megawatt,
    .reference_cop = 5.5,
    .leaving_chilled = {5.0 * units::celsius, 10.0 * units::celsius},
    .entering_condenser = {24.0 * units::celsius, 35.0 * units::celsius},
};

/// Cooling [W] a chiller can deliver between these temperatures: Q_ref · CapFT(x, y).
Power chiller_capacity(const ChillerCurves& chiller, const ChillerWater& water);

/// Cooling over electricity while the chiller carries `load` [W] ≥ 0; at no load its limit.
///   COP = COP_ref · PLR / (EIRFT(x, y) · EIRFPLR(PLR)),  PLR = load / capacity
/// Outside the fitted temperatures the nearest fitted ones count: for condenser water below the
/// range this understates the COP, for chilled water above it likewise.  [energyplus_chillers]
double chiller_cop(const ChillerCurves& chiller, Power load, const ChillerWater& water);

/// Electricity [W] the chiller draws for `load` [W] ≥ 0; 0 when off. A load above
/// `max_part_load` × capacity costs no more than that limit: compare with `chiller_capacity`.
Power chiller_power(const ChillerCurves& chiller, Power load, const ChillerWater& water);

/// Open cooling tower. Design values typical of [models_7].
struct CoolingTower {
  Power design_heat;
  Temperature design_approach = 4.0 * units::kelvin;  // leaving water above wet bulb, 3 to 5 K
};

/// Leaving water minus wet bulb [K] at full air flow while the tower rejects `heat` [W] ≥ 0.
///   approach = a_d · (Q/Q_d)^0.8                                                   [models_7]
Temperature tower_approach(const CoolingTower& tower, Power heat);

/// Water [°C] leaving the tower: wet bulb + approach.
Temperature tower_water(const CoolingTower& tower, Temperature wet_bulb, Power heat);

/// Water [m³] a wet tower evaporates to reject `heat`: 1.48 L/kWh, latent heat of 2.43 MJ/kg with
/// nothing carried by the air as sensible heat. [models_7]
Volume evaporated_water(Energy heat);

/// Water [m³] drawn for the same heat when the basin is bled so that salts are concentrated
/// `cycles` > 1 times: evaporation × cycles/(cycles − 1). [models_7]
Volume makeup_water(Energy heat, double cycles);

/// Water [°C] leaving a dry cooler: dry bulb + approach (6 to 10 K) [models_7].
Temperature dry_cooler_water(Temperature dry_bulb, Temperature approach);

/// Power [W] of a fan at `speed` in [0, 1] of its rated flow: affinity law, rating · s³.
Power fan_power(Power rating, double speed);

/// Power [W] of a pump at `speed` in [0, 1] of its rated flow against some static head:
/// rating · (0.1 + 0.9·s³) [models_7]; a stopped pump draws nothing.
Power pump_power(Power rating, double speed);

/// Share in [0, 1] of a loop's heat that chillers must take when water at `source` [°C] is free.
/// 0 up to `setpoint` − 1 K; then it rises in proportion, to 1 where the source is 1 K below the
/// loop's return, setpoint + `rise` (`rise` > 0 [K]). The 1 K is the heat exchanger. [models_7]
double mechanical_share(Temperature source, Temperature setpoint, Temperature rise);

}  // namespace colossim
