// What is free in one pool of equal nodes: what placement policies look at and take from.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <colossim/base/bitset_index.hpp>
#include <colossim/policy/free_racks.hpp>

namespace colossim {

/// Which nodes stand in which rack; nodes of a rack have consecutive numbers.
struct NodeLayout {
  std::vector<std::uint32_t> first_node;  // by rack
  std::vector<std::uint32_t> rack;        // by node
};

/// Part of a node, or all of it.
struct NodePart {
  std::uint32_t node = 0;
  std::uint32_t gpus = 0;
};

/// Free nodes by rack, and shared nodes by how many GPUs of them are free. Every look-up and change
/// costs the same in a pool of any size.
class FreeNodes {
 public:
  FreeNodes() = default;
  /// REQUIRES: at most 32 nodes per rack.
  FreeNodes(std::shared_ptr<const NodeLayout> layout, int nodes_per_rack,
            std::uint32_t gpus_per_node)
      : layout_(std::move(layout)),
        per_node_(gpus_per_node),
        whole_(static_cast<std::uint32_t>(layout_->first_node.size()), nodes_per_rack),
        shared_(gpus_per_node, BitsetIndex{static_cast<std::uint32_t>(layout_->rack.size())}) {}

  /// Nodes without work.
  [[nodiscard]] std::int64_t nodes() const { return whole_.nodes(); }
  /// Free GPUs, those of shared nodes too.
  [[nodiscard]] std::int64_t gpus() const { return gpus_; }
  [[nodiscard]] std::uint32_t gpus_per_node() const { return per_node_; }
  [[nodiscard]] const FreeRacks& racks() const { return whole_; }
  [[nodiscard]] const NodeLayout& layout() const { return *layout_; }
  /// Shared nodes with exactly `gpus` free, 0 < gpus < GPUs per node.
  [[nodiscard]] const BitsetIndex& shared(std::uint32_t gpus) const { return shared_[gpus]; }
  [[nodiscard]] bool is_free(std::uint32_t node) const {
    return (whole_.mask(layout_->rack[node]) & bit(node)) != 0;
  }
  /// The lowest-numbered free node of a rack that has one.
  [[nodiscard]] std::uint32_t first_of(std::uint32_t rack) const {
    return layout_->first_node[rack] +
           static_cast<std::uint32_t>(std::countr_zero(whole_.mask(rack)));
  }
  /// The lowest-numbered of the nodes with the fewest free GPUs, but at least `needed`; first among
  /// the shared ones. With it, how many it has free.
  [[nodiscard]] std::optional<NodePart> tightest_shared(std::uint32_t needed) const {
    for (std::uint32_t free = needed; free < per_node_; ++free) {
      if (const auto node = shared_[free].first()) return NodePart{*node, free};
    }
    return std::nullopt;
  }

  /// Empty nodes of a rack become free, or free ones are taken: bits of `mask` count its nodes.
  void give_nodes(std::uint32_t rack, std::uint32_t mask) {
    whole_.set_mask(rack, whole_.mask(rack) | mask);
    gpus_ += static_cast<std::int64_t>(std::popcount(mask)) * per_node_;
  }
  void take_nodes(std::uint32_t rack, std::uint32_t mask) {
    whole_.set_mask(rack, whole_.mask(rack) & ~mask);
    gpus_ -= static_cast<std::int64_t>(std::popcount(mask)) * per_node_;
  }
  void give_node(std::uint32_t node) { give_nodes(layout_->rack[node], bit(node)); }
  void take_node(std::uint32_t node) { take_nodes(layout_->rack[node], bit(node)); }

  /// A node with work goes from `before` free GPUs on offer to `after`; 0 and all of them are not
  /// on offer as shared.
  void set_shared(std::uint32_t node, std::uint32_t before, std::uint32_t after) {
    if (before > 0) shared_[before].erase(node);
    if (after > 0) shared_[after].insert(node);
    gpus_ += static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before);
  }

  /// Takes `gpus` of a node that has `free` of them, a free node included.
  void take_part(std::uint32_t node, std::uint32_t free, std::uint32_t gpus) {
    if (free == per_node_) {
      take_node(node);
      if (gpus < free) set_shared(node, 0, free - gpus);
    } else {
      set_shared(node, free, free - gpus);
    }
  }

  /// Gives back `gpus` of a node of which `free` are free.
  void give_part(std::uint32_t node, std::uint32_t free, std::uint32_t gpus) {
    const bool whole = free + gpus == per_node_;
    if (free > 0 || !whole) set_shared(node, free, whole ? 0 : free + gpus);
    if (whole) give_node(node);
  }

 private:
  [[nodiscard]] std::uint32_t bit(std::uint32_t node) const {
    return 1U << (node - layout_->first_node[layout_->rack[node]]);
  }

  std::shared_ptr<const NodeLayout> layout_;
  std::uint32_t per_node_ = 1;
  FreeRacks whole_;
  std::vector<BitsetIndex> shared_;  // by free GPUs
  std::int64_t gpus_ = 0;
};

}  // namespace colossim
