// The verdict rule applied to a run.
#include <algorithm>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/report/text.hpp>
#include <colossim/scenario/fleet.hpp>
#include <colossim/scenario/metrics.hpp>

namespace colossim {

namespace {

/// A metric with its place in the result.
struct Found {
  const MetricDefinition& definition;
  std::size_t row;
};

Found find(const std::vector<MetricDefinition>& definitions, const std::string& name) {
  const auto it = std::find_if(definitions.begin(), definitions.end(),
                               [&](const MetricDefinition& d) { return d.name == name; });
  COLOSSIM_CHECK(it != definitions.end(), "metric={}", name);
  return {*it, static_cast<std::size_t>(it - definitions.begin())};
}

/// What the site's value is multiplied by to speak of `claim.scale` GPUs.
double scale_of(const Scenario& scenario, const ClaimSpec& claim) {
  if (!claim.scale) return 1;
  const std::string rest = claim.metric.substr(std::string_view{"site."}.size());
  const SiteSpec& site = scenario.sites.at(rest.substr(0, rest.find('.')));
  return claim.scale->base() / static_cast<double>(gpu_count(scenario, site));
}

/// Prices that the scenario itself sets cannot be tested by it.
bool is_input(const std::string& metric) {
  return metric.ends_with(".fee_per_gpu_hour");
}

std::string range_text(ClaimBounds range, const MetricDefinition& metric) {
  const auto text = [&](double value) { return human(value / metric.factor, metric.unit); };
  return range.low == range.high ? text(range.low)
                                 : fmt::format("{} to {}", text(range.low), text(range.high));
}

ClaimResult judge_one(const Scenario& scenario, const Result& result, const ClaimSpec& claim,
                      const Found& metric) {
  const double scale = scale_of(scenario, claim);
  const double value = result.metrics[metric.row].value * scale;
  ClaimBounds simulated{value, value};
  ClaimResult judged;
  const ClaimBounds says{claim.says[0].base, claim.says[1].base};
  if (!result.hulls.empty()) {
    const MetricHull& hull = result.hulls[metric.row];
    simulated = {hull.low * scale, hull.high * scale};
    judged.flips = says.low > simulated.high   ? hull.high_by
                   : says.high < simulated.low ? hull.low_by
                                               : "";
  }
  judged.claim = claim.claim;
  judged.says = range_text(says, metric.definition);
  judged.simulated = range_text(simulated, metric.definition);
  judged.factor = misfit_factor(says, simulated);
  judged.verdict = judge(says, {.simulated = simulated, .is_input = is_input(claim.metric)});
  return judged;
}

}  // namespace

std::vector<ClaimResult> judge_claims(const Scenario& scenario, const Result& result) {
  const std::vector<MetricDefinition> definitions = metric_definitions(scenario);
  std::vector<ClaimResult> judged;
  for (std::size_t i = 0; i < scenario.claims.size(); ++i) {
    const ClaimSpec& claim = scenario.claims[i];
    judged.push_back(judge_one(scenario, result, claim, find(definitions, claim.metric)));
    const auto source = scenario.sources.find(fmt::format("claims[{}]", i));
    if (source != scenario.sources.end()) judged.back().source = source->second.source;
  }
  return judged;
}

std::vector<std::string> violated_expectations(const Scenario& scenario, const Result& result) {
  const std::vector<MetricDefinition> definitions = metric_definitions(scenario);
  std::vector<std::string> violations;
  for (const ExpectSpec& expect : scenario.expect) {
    const Found metric = find(definitions, expect.metric);
    const double value = result.metrics[metric.row].value;
    const auto text = [&](double base) {
      return human(base / metric.definition.factor, metric.definition.unit);
    };
    if (expect.at_least && value < expect.at_least->base) {
      violations.push_back(fmt::format("{}: expected at least {}, found {}", expect.metric,
                                       text(expect.at_least->base), text(value)));
    }
    if (expect.at_most && value > expect.at_most->base) {
      violations.push_back(fmt::format("{}: expected at most {}, found {}", expect.metric,
                                       text(expect.at_most->base), text(value)));
    }
  }
  return violations;
}

}  // namespace colossim
