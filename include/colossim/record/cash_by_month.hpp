// The cash of a party by months since the start, as net present values want it.
#pragma once

#include <cstddef>
#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/record/ledger.hpp>

namespace colossim {

/// Months that are counted from the clock's zero: month k ends k calendar months after the first
/// day, at local 00:00. The last one takes what is left of the run. A run of a year has twelve
/// wherever it is: their number is that of the dates in UTC.
class ElapsedMonths {
 public:
  ElapsedMonths(const Calendar& calendar, SimTime end);
  /// The month that contains `t`; an end belongs to the month it closes.
  [[nodiscard]] std::size_t of(SimTime t) const;
  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] const std::vector<SimTime>& ends() const { return ends_; }

 private:
  std::vector<SimTime> ends_;
};

/// What a posting adds to its party's flow of value: cash, and as if it were cash what is paid in
/// units of its own. What a party began with is none.
Money value_flow(const Posting& posting);

/// Flows of value of a party.
struct CashByMonth {
  Money at_start;
  std::vector<Money> month;
};
CashByMonth cash_by_month(const Ledger& ledger, PartyId party, const ElapsedMonths& months);

}  // namespace colossim
