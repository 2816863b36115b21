// Tiered service credits.
#include <algorithm>

#include <colossim/model/service_credit.hpp>

namespace colossim {

double availability(GpuTime delivered, GpuTime committed) {
  if (committed <= GpuTime{}) return 1.0;
  return std::min(1.0, delivered / committed);
}

double credit_share(const ServiceLevel& level, double availability) {
  const CreditTier* lowest = nullptr;
  for (const CreditTier& tier : level.tiers) {
    const bool is_missed = availability < tier.below;
    if (is_missed && (lowest == nullptr || tier.below < lowest->below)) lowest = &tier;
  }
  return lowest == nullptr ? 0.0 : std::min(lowest->credit, level.cap);
}

Dollars service_credit(const ServiceLevel& level, Dollars fee, double availability) {
  return credit_share(level, availability) * fee;
}

}  // namespace colossim
