// For leases: the fee of a billing month, and the GPU-hour price that a published fee implies.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Fee due for a month so far; every quantity is cumulative from the month's start, so a caller
/// posts the difference to what it posted before and the month's total is exact.
///   fee = price · max(used, τ · min(committed, delivered))                         [models_8_3]
/// `take_or_pay` τ in [0, 1] is the share of the commitment that is paid unused; what the owner did
/// not deliver is not owed. Before ramp factors and service credits. With monotone quantities the
/// fee never falls.
Dollars lease_fee(GpuPrice price, GpuTime used, GpuTime delivered, GpuTime committed,
                  double take_or_pay);

/// Price per GPU-hour if `fee` pays for `gpus` > 0 over `period` > 0, all of the time. [models_10]
GpuPrice implied_price(Dollars fee, GpuCount gpus, Time period);

}  // namespace colossim
