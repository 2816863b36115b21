// `easy_machines`: backfilling with a reservation on named nodes.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/policy/waiting.hpp>

namespace colossim {

struct EasyMachinesSpec : NoParameters {
  static constexpr std::string_view kind = "easy_machines";
  static constexpr std::string_view doc =
      "As `easy`, but the blocked head reserves named nodes, and every job takes the "
      "lowest-numbered "
      "free ones. Jobs take whole nodes; the rest of a last node stays unused by others. [batsim]";
};

/// Backfilling on named nodes: in order of arrival each job gets the earliest instant at which
/// enough nodes are free for its whole estimate, and the lowest-numbered of them. The first that
/// cannot start keeps that; later ones start now beside it or not at all. Costs grow with the
/// waiting jobs and with the nodes of the pool.
class EasyMachines final : public QueuePolicy {
 public:
  [[nodiscard]] bool wants_releases() const override { return true; }
  void join(const QueuedJob& job) override;
  void begin(const QueueView& view) override;
  [[nodiscard]] std::optional<QueueCommand> next(const QueueView& view) override;
  [[nodiscard]] std::optional<DemandId> foremost(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  struct Machine {
    std::uint32_t node = 0;
    SimTime free;                         // from then on, but for the reservation
    SimTime reserved = SimTime::never();  // by the blocked head, from then on
  };
  using Machines = std::vector<Machine>;

  [[nodiscard]] bool take(const QueueView& view, const WaitingEntry& job, std::size_t option);
  void reserve(const QueueView& view, const WaitingEntry& job);

  WaitingList in_order_;

  // Of this pass.
  std::vector<Machines> machines_;  // by pool
  bool reserved_ = false;
  std::optional<WaitingEntry> passed_;  // everything up to here was tried
  std::vector<std::uint32_t> nodes_;    // of the last command
};

}  // namespace colossim
