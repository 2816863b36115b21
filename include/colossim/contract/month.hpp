// What a contract's arithmetic works on: the metered month in, the amounts due out. No clock, no
// world.
#pragma once

#include <vector>

#include <colossim/base/quantity.hpp>
#include <colossim/record/ledger.hpp>

namespace colossim {

/// What was metered for a contract in one billing month so far; every quantity is cumulative from
/// the month's beginning (or the contract's, within the month).
struct ContractMonth {
  int index = 0;            // calendar months begun since the contract did: 0 in its first
  int whole_months = 0;     // since the contract began, at the month's beginning
  Time elapsed;             // part of the month within the term
  GpuCount promised;        // GPUs as agreed, before cuts, reclaims and step-downs
  GpuTime committed;        // promised and due, by the tranche schedule
  GpuTime delivered;        // handed over and billed
  GpuTime used;             // of it, held by jobs and replicas
  GpuTime curtailed;        // of the used, lost to power and thermal caps
  Dollars energy_cost;      // the delivered nodes' share of the site's electricity
  Dollars revenue;          // of the holder, attributed to the nodes
  GpuPrice market;          // at the month's start; only for prices that follow one
  double price_factor = 1;  // of renewals
  bool complete = false;    // the month is over: service credits are known
};

/// Who pays.
enum class Side : std::uint8_t { grantor, holder };

/// One amount due for the month so far. The same rows come in the same order each time: a caller
/// posts each row's growth, so the month's total is exact.
struct Due {
  Side payer = Side::holder;
  Account expense = Account::lease_cost;
  Account income = Account::lease_income;
  Dollars amount;     // cumulative over the month
  double volume = 0;  // what the amount is a price of, in `unit`; 0: nothing
  const char* unit = "";
};

}  // namespace colossim
