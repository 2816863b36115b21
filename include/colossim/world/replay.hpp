// Replays jobs on a cluster without a facility: scheduling alone, as cluster simulators do it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <colossim/model/checkpointing.hpp>
#include <colossim/policy/placement.hpp>
#include <colossim/policy/queue_policies.hpp>
#include <colossim/record/job_statistics.hpp>

namespace colossim {

/// Equal nodes in equal racks.
struct ReplayCluster {
  std::uint32_t nodes = 1;
  std::uint32_t gpus_per_node = 8;
  std::uint32_t nodes_per_rack = 32;  // at most 32

  [[nodiscard]] std::int64_t gpus() const {
    return static_cast<std::int64_t>(nodes) * gpus_per_node;
  }
  /// `gpus` without nodes that matter: for placement by count.
  static ReplayCluster pool(std::uint32_t gpus);
};

/// A job to replay.
struct ReplayJob {
  SimTime submitted;
  Duration runtime;
  Duration estimate;  // raised to what it takes, saves included, where it is less
  std::int64_t gpus = 1;
  std::uint32_t account = 0;
  std::int64_t priority = 0;
};

struct ReplaySetup {
  ReplayCluster cluster;
  QueueSpec queue;
  PlacementSpec placement;
  CheckpointLaw checkpoint;
  std::vector<std::string> accounts;
  std::uint64_t seed = 1;  // of random placement
};

struct ReplayResult {
  JobStatistics statistics;
  double utilization = 0;    // GPUs with undisturbed work, over first submission to last end
  double queue_length = 0;   // mean number of waiting jobs, over the same time
  double fragmentation = 0;  // mean free GPUs while jobs wait and none of them fits
  std::uint64_t events = 0;
  std::int64_t most_waiting = 0;
};

/// Where the next job comes from: false when there is none. Submission never falls.
using JobSource = std::function<bool(ReplayJob&)>;
/// Called for each finished job; the nodes are those of its last run.
using OutcomeSink = std::function<void(const JobOutcome&, std::span<const NodePart>)>;

/// Replays all jobs to their end. At an instant all completions come first, then all arrivals, then
/// one pass of the queue. Throws std::invalid_argument when a job is larger than the cluster.
ReplayResult replay(const ReplaySetup& setup, const JobSource& source, const OutcomeSink& sink);
/// The same with a policy of one's own in place of `setup.queue`.
ReplayResult replay(const ReplaySetup& setup, std::unique_ptr<QueuePolicy> policy,
                    const JobSource& source, const OutcomeSink& sink);

}  // namespace colossim
