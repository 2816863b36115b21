// `conservative`: every waiting job has a reservation.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/policy/capacity_profile.hpp>
#include <colossim/policy/waiting.hpp>

namespace colossim {

struct ConservativeSpec : NoParameters {
  static constexpr std::string_view kind = "conservative";
  static constexpr std::string_view doc =
      "Backfilling that delays nobody: in order of arrival each job gets the earliest slot the "
      "earlier ones leave, planned anew at every pass. [feitelson1998]";
};

/// Conservative backfilling. A pass plans in order of arrival on what is free by the estimates of
/// running jobs, and starts whatever gets its slot now. The plan ends with the last job that might
/// still start now. Costs grow with the waiting jobs before that one, equal ones in a row as one.
class Conservative final : public QueuePolicy {
 public:
  [[nodiscard]] bool wants_releases() const override { return true; }
  void join(const QueuedJob& job) override;
  void stopped(JobId job, SimTime now) override;
  void begin(const QueueView& view) override;
  [[nodiscard]] std::optional<QueueCommand> next(const QueueView& view) override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  struct Slot {
    std::size_t option = 0;
    SimTime time = SimTime::never();
    std::int64_t least = 0;  // units free all along
  };
  /// The last slot found for so many units and such a length. Plans only take capacity away, so
  /// nothing that needs as much for as long gets an earlier one.
  struct Found {
    std::uint32_t pool = 0;
    std::int64_t units = 0;
    Duration length;
    SimTime time;
  };
  struct Planned {
    WaitingEntry job;
    std::size_t option = 0;
  };

  void renew(const QueueView& view);
  void plan(const QueueView& view);
  void plan_run(const QueueView& view);
  [[nodiscard]] std::int64_t last_candidate(const QueueView& view) const;
  [[nodiscard]] Slot earliest(const QueueView& view, const WaitingEntry& job);

  WaitingList in_order_;
  DemandGroups<EstimatedList> groups_;

  // The plan. It holds until a job stops or capacity changes: arrivals are planned behind it.
  bool holds_ = false;
  std::int64_t planned_ = 0;               // jobs of this order and later ones are not in it
  std::vector<CapacityProfile> profiles_;  // by pool
  std::vector<Found> found_;               // in the plan

  // Of this pass.
  std::vector<Planned> starts_;    // planned for now, last first
  std::vector<WaitingEntry> run_;  // jobs in a row that are alike
  std::int64_t last_ = -1;         // order of the last job that might start now
};

}  // namespace colossim
