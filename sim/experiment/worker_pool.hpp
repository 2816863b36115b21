// Tasks done by child processes: one that dies takes no other with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace colossim {

/// Who hands tasks out and takes the replies, all in the parent and one call at a time.
class TaskBoard {
 public:
  TaskBoard() = default;
  TaskBoard(const TaskBoard&) = delete;
  TaskBoard& operator=(const TaskBoard&) = delete;
  virtual ~TaskBoard() = default;

  /// The next task; nothing when there is none before another reply comes.
  virtual std::optional<std::uint64_t> next() = 0;
  /// How many `next` can hand out at least.
  [[nodiscard]] virtual std::size_t waiting() const = 0;
  virtual void done(std::uint64_t task, const std::string& reply) = 0;
  /// The child that worked on it ended: how, and the last it wrote to stderr. It may hand the task
  /// out again.
  virtual void died(std::uint64_t task, const std::string& how) = 0;
  /// Nobody has begun it.
  virtual void returned(std::uint64_t task) = 0;
};

/// Forks `workers` children that call `work(task)`, and returns when all tasks are done, or when
/// `stopping()` and the tasks in hand are done: then true. Children inherit what is loaded; they
/// end with their parent, however that ends. REQUIRES: no other thread. Throws std::system_error
/// when no child can be forked.
bool run_workers(unsigned workers, const std::function<std::string(std::uint64_t)>& work,
                 TaskBoard& board, const std::function<bool()>& stopping);

}  // namespace colossim
