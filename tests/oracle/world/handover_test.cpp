// Oracle for handovers: brute force over all subsets of small sites and over all cuts of small
// networks.
#include <algorithm>
#include <bit>
#include <map>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/base/random.hpp>
#include <colossim/world/handover.hpp>

using namespace colossim;

namespace {

using Handed = std::vector<std::int64_t>;

std::int64_t draw(Stream& stream, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(stream.uniform() * static_cast<double>(high - low + 1));
}

std::uint32_t add_element(HandoverSite& site, HandoverElement element) {
  site.elements.push_back(element);
  return static_cast<std::uint32_t>(site.elements.size() - 1);
}

/// Puts racks in groups of `low` to `high` consecutive ones below elements of one kind.
template <class Make>
void cover(HandoverSite& site, Stream& stream, std::pair<std::int64_t, std::int64_t> size,
           Make make) {
  for (std::size_t rack = 0; rack < site.racks.size();) {
    const std::int64_t drawn = draw(stream, size.first, size.second);
    const std::size_t end = std::min(site.racks.size(), rack + static_cast<std::size_t>(drawn));
    const std::uint32_t element = make();
    for (; rack < end; ++rack) site.racks[rack].elements.push_back(element);
  }
}

struct Draw {
  std::int64_t most_racks = 10;
  bool one_kind = true;
  bool shuffled = false;  // racks hang on branches in no order: nothing nests
};

/// A site of up to ten racks: busways below transformers, loops and arrays that nest or straddle.
HandoverSite random_site(Stream& stream, const Draw& terms) {
  HandoverSite site;
  site.name = "random";
  site.groups = {"power", "loop", "array", "pod"};
  const std::int64_t count = draw(stream, 1, terms.most_racks);
  for (std::int64_t i = 0; i < count; ++i) {
    const bool small = !terms.one_kind && stream.uniform() < 0.4;
    site.racks.push_back({.gpus = small ? 6 : 8, .gpus_per_node = small ? 3 : 4});
  }
  const std::int64_t mains = draw(stream, 1, 3);
  std::vector<std::uint32_t> transformers;
  const double shareable = stream.uniform();  // low: transformers and some busways may serve both
  for (std::int64_t i = 0; i < mains; ++i)
    transformers.push_back(
        add_element(site, {.common = shareable < 0.3, .rating = 3.0 * units::megawatt}));
  std::vector<std::uint32_t> busways;
  for (const std::uint32_t transformer : transformers) {
    const std::int64_t below = draw(stream, 1, 3);
    for (std::int64_t i = 0; i < below; ++i) {
      const bool common = shareable < 0.3 && stream.uniform() < 0.4;
      busways.push_back(add_element(
          site, {.common = common, .rating = 1.0 * units::megawatt, .parent = transformer}));
    }
  }
  for (std::size_t rack = 0; rack < site.racks.size(); ++rack) {
    const auto last = static_cast<std::int64_t>(busways.size()) - 1;
    const std::size_t place = terms.shuffled ? static_cast<std::size_t>(draw(stream, 0, last))
                                             : rack * busways.size() / site.racks.size();
    site.racks[rack].elements = {busways[place]};
  }
  if (stream.uniform() < 0.5)
    cover(site, stream, {1, 3},
          [&] { return add_element(site, {.kind = ElementKind::coolant, .group = 1}); });
  const std::uint32_t pod =
      add_element(site, {.kind = ElementKind::pod, .group = 3, .common = true, .uplinks = 16});
  if (stream.uniform() < 0.8) {
    cover(site, stream, {1, 4}, [&] {
      return add_element(site,
                         {.kind = ElementKind::array, .group = 2, .uplinks = 8, .parent = pod});
    });
  }
  return site;
}

/// What a division costs, straight from the definition.
struct Cost {
  std::int64_t gpus = 0;
  std::int64_t elements = 0;
  std::int64_t changes = 0;  // between neighbours in the given order
  friend auto operator<=>(const Cost&, const Cost&) = default;
};

/// Sets of racks as bits: which give some GPUs, which give all.
struct Sides {
  std::uint32_t some = 0;
  std::uint32_t all = 0;
};

class Accountant {
 public:
  explicit Accountant(const HandoverSite& site) : site_(site), members_(site.elements.size()) {
    for (std::uint32_t rack = 0; rack < site.racks.size(); ++rack) {
      for (const std::uint32_t direct : site.racks[rack].elements) {
        for (std::optional<std::uint32_t> element = direct; element;
             element = site.elements[*element].parent)
          members_[*element] |= 1U << rack;
      }
      if (site.racks[rack].on_offer) offered_ |= 1U << rack;
    }
  }

