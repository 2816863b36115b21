// What a run leaves behind: metrics, books, series and the proof that they balance.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <colossim/base/ladder.hpp>
#include <colossim/record/job_statistics.hpp>
#include <colossim/record/ledger.hpp>
#include <colossim/record/series.hpp>

namespace colossim {

/// One reported number, in base units.
struct MetricValue {
  std::string name;
  double value = 0;
};

/// One balance: the same quantity from two independently computed paths.
struct BalanceRow {
  std::string what;
  std::string one;  // the first path's value, exactly
  std::string other;
  std::string residual;  // with unit
  bool closes = false;
};

/// The range of a metric over the scenario's low, base and high assumptions, one moved at a time.
struct MetricHull {
  double low = 0;
  double high = 0;
  std::string low_by;  // the assumption that reaches the low end; empty: the base run
  std::string high_by;
};

/// How much of something an account of a party was paid for under one cause: the amount over it is
/// the price, and a difference between two runs splits into price and volume. [models_8_4]
struct PricedQuantity {
  PartyId party;
  std::uint16_t cause = 0;
  Account account = Account::cash;
  double quantity = 0;               // in `unit`
  std::string unit;                  // `gpu-h`, `MWh`, `token`, `user-month`
  std::optional<LadderHours> hours;  // of GPUs, where the quantity comes from them
};

/// What the work of a party lost in a span of time.
struct WorkLossRecord {
  double tokens = 0;     // asked for and not served
  double usd = 0;        // of them; services without a price per token have none
  double gpu_hours = 0;  // at full speed, that jobs have to do again
};

/// One use of a reclaim option, from the owner's notice to its first useful step.
struct DrillRecord {
  std::string contract;
  std::string option;
  std::int64_t gpus = 0;  // asked back
  std::int64_t back = 0;  // that arrived
  SimTime noticed;
  SimTime effective;
  std::optional<SimTime> first_back;
  std::optional<SimTime> all_back;
  std::optional<SimTime> first_use;  // by a job or replica of the owner
  // What it cost the tenant. From effect on its work lost something, whatever the cause: until
  // everything was back, and until the end of its term or of the run. For as long it is short of
  // GPU-hours, which cost more (or less) elsewhere than here.
  WorkLossRecord until_back;
  WorkLossRecord until_end;
  double missing_gpu_hours = 0;
  double fee_saved = 0;             // of them, USD
  std::optional<double> elsewhere;  // what they cost there, USD; none without an `alternative`
};

/// An option that took effect.
struct OptionUseRecord {
  std::string option;
  std::string kind;  // exit, reclaim, renewal, step_down
  std::string by;
  SimTime noticed;
  SimTime effective;
  std::int64_t gpus = 0;  // that go back
  Money fee;
};

/// What became of a contract that did not simply run, and the options used on the way.
struct ContractRecord {
  std::string contract;
  std::string outcome;  // empty: it runs
  SimTime at;           // of the outcome
  std::vector<OptionUseRecord> uses;
};

/// The finished jobs of a stream, and who their accounts are.
struct FinishedJobs {
  std::string stream;
  std::vector<std::string> accounts;
  JobStatistics jobs;
};

struct Result {
  std::vector<MetricValue> metrics;
  std::vector<BalanceRow> certificate;
  Ledger ledger;
  std::vector<PricedQuantity>
      volumes;  // where an account is a price times a volume; others have no row
  std::vector<DrillRecord> drills;
  std::vector<ContractRecord> contracts;  // in the order of their names
  std::vector<std::string> parties;       // by PartyId
  std::vector<std::string> causes;        // by Posting::cause
  std::vector<FinishedJobs> finished;     // by stream
  Series series;
  std::uint64_t events = 0;
  std::vector<MetricHull> hulls;  // parallel to `metrics`; empty unless asked for

  /// The value of a metric the run reports. REQUIRES: it does.
  [[nodiscard]] double metric(const std::string& name) const;
  [[nodiscard]] bool balances() const;
};

}  // namespace colossim
