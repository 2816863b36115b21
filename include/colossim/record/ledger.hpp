// Double-entry books of every party.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <colossim/base/id.hpp>
#include <colossim/base/money.hpp>
#include <colossim/base/time.hpp>

namespace colossim {

struct PartyTag;
using PartyId = Id<PartyTag>;

/// Accounts of a party, class by class: what it has, what it owes, what it began with, what it
/// earns and what it spends. Income and expense lines make the P&L; the others are the balance
/// sheet.
enum class Account : std::uint8_t {
  cash,
  equipment,  // cost of what the party owns, less depreciation
  units,      // shares of another party, at what they were taken for
  prepaid,    // paid ahead, not yet used
  deferred,   // received ahead, not yet earned
  debt,
  capital,  // what owners put in: at the beginning, and for units issued
  lease_income,
  share_income,    // of another party's revenue
  service_income,  // tokens and subscriptions
  energy_income,   // a utility's or producer's energy charges
  demand_income,   // a utility's demand charges
  license_income,
  fee_income,      // option fees and penalties
  default_income,  // debts never paid
  credit_income,   // service credits received
  interest_income,
  transfer_income,  // what wiping, imaging and testing crews earn
  supply_income,    // what staff, water and maintenance firms earn
  sale_gain,        // price of a sale less book value; negative: a loss
  unit_gain,        // sale of units less what they were taken for; negative: a loss
  tax_income,       // the state's
  lease_cost,
  share_cost,
  energy_cost,
  demand_cost,
  water_cost,
  operating_cost,  // staff, maintenance; what customers pay for tokens
  transfer_cost,
  license_cost,
  fee_cost,
  credit_cost,
  interest_cost,
  default_loss,  // earned and never paid
  depreciation,
  tax_cost,
  count
};

enum class AccountClass : std::uint8_t { asset, liability, equity, income, expense };

std::string_view name(Account account);
AccountClass account_class(Account account);

/// One double entry in the books of one party: `amount` (never negative) is debited to one account
/// and credited to another, so every posting balances by construction.
struct Posting {
  SimTime time;
  PartyId party;
  Account debit = Account::cash;
  Account credit = Account::cash;
  std::uint16_t cause = 0;  // row of the run's table of causes: a contract, a site, a service
  Money amount;
};

/// The journal and its balances.
class Ledger {
 public:
  Ledger() = default;
  explicit Ledger(std::size_t parties) : balances_(parties) {}

  /// Enters one posting; an amount of zero is not worth an entry and is dropped.
  void post(const Posting& posting);
  [[nodiscard]] std::span<const Posting> journal() const { return journal_; }
  /// Debits minus credits of an account.
  [[nodiscard]] Money balance(PartyId party, Account account) const;
  [[nodiscard]] std::size_t parties() const { return balances_.size(); }

 private:
  using Balances = std::array<Money, static_cast<std::size_t>(Account::count)>;
  std::vector<Balances> balances_;
  std::vector<Posting> journal_;
};

/// A payment between two parties: the payer's expense against cash, and cash against the payee's
/// income. A negative amount is a refund: the same accounts, reversed.
struct Payment {
  SimTime time;
  PartyId payer;
  Account expense = Account::operating_cost;
  PartyId payee;
  Account income = Account::supply_income;
  std::uint16_t cause = 0;
  Money amount;
};

/// Enters both sides of a payment.
void pay(Ledger& ledger, const Payment& payment);

}  // namespace colossim
