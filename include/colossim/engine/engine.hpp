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
/// A monotone radix heap on the integer clock, by octal digits: bucket (level, digit) holds times
/// that differ from the clock first in the digit of this level, and have `digit` there. Taking the
/// next instant empties the lowest bucket into lower levels, so an event moves at most 22 times and
/// usually a few. Events of one instant are always in one bucket and buckets are emptied front to
/// back, which keeps insertion order without a sequence number. [ahuja1990]
template <class Event, class Phase>
class Engine {
 public:
  static constexpr std::size_t phases = static_cast<std::size_t>(Phase::count);

  struct Next {
    SimTime time;
    Phase phase;
    Event event;

    template <class E>
    Next(SimTime when, Phase within, E&& what)
        : time(when), phase(within), event(std::forward<E>(what)) {}
  };

  [[nodiscard]] SimTime now() const { return now_; }
  [[nodiscard]] std::uint64_t dispatched() const { return dispatched_; }
  [[nodiscard]] std::size_t pending() const { return pending_; }

  /// Puts `event` on the agenda. `time` must not lie in the past.
  template <class E>
  void schedule(SimTime time, Phase phase, E&& event) {
    COLOSSIM_CHECK(time >= now_, "time={} now={}", time.ns(), now_.ns());
    ++pending_;
    place(time, phase, std::forward<E>(event));
  }

  /// Removes and returns the first event not later than `end`, moving the clock to it; nothing when
  /// the agenda holds no such event (the clock then stays). Calls `foresee(event, near)` for events
  /// that come soon, none, once or several times, so that what they need can be on its way from
  /// memory; `near` ones have most likely been foreseen before, and what was asked for then has
  /// arrived.
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
  static constexpr std::size_t digit_bits = 3;
  static constexpr std::size_t digits = std::size_t{1} << digit_bits;
  static constexpr std::size_t levels = (64 + digit_bits - 1) / digit_bits;
  static constexpr std::size_t most_foreseen = 16;  // in one bucket; measured, as the next
  static constexpr std::size_t most_near = 8;

  using Bucket = std::vector<Next>;

  /// Builds the event where it stays: a copy of one just built waits for all stores before it.
  template <class E>
  void place(SimTime time, Phase phase, E&& event) {
    const auto difference = static_cast<std::uint64_t>(time.ns() ^ now_.ns());
    if (difference == 0) {
      const auto queue = static_cast<std::size_t>(phase);
      ready_[queue].events.emplace_back(std::forward<E>(event));
      ready_mask_ |= 1U << queue;
      return;
    }
    const auto level = (static_cast<std::size_t>(std::bit_width(difference)) - 1) / digit_bits;
    const auto digit = static_cast<std::size_t>(time.ns() >> (level * digit_bits)) % digits;
    buckets_[level][digit].emplace_back(time, phase, std::forward<E>(event));
    level_mask_ |= 1U << level;
    digit_masks_[level] |= 1U << digit;
  }

  /// The lowest bucket with events. REQUIRES: there is one.
  Bucket& lowest() {
    const auto level = static_cast<std::size_t>(std::countr_zero(level_mask_));
    return buckets_[level][static_cast<std::size_t>(std::countr_zero(digit_masks_[level]))];
  }
  void drop_lowest() {
    std::uint32_t& digit_mask =
        digit_masks_[static_cast<std::size_t>(std::countr_zero(level_mask_))];
    digit_mask &= digit_mask - 1;
    if (digit_mask == 0) level_mask_ &= level_mask_ - 1;
  }

  /// Moves the clock to the earliest future instant and its events to the ready queues.
  template <class Foresee>
  bool advance(SimTime end, const Foresee& foresee) {
    if (level_mask_ == 0) return false;
    Bucket& bucket = lowest();
    SimTime earliest = bucket.front().time;
    for (const Next& entry : bucket) earliest = entry.time < earliest ? entry.time : earliest;
    if (earliest > end) return false;
    now_ = earliest;
    drop_lowest();
    if (level_mask_ != 0) foresee_all(lowest(), most_foreseen, false, foresee);
    foresee_all(bucket, most_near, true, foresee);
    // Into lower levels only, so each bucket keeps its memory: that of the low ones, always in use,
    // stays in the cache.
    for (Next& entry : bucket) place(entry.time, entry.phase, std::move(entry.event));
    bucket.clear();
    return true;
  }

  template <class Foresee>
  static void foresee_all(const Bucket& bucket, std::size_t most, bool near,
                          const Foresee& foresee) {
    if (bucket.size() > most) return;
    for (const Next& entry : bucket) foresee(entry.event, near);
  }

  SimTime now_;
  std::uint64_t dispatched_ = 0;
  std::size_t pending_ = 0;
  std::uint32_t ready_mask_ = 0;                     // phases with events at `now_`
  std::uint32_t level_mask_ = 0;                     // levels with later events
  std::array<std::uint32_t, levels> digit_masks_{};  // by level: digits with later events
  std::array<Fifo, phases> ready_;
  std::array<std::array<Bucket, digits>, levels> buckets_;
};

}  // namespace colossim
