// Policies with one order.
#include <colossim/policy/in_order.hpp>

namespace colossim {

namespace {

WaitingEntry entry_in(QueueOrder order, const QueuedJob& job) {
  return entry_of(job, order == QueueOrder::runtime ? job.runtime.ns() : 0);
}

}  // namespace

void Strict::join(const QueuedJob& job) {
  waiting_.insert(entry_in(order_, job));
}

std::optional<QueueCommand> Strict::next(const QueueView& view) {
  if (waiting_.empty()) return std::nullopt;
  const WaitingEntry head = waiting_.front();
  const auto option = view.first_fit(head.demand);
  if (!option) return std::nullopt;
  waiting_.erase(head);
  return StartJob{head.job, *option};
}

std::optional<DemandId> Strict::foremost(const QueueView& /*view*/) const {
  return waiting_.empty() ? std::nullopt : std::optional{waiting_.front().demand};
}

std::unique_ptr<QueuePolicy> Strict::clone() const {
  return std::make_unique<Strict>(*this);
}

void Skipping::join(const QueuedJob& job) {
  waiting_.insert(entry_in(order_, job), job.least_gpus);
}

std::optional<QueueCommand> Skipping::next(const QueueView& view) {
  const WaitingEntry* first = nullptr;
  std::size_t how = 0;
  waiting_.each_within(view.free_gpus(), [&](const auto& group) {
    const WaitingEntry& head = group.jobs.front();
    if (first != nullptr && !(head < *first)) return;
    if (const auto option = view.first_fit(group.demand)) {
      first = &head;
      how = *option;
    }
  });
  if (first == nullptr) return std::nullopt;
  const WaitingEntry chosen = *first;
  waiting_.erase(chosen);
  return StartJob{chosen.job, how};
}

std::optional<DemandId> Skipping::foremost(const QueueView& /*view*/) const {
  return waiting_.empty() ? std::nullopt : std::optional{waiting_.front().demand};
}

std::unique_ptr<QueuePolicy> Skipping::clone() const {
  return std::make_unique<Skipping>(*this);
}

}  // namespace colossim
