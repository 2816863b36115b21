// Running what a study still lacks.
#pragma once

#include <cstddef>
#include <functional>

#include <colossim/experiment/result_store.hpp>

namespace colossim {

struct SweepProgress {
  std::size_t planned = 0;  // runs of this shard; where a rule stops them it may grow
  std::size_t cached = 0;   // done before
  std::size_t done = 0;     // now
  std::size_t failed = 0;
  std::size_t quarantined = 0;
  bool stopped = false;  // before all was done

  [[nodiscard]] std::size_t left() const { return planned - cached - done - failed - quarantined; }
};

struct SweepOptions {
  unsigned workers = 1;  // processes
  Shard shard;
  std::function<void(const SweepProgress&)> progress;  // after each run
  std::function<bool()> stopping;                      // whether to end after the runs in hand
};

/// A run that takes its worker with it so often is left alone.
inline constexpr int deaths_to_quarantine = 3;

/// Runs what the store does not have yet, each run in one of several worker processes. Results do
/// not depend on how many, nor on the order. A run whose scenario is faulty is recorded as failed,
/// one that kills its worker again and again as quarantined; the rest goes on. Throws
/// std::system_error when results cannot be written. REQUIRES: no other thread.
SweepProgress run_sweep(const Plan& plan, ResultStore& store, const SweepOptions& options);

/// Notes in the store which runs belong to the study; where a rule stops them, those of the first
/// round.
void ask_for_all(const Plan& plan, ResultStore& store);

/// One run of the study.
RunRecord run_once(const Plan& plan, std::size_t run);

}  // namespace colossim
