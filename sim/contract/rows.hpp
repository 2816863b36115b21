// What several kinds of contracts share: rows and proportions of a month.
#pragma once

#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/contract/month.hpp>

namespace colossim {

/// Whether GPUs are promised, so that a rate for all of them can be spread over each. Nothing can
/// be delivered or due when none are.
inline bool has_promise(const ContractMonth& month) {
  const bool is_empty = month.delivered == GpuTime{} && month.committed == GpuTime{};
  COLOSSIM_CHECK(month.promised > GpuCount{} || is_empty, "promised={} delivered={} committed={}",
                 month.promised.base(), month.delivered.base(), month.committed.base());
  return month.promised > GpuCount{};
}

/// Time for which a rate counts that is agreed for everything promised:
///   elapsed · min(1, delivered / (promised · elapsed))
inline Time delivered_time(const ContractMonth& month) {
  return has_promise(month) ? std::min(month.elapsed, month.delivered / month.promised) : Time{};
}

/// GPU-hours as a row's volume.
inline constexpr const char* gpu_hours = "gpu-h";

/// The grantor has paid the utility; the holder pays its nodes' share back. A month whose
/// electricity earned money on balance is the grantor's.
inline Due energy_row(const ContractMonth& month) {
  return {.payer = Side::holder,
          .expense = Account::energy_cost,
          .income = Account::energy_income,
          .amount = std::max(month.energy_cost, Dollars{})};
}

}  // namespace colossim
