// A loan: drawn once, paid back in equal monthly payments as far as cash allows.
#pragma once

#include <colossim/contract/terms.hpp>

namespace colossim {

struct FinancingSpec : ContractTerms {
  static constexpr std::string_view kind = "financing";
  static constexpr std::string_view doc =
      "Debt with a level payment at the end of each whole calendar month; the days before the "
      "first "
      "one bear interest alone, and the end of the term repays what is left. A covenant watches "
      "the debt service coverage; what would "
      "push the borrower's cash below its floor is not paid and stays owed.";
  Ref lender;
  Ref borrower;
  Dollars amount;
  bool drawn_before = false;
  Frequency rate;
  double dscr = 0;
  Dollars cash_floor;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("lender", lender, required.to("parties"), "who lends");
    v.field("borrower", borrower, required.to("parties"), "who owes");
    v.field("amount", amount, required.positive().up_to(most_money), "principal at the start");
    v.field("drawn_before", drawn_before, optional,
            "it was paid out before the run: no cash comes in");
    v.field("rate", rate, required.within(0, 1e-7),
            "nominal yearly interest, a twelfth each month");
    v.field("dscr", dscr, optional.within(0, 100),
            "covenant: least cash flow before debt service / (interest + principal)");
    v.field("cash_floor", cash_floor, optional.within(0, most_money),
            "cash the borrower keeps before it pays");
    describe_terms(v);
  }
};

}  // namespace colossim
