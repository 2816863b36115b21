// Each placement strategy against its own rule applied to a plain list of nodes.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/policy/placement.hpp>

using namespace colossim;

namespace {

/// A cluster twice: as the index that strategies use, and as a list of free GPUs by node.
struct Cluster {
  std::uint32_t per_node = 8;
  std::uint32_t per_rack = 4;
  std::vector<std::uint32_t> listed;
  FreeNodes free;

  [[nodiscard]] std::size_t rack(std::size_t node) const { return node / per_rack; }
  [[nodiscard]] int free_in_rack(std::size_t rack) const {
    int nodes = 0;
    for (std::size_t node = 0; node < listed.size(); ++node)
      if (this->rack(node) == rack && listed[node] == per_node) ++nodes;
    return nodes;
  }
};

Cluster draw_cluster(Stream& stream) {
  const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(stream.next() % n); };
  Cluster cluster{.per_node = 1 + below(8), .per_rack = 1 + below(6)};
  const std::uint32_t nodes = cluster.per_rack * (1 + below(5));
  auto layout = std::make_shared<NodeLayout>();
  for (std::uint32_t node = 0; node < nodes; ++node) {
    if (node % cluster.per_rack == 0) layout->first_node.push_back(node);
    layout->rack.push_back(node / cluster.per_rack);
  }
  cluster.free = FreeNodes{layout, static_cast<int>(cluster.per_rack), cluster.per_node};
  for (std::uint32_t node = 0; node < nodes; ++node) {
    const bool busy = below(3) == 0;
    cluster.listed.push_back(busy ? below(cluster.per_node + 1) : cluster.per_node);
    cluster.free.give_node(node);
    const std::uint32_t used = cluster.per_node - cluster.listed.back();
    if (used > 0) cluster.free.take_part(node, cluster.per_node, used);
  }
  return cluster;
}

/// The first node that has room and for which `key` is least.
template <class Key>
std::optional<std::size_t> least(const Cluster& cluster, std::uint32_t gpus, const Key& key) {
  std::optional<std::size_t> best;
  for (std::size_t node = 0; node < cluster.listed.size(); ++node) {
    if (cluster.listed[node] < gpus) continue;
    if (!best || key(node) < key(*best)) best = node;
  }
  return best;
}

/// Whole nodes one by one and then the rest, each by its rule; the parts by node.
template <class Whole, class Rest>
std::map<std::uint32_t, std::uint32_t> by_rule(Cluster cluster, std::int64_t gpus,
                                               const Whole& whole, const Rest& rest) {
  std::map<std::uint32_t, std::uint32_t> parts;
  const auto take = [&](std::optional<std::size_t> node, std::uint32_t part) {
    REQUIRE(node.has_value());
    cluster.listed[*node] -= part;
    parts[static_cast<std::uint32_t>(*node)] += part;
  };
  for (std::int64_t left = gpus / cluster.per_node; left > 0; --left)
    take(whole(cluster, left), cluster.per_node);
  const auto part = static_cast<std::uint32_t>(gpus % cluster.per_node);
  if (part > 0) take(rest(cluster, part, gpus > part), part);
  return parts;
}

std::map<std::uint32_t, std::uint32_t> taken(Placement& placement, FreeNodes free,
                                             std::int64_t gpus) {
  const std::int64_t before = free.gpus();
  std::vector<NodePart> list;
  placement.take(free, gpus, list);
  CHECK(before - free.gpus() == gpus);
  std::map<std::uint32_t, std::uint32_t> parts;
  for (const NodePart& part : list) parts[part.node] += part.gpus;
  return parts;
}

bool has_room(const Cluster& cluster, std::int64_t gpus) {
  const auto empty = std::count(cluster.listed.begin(), cluster.listed.end(), cluster.per_node);
  const std::int64_t whole = gpus / cluster.per_node;
  const auto rest = static_cast<std::uint32_t>(gpus % cluster.per_node);
  if (empty < whole) return false;
  if (rest == 0 || empty > whole) return true;
  return std::any_of(cluster.listed.begin(), cluster.listed.end(),
                     [&](std::uint32_t free) { return free >= rest && free < cluster.per_node; });
}

template <class Visit>
void for_random_clusters(const Visit& visit) {
  Stream stream{StreamName{.seed = 11, .path = "placement"}};
  for (int i = 0; i < 1500; ++i) {
    const Cluster cluster = draw_cluster(stream);
    const auto all = static_cast<std::uint64_t>(cluster.listed.size()) * cluster.per_node;
    visit(cluster, 1 + static_cast<std::int64_t>(stream.next() % all));
  }
}

std::unique_ptr<Placement> made(const PlacementSpec& spec) {
  return make_placement(spec, Stream{StreamName{.seed = 3, .path = "test"}});
}

/// Compares a strategy with its rule wherever it says that there is room.
template <class Whole, class Rest>
void compare(const PlacementSpec& spec, const Whole& whole, const Rest& rest) {
  for_random_clusters([&](const Cluster& cluster, std::int64_t gpus) {
    const auto placement = made(spec);
    const bool fits = placement->fits(cluster.free, gpus);
    CHECK(fits == has_room(cluster, gpus));
    if (fits) CHECK(taken(*placement, cluster.free, gpus) == by_rule(cluster, gpus, whole, rest));
  });
}

const auto lowest_empty = [](const Cluster& cluster, std::int64_t /*left*/) {
  return least(cluster, cluster.per_node, [](std::size_t node) { return node; });
};
const auto fewest_free = [](const Cluster& cluster, std::uint32_t gpus, bool /*of_gang*/) {
  return least(cluster, gpus, [&](std::size_t node) { return cluster.listed[node]; });
};

}  // namespace

