// The line of racks that the exact handover search walks along, as stretches with their moves.
//
// Each indivisible element is labelled `go`, `stay` or `split` when the walk meets its first rack,
// and keeps the label until its last rack. A label other than `split` forces all its racks; a
// `split` one strands them all. So a rack costs what its labels say and the walk needs to remember
// only the labels of the elements it is in the middle of: few, because racks stand in the order of
// the power tree, in which its elements are intervals, and loops and arrays nearly so. This is the
// knapsack over the power tree, exact also where loops and arrays straddle its elements.
// Consecutive racks with the same elements and size are one stretch: only their number matters.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <colossim/world/handover.hpp>

namespace colossim {

/// Stranded GPUs, shared elements and changes between neighbours in one number, in this order of
/// weight.
using DivisionCost = std::int64_t;
inline constexpr DivisionCost per_stranded_gpu = DivisionCost{1} << 36;
inline constexpr DivisionCost per_shared_element = DivisionCost{1} << 18;
inline constexpr DivisionCost per_change = 1;
inline constexpr DivisionCost unreachable = DivisionCost{1} << 61;
/// Beyond so many racks the line alone takes seconds to lay out. (The digits of the cost would run
/// into each other only with 2^18 elements.)
inline constexpr std::size_t most_searched_racks = std::size_t{1} << 15;

/// A way to divide the racks of a stretch: blocks of whole racks that go (G) or stay (S) and of the
/// one rack that is divided by nodes (P), in this order; `low` to `high` whole racks go.
struct StretchMove {
  struct Source {
    std::uint32_t state = 0;
    DivisionCost add = 0;
  };
  std::string_view blocks;
  std::uint32_t to = 0;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::vector<Source> sources;
};

struct Stretch {
  std::uint32_t first = 0;  // place on the section's line
  std::uint32_t count = 0;
  std::int64_t step = 1;  // of one rack, in the section's unit
  std::uint32_t states = 0;
  std::vector<StretchMove> moves;
};

/// Racks that share nothing indivisible with others and that are counted in one unit.
struct Section {
  std::int64_t unit = 0;            // GPUs
  std::vector<std::uint32_t> line;  // racks in the order of the power tree
  std::vector<Stretch> stretches;
  std::vector<std::uint32_t> divided_kind;  // by state at the end: 0 none, else kind of rack + 1
};

/// Racks of one size.
struct RackKind {
  std::int64_t gpus = 0;
  std::int64_t gpus_per_node = 1;
  friend auto operator<=>(const RackKind&, const RackKind&) = default;
};

struct SearchTerms {
  std::uint32_t minded = 0;  // bit per ElementKind
  bool may_strand = true;    // else labels are `go` and `stay` only and no rack is divided

  [[nodiscard]] bool minds(const HandoverElement& element) const {
    return !element.common && ((minded >> static_cast<unsigned>(element.kind)) & 1U) != 0;
  }
};

struct SearchLine {
  std::vector<RackKind> kinds;
  std::vector<Section> sections;
  bool complete = false;  // false: too many racks, levels, or labels open at once
};
SearchLine search_line(const HandoverSite& site, const SearchTerms& terms);

}  // namespace colossim
