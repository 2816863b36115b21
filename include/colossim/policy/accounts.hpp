// Who shares a pool, what each holds, and who waits.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <colossim/policy/running.hpp>
#include <colossim/policy/waiting.hpp>

namespace colossim {

/// The jobs of one account: a tenant of a trace, or a stream of the scenario.
struct QueueAccount {
  std::string name;
  WaitingList waiting;
  std::int64_t held = 0;                   // GPUs
  std::vector<std::int64_t> held_by_pool;  // GPUs
};

/// Waiting and running jobs of a queue by account.
class QueueAccounts {
 public:
  void name(const std::vector<std::string>& names);
  /// Adds a job to its account's queue, in order of arrival.
  void join(const QueuedJob& job);
  void started(const QueuedJob& job, SimTime now, const DemandOption& how);
  RunningEntry stopped(JobId job);
  void leave(const WaitingEntry& job, std::size_t account) { rows_[account].waiting.erase(job); }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] const QueueAccount& operator[](std::size_t row) const { return rows_[row]; }

 private:
  void hold(std::uint32_t account, const DemandOption& how, std::int64_t sign);
  QueueAccount& at(std::uint32_t row);

  std::vector<QueueAccount> rows_;
  RunningList running_;
};

/// One value per account of those a scenario names; `other` for the rest.
std::vector<double> by_account(const std::vector<std::string>& names,
                               const std::map<std::string, double>& values, double other);

}  // namespace colossim
