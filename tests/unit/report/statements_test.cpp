// Books by month, cash flows and the journal.
#include <cstdlib>
#include <map>
#include <sstream>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/record/cash_by_month.hpp>
#include <colossim/report/statements.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

constexpr PartyId owner{std::size_t{0}};
constexpr PartyId tenant{std::size_t{1}};

Money usd(double amount) {
  return to_money(Dollars{amount});
}

/// A run from 6 May to 20 July 2026 at a site six hours behind UTC.
Scenario scenario(int days = 75) {
  Scenario scenario;
  scenario.name = "books; by hand";
  scenario.start = std::chrono::year{2026} / 5 / 6;
  scenario.duration = static_cast<double>(days) * units::day;
  scenario.sites["here"].utc_offset = -6.0 * units::hour;
  return scenario;
}

Result empty_result() {
  Result result;
  result.parties = {"owner", "tenant"};
  result.causes = {"contract.lease", "site.here"};
  result.ledger = Ledger{2};
  return result;
}

/// 00:00 local time of a day in 2026.
SimTime local(unsigned month, unsigned day) {
  const Calendar calendar{scenario().start, Duration{-6 * one_hour.ns()}};
  return calendar.at(std::chrono::year{2026} / std::chrono::month{month} / std::chrono::day{day});
}

Payment rent(SimTime time, double amount) {
  return {time, tenant, Account::lease_cost, owner, Account::lease_income, 0, usd(amount)};
}

std::vector<double> dollars(const std::vector<Money>& amounts) {
  std::vector<double> list;
  for (const Money amount : amounts) list.push_back(amount.quantity().base());
  return list;
}

std::vector<double> dollars(const std::vector<Dollars>& amounts) {
  std::vector<double> list;
  for (const Dollars amount : amounts) list.push_back(amount.base());
  return list;
}

/// Rents on 1 June and 1 July at 00:00, a rest at the end, depreciation beside them.
Result three_bills() {
  Result result = empty_result();
  result.ledger.post({SimTime{}, tenant, Account::cash, Account::capital, 1, usd(1000)});
  pay(result.ledger, rent(SimTime{}, 40));
  pay(result.ledger, rent(local(6, 1), 100));
  result.ledger.post(
      {local(6, 1) + one_hour, owner, Account::depreciation, Account::equipment, 1, usd(7.5)});
  pay(result.ledger, rent(local(7, 1), 120));
  pay(result.ledger, rent(scenario().end(), -12.000001));
  return result;
}

Report report_on(const Scenario& scenario, const Result& result) {
  return {scenario, result, "1.2.3", ""};
}

/// Account balances of a journal's text, and whether every transaction adds up to zero.
struct ParsedJournal {
  std::map<std::string, std::int64_t> balances;  // micro-dollars
  std::size_t transactions = 0;
  bool balanced = true;
};

ParsedJournal parse(const std::string& text) {
  ParsedJournal parsed;
  std::int64_t open = 0;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("    ")) {
      parsed.balanced = parsed.balanced && open == 0;
      parsed.transactions += !line.empty() && line.front() == '2' ? 1 : 0;
      continue;
    }
    std::istringstream words{line};
    std::string account;
    std::string amount;
    words >> account >> amount;
    const bool negative = amount.front() == '-';
    amount.erase(amount.find('.'), 1);
    const std::int64_t micro = std::stoll(amount);
    REQUIRE(negative == (micro < 0));
    parsed.balances[account] += micro;
    open += micro;
  }
  parsed.balanced = parsed.balanced && open == 0;
  return parsed;
}

/// Every balance of the ledger stands in the parsed journal under its own account.
void check_balances(const ParsedJournal& parsed, const Result& result) {
  const std::map<AccountClass, std::string> roots{{AccountClass::asset, "assets"},
                                                  {AccountClass::liability, "liabilities"},
                                                  {AccountClass::equity, "equity"},
                                                  {AccountClass::income, "income"},
                                                  {AccountClass::expense, "expenses"}};
  for (std::size_t party = 0; party < result.parties.size(); ++party) {
    for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
      const auto account = static_cast<Account>(a);
      const std::string path = roots.at(account_class(account)) + ":" + result.parties[party] +
                               ":" + std::string{name(account)};
      const auto found = parsed.balances.find(path);
      CAPTURE(path);
      CHECK((found == parsed.balances.end() ? 0 : found->second) ==
            result.ledger.balance(PartyId{party}, account).micro());
    }
  }
}

