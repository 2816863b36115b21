// Two parties' books for tests of contracts: dues are posted as they grow, month by month.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/contract/month.hpp>

namespace colossim::test {

inline constexpr PartyId grantor_books{0};
inline constexpr PartyId holder_books{1};

// Balances are compared in whole micro-dollars.
inline constexpr std::int64_t dollar = 1'000'000;
inline constexpr std::int64_t cent = 10'000;

/// The ledger of a grantor and a holder, and how much of each row of the month was posted.
class Books {
 public:
  /// Pays what each row has grown by since it was last posted in this month.
  void post(const std::vector<Due>& rows) {
    accruals_.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) enter(rows[i], accruals_[i].due(rows[i].amount));
  }
  /// Pays an amount outside the month's rows: a price, units for a debt, something paid ahead.
  void enter(const Due& row, Money amount) {
    const bool holder_pays = row.payer == Side::holder;
    pay(ledger_, {.time = SimTime{},
                  .payer = holder_pays ? holder_books : grantor_books,
                  .expense = row.expense,
                  .payee = holder_pays ? grantor_books : holder_books,
                  .income = row.income,
                  .amount = amount});
  }
  void end_month() { accruals_.clear(); }
  void post(const Posting& posting) { ledger_.post(posting); }

  /// Debits less credits [µUSD]: what was spent is positive, what was earned negative.
  [[nodiscard]] std::int64_t balance(PartyId party, Account account) const {
    return ledger_.balance(party, account).micro();
  }
  /// The sum of a party's balances, which is zero whatever was posted.
  [[nodiscard]] std::int64_t residual(PartyId party) const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Account::count); ++i)
      sum += balance(party, static_cast<Account>(i));
    return sum;
  }
  [[nodiscard]] std::size_t entries() const { return ledger_.journal().size(); }

 private:
  Ledger ledger_{2};
  std::vector<Accrual> accruals_;
};

/// The month when a share of it has passed and everything went on at one rate.
inline ContractMonth part_of(const ContractMonth& month, double share) {
  ContractMonth part = month;
  part.elapsed *= share;
  part.committed *= share;
  part.delivered *= share;
  part.used *= share;
  part.curtailed *= share;
  part.energy_cost *= share;
  part.revenue *= share;
  part.complete = false;
  return part;
}

/// Posts a month at three times and closes it.
template <class Spec>
void bill(Books& books, const Spec& spec, ContractMonth month) {
  month.complete = true;
  books.post(dues(spec, part_of(month, 0.29)));
  books.post(dues(spec, part_of(month, 0.83)));
  books.post(dues(spec, month));
  books.end_month();
}

/// Checks that both parties' books balance and that the one's cash is the other's.
inline void check_books(const Books& books) {
  CHECK(books.residual(grantor_books) == 0);
  CHECK(books.residual(holder_books) == 0);
  CHECK(books.balance(grantor_books, Account::cash) + books.balance(holder_books, Account::cash) ==
        0);
}

/// A random month at `steps` instants: within each step everything runs at its own rate; what is
/// used was delivered and what is curtailed was used.
inline std::vector<ContractMonth> random_month(Stream& stream, int steps) {
  ContractMonth month;
  month.index = month.whole_months = static_cast<int>(stream.next() % 40);
  month.promised = uniform_between(stream, 1, 2000) * units::gpu;
  month.market = uniform_between(stream, 1, 5) * units::usd / units::gpu_hour;
  month.price_factor = uniform_between(stream, 0.5, 1.5);
  std::vector<ContractMonth> instants;
  for (int i = 0; i < steps; ++i) {
    const Time step = uniform_between(stream, 0, 1500.0 / steps) * units::hour;
    const GpuTime delivered = month.promised * step * uniform_between(stream, 0, 1.3);
    const GpuTime used = delivered * uniform_between(stream, 0, 1);
    month.elapsed += step;
    month.committed += month.promised * step * uniform_between(stream, 0, 1);
    month.delivered += delivered;
    month.used += used;
    month.curtailed += used * uniform_between(stream, 0, 0.5);
    month.energy_cost += uniform_between(stream, 0, 1e5) * units::usd;
    month.revenue += uniform_between(stream, 0, 1e6) * units::usd;
    instants.push_back(month);
  }
  instants.back().complete = true;
  return instants;
}

/// Whether rows of two instants say the same but for amount and volume.
inline bool same_rows(const std::vector<Due>& a, const std::vector<Due>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].payer != b[i].payer || a[i].expense != b[i].expense || a[i].income != b[i].income ||
        std::string{a[i].unit} != b[i].unit)
      return false;
  return true;
}

enum class Growth : std::uint8_t { monotone, with_corrections };

/// Checks one step of a month: the same rows as before, none negative, none smaller.
inline void check_step(const std::vector<Due>& before, const std::vector<Due>& now, Growth growth) {
  CHECK(same_rows(before, now));
  for (std::size_t i = 0; i < now.size(); ++i) {
    CAPTURE(i);
    CHECK(now[i].amount >= Dollars{});
    CHECK(now[i].volume >= 0);
    if (growth == Growth::monotone)
      CHECK(now[i].amount.base() >= before[i].amount.base() * (1 - 1e-14));
  }
}

/// Checks a contract on a random month: posted in steps or at once, both parties' every account
/// ends the same.
template <class Spec>
void check_any_steps(const Spec& spec, Stream& stream, Growth growth = Growth::monotone) {
  const int steps = 1 + static_cast<int>(stream.next() % 40);
  const std::vector<ContractMonth> instants = random_month(stream, steps);
  Books in_steps;
  Books at_once;
  std::vector<Due> before = dues(spec, part_of(instants.front(), 0));
  for (const ContractMonth& instant : instants) {
    const std::vector<Due> now = dues(spec, instant);
    check_step(before, now, growth);
    in_steps.post(now);
    before = now;
  }
  at_once.post(dues(spec, instants.back()));
  CAPTURE(steps);
  for (std::size_t i = 0; i < static_cast<std::size_t>(Account::count); ++i)
    for (const PartyId party : {grantor_books, holder_books})
      CHECK(in_steps.balance(party, static_cast<Account>(i)) ==
            at_once.balance(party, static_cast<Account>(i)));
  check_books(in_steps);
}

}  // namespace colossim::test
