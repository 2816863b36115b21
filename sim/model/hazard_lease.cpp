// Leases that may end early, and re-letting.
#include <algorithm>
#include <cmath>

#include <colossim/base/math.hpp>
#include <colossim/model/hazard_lease.hpp>

namespace colossim {

namespace {

Dollars market_fee(std::span<const Dollars> market_fees, int month) {
  const auto index = static_cast<std::size_t>(month - 1);
  return index < market_fees.size() ? market_fees[index] : Dollars{};
}

CashFlow empty_flow(const HazardLease& lease) {
  return {.at_start = {}, .month = std::vector<Dollars>(static_cast<std::size_t>(lease.months))};
}

}  // namespace

double survival(const HazardLease& lease, int month) {
  const int at_risk = std::max(0, month - lease.certain_months);
  return math::pow(1.0 - lease.hazard, static_cast<double>(at_risk));
}

CashFlow expected_cash_flow(const HazardLease& lease, std::span<const Dollars> market_fees) {
  CashFlow flow = empty_flow(lease);
  for (int month = 1; month <= lease.months; ++month) {
    const double relet = 1.0 - survival(lease, month - lease.vacant_months);
    flow.month[static_cast<std::size_t>(month - 1)] =
        survival(lease, month) * lease.fee + relet * market_fee(market_fees, month);
  }
  return flow;
}

std::optional<int> sample_exit_month(const HazardLease& lease, Stream& stream) {
  const double paid_log = math::log(stream.uniform_open());
  if (lease.hazard <= 0) return std::nullopt;
  // P(n more months are paid) = (1 − h)^n = P(U ≤ (1 − h)^n), so n is the floor of a ratio of logs.
  const double more_paid = std::floor(paid_log / math::log(1.0 - lease.hazard));
  if (more_paid >= lease.months - lease.certain_months) return std::nullopt;
  return lease.certain_months + 1 + static_cast<int>(more_paid);
}

CashFlow cash_flow_of_exit(const HazardLease& lease, std::optional<int> exit_month,
                           std::span<const Dollars> market_fees) {
  CashFlow flow = empty_flow(lease);
  const int exit = exit_month.value_or(lease.months + 1);
  for (int month = 1; month <= lease.months; ++month) {
    const bool is_relet = month >= exit + lease.vacant_months;
    const Dollars otherwise = is_relet ? market_fee(market_fees, month) : Dollars{};
    flow.month[static_cast<std::size_t>(month - 1)] = month < exit ? lease.fee : otherwise;
  }
  return flow;
}

}  // namespace colossim
