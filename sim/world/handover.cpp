// What a division of a site strands, and the plans to choose from.
#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/world/handover.hpp>

namespace colossim {

namespace {

using Handed = std::vector<std::int64_t>;

/// GPUs below each element: all, and those that go.
struct Shares {
  std::vector<std::int64_t> all;
  std::vector<std::int64_t> moved;

  Shares(const HandoverSite& site, std::span<const std::int64_t> handed)
      : all(site.elements.size()), moved(site.elements.size()) {
    for (std::size_t rack = 0; rack < site.racks.size(); ++rack) {
      for (const std::uint32_t element : site.racks[rack].elements) {
        all[element] += site.racks[rack].gpus;
        moved[element] += handed[rack];
      }
    }
    for (std::size_t i = site.elements.size(); i-- > 0;) {
      if (!site.elements[i].parent) continue;
      all[*site.elements[i].parent] += all[i];
      moved[*site.elements[i].parent] += moved[i];
    }
  }
  [[nodiscard]] bool is_shared(std::uint32_t element) const {
    return moved[element] > 0 && moved[element] < all[element];
  }
};

/// Shared, though nothing says that it may be.
bool is_cut(const HandoverSite& site, const Shares& shares, std::uint32_t element) {
  return shares.is_shared(element) && !site.elements[element].common;
}

/// By element: whether it or something above it is cut.
std::vector<char> entangling(const HandoverSite& site, const Shares& shares) {
  std::vector<char> result(site.elements.size(), 0);
  for (std::uint32_t i = 0; i < site.elements.size(); ++i) {
    const auto& parent = site.elements[i].parent;
    const bool inherits = parent && result[*parent] != 0;
    result[i] = inherits || is_cut(site, shares, i) ? 1 : 0;
  }
  return result;
}

bool is_divided(const HandoverRack& rack, std::int64_t handed) {
  return handed > 0 && handed < rack.gpus;
}

/// The racks of an array; they are consecutive.
struct ArrayRow {
  std::uint32_t element = 0;
  std::size_t first = 0;
  std::size_t end = 0;
  std::int64_t gpus = 0;
};

/// Arrays on offer in the order of their racks. (The racks of an array are of one group.)
std::vector<ArrayRow> arrays_of(const HandoverSite& site) {
  std::vector<ArrayRow> arrays;
  for (std::size_t rack = 0; rack < site.racks.size(); ++rack) {
    if (!site.racks[rack].on_offer) continue;
    for (const std::uint32_t element : site.racks[rack].elements) {
      if (site.elements[element].kind != ElementKind::array) continue;
      if (arrays.empty() || arrays.back().element != element)
        arrays.push_back({.element = element, .first = rack});
      arrays.back().end = rack + 1;
      arrays.back().gpus += site.racks[rack].gpus;
    }
  }
  return arrays;
}

void measure_power(const HandoverSite& site, HandoverPlan& plan) {
  // Peak below each branch that feeds racks directly: the first element of a rack.
  std::vector<Power> below(site.elements.size());
  for (const HandoverRack& rack : site.racks) below[rack.elements.front()] += rack.peak;
  for (std::size_t i = 0; i < site.racks.size(); ++i) {
    const HandoverRack& rack = site.racks[i];
    const Power peak =
        static_cast<double>(plan.handed[i]) / static_cast<double>(rack.gpus) * rack.peak;
    const std::uint32_t branch = rack.elements.front();
    plan.peak += peak;
    plan.nameplate += peak / below[branch] * site.elements[branch].rating;
  }
  Power all;
  for (const HandoverRack& rack : site.racks) all += rack.peak;
  plan.feed = plan.peak / all * site.feed;
}

void measure_cuts(const HandoverSite& site, const Shares& shares, HandoverPlan& plan) {
  plan.cuts.resize(site.groups.size());
  for (std::size_t group = 0; group < site.groups.size(); ++group)
    plan.cuts[group].group = site.groups[group];
  for (std::uint32_t i = 0; i < site.elements.size(); ++i) {
    const HandoverElement& element = site.elements[i];
    if (shares.all[i] == 0) continue;  // feeds no racks
    GroupCut& cut = plan.cuts[element.group];
    if (shares.is_shared(i)) {
      ++cut.shared;
      if (!element.common) ++cut.stranding;
    } else {
      ++(shares.moved[i] > 0 ? cut.moved : cut.kept);
    }
    if (element.kind == ElementKind::array && shares.moved[i] > 0) ++plan.arrays;
  }
  std::erase_if(plan.cuts,
                [](const GroupCut& cut) { return cut.moved + cut.kept + cut.shared == 0; });
}

HandoverPlan measured(const HandoverSite& site, std::string name, Handed handed) {
  HandoverPlan plan;
  plan.name = std::move(name);
  plan.handed = std::move(handed);
  for (std::size_t rack = 0; rack < site.racks.size(); ++rack) {
    plan.gpus += plan.handed[rack];
    if (plan.handed[rack] == site.racks[rack].gpus) ++plan.racks;
    if (is_divided(site.racks[rack], plan.handed[rack])) plan.divided += plan.handed[rack];
  }
  measure_power(site, plan);
  measure_cuts(site, Shares{site, plan.handed}, plan);
  plan.stranded = stranded(site, plan.handed);
  plan.links_cut = links_cut(site, plan.handed);
  return plan;
}

/// The first racks of the site, the last of them divided by nodes: to the nearest, at least one.
Handed in_order(const HandoverSite& site, std::int64_t gpus) {
  Handed handed(site.racks.size());
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < handed.size() && sum < gpus; ++i) {
    const HandoverRack& rack = site.racks[i];
    if (!rack.on_offer) continue;
    const std::int64_t node = rack.gpus_per_node;
    const std::int64_t nodes = (gpus - sum + (node - 1) / 2) / node;
    handed[i] = std::min(rack.gpus, std::max<std::int64_t>(nodes, sum == 0 ? 1 : 0) * node);
    if (handed[i] == 0) break;
    sum += handed[i];
  }
  return handed;
}

/// Whole arrays from number `first` on, as many as come nearest to `gpus` GPUs.
Handed arrays_from(const HandoverSite& site, const std::vector<ArrayRow>& arrays, std::size_t first,
                   std::int64_t gpus) {
  Handed handed(site.racks.size());
  std::int64_t sum = 0;
  for (std::size_t i = first; i < arrays.size(); ++i) {
    const std::int64_t excess = sum + arrays[i].gpus - gpus;
    if (sum > 0 && excess > 0 && excess > gpus - sum) break;
    sum += arrays[i].gpus;
    for (std::size_t rack = arrays[i].first; rack < arrays[i].end; ++rack)
      handed[rack] = site.racks[rack].gpus;
    if (excess >= 0) break;
  }
  return handed;
}

/// Of all runs of consecutive arrays with about `gpus` GPUs (to half an array), the one that
/// strands the fewest. (Of very many arrays only some are tried as the first.) Nothing when no run
/// comes near.
std::optional<Handed> best_arrays(const HandoverSite& site, std::int64_t gpus) {
  constexpr std::size_t most_tried = 512;
  const std::vector<ArrayRow> arrays = arrays_of(site);
  std::int64_t largest = 0;
  for (const ArrayRow& array : arrays) largest = std::max(largest, array.gpus);
  std::optional<Handed> best;
  std::pair<std::int64_t, std::int64_t> least;
  const std::size_t step = std::max<std::size_t>(1, arrays.size() / most_tried);
  for (std::size_t first = 0; first < arrays.size(); first += step) {
    Handed handed = arrays_from(site, arrays, first, gpus);
    std::int64_t off = -gpus;
    for (const std::int64_t part : handed) off += part;
    if (2 * std::abs(off) > largest) continue;
    const std::pair score{stranded(site, handed).gpus, std::abs(off)};
    if (best && !(score < least)) continue;
    best = std::move(handed);
    least = score;
  }
  return best;
}

}  // namespace

