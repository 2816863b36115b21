// Compute for equity: GPU-hours paid in units of the tenant.
#pragma once

#include <vector>

#include <colossim/contract/month.hpp>
#include <colossim/contract/terms.hpp>

namespace colossim {

struct EquitySwapSpec : CapacityTerms {
  static constexpr std::string_view kind = "equity_swap";
  static constexpr std::string_view doc =
      "The tenant pays delivered GPU-hours with its own units, issued at a discount to their "
      "price; "
      "the owner may sell them after a lock-up.";
  GpuPrice price;
  Ref equity;
  double discount = 0;
  Period lock_up{12};
  double sale_discount = 0.2;

  template <class Visitor>
  void describe(Visitor& v) {
    describe_capacity(v, "owner", "tenant");
    v.field("price", price, required.within(0, 1), "value of a delivered GPU-hour");
    v.field("equity", equity, required.to("equities"), "price of a unit over time");
    v.field("discount", discount, optional.within(0, 0.99),
            "units are issued so far below their price");
    v.field("lock_up", lock_up, optional.within(0, 1200),
            "months from the start before units are sold; then they are, as they come");
    v.field("sale_discount", sale_discount, optional.within(0, 0.99), "given to sell them");
  }
};

/// One row: the value of the GPU-hours delivered, paid in units.
///   value = p · delivered,  units = value / (unit price · (1 − discount))           [models_8_3]
std::vector<Due> dues(const EquitySwapSpec& swap, const ContractMonth& month);

/// Units issued for `value` at a positive unit price.
double units_for(Dollars value, Dollars unit_price, double discount);

}  // namespace colossim