Result random_books(int postings) {
  Result result = empty_result();
  Stream stream{StreamName{.seed = 5, .path = "books", .purpose = "postings"}};
  const auto accounts = static_cast<double>(Account::count);
  for (int i = 0; i < postings; ++i) {
    const double when = stream.uniform();
    const double debit = stream.uniform();
    const double credit = stream.uniform();
    const double who = stream.uniform();
    const double cause = stream.uniform();
    const double amount = exponential(stream, 1e12);
    result.ledger.post(
        {SimTime{math::round_to_int(when * 75 * 24) * one_hour.ns()}, who < 0.5 ? owner : tenant,
         static_cast<Account>(debit * accounts), static_cast<Account>(credit * accounts),
         static_cast<std::uint16_t>(cause < 0.5 ? 0 : 1), Money{math::round_to_int(amount)}});
  }
  return result;
}

}  // namespace

TEST_CASE("a bill of the first of a month at 00:00 local belongs to the month it bills") {
  const Scenario s = scenario();
  const Statements statements = make_statements(s, three_bills());
  REQUIRE(statements.months.size() == 3);
  CHECK(to_string(statements.months[0]) == "2026-05-01");
  CHECK(to_string(statements.months[2]) == "2026-07-01");
  INFO("May 40 + 100, June 120 less 7.50 of depreciation, July the refund");
  CHECK(dollars(statements.parties[0].profit) == std::vector<double>{140, 112.5, -12.000001});
  CHECK(dollars(statements.parties[0].cash) == std::vector<double>{140, 120, -12.000001});
  CHECK(statements.parties[0].total_profit() == usd(240.499999));
  CHECK(statements.parties[0].total_cash() == usd(247.999999));
}

TEST_CASE("cash that a party began with is no flow, and only accounts with postings are listed") {
  const Statements statements = make_statements(scenario(), three_bills());
  CHECK(dollars(statements.parties[1].cash) == std::vector<double>{-140, -120, 12.000001});
  REQUIRE(statements.parties[1].accounts.size() == 3);
  CHECK(statements.parties[1].accounts[0].account == Account::cash);
  CHECK(dollars(statements.parties[1].accounts[0].change) ==
        std::vector<double>{860, -120, 12.000001});
  CHECK(statements.parties[1].accounts[1].account == Account::capital);
  CHECK(statements.parties[1].accounts[2].account == Account::lease_cost);
}

TEST_CASE("flows count months from the start, not calendar months") {
  INFO("6 May to 20 July: months end on 6 June, 6 July, 6 August; 40 are paid at the start");
  const Statements statements = make_statements(scenario(), three_bills());
  CHECK(statements.parties[0].flow.at_start == Dollars{40});
  CHECK(dollars(statements.parties[0].flow.month) == std::vector<double>{100, 120, -12.000001});
}

TEST_CASE("a year from the sixth of a month has twelve months of flow and thirteen statements") {
  Result result = empty_result();
  pay(result.ledger, rent(scenario(365).end(), 1));
  pay(result.ledger, rent(scenario(365).end() - one_hour, 2));
  const Statements statements = make_statements(scenario(365), result);
  CHECK(statements.months.size() == 13);
  REQUIRE(statements.parties[0].flow.month.size() == 12);
  CHECK(statements.parties[0].flow.month.back() == Dollars{3});
}

TEST_CASE("a run from the first of a month west of Greenwich bills in step with its flows") {
  Scenario s = scenario(61);
  s.start = std::chrono::year{2026} / 5 / 1;
  const Calendar calendar{s.start, Duration{-6 * one_hour.ns()}};
  Result result = empty_result();
  pay(result.ledger, rent(calendar.at(std::chrono::year{2026} / 6 / 1), 100));
  const Statements statements = make_statements(s, result);
  INFO("the run begins on 30 April 18:00 local, so April has a statement of six hours");
  CHECK(to_string(statements.months.front()) == "2026-04-01");
  CHECK(dollars(statements.parties[0].cash) == std::vector<double>{0, 100, 0});
  CHECK(dollars(statements.parties[0].flow.month) == std::vector<double>{100, 0});
}

TEST_CASE("months of random books add up to the balances of the ledger") {
  const Result result = random_books(5000);
  const Statements statements = make_statements(scenario(), result);
  for (std::size_t party = 0; party < 2; ++party) {
    std::map<Account, Money> sums;
    for (const AccountMonths& row : statements.parties[party].accounts) {
      for (const Money change : row.change) sums[row.account] += change;
    }
    Money profit;
    for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
      const auto account = static_cast<Account>(a);
      CHECK(sums[account] == result.ledger.balance(PartyId{party}, account));
      if (account_class(account) >= AccountClass::income) profit -= sums[account];
    }
    CHECK(statements.parties[party].total_profit() == profit);
    double flow = statements.parties[party].flow.at_start.base();
    for (const Dollars month : statements.parties[party].flow.month) flow += month.base();
    Money expected;
    for (const Posting& posting : result.ledger.journal())
      if (posting.party.row() == party) expected += value_flow(posting);
    CHECK(flow == doctest::Approx(expected.quantity().base()));
  }
}

