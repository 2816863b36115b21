// The journal sorted into months and days.
#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include <colossim/record/cash_by_month.hpp>
#include <colossim/report/statements.hpp>

namespace colossim {

namespace {

constexpr std::size_t account_count = static_cast<std::size_t>(Account::count);

std::size_t row_of(Account account) {
  return static_cast<std::size_t>(account);
}

bool is_profit_and_loss(Account account) {
  const AccountClass kind = account_class(account);
  return kind == AccountClass::income || kind == AccountClass::expense;
}

Duration utc_offset(const Scenario& scenario) {
  return scenario.sites.empty() ? Duration{}
                                : to_duration(scenario.sites.begin()->second.utc_offset);
}

Calendar local_calendar(const Scenario& scenario) {
  return Calendar{scenario.start, utc_offset(scenario)};
}

/// Consecutive spans of the run by their ends; an end belongs to the span it closes. What is
/// outside belongs to the first or last.
class Spans {
 public:
  explicit Spans(std::vector<SimTime> ends) : ends_(std::move(ends)) {}
  [[nodiscard]] std::size_t of(SimTime t) const {
    const auto found = std::lower_bound(ends_.begin(), ends_.end() - 1, t);
    return static_cast<std::size_t>(found - ends_.begin());
  }
  [[nodiscard]] std::size_t size() const { return ends_.size(); }

 private:
  std::vector<SimTime> ends_;
};

Spans calendar_months(const Calendar& calendar, SimTime end) {
  std::vector<SimTime> ends{calendar.next_month(SimTime{})};
  while (ends.back() < end) ends.push_back(calendar.next_month(ends.back()));
  return Spans{std::move(ends)};
}

/// Monthly changes of every account of one party.
struct Sheet {
  std::vector<std::array<Money, account_count>> months;
  std::vector<Money> cash;
  Money at_start;
  std::vector<Money> elapsed;

  Sheet(std::size_t month_count, std::size_t elapsed_count)
      : months(month_count), cash(month_count), elapsed(elapsed_count) {}
};

class Sorter {
 public:
  Sorter(const Scenario& scenario, const Result& result)
      : calendar_(local_calendar(scenario)),
        months_(calendar_months(calendar_, scenario.end())),
        elapsed_(calendar_, scenario.end()),
        sheets_(result.parties.size(), Sheet{months_.size(), elapsed_.size()}) {
    for (const Posting& posting : result.ledger.journal()) enter(posting);
  }

  [[nodiscard]] Statements statements(const Result& result) const {
    Statements statements;
    const Date first = calendar_.date(SimTime{});
    for (std::size_t m = 0; m < months_.size(); ++m)
      statements.months.push_back(Date{first.year() / first.month() / 1} +
                                  Period{static_cast<int>(m)});
    for (std::size_t party = 0; party < sheets_.size(); ++party)
      statements.parties.push_back(statement(result.parties[party], sheets_[party]));
    return statements;
  }

 private:
  void enter(const Posting& posting) {
    Sheet& sheet = sheets_[posting.party.row()];
    const std::size_t month = months_.of(posting.time);
    sheet.months[month][row_of(posting.debit)] += posting.amount;
    sheet.months[month][row_of(posting.credit)] -= posting.amount;
    const Money flow = value_flow(posting);
    (posting.time <= SimTime{} ? sheet.at_start : sheet.elapsed[elapsed_.of(posting.time)]) += flow;
    if (posting.debit != Account::capital && posting.credit != Account::capital)
      sheet.cash[month] += flow;
  }

  static PartyStatement statement(const std::string& party, const Sheet& sheet) {
    PartyStatement out{party,
                       {},
                       std::vector<Money>(sheet.months.size()),
                       sheet.cash,
                       CashFlow{sheet.at_start.quantity(), {}}};
    for (const Money flow : sheet.elapsed) out.flow.month.push_back(flow.quantity());
    for (std::size_t a = 0; a < account_count; ++a) {
      AccountMonths row{static_cast<Account>(a), {}};
      for (const auto& month : sheet.months) row.change.push_back(month[a]);
      const auto moved = [](Money change) { return change != Money{}; };
      if (std::none_of(row.change.begin(), row.change.end(), moved)) continue;
      if (is_profit_and_loss(row.account)) {
        for (std::size_t m = 0; m < row.change.size(); ++m) out.profit[m] -= row.change[m];
      }
      out.accounts.push_back(std::move(row));
    }
    return out;
  }

