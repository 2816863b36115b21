// Verdicts on claims.
#include <limits>

#include <colossim/model/verdict.hpp>

namespace colossim {

namespace {

/// By which factor `low` < `high` differ, whichever side of 0 they share.
double factor_between(double low, double high) {
  if (low > 0) return high / low;
  if (high < 0) return low / high;
  return std::numeric_limits<double>::infinity();
}

}  // namespace

double misfit_factor(ClaimBounds claim, ClaimBounds simulated) {
  if (simulated.high < claim.low) return factor_between(simulated.high, claim.low);
  if (simulated.low > claim.high) return factor_between(claim.high, simulated.low);
  return 1.0;
}

bool contradict(ClaimBounds a, ClaimBounds b) {
  return misfit_factor(a, b) > plausible_factor;
}

Verdict judge(ClaimBounds claim, const Evidence& evidence) {
  if (evidence.is_input) return Verdict::assumed;
  if (evidence.simulated) {
    const bool fits = misfit_factor(claim, *evidence.simulated) <= plausible_factor;
    return fits ? Verdict::plausible : Verdict::implausible;
  }
  return evidence.is_contradicted ? Verdict::contradicts : Verdict::untestable;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::plausible:
      return "plausible";
    case Verdict::implausible:
      return "implausible";
    case Verdict::contradicts:
      return "contradicts";
    case Verdict::assumed:
      return "assumed";
    case Verdict::untestable:
      return "untestable";
  }
  return {};
}

}  // namespace colossim
