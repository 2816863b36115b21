// Claims and expectations held against a result.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/model/verdict.hpp>
#include <colossim/record/result.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// Metrics of the runs that claims are held against, by the file named in `against:`.
using BaseMetrics = std::map<std::string, std::vector<MetricValue>>;

/// What other runs tell about the claims of one.
struct ClaimRuns {
  BaseMetrics bases;
  std::vector<MetricHull> hulls;  // of the tested values, by claim; empty unless asked for
};

/// The number that tests a claim, in base units: its metric, scaled or over another one, less or
/// divided by the same of the base's run. Nothing where there is no metric or where it divides by
/// 0. REQUIRES: `bases` has the base; `run` and the base's are what a run of the scenario gave.
std::optional<double> tested_value(const Scenario& scenario, const ClaimSpec& claim,
                                   const std::vector<MetricValue>& run, const BaseMetrics& bases);

/// What a claim was judged on.
enum class ClaimTest {
  nothing,
  run,         // a metric of the run, or two of them
  comparison,  // with the run of another scenario
  arithmetic,  // a number computed outside
};

/// A claim after the run. Texts have units; an empty one says that there is no such number.
struct ClaimResult {
  std::string claim;
  std::string name;  // what its text begins with, `C6`, or the first words
  std::string source;
  std::string says;
  std::string found;                // the tested value, or the hull when there is one
  std::string base;                 // name of the scenario compared with
  std::string as;                   // with a base: `difference` or `ratio`
  std::string note;                 // the arithmetic
  std::vector<std::string> rivals;  // names of the claims it contradicts
  ClaimTest test = ClaimTest::nothing;
  double factor = 1;  // how far off; infinite when the signs differ [models_8_4]
  Verdict verdict = Verdict::untestable;
  std::string nearest;    // the assumption at the hull's end nearest to an implausible claim
  std::string only_with;  // the assumption that makes it plausible
  std::string not_with;   // the assumption that makes a plausible one implausible
};

/// Every claim of the scenario, in its order. REQUIRES: `runs` has every base.
std::vector<ClaimResult> judge_claims(const Scenario& scenario, const Result& result,
                                      const ClaimRuns& runs);

/// Two lines per claim, or one where that is enough; at most 100 columns.
std::string claims_text(const std::vector<ClaimResult>& claims);

/// The word for what a claim was judged on.
std::string_view name(ClaimTest test);

/// Violated expectations, one sentence each.
std::vector<std::string> violated_expectations(const Scenario& scenario, const Result& result);

}  // namespace colossim
