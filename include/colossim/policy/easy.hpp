// `easy` and `easy_sjf`: backfilling with one reservation.
#pragma once

#include <optional>
#include <string_view>

#include <colossim/base/describe.hpp>
#include <colossim/policy/waiting.hpp>

namespace colossim {

struct EasySpec : NoParameters {
  static constexpr std::string_view kind = "easy";
  static constexpr std::string_view doc =
      "In order of arrival; the first job that does not fit has a reservation, and later ones "
      "start "
      "when they do not delay it by what users estimate. [lifka1995]";
};

struct EasySjfSpec : NoParameters {
  static constexpr std::string_view kind = "easy_sjf";
  static constexpr std::string_view doc =
      "As `easy`, but of the later jobs those with the shortest estimate come first.";
};

/// Backfilling in one pass: heads start while they fit. For a blocked head the shadow is the
/// earliest instant at which enough is expected back, and the extra is what is left then beside it.
/// A later job starts if it fits and either ends by the shadow or needs no more than the extra.
///
/// Reservations count the units of a pool: GPUs under `count`, else nodes. A head smaller than a
/// node reserves a whole one.
class Easy final : public QueuePolicy {
 public:
  /// In which order later jobs are tried.
  enum class Backfill : std::uint8_t { by_arrival, by_estimate };
  explicit Easy(Backfill backfill) : backfill_(backfill) {}

  [[nodiscard]] bool wants_releases() const override { return true; }
  void join(const QueuedJob& job) override;
  void begin(const QueueView& view) override;
  [[nodiscard]] std::optional<QueueCommand> next(const QueueView& view) override;
  [[nodiscard]] std::optional<DemandId> foremost(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  struct Reservation {
    std::uint32_t pool = 0;
    SimTime shadow = SimTime::never();
    std::int64_t extra = 0;
  };

  [[nodiscard]] WaitingEntry candidate_of(const WaitingEntry& job) const;
  [[nodiscard]] static Reservation reserve(const QueueView& view, DemandId head);
  [[nodiscard]] std::optional<QueueCommand> backfill(const QueueView& view);
  [[nodiscard]] QueueCommand start(const WaitingEntry& job, std::size_t option);

  Backfill backfill_;
  EstimatedList in_order_;                  // by arrival
  DemandGroups<EstimatedList> candidates_;  // in the order of backfilling
  std::optional<Reservation> reservation_;  // of this pass
};

}  // namespace colossim
