// One pass over the journal.
#include <algorithm>

#include <colossim/record/cash_by_month.hpp>

namespace colossim {

ElapsedMonths::ElapsedMonths(const Calendar& calendar, SimTime end) {
  const Calendar utc{calendar.start(), Duration{}};
  do {
    ends_.push_back(calendar.at(calendar.start() + Period{static_cast<int>(ends_.size()) + 1}));
  } while (utc.at(calendar.start() + Period{static_cast<int>(ends_.size())}) < end);
}

std::size_t ElapsedMonths::of(SimTime t) const {
  return static_cast<std::size_t>(std::lower_bound(ends_.begin(), ends_.end() - 1, t) -
                                  ends_.begin());
}

CashByMonth cash_by_month(const Ledger& ledger, PartyId party, const ElapsedMonths& months) {
  CashByMonth flow{.month = std::vector<Money>(months.size())};
  for (const Posting& posting : ledger.journal()) {
    if (posting.party != party) continue;
    Money& sum = posting.time <= SimTime{} ? flow.at_start : flow.month[months.of(posting.time)];
    sum += value_flow(posting);
  }
  return flow;
}

Money value_flow(const Posting& posting) {
  const bool opens = posting.debit == Account::capital || posting.credit == Account::capital;
  if (opens) {
    if (account_class(posting.debit) == AccountClass::expense) return -posting.amount;
    if (account_class(posting.credit) == AccountClass::expense) return posting.amount;
    return Money{};
  }
  Money flow;
  if (posting.debit == Account::cash) flow += posting.amount;
  if (posting.credit == Account::cash) flow -= posting.amount;
  return flow;
}

}  // namespace colossim
