// For metering: wall power of GPU nodes, and what a site of such nodes draws at its peak.
#pragma once

#include <span>

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Wall power of one node type between idle and peak (power-supply losses are inside: do not apply
/// a rectifier efficiency again), and the range of its GPUs that spans it. Examples: [models_2_2].
struct NodePower {
  Power idle;      // wall, all GPUs idle
  Power peak;      // wall, all GPUs at gpu_tdp
  int gpus = 8;    // per node, > 0
  Power gpu_idle;  // one GPU, < gpu_tdp
  Power gpu_tdp;
};

/// How far a GPU that draws `gpu_power` is between idle (0) and its TDP (1), clamped to [0, 1].
double activity(const NodePower& node, Power gpu_power);

/// Wall power [W] per GPU of a node whose GPUs have the mean `activity` in [0, 1]; CPUs, fans and
/// supplies are shared out equally.
///   P = (P_idle + (P_peak − P_idle)·activity) / gpus            [fan2007], [models_2_2]
/// Per GPU, so a node with unlike GPUs is the sum of their shares. Ignores transients (< 30 s).
Power gpu_share(const NodePower& node, double activity);

/// A number of GPUs that sit in nodes of one type.
struct NodeGroup {
  NodePower node;
  GpuCount gpus;
};

/// What a site draws on top of its GPU nodes, as factors ≥ 1. [models_1_1]
struct SiteOverheads {
  double shared_it = 1.08;  // network, storage and CPU nodes
  double pue = 1.15;        // cooling and electrical losses
};

/// Power of a site with every GPU node at its peak, seen at three boundaries.
struct ClusterPeak {
  Power gpu_nodes;
  Power it;    // gpu_nodes × shared_it
  Power site;  // it × pue
};

/// The most the `groups` together can draw: Σ gpus/gpus_per_node × peak, then the overheads.
/// A run meters its own peak, which stays below this where nodes are not all at peak at once.
ClusterPeak cluster_peak(std::span<const NodeGroup> groups, const SiteOverheads& overheads = {});

}  // namespace colossim
