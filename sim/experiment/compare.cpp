// Paired runs and the figures of their table.
#include <algorithm>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/base/did_you_mean.hpp>
#include <colossim/experiment/compare.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/scenario/metrics.hpp>
#include <colossim/world/fork.hpp>
#include <colossim/world/simulate.hpp>

#include "paired_runs.hpp"

namespace colossim {

namespace {

/// All replications of one scenario.
struct Replications {
  std::vector<PartyRuns> runs;
  std::vector<std::vector<double>> metrics;
};

class Comparer {
 public:
  Comparer(std::span<const ScenarioSource> sources, std::vector<Scenario> scenarios,
           const CompareOptions& options)
      : sources_(sources), options_(options), replications_(scenarios.size()) {
    const auto count = static_cast<std::size_t>(options.replications);
    for (std::size_t s = 0; s < scenarios.size(); ++s) {
      replications_[s].runs.resize(count);
      replications_[s].metrics.resize(count);
      out_.scenarios.push_back(
          {sources[s].name, sources[s].file.string(), std::move(scenarios[s])});
    }
    out_.replications = options.replications;
    out_.fork = options.fork;
  }

  Comparison compare() {
    const std::size_t scenarios = out_.scenarios.size();
    if (options_.fork) {
      run_parallel(replications_.front().runs.size(), options_,
                   [&](std::size_t r) { run_fork(r); });
    } else {
      run_parallel(scenarios * replications_.front().runs.size(), options_,
                   [&](std::size_t i) { run(i % scenarios, i / scenarios); });
    }
    std::vector<const PartyRuns*> all;
    for (const Replications& each : replications_) {
      for (const PartyRuns& run : each.runs) all.push_back(&run);
    }
    const Roles who = roles(out_.scenarios.front().scenario, all, options_);
    out_.owner = who.owner;
    out_.tenant = who.tenant;
    for (std::size_t s = 0; s < scenarios; ++s) summarise(s);
    return std::move(out_);
  }

 private:
  void run(std::size_t s, std::size_t r) {
    ComparedScenario& compared = out_.scenarios[s];
    if (r == 0) {
      compared.result = simulate(compared.scenario);
      compared.statements = make_statements(compared.scenario, compared.result);
      keep(s, r, compared.scenario, compared.result, compared.statements);
      return;
    }
    const Scenario scenario =
        load_(sources_[s], compared.scenario.replication + static_cast<std::int64_t>(r));
    const Result result = simulate(scenario);
    keep(s, r, scenario, result, make_statements(scenario, result));
  }

  /// One past, copied, and two futures on the same random numbers.
  void run_fork(std::size_t r) {
    std::vector<Scenario> scenarios;
    for (std::size_t s = 0; s < 2; ++s) {
      const Scenario& first = out_.scenarios[s].scenario;
      scenarios.push_back(
          r == 0 ? first : load_(sources_[s], first.replication + static_cast<std::int64_t>(r)));
    }
    std::vector<ForkPath> paths;
    for (const Override& change : options_.fork->changes)
      paths.push_back(ForkPath::parse(change.path).value());
    World world = build(scenarios[0]);
    advance(world, options_.fork->at, {});
    World other = world;
    const World changed = build(scenarios[1]);
    adopt(other.contracts, changed.contracts, paths);
    for (const ForkPath& path : paths) {
      if (!path.pool.empty())
        adopt_policies(path.pool, other.jobs, changed.jobs,
                       {other.fleet, other.power, options_.fork->at}, other.agenda);
    }
    for (std::size_t s = 0; s < 2; ++s) {
      World& future = s == 0 ? world : other;
      advance(future, future.end, {});
      Result result = finish(future, scenarios[s]);
      Statements statements = make_statements(scenarios[s], result);
      keep(s, r, scenarios[s], result, statements);
      if (r > 0) continue;
      out_.scenarios[s].result = std::move(result);
      out_.scenarios[s].statements = std::move(statements);
    }
  }

  void keep(std::size_t s, std::size_t r, const Scenario& scenario, const Result& result,
            const Statements& statements) {
    for (const MetricValue& metric : result.metrics)
      replications_[s].metrics[r].push_back(metric.value);
    replications_[s].runs[r] = party_runs(scenario, result, statements);
  }

  void summarise(std::size_t s) {
    ComparedScenario& compared = out_.scenarios[s];
    const Replications& own = replications_[s];
    compared.metrics = own.metrics.front();
    for (std::size_t m = 0; m < compared.metrics.size(); ++m)
      compared.metrics[m] = mean(own, [&](std::size_t r) { return own.metrics[r][m]; });
    metric_gains(s);
    for (const auto& [party, first] : own.runs.front()) compared.parties[party] = outcome(s, party);
    if (s > 0) waterfalls(s);
  }

