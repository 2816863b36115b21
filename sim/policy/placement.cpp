// The placement strategies.
#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/policy/placement.hpp>

namespace colossim {

namespace {

using Parts = std::vector<NodePart>;

/// Takes up to `count` free nodes of a rack, lowest-numbered first; returns how many.
std::int64_t take_from_rack(FreeNodes& free, std::uint32_t rack, std::int64_t count, Parts& parts) {
  std::uint32_t left = free.racks().mask(rack);
  const std::uint32_t first = free.layout().first_node[rack];
  std::uint32_t taken = 0;
  std::int64_t nodes = 0;
  for (; left != 0 && nodes < count; ++nodes) {
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(left));
    taken |= 1U << bit;
    left &= left - 1;
    parts.push_back({first + bit, free.gpus_per_node()});
  }
  free.take_nodes(rack, taken);
  return nodes;
}

void take_part(FreeNodes& free, NodePart node, std::uint32_t gpus, Parts& parts) {
  free.take_part(node.node, node.gpus, gpus);
  parts.push_back({node.node, gpus});
}

/// The lowest-numbered free node.
NodePart first_free(const FreeNodes& free) {
  const auto rack = free.racks().next(0);
  COLOSSIM_CHECK(rack.has_value(), "free={}", free.nodes());
  return {free.first_of(*rack), free.gpus_per_node()};
}

void take_lowest(FreeNodes& free, std::int64_t count, Parts& parts) {
  while (count > 0)
    count -= take_from_rack(free, free.layout().rack[first_free(free).node], count, parts);
}

/// Where the fewest GPUs are free, a free node of the fullest rack last.
NodePart tightest(const FreeNodes& free, std::uint32_t gpus) {
  if (const auto node = free.tightest_shared(gpus)) return *node;
  const auto rack = free.racks().tightest(1);
  COLOSSIM_CHECK(rack.has_value(), "gpus={}", gpus);
  return {free.first_of(*rack), free.gpus_per_node()};
}

/// The shared node with the most free GPUs, the lowest-numbered of them; 0 free: there is none.
NodePart emptiest_shared(const FreeNodes& free) {
  for (std::uint32_t gpus = free.gpus_per_node(); gpus-- > 1;) {
    if (const auto node = free.shared(gpus).first()) return {*node, gpus};
  }
  return {};
}

/// Strategies that place whole nodes first and then what is left of the size on one more.
class ByNode : public Placement {
 public:
  void take(FreeNodes& free, std::int64_t gpus, Parts& parts) final {
    const std::int64_t whole = gpus / free.gpus_per_node();
    const auto rest = static_cast<std::uint32_t>(gpus % free.gpus_per_node());
    if (whole > 0) take_whole(free, whole, parts);
    if (rest > 0) take_part(free, node_for_rest(free, rest, whole > 0), rest, parts);
  }

 protected:
  virtual void take_whole(FreeNodes& free, std::int64_t count, Parts& parts) = 0;
  /// A node with room for less than a node: the rest of a gang, or a whole job.
  [[nodiscard]] virtual NodePart node_for_rest(const FreeNodes& free, std::uint32_t gpus,
                                               bool of_gang) = 0;
};

class RackLocal final : public ByNode {
 public:
  [[nodiscard]] std::unique_ptr<Placement> clone() const override {
    return std::make_unique<RackLocal>(*this);
  }

 private:
  void take_whole(FreeNodes& free, std::int64_t count, Parts& parts) override {
    while (count > 0) {
      auto rack = free.racks().tightest(count);
      if (!rack) rack = free.racks().emptiest();
      COLOSSIM_CHECK(rack.has_value(), "count={} free={}", count, free.nodes());
      count -= take_from_rack(free, *rack, count, parts);
    }
  }
  NodePart node_for_rest(const FreeNodes& free, std::uint32_t gpus, bool /*of_gang*/) override {
    return tightest(free, gpus);
  }
};

class FillGaps final : public ByNode {
 public:
  [[nodiscard]] std::unique_ptr<Placement> clone() const override {
    return std::make_unique<FillGaps>(*this);
  }

