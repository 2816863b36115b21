// Lease fees on month-to-date quantities.
#include <algorithm>

#include <colossim/model/lease_fee.hpp>

namespace colossim {

Dollars lease_fee(GpuPrice price, GpuTime used, GpuTime delivered, GpuTime committed,
                  double take_or_pay) {
  const GpuTime floor = take_or_pay * std::min(committed, delivered);
  return price * std::max(used, floor);
}

GpuPrice implied_price(Dollars fee, GpuCount gpus, Time period) {
  return fee / (gpus * period);
}

}  // namespace colossim
