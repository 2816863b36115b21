// The discrete-event engine: a clock and a totally ordered agenda. Knows nothing of datacenters.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <colossim/base/check.hpp>
#include <colossim/base/time.hpp>

namespace colossim {

/// Version of a row. An event that may become stale carries the generation it was scheduled under;
/// whoever handles it drops the event when the row has moved on. Cheaper than removing it from the
/// agenda.
using Generation = std::uint32_t;

/// Future events in total order (time, phase, insertion). `Phase` is an enum whose enumerators
/// count from 0 and end with `count`; within one instant lower phases come first, and an event
/// scheduled for the current instant still takes its place by phase.
///
/// A monotone radix heap on the integer clock: bucket k holds times that differ from the clock
/// first in bit k−1. Taking the next instant empties the lowest bucket into lower ones, so an event
/// moves at most 64 times and usually once or twice. Events of one instant are always in one bucket
/// and buckets are emptied front to back, which keeps insertion order without a sequence number.
/// [ahuja1990]
template <class Event, class Phase>
class Engine {
 public:
  static constexpr std::size_t phases = static_cast<std::size_t>(Phase::count);

  struct Next {
    SimTime time;
    Phase phase;
    Event event;
  };

  [[nodiscard]] SimTime now() const { return now_; }
  [[nodiscard]] std::uint64_t dispatched() const { return dispatched_; }
  [[nodiscard]] std::size_t pending() const { return pending_; }

  /// Puts `event` on the agenda. `time` must not lie in the past.
  void schedule(SimTime time, Phase phase, Event event) {
    COLOSSIM_CHECK(time >= now_, "time={} now={}", time.ns(), now_.ns());
    ++pending_;
    place({time, phase, std::move(event)});
  }

  /// Removes and returns the first event not later than `end`, moving the clock to it; nothing when
  /// the agenda holds no such event (the clock then stays). Calls `foresee(event, near)` for events
  /// that come soon, once or several times, so that what they need can be on its way from memory;
  /// `near` ones have most likely been foreseen before, and what was asked for then has arrived.
  template <class Foresee>
  std::optional<Next> next_until(SimTime end, const Foresee& foresee) {
    if (ready_mask_ == 0 && !advance(end, foresee)) return std::nullopt;
    if (now_ > end) return std::nullopt;
    const auto phase = static_cast<std::size_t>(std::countr_zero(ready_mask_));
    Fifo& fifo = ready_[phase];
    Next next{now_, static_cast<Phase>(phase), std::move(fifo.events[fifo.head++])};
    if (fifo.head == fifo.events.size()) {
      fifo.events.clear();
      fifo.head = 0;
      ready_mask_ &= ~(1U << phase);
    }
    --pending_;
    ++dispatched_;
    return next;
  }
  std::optional<Next> next_until(SimTime end) {
    return next_until(end, [](const Event&, bool) {});
  }

 private:
  struct Fifo {
    std::vector<Event> events;
    std::size_t head = 0;
  };
  static constexpr std::size_t bucket_count = 64;
  static constexpr std::size_t foreseen = 8;  // events: measured, 3 are too few and 24 gain nothing
  static constexpr std::size_t near = 2;      // events

  void place(Next&& next) {
    const auto difference = static_cast<std::uint64_t>(next.time.ns() ^ now_.ns());
    if (difference == 0) {
      const auto phase = static_cast<std::size_t>(next.phase);
      ready_[phase].events.push_back(std::move(next.event));
      ready_mask_ |= 1U << phase;
      return;
    }
    const auto bucket = static_cast<std::size_t>(std::bit_width(difference)) - 1;
    buckets_[bucket].push_back(std::move(next));
    bucket_mask_ |= std::uint64_t{1} << bucket;
  }

  /// Moves the clock to the earliest future instant and its events to the ready queues.
  template <class Foresee>
  bool advance(SimTime end, const Foresee& foresee) {
    if (bucket_mask_ == 0) return false;
    const auto bucket = static_cast<std::size_t>(std::countr_zero(bucket_mask_));
    std::vector<Next>& entries = buckets_[bucket];
    SimTime earliest = entries.front().time;
    for (const Next& entry : entries) earliest = entry.time < earliest ? entry.time : earliest;
    if (earliest > end) return false;
    now_ = earliest;
    bucket_mask_ &= ~(std::uint64_t{1} << bucket);
    moving_.swap(entries);
    if (moving_.size() <= foreseen) {
      for (const Next& entry : moving_) foresee(entry.event, moving_.size() <= near);
    }
    for (Next& entry : moving_) place(std::move(entry));
    moving_.clear();
    return true;
  }

  SimTime now_;
  std::uint64_t dispatched_ = 0;
  std::size_t pending_ = 0;
  std::uint32_t ready_mask_ = 0;   // phases with events at `now_`
  std::uint64_t bucket_mask_ = 0;  // buckets with later events
  std::array<Fifo, phases> ready_;
  std::array<std::vector<Next>, bucket_count> buckets_;
  std::vector<Next> moving_;  // the bucket being emptied; kept for its capacity
};

}  // namespace colossim
