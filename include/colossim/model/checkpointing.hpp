// What preemption costs a job: saves, lost work, restarts.
#pragma once

#include <algorithm>
#include <optional>

#include <colossim/base/time.hpp>

namespace colossim {

/// How a job saves its progress. Work is time at full speed.
struct CheckpointLaw {
  std::optional<Duration> every;  // work between two saves; 0: saved all along; none: never saved
  Duration write;                 // a save takes this long, without progress
  Duration restart;               // a job that was stopped spends this before it goes on
};

/// What a run came to.
struct RunProgress {
  Duration progress;  // work done in it
  Duration kept;      // of it, saved
};

/// How long a run takes that still has `work` to do and begins it after `lead`: a save follows
/// every `every` of work, but not the last.
inline Duration run_length(const CheckpointLaw& law, Duration work, Duration lead) {
  Duration length = work;
  if (law.every && law.every->ns() > 0 && work.ns() > 0)
    length = length + (work.ns() - 1) / law.every->ns() * law.write;
  return length + lead;
}

/// The progress of a run after `elapsed` of its length.
inline RunProgress run_progress(const CheckpointLaw& law, Duration elapsed, Duration lead) {
  const Duration worked = std::max(Duration{}, elapsed - lead);
  if (!law.every) return {worked, Duration{}};
  if (law.every->ns() == 0) return {worked, worked};
  const Duration cycle = *law.every + law.write;
  const std::int64_t saves = worked.ns() / cycle.ns();
  const Duration kept = saves * *law.every;
  return {kept + std::min(worked - saves * cycle, *law.every), kept};
}

}  // namespace colossim
