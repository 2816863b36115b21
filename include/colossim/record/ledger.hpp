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

/// Accounts of a party. Income and expense lines make the P&L; the others are balance-sheet lines.
enum class Account : std::uint8_t {
  cash,
  equipment,  // cost of what the party owns, less depreciation
  lease_income,
  service_income,
  energy_income,  // a utility's energy charges
  demand_income,  // a utility's demand charges
  supply_income,  // what staff and maintenance firms earn
  lease_cost,
  energy_cost,
  demand_cost,
  operating_cost,
  depreciation,
  count
};

enum class AccountClass : std::uint8_t { asset, income, expense };

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
