// Leases: the price in force and the amounts due. The prepayment is no due: the world sets it off
// against the fee.
#include <algorithm>

#include <colossim/base/math.hpp>
#include <colossim/contract/lease.hpp>
#include <colossim/model/lease_fee.hpp>
#include <colossim/model/service_credit.hpp>

#include "rows.hpp"

namespace colossim {

namespace {

/// GPU-time of the month as the liability table counts it.
struct CountedTime {
  GpuTime used;
  GpuTime delivered;
};

/// Lateness first: what is only late was never curtailed, so an owner who answers for curtailment
/// answers for it whoever bears the late ramp. When the tenant bears lateness, late GPU-time and
/// GPU-time beyond the commitment later in the same month are set off against each other.
CountedTime counted(const LiabilitySpec& liability, const ContractMonth& month) {
  CountedTime time{month.used, month.delivered};
  if (liability.late_ramp == "tenant") time.delivered = std::max(time.delivered, month.committed);
  if (liability.curtailment == "owner") {
    time.used = std::max(time.used - month.curtailed, GpuTime{});
    time.delivered = std::max(time.delivered - month.curtailed, GpuTime{});
  }
  return time;
}

/// Before indexation and reductions.
GpuPrice agreed_price(const LeaseSpec& lease, const ContractMonth& month) {
  if (lease.price) return *lease.price;
  if (lease.fee) return has_promise(month) ? *lease.fee / month.promised : GpuPrice{};
  return month.market;
}

ServiceLevel service_level(const ServiceLevelSpec& sla) {
  ServiceLevel level{.tiers = {}, .cap = sla.cap};
  for (const CreditTierSpec& tier : sla.tiers) level.tiers.push_back({tier.below, tier.credit});
  return level;
}

/// The tenant pays for `time`; at one dollar an hour its fee is the number of GPU-hours paid for.
Due fee_due(const LeaseSpec& lease, const ContractMonth& month, const CountedTime& time) {
  const auto fee_at = [&](GpuPrice price) {
    return lease_fee(price, time.used, time.delivered, month.committed, lease.take_or_pay);
  };
  return {.payer = Side::holder,
          .expense = Account::lease_cost,
          .income = Account::lease_income,
          .amount = fee_at(lease_price(lease, month)),
          .volume = fee_at(units::usd / units::gpu_hour).in(units::usd),
          .unit = gpu_hours};
}

/// Nothing until the month is over: only then is its availability known.
Due credit_due(const ServiceLevelSpec& sla, const ContractMonth& month, const CountedTime& time,
               Dollars fee) {
  const double reached = availability(time.delivered, month.committed);
  return {.payer = Side::grantor,
          .expense = Account::credit_cost,
          .income = Account::credit_income,
          .amount = month.complete ? service_credit(service_level(sla), fee, reached) : Dollars{}};
}

}  // namespace

GpuPrice lease_price(const LeaseSpec& lease, const ContractMonth& month) {
  const int years = month.whole_months / 12;
  const double growth = math::pow(1.0 + lease.indexation * units::year, years);
  const bool is_reduced = lease.reduced && month.index < lease.reduced->period.months;
  const double reduction = is_reduced ? lease.reduced->share : 1.0;
  return agreed_price(lease, month) * (growth * reduction * month.price_factor);
}

std::vector<Due> dues(const LeaseSpec& lease, const ContractMonth& month) {
  const CountedTime time = counted(lease.liability, month);
  std::vector<Due> rows{fee_due(lease, month, time)};
  const Dollars fee = rows.front().amount;
  if (lease.power == "net") rows.push_back(energy_row(month));
  if (lease.sla) rows.push_back(credit_due(*lease.sla, month, time, fee));
  return rows;
}

}  // namespace colossim