  Calendar calendar_;
  Spans months_;
  ElapsedMonths elapsed_;
  std::vector<Sheet> sheets_;
};

Money sum(const std::vector<Money>& amounts) {
  return std::accumulate(amounts.begin(), amounts.end(), Money{});
}

/// Six decimals, exactly.
std::string usd_text(Money amount) {
  const std::int64_t micro = amount.micro();
  const std::uint64_t size =
      micro < 0 ? 0 - static_cast<std::uint64_t>(micro) : static_cast<std::uint64_t>(micro);
  return fmt::format("{}{}.{:06}", micro < 0 ? "-" : "", size / 1'000'000, size % 1'000'000);
}

std::string_view class_name(AccountClass kind) {
  switch (kind) {
    case AccountClass::asset:
      return "asset";
    case AccountClass::liability:
      return "liability";
    case AccountClass::equity:
      return "equity";
    case AccountClass::income:
      return "income";
    case AccountClass::expense:
      break;
  }
  return "expense";
}

bool grows_by_debits(AccountClass kind) {
  return kind == AccountClass::asset || kind == AccountClass::expense;
}

/// The first word of an account in a journal.
std::string_view journal_root(AccountClass kind) {
  switch (kind) {
    case AccountClass::asset:
      return "assets";
    case AccountClass::liability:
      return "liabilities";
    case AccountClass::equity:
      return "equity";
    case AccountClass::income:
      return "income";
    case AccountClass::expense:
      break;
  }
  return "expenses";
}

/// What becomes one transaction, in the order of the journal text.
struct EntryKey {
  std::int64_t day = 0;      // since the local day the run starts on
  std::size_t sequence = 0;  // of the posting; 0 for all of a day
  std::uint16_t cause = 0;
  std::size_t party = 0;
  Account debit = Account::cash;
  Account credit = Account::cash;
  friend auto operator<=>(const EntryKey&, const EntryKey&) = default;
};

class JournalText {
 public:
  JournalText(const Report& report, JournalGrain grain)
      : report_(report), calendar_(local_calendar(report.scenario)) {
    first_midnight_ = calendar_.at(calendar_.date(SimTime{}));
    std::size_t sequence = 0;
    for (const Posting& posting : report.result.ledger.journal()) {
      ++sequence;
      const std::size_t party = posting.party.row();
      entries_[{day_of(posting.time), grain == JournalGrain::posting ? sequence : 0, posting.cause,
                party, posting.debit, posting.credit}] += posting.amount;
      used_.insert({party, posting.debit});
      used_.insert({party, posting.credit});
    }
    header(grain);
    for (const auto& [key, amount] : entries_) transaction(key, amount);
  }

  std::string take() { return std::move(text_); }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  /// 00:00 belongs to the day that ended, except at the start, where none did.
  [[nodiscard]] std::int64_t day_of(SimTime t) const {
    const std::int64_t since = (t - first_midnight_).ns();
    return std::max<std::int64_t>(0, (since - 1) / one_day.ns());
  }

  [[nodiscard]] std::string account(std::size_t party, Account account) const {
    return fmt::format("{}:{}:{}", journal_root(account_class(account)),
                       report_.result.parties[party], name(account));
  }

  /// A semicolon would begin a comment and a line break end the transaction.
  static std::string one_phrase(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == ';' || c == '\n' || c == '\r'; }, ',');
    return text;
  }

  void header(JournalGrain grain) {
    line("; {}", one_phrase(report_.scenario.name));
    line("; colossim {}, seed {}, one transaction per {}", report_.version, report_.scenario.seed,
         grain == JournalGrain::day ? "local day, cause, party and pair of accounts" : "posting");
    line("commodity 1000.000000 USD");
    for (const auto& [party, each] : used_) line("account {}", account(party, each));
  }

  void transaction(const EntryKey& key, Money amount) {
    const SimTime noon = first_midnight_ + key.day * one_day + 12 * one_hour;
    const std::string usd = usd_text(amount);
    line("");
    line("{} * {}", to_string(calendar_.date(noon)), one_phrase(report_.result.causes[key.cause]));
    line("    {}  {} USD", account(key.party, key.debit), usd);
    line("    {}  -{} USD", account(key.party, key.credit), usd);
  }

  const Report& report_;
  Calendar calendar_;
  SimTime first_midnight_;
  std::map<EntryKey, Money> entries_;
  std::set<std::pair<std::size_t, Account>> used_;
  std::string text_;
};

}  // namespace

Money PartyStatement::total_profit() const {
  return sum(profit);
}

Money PartyStatement::total_cash() const {
  return sum(cash);
}

Statements make_statements(const Scenario& scenario, const Result& result) {
  return Sorter{scenario, result}.statements(result);
}

Valuation valuation(const CashFlow& flow, double annual_rate) {
  constexpr double meaningless = 10;  // 1,000 % a year: next to nothing was put in
  std::optional<double> irr = internal_rate_of_return(flow);
  if (irr && *irr > meaningless) irr.reset();
  return {annual_rate, net_present_value(flow, annual_rate), irr, payback_month(flow),
          discounted_payback_month(flow, annual_rate)};
}

std::string statements_csv(const Report& report) {
  const Statements statements = make_statements(report.scenario, report.result);
  std::string out = "month,party,account,class,amount_usd\n";
  for (const PartyStatement& party : statements.parties) {
    for (std::size_t m = 0; m < statements.months.size(); ++m) {
      const std::string month = to_string(statements.months[m]).substr(0, 7);
      for (const AccountMonths& row : party.accounts) {
        if (row.change[m] == Money{}) continue;
        const AccountClass kind = account_class(row.account);
        fmt::format_to(std::back_inserter(out), "{},{},{},{},{}\n", month, party.party,
                       name(row.account), class_name(kind),
                       usd_text(grows_by_debits(kind) ? row.change[m] : -row.change[m]));
      }
      fmt::format_to(std::back_inserter(out),
                     "{0},{1},profit,result,{2}\n{0},{1},cash_flow,result,{3}\n", month,
                     party.party, usd_text(party.profit[m]), usd_text(party.cash[m]));
    }
  }
  return out;
}

std::string hledger_journal(const Report& report, JournalGrain grain) {
  return JournalText{report, grain}.take();
}

}  // namespace colossim
