// Wall power of nodes and of whole sites.
#include <algorithm>

#include <colossim/model/node_power.hpp>

namespace colossim {

double activity(const NodePower& node, Power gpu_power) {
  const double share = (gpu_power - node.gpu_idle) / (node.gpu_tdp - node.gpu_idle);
  return std::clamp(share, 0.0, 1.0);
}

Power gpu_share(const NodePower& node, double activity) {
  return (node.idle + (node.peak - node.idle) * activity) / node.gpus;
}

ClusterPeak cluster_peak(std::span<const NodeGroup> groups, const SiteOverheads& overheads) {
  ClusterPeak peak;
  for (const NodeGroup& group : groups) {
    peak.gpu_nodes += gpu_share(group.node, 1.0) * (group.gpus / units::gpu);
  }
  peak.it = peak.gpu_nodes * overheads.shared_it;
  peak.site = peak.it * overheads.pue;
  return peak;
}

}  // namespace colossim
