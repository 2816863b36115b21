// For loans: the level payment, what cash allows of it, and the ratio that covenants watch.
#pragma once

#include <optional>

#include <colossim/base/quantity.hpp>

namespace colossim {

/// What is owed at the start of a month.
struct Loan {
  Dollars balance;           // ≥ 0
  double monthly_rate = 0;   // ≥ 0, interest of one month on the balance
  int remaining_months = 0;  // payments to go, ≥ 0; at 0 or 1 everything is due
};

/// What is due, or was paid, in a month.
struct DebtService {
  Dollars interest;
  Dollars principal;

  [[nodiscard]] Dollars total() const { return interest + principal; }
};

/// Equal monthly payments that repay `balance` over `months` > 0.
///   A = B·i / (1 − (1 + i)^−n), B/n at i = 0                                       [models_8_1]
Dollars level_payment(Dollars balance, double monthly_rate, int months);

/// Interest and principal due at the end of the month. The level payment is worked out anew from
/// what is owed, so a loan that was paid in full so far has the payment it began with, and a
/// shortfall is spread over the rest.
DebtService debt_service_due(const Loan& loan);

/// DSCR: cash flow available for debt service (CFADS) over interest and principal due; none when
/// nothing is due. 1 just covers the service.                                       [models_8_4]
std::optional<double> debt_service_coverage(Dollars cash_flow, const DebtService& due);

/// Whether a coverage breaks a covenant that asks for at least `least`. No debt breaks none.
bool breaks_covenant(std::optional<double> coverage, double least);

/// Money of the borrower in a month.
struct BorrowerCash {
  Dollars cash_flow;  // of the month, before debt service: CFADS
  Dollars at_hand;    // at the end of the month before debt service, cash flow included
  Dollars floor;      // which debt service may not touch
};

/// What became of a month's debt service.
struct DebtMonth {
  DebtService due;
  DebtService paid;
  Dollars shortfall;               // due and not paid
  std::optional<double> coverage;  // DSCR
  Loan after;                      // the loan at the start of the next month
};

/// Pays what cash above the floor allows, interest first. What is not paid stays owed and bears
/// interest:
///   balance' = balance·(1 + i) − paid                                              [models_8_4]
DebtMonth pay_debt_service(const Loan& loan, const BorrowerCash& cash);

}  // namespace colossim
