// A lease: the tenant pays for GPU-hours delivered, used or not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <colossim/contract/month.hpp>
#include <colossim/contract/terms.hpp>

namespace colossim {

struct ReducedFeeSpec {
  static constexpr std::string_view doc = "A lower fee while the fleet ramps.";
  double share = 0.5;
  Period period{2};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("share", share, required.fraction(), "of the full fee");
    v.field("for", period, required.within(1, 120),
            "calendar months that begin so soon after the start");
  }
};

struct CreditTierSpec {
  static constexpr std::string_view doc = "A service credit below an availability.";
  double below = 0.99;
  double credit = 0.1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("below", below, required.fraction(), "monthly availability: delivered / due GPU-hours");
    v.field("credit", credit, required.fraction(), "share of the month's fee");
  }
};

struct ServiceLevelSpec {
  static constexpr std::string_view doc =
      "Credits for availability missed over a calendar month. GPU-hours count as the liability "
      "table has them: what is late at the tenant's risk counts as delivered.";
  std::vector<CreditTierSpec> tiers;
  double cap = 0.5;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("tiers", tiers, required, "the lowest tier that is missed counts");
    v.field("cap", cap, optional.fraction(), "most that is credited of a month's fee");
  }
};

struct LeaseSpec : CapacityTerms {
  static constexpr std::string_view kind = "lease";
  static constexpr std::string_view doc =
      "The owner's nodes go to the tenant in tranches. The tenant pays for what was delivered and "
      "used, at least the take-or-pay share. Billing follows delivery.";
  std::optional<GpuPrice> price;
  std::optional<MoneyRate> fee;
  std::optional<Ref> market;
  double take_or_pay = 1;
  std::optional<ReducedFeeSpec> reduced;
  Frequency indexation;
  std::string power = "gross";
  Dollars prepayment;
  std::optional<ServiceLevelSpec> sla;
  GpuCount flexible;

  template <class Visitor>
  void describe(Visitor& v) {
    describe_capacity(v, "owner", "tenant");
    v.field("price", price, optional.within(0, 1), "per GPU-hour; this, `fee` or `market`");
    v.field(
        "fee", fee, optional.within(0, most_money_rate),
        "for all committed GPUs together (a month in a rate is 730 h); less when fewer are there");
    v.field("market", market, optional.to("markets"),
            "price that follows a market, month by month");
    v.field("take_or_pay", take_or_pay, optional.fraction(),
            "share of delivered GPU-hours paid even when unused");
    v.field("reduced", reduced, optional, "reduced fee at the beginning");
    v.field("indexation", indexation, optional.within(-1e-8, 1e-8),
            "growth of the price, from the first billing month after each anniversary");
    v.field("power", power, optional.one_of("gross net"),
            "gross: electricity is in the price; net: the tenant pays it on top");
    v.field("prepayment", prepayment, optional.within(0, most_money),
            "paid at the start and set off against fees until used up");
    v.field("sla", sla, optional, "service credits");
    v.field("flexible", flexible, optional.within(0, 1e7),
            "GPUs beyond `gpus` that the owner may deliver and take back at will; paid when used");
  }
};

/// Price per GPU-hour in force: the contract's, indexed and reduced. `promised` > 0 GPUs turn a
/// monthly fee into a price.
///   p = p0 · (1 + i)^⌊whole months / 12⌋ · reduction [models_8_3]
GpuPrice lease_price(const LeaseSpec& lease, const ContractMonth& month);

/// Fee, electricity on top, and once the month is complete the service credit.
///   fee = p · max(used, τ · min(due, delivered))                                   [models_8_3]
/// Curtailed GPU-time is neither used nor delivered when the owner is liable; GPU-time that is due
/// and not delivered is paid as delivered when the tenant is liable for a late ramp.
std::vector<Due> dues(const LeaseSpec& lease, const ContractMonth& month);

}  // namespace colossim
