// Total cost of ownership.
#include <colossim/model/annuity.hpp>
#include <colossim/model/tco.hpp>

namespace colossim {

OwnershipCost<Dollars> annual_cost(const ComputePlant& plant) {
  const Dollars facility_cost = plant.facility_price * plant.it_power;
  return {
      .it = capital_recovery_factor(plant.annual_rate, plant.it_years) * plant.it_cost,
      .facility = capital_recovery_factor(plant.annual_rate, plant.facility_years) * facility_cost,
      .energy = plant.pue * plant.it_power * units::year * plant.energy_price,
      .upkeep = plant.upkeep * plant.it_cost};
}

OwnershipCost<GpuPrice> cost_per_gpu_hour(const ComputePlant& plant, GpuCount gpus) {
  const OwnershipCost<Dollars> year = annual_cost(plant);
  const GpuTime all = gpus * units::year;
  return {.it = year.it / all,
          .facility = year.facility / all,
          .energy = year.energy / all,
          .upkeep = year.upkeep / all};
}

}  // namespace colossim
