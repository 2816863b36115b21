// `conservative`: every waiting job has a reservation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/policy/capacity_profile.hpp>
#include <colossim/policy/waiting.hpp>

namespace colossim {

struct ConservativeSpec : NoParameters {
  static constexpr std::string_view kind = "conservative";
  static constexpr std::string_view doc =
      "Backfilling that delays nobody: in order of arrival each job gets the earliest slot the "
      "earlier ones leave, planned anew at every pass. A pass costs with what waits: minutes a run "
      "where tens of thousands of unlike jobs do. [feitelson1998]";
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
  [[nodiscard]] std::optional<DemandId> foremost(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  /// A waiting job, by arrival.
  struct Arrived {
    std::int64_t order = 0;
    JobId job;
    std::uint32_t kind = 0;
    friend bool operator<(const Arrived& a, const Arrived& b) { return a.order < b.order; }
  };
  /// Jobs that ask for the same for as long: one slot after the other suits each of them.
  struct Kind {
    /// How an option is planned.
    struct Way {
      std::uint32_t pool = 0;
      std::int64_t units = 0;
      Duration length;
      std::int64_t plan = -1;  // the plan `time` is of
      SimTime time;            // of its last slot; plans only take capacity away: none is earlier
    };
    DemandId demand;
    std::int64_t estimate = 0;  // ns
    std::int64_t waiting = 0;   // jobs
    std::vector<Way> ways;      // by option; made when the first of its jobs is planned
  };
  struct Choice {
    std::size_t option = 0;
    CapacityProfile::Slot slot;
  };
  /// Waiting jobs in a row that are of one kind.
  struct Row {
    std::uint32_t kind = 0;
    std::int64_t jobs = 0;
    std::int64_t last = 0;  // order
  };
  struct Planned {
    Arrived job;
    std::size_t option = 0;
  };

  [[nodiscard]] std::uint32_t kind_of(const QueuedJob& job);
  [[nodiscard]] WaitingEntry entry_of(const Arrived& job) const;
  void leave(const Arrived& job);

  void renew(const QueueView& view);
  void plan(const QueueView& view);
  void plan_row(const QueueView& view, const Row& row);
  void start_planned(std::int64_t jobs, std::size_t option);
  void look(const QueueView& view);
  [[nodiscard]] bool may_start(const QueueView& view, const WaitingEntry& job) const;
  [[nodiscard]] Choice earliest(const QueueView& view, Kind& kind);
  [[nodiscard]] SimTime bound(const Kind::Way& way, SimTime now) const;

  BlockedList<Arrived, NoSummary> in_order_;
  DemandGroups<EstimatedList> groups_;
  std::vector<Kind> kinds_;                                               // rows are reused
  std::vector<std::uint32_t> free_kinds_;                                 // rows of none
  std::map<std::pair<DemandId, std::int64_t>, std::uint32_t> kind_rows_;  // by demand and estimate

  // The plan. It holds until a job stops or capacity changes: arrivals are planned behind it.
  bool holds_ = false;
  std::int64_t plan_ = 0;                  // its number
  std::int64_t planned_ = 0;               // jobs of this order and later ones are not in it
  std::vector<CapacityProfile> profiles_;  // by pool
  std::vector<std::uint32_t> found_;       // kinds that have slots in it

  // Of this pass.
  std::vector<Planned> starts_;  // planned for now, last first
  WaitingEntry last_;            // the last job that might start now; order −1: none
};

}  // namespace colossim
