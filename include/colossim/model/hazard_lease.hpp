// For leases whose tenant may leave: the fees that are left, in expectation and path by path.
#pragma once

#include <optional>
#include <span>

#include <colossim/base/random.hpp>
#include <colossim/model/cash_flow.hpp>

namespace colossim {

/// A flat monthly fee that stops when the tenant leaves. Months are numbered from 1 and paid at
/// their end. Months up to `certain_months` are paid for sure; each later month, if the tenant was
/// still there, it leaves with probability `hazard` and does not pay from that month on:
///   P(month k is paid) = (1 − h)^(k − c), k > c                                    [models_8_3]
/// The `vacant_months` that begin with the first unpaid one bring nothing; then the fleet is let at
/// the market to the end of the term, and that tenant stays.
struct HazardLease {
  Dollars fee;             // per month
  int months = 36;         // the term, ≥ 0
  int certain_months = 6;  // lock-in plus notice, ≥ 0
  double hazard = 0;       // per month, in [0, 1]
  int vacant_months = 0;   // ≥ 0; arrears and vacancy look the same in cash
};

/// Probability that month `month` ≥ 1 is paid by the first tenant.                  [models_8_3]
double survival(const HazardLease& lease, int month);

/// Expected payments of each month. `market_fees[k]` is what the fleet earns in month k + 1 if it
/// is let at the market then; months beyond its end earn nothing, so an empty list means that it is
/// never let again.
///   E = fee·S(k) + market_k·(1 − S(k − v))                                         [models_8_3]
CashFlow expected_cash_flow(const HazardLease& lease, std::span<const Dollars> market_fees = {});

/// First month that is not paid; none when the tenant stays to the end. One draw.
std::optional<int> sample_exit_month(const HazardLease& lease, Stream& stream);

/// Payments when the tenant's first unpaid month is `exit_month` > 0 (none: it stays).
CashFlow cash_flow_of_exit(const HazardLease& lease, std::optional<int> exit_month,
                           std::span<const Dollars> market_fees = {});

}  // namespace colossim
