// Scenarios side by side on one screen: who earns what, who gains against the first, and why.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/model/waterfall.hpp>
#include <colossim/record/result.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/report/statements.hpp>
#include <colossim/scenario/metric_condition.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// Causes a difference in profit is sorted into.
enum class WaterfallGroup : std::uint8_t {
  price,   // of leases, licences and revenue shares: another price
  volume,  // of the same: another quantity
  trade,   // of the same: what is no price times a quantity
  work,    // what customers pay for tokens and subscriptions
  sale,    // gains on equipment and units
  energy,  // energy and demand charges
  water,
  operating,  // staff, maintenance, supplies
  sla,        // service credits
  transfer,   // moving nodes between tenants
  fees,       // option fees and penalties
  financing,  // interest
  tax,
  depreciation,
  default_loss,  // earned and never paid
  other,
  count
};

/// The word for a group in reports.
std::string_view name(WaterfallGroup group);

/// The word for a part of a volume: a loss of the ladder, or `yield`, what a GPU-hour brings.
std::string_view volume_part_name(std::size_t part);

/// What one account under one cause adds to a difference in profit.
struct WaterfallRow {
  WaterfallGroup group = WaterfallGroup::other;  // `trade` for all that price and volume come from
  Account account = Account::cash;
  std::string cause;  // `old -> new` where contracts took each other's place
  std::string unit;   // of the quantity; empty: none is known
  DifferenceParts parts;
};

/// One step of a waterfall. What moved energy, water and the other groups that are not `price` or
/// `volume` themselves is told beside the amount, where quantities are known.
struct WaterfallStep {
  Money amount;
  Money by_price;   // part of the amount
  Money by_volume;  // part of the amount
};

/// Why a party's profit differs from that in the base. The rows add up to the difference exactly,
/// and so do the steps.
struct Waterfall {
  std::string party;
  Money difference;
  std::vector<WaterfallRow> rows;  // by account, then cause
  [[nodiscard]] WaterfallStep step(WaterfallGroup group) const;
  /// What moved the volume of a group's rows, where the GPU-hours behind it are known.
  [[nodiscard]] VolumeParts volume_by(WaterfallGroup group) const;
};

/// A mean over replications and the half-width of its 95 % interval; 0 for a single run.
struct Estimate {
  double value = 0;
  double half_width = 0;
};

/// What a party got out of a scenario: means over replications, USD and GPU-hours.
struct PartyOutcome {
  double revenue = 0;
  double cost = 0;
  double profit = 0;
  double cash = 0;          // change over the run, without what it began with
  double npv = 0;           // of the run's cash flow, own work and what is left at the end
  double own_work = 0;      // useful own work at the party's internal value, not discounted
  double residual = 0;      // part of `npv`: what its nodes earn after the run
  double work_income = 0;   // what customers paid for its work
  double useful = 0;        // GPU-hours
  double running_cost = 0;  // fees, less credits, and own running costs: of a useful GPU-hour
  std::optional<double> elsewhere;  // what a GPU-hour costs the party elsewhere, USD
  double rate = 0;                  // at which `npv` discounts
  Estimate profit_gain;             // against the base, paired by replication
  Estimate npv_gain;
  std::optional<double> irr;         // of the difference to the base, first replication
  std::optional<int> payback;        // month, of the same
  std::optional<double> break_even;  // USD per useful GPU-hour at which it is even with the base

  /// Cash cost of a useful GPU-hour [USD]; none without useful work. [models_8_4]
  [[nodiscard]] std::optional<double> cost_per_useful() const;
};

/// One scenario of a comparison.
struct ComparedScenario {
  std::string name;
  std::string file;
  Scenario scenario;
  Result result;                // of the first replication
  Statements statements;        // of the same
  std::vector<double> metrics;  // means, parallel to `metric_definitions`
  // Against the base, paired by replication, parallel to them; nothing where the base has no such.
  std::vector<std::optional<Estimate>> metric_gains;
  std::map<std::string, PartyOutcome> parties;
  std::vector<Waterfall> waterfalls;  // against the base, sums over replications; empty for it
};

/// A reading of the sources, as it is told beside the results.
struct ReadingNote {
  std::string name;
  std::string title;
  std::string source;
  std::string confidence;
  std::vector<Override> changes;
};

/// Scenarios over the same time on the same random numbers; the first is the base.
/// A second future: what is changed, and from when on.
struct Fork {
  SimTime at;
  std::vector<Override> changes;
};

struct Comparison {
  std::string owner;
  std::string tenant;  // empty: nobody besides the owner uses GPUs
  std::int64_t replications = 1;
  std::vector<ComparedScenario> scenarios;
  std::optional<Fork> fork;  // the second scenario is the first until then
  // Of one scenario and its readings, which are all but the first of `scenarios`:
  std::vector<ReadingNote> readings;
  std::vector<std::vector<ClaimResult>> conclusions;  // by scenario
};

struct CompareText {
  // Pattern of the metrics that are shown where they differ, `*` stands for anything; empty: the
  // ten that differ most.
  std::string metrics;
  std::string party;    // whose waterfall is shown; empty: all, as far as the screen goes
  bool colour = false;  // gains green, losses red
};

/// Whether `text` matches `pattern`, in which `*` stands for any text.
bool matches(std::string_view pattern, std::string_view text);
/// Whether it matches the name of a metric; a party's may be written without `party.`.
bool matches_metric(std::string_view pattern, std::string_view name);

/// At most 100 columns, more where the names of metrics need them; up to ten scenarios need 50
/// lines, metrics that are asked for come on top.
std::string compare_text(const Comparison& comparison, const CompareText& options = {});

/// Everything a comparison knows, for machines; with conditions also which of them are met.
std::string compare_json(const Comparison& comparison, std::string_view version,
                         std::string_view metrics = "",
                         std::span<const MetricCondition> conditions = {});

/// The metrics that match, of every scenario against the base: a line each, `,` between columns.
std::string compare_csv(const Comparison& comparison, std::string_view metrics = "");

/// What a strategy is worth to one party against the first strategy, over all worlds and
/// replications. [models_8_4]
struct StrategyOutcome {
  double mean = 0;  // E[NPV − NPV of the first]
  double low = 0;   // its 5 % quantile: least value at or below which 5 % of the weight lies
  double loss_probability = 0;  // weight of paths on which it is negative
  double expected_regret = 0;   // E[best strategy's NPV on the path − its own]
  double greatest_regret = 0;   // on any path
};

struct DecisionWorld {
  std::string name;
  double weight = 0;  // share of all
  std::vector<Override> changes;
  std::vector<std::string> skipped;  // `strategy: path`, what a strategy does not have
};

struct DecisionRow {
  std::string strategy;
  StrategyOutcome owner;
  StrategyOutcome tenant;
};

/// Strategies under weighted worlds, from both sides.
struct DecisionTable {
  std::string owner;
  std::string tenant;
  std::int64_t replications = 1;
  std::vector<DecisionWorld> worlds;
  std::vector<DecisionRow> rows;  // the first is what the others are held against
};

std::string decision_text(const DecisionTable& table, bool colour = false);
std::string decision_json(const DecisionTable& table, std::string_view version);

}  // namespace colossim
