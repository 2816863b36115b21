// Building a world from a scenario, advancing it, and reading the result.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <colossim/record/result.hpp>
#include <colossim/scenario/scenario.hpp>
#include <colossim/world/world.hpp>

namespace colossim {

/// Watches a run from outside: job rows, progress, traces. It cannot change anything.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  virtual void job_ended(const JobRecord& /*job*/, const JobTables& /*jobs*/,
                         const Fleet& /*fleet*/) {}
  /// An event is about to be handled.
  virtual void dispatching(SimTime /*now*/, const Event& /*event*/) {}
};

/// What the certificate's own test breaks on purpose.
enum class Fault : std::uint8_t { none, lost_posting, lost_delta, lost_state_change };

struct SimulateOptions {
  bool paranoid = false;  // recompute every aggregate after every settle
  Fault fault = Fault::none;
  Observer* observer = nullptr;  // not owned
};

/// The world at the scenario's start. REQUIRES: the scenario passed `load` with `check_topology`.
World build(const Scenario& scenario);

/// Handles all events up to and including `until`.
void advance(World& world, SimTime until, const SimulateOptions& options);

/// Closes meters, bills and books at the world's end and reads the result. The world must stand
/// there.
Result finish(World& world, const Scenario& scenario);

/// build, advance to the end, finish. Throws InvariantBroken when an invariant fails or a balance
/// does not close: there is no result then.
Result simulate(const Scenario& scenario, const SimulateOptions& options = {});

/// Recomputes every aggregate from scratch and throws InvariantBroken on the first difference.
void check_invariants(const World& world);

/// Brings services, queues, power, cooling and caps up to date, in this order.
void settle(World& world);

/// Calls the handler of one event.
void dispatch(World& world, const Event& event);

/// The metrics of a finished run, in the order of `metric_definitions`.
std::vector<MetricValue> collect_metrics(const World& world, const Scenario& scenario);

/// Adds the metrics of the parties to those of the ladder.
void collect_parties(const World& world, const Scenario& scenario,
                     std::map<std::string, double>& values);

/// Progress of jobs that still run, at full speed [GPU·ns].
Int128 unfinished_progress(const World& world, JobStreamId stream, SimTime at);

/// Useful GPU-time of each party's own jobs up to `at`, which is now or the end [GPU·s].
std::vector<double> own_work(const World& world, std::size_t parties, SimTime at);

/// Takes the finished jobs out of a world whose metrics are collected.
std::vector<FinishedJobs> take_finished(JobTables& jobs);

/// What accounts of a finished run are a price times a volume of.
std::vector<PricedQuantity> priced_quantities(const World& world);

/// The reclaims of a finished run.
std::vector<DrillRecord> reclaim_drills(const World& world, const Scenario& scenario);

/// The balances of a finished run.
std::vector<BalanceRow> certify(const World& world);

}  // namespace colossim
