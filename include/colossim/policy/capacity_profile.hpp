// How much of a pool is free over time, by what is planned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <colossim/base/time.hpp>
#include <colossim/policy/release_profile.hpp>

namespace colossim {

/// Free units as a step function from now on, in blocks of steps that know their least and greatest
/// value: searches and reservations skip whole blocks. At most 2^31 − 1 units.
class CapacityProfile {
 public:
  /// Free now, and what running work is expected to give back.
  void reset(SimTime now, std::int64_t free, const ReleaseProfile& releases);

  [[nodiscard]] std::int64_t free_at(SimTime time) const;
  /// For how long from `from` on `units` are free.
  [[nodiscard]] Duration free_for(SimTime from, std::int64_t units) const;

  /// A step, by block.
  struct Place {
    std::size_t block = 0;
    std::size_t step = 0;
  };
  /// A start, and the least that is free all along from it.
  struct Slot {
    SimTime time = SimTime::never();
    std::int64_t least = 0;
    Place begin;  // the steps the slot begins and ends in
    Place last;
  };
  /// The earliest start from `from` on at which `units` are free for `length`; never when there is
  /// none. A length of 0 asks for an instant.
  [[nodiscard]] Slot earliest(SimTime from, std::int64_t units, Duration length) const;

  /// Takes `units` for `length` in a slot that was found for such a length. REQUIRES: they are
  /// free, and nothing changed since it was found.
  void reserve(const Slot& slot, Duration length, std::int64_t units);

 private:
  static constexpr std::size_t most_steps = 64;

  /// The steps of a block, without what the block takes.
  struct Steps {
    std::array<SimTime, most_steps> from;
    std::array<std::int32_t, most_steps> free;
  };
  struct Block {
    SimTime from;  // of its first step
    std::uint32_t row = 0;
    std::uint32_t size = 0;  // steps
    std::int32_t taken = 0;  // of every step
    std::int32_t least = 0;  // of the steps' own values
    std::int32_t greatest = 0;
  };

  void summarize(Block& block) const;
  void append(SimTime from, std::int64_t free);
  /// A block without steps; rows of a former use keep their memory.
  Block fresh_block(SimTime from);
  /// The step `time` falls into.
  [[nodiscard]] Place place_of(SimTime time) const;
  /// The last step of a block that begins at `time` or before. REQUIRES: the first does.
  [[nodiscard]] std::size_t step_of(const Block& block, SimTime time) const;
  /// Where the block behind another begins; never behind the last.
  [[nodiscard]] SimTime end_of(std::size_t block) const {
    return block + 1 < blocks_.size() ? blocks_[block + 1].from : SimTime::never();
  }
  /// Makes a step begin at `time`, which falls into the step at `place` or right behind it.
  void split(Place place, SimTime time);
  /// Half of a full block becomes the next one.
  void halve(std::size_t at);

  std::vector<Block> blocks_;
  std::vector<Steps> rows_;
};

}  // namespace colossim
