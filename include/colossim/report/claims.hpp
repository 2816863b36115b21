// Claims and expectations held against a result.
#pragma once

#include <string>
#include <vector>

#include <colossim/model/verdict.hpp>
#include <colossim/record/result.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// A claim after the run.
struct ClaimResult {
  std::string claim;
  std::string source;
  std::string says;       // in the metric's unit
  std::string simulated;  // the value, or the hull when there is one
  double factor = 1;      // how far off, models.md 8.4
  Verdict verdict = Verdict::untestable;
  std::string flips;  // the assumption at the hull's end nearest to the claim; empty when none
};

std::vector<ClaimResult> judge_claims(const Scenario& scenario, const Result& result);

/// Violated expectations, one sentence each.
std::vector<std::string> violated_expectations(const Scenario& scenario, const Result& result);

}  // namespace colossim
