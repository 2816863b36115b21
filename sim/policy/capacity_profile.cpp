// The profile that plans are made on.
#include <algorithm>
#include <limits>

#include <colossim/policy/capacity_profile.hpp>

namespace colossim {

void CapacityProfile::summarize(Block& block) {
  block.least = std::numeric_limits<std::int64_t>::max();
  block.greatest = std::numeric_limits<std::int64_t>::min();
  for (const Step& step : block.steps) {
    block.least = std::min(block.least, step.free);
    block.greatest = std::max(block.greatest, step.free);
  }
}

void CapacityProfile::append(SimTime from, std::int64_t free) {
  if (used_ == 0 || blocks_[used_ - 1].steps.size() >= most_steps / 2) {
    if (used_ == blocks_.size()) blocks_.emplace_back();
    Block& fresh = blocks_[used_++];
    fresh.steps.clear();
    fresh.taken = 0;
    fresh.from = from;
  }
  blocks_[used_ - 1].steps.push_back({from, free});
}

void CapacityProfile::reset(SimTime now, std::int64_t free, const ReleaseProfile& releases) {
  used_ = 0;
  append(now, free);
  releases.each([&](SimTime time, std::int64_t units) {
    Step& last = blocks_[used_ - 1].steps.back();
    if (time <= last.from) {
      last.free += units;
    } else {
      append(time, last.free + units);
    }
  });
  for (std::size_t i = 0; i < used_; ++i) summarize(blocks_[i]);
}

std::int64_t CapacityProfile::free_at(SimTime time) const {
  const Place place = place_of(time);
  return blocks_[place.block].steps[place.step].free - blocks_[place.block].taken;
}

CapacityProfile::Place CapacityProfile::place_of(SimTime time) const {
  const auto end = blocks_.begin() + static_cast<std::ptrdiff_t>(used_);
  const auto block = std::upper_bound(blocks_.begin(), end, time,
                                      [](SimTime t, const Block& each) { return t < each.from; }) -
                     1;
  const auto step = std::upper_bound(block->steps.begin(), block->steps.end(), time,
                                     [](SimTime t, const Step& each) { return t < each.from; }) -
                    1;
  return {static_cast<std::size_t>(block - blocks_.begin()),
          static_cast<std::size_t>(step - block->steps.begin())};
}

CapacityProfile::Slot CapacityProfile::earliest(SimTime from, std::int64_t units,
                                                Duration length) const {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  Place place = place_of(from);
  Slot slot{from, most};
  SimTime end = after(from, length);
  const auto begin_at = [&](SimTime time) {
    slot = {time, most};
    end = after(time, length);
  };
  for (; place.block < used_; ++place.block, place.step = 0) {
    const Block& block = blocks_[place.block];
    const SimTime block_end = end_of(place.block);
    const std::int64_t needed = units + block.taken;
    if (block.greatest < needed) {
      begin_at(block_end);
      continue;
    }
    if (block.least >= needed && block_end < end && place.step == 0) {
      slot.least = std::min(slot.least, block.least - block.taken);
      continue;
    }
    const std::size_t steps = block.steps.size();
    for (; place.step < steps; ++place.step) {
      const std::int64_t free = block.steps[place.step].free;
      const SimTime step_end =
          place.step + 1 < steps ? block.steps[place.step + 1].from : block_end;
      if (free < needed) {
        begin_at(step_end);
        continue;
      }
      slot.least = std::min(slot.least, free - block.taken);
      if (step_end >= end) return slot;
    }
  }
  return {};
}

void CapacityProfile::reserve(SimTime start, Duration length, std::int64_t units) {
  if (length <= Duration{}) return;
  const SimTime end = after(start, length);
  split(start);
  if (end != SimTime::never()) split(end);
  for (Place place = place_of(start); place.block < used_; ++place.block, place.step = 0) {
    Block& block = blocks_[place.block];
    if (block.from >= end) return;
    if (place.step == 0 && end_of(place.block) <= end) {
      block.taken += units;
      continue;
    }
    for (; place.step < block.steps.size() && block.steps[place.step].from < end; ++place.step)
      block.steps[place.step].free -= units;
    summarize(block);
  }
}

void CapacityProfile::split(SimTime time) {
  const Place place = place_of(time);
  Block& block = blocks_[place.block];
  if (block.steps[place.step].from == time) return;
  const Step fresh{time, block.steps[place.step].free};
  block.steps.insert(block.steps.begin() + static_cast<std::ptrdiff_t>(place.step) + 1, fresh);
  if (block.steps.size() < most_steps) return;
  // Half of a full block becomes the next one.
  Block upper;
  if (used_ < blocks_.size()) {
    upper = std::move(blocks_.back());
    blocks_.pop_back();
  }
  const auto middle = block.steps.begin() + static_cast<std::ptrdiff_t>(most_steps / 2);
  upper.steps.assign(middle, block.steps.end());
  upper.taken = block.taken;
  upper.from = middle->from;
  block.steps.erase(middle, block.steps.end());
  summarize(block);
  summarize(upper);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(place.block) + 1, std::move(upper));
  ++used_;
}

}  // namespace colossim
