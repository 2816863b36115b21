// `srtf`, `priority`, `las`: what comes first in the order runs, and what runs makes room for it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>
#include <colossim/policy/running.hpp>
#include <colossim/policy/waiting.hpp>

namespace colossim {

struct SrtfSpec : NoParameters {
  static constexpr std::string_view kind = "srtf";
  static constexpr std::string_view doc =
      "Shortest remaining time first, as if lengths were known; takes running jobs from their "
      "nodes.";
};

struct PrioritySpec : NoParameters {
  static constexpr std::string_view kind = "priority";
  static constexpr std::string_view doc =
      "Greater priority first; takes jobs of lower priority from their nodes, never of the same.";
};

using GpuTime = Quantity<Dimension{.time = 1, .gpu = 1}>;

struct LasSpec {
  static constexpr std::string_view kind = "las";
  static constexpr std::string_view doc =
      "Least attained service, discretized and two-dimensional: jobs fall to the next level when "
      "their GPUs times hours reach a threshold; the lower level goes first, within it the earlier "
      "arrival. Needs no estimates. [tiresias2019]";
  std::vector<GpuTime> thresholds{GpuTime{3600.0}, GpuTime{36000.0}};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("thresholds", thresholds, optional.positive(),
            "GPU-time at which a job falls to the next level, ascending (default: 1 and 10 gpu-h)");
  }
};

/// A pass admits greedily in the order of a key: of all unfinished jobs, each that still fits into
/// what the earlier ones leave. Running jobs that are not admitted lose their nodes. Admission
/// counts units; a job whose units lie apart waits. Costs grow with the running jobs.
class Preemptive final : public QueuePolicy {
 public:
  enum class Key : std::uint8_t { remaining, priority, attained };
  explicit Preemptive(Key key, std::vector<Int128> thresholds = {})
      : key_(key), thresholds_(std::move(thresholds)) {}

  void join(const QueuedJob& job) override;
  void started(const QueuedJob& job, SimTime now, const DemandOption& how) override;
  void stopped(JobId job, SimTime now) override;
  void begin(const QueueView& view) override;
  [[nodiscard]] std::optional<QueueCommand> next(const QueueView& view) override;
  [[nodiscard]] SimTime review(SimTime now) const override;
  [[nodiscard]] std::optional<DemandId> foremost(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  struct Ranked {
    std::int64_t key = 0;
    std::int64_t order = 0;
    JobId job;
    DemandOption how;
    friend bool operator<(const Ranked& a, const Ranked& b) {
      return a.key != b.key ? a.key < b.key : a.order < b.order;
    }
  };
  struct Admitted {
    WaitingEntry job;
    std::size_t option = 0;
  };
  class Admission;

  [[nodiscard]] std::int64_t level(Int128 attained) const;
  [[nodiscard]] std::int64_t waiting_key(const QueuedJob& job) const;
  [[nodiscard]] std::int64_t running_key(const RunningEntry& job, const QueueView& view) const;

  Key key_;
  std::vector<Int128> thresholds_;  // GPU·ns, ascending
  DemandGroups<WaitingList> waiting_;
  RunningList running_;

  // Of this pass.
  std::vector<JobId> preempted_;
  std::vector<Admitted> admitted_;
  std::size_t next_preempted_ = 0;
  std::size_t next_admitted_ = 0;
};

}  // namespace colossim
