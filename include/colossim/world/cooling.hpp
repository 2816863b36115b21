// The heat paths of a site: plant power, coolant and die temperatures, water.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/base/random.hpp>
#include <colossim/base/time.hpp>
#include <colossim/engine/engine.hpp>
#include <colossim/model/heat_rejection.hpp>
#include <colossim/model/thermal_network.hpp>
#include <colossim/model/weather.hpp>
#include <colossim/scenario/site.hpp>
#include <colossim/world/ids.hpp>

namespace colossim {

/// Outdoor conditions.
struct Outdoors {
  Temperature dry_bulb;
  Temperature wet_bulb;
};

/// What a heat path does at one moment.
struct LoopState {
  Power mechanical;      // pumps, fans, compressors
  Temperature facility;  // water supplied to the racks' heat exchangers
  Power evaporating;     // heat that leaves by evaporation
};

/// One heat path, sized for the racks' peak.
struct HeatLoop {
  LoopSpec spec;
  Power design_heat;
  ChillerCurves chiller;  // of one machine; used when the rejection is a chiller plant
};

/// Plant power and supply temperature when the loop carries `heat`.
LoopState run_loop(const HeatLoop& loop, Power heat, Outdoors outdoors);

/// Where the racks' side of each loop stands in the thermal network.
enum class ThermalSpot : std::size_t { liquid, liquid_facility, air, air_facility };

/// Weather of a site: a synthetic climate with its random deviation, or signals.
struct Weather {
  std::variant<SyntheticClimate, SignalWeatherSpec> source;
  Stream stream{StreamName{}};
  double deviation = 0;  // of the synthetic climate, in standard deviations of the day
  Outdoors now;
};

/// From coolant to die, per server type.
struct DieModel {
  bool liquid = false;  // else cooled by hall air
  ThermalResistance resistance;
  Temperature limit;
  double idle_w = 0;
};

struct SiteCooling {
  HeatLoop liquid;
  HeatLoop air;
  double auxiliary = 0;  // share of IT power
  ThermalNetwork network;
  Weather weather;
  SimTime since;  // the network stands at this instant
  LoopState liquid_state;
  LoopState air_state;
  double water_l = 0;  // litres so far
  Temperature coolant_peak{-273};
  Temperature air_peak{-273};
  Temperature die_peak{-273};
  Generation limit_generation = 0;
  std::vector<DieModel> dies;        // by server type
  std::vector<double> liquid_share;  // by server type: of a rack's power, network included
};

/// The network of a site at rest at its supply temperatures.
ThermalNetwork thermal_network(const HeatLoop& liquid, const HeatLoop& air);

/// Moves temperatures and water to `now` under the present heat.
void advance_cooling(SiteCooling& cooling, SimTime now);

/// Sets the heat both paths carry and returns the plant's electrical power.
Power set_heat(SiteCooling& cooling, Power liquid, Power air, Power it);

/// The next hour's weather; one random draw per hour for synthetic climates.
void update_weather(Weather& weather, const Calendar& calendar, SimTime now);

}  // namespace colossim
