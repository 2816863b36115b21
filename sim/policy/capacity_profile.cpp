// The profile that plans are made on.
#include <algorithm>
#include <limits>

#include <colossim/base/check.hpp>
#include <colossim/base/cpu_clones.hpp>
#include <colossim/policy/capacity_profile.hpp>

namespace colossim {

namespace {

constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();

/// The last of `size` rows that begins at `time` or before; rows ascend, and the first one does.
/// No branch depends on the values: which way a search goes cannot be predicted.
template <class FromOf>
std::size_t last_from(std::size_t size, SimTime time, const FromOf& from_of) {
  std::size_t first = 0;
  while (size > 1) {
    const std::size_t half = size / 2;
    first += from_of(first + half) <= time ? half : 0;
    size -= half;
  }
  return first;
}

/// The first of the values [step, end) that is below `needed`, or `end`; `least` becomes the least
/// of those before it. In chunks without branches between.
std::size_t first_below(const std::int32_t* free, std::size_t step, std::size_t end,
                        std::int32_t needed, std::int32_t& least) {
  constexpr std::size_t chunk = 8;
  for (; step + chunk <= end; step += chunk) {
    std::int32_t lowest = free[step];
    for (std::size_t i = 1; i < chunk; ++i) lowest = std::min(lowest, free[step + i]);
    if (lowest < needed) break;
    least = std::min(least, lowest);
  }
  for (; step < end && free[step] >= needed; ++step) least = std::min(least, free[step]);
  return step;
}

}  // namespace

COLOSSIM_CPU_CLONES void CapacityProfile::summarize(Block& block) const {
  const std::int32_t* const free = rows_[block.row].free.data();
  std::int32_t least = free[0];
  std::int32_t greatest = free[0];
  for (std::size_t i = 1; i < block.size; ++i) {
    least = std::min(least, free[i]);
    greatest = std::max(greatest, free[i]);
  }
  block.least = least;
  block.greatest = greatest;
}

CapacityProfile::Block CapacityProfile::fresh_block(SimTime from) {
  // A block's row is never given back before the next reset, so their number is the next row.
  const std::size_t row = blocks_.size();
  if (row == rows_.size()) rows_.emplace_back();
  return {.from = from, .row = static_cast<std::uint32_t>(row)};
}

void CapacityProfile::append(SimTime from, std::int64_t free) {
  if (blocks_.empty() || blocks_.back().size >= most_steps / 2)
    blocks_.push_back(fresh_block(from));
  Block& block = blocks_.back();
  rows_[block.row].from[block.size] = from;
  rows_[block.row].free[block.size] = static_cast<std::int32_t>(free);
  ++block.size;
}

void CapacityProfile::reset(SimTime now, std::int64_t free, const ReleaseProfile& releases) {
  blocks_.clear();
  append(now, free);
  SimTime last = now;
  releases.each([&](SimTime time, std::int64_t units) {
    free += units;
    if (time <= last) {
      const Block& block = blocks_.back();
      rows_[block.row].free[block.size - 1] = static_cast<std::int32_t>(free);
    } else {
      append(time, free);
      last = time;
    }
  });
  COLOSSIM_CHECK(free <= most, "free={}", free);
  for (Block& block : blocks_) summarize(block);
}

std::int64_t CapacityProfile::free_at(SimTime time) const {
  const Place place = place_of(time);
  const Block& block = blocks_[place.block];
  return rows_[block.row].free[place.step] - block.taken;
}

std::size_t CapacityProfile::step_of(const Block& block, SimTime time) const {
  const auto& from = rows_[block.row].from;
  return last_from(block.size, time, [&](std::size_t step) { return from[step]; });
}

CapacityProfile::Place CapacityProfile::place_of(SimTime time) const {
  const std::size_t at =
      last_from(blocks_.size(), time, [&](std::size_t block) { return blocks_[block].from; });
  return {at, step_of(blocks_[at], time)};
}

Duration CapacityProfile::free_for(SimTime from, std::int64_t units) const {
  for (Place place = place_of(from); place.block < blocks_.size(); ++place.block, place.step = 0) {
    const Block& block = blocks_[place.block];
    if (block.least - block.taken >= units) continue;
    const Steps& steps = rows_[block.row];
    for (; place.step < block.size; ++place.step) {
      if (steps.free[place.step] - block.taken < units)
        return std::max(steps.from[place.step], from) - from;
    }
  }
  return SimTime::never() - from;
}

COLOSSIM_CPU_CLONES CapacityProfile::Slot CapacityProfile::earliest(SimTime from,
                                                                    std::int64_t units,
                                                                    Duration length) const {
  if (units > most) return {};
  Place place = place_of(from);
  Slot slot{.time = from, .least = most, .begin = place};
  SimTime end = after(from, length);
  const auto begin_at = [&](SimTime time, Place where) {
    slot = {.time = time, .least = most, .begin = where};
    end = after(time, length);
  };
  for (; place.block < blocks_.size(); ++place.block, place.step = 0) {
    const Block& block = blocks_[place.block];
    const SimTime block_end = end_of(place.block);
    const std::int64_t wanted = units + block.taken;
    if (block.greatest < wanted) {
      begin_at(block_end, {place.block + 1, 0});
      continue;
    }
    if (block.least >= wanted && block_end < end && place.step == 0) {
      slot.least = std::min<std::int64_t>(slot.least, block.least - block.taken);
      continue;
    }
    const auto needed = static_cast<std::int32_t>(wanted);  // not above `greatest`
    const std::int32_t* const free = rows_[block.row].free.data();
    while (place.step < block.size) {
      const bool ends = end <= block_end;
      // The step that holds the last instant before the end.
      const std::size_t last =
          ends ? std::max(place.step, step_of(block, end - Duration{1})) : block.size - 1;
      std::int32_t least = most;
      place.step = first_below(free, place.step, last + 1, needed, least);
      slot.least = std::min<std::int64_t>(slot.least, least - block.taken);
      if (place.step > last) {
        if (!ends) break;
        slot.last = {place.block, last};
        return slot;
      }
      while (place.step < block.size && free[place.step] < needed) ++place.step;
      if (place.step < block.size)
        begin_at(rows_[block.row].from[place.step], place);
      else
        begin_at(block_end, {place.block + 1, 0});
    }
  }
  return {};
}

COLOSSIM_CPU_CLONES void CapacityProfile::reserve(const Slot& slot, Duration length,
                                                  std::int64_t units) {
  if (length <= Duration{}) return;
  const SimTime end = after(slot.time, length);
  const auto taken = static_cast<std::int32_t>(units);
  std::size_t before = blocks_.size();
  Place place = slot.begin;
  if (end != SimTime::never()) split(slot.last, end);
  if (blocks_.size() != before) place = place_of(slot.time);
  before = blocks_.size();
  split(place, slot.time);
  if (blocks_.size() != before || rows_[blocks_[place.block].row].from[place.step] != slot.time)
    place = place_of(slot.time);
  for (; place.block < blocks_.size(); ++place.block, place.step = 0) {
    Block& block = blocks_[place.block];
    if (block.from >= end) return;
    if (place.step == 0 && end_of(place.block) <= end) {
      block.taken += taken;
      continue;
    }
    Steps& steps = rows_[block.row];
    for (; place.step < block.size && steps.from[place.step] < end; ++place.step)
      steps.free[place.step] -= taken;
    summarize(block);
  }
}

void CapacityProfile::split(Place place, SimTime time) {
  Block& block = blocks_[place.block];
  Steps& steps = rows_[block.row];
  const std::size_t next = place.step + 1;
  if (steps.from[place.step] == time) return;
  if ((next == block.size ? end_of(place.block) : steps.from[next]) == time) return;
  const auto insert = [&](auto& values, auto value) {
    std::copy_backward(values.begin() + next, values.begin() + block.size,
                       values.begin() + block.size + 1);
    values[next] = value;
  };
  insert(steps.from, time);
  insert(steps.free, steps.free[place.step]);
  if (++block.size == most_steps) halve(place.block);
}

void CapacityProfile::halve(std::size_t at) {
  constexpr std::uint32_t half = most_steps / 2;
  Block upper = fresh_block({});
  Block& block = blocks_[at];
  const Steps& from = rows_[block.row];
  Steps& to = rows_[upper.row];
  std::copy(from.from.begin() + half, from.from.end(), to.from.begin());
  std::copy(from.free.begin() + half, from.free.end(), to.free.begin());
  upper.from = to.from[0];
  upper.size = most_steps - half;
  upper.taken = block.taken;
  block.size = half;
  summarize(block);
  summarize(upper);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at) + 1, upper);
}

}  // namespace colossim
