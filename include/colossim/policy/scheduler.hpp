// A queue at work: asks its policy, finds room by its placement, and keeps what both look at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <colossim/base/blocked_list.hpp>
#include <colossim/base/clone_ptr.hpp>
#include <colossim/base/prefetch.hpp>
#include <colossim/policy/placement.hpp>
#include <colossim/policy/queue.hpp>

namespace colossim {

/// Whoever owns the nodes and the jobs, as a queue acts on it.
class SchedulerHost {
 public:
  SchedulerHost() = default;
  SchedulerHost(const SchedulerHost&) = delete;
  SchedulerHost& operator=(const SchedulerHost&) = delete;
  virtual ~SchedulerHost() = default;

  [[nodiscard]] virtual SimTime now() const = 0;
  [[nodiscard]] virtual FreeNodes& free(std::size_t pool) = 0;
  [[nodiscard]] virtual const FreeNodes& free(std::size_t pool) const = 0;
  /// GPUs of a pool, free or not.
  [[nodiscard]] virtual std::int64_t gpus(std::size_t pool) const = 0;
  /// All nodes of a pool, ascending.
  [[nodiscard]] virtual std::vector<std::uint32_t> nodes(std::size_t pool) const = 0;
  /// Whether jobs may take this much of a pool: others may have reserved the rest.
  [[nodiscard]] virtual bool allows(std::size_t pool, std::int64_t gpus) const = 0;
  [[nodiscard]] virtual const QueuedJob& queued(JobId job) const = 0;
  /// What is left of a running job when nothing disturbs it, without overheads.
  [[nodiscard]] virtual Duration remaining(JobId job) const = 0;

  /// The job runs from now on, on nodes already taken from `free`.
  virtual void start(JobId job, std::size_t option, std::span<const NodePart> parts) = 0;
  /// The job leaves its nodes: the host gives them back, calls `stopped` and lets it `join` again.
  virtual void preempt(JobId job) = 0;

  /// For hosts that have elastic jobs. What another size costs a job before it goes on.
  [[nodiscard]] virtual Duration resize_cost(JobId job) const;
  /// The job leaves its nodes with all of its work: as `preempt`, but it does not join. At once it
  /// starts elsewhere or is resubmitted.
  virtual void lay_down(JobId job);
  /// A job that was laid down joins.
  virtual void resubmit(JobId job);
};

/// The queue of one tenant at one site, over pools of equal nodes.
class Scheduler {
 public:
  /// `gpus_per_node`: by pool.
  Scheduler(std::unique_ptr<QueuePolicy> policy, std::unique_ptr<Placement> placement,
            std::vector<std::uint32_t> gpus_per_node);

  void set_accounts(const std::vector<std::string>& names) { policy_->set_accounts(names); }
  /// The demand that may be met in these ways; the same for the same options. With `resize_after`
  /// its jobs are elastic: see `Demand`.
  DemandId demand(const std::vector<DemandOption>& options,
                  std::optional<Duration> resize_after = {});
  [[nodiscard]] const Demand& demand(DemandId id) const { return demands_[id]; }
  [[nodiscard]] std::int64_t waiting() const { return waiting_; }
  /// Whether a pass could change nothing: no job waits, and none that runs is elastic.
  [[nodiscard]] bool at_rest() const { return waiting_ == 0 && elastic_.empty(); }
  /// Free GPUs that none of the waiting jobs could use; 0 when one could, or none waits.
  [[nodiscard]] std::int64_t fragmented(const SchedulerHost& host) const;

  void join(const QueuedJob& job);
  /// One pass: starts and preempts what the policy commands. Before, running elastic jobs shrink
  /// where the policy's foremost job fits then; after, while none waits, they grow.
  void pass(SchedulerHost& host);
  /// A running job left its nodes, which are given back already.
  void stopped(JobId job, std::span<const NodePart> parts, SimTime now);
  /// A job that runs when policies change.
  struct Running {
    JobId job;
    std::size_t option = 0;  // of its demand
    SimTime since;
    std::span<const NodePart> parts;
  };
  /// From now on queue policy and placement are those of `other`, which has seen no job: it finds
  /// the jobs that wait and those that run, each in the order they came, and knows nothing else of
  /// the past.
  void adopt(const Scheduler& other, std::span<const JobId> waiting,
             std::span<const Running> running, SchedulerHost& host);
  /// Begins to load what `stopped` looks at when a job leaves this node of the first pool.
  void prefetch_holding(std::uint32_t node) const {
    if (node < expected_.front().holdings.size()) prefetch(expected_.front().holdings[node]);
  }
  /// When another pass is wanted although nothing happens.
  [[nodiscard]] SimTime review(SimTime now) const;

 private:
  class View;

  /// Jobs of this queue on one node, and when the last of them is expected to end.
  struct Holding {
    SimTime until;
    std::uint32_t jobs = 0;
  };
  /// When nodes of a pool are expected back. Of nodes the releases are kept only while policies ask
  /// for them: most jobs come and go while nobody waits, and the order of a large cluster's
  /// releases fits into no cache.
  struct Expected {
    ReleaseProfile releases;
    std::vector<Holding> holdings;  // by node
    bool watched = false;
    std::size_t unasked = 0;  // changes since somebody asked
  };
  struct Run {
    std::uint32_t pool = 0;
    SimTime expected;
  };

  /// A running job that may change its size.
  struct Elastic {
    SimTime since;
    std::int64_t order = 0;
    JobId job;
    DemandId demand;
    std::size_t option = 0;
    SimTime settled;  // from then on
    friend bool operator<(const Elastic& a, const Elastic& b) {
      return a.since != b.since ? a.since < b.since : a.order < b.order;
    }
  };

  void command(const View& view, SchedulerHost& host);
  bool make_room(const View& view, SchedulerHost& host);
  bool make_room(const DemandOption& how, const View& view, SchedulerHost& host);
  void grow(const View& view, SchedulerHost& host);
  void resize(const Elastic& run, std::size_t option, const View& view, SchedulerHost& host);
  [[nodiscard]] std::optional<std::size_t> greater_size(const Elastic& run, const View& view,
                                                        const SchedulerHost& host) const;
  [[nodiscard]] std::int64_t whole_units(const DemandOption& how) const;
  void start(const StartJob& command, SchedulerHost& host);
  [[nodiscard]] std::int64_t units_of(const DemandOption& option) const;
  void expect(JobId job, const DemandOption& how, SimTime since, std::span<const NodePart> parts,
              SchedulerHost& host);
  [[nodiscard]] const ReleaseProfile& releases(std::size_t pool) const;
  bool tracks(Expected& expected) const;

  ClonePtr<QueuePolicy> policy_;
  ClonePtr<Placement> placement_;
  bool keeps_releases_;
  bool counts_gpus_;
  std::vector<std::uint32_t> gpus_per_node_;  // by pool
  Column<DemandId, Demand> demands_;
  std::map<std::vector<std::int64_t>, DemandId> by_options_;
  std::vector<std::int64_t> waiting_by_demand_;
  std::int64_t waiting_ = 0;
  mutable std::vector<Expected> expected_;  // by pool; asking for releases changes no expectation
  std::vector<Run> runs_;                   // by job
  std::vector<NodePart> parts_;             // of the last command
  BlockedList<Elastic, NoSummary> elastic_;
  std::map<JobId, Elastic> elastic_by_job_;
};

}  // namespace colossim