 private:
  void take_whole(FreeNodes& free, std::int64_t count, Parts& parts) override {
    while (count > 0) {
      const auto rack = free.racks().tightest(1);
      COLOSSIM_CHECK(rack.has_value(), "count={} free={}", count, free.nodes());
      count -= take_from_rack(free, *rack, count, parts);
    }
  }
  NodePart node_for_rest(const FreeNodes& free, std::uint32_t gpus, bool /*of_gang*/) override {
    return tightest(free, gpus);
  }
};

class FirstFit final : public ByNode {
 public:
  [[nodiscard]] std::unique_ptr<Placement> clone() const override {
    return std::make_unique<FirstFit>(*this);
  }

 private:
  void take_whole(FreeNodes& free, std::int64_t count, Parts& parts) override {
    take_lowest(free, count, parts);
  }
  NodePart node_for_rest(const FreeNodes& free, std::uint32_t gpus, bool /*of_gang*/) override {
    NodePart lowest;
    const auto consider = [&](NodePart node) {
      if (lowest.gpus == 0 || node.node < lowest.node) lowest = node;
    };
    for (std::uint32_t level = gpus; level < free.gpus_per_node(); ++level) {
      if (const auto node = free.shared(level).first()) consider({*node, level});
    }
    if (free.nodes() > 0) consider(first_free(free));
    return lowest;
  }
};

class Consolidate final : public ByNode {
 public:
  [[nodiscard]] std::unique_ptr<Placement> clone() const override {
    return std::make_unique<Consolidate>(*this);
  }

 private:
  void take_whole(FreeNodes& free, std::int64_t count, Parts& parts) override {
    take_lowest(free, count, parts);
  }
  NodePart node_for_rest(const FreeNodes& free, std::uint32_t gpus, bool of_gang) override {
    if (of_gang) return free.nodes() > 0 ? first_free(free) : emptiest_shared(free);
    if (const auto node = free.tightest_shared(gpus)) return *node;
    return first_free(free);
  }
};

class BestFit final : public ByNode {
 public:
  [[nodiscard]] std::unique_ptr<Placement> clone() const override {
    return std::make_unique<BestFit>(*this);
  }

 private:
  void take_whole(FreeNodes& free, std::int64_t count, Parts& parts) override {
    take_lowest(free, count, parts);
  }
  NodePart node_for_rest(const FreeNodes& free, std::uint32_t gpus, bool /*of_gang*/) override {
    if (const auto node = free.tightest_shared(gpus)) return *node;
    return first_free(free);
  }
};

class Spread final : public ByNode {
 public:
  [[nodiscard]] std::unique_ptr<Placement> clone() const override {
    return std::make_unique<Spread>(*this);
  }

 private:
  void take_whole(FreeNodes& free, std::int64_t count, Parts& parts) override {
    for (; count > 0; --count) take_from_rack(free, emptiest_rack(free), 1, parts);
  }
  NodePart node_for_rest(const FreeNodes& free, std::uint32_t /*gpus*/, bool /*of_gang*/) override {
    if (free.nodes() > 0) return {free.first_of(emptiest_rack(free)), free.gpus_per_node()};
    return emptiest_shared(free);
  }
  static std::uint32_t emptiest_rack(const FreeNodes& free) {
    const auto rack = free.racks().emptiest();
    COLOSSIM_CHECK(rack.has_value(), "free={}", free.nodes());
    return *rack;
  }
};

class Random final : public ByNode {
 public:
  explicit Random(Stream stream) : stream_(stream) {}
  [[nodiscard]] std::unique_ptr<Placement> clone() const override {
    return std::make_unique<Random>(*this);
  }

 private:
  void take_whole(FreeNodes& free, std::int64_t count, Parts& parts) override {
    for (; count > 0; --count)
      take_part(free, free_from(free, draw(free)), free.gpus_per_node(), parts);
  }
  NodePart node_for_rest(const FreeNodes& free, std::uint32_t gpus, bool /*of_gang*/) override {
    const std::uint32_t from = draw(free);
    NodePart next;
    std::uint32_t distance = 0;
    const auto nodes = static_cast<std::uint32_t>(free.layout().rack.size());
    const auto consider = [&](NodePart node) {
      const std::uint32_t d = node.node >= from ? node.node - from : node.node + nodes - from;
      if (next.gpus != 0 && d >= distance) return;
      next = node;
      distance = d;
    };
    for (std::uint32_t level = gpus; level < free.gpus_per_node(); ++level) {
      auto node = free.shared(level).next(from);
      if (!node) node = free.shared(level).first();
      if (node) consider({*node, level});
    }
    if (free.nodes() > 0) consider(free_from(free, from));
    return next;
  }

