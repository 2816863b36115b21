// How much of a pool is free over time, by what is planned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <colossim/base/time.hpp>
#include <colossim/policy/release_profile.hpp>

namespace colossim {

/// Free units as a step function from now on, in blocks of steps that know their least and greatest
/// value: searches and reservations skip whole blocks.
class CapacityProfile {
 public:
  /// Free now, and what running work is expected to give back.
  void reset(SimTime now, std::int64_t free, const ReleaseProfile& releases);

  [[nodiscard]] std::int64_t free_at(SimTime time) const;

  /// A start, and the least that is free all along from it.
  struct Slot {
    SimTime time = SimTime::never();
    std::int64_t least = 0;
  };
  /// The earliest start from `from` on at which `units` are free for `length`; never when there is
  /// none. A length of 0 asks for an instant.
  [[nodiscard]] Slot earliest(SimTime from, std::int64_t units, Duration length) const;

  /// Takes `units` for `length` from `start` on. REQUIRES: they are free.
  void reserve(SimTime start, Duration length, std::int64_t units);

 private:
  static constexpr std::size_t most_steps = 64;

  struct Step {
    SimTime from;
    std::int64_t free = 0;  // without what the block takes
  };
  struct Block {
    SimTime from;  // of its first step
    std::vector<Step> steps;
    std::int64_t taken = 0;  // of every step
    std::int64_t least = 0;  // of the steps' own values
    std::int64_t greatest = 0;
  };
  struct Place {
    std::size_t block = 0;
    std::size_t step = 0;
  };

  static void summarize(Block& block);
  void append(SimTime from, std::int64_t free);
  /// The step `time` falls into.
  [[nodiscard]] Place place_of(SimTime time) const;
  /// Where the block behind another begins; never behind the last.
  [[nodiscard]] SimTime end_of(std::size_t block) const {
    return block + 1 < used_ ? blocks_[block + 1].from : SimTime::never();
  }
  /// Makes a step begin at `time`.
  void split(SimTime time);

  std::vector<Block> blocks_;  // the first `used_` are in use; the others keep their memory
  std::size_t used_ = 0;
};

}  // namespace colossim