TEST_CASE("statements.csv is exact to the micro-dollar and signs follow the account's class") {
  const Scenario s = scenario();
  const Result result = three_bills();
  CHECK(statements_csv(report_on(s, result)) ==
        "month,party,account,class,amount_usd\n"
        "2026-05,owner,cash,asset,140.000000\n"
        "2026-05,owner,lease_income,income,140.000000\n"
        "2026-05,owner,profit,result,140.000000\n"
        "2026-05,owner,cash_flow,result,140.000000\n"
        "2026-06,owner,cash,asset,120.000000\n"
        "2026-06,owner,equipment,asset,-7.500000\n"
        "2026-06,owner,lease_income,income,120.000000\n"
        "2026-06,owner,depreciation,expense,7.500000\n"
        "2026-06,owner,profit,result,112.500000\n"
        "2026-06,owner,cash_flow,result,120.000000\n"
        "2026-07,owner,cash,asset,-12.000001\n"
        "2026-07,owner,lease_income,income,-12.000001\n"
        "2026-07,owner,profit,result,-12.000001\n"
        "2026-07,owner,cash_flow,result,-12.000001\n"
        "2026-05,tenant,cash,asset,860.000000\n"
        "2026-05,tenant,capital,equity,1000.000000\n"
        "2026-05,tenant,lease_cost,expense,140.000000\n"
        "2026-05,tenant,profit,result,-140.000000\n"
        "2026-05,tenant,cash_flow,result,-140.000000\n"
        "2026-06,tenant,cash,asset,-120.000000\n"
        "2026-06,tenant,lease_cost,expense,120.000000\n"
        "2026-06,tenant,profit,result,-120.000000\n"
        "2026-06,tenant,cash_flow,result,-120.000000\n"
        "2026-07,tenant,cash,asset,12.000001\n"
        "2026-07,tenant,lease_cost,expense,-12.000001\n"
        "2026-07,tenant,profit,result,12.000001\n"
        "2026-07,tenant,cash_flow,result,12.000001\n");
}

TEST_CASE("the journal declares what it uses and dates a bill at 00:00 on the day that ended") {
  const Scenario s = scenario();
  Result result = empty_result();
  pay(result.ledger, rent(local(6, 1), 0.25));
  pay(result.ledger, rent(local(6, 1), 0.5));
  CHECK(hledger_journal(report_on(s, result)) ==
        "; books, by hand\n"
        "; colossim 1.2.3, seed 1, one transaction per local day, cause, party and pair of "
        "accounts\n"
        "commodity 1000.000000 USD\n"
        "account assets:owner:cash\n"
        "account income:owner:lease_income\n"
        "account assets:tenant:cash\n"
        "account expenses:tenant:lease_cost\n"
        "\n"
        "2026-05-31 * contract.lease\n"
        "    assets:owner:cash  0.750000 USD\n"
        "    income:owner:lease_income  -0.750000 USD\n"
        "\n"
        "2026-05-31 * contract.lease\n"
        "    expenses:tenant:lease_cost  0.750000 USD\n"
        "    assets:tenant:cash  -0.750000 USD\n");
  CHECK(parse(hledger_journal(report_on(s, result), JournalGrain::posting)).transactions == 4);
}

TEST_CASE("both grains of a journal balance and give the ledger's balances") {
  const Scenario s = scenario();
  for (const Result& result : {three_bills(), random_books(3000)}) {
    const ParsedJournal all = parse(hledger_journal(report_on(s, result), JournalGrain::posting));
    const ParsedJournal days = parse(hledger_journal(report_on(s, result), JournalGrain::day));
    CHECK(all.transactions == result.ledger.journal().size());
    CHECK(days.transactions <= all.transactions);
    for (const ParsedJournal* parsed : {&all, &days}) {
      CHECK(parsed->balanced);
      check_balances(*parsed, result);
    }
  }
}

TEST_CASE("hledger reads the journal, where it is installed") {
  if (std::system("command -v hledger > /dev/null 2>&1") != 0) {
    MESSAGE("hledger is not installed");
    return;
  }
  const test::TemporaryFolder folder;
  const Scenario s = scenario();
  const Result result = random_books(3000);
  for (const JournalGrain grain : {JournalGrain::posting, JournalGrain::day}) {
    const std::string file = (folder.path() / "books.journal").string();
    write_file(file, hledger_journal(report_on(s, result), grain));
    CHECK(std::system(("hledger -f " + file + " check --strict").c_str()) == 0);
  }
}
