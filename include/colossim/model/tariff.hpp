// For electricity bills: energy and demand charges, and a check that a price can be true.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Electricity at so much per energy and so much per month for the highest demand. [models_6_5]
struct TwoPartTariff {
  EnergyPrice energy;  // USD/J
  PowerPrice demand;   // USD per W of billing demand, per billing month
};

/// A billing month in a rate: a twelfth of 8,760 h.
inline constexpr Time billing_month = 730.0 * units::hour;

/// No large consumer pays more per energy over a month: about eight times the price of industrial
/// power in Memphis [models_1_3].
inline constexpr EnergyPrice implausible_price = 500.0 * units::usd / units::megawatt_hour;

/// Charge for `energy` used.
Dollars energy_cost(const TwoPartTariff& tariff, Energy energy);

/// Charge of one month whose billing demand (by custom its highest 30-minute mean) is `demand`.
Dollars demand_cost(const TwoPartTariff& tariff, Power demand);

/// What energy costs in all for a consumer with `load_factor` = mean/peak power in (0, 1].
///   p = p_energy + p_demand / (load factor × 730 h)                                [models_6_5]
EnergyPrice average_price(const TwoPartTariff& tariff, double load_factor);

/// True if `cost` for `energy` > 0 needs a price above `implausible_price`. [models_10]
bool is_implausible(Dollars cost, Energy energy);

}  // namespace colossim