  [[nodiscard]] Cost cost(const Sides& sides) const {
    Cost cost;
    const std::uint32_t divided = sides.some & ~sides.all;
    std::uint32_t entangled = divided;
    for (std::size_t element = 0; element < members_.size(); ++element) {
      const std::uint32_t members = members_[element];
      const bool shared = (sides.some & members) != 0 && (sides.all & members) != members;
      if (site_.elements[element].common || !shared) continue;
      ++cost.elements;
      entangled |= members;
    }
    cost.elements += std::popcount(divided);
    for (std::size_t rack = 0; rack < site_.racks.size(); ++rack)
      if (((entangled >> rack) & 1U) != 0) cost.gpus += site_.racks[rack].gpus;
    // Neighbours are alike when both go whole or both stay whole.
    const std::uint32_t alike = (sides.all & (sides.all >> 1)) | (~sides.some & (~sides.some >> 1));
    for (std::size_t rack = 0; rack + 1 < site_.racks.size(); ++rack)
      if (((alike >> rack) & 1U) == 0) ++cost.changes;
    return cost;
  }
  [[nodiscard]] Cost cost(const Handed& handed) const {
    Sides sides;
    for (std::uint32_t rack = 0; rack < handed.size(); ++rack) {
      if (handed[rack] > 0) sides.some |= 1U << rack;
      if (handed[rack] == site_.racks[rack].gpus) sides.all |= 1U << rack;
    }
    return cost(sides);
  }

  /// Least cost by number of GPUs: all subsets of racks, each with no divided rack or with any one.
  [[nodiscard]] std::map<std::int64_t, Cost> brute_force() const {
    std::map<std::int64_t, Cost> least;
    const auto consider = [&](std::int64_t gpus, const Cost& cost) {
      const auto [found, is_new] = least.try_emplace(gpus, cost);
      found->second = std::min(found->second, cost);
    };
    for (std::uint32_t subset = 0; subset < (1U << site_.racks.size()); ++subset) {
      if ((subset & ~offered_) != 0) continue;
      std::int64_t gpus = 0;
      for (std::size_t rack = 0; rack < site_.racks.size(); ++rack)
        if (((subset >> rack) & 1U) != 0) gpus += site_.racks[rack].gpus;
      consider(gpus, cost(Sides{subset, subset}));
      for (std::uint32_t rack = 0; rack < site_.racks.size(); ++rack) {
        if ((((subset | ~offered_) >> rack) & 1U) != 0) continue;
        const HandoverRack& divided = site_.racks[rack];
        const Cost found = cost(Sides{subset | (1U << rack), subset});
        for (std::int64_t part = divided.gpus_per_node; part < divided.gpus;
             part += divided.gpus_per_node)
          consider(gpus + part, found);
      }
    }
    return least;
  }

