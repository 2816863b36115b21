// A site as the handover planner sees it: racks and what they share.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <colossim/scenario/fleet.hpp>
#include <colossim/world/handover.hpp>
#include <colossim/world/topology.hpp>

namespace colossim {

namespace {

class SiteReader {
 public:
  SiteReader(const Scenario& scenario, const std::string& name)
      : scenario_(scenario), spec_(scenario.sites.at(name)) {
    site_.name = name;
    site_.feed = spec_.power.feed;
    site_.links_per_gpu = spec_.fabric.links_per_gpu;
    site_.link_rate = spec_.fabric.link_rate;
  }

  HandoverSite read() {
    const PowerTree tree = plan_power_tree(scenario_, spec_);
    add_power(tree);
    add_racks(tree);
    add_coolant();
    add_fabric();
    return std::move(site_);
  }

 private:
  std::uint32_t add_group(const std::string& name) {
    site_.groups.push_back(name);
    return static_cast<std::uint32_t>(site_.groups.size() - 1);
  }
  std::uint32_t add_element(const HandoverElement& element) {
    site_.elements.push_back(element);
    return static_cast<std::uint32_t>(site_.elements.size() - 1);
  }

  void add_power(const PowerTree& tree) {
    site_.elements.resize(tree.elements.size());
    for (std::size_t i = 0; i < tree.elements.size(); ++i) {
      const Branch& branch = tree.elements[i];
      site_.elements[i].rating = branch.rating;
      site_.elements[i].common = branch.rating > spec_.common_above;
      if (branch.parent.exists())
        site_.elements[i].parent = static_cast<std::uint32_t>(branch.parent.row());
    }
    std::map<std::size_t, std::string> downwards;  // by first element
    for (const auto& [name, range] : tree.groups) downwards[range.first] = name;
    for (const auto& [first, name] : downwards) {
      const std::uint32_t group = add_group(name);
      for (std::size_t i = 0; i < tree.groups.at(name).count; ++i)
        site_.elements[first + i].group = group;
    }
    const BranchRange& plant = tree.groups.at(spec_.cooling.branch);
    for (std::size_t i = 0; i < plant.count; ++i) {
      std::optional<std::uint32_t> above = static_cast<std::uint32_t>(plant.first + i);
      for (; above; above = site_.elements[*above].parent) site_.elements[*above].common = true;
    }
  }

  /// Racks of a branch group spread over its elements in order, as in the world.
  void add_racks(const PowerTree& tree) {
    std::map<std::string, std::size_t> total;
    std::map<std::string, std::size_t> placed;
    for (const auto& [hall_name, hall] : spec_.halls) {
      for (const auto& [name, group] : hall.racks)
        total[group.branch] += static_cast<std::size_t>(group.count);
    }
    for (const auto& [hall_name, hall] : spec_.halls) {
      for (const auto& [name, group] : hall.racks) {
        site_.rows.push_back({fmt::format("{}.{}", hall_name, name),
                              scenario_.catalog.nodes.at(group.node.name).gpu.name,
                              static_cast<std::uint32_t>(site_.racks.size()),
                              static_cast<std::uint32_t>(group.count)});
        const BranchRange& range = tree.groups.at(group.branch);
        for (std::int64_t i = 0; i < group.count; ++i) {
          add_rack(group, element_of_rack(range, placed[group.branch]++, total[group.branch]));
        }
      }
    }
  }
  void add_rack(const RackGroupSpec& group, std::size_t branch) {
    const std::int64_t per_node = scenario_.catalog.nodes.at(group.node.name).gpus;
    site_.racks.push_back({.gpus = group.nodes * per_node,
                           .gpus_per_node = per_node,
                           .peak = rack_power(scenario_, spec_, group).peak,
                           .elements = {static_cast<std::uint32_t>(branch)}});
  }

  /// Gives every `size` consecutive racks of [first, first + count) an element of their own.
  template <class Make>
  void cover(std::size_t first, std::size_t count, std::size_t size, Make make) {
    for (std::size_t i = 0; i < count; i += size) {
      const std::size_t end = std::min(i + size, count);
      const std::uint32_t element = make(first + i, first + end);
      for (std::size_t rack = first + i; rack < first + end; ++rack)
        site_.racks[rack].elements.push_back(element);
    }
  }

  void add_coolant() {
    const std::uint32_t cdus = add_group("cdu");
    const std::uint32_t loops = add_group("hall");
    std::size_t row = 0;
    for (const auto& [name, hall] : spec_.halls) {
      const std::uint32_t loop =
          add_element({.kind = ElementKind::coolant, .group = loops, .common = true});
      const auto size = static_cast<std::size_t>(hall.racks_per_cdu);
      for (std::size_t i = 0; i < hall.racks.size(); ++i, ++row) {
        const HandoverRow& racks = site_.rows[row];
        cover(racks.first, racks.count, size, [&](std::size_t, std::size_t) {
          // A unit of one rack is part of the rack: nothing shares it.
          if (size == 1) return loop;
          return add_element({.kind = ElementKind::coolant, .group = cdus, .parent = loop});
        });
      }
    }
  }

  void add_fabric() {
    const std::uint32_t arrays = add_group("array");
    const std::uint32_t pods = add_group("pod");
    std::size_t row = 0;
    for (const auto& [name, hall] : spec_.halls) {
      std::uint32_t pod = 0;
      std::int64_t in_pod = 0;
      for (std::size_t i = 0; i < hall.racks.size(); ++i, ++row) {
        const HandoverRow racks = site_.rows[row];
        const auto size = static_cast<std::size_t>(spec_.fabric.racks_per_array);
        cover(racks.first, racks.count, size, [&](std::size_t begin, std::size_t end) {
          if (in_pod++ % spec_.fabric.arrays_per_pod == 0)
            pod = add_element({.kind = ElementKind::pod, .group = pods, .common = true});
          return add_array(arrays, pod, begin, end);
        });
      }
    }
    for (HandoverElement& element : site_.elements) {
      if (element.kind == ElementKind::pod)
        element.uplinks = reduced(element.uplinks, spec_.fabric.pod_oversubscription);
    }
  }
  std::uint32_t add_array(std::uint32_t group, std::uint32_t pod, std::size_t begin,
                          std::size_t end) {
    std::int64_t links = 0;
    for (std::size_t rack = begin; rack < end; ++rack)
      links += site_.racks[rack].gpus * site_.links_per_gpu;
    const std::int64_t uplinks = reduced(links, spec_.fabric.leaf_oversubscription);
    site_.elements[pod].uplinks += uplinks;
    return add_element(
        {.kind = ElementKind::array, .group = group, .uplinks = uplinks, .parent = pod});
  }
  /// Whole links, never fewer than the ratio asks for.
  static std::int64_t reduced(std::int64_t links, double oversubscription) {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(links) / oversubscription));
  }

  const Scenario& scenario_;
  const SiteSpec& spec_;
  HandoverSite site_;
};

}  // namespace

std::int64_t HandoverSite::gpus() const {
  std::int64_t sum = 0;
  for (const HandoverRack& rack : racks) sum += rack.gpus;
  return sum;
}

std::int64_t HandoverSite::gpus_on_offer() const {
  std::int64_t sum = 0;
  for (const HandoverRack& rack : racks) sum += rack.on_offer ? rack.gpus : 0;
  return sum;
}

HandoverSite handover_site(const Scenario& scenario, const std::string& site) {
  return SiteReader{scenario, site}.read();
}

}  // namespace colossim
