// Counting what a site holds, as its description states it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// GPUs of a rack group.
std::int64_t gpu_count(const Scenario& scenario, const RackGroupSpec& group);
/// GPUs of a site by GPU type.
std::map<std::string, std::int64_t> gpus_by_type(const Scenario& scenario, const SiteSpec& site);
/// All GPUs of a site.
std::int64_t gpu_count(const Scenario& scenario, const SiteSpec& site);
/// The most GPUs, and the most nodes, that one server type with one of these GPUs has at a site:
/// what a job can have, as it runs on one type.
struct LargestType {
  std::int64_t gpus = 0;
  std::int64_t nodes = 0;
};
LargestType largest_type(const Scenario& scenario, const SiteSpec& site,
                         const std::vector<Ref>& on);
/// Wall power of one rack of a group with network overhead: idle and with every GPU at full
/// activity.
struct RackPower {
  Power idle;
  Power peak;
};
RackPower rack_power(const Scenario& scenario, const SiteSpec& site, const RackGroupSpec& group);

}  // namespace colossim
