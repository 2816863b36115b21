// Backfilling with one reservation.
#include <colossim/base/math.hpp>
#include <colossim/policy/easy.hpp>

namespace colossim {

namespace {

constexpr std::int64_t any_length = std::numeric_limits<std::int64_t>::max();

/// The longest estimate that ends within `window` at a speed [ns].
std::int64_t within(Duration window, double speed) {
  if (speed == 1) return window.ns();
  const double longest = static_cast<double>(window.ns()) * speed;
  return longest < 9e18 ? static_cast<std::int64_t>(longest) : any_length;
}

}  // namespace

WaitingEntry Easy::candidate_of(const WaitingEntry& job) const {
  WaitingEntry candidate = job;
  candidate.key = backfill_ == Backfill::by_estimate ? job.estimate : 0;
  return candidate;
}

void Easy::join(const QueuedJob& job) {
  const WaitingEntry entry = entry_of(job, 0);
  in_order_.insert(entry);
  candidates_.insert(candidate_of(entry), job.least_gpus);
}

void Easy::begin(const QueueView& /*view*/) {
  reservation_.reset();
}

std::optional<QueueCommand> Easy::next(const QueueView& view) {
  if (in_order_.empty()) return std::nullopt;
  if (!reservation_) {
    const WaitingEntry head = in_order_.front();
    if (const auto option = view.first_fit(head.demand)) return start(head, *option);
    if (view.free_gpus() == 0) return std::nullopt;
    reservation_ = reserve(view, head.demand);
  }
  return backfill(view);
}

Easy::Reservation Easy::reserve(const QueueView& view, DemandId head) {
  Reservation best;
  bool found = false;
  for (const DemandOption& option : view.demand(head).options) {
    const PoolView pool = view.pool(option.pool);
    const auto slot = pool.releases->earliest(view.now(), pool.free, option.units);
    if (found && slot.time >= best.shadow) continue;
    found = true;
    best = {option.pool, slot.time, slot.time == SimTime::never() ? 0 : slot.free - option.units};
  }
  return best;
}

std::optional<QueueCommand> Easy::backfill(const QueueView& view) {
  const Duration window = reservation_->shadow - view.now();
  const auto longest = [&](const DemandOption& option) {
    const bool harmless = option.pool != reservation_->pool || option.units <= reservation_->extra;
    return harmless ? any_length : within(window, option.speed);
  };
  const WaitingEntry* first = nullptr;
  WaitingEntry first_key;
  std::size_t how = 0;
  candidates_.each_within(view.free_gpus(), [&](const auto& group) {
    const auto& options = view.demand(group.demand).options;
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (!view.fits(group.demand, i)) continue;
      const std::int64_t most = longest(options[i]);
      const WaitingEntry* job =
          group.jobs.find([&](const EstimateRange& block) { return block.least <= most; },
                          [&](const WaitingEntry& entry) { return entry.estimate <= most; });
      if (job == nullptr || (first != nullptr && !(*job < first_key))) continue;
      first = job;
      first_key = *job;
      how = i;
    }
  });
  if (first == nullptr) return std::nullopt;
  const DemandOption& option = view.demand(first_key.demand).options[how];
  const bool ends_in_time =
      first_key.estimate <= within(window, option.speed) || option.pool != reservation_->pool;
  if (!ends_in_time) reservation_->extra -= option.units;
  WaitingEntry entry = first_key;
  entry.key = 0;
  return start(entry, how);
}

QueueCommand Easy::start(const WaitingEntry& job, std::size_t option) {
  in_order_.erase(job);
  candidates_.erase(candidate_of(job));
  return StartJob{job.job, option};
}

std::optional<DemandId> Easy::foremost(const QueueView& /*view*/) const {
  return in_order_.empty() ? std::nullopt : std::optional{in_order_.front().demand};
}

std::unique_ptr<QueuePolicy> Easy::clone() const {
  return std::make_unique<Easy>(*this);
}

}  // namespace colossim