Stranded stranded(const HandoverSite& site, std::span<const std::int64_t> handed) {
  COLOSSIM_CHECK(handed.size() == site.racks.size(), "{} numbers", handed.size());
  const Shares shares{site, handed};
  const std::vector<char> entangles = entangling(site, shares);
  Stranded result;
  for (std::size_t i = 0; i < site.racks.size(); ++i) {
    const HandoverRack& rack = site.racks[i];
    COLOSSIM_CHECK(handed[i] >= 0 && handed[i] <= rack.gpus, "rack={} handed={}", i, handed[i]);
    bool entangled = is_divided(rack, handed[i]);
    if (entangled) ++result.elements;
    for (const std::uint32_t element : rack.elements) {
      if (entangles[element] == 0) continue;
      entangled = true;
      if (site.elements[element].kind == ElementKind::coolant) result.coolant += rack.peak;
    }
    if (entangled) result.gpus += rack.gpus;
    if (entangled) result.moved += handed[i];
  }
  for (std::uint32_t i = 0; i < site.elements.size(); ++i) {
    if (!is_cut(site, shares, i)) continue;
    const HandoverElement& element = site.elements[i];
    ++result.elements;
    if (element.kind == ElementKind::array) result.uplinks += element.uplinks;
    const bool outermost = !element.parent || !is_cut(site, shares, *element.parent);
    if (element.kind == ElementKind::power && outermost) result.power += element.rating;
  }
  return result;
}

