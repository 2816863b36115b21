// Which rack the next nodes of a job or service come from.
#pragma once

#include <cstdint>
#include <memory>

#include <colossim/policy/free_racks.hpp>

namespace colossim {

/// A placement strategy. The world asks again, with what is still needed, until all nodes are
/// found.
class Placement {
 public:
  Placement() = default;
  Placement(const Placement&) = default;
  Placement& operator=(const Placement&) = delete;
  virtual ~Placement() = default;

  /// A rack with at least one free node. REQUIRES: `needed` ≥ 1 and `free.nodes()` ≥ `needed`.
  [[nodiscard]] virtual std::uint32_t pick(const FreeRacks& free, std::int64_t needed) const = 0;
  [[nodiscard]] virtual std::unique_ptr<Placement> clone() const = 0;
};

/// `rack_aware`: the tightest rack that holds all that is needed, else the emptiest rack. A gang
/// spans as few racks as the pool allows, and small jobs do not break up empty racks.
class RackAware final : public Placement {
 public:
  [[nodiscard]] std::uint32_t pick(const FreeRacks& free, std::int64_t needed) const override;
  [[nodiscard]] std::unique_ptr<Placement> clone() const override;
};

/// `fill_gaps`: the rack with the fewest free nodes. For replicas, which need no neighbours and so
/// leave whole racks to gangs.
class FillGaps final : public Placement {
 public:
  [[nodiscard]] std::uint32_t pick(const FreeRacks& free, std::int64_t needed) const override;
  [[nodiscard]] std::unique_ptr<Placement> clone() const override;
};

}  // namespace colossim