 private:
  const HandoverSite& site_;
  std::vector<std::uint32_t> members_;  // by element
  std::uint32_t offered_ = 0;
};

std::string text_of(const HandoverSite& site) {
  std::string text;
  for (const HandoverRack& rack : site.racks)
    text += fmt::format("{} GPUs on {}{}\n", rack.gpus, fmt::join(rack.elements, " "),
                        rack.on_offer ? "" : " kept back");
  for (std::size_t i = 0; i < site.elements.size(); ++i) {
    if (site.elements[i].common) text += fmt::format("{} common\n", i);
  }
  return text;
}

/// The number among the keys nearest to `gpus`, but not 0; of two the lower one.
std::int64_t nearest(const std::map<std::int64_t, Cost>& least, std::int64_t gpus) {
  std::int64_t best = -1;
  for (const auto& [number, cost] : least) {
    if (number == 0 && gpus > 0) continue;
    if (best < 0 || std::abs(number - gpus) < std::abs(best - gpus)) best = number;
  }
  return best;
}

std::int64_t sum_of(const Handed& handed) {
  std::int64_t sum = 0;
  for (const std::int64_t part : handed) sum += part;
  return sum;
}

/// Holds the division of every third number of GPUs against brute force.
void check_exact(const HandoverSite& site, bool with_changes) {
  const Accountant accountant{site};
  const std::map<std::int64_t, Cost> least = accountant.brute_force();
  for (std::int64_t gpus = 0; gpus <= site.gpus_on_offer(); gpus += 3) {
    const auto division = least_stranded(site, gpus);
    REQUIRE(division);
    const std::int64_t sum = sum_of(division->handed);
    const Cost found = accountant.cost(division->handed);
    const Cost best = least.at(sum);
    INFO(text_of(site));
    CAPTURE(gpus);
    INFO("handed " << fmt::format("{}", fmt::join(division->handed, " ")));
    INFO("brute force: " << best.gpus << " stranded, " << best.elements << " shared, "
                         << best.changes << " changes");
    REQUIRE(sum == nearest(least, gpus));
    REQUIRE(found.gpus == best.gpus);
    REQUIRE(found.elements == best.elements);
    if (with_changes) REQUIRE(found.changes == best.changes);
    const Stranded lost = stranded(site, division->handed);
    REQUIRE(lost.gpus == found.gpus);
    REQUIRE(lost.elements == found.elements);
  }
}

void check_clean(const HandoverSite& site) {
  const Accountant accountant{site};
  const std::map<std::int64_t, Cost> least = accountant.brute_force();
  for (std::int64_t gpus = 1; gpus <= site.gpus_on_offer(); gpus += 3) {
    std::int64_t below = 0;
    std::int64_t above = 0;
    for (const auto& [number, cost] : least) {
      if (cost.elements > 0 || number == 0) continue;
      if (number <= gpus) below = number;
      if (number >= gpus && above == 0) above = number;
    }
    const CleanDivisions clean = clean_divisions(site, gpus);
    INFO(text_of(site));
    CAPTURE(gpus);
    REQUIRE((clean.below ? sum_of(clean.below->handed) : 0) == below);
    REQUIRE((clean.above ? sum_of(clean.above->handed) : 0) == above);
    if (clean.below) REQUIRE(accountant.cost(clean.below->handed).elements == 0);
    if (clean.above) REQUIRE(accountant.cost(clean.above->handed).elements == 0);
  }
}

Stream stream_of(std::uint64_t ordinal, std::string_view purpose) {
  return Stream{StreamName{.seed = 3, .path = "handover", .purpose = purpose, .ordinal = ordinal}};
}

/// The least cut by trying every set of vertices on the source's side.
std::int64_t least_cut_by_force(std::uint32_t vertices, const std::vector<NetworkEdge>& edges) {
  std::int64_t least = -1;
  for (std::uint32_t side = 0; side < (1U << vertices); ++side) {
    if ((side & 1U) == 0 || (side & 2U) != 0) continue;  // 0 is the source, 1 the sink
    std::int64_t cut = 0;
    for (const NetworkEdge& edge : edges) {
      if (((side >> edge.a) & 1U) != ((side >> edge.b) & 1U)) cut += edge.capacity;
    }
    if (least < 0 || cut < least) least = cut;
  }
  return least;
}

}  // namespace

TEST_CASE("the exact division is the best of all subsets where loops and arrays nest or straddle") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    Stream stream = stream_of(i, "ordered");
    CAPTURE(i);
    check_exact(random_site(stream, {.most_racks = 9}), true);
  }
}

TEST_CASE("the exact division is the best of all subsets with racks of two sizes") {
  for (std::uint64_t i = 0; i < 120; ++i) {
    Stream stream = stream_of(i, "mixed");
    CAPTURE(i);
    check_exact(random_site(stream, {.most_racks = 8, .one_kind = false}), false);
  }
}

TEST_CASE(
    "the exact division is the best of all subsets where racks hang on branches in no order") {
  for (std::uint64_t i = 0; i < 120; ++i) {
    Stream stream = stream_of(i, "shuffled");
    CAPTURE(i);
    const bool one_kind = stream.uniform() < 0.5;
    check_exact(random_site(stream, {.most_racks = 8, .one_kind = one_kind, .shuffled = true}),
                false);
  }
}

TEST_CASE("the exact division of racks on offer is the best of all their subsets") {
  for (std::uint64_t i = 0; i < 120; ++i) {
    Stream stream = stream_of(i, "offered");
    CAPTURE(i);
    HandoverSite site = random_site(stream, {.most_racks = 8});
    for (HandoverRack& rack : site.racks) rack.on_offer = stream.uniform() < 0.6;
    check_exact(site, true);
    check_clean(site);
  }
}