TEST_CASE("first_fit takes the lowest-numbered nodes with room") {
  compare(FirstFitPlacement{}, lowest_empty,
          [](const Cluster& cluster, std::uint32_t gpus, bool /*of_gang*/) {
            return least(cluster, gpus, [](std::size_t node) { return node; });
          });
}

TEST_CASE("best_fit takes the node with the fewest free GPUs, for the rest of a gang too") {
  compare(BestFitPlacement{}, lowest_empty, fewest_free);
}

TEST_CASE(
    "consolidate: fewest free within a node; a gang's rest on the next in order of most free") {
  compare(ConsolidatePlacement{}, lowest_empty,
          [](const Cluster& cluster, std::uint32_t gpus, bool of_gang) {
            if (!of_gang) return fewest_free(cluster, gpus, false);
            return least(cluster, gpus,
                         [&](std::size_t node) { return -static_cast<int>(cluster.listed[node]); });
          });
}

TEST_CASE("spread takes one node after the other from the emptiest rack") {
  const auto emptiest = [](const Cluster& cluster, std::int64_t /*left*/) {
    return least(cluster, cluster.per_node,
                 [&](std::size_t node) { return -cluster.free_in_rack(cluster.rack(node)); });
  };
  compare(SpreadPlacement{}, emptiest,
          [&](const Cluster& cluster, std::uint32_t gpus, bool /*of_gang*/) {
            if (const auto node = emptiest(cluster, 0)) return node;
            return least(cluster, gpus,
                         [&](std::size_t node) { return -static_cast<int>(cluster.listed[node]); });
          });
}

TEST_CASE("rack_local takes the tightest rack that holds the gang, else the emptiest") {
  std::size_t rack = 0;   // being emptied
  std::int64_t next = 0;  // what is left after the node before
  compare(
      RackLocalPlacement{},
      [&](const Cluster& cluster, std::int64_t left) {
        const bool goes_on = left == next && cluster.free_in_rack(rack) > 0;
        const auto node = least(cluster, cluster.per_node, [&](std::size_t each) {
          const int free = cluster.free_in_rack(cluster.rack(each));
          if (goes_on) return cluster.rack(each) == rack ? 0 : 1;
          return free >= left ? free - 1000 : -free;
        });
        if (node) rack = cluster.rack(*node);
        next = left - 1;
        return node;
      },
      [](const Cluster& cluster, std::uint32_t gpus, bool /*of_gang*/) {
        // Shared nodes first, then a free one of the rack with the fewest.
        return least(cluster, gpus, [&](std::size_t node) {
          const bool empty = cluster.listed[node] == cluster.per_node;
          return static_cast<int>(cluster.listed[node]) * 100 +
                 (empty ? cluster.free_in_rack(cluster.rack(node)) : 0);
        });
      });
}

TEST_CASE("count takes any free GPUs, however they lie") {
  for_random_clusters([](const Cluster& cluster, std::int64_t gpus) {
    const auto placement = made(CountPlacement{});
    const auto free = std::accumulate(cluster.listed.begin(), cluster.listed.end(), 0U);
    CHECK(placement->fits(cluster.free, gpus) == (gpus <= free));
    if (gpus > free) return;
    for (const auto& [node, part] : taken(*placement, cluster.free, gpus))
      CHECK(part <= cluster.listed[node]);
  });
}

TEST_CASE("random takes nodes with room, every one of them sooner or later, and the same again") {
  for_random_clusters([](const Cluster& cluster, std::int64_t gpus) {
    const auto placement = made(RandomPlacement{});
    CHECK(placement->fits(cluster.free, gpus) == has_room(cluster, gpus));
    if (!has_room(cluster, gpus)) return;
    const auto again = placement->clone();
    const auto parts = taken(*placement, cluster.free, gpus);
    CHECK(parts == taken(*again, cluster.free, gpus));
    for (const auto& [node, part] : parts) CHECK(part <= cluster.listed[node]);
  });
  Stream stream{StreamName{.seed = 1, .path = "one"}};
  Cluster cluster = draw_cluster(stream);
  const auto placement = made(RandomPlacement{});
  std::map<std::uint32_t, int> seen;
  for (int i = 0; i < 2000; ++i) ++seen[taken(*placement, cluster.free, 1).begin()->first];
  for (std::uint32_t node = 0; node < cluster.listed.size(); ++node)
    CHECK((seen[node] > 0) == (cluster.listed[node] > 0));
}

TEST_CASE("replicas fill the racks with the fewest free nodes") {
  for_random_clusters([](const Cluster& cluster, std::int64_t gpus) {
    const std::int64_t whole = gpus / cluster.per_node * cluster.per_node;
    const auto placement = make_fill_gaps();
    if (whole == 0 || !placement->fits(cluster.free, whole)) return;
    CHECK(taken(*placement, cluster.free, whole) ==
          by_rule(
              cluster, whole,
              [](const Cluster& now, std::int64_t /*left*/) {
                return least(now, now.per_node,
                             [&](std::size_t node) { return now.free_in_rack(now.rack(node)); });
              },
              fewest_free));
  });
}

TEST_CASE("placing where there is no room is a bug") {
  FreeNodes free{std::make_shared<NodeLayout>(NodeLayout{{0}, {0, 0}}), 2, 4};
  std::vector<NodePart> parts;
  CHECK_THROWS_AS(made(RackLocalPlacement{})->take(free, 4, parts), InvariantBroken);
  CHECK_THROWS_AS(made(FirstFitPlacement{})->take(free, 8, parts), InvariantBroken);
}
