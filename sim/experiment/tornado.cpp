// Runs at the ends of every assumption.
#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/experiment/tornado.hpp>
#include <colossim/world/simulate.hpp>

#include "paired_runs.hpp"

namespace colossim {

namespace {

[[noreturn]] void refuse(const ScenarioSource& source, std::string problem, std::string hint) {
  throw ScenarioError{{{{source.file.string()}, "", std::move(problem), std::move(hint)}}};
}

/// A run's scenario: as written (no change) or with one assumption moved.
struct Case {
  ScenarioSource source;
  std::vector<std::vector<double>> metrics;  // by replication
};

class Runner {
 public:
  Runner(const ScenarioSource& source, const std::string& pattern, const CompareOptions& options)
      : options_(options) {
    const Scenario scenario = load(source.file, source.options);
    out_ = {.file = source.file.string(),
            .title = scenario.name,
            .seed = scenario.seed,
            .first_replication = scenario.replication,
            .replications = options.replications,
            .metrics = {},
            .base = {},
            .bars = {}};
    choose_metrics(source, scenario, pattern);
    add_case(source);
    for (const auto& [path, leaf] : scenario.leaves) {
      const Provenance& range = leaf.provenance;
      // The range of an arithmetic is no assumption.
      if (path.starts_with("claims[") || (range.low.empty() && range.high.empty())) continue;
      out_.bars.push_back({path, leaf.text, range.low, range.high, {}, {}});
      for (const std::string* end : {&range.low, &range.high}) {
        if (end->empty()) continue;
        ScenarioSource moved = source;
        moved.options.overrides.push_back({path, *end});
        // Faults of an end are told before anything runs.
        static_cast<void>(load_(moved, scenario.replication));
        add_case(moved);
      }
    }
    if (out_.bars.empty())
      refuse(source, "expected an assumption with `low` and `high`, found none",
             "write a number as {value, source, low, high}");
  }

  Tornado run() {
    const auto count = static_cast<std::size_t>(options_.replications);
    run_parallel(cases_.size() * count, options_,
                 [&](std::size_t i) { run(cases_[i / count], i % count); });
    for (std::size_t m = 0; m < out_.metrics.size(); ++m)
      out_.base.push_back(estimate(column(cases_.front(), m)).value);
    std::size_t next = 1;
    for (TornadoBar& bar : out_.bars) {
      if (!bar.low.empty()) bar.at_low = gains(cases_[next++]);
      if (!bar.high.empty()) bar.at_high = gains(cases_[next++]);
    }
    return std::move(out_);
  }

 private:
  void choose_metrics(const ScenarioSource& source, const Scenario& scenario,
                      const std::string& pattern) {
    const std::vector<MetricDefinition> known = metric_definitions(scenario);
    for (std::size_t m = 0; m < known.size(); ++m) {
      if (!matches_metric(pattern, known[m].name)) continue;
      chosen_.push_back(m);
      out_.metrics.push_back(known[m]);
    }
    if (chosen_.empty())
      refuse(source, fmt::format("no metric matches \"{}\"", pattern),
             "see `colossim list metrics`");
  }

  void add_case(ScenarioSource source) {
    cases_.push_back({std::move(source), {}});
    cases_.back().metrics.resize(static_cast<std::size_t>(options_.replications));
  }

  void run(Case& each, std::size_t replication) {
    const Result result = simulate(
        load_(each.source, out_.first_replication + static_cast<std::int64_t>(replication)));
    for (const std::size_t m : chosen_)
      each.metrics[replication].push_back(result.metrics[m].value);
  }

  static std::vector<double> column(const Case& each, std::size_t metric) {
    std::vector<double> values;
    for (const std::vector<double>& run : each.metrics) values.push_back(run[metric]);
    return values;
  }

  /// Against the first case, paired by replication.
  [[nodiscard]] std::vector<Estimate> gains(const Case& moved) const {
    std::vector<Estimate> gains;
    for (std::size_t m = 0; m < out_.metrics.size(); ++m) {
      std::vector<double> differences = column(moved, m);
      const std::vector<double> base = column(cases_.front(), m);
      for (std::size_t r = 0; r < base.size(); ++r) differences[r] -= base[r];
      gains.push_back(estimate(differences));
    }
    return gains;
  }

  const CompareOptions& options_;
  ReplicationLoader load_;
  Tornado out_;
  std::vector<std::size_t> chosen_;  // rows of metrics
  std::vector<Case> cases_;          // the base first, then the ends in the order of the bars
};

}  // namespace

Tornado tornado(const ScenarioSource& source, const std::string& metrics,
                const CompareOptions& options) {
  COLOSSIM_CHECK(options.replications >= 1, "replications={}", options.replications);
  return Runner{source, metrics, options}.run();
}

}  // namespace colossim
