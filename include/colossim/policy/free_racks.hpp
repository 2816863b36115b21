// Which nodes of a pool are free, by rack: what placement policies look at.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <colossim/base/bitset_index.hpp>
#include <colossim/base/check.hpp>

namespace colossim {

/// Free nodes of one pool, indexed by rack and by how many a rack has. Every look-up and change
/// costs the same in a fleet of any size. A rack has at most 32 nodes; bit i of its mask is its
/// i-th node.
class FreeRacks {
 public:
  FreeRacks() = default;
  FreeRacks(std::uint32_t racks, int nodes_per_rack)
      : masks_(racks),
        by_count_(static_cast<std::size_t>(nodes_per_rack) + 1, BitsetIndex{racks}),
        any_(racks) {}

  /// Free nodes in all racks.
  [[nodiscard]] std::int64_t nodes() const { return nodes_; }
  [[nodiscard]] std::uint32_t mask(std::uint32_t rack) const { return masks_[rack]; }

  /// The free nodes of `rack` become `mask`.
  void set_mask(std::uint32_t rack, std::uint32_t mask) {
    const int before = std::popcount(masks_[rack]);
    const int after = std::popcount(mask);
    masks_[rack] = mask;
    if (before == after) return;
    nodes_ += after - before;
    if (before == 0) any_.insert(rack);
    if (after == 0) any_.erase(rack);
    if (before > 0) by_count_[static_cast<std::size_t>(before)].erase(rack);
    if (after > 0) by_count_[static_cast<std::size_t>(after)].insert(rack);
  }

  /// The lowest-numbered rack among those with the fewest free nodes, but at least `needed` (≥ 1).
  [[nodiscard]] std::optional<std::uint32_t> tightest(std::int64_t needed) const {
    for (auto count = static_cast<std::size_t>(needed); count < by_count_.size(); ++count) {
      if (const auto rack = by_count_[count].first()) return rack;
    }
    return std::nullopt;
  }
  /// The lowest-numbered rack among those with the most free nodes.
  [[nodiscard]] std::optional<std::uint32_t> emptiest() const {
    for (std::size_t count = by_count_.size(); count-- > 1;) {
      if (const auto rack = by_count_[count].first()) return rack;
    }
    return std::nullopt;
  }
  /// The lowest-numbered rack from `from` on that has any.
  [[nodiscard]] std::optional<std::uint32_t> next(std::uint32_t from) const {
    return any_.next(from);
  }
  [[nodiscard]] std::uint32_t racks() const { return static_cast<std::uint32_t>(masks_.size()); }

 private:
  std::vector<std::uint32_t> masks_;
  std::vector<BitsetIndex> by_count_;
  BitsetIndex any_{0};  // racks with a free node
  std::int64_t nodes_ = 0;
};

}  // namespace colossim
