// The verdict rule applied to a run.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/report/text.hpp>
#include <colossim/scenario/fleet.hpp>
#include <colossim/scenario/metrics.hpp>
#include <colossim/scenario/unit.hpp>

#include "claim_numbers.hpp"

namespace colossim {

namespace {

using Definitions = std::vector<MetricDefinition>;

const MetricDefinition& find(const Definitions& definitions, const std::string& name) {
  const auto it = std::find_if(definitions.begin(), definitions.end(),
                               [&](const MetricDefinition& d) { return d.name == name; });
  COLOSSIM_CHECK(it != definitions.end(), "metric={}", name);
  return *it;
}

double find(const std::vector<MetricValue>& values, const std::string& name) {
  const auto it = std::find_if(values.begin(), values.end(),
                               [&](const MetricValue& value) { return value.name == name; });
  COLOSSIM_CHECK(it != values.end(), "metric={}", name);
  return it->value;
}

/// What the site's value is multiplied by to speak of `claim.scale` GPUs.
double scale_of(const Scenario& scenario, const ClaimSpec& claim) {
  if (!claim.scale) return 1;
  const std::string rest = claim.metric->substr(std::string_view{"site."}.size());
  const SiteSpec& site = scenario.sites.at(rest.substr(0, rest.find('.')));
  return claim.scale->base() / static_cast<double>(gpu_count(scenario, site));
}

std::optional<double> ratio(double value, double over) {
  if (over == 0) return std::nullopt;
  return value / over;
}

std::optional<double> value_in(const ClaimSpec& claim, const std::vector<MetricValue>& run) {
  const double value = find(run, *claim.metric);
  return claim.over ? ratio(value, find(run, *claim.over)) : value;
}

/// Whether the contract's price per GPU-hour is written in the scenario, so that no run tests it.
bool price_is_input(const ContractSpec& contract) {
  if (const auto* lease = std::get_if<LeaseSpec>(&contract)) return !lease->market;
  return !std::holds_alternative<RevenueShareSpec>(contract);
}

bool is_input(const Scenario& scenario, const ClaimSpec& claim) {
  if (claim.assumed.value_or(false)) return true;
  constexpr std::string_view prefix = "contract.";
  constexpr std::string_view suffix = ".fee_per_gpu_hour";
  if (!claim.metric || claim.over || claim.against || !claim.metric->ends_with(suffix))
    return false;
  const std::string name =
      claim.metric->substr(prefix.size(), claim.metric->size() - prefix.size() - suffix.size());
  return price_is_input(scenario.contracts.at(name));
}

/// A number of a leaf's annotation, or the value itself when there is none.
double end_of(const std::string& text, double value) {
  std::string problem;
  const auto parsed = parse_measured(text, problem);
  return parsed ? parsed->base : value;
}

ClaimBounds bounds(const std::vector<AnyQuantity>& says) {
  return {says[0].base, says[1].base};
}

/// What the claim's text begins with when that is short, as in `C6: ...`, else its first words.
std::string name_of(const std::string& claim) {
  constexpr std::size_t longest_label = 8;
  constexpr std::size_t most = 24;
  const std::size_t colon = claim.find(": ");
  if (colon != std::string::npos && colon <= longest_label) return claim.substr(0, colon);
  if (claim.size() <= most) return "\"" + claim + "\"";
  const std::size_t space = claim.rfind(' ', most);
  return "\"" + claim.substr(0, space == std::string::npos ? most : space) + " ...\"";
}

/// Judges one claim; `about:` is left to the caller.
class Judge {
 public:
  Judge(const Scenario& scenario, const Result& result, const ClaimRuns& runs)
      : scenario_(scenario),
        result_(result),
        runs_(runs),
        definitions_(metric_definitions(scenario)) {}

  ClaimResult judge(std::size_t index, const std::vector<std::string>& rivals) const {
    const ClaimSpec& claim = scenario_.claims[index];
    ClaimResult judged;
    judged.claim = claim.claim;
    judged.name = name_of(claim.claim);
    judged.rivals = rivals;
    const auto source = scenario_.sources.find(fmt::format("claims[{}]", index));
    if (source != scenario_.sources.end()) judged.source = source->second.source;
    const ClaimUnit unit = unit_of(claim);
    Evidence evidence{.simulated = evidence_for(index, judged),
                      .is_input = is_input(scenario_, claim),
                      .is_contradicted = !rivals.empty()};
    if (evidence.simulated) judged.found = range_text(*evidence.simulated, unit);
    if (!claim.says) return judged;
    const ClaimBounds says = bounds(*claim.says);
    judged.says = range_text(says, unit);
    judged.verdict = colossim::judge(says, evidence);
    if (evidence.simulated) judged.factor = misfit_factor(says, *evidence.simulated);
    if (!evidence.is_input) name_assumption(index, says, judged);
    return judged;
  }