TEST_CASE("twelve racks: the exact division is the best of all 4,096 subsets") {
  for (std::uint64_t i = 0; i < 12; ++i) {
    Stream stream = stream_of(i, "twelve");
    CAPTURE(i);
    check_exact(random_site(stream, {.most_racks = 12}), true);
  }
}

TEST_CASE("clean divisions are the nearest that share nothing") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    Stream stream = stream_of(i, "clean");
    CAPTURE(i);
    const bool one_kind = stream.uniform() < 0.5;
    const bool shuffled = stream.uniform() < 0.3;
    check_clean(random_site(stream, {.most_racks = 8, .one_kind = one_kind, .shuffled = shuffled}));
  }
}

TEST_CASE("what strands is the same seen from either party") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    Stream stream = stream_of(i, "parties");
    const HandoverSite site = random_site(stream, {.most_racks = 10, .one_kind = false});
    Handed handed;
    Handed kept;
    for (const HandoverRack& rack : site.racks) {
      handed.push_back(rack.gpus_per_node * draw(stream, 0, 2));
      kept.push_back(rack.gpus - handed.back());
    }
    const Stranded there = stranded(site, handed);
    const Stranded back = stranded(site, kept);
    CAPTURE(i);
    CHECK(there.gpus == back.gpus);
    CHECK(there.elements == back.elements);
    CHECK(there.power == back.power);
    CHECK(there.uplinks == back.uplinks);
    CHECK(there.moved + back.moved == there.gpus);
    CHECK(links_cut(site, handed) == links_cut(site, kept));
  }
}

TEST_CASE("the least cut is the least of all cuts of random networks") {
  for (std::uint64_t i = 0; i < 400; ++i) {
    Stream stream = stream_of(i, "networks");
    const auto vertices = static_cast<std::uint32_t>(draw(stream, 2, 9));
    std::vector<NetworkEdge> edges;
    const std::int64_t count = draw(stream, 0, 20);
    for (std::int64_t e = 0; e < count; ++e) {
      const auto a = static_cast<std::uint32_t>(draw(stream, 0, vertices - 1));
      const auto b = static_cast<std::uint32_t>(draw(stream, 0, vertices - 1));
      const std::int64_t capacity = draw(stream, 0, 12);
      if (a != b) edges.push_back({a, b, capacity});
    }
    CAPTURE(i);
    CHECK(least_cut(vertices, edges, 0, 1) == least_cut_by_force(vertices, edges));
  }
}

TEST_CASE(
    "the links to cut are the least over all sides that leaves, spines and core can fall to") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    Stream stream = stream_of(i, "fabrics");
    HandoverSite site;
    site.links_per_gpu = draw(stream, 1, 2);
    Handed handed;
    std::vector<NetworkEdge> edges;  // 0 those who go, 1 those who stay, 2 core, 3 + element
    const std::int64_t pods = draw(stream, 1, 3);
    for (std::int64_t pod = 0; pod < pods; ++pod) {
      const std::int64_t up = draw(stream, 1, 40);
      const std::uint32_t spine =
          add_element(site, {.kind = ElementKind::pod, .common = true, .uplinks = up});
      edges.push_back({2, 3 + spine, up});
      const std::int64_t arrays = draw(stream, 1, 3);
      for (std::int64_t array = 0; array < arrays; ++array) {
        const std::int64_t uplinks = draw(stream, 1, 20);
        const std::uint32_t leaf =
            add_element(site, {.kind = ElementKind::array, .uplinks = uplinks, .parent = spine});
        edges.push_back({3 + spine, 3 + leaf, uplinks});
        for (int rack = 0; rack < 2; ++rack) {
          site.racks.push_back({.gpus = 8, .gpus_per_node = 4, .elements = {leaf}});
          handed.push_back(4 * draw(stream, 0, 2));
          edges.push_back({0, 3 + leaf, handed.back() * site.links_per_gpu});
          edges.push_back({1, 3 + leaf, (8 - handed.back()) * site.links_per_gpu});
        }
      }
    }
    const auto vertices = static_cast<std::uint32_t>(3 + site.elements.size());
    CAPTURE(i);
    CHECK(links_cut(site, handed) == least_cut_by_force(vertices, edges));
  }
}