  /// Differences to the same metrics of the base.
  void metric_gains(std::size_t s) {
    std::map<std::string, std::size_t> in_base;
    for (const MetricDefinition& d : metric_definitions(out_.scenarios.front().scenario))
      in_base.emplace(d.name, in_base.size());
    for (const MetricDefinition& d : metric_definitions(out_.scenarios[s].scenario)) {
      std::optional<Estimate>& gain = out_.scenarios[s].metric_gains.emplace_back();
      const std::size_t m = out_.scenarios[s].metric_gains.size() - 1;
      const auto base = in_base.find(d.name);
      if (base == in_base.end()) continue;
      std::vector<double> gains;
      for (std::size_t r = 0; r < replications_[s].metrics.size(); ++r)
        gains.push_back(replications_[s].metrics[r][m] - replications_[0].metrics[r][base->second]);
      gain = estimate(gains);
    }
  }

  template <class Value>
  static double mean(const Replications& own, Value value) {
    double sum = 0;
    for (std::size_t r = 0; r < own.runs.size(); ++r) sum += value(r);
    return sum / static_cast<double>(own.runs.size());
  }

  /// A party that the scenario does not know has earned nothing in it.
  static PartyRun of(const PartyRuns& runs, const std::string& party) {
    const auto found = runs.find(party);
    return found == runs.end() ? PartyRun{} : found->second;
  }

  [[nodiscard]] PartyOutcome outcome(std::size_t s, const std::string& party) const {
    const Replications& own = replications_[s];
    const auto average = [&](auto value) {
      return mean(own, [&](std::size_t r) { return value(own.runs[r].at(party)); });
    };
    const auto usd = [&](Money PartyRun::*amount) {
      return average([&](const PartyRun& run) { return (run.*amount).quantity().base(); });
    };
    PartyOutcome outcome;
    outcome.revenue = usd(&PartyRun::revenue);
    outcome.cost = usd(&PartyRun::cost);
    outcome.profit = outcome.revenue - outcome.cost;
    outcome.cash = usd(&PartyRun::cash);
    outcome.work_income = usd(&PartyRun::work_income);
    outcome.running_cost = usd(&PartyRun::running_cost);
    outcome.npv = average([](const PartyRun& run) { return run.npv(); });
    outcome.own_work = average([](const PartyRun& run) { return run.own_work; });
    outcome.residual = average([](const PartyRun& run) { return run.residual; });
    outcome.useful = average([](const PartyRun& run) { return run.useful; });
    outcome.rate = own.runs.front().at(party).rate;
    outcome.elsewhere = own.runs.front().at(party).elsewhere;
    if (s > 0) against_base(outcome, s, party);
    return outcome;
  }

  void against_base(PartyOutcome& outcome, std::size_t s, const std::string& party) const {
    std::vector<double> profit_gains;
    std::vector<double> npv_gains;
    ValueLine base_line;
    ValueLine line;
    for (std::size_t r = 0; r < replications_[s].runs.size(); ++r) {
      const PartyRun base = of(replications_[0].runs[r], party);
      const PartyRun& run = replications_[s].runs[r].at(party);
      profit_gains.push_back((run.profit() - base.profit()).quantity().base());
      npv_gains.push_back(run.npv() - base.npv());
      base_line.at_zero += base.value_line().at_zero;
      base_line.useful += base.value_line().useful;
      line.at_zero += run.value_line().at_zero;
      line.useful += run.value_line().useful;
    }
    outcome.profit_gain = estimate(profit_gains);
    outcome.npv_gain = estimate(npv_gains);
    if (const auto value = break_even_value(line, base_line))
      outcome.break_even = value->base() * gpu_hour;
    const CashFlow difference = incremental(of(replications_[0].runs.front(), party).flow,
                                            replications_[s].runs.front().at(party).flow);
    const Valuation worth = valuation(difference, outcome.rate);
    outcome.irr = worth.irr;
    outcome.payback = worth.payback;
  }

  static CashFlow incremental(const CashFlow& base, CashFlow flow) {
    flow.at_start -= base.at_start;
    COLOSSIM_CHECK(base.month.size() <= flow.month.size(), "months={} {}", base.month.size(),
                   flow.month.size());
    for (std::size_t k = 0; k < base.month.size(); ++k) flow.month[k] -= base.month[k];
    return flow;
  }

