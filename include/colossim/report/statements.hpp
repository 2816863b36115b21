// Books by month: profit and loss, cash flow, what they are worth, and a journal for accountants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/base/money.hpp>
#include <colossim/model/cash_flow.hpp>
#include <colossim/record/result.hpp>
#include <colossim/report/summary.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// What one account changed by in each month: debits less credits.
struct AccountMonths {
  Account account = Account::cash;
  std::vector<Money> change;  // by calendar month
};

/// The books of one party. What it began with (entries against `capital`) is no flow of cash.
struct PartyStatement {
  std::string party;
  std::vector<AccountMonths> accounts;  // those with a posting, in the order of Account
  std::vector<Money> profit;            // income less expense, by calendar month
  std::vector<Money> cash;              // change of cash, by calendar month
  CashFlow flow;                        // the same by months since the start

  /// Over all months.
  [[nodiscard]] Money total_profit() const;
  [[nodiscard]] Money total_cash() const;
};

/// The books of a run, sorted by time. A posting at exactly 00:00 belongs to the day that just
/// ended, so a bill of the first of a month stands in the month it bills.
struct Statements {
  std::vector<Date> months;             // first day of each calendar month, local to the first site
  std::vector<PartyStatement> parties;  // in the order of Result::parties
};

/// Calendar months carry the statements. `PartyStatement::flow` counts from the scenario's first
/// day instead: month k + 1 ends k + 1 calendar months after it at local 00:00, the last one takes
/// what is left, and what is posted at the very start settles there. (Calendar months would count a
/// year from 6 May as thirteen and discount its bills too much.)
Statements make_statements(const Scenario& scenario, const Result& result);

/// What a flow of cash is worth at the start. Nothing after the run is counted and no capital spent
/// before it. [models_8_4]
struct Valuation {
  double rate = 0;  // effective annual
  Dollars npv;
  std::optional<double> irr;   // see internal_rate_of_return; none above 1,000 % a year
  std::optional<int> payback;  // see payback_month
  std::optional<int> discounted_payback;
};

/// REQUIRES: annual_rate > −1.
Valuation valuation(const CashFlow& flow, double annual_rate);

/// One row per month, party and account that changed, and for each month and party two of class
/// `result`: `profit` and `cash_flow`, which leaves out what the party began with. Income,
/// liabilities and equity count credits as positive, assets and expenses debits. Columns: month,
/// party, account, class, amount_usd with six exact decimals.
std::string statements_csv(const Report& report);

/// How much of the journal becomes one transaction.
enum class JournalGrain {
  posting,  // each posting
  day,      // all of a local day with the same cause, party and pair of accounts
};

/// The journal as text that `hledger` reads and balances: accounts `class:party:account`, local
/// dates, the cause as description, USD with six exact decimals. Accounts and the commodity are
/// declared, so `hledger check --strict` holds, and `hledger balance` shows Ledger::balance.
std::string hledger_journal(const Report& report, JournalGrain grain = JournalGrain::day);

}  // namespace colossim
