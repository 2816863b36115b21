// `fifo`, `first_fit`, `sjf`, `sjf_skip`: one order; what does not fit blocks the rest or is passed
// over.
#pragma once

#include <optional>
#include <string_view>

#include <colossim/base/describe.hpp>
#include <colossim/policy/waiting.hpp>

namespace colossim {

struct FifoSpec : NoParameters {
  static constexpr std::string_view kind = "fifo";
  static constexpr std::string_view doc =
      "In order of arrival; the first job that does not fit blocks the others.";
};

struct FirstFitSpec : NoParameters {
  static constexpr std::string_view kind = "first_fit";
  static constexpr std::string_view doc =
      "In order of arrival; jobs that do not fit are passed over. Large jobs may wait for ever.";
};

struct SjfSpec : NoParameters {
  static constexpr std::string_view kind = "sjf";
  static constexpr std::string_view doc =
      "Shortest job first, as if lengths were known; the first that does not fit blocks the "
      "others.";
};

struct SjfSkipSpec : NoParameters {
  static constexpr std::string_view kind = "sjf_skip";
  static constexpr std::string_view doc =
      "Shortest job first, as if lengths were known; jobs that do not fit are passed over.";
};

/// The order within a queue.
enum class QueueOrder : std::uint8_t { arrival, runtime };

/// Starts the first of the order; nothing passes it.
class Strict final : public QueuePolicy {
 public:
  explicit Strict(QueueOrder order) : order_(order) {}

  void join(const QueuedJob& job) override;
  [[nodiscard]] std::optional<QueueCommand> next(const QueueView& view) override;
  [[nodiscard]] std::optional<DemandId> foremost(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  QueueOrder order_;
  WaitingList waiting_;
};

/// Starts the first of the order that fits.
class Skipping final : public QueuePolicy {
 public:
  explicit Skipping(QueueOrder order) : order_(order) {}

  void join(const QueuedJob& job) override;
  [[nodiscard]] std::optional<QueueCommand> next(const QueueView& view) override;
  [[nodiscard]] std::optional<DemandId> foremost(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  QueueOrder order_;
  DemandGroups<WaitingList> waiting_;
};

}  // namespace colossim
