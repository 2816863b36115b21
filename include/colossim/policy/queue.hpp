// Which waiting job starts next, and which running one has to make room: what queue policies see
// and command.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <colossim/base/id.hpp>
#include <colossim/base/int128.hpp>
#include <colossim/base/time.hpp>
#include <colossim/policy/release_profile.hpp>

namespace colossim {

struct JobTag;
using JobId = Id<JobTag>;  // a job that waits or runs
struct DemandTag;
using DemandId = Id<DemandTag>;

/// One way to run a job.
struct DemandOption {
  std::uint32_t pool = 0;  // of the view, by row
  std::int64_t gpus = 0;
  std::int64_t units = 0;  // what it takes of the pool, in what the pool counts in
  double speed = 1;        // against the first option
};

/// How long a job is expected to run with an option, whose `length` is for the first one.
inline Duration expected_length(Duration length, const DemandOption& option) {
  return option.speed == 1 ? length : to_duration(length.quantity() / option.speed);
}

/// What jobs ask for. Jobs that ask for the same share one row, so that policies can treat them as
/// one group. The first option that is free is taken.
struct Demand {
  std::int64_t least_gpus = 0;  // of its options
  std::vector<DemandOption> options;
  std::optional<Duration> resize_after;  // running jobs keep a size so long; none: to their end
};

/// What a policy knows of a job. Times are for the first option of its demand. What is read when a
/// job ends comes first: see the rows of `replay`.
struct QueuedJob {
  JobId job;
  std::uint32_t account = 0;    // who shares the pool: a tenant of the trace, or a stream
  std::int64_t order = 0;       // of arrival; no two jobs have the same
  std::int64_t least_gpus = 0;  // of its demand
  Duration runtime;   // what is left, without overheads: for policies that know the future
  Duration estimate;  // what is left as its user told it, never less than `runtime`
  DemandId demand;
  std::int64_t priority = 0;  // greater goes first
  Int128 attained = 0;        // GPU·ns it was given so far
};

/// A pool of equal nodes.
struct PoolView {
  std::int64_t free = 0;                     // units
  std::int64_t gpus = 0;                     // in all
  const ReleaseProfile* releases = nullptr;  // kept for policies that ask for it
};

/// A node as policies that name nodes see it.
struct NodeView {
  std::uint32_t node = 0;
  SimTime expected;  // when it is expected to be free; not later than now: it is
};

/// What a policy may ask during a pass.
class QueueView {
 public:
  QueueView() = default;
  QueueView(const QueueView&) = delete;
  QueueView& operator=(const QueueView&) = delete;
  virtual ~QueueView() = default;

  [[nodiscard]] virtual SimTime now() const = 0;
  [[nodiscard]] virtual const Demand& demand(DemandId id) const = 0;
  /// Whether a job of the demand could start now with this option.
  [[nodiscard]] virtual bool fits(DemandId id, std::size_t option) const = 0;
  /// Free GPUs of all pools.
  [[nodiscard]] virtual std::int64_t free_gpus() const = 0;
  [[nodiscard]] virtual std::size_t pools() const = 0;
  [[nodiscard]] virtual PoolView pool(std::size_t row) const = 0;
  /// All nodes of a pool in ascending order, the free ones expected at the beginning of time. Costs
  /// grow with the pool.
  [[nodiscard]] virtual std::vector<NodeView> nodes(std::size_t pool) const = 0;
  /// What is left of a running job when nothing disturbs it, without overheads.
  [[nodiscard]] virtual Duration remaining(JobId job) const = 0;

  /// The first option of the demand that could start now.
  [[nodiscard]] std::optional<std::size_t> first_fit(DemandId id) const {
    const std::size_t options = demand(id).options.size();
    for (std::size_t option = 0; option < options; ++option) {
      if (fits(id, option)) return option;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::int64_t total_gpus() const {
    std::int64_t gpus = 0;
    for (std::size_t row = 0; row < pools(); ++row) gpus += pool(row).gpus;
    return gpus;
  }
};

/// Commands. A policy that gives one counts on it: the world carries it out at once.
struct StartJob {
  JobId job;
  std::size_t option = 0;
  const std::vector<std::uint32_t>* nodes = nullptr;  // named: no placement is asked
};
struct PreemptJob {
  JobId job;
};
using QueueCommand = std::variant<StartJob, PreemptJob>;

/// A queue policy: keeps the waiting jobs of one queue in its own order. A pass is `begin` and then
/// `next` until there is no command. Costs per pass must not grow with the jobs that wait or with
/// the nodes, unless the class says so.
class QueuePolicy {
 public:
  QueuePolicy() = default;
  QueuePolicy(const QueuePolicy&) = default;
  QueuePolicy& operator=(const QueuePolicy&) = delete;
  virtual ~QueuePolicy() = default;

  /// The accounts, before the first job; `QueuedJob::account` counts them.
  virtual void set_accounts(const std::vector<std::string>& /*names*/) {}
  /// Whether pools keep their `releases`.
  [[nodiscard]] virtual bool wants_releases() const { return false; }

  /// A job waits: it arrived, or lost its nodes.
  virtual void join(const QueuedJob& job) = 0;
  /// A job that this policy commanded to start runs, or one that ran since then when the policy
  /// took over; never earlier than that of the call before.
  virtual void started(const QueuedJob& /*job*/, SimTime /*now*/, const DemandOption& /*how*/) {}
  /// A running job runs no more: it is done, was preempted or lost its nodes.
  virtual void stopped(JobId /*job*/, SimTime /*now*/) {}

  virtual void begin(const QueueView& /*view*/) {}
  [[nodiscard]] virtual std::optional<QueueCommand> next(const QueueView& view) = 0;
  /// What would start next if there were room: running elastic jobs shrink for it. By default
  /// nothing, and they do not.
  [[nodiscard]] virtual std::optional<DemandId> foremost(const QueueView& /*view*/) const {
    return std::nullopt;
  }
  /// When the policy has to be asked again although nothing happens; never by default.
  [[nodiscard]] virtual SimTime review(SimTime /*now*/) const { return SimTime::never(); }

  [[nodiscard]] virtual std::unique_ptr<QueuePolicy> clone() const = 0;
};

}  // namespace colossim
