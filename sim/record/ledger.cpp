// The journal keeps every posting; balances are kept beside it so that a statement needs no pass
// over it.
#include <utility>

#include <colossim/base/check.hpp>
#include <colossim/record/ledger.hpp>

namespace colossim {

std::string_view name(Account account) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Account::count)> names{
      "cash",          "equipment",       "units",           "prepaid",       "deferred",
      "debt",          "capital",         "lease_income",    "share_income",  "service_income",
      "energy_income", "demand_income",   "license_income",  "fee_income",    "default_income",
      "credit_income", "interest_income", "transfer_income", "supply_income", "sale_gain",
      "unit_gain",     "tax_income",      "lease_cost",      "share_cost",    "energy_cost",
      "demand_cost",   "water_cost",      "operating_cost",  "transfer_cost", "license_cost",
      "fee_cost",      "credit_cost",     "interest_cost",   "default_loss",  "depreciation",
      "tax_cost"};
  return names[static_cast<std::size_t>(account)];
}

AccountClass account_class(Account account) {
  if (account < Account::deferred) return AccountClass::asset;
  if (account < Account::capital) return AccountClass::liability;
  if (account < Account::lease_income) return AccountClass::equity;
  return account < Account::lease_cost ? AccountClass::income : AccountClass::expense;
}

void Ledger::post(const Posting& posting) {
  COLOSSIM_CHECK(posting.amount >= Money{}, "amount={} debit={} credit={}", posting.amount.micro(),
                 name(posting.debit), name(posting.credit));
  if (posting.amount == Money{}) return;
  Balances& balances = balances_[posting.party.row()];
  balances[static_cast<std::size_t>(posting.debit)] += posting.amount;
  balances[static_cast<std::size_t>(posting.credit)] -= posting.amount;
  journal_.push_back(posting);
}

Money Ledger::balance(PartyId party, Account account) const {
  return balances_[party.row()][static_cast<std::size_t>(account)];
}

void pay(Ledger& ledger, const Payment& payment) {
  const auto enter = [&](PartyId party, Account debit, Account credit) {
    const bool refund = payment.amount < Money{};
    if (refund) std::swap(debit, credit);
    ledger.post({payment.time, party, debit, credit, payment.cause,
                 refund ? -payment.amount : payment.amount});
  };
  enter(payment.payer, payment.expense, Account::cash);
  enter(payment.payee, Account::cash, payment.income);
}

}  // namespace colossim
