// When capacity that is held now is expected back.
#pragma once

#include <compare>
#include <cstdint>

#include <colossim/base/blocked_list.hpp>
#include <colossim/base/time.hpp>

namespace colossim {

/// Units of one pool by the instant at which they are expected to be free again. A unit is what
/// the pool counts in: GPUs or nodes.
class ReleaseProfile {
 public:
  /// The earliest instant at which enough is free, and how much is then.
  struct Slot {
    SimTime time = SimTime::never();
    std::int64_t free = 0;
  };

  /// `holder` tells apart what is released at the same instant.
  void add(SimTime time, std::uint32_t holder, std::int64_t units) {
    releases_.insert({time, holder, units});
  }
  /// REQUIRES: it was added with this time.
  void remove(SimTime time, std::uint32_t holder) { releases_.erase({time, holder, 0}); }

  /// The first instant from `now` on at which `free` units and those released by then, all at that
  /// instant counted, are `needed`; never when they do not come to it.
  [[nodiscard]] Slot earliest(SimTime now, std::int64_t free, std::int64_t needed) const;

  /// Calls `use(time, units)` in order of time.
  template <class Use>
  void each(const Use& use) const {
    releases_.each([&](const Release& release) {
      use(release.time, release.units);
      return true;
    });
  }

 private:
  struct Release {
    SimTime time;
    std::uint32_t holder = 0;
    std::int64_t units = 0;
    friend bool operator<(const Release& a, const Release& b) {
      return a.time != b.time ? a.time < b.time : a.holder < b.holder;
    }
  };
  struct Units {
    std::int64_t sum = 0;
    SimTime last;
    void add(const Release& release) {
      sum += release.units;
      last = std::max(last, release.time);
    }
  };

  BlockedList<Release, Units> releases_;
};

inline ReleaseProfile::Slot ReleaseProfile::earliest(SimTime now, std::int64_t free,
                                                     std::int64_t needed) const {
  Slot slot{.time = free >= needed ? now : SimTime::never(), .free = free};
  // `find` reads the blocks in order, so what it skips can be added up on the way.
  const auto past = [&](SimTime time) { return slot.time != SimTime::never() && time > slot.time; };
  static_cast<void>(releases_.find(
      [&](const Units& units) {
        const bool reaches = slot.free + units.sum >= needed;
        if (reaches || slot.time != SimTime::never()) return true;
        slot.free += units.sum;
        return false;
      },
      [&](const Release& release) {
        if (past(release.time)) return true;
        slot.free += release.units;
        if (slot.time == SimTime::never() && slot.free >= needed)
          slot.time = std::max(now, release.time);
        return false;
      }));
  return slot;
}

}  // namespace colossim