std::int64_t links_cut(const HandoverSite& site, std::span<const std::int64_t> handed) {
  const Shares shares{site, handed};
  constexpr std::uint32_t source = 0;
  constexpr std::uint32_t sink = 1;
  constexpr std::uint32_t core = 2;
  std::vector<std::uint32_t> vertex(site.elements.size());
  std::uint32_t vertices = 3;
  std::vector<NetworkEdge> edges;
  for (std::uint32_t i = 0; i < site.elements.size(); ++i) {
    const HandoverElement& element = site.elements[i];
    if (element.kind != ElementKind::array && element.kind != ElementKind::pod) continue;
    vertex[i] = vertices++;
    edges.push_back({vertex[i], element.parent ? vertex[*element.parent] : core, element.uplinks});
    if (element.kind != ElementKind::array) continue;
    // The racks of a party are one with its end of the cut.
    edges.push_back({source, vertex[i], shares.moved[i] * site.links_per_gpu});
    edges.push_back({vertex[i], sink, (shares.all[i] - shares.moved[i]) * site.links_per_gpu});
  }
  return least_cut(vertices, edges, source, sink);
}

std::vector<HandoverPlan> plan_handover(const HandoverSite& site, std::int64_t gpus) {
  COLOSSIM_CHECK(gpus >= 1 && gpus <= site.gpus_on_offer(), "gpus={}", gpus);
  std::vector<HandoverPlan> plans;
  const auto add = [&](const char* name, Handed handed, std::string searched) {
    for (const HandoverPlan& plan : plans) {
      if (plan.handed == handed) return;
    }
    plans.push_back(measured(site, name, std::move(handed)));
    plans.back().searched = std::move(searched);
  };
  if (const auto exact = least_stranded(site, gpus)) add("exact", exact->handed, exact->over);
  const CleanDivisions clean = clean_divisions(site, gpus);
  if (clean.below) add("clean_below", clean.below->handed, clean.below->over);
  if (clean.above) add("clean_above", clean.above->handed, clean.above->over);
  if (auto arrays = best_arrays(site, gpus)) add("arrays", std::move(*arrays), {});
  const bool is_exact = !plans.empty() && plans.front().name == "exact";
  add("in_order", in_order(site, is_exact ? plans.front().gpus : gpus), {});
  // Without an exact plan the best is the one that strands or misses the fewest GPUs.
  const auto lost = [&](const HandoverPlan& plan) {
    return plan.stranded.gpus + std::abs(plan.gpus - gpus);
  };
  if (!is_exact)
    std::stable_sort(plans.begin(), plans.end(), [&](const HandoverPlan& a, const HandoverPlan& b) {
      return lost(a) < lost(b);
    });
  return plans;
}

std::vector<HandoverPlan> plan_handover(const Scenario& scenario, const std::string& site,
                                        std::int64_t gpus) {
  return plan_handover(handover_site(scenario, site), gpus);
}

std::vector<std::uint32_t> handover_order(const HandoverSite& site, std::int64_t gpus) {
  const auto exact = least_stranded(site, gpus);
  const Handed handed = exact ? exact->handed : plan_handover(site, gpus).front().handed;
  std::vector<std::uint32_t> order(site.racks.size());
  for (std::uint32_t rack = 0; rack < order.size(); ++rack) order[rack] = rack;
  const auto rank = [&](std::uint32_t rack) {
    if (handed[rack] == site.racks[rack].gpus) return 0;
    return handed[rack] > 0 ? 1 : 2;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return rank(a) < rank(b); });
  return order;
}

std::vector<std::uint32_t> handover_order(const Scenario& scenario, const std::string& site,
                                          std::int64_t gpus) {
  return handover_order(handover_site(scenario, site), gpus);
}

std::vector<RackRun> rack_runs(const HandoverSite& site, std::span<const std::int64_t> handed) {
  std::vector<RackRun> runs;
  for (std::uint32_t row = 0; row < site.rows.size(); ++row) {
    const HandoverRow& racks = site.rows[row];
    for (std::uint32_t number = 0; number < racks.count; ++number) {
      const std::uint32_t rack = racks.first + number;
      if (handed[rack] == 0) continue;
      const bool divided = is_divided(site.racks[rack], handed[rack]);
      const bool continues = !divided && !runs.empty() && runs.back().row == row &&
                             runs.back().last + 1 == number && !runs.back().divided;
      if (!continues) runs.push_back({.row = row, .first = number, .divided = divided});
      runs.back().last = number;
      runs.back().gpus += handed[rack];
    }
  }
  return runs;
}

}  // namespace colossim
