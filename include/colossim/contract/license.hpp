// A licence: model weights or data for a fee and a royalty.
#pragma once

#include <string>
#include <vector>

#include <colossim/contract/month.hpp>
#include <colossim/contract/terms.hpp>

namespace colossim {

struct LicenseSpec : ContractTerms {
  static constexpr std::string_view kind = "license";
  static constexpr std::string_view doc =
      "The licensee pays for model weights or data: once, by the month, and a royalty on its "
      "service revenue.";
  Ref licensor;
  Ref licensee;
  std::string subject = "weights";
  Dollars upfront;
  MoneyRate fee;
  double royalty = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("licensor", licensor, required.to("parties"), "who grants it");
    v.field("licensee", licensee, required.to("parties"), "who pays");
    v.field("subject", subject, optional.one_of("weights data"), "what is licensed");
    v.field("upfront", upfront, optional.within(0, most_money), "paid at the start");
    v.field("fee", fee, optional.within(0, most_money_rate), "paid all along");
    v.field("royalty", royalty, optional.fraction(), "share of the licensee's service revenue");
    describe_terms(v);
  }
};

/// Fee and royalty of the month so far; `month.revenue` is the licensee's service revenue.
std::vector<Due> dues(const LicenseSpec& license, const ContractMonth& month);

}  // namespace colossim
