// The placement strategies.
#include <colossim/base/check.hpp>
#include <colossim/policy/placement.hpp>

namespace colossim {

std::uint32_t RackAware::pick(const FreeRacks& free, std::int64_t needed) const {
  if (const auto rack = free.tightest(needed)) return *rack;
  const auto rack = free.emptiest();
  COLOSSIM_CHECK(rack.has_value(), "needed={} free={}", needed, free.nodes());
  return *rack;
}

std::unique_ptr<Placement> RackAware::clone() const {
  return std::make_unique<RackAware>();
}

std::uint32_t FillGaps::pick(const FreeRacks& free, std::int64_t needed) const {
  const auto rack = free.tightest(1);
  COLOSSIM_CHECK(rack.has_value(), "needed={} free={}", needed, free.nodes());
  return *rack;
}

std::unique_ptr<Placement> FillGaps::clone() const {
  return std::make_unique<FillGaps>();
}

}  // namespace colossim
