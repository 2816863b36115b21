// Two-part electricity tariffs.
#include <colossim/model/tariff.hpp>

namespace colossim {

Dollars energy_cost(const TwoPartTariff& tariff, Energy energy) {
  return tariff.energy * energy;
}

Dollars demand_cost(const TwoPartTariff& tariff, Power demand) {
  return tariff.demand * demand;
}

EnergyPrice average_price(const TwoPartTariff& tariff, double load_factor) {
  return tariff.energy + tariff.demand / (load_factor * billing_month);
}

bool is_implausible(Dollars cost, Energy energy) {
  return cost / energy > implausible_price;
}

}  // namespace colossim
