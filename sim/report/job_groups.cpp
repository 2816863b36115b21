// Groups of finished jobs.
#include <bit>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <colossim/report/job_groups.hpp>

namespace colossim {

namespace {

JobGroup group_of(const FinishedJobs& finished, std::string by, std::string group,
                  const JobStatistics& jobs) {
  return {.stream = finished.stream,
          .by = std::move(by),
          .group = std::move(group),
          .jobs = static_cast<std::int64_t>(jobs.jobs()),
          .wait = jobs.wait(),
          .completion = jobs.completion(),
          .slowdown = jobs.bounded_slowdown(),
          .preemptions = jobs.preemptions(),
          .gpu_hours = to_double(jobs.work()) * 1e-9 / 3600,
          .lost_gpu_hours = to_double(jobs.lost()) * 1e-9 / 3600};
}

/// The greatest size of a size's class.
std::uint32_t size_class(std::uint32_t gpus) {
  return std::bit_ceil(gpus);
}

std::string class_text(std::uint32_t greatest) {
  return greatest <= 2 ? fmt::format("{}", greatest)
                       : fmt::format("{}-{}", greatest / 2 + 1, greatest);
}

std::vector<JobGroup> size_groups(const FinishedJobs& finished) {
  std::set<std::uint32_t> classes;
  finished.jobs.each(
      [&](std::uint32_t /*account*/, std::uint32_t gpus) { classes.insert(size_class(gpus)); });
  std::vector<JobGroup> groups;
  for (const std::uint32_t greatest : classes)
    groups.push_back(
        group_of(finished, "size", class_text(greatest),
                 finished.jobs.only([&](std::uint32_t /*account*/, std::uint32_t gpus) {
                   return size_class(gpus) == greatest;
                 })));
  return groups;
}

}  // namespace

JobGroup all_jobs(const FinishedJobs& finished) {
  return group_of(finished, "all", "", finished.jobs);
}

std::vector<JobGroup> tenant_groups(const FinishedJobs& finished) {
  std::set<std::uint32_t> accounts;
  finished.jobs.each(
      [&](std::uint32_t account, std::uint32_t /*gpus*/) { accounts.insert(account); });
  std::vector<JobGroup> groups;
  if (accounts.size() < 2) return groups;
  for (const std::uint32_t account : accounts)
    groups.push_back(group_of(finished, "tenant", finished.accounts[account],
                              finished.jobs.only([&](std::uint32_t of, std::uint32_t /*gpus*/) {
                                return of == account;
                              })));
  return groups;
}

std::vector<JobGroup> job_groups(const Result& result) {
  std::vector<JobGroup> groups;
  for (const FinishedJobs& finished : result.finished) {
    if (finished.jobs.jobs() == 0) continue;
    groups.push_back(all_jobs(finished));
    for (auto parts : {tenant_groups(finished), size_groups(finished)})
      groups.insert(groups.end(), parts.begin(), parts.end());
  }
  return groups;
}

}  // namespace colossim
