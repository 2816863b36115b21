// For service levels: what the owner gives back of a month's fee when GPUs were missing.
#pragma once

#include <vector>

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Availability of a month: delivered ÷ committed GPU-time, at most 1; 1 when nothing was
/// committed. Spares that stand in count as delivered; leave maintenance and force majeure out of
/// both.                                                                            [models_8_3]
double availability(GpuTime delivered, GpuTime committed);

/// Below this availability that share of the month's fee is credited.
struct CreditTier {
  double below = 0;   // in [0, 1]
  double credit = 0;  // in [0, 1], of the whole fee
};

/// A service level agreement. Default: 10 % below 99 %, 25 % below 95 %, 50 % at most. [models_8_3]
struct ServiceLevel {
  std::vector<CreditTier> tiers = {{.below = 0.99, .credit = 0.10},
                                   {.below = 0.95, .credit = 0.25}};
  double cap = 0.50;  // share of the fee that is credited at most
};

/// Share of the month's fee that is credited at an availability: that of the lowest tier missed (in
/// any order of the list), at most the cap, 0 if none is missed. Just at a tier's bound it is kept.
double credit_share(const ServiceLevel& level, double availability);

/// The credit on a month's `fee`.
Dollars service_credit(const ServiceLevel& level, Dollars fee, double availability);

}  // namespace colossim
