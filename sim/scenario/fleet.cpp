// Sums over halls and rack groups.
#include <algorithm>

#include <colossim/scenario/fleet.hpp>

namespace colossim {

std::int64_t gpu_count(const Scenario& scenario, const RackGroupSpec& group) {
  return group.count * group.nodes * scenario.catalog.nodes.at(group.node.name).gpus;
}

std::map<std::string, std::int64_t> gpus_by_type(const Scenario& scenario, const SiteSpec& site) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [hall_name, hall] : site.halls) {
    for (const auto& [name, group] : hall.racks) {
      counts[scenario.catalog.nodes.at(group.node.name).gpu.name] += gpu_count(scenario, group);
    }
  }
  return counts;
}

std::int64_t gpu_count(const Scenario& scenario, const SiteSpec& site) {
  std::int64_t total = 0;
  for (const auto& [type, count] : gpus_by_type(scenario, site)) total += count;
  return total;
}

LargestType largest_type(const Scenario& scenario, const SiteSpec& site,
                         const std::vector<Ref>& on) {
  std::map<std::string, LargestType> by_node;
  for (const auto& [hall_name, hall] : site.halls) {
    for (const auto& [name, group] : hall.racks) {
      const Ref& gpu = scenario.catalog.nodes.at(group.node.name).gpu;
      if (std::find(on.begin(), on.end(), gpu) == on.end()) continue;
      by_node[group.node.name].gpus += gpu_count(scenario, group);
      by_node[group.node.name].nodes += group.count * group.nodes;
    }
  }
  LargestType largest;
  for (const auto& [node, type] : by_node) {
    largest.gpus = std::max(largest.gpus, type.gpus);
    largest.nodes = std::max(largest.nodes, type.nodes);
  }
  return largest;
}

RackPower rack_power(const Scenario& scenario, const SiteSpec& site, const RackGroupSpec& group) {
  const NodeSpec& node = scenario.catalog.nodes.at(group.node.name);
  const double scale = static_cast<double>(group.nodes) * (1 + site.it_overhead);
  return {scale * node.idle, scale * node.peak};
}

}  // namespace colossim
