// A power purchase: energy at a fixed price, taken or paid.
#pragma once

#include <vector>

#include <colossim/contract/terms.hpp>

namespace colossim {

struct PowerPurchaseSpec : ContractTerms {
  static constexpr std::string_view kind = "power_purchase";
  static constexpr std::string_view doc =
      "The supplier delivers power up to a volume; it replaces the utility's energy, hour by hour. "
      "Demand charges stay with the utility.";
  Ref supplier;
  Ref buyer;
  Ref site;
  Power volume;
  EnergyPrice price;
  double take = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("supplier", supplier, required.to("parties"), "who sells the energy");
    v.field("buyer", buyer, required.to("parties"), "who pays: the site's owner");
    v.field("site", site, required.to("sites"), "where it is used");
    v.field("volume", volume, required.positive().up_to(most_power), "greatest power delivered");
    v.field("price", price, required.within(-1e-5, 1e-5), "of energy");
    v.field("take", take, optional.fraction(),
            "share of the month's full volume paid even when unused");
    describe_terms(v);
  }
};

/// What is owed for a month so far.
///   cost = price · max(taken, take · volume · elapsed)                              [models_6_5]
Dollars purchase_cost(const PowerPurchaseSpec& purchase, Energy taken, Time elapsed);

}  // namespace colossim
