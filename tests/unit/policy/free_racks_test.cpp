// Checks the index of free nodes against a walk over all racks.
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/policy/free_racks.hpp>

using namespace colossim;

namespace {

using Masks = std::vector<std::uint32_t>;

std::int64_t nodes(const Masks& masks) {
  std::int64_t sum = 0;
  for (const std::uint32_t mask : masks) sum += std::popcount(mask);
  return sum;
}

std::optional<std::uint32_t> tightest(const Masks& masks, std::int64_t needed) {
  std::optional<std::uint32_t> best;
  for (std::uint32_t rack = 0; rack < masks.size(); ++rack) {
    const int count = std::popcount(masks[rack]);
    if (count < needed) continue;
    if (!best || count < std::popcount(masks[*best])) best = rack;
  }
  return best;
}

std::optional<std::uint32_t> emptiest(const Masks& masks) {
  std::optional<std::uint32_t> best;
  for (std::uint32_t rack = 0; rack < masks.size(); ++rack) {
    const int count = std::popcount(masks[rack]);
    if (count == 0) continue;
    if (!best || count > std::popcount(masks[*best])) best = rack;
  }
  return best;
}

void compare(const FreeRacks& free, const Masks& masks, int nodes_per_rack) {
  CHECK(free.nodes() == nodes(masks));
  CHECK(free.emptiest() == emptiest(masks));
  for (std::int64_t needed = 1; needed <= nodes_per_rack + 2; ++needed) {
    CHECK(free.tightest(needed) == tightest(masks, needed));
  }
}

/// A random mask: often full or empty, else any.
std::uint32_t draw_mask(Stream& stream, int nodes_per_rack) {
  const std::uint32_t full = ~std::uint32_t{0} >> (32 - nodes_per_rack);
  const double kind = stream.uniform();
  if (kind < 0.2) return full;
  if (kind < 0.4) return 0;
  return static_cast<std::uint32_t>(stream.next()) & full;
}

}  // namespace

TEST_CASE("a new pool has no free node") {
  const FreeRacks free{3, 8};
  CHECK(free.nodes() == 0);
  CHECK_FALSE(free.tightest(1).has_value());
  CHECK_FALSE(free.emptiest().has_value());
  CHECK(free.mask(2) == 0);
  CHECK_FALSE(FreeRacks{}.emptiest().has_value());
  CHECK_FALSE(FreeRacks{}.tightest(1).has_value());
}

TEST_CASE("ties go to the lowest-numbered rack") {
  FreeRacks free{5, 8};
  free.set_mask(4, 0b11);
  free.set_mask(2, 0b1010);
  free.set_mask(3, 0b111);
  CHECK(free.tightest(1) == 2U);
  CHECK(free.tightest(3) == 3U);
  CHECK_FALSE(free.tightest(4).has_value());
  free.set_mask(1, 0b11100);
  CHECK(free.emptiest() == 1U);
}

TEST_CASE("a mask may change without its count") {
  FreeRacks free{2, 4};
  free.set_mask(1, 0b0011);
  free.set_mask(1, 0b1100);
  CHECK(free.mask(1) == 0b1100);
  CHECK(free.nodes() == 2);
  CHECK(free.tightest(2) == 1U);
}

TEST_CASE("random changes keep the index equal to a walk over all racks") {
  for (const int nodes_per_rack : {1, 2, 9, 18, 32}) {
    for (const std::uint32_t racks : {1U, 7U, 64U, 130U}) {
      Stream stream{StreamName{.seed = 9,
                               .path = "free_racks",
                               .ordinal = racks,
                               .replication = static_cast<std::uint64_t>(nodes_per_rack)}};
      FreeRacks free{racks, nodes_per_rack};
      Masks masks(racks);
      for (int i = 0; i < 200; ++i) {
        const auto rack = static_cast<std::uint32_t>(stream.next() % racks);
        masks[rack] = draw_mask(stream, nodes_per_rack);
        free.set_mask(rack, masks[rack]);
        REQUIRE(free.mask(rack) == masks[rack]);
        compare(free, masks, nodes_per_rack);
      }
    }
  }
}

TEST_CASE("a copy goes its own way") {
  FreeRacks free{2, 4};
  free.set_mask(0, 0b1);
  FreeRacks copy = free;
  copy.set_mask(0, 0);
  copy.set_mask(1, 0b1111);
  CHECK(free.nodes() == 1);
  CHECK(free.emptiest() == 0U);
  CHECK(copy.emptiest() == 1U);
}
