// Which waiting job starts next.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

namespace colossim {

/// What a queue policy sees: the waiting jobs of one tenant at one site, in order of arrival.
class QueueView {
 public:
  QueueView() = default;
  QueueView(const QueueView&) = delete;
  QueueView& operator=(const QueueView&) = delete;
  virtual ~QueueView() = default;

  [[nodiscard]] virtual std::size_t waiting() const = 0;
  /// Whether the job at `position` could start now.
  [[nodiscard]] virtual bool fits(std::size_t position) const = 0;
};

/// The command of a queue policy.
struct StartJob {
  std::size_t position = 0;
};

/// A queue order. The world asks again after each command until there is none.
class QueuePolicy {
 public:
  QueuePolicy() = default;
  QueuePolicy(const QueuePolicy&) = default;
  QueuePolicy& operator=(const QueuePolicy&) = delete;
  virtual ~QueuePolicy() = default;

  [[nodiscard]] virtual std::optional<StartJob> decide(const QueueView& view) const = 0;
  [[nodiscard]] virtual std::unique_ptr<QueuePolicy> clone() const = 0;
};

/// `fifo`: in order of arrival; the first that does not fit blocks the others.
class Fifo final : public QueuePolicy {
 public:
  [[nodiscard]] std::optional<StartJob> decide(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;
};

}  // namespace colossim
