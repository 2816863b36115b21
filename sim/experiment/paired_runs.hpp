// What comparisons and decision tables keep of a run, and running many at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <colossim/experiment/compare.hpp>
#include <colossim/model/waterfall.hpp>
#include <colossim/scenario/scenario_files.hpp>

namespace colossim {

inline constexpr double gpu_hour = 3600;  // s

/// What an account earned (spent: negative) under one cause, and for how much of what.
struct EarnedAmount {
  PricedAmount earned;
  std::string unit;
};
using EarnedByCause = std::map<std::pair<Account, std::string>, EarnedAmount>;

/// A party's profit by account and cause. Rows of `Result::volumes` give the quantities; two rows
/// of one account and cause in different units give none.
EarnedByCause earned_by_cause(const Result& result, const std::string& party);
Money profit_of(const EarnedByCause& earned);

/// The waterfall of `waterfall_of` from what was kept of two runs.
Waterfall explain_earnings(const EarnedByCause& base, const EarnedByCause& other,
                           const std::string& party);

/// Adds another replication's waterfall.
void add(Waterfall& sum, const Waterfall& other);

/// What one run comes to for one party.
struct PartyRun {
  Money revenue;
  Money cost;
  Money cash;                 // change of cash
  Money work_income;          // what customers paid for its work
  Money running_cost;         // fees, less credits, and own running costs [models_8_4]
  double own_work = 0;        // USD, the metric `party.<party>.own_work`
  double own_work_worth = 0;  // the same, discounted month by month
  double own_hours = 0;       // discounted useful GPU-hours of own jobs
  double residual = 0;        // USD, the metric `party.<party>.residual_value`
  double useful = 0;          // GPU-hours
  double installed = 0;
  double rate = 0;
  std::optional<double> elsewhere;  // USD per GPU-hour
  CashFlow flow;
  EarnedByCause earned;

  [[nodiscard]] Money profit() const { return revenue - cost; }
  /// Worth of the cash flow and of what is left as a line in the worth of a useful GPU-hour of own
  /// jobs.
  [[nodiscard]] ValueLine value_line() const;
  /// Worth of the cash flow, of own work and of what is left at the end.
  [[nodiscard]] double npv() const;
};
using PartyRuns = std::map<std::string, PartyRun>;

/// Every party of the scenario after a run; `outside` (customers, staff, suppliers) is none.
PartyRuns party_runs(const Scenario& scenario, const Result& result, const Statements& statements);

struct Roles {
  std::string owner;
  std::string tenant;
};

/// Owner and tenant as the options say, else by the first scenario and the GPU-hours parties had.
Roles roles(const Scenario& base, const std::vector<const PartyRuns*>& runs,
            const CompareOptions& options);

/// Throws a ScenarioError that names both files unless all scenarios cover the same time.
void require_same_horizon(std::span<const ScenarioSource> sources,
                          const std::vector<Scenario>& scenarios);

/// Throws a ScenarioError unless some scenario knows the owner and tenant that were asked for.
void require_parties(const std::vector<Scenario>& scenarios, const CompareOptions& options);

/// Calls `work(i)` for every i below `count`, several at once. When calls throw, the exception of
/// the lowest i leaves, after the others have ended.
void run_parallel(std::size_t count, const CompareOptions& options,
                  const std::function<void(std::size_t)>& work);

/// Loads replications of scenarios, one at a time. The text of a file, of what it extends and of
/// the catalog is read once: that is most of what loading takes.
class ReplicationLoader {
 public:
  Scenario operator()(const ScenarioSource& source, std::int64_t replication);

 private:
  std::mutex reading_;
  std::map<std::filesystem::path, ScenarioFiles> files_;  // with the catalog of the first source
};

}  // namespace colossim
