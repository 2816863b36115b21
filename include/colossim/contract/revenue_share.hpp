// A revenue share: the owner's nodes against a part of what the tenant earns on them.
#pragma once

#include <vector>

#include <colossim/contract/month.hpp>
#include <colossim/contract/terms.hpp>

namespace colossim {

struct RevenueShareSpec : CapacityTerms {
  static constexpr std::string_view kind = "revenue_share";
  static constexpr std::string_view doc =
      "The tenant pays a share of the revenue attributed to the nodes, between a floor and a cap.";
  double share = 0.3;
  MoneyRate floor;
  MoneyRate cap{most_money_rate};

  template <class Visitor>
  void describe(Visitor& v) {
    describe_capacity(v, "owner", "tenant");
    v.field("share", share, required.fraction(), "of the attributed revenue");
    v.field("floor", floor, optional.within(0, most_money_rate),
            "least payment once everything is delivered; less in proportion before");
    v.field("cap", cap, optional.within(0, most_money_rate), "greatest payment");
  }
};

/// One row: clamp(share · revenue, floor, cap) of the month so far, floor and cap in proportion to
/// what was delivered.                                                               [models_8_3]
std::vector<Due> dues(const RevenueShareSpec& share, const ContractMonth& month);

}  // namespace colossim
