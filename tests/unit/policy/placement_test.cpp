// Checks what the placement strategies promise, by comparing every rack they could have picked.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/base/random.hpp>
#include <colossim/policy/placement.hpp>

using namespace colossim;

namespace {

constexpr int nodes_per_rack = 6;

/// Free nodes per rack; their positions do not matter to a strategy.
using Counts = std::vector<int>;

FreeRacks pool(const Counts& counts) {
  FreeRacks free{static_cast<std::uint32_t>(counts.size()), nodes_per_rack};
  for (std::uint32_t rack = 0; rack < counts.size(); ++rack) {
    free.set_mask(rack, (1U << counts[rack]) - 1);
  }
  return free;
}

Counts draw_counts(Stream& stream) {
  Counts counts(1 + stream.next() % 8);
  for (int& count : counts) count = static_cast<int>(stream.next() % (nodes_per_rack + 1));
  return counts;
}

int free_nodes(const Counts& counts) {
  int sum = 0;
  for (const int count : counts) sum += count;
  return sum;
}

/// Racks `policy` spreads a gang of `needed` nodes over, asking again as the world does.
int racks_used(const Placement& policy, FreeRacks free, std::int64_t needed) {
  int used = 0;
  while (needed > 0) {
    const std::uint32_t rack = policy.pick(free, needed);
    std::uint32_t mask = free.mask(rack);
    REQUIRE(mask != 0);
    for (; mask != 0 && needed > 0; --needed) mask &= mask - 1;
    free.set_mask(rack, mask);
    ++used;
  }
  return used;
}

/// The fewest racks that hold `needed` nodes: the largest first.
int fewest_racks(Counts counts, int needed) {
  std::sort(counts.rbegin(), counts.rend());
  int racks = 0;
  for (std::size_t i = 0; needed > 0; ++i) {
    needed -= counts[i];
    ++racks;
  }
  return racks;
}

template <class Visit>
void for_random_pools(Visit visit) {
  Stream stream{StreamName{.seed = 11, .path = "placement"}};
  for (int i = 0; i < 2000; ++i) {
    const Counts counts = draw_counts(stream);
    const int available = free_nodes(counts);
    if (available == 0) continue;
    visit(counts, 1 + static_cast<int>(stream.next() % static_cast<std::uint64_t>(available)));
  }
}

}  // namespace

TEST_CASE("rack_aware picks the tightest rack that holds all, else the emptiest") {
  const RackAware policy;
  const FreeRacks free = pool({6, 2, 4, 4, 0});
  CHECK(policy.pick(free, 1) == 1);
  CHECK(policy.pick(free, 2) == 1);
  CHECK(policy.pick(free, 3) == 2);
  CHECK(policy.pick(free, 5) == 0);
  CHECK(policy.pick(free, 7) == 0);
  CHECK(policy.pick(free, 16) == 0);
}

TEST_CASE("fill_gaps picks the rack with the fewest free nodes, whatever is needed") {
  const FillGaps policy;
  const FreeRacks free = pool({0, 6, 2, 4, 2});
  for (const int needed : {1, 3, 7, 14}) CHECK(policy.pick(free, needed) == 2);
}

TEST_CASE("in random pools rack_aware is the best of all racks by its own rule") {
  for_random_pools([](const Counts& counts, int needed) {
    const std::uint32_t picked = RackAware{}.pick(pool(counts), needed);
    const bool holds =
        std::any_of(counts.begin(), counts.end(), [&](int c) { return c >= needed; });
    REQUIRE(picked < counts.size());
    for (std::uint32_t rack = 0; rack < counts.size(); ++rack) {
      if (holds) {
        CHECK(counts[picked] >= needed);
        const bool better = counts[rack] >= needed && counts[rack] < counts[picked];
        CHECK_FALSE(better);
      } else {
        CHECK(counts[rack] <= counts[picked]);
      }
      const bool same_but_lower = rack < picked && counts[rack] == counts[picked];
      CHECK_FALSE(same_but_lower);
    }
  });
}

TEST_CASE("in random pools fill_gaps is the fullest rack that is not full") {
  for_random_pools([](const Counts& counts, int needed) {
    const std::uint32_t picked = FillGaps{}.pick(pool(counts), needed);
    REQUIRE(picked < counts.size());
    CHECK(counts[picked] > 0);
    for (std::uint32_t rack = 0; rack < counts.size(); ++rack) {
      if (counts[rack] > 0) CHECK(counts[rack] >= counts[picked]);
    }
  });
}

TEST_CASE("a gang placed rack_aware spans as few racks as the pool allows") {
  for_random_pools([](const Counts& counts, int needed) {
    CHECK(racks_used(RackAware{}, pool(counts), needed) == fewest_racks(counts, needed));
  });
}

TEST_CASE("fill_gaps finds all nodes too, in at least as many racks") {
  for_random_pools([](const Counts& counts, int needed) {
    CHECK(racks_used(FillGaps{}, pool(counts), needed) >= fewest_racks(counts, needed));
  });
}

TEST_CASE("a clone decides like its original") {
  const std::unique_ptr<Placement> aware = RackAware{}.clone();
  const std::unique_ptr<Placement> gaps = FillGaps{}.clone();
  const FreeRacks free = pool({2, 6, 3});
  CHECK(aware->pick(free, 3) == 2);
  CHECK(gaps->pick(free, 3) == 0);
}

TEST_CASE("asking an empty pool is a bug") {
  const FreeRacks empty{3, nodes_per_rack};
  CHECK_THROWS_AS(static_cast<void>(RackAware{}.pick(empty, 1)), InvariantBroken);
  CHECK_THROWS_AS(static_cast<void>(FillGaps{}.pick(empty, 1)), InvariantBroken);
}
