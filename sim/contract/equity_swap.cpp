// Equity swaps: what delivered GPU-hours are worth, and the units that pay for them.
#include <colossim/base/check.hpp>
#include <colossim/contract/equity_swap.hpp>

#include "rows.hpp"

namespace colossim {

std::vector<Due> dues(const EquitySwapSpec& swap, const ContractMonth& month) {
  return {{.payer = Side::holder,
           .expense = Account::lease_cost,
           .income = Account::lease_income,
           .amount = swap.price * month.delivered,
           .volume = month.delivered.in(units::gpu_hour),
           .unit = gpu_hours}};
}

double units_for(Dollars value, Dollars unit_price, double discount) {
  COLOSSIM_CHECK(unit_price > Dollars{} && discount < 1.0, "unit_price={} discount={}",
                 unit_price.base(), discount);
  return value / (unit_price * (1.0 - discount));
}

}  // namespace colossim
