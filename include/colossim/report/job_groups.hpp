// Finished jobs by stream, tenant and size.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <colossim/record/result.hpp>

namespace colossim {

/// Finished jobs of a stream that have something in common.
struct JobGroup {
  std::string stream;
  std::string by;     // all, tenant, size
  std::string group;  // a tenant; GPUs from-to
  std::int64_t jobs = 0;
  Spread wait;        // s
  Spread completion;  // s
  Spread slowdown;
  std::int64_t preemptions = 0;
  double gpu_hours = 0;       // size times undisturbed run time
  double lost_gpu_hours = 0;  // that had to be done again
};

/// All jobs a stream finished.
JobGroup all_jobs(const FinishedJobs& finished);
/// The tenants whose jobs a stream finished, each as a group; none for a stream with one tenant.
std::vector<JobGroup> tenant_groups(const FinishedJobs& finished);

/// Each stream as a whole, by tenant where it has several, and by size class: 1, 2, 3-4, 5-8, ...
/// GPUs.
std::vector<JobGroup> job_groups(const Result& result);

}  // namespace colossim
