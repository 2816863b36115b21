// Revenue shares: a part of the attributed revenue, at least the floor, never above the cap.
#include <algorithm>

#include <colossim/contract/revenue_share.hpp>

#include "rows.hpp"

namespace colossim {

std::vector<Due> dues(const RevenueShareSpec& share, const ContractMonth& month) {
  const Time time = delivered_time(month);  // for which floor and cap count
  const Dollars at_least = std::max(share.share * month.revenue, share.floor * time);
  return {{.payer = Side::holder,
           .expense = Account::share_cost,
           .income = Account::share_income,
           .amount = std::min(at_least, share.cap * time),
           .volume = month.delivered.in(units::gpu_hour),
           .unit = gpu_hours}};
}

}  // namespace colossim
