// A sale: nodes change owner for good.
#pragma once

#include <optional>
#include <string>

#include <colossim/contract/month.hpp>
#include <colossim/contract/terms.hpp>

namespace colossim {

struct AssetSaleSpec : CapacityTerms {
  static constexpr std::string_view kind = "asset_sale";
  static constexpr std::string_view doc =
      "The buyer pays for each node as it is delivered and owns it from then on. What goes along "
      "moves in the same proportion.";
  std::optional<Quantity<Dimension{.money = 1, .gpu = -1}>> unit_price;
  std::optional<Dollars> price;
  bool network = true;
  bool cooling = false;
  bool building = false;
  bool power_contract = false;
  std::optional<Ref> operator_party;
  MoneyRate operating_fee;
  Period life{60};

  template <class Visitor>
  void describe(Visitor& v) {
    describe_capacity(v, "seller", "buyer");
    v.field("unit_price", unit_price, optional.within(0, 1e8), "per GPU; this or `price`");
    v.field("price", price, optional.within(0, most_money), "for everything sold");
    v.field("network", network, optional, "the nodes' share of the network goes along");
    v.field("cooling", cooling, optional, "the nodes' share of the cooling plant goes along");
    v.field("building", building, optional, "the nodes' share of building and power goes along");
    v.field("power_contract", power_contract, optional,
            "the buyer pays the utility for its nodes; else the seller does and is paid back");
    v.field("operator", operator_party, optional.to("parties"),
            "who runs the nodes afterwards: pays staff and maintenance (default: the buyer)");
    v.field("operating_fee", operating_fee, optional.within(0, most_money_rate),
            "what the buyer pays the operator once everything is delivered");
    v.field("life", life, optional.within(1, 1200), "over which the buyer writes the price off");
  }
};

/// Price of `gpus` of the `total` sold.
Dollars sale_price(const AssetSaleSpec& sale, GpuCount gpus, GpuCount total);

/// The operator's fee, when a fee is agreed, and electricity that the seller pays ahead.
std::vector<Due> dues(const AssetSaleSpec& sale, const ContractMonth& month);

}  // namespace colossim
