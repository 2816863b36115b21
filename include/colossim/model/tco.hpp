// For the cost of owning compute: per year, and per GPU-hour that exists, used or not.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Equipment and what it takes to run it, for any number of GPUs. Defaults: [models_8_1].
struct ComputePlant {
  Dollars it_cost;             // servers, network, storage
  double it_years = 5;         // > 0
  PowerPrice facility_price;   // building, power and cooling [USD/W of IT]
  double facility_years = 20;  // > 0
  Power it_power;              // average draw, also what is built for
  double pue = 1.25;           // ≥ 1
  EnergyPrice energy_price;    // of the site's electricity
  double upkeep = 0.03;        // per year, share of it_cost
  double annual_rate = 0.08;   // cost of capital, > −1
};

/// Total cost of ownership by cause.
template <class Amount>
struct OwnershipCost {
  Amount it;        // annuity of the equipment
  Amount facility;  // annuity of building, power and cooling
  Amount energy;
  Amount upkeep;

  [[nodiscard]] Amount total() const { return it + facility + energy + upkeep; }
};

/// Cost of one year of 8,760 h.
///   CRF(r, n)·capex_IT,  CRF(r, m)·capex_DC·P,  P·PUE·8760·p_e,  o·capex_IT        [models_8_1]
OwnershipCost<Dollars> annual_cost(const ComputePlant& plant);

/// Cost of one GPU-hour of a plant with `gpus` > 0, all of them counted all of the time: divide by
/// a rung of the utilization ladder for the cost per contracted, allocated or useful GPU-hour.
///   TCO = annual cost / (gpus·8760)                                                [models_8_1]
OwnershipCost<GpuPrice> cost_per_gpu_hour(const ComputePlant& plant, GpuCount gpus);

}  // namespace colossim