  std::uint32_t draw(const FreeNodes& free) {
    const auto nodes = static_cast<double>(free.layout().rack.size());
    return static_cast<std::uint32_t>(stream_.uniform() * nodes);
  }
  /// The first free node from `from` on, and after the last again from the first.
  static NodePart free_from(const FreeNodes& free, std::uint32_t from) {
    const std::uint32_t rack = free.layout().rack[from];
    const std::uint32_t first = free.layout().first_node[rack];
    const std::uint32_t later = free.racks().mask(rack) >> (from - first);
    if (later != 0)
      return {from + static_cast<std::uint32_t>(std::countr_zero(later)), free.gpus_per_node()};
    auto next = free.racks().next(rack + 1);
    if (!next) next = free.racks().next(0);
    COLOSSIM_CHECK(next.has_value(), "free={}", free.nodes());
    return {free.first_of(*next), free.gpus_per_node()};
  }

  Stream stream_;
};

class Count final : public Placement {
 public:
  [[nodiscard]] bool fits(const FreeNodes& free, std::int64_t gpus) const override {
    return gpus <= free.gpus();
  }
  void take(FreeNodes& free, std::int64_t gpus, Parts& parts) override {
    while (gpus > 0) {
      if (const auto node = free.tightest_shared(1)) {
        const auto part = static_cast<std::uint32_t>(std::min<std::int64_t>(gpus, node->gpus));
        take_part(free, *node, part, parts);
        gpus -= part;
      } else if (gpus >= free.gpus_per_node()) {
        const std::uint32_t rack = free.layout().rack[first_free(free).node];
        gpus -=
            free.gpus_per_node() * take_from_rack(free, rack, gpus / free.gpus_per_node(), parts);
      } else {
        take_part(free, first_free(free), static_cast<std::uint32_t>(gpus), parts);
        gpus = 0;
      }
    }
  }
  [[nodiscard]] bool counts_gpus() const override { return true; }
  [[nodiscard]] std::unique_ptr<Placement> clone() const override {
    return std::make_unique<Count>(*this);
  }
};

using Made = std::unique_ptr<Placement>;

Made make(const RackLocalPlacement& /*spec*/, Stream /*stream*/) {
  return std::make_unique<RackLocal>();
}
Made make(const CountPlacement& /*spec*/, Stream /*stream*/) {
  return std::make_unique<Count>();
}
Made make(const FirstFitPlacement& /*spec*/, Stream /*stream*/) {
  return std::make_unique<FirstFit>();
}
Made make(const ConsolidatePlacement& /*spec*/, Stream /*stream*/) {
  return std::make_unique<Consolidate>();
}
Made make(const BestFitPlacement& /*spec*/, Stream /*stream*/) {
  return std::make_unique<BestFit>();
}
Made make(const SpreadPlacement& /*spec*/, Stream /*stream*/) {
  return std::make_unique<Spread>();
}
Made make(const RandomPlacement& /*spec*/, Stream stream) {
  return std::make_unique<Random>(stream);
}

}  // namespace

bool Placement::fits(const FreeNodes& free, std::int64_t gpus) const {
  const std::int64_t whole = gpus / free.gpus_per_node();
  const auto rest = static_cast<std::uint32_t>(gpus % free.gpus_per_node());
  if (free.nodes() < whole) return false;
  return rest == 0 || free.nodes() > whole || free.tightest_shared(rest).has_value();
}

std::unique_ptr<Placement> make_placement(const PlacementSpec& spec, Stream stream) {
  return std::visit([&](const auto& kind) { return make(kind, stream); }, spec);
}

std::unique_ptr<Placement> make_fill_gaps() {
  return std::make_unique<FillGaps>();
}

}  // namespace colossim