  /// Every party of both scenarios with a difference, largest first.
  void waterfalls(std::size_t s) {
    std::vector<Waterfall>& out = out_.scenarios[s].waterfalls;
    PartyRuns parties = replications_[s].runs.front();
    parties.insert(replications_[0].runs.front().begin(), replications_[0].runs.front().end());
    for (const auto& [party, first] : parties) {
      Waterfall sum{party, {}, {}};
      for (std::size_t r = 0; r < replications_[s].runs.size(); ++r)
        add(sum, explained(s, r, party));
      if (!sum.rows.empty()) out.push_back(std::move(sum));
    }
    const auto size = [](const Waterfall& w) {
      return w.difference < Money{} ? -w.difference : w.difference;
    };
    std::stable_sort(out.begin(), out.end(),
                     [&](const Waterfall& a, const Waterfall& b) { return size(a) > size(b); });
  }

  [[nodiscard]] Waterfall explained(std::size_t s, std::size_t r, const std::string& party) const {
    const PartyRun base = of(replications_[0].runs[r], party);
    const PartyRun run = of(replications_[s].runs[r], party);
    Waterfall waterfall = explain_earnings(base.earned, run.earned, party);
    COLOSSIM_CHECK(waterfall.difference == run.profit() - base.profit(),
                   "party={} journal={} balances={}", party, waterfall.difference.micro(),
                   (run.profit() - base.profit()).micro());
    return waterfall;
  }

  std::span<const ScenarioSource> sources_;
  const CompareOptions& options_;
  std::vector<Replications> replications_;  // by scenario
  ReplicationLoader load_;
  Comparison out_;
};

/// What may stand where `path` does not: a place like it, or what there is to change at all.
std::string what_a_fork_changes(const Scenario& scenario, const std::string& path) {
  std::vector<std::string> places;
  for (const auto& [place, mark] : scenario.marks) {
    if (ForkPath::parse(place)) places.push_back(place);
  }
  const std::string alike = did_you_mean(path, places);
  if (alike.starts_with("did you") && !path.ends_with(".then")) return alike;
  return fmt::format(
      "a fork changes contracts.C.options.O.FIELD (not `then`), reallocation.R.FIELD, "
      "pools.P.queue and pools.P.placement{}{}",
      places.empty() ? "" : "; here: ", fmt::join(places, ", "));
}

/// Why a world that runs cannot adopt a change; empty when it can.
std::string why_no_fork(const Scenario& scenario, const std::string& changed) {
  const std::optional<ForkPath> path = ForkPath::parse(changed);
  if (!path) return "a world that runs cannot adopt this";
  const auto contract = scenario.contracts.find(path->contract);
  const bool is_there = (contract != scenario.contracts.end() &&
                         terms_of(contract->second).options.count(path->option) > 0) ||
                        scenario.reallocation.count(path->reallocation) > 0 ||
                        scenario.pools.count(path->pool) > 0;
  return is_there ? "" : "the scenario has none of this name, and a fork changes what is there";
}

}  // namespace

std::vector<Scenario> load_paired(std::span<ScenarioSource> sources) {
  std::vector<Scenario> scenarios;
  for (ScenarioSource& source : sources) {
    if (!scenarios.empty()) {
      const Scenario& first = scenarios.front();
      source.options.seed = first.seed;
      source.options.overrides.push_back({"replication", std::to_string(first.replication)});
    }
    scenarios.push_back(load(source.file, source.options));
  }
  require_same_horizon(sources, scenarios);
  return scenarios;
}

std::vector<Scenario> load_fork(std::vector<ScenarioSource>& sources, const Fork& fork) {
  COLOSSIM_CHECK(sources.size() == 2, "sources={}", sources.size());
  const Scenario base = load(sources.front().file, sources.front().options);
  std::vector<Diagnostic> problems;
  if (fork.changes.empty())
    problems.push_back(
        {{"--fork"}, "", "expected --set PATH=VALUE, what is changed from then on", {}});
  for (const Override& change : fork.changes) {
    const std::string why = why_no_fork(base, change.path);
    if (!why.empty())
      problems.push_back(
          {{"--set " + change.path}, "", why, what_a_fork_changes(base, change.path)});
  }
  if (fork.at <= SimTime{} || fork.at >= base.end())
    problems.push_back(
        {{"--fork"}, "", "expected an instant after the run's start and before its end", {}});
  if (!problems.empty()) throw ScenarioError{std::move(problems)};
  for (const Override& change : fork.changes) sources[1].options.overrides.push_back(change);
  return load_paired(sources);
}

Comparison compare(std::span<const ScenarioSource> sources, std::vector<Scenario> scenarios,
                   const CompareOptions& options) {
  COLOSSIM_CHECK(!scenarios.empty() && scenarios.size() == sources.size(), "scenarios={}",
                 scenarios.size());
  require_parties(scenarios, options);
  COLOSSIM_CHECK(options.replications >= 1, "replications={}", options.replications);
  return Comparer{sources, std::move(scenarios), options}.compare();
}

}  // namespace colossim
