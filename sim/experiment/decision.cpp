// Statistics of outcomes, and the runs of a decision table.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/base/did_you_mean.hpp>
#include <colossim/base/math.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/world/simulate.hpp>

#include "paired_runs.hpp"

namespace colossim {

namespace {

/// P(|T| < t): the integral of cos^(degrees−1) by parts, down to cos or 1.
double within(double t, int degrees) {
  const double nu = degrees;
  const double cosine = 1 / std::sqrt(1 + t * t / nu);
  const double sine = t / std::sqrt(nu + t * t);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1;
  double sum = degrees > 1 ? term : 0;
  for (int k = odd ? 3 : 2; k + 1 < degrees; k += 2) {
    term *= cosine * cosine * (k - 1) / k;
    sum += term;
  }
  if (!odd) return sine * sum;
  return (math::atan(t / std::sqrt(nu)) + sine * sum) * 2 / std::numbers::pi;
}

double mean_of(std::span<const double> samples) {
  return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

/// The strategy's values less the first's, and its regret, path by path.
StrategyOutcome weigh(std::span<const std::vector<double>> values, std::span<const double> weights,
                      std::size_t strategy) {
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  StrategyOutcome outcome;
  std::vector<WeightedValue> gains;
  for (std::size_t path = 0; path < weights.size(); ++path) {
    const double share = weights[path] / all;
    const double gain = values[strategy][path] - values[0][path];
    double best = values[0][path];
    for (const std::vector<double>& each : values) best = std::max(best, each[path]);
    const double regret = best - values[strategy][path];
    outcome.mean += share * gain;
    outcome.loss_probability += gain < 0 ? share : 0;
    outcome.expected_regret += share * regret;
    outcome.greatest_regret = std::max(outcome.greatest_regret, regret);
    gains.push_back({gain, share});
  }
  outcome.low = lower_quantile(std::move(gains), 0.05);
  return outcome;
}

/// `contracts.lease` of `contracts.lease.price`; empty for settings of the whole scenario and for
/// new entries, which apply everywhere.
std::string entity_of(const std::string& path) {
  const std::size_t first = path.find('.');
  const std::size_t second = first == std::string::npos ? first : path.find('.', first + 1);
  return second == std::string::npos || path.starts_with("catalog.") ? "" : path.substr(0, second);
}

bool has(const Scenario& scenario, const std::string& entity) {
  return entity.empty() || scenario.marks.contains(entity);
}

/// Problems of a world's changes name the option they came from.
[[noreturn]] void throw_as_world(const ScenarioError& error, const WeightedWorld& world) {
  std::vector<Diagnostic> problems = error.diagnostics();
  for (Diagnostic& problem : problems) {
    for (const Override& change : world.changes) {
      if (problem.mark.file == "--set " + change.path)
        problem.mark.file = fmt::format("--world {}: {}", world.name, change.path);
    }
  }
  throw ScenarioError{std::move(problems)};
}

class Decider {
 public:
  Decider(std::vector<ScenarioSource> strategies, std::vector<WeightedWorld> worlds,
          const CompareOptions& options)
      : strategies_(std::move(strategies)), worlds_(std::move(worlds)), options_(options) {
    if (worlds_.empty()) worlds_.push_back({"as written", 1, {}});
    plain_ = load_paired(strategies_);
    require_parties(plain_, options_);
    check_changes();
    for (const WeightedWorld& world : worlds_) load_world(world);
    require_same_horizon(sources_, scenarios_);
  }

  DecisionTable table() {
    const auto replications = static_cast<std::size_t>(options_.replications);
    runs_.resize(scenarios_.size() * replications);
    run_parallel(runs_.size(), options_, [&](std::size_t i) {
      run(i % scenarios_.size(), static_cast<std::int64_t>(i / scenarios_.size()), runs_[i]);
    });
    std::vector<const PartyRuns*> all;
    for (const PartyRuns& each : runs_) all.push_back(&each);
    const Roles who = roles(plain_.front(), all, options_);
    table_.owner = who.owner;
    table_.tenant = who.tenant;
    table_.replications = options_.replications;
    weigh_all();
    return std::move(table_);
  }

 private:
  void check_changes() const {
    std::vector<Diagnostic> problems;
    std::vector<std::string> known;
    for (const Scenario& scenario : plain_) {
      for (const auto& [path, mark] : scenario.marks) {
        if (std::count(path.begin(), path.end(), '.') == 1) known.push_back(path);
      }
    }
    for (const WeightedWorld& world : worlds_) {
      for (const Override& change : world.changes) {
        if (change.path == "seed" || change.path == "replication") {
          problems.push_back({{"--world " + world.name},
                              change.path,
                              "expected one for all runs, which are paired",
                              "give --seed or --reps"});
          continue;
        }
        const std::string entity = entity_of(change.path);
        const auto in = [&](const Scenario& scenario) { return has(scenario, entity); };
        if (std::any_of(plain_.begin(), plain_.end(), in)) continue;
        problems.push_back({{"--world " + world.name},
                            change.path,
                            fmt::format("no strategy has {}", entity),
                            did_you_mean(entity, known)});
      }
    }
    if (!problems.empty()) throw ScenarioError{std::move(problems)};
  }

  void load_world(const WeightedWorld& world) {
    table_.worlds.push_back({world.name, world.weight, world.changes, {}});
    for (std::size_t s = 0; s < strategies_.size(); ++s) {
      ScenarioSource source = strategies_[s];
      for (const Override& change : world.changes) {
        if (has(plain_[s], entity_of(change.path))) {
          source.options.overrides.push_back(change);
        } else {
          table_.worlds.back().skipped.push_back(source.name + ": " + change.path);
        }
      }
      try {
        scenarios_.push_back(load(source.file, source.options));
      } catch (const ScenarioError& error) {
        throw_as_world(error, world);
      }
      sources_.push_back(std::move(source));
    }
  }

  void run(std::size_t i, std::int64_t replication, PartyRuns& out) {
    const auto keep = [&](const Scenario& scenario) {
      const Result result = simulate(scenario);
      out = party_runs(scenario, result, make_statements(scenario, result));
      for (auto& [party, run] : out) run.earned.clear();  // only worth and GPU-hours are asked for
    };
    if (replication == 0) return keep(scenarios_[i]);
    keep(load_(sources_[i], scenarios_[i].replication + replication));
  }

  /// NPVs of a party by strategy and path; paths run over worlds, then replications.
  [[nodiscard]] std::vector<std::vector<double>> values_of(const std::string& party) const {
    std::vector<std::vector<double>> values(strategies_.size());
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const auto found = runs_[i].find(party);
      values[i % strategies_.size()].push_back(found == runs_[i].end() ? 0 : found->second.npv());
    }
    return values;
  }

  void weigh_all() {
    double all = 0;
    for (const DecisionWorld& world : table_.worlds) all += world.weight;
    for (DecisionWorld& world : table_.worlds) world.weight /= all;
    std::vector<double> weights;
    for (std::int64_t r = 0; r < options_.replications; ++r) {
      for (const DecisionWorld& world : table_.worlds) weights.push_back(world.weight);
    }
    const auto owner = weigh_strategies(values_of(table_.owner), weights);
    const auto tenant = weigh_strategies(values_of(table_.tenant), weights);
    for (std::size_t s = 0; s < strategies_.size(); ++s)
      table_.rows.push_back({strategies_[s].name, owner[s], tenant[s]});
  }

  std::vector<ScenarioSource> strategies_;
  std::vector<WeightedWorld> worlds_;
  const CompareOptions& options_;
  std::vector<Scenario> plain_;          // by strategy, without any world
  std::vector<ScenarioSource> sources_;  // world by world, strategies within
  std::vector<Scenario> scenarios_;      // parallel
  std::vector<PartyRuns> runs_;          // replication by replication, scenarios within
  ReplicationLoader load_;
  DecisionTable table_;
};

}  // namespace

double student_t(int degrees, double confidence) {
  COLOSSIM_CHECK(degrees >= 1 && confidence > 0 && confidence < 1, "degrees={} confidence={}",
                 degrees, confidence);
  double low = 0;
  double high = 1;
  while (within(high, degrees) < confidence && high < 1e300) high *= 2;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle == low || middle == high) break;
    (within(middle, degrees) < confidence ? low : high) = middle;
  }
  return high;
}

