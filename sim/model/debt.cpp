// Annuity loans under a cash floor.
#include <algorithm>

#include <colossim/model/annuity.hpp>
#include <colossim/model/debt.hpp>

namespace colossim {

Dollars level_payment(Dollars balance, double monthly_rate, int months) {
  return capital_recovery_factor(monthly_rate, months) * balance;
}

DebtService debt_service_due(const Loan& loan) {
  const Dollars interest = loan.monthly_rate * loan.balance;
  if (loan.remaining_months <= 1) return {.interest = interest, .principal = loan.balance};
  const Dollars payment = level_payment(loan.balance, loan.monthly_rate, loan.remaining_months);
  return {.interest = interest, .principal = payment - interest};
}

std::optional<double> debt_service_coverage(Dollars cash_flow, const DebtService& due) {
  if (due.total() <= Dollars{}) return std::nullopt;
  return cash_flow / due.total();
}

bool breaks_covenant(std::optional<double> coverage, double least) {
  return coverage && *coverage < least;
}

DebtMonth pay_debt_service(const Loan& loan, const BorrowerCash& cash) {
  DebtMonth month;
  month.due = debt_service_due(loan);
  month.coverage = debt_service_coverage(cash.cash_flow, month.due);
  const Dollars free = std::max(Dollars{}, cash.at_hand - cash.floor);
  month.paid.interest = std::min(month.due.interest, free);
  month.paid.principal = std::min(month.due.principal, free - month.paid.interest);
  const DebtService unpaid{.interest = month.due.interest - month.paid.interest,
                           .principal = month.due.principal - month.paid.principal};
  month.shortfall = unpaid.total();
  month.after = loan;
  month.after.balance = loan.balance - month.paid.principal + unpaid.interest;
  month.after.remaining_months = std::max(0, loan.remaining_months - 1);
  return month;
}

}  // namespace colossim
