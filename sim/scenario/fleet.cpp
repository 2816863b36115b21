// Sums over halls and rack groups.
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

RackPower rack_power(const Scenario& scenario, const SiteSpec& site, const RackGroupSpec& group) {
  const NodeSpec& node = scenario.catalog.nodes.at(group.node.name);
  const double scale = static_cast<double>(group.nodes) * (1 + site.it_overhead);
  return {scale * node.idle, scale * node.peak};
}

}  // namespace colossim