Estimate estimate(std::span<const double> samples) {
  COLOSSIM_CHECK(!samples.empty(), "samples={}", samples.size());
  const double mean = mean_of(samples);
  if (samples.size() == 1) return {mean, 0};
  double squares = 0;
  for (const double sample : samples) squares += (sample - mean) * (sample - mean);
  const auto n = static_cast<double>(samples.size());
  const double half_width =
      student_t(static_cast<int>(samples.size()) - 1) * std::sqrt(squares / (n - 1) / n);
  // What rounding leaves of equal samples is no spread.
  return {mean, half_width > 1e-13 * std::abs(mean) ? half_width : 0};
}

double lower_quantile(std::vector<WeightedValue> values, double p) {
  constexpr double tolerance = 1e-12;
  std::sort(values.begin(), values.end(),
            [](const WeightedValue& a, const WeightedValue& b) { return a.value < b.value; });
  double all = 0;
  for (const WeightedValue& each : values) all += each.weight;
  COLOSSIM_CHECK(all > 0, "values={} weight={}", values.size(), all);
  double below = 0;
  double quantile = 0;
  for (const WeightedValue& each : values) {
    if (each.weight <= 0) continue;
    below += each.weight;
    quantile = each.value;
    if (below >= (p - tolerance) * all) break;
  }
  return quantile;
}

std::vector<StrategyOutcome> weigh_strategies(std::span<const std::vector<double>> values,
                                              std::span<const double> weights) {
  for (const std::vector<double>& each : values)
    COLOSSIM_CHECK(each.size() == weights.size(), "paths={} {}", each.size(), weights.size());
  std::vector<StrategyOutcome> outcomes;
  for (std::size_t s = 0; s < values.size(); ++s) outcomes.push_back(weigh(values, weights, s));
  return outcomes;
}

DecisionTable decision_table(std::vector<ScenarioSource> strategies,
                             std::vector<WeightedWorld> worlds, const CompareOptions& options) {
  return Decider{std::move(strategies), std::move(worlds), options}.table();
}

}  // namespace colossim