 private:
  /// The range that tests the claim, and what it comes from.
  std::optional<ClaimBounds> evidence_for(std::size_t index, ClaimResult& judged) const {
    const ClaimSpec& claim = scenario_.claims[index];
    if (claim.check) {
      const Provenance& given =
          scenario_.leaves.at(fmt::format("claims[{}].check", index)).provenance;
      judged.test = ClaimTest::arithmetic;
      judged.note = given.note;
      return ClaimBounds{end_of(given.low, claim.check->base),
                         end_of(given.high, claim.check->base)};
    }
    if (!claim.metric) return std::nullopt;
    judged.test = claim.against ? ClaimTest::comparison : ClaimTest::run;
    judged.base = claim.against ? std::filesystem::path{*claim.against}.stem().string() : "";
    judged.as = claim.as.value_or("");
    const auto value = tested_value(scenario_, claim, result_.metrics, runs_.bases);
    if (!value) return std::nullopt;
    if (runs_.hulls.empty()) return ClaimBounds{*value, *value};
    return ClaimBounds{runs_.hulls[index].low, runs_.hulls[index].high};
  }

  /// The unit the claim's numbers are printed in.
  [[nodiscard]] ClaimUnit unit_of(const ClaimSpec& claim) const {
    if (claim.as == "ratio") return {"1", 1};
    if (!claim.metric) {
      const Dimension dimension = claim.check  ? claim.check->dimension
                                  : claim.says ? claim.says->front().dimension
                                               : Dimension{};
      return usual_unit(dimension, claim.says ? claim.says->back().base : 0);
    }
    const MetricDefinition& metric = find(definitions_, *claim.metric);
    const double most = claim.says ? claim.says->back().base : 0;
    if (claim.over)
      return usual_unit(metric.dimension - find(definitions_, *claim.over).dimension, most);
    return metric.dimension == Dimension{} ? usual_unit({}, most)
                                           : ClaimUnit{metric.unit, metric.factor};
  }

  /// The assumption that decides, where the hull was computed: an end of it that is judged
  /// otherwise than the run, else the end nearest to the claim.
  void name_assumption(std::size_t index, ClaimBounds says, ClaimResult& judged) const {
    const ClaimSpec& claim = scenario_.claims[index];
    if (runs_.hulls.empty() || !claim.metric || judged.found.empty()) return;
    const MetricHull& hull = runs_.hulls[index];
    const double value =
        tested_value(scenario_, claim, result_.metrics, runs_.bases).value_or(hull.low);
    const auto misfit = [&](double at) { return misfit_factor(says, {at, at}); };
    const std::string& toward = value < says.low ? hull.high_by : hull.low_by;
    if (judged.verdict == Verdict::implausible) {
      judged.nearest = toward;
    } else if (misfit(value) > plausible_factor) {
      judged.only_with = toward;
    } else if (std::max(misfit(hull.low), misfit(hull.high)) > plausible_factor) {
      judged.not_with = misfit(hull.low) > misfit(hull.high) ? hull.low_by : hull.high_by;
    }
  }

  const Scenario& scenario_;
  const Result& result_;
  const ClaimRuns& runs_;
  Definitions definitions_;
};

/// Names of the claims about the same thing that `index` excludes. [models_8_4]
std::vector<std::string> rivals_of(const std::vector<ClaimSpec>& claims, std::size_t index) {
  std::vector<std::string> rivals;
  const ClaimSpec& own = claims[index];
  for (const ClaimSpec& other : claims) {
    if (&other == &own || !own.about || other.about != own.about || !own.says || !other.says)
      continue;
    if (contradict(bounds(*own.says), bounds(*other.says))) rivals.push_back(name_of(other.claim));
  }
  return rivals;
}

}  // namespace

std::optional<double> tested_value(const Scenario& scenario, const ClaimSpec& claim,
                                   const std::vector<MetricValue>& run, const BaseMetrics& bases) {
  if (!claim.metric) return std::nullopt;
  const auto value = value_in(claim, run);
  if (!value) return std::nullopt;
  if (!claim.against) return *value * scale_of(scenario, claim);
  const auto base = bases.find(*claim.against);
  COLOSSIM_CHECK(base != bases.end(), "against={}", *claim.against);
  const auto other = value_in(claim, base->second);
  if (!other) return std::nullopt;
  return claim.as == "ratio" ? ratio(*value, *other) : std::optional{*value - *other};
}

std::vector<ClaimResult> judge_claims(const Scenario& scenario, const Result& result,
                                      const ClaimRuns& runs) {
  const Judge judge{scenario, result, runs};
  std::vector<ClaimResult> judged;
  for (std::size_t i = 0; i < scenario.claims.size(); ++i)
    judged.push_back(judge.judge(i, rivals_of(scenario.claims, i)));
  return judged;
}

std::string_view name(ClaimTest test) {
  switch (test) {
    case ClaimTest::nothing:
      return "nothing";
    case ClaimTest::run:
      return "run";
    case ClaimTest::comparison:
      return "comparison";
    case ClaimTest::arithmetic:
      return "arithmetic";
  }
  return {};
}

std::vector<std::string> violated_expectations(const Scenario& scenario, const Result& result) {
  const Definitions definitions = metric_definitions(scenario);
  std::vector<std::string> violations;
  for (const ExpectSpec& expect : scenario.expect) {
    const MetricDefinition& metric = find(definitions, expect.metric);
    const double value = result.metric(expect.metric);
    const auto text = [&](double base) { return human(base / metric.factor, metric.unit); };
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
