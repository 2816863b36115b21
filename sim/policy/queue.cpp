// The queue orders.
#include <colossim/policy/queue.hpp>

namespace colossim {

std::optional<StartJob> Fifo::decide(const QueueView& view) const {
  if (view.waiting() == 0 || !view.fits(0)) return std::nullopt;
  return StartJob{0};
}

std::unique_ptr<QueuePolicy> Fifo::clone() const {
  return std::make_unique<Fifo>();
}

}  // namespace colossim
