// For claims from the press: whether a simulated range can bear a published number.
#pragma once

#include <optional>
#include <string_view>

namespace colossim {

/// What a test of a claim can end in. [models_8_4]
enum class Verdict {
  plausible,    // the simulated range reaches the claim within the tolerance
  implausible,  // it misses the claim by more
  contradicts,  // no metric tests it, and another claim in the same unit excludes it
  assumed,      // the scenario takes the number as an input: agreement proves nothing
  untestable,   // no metric
};

/// A closed interval in any one unit; `low` ≤ `high`.
struct ClaimBounds {
  double low = 0;
  double high = 0;
};

/// Factor by which a claim may miss the simulated range and still be plausible. [models_8_4]
inline constexpr double plausible_factor = 1.25;

/// By which factor the `simulated` range must stretch to reach the `claim`, ≥ 1; 1 if they meet,
/// infinite if they lie on both sides of 0 (or one of them at 0).
///   F = a/u if u < a, l/b if l > b, else 1   for a claim [a, b] and a simulation [l, u]
/// The same for two claims in either order. Below 0 the roles are mirrored. [models_8_4]
double misfit_factor(ClaimBounds claim, ClaimBounds simulated);

/// Whether two claims in one unit exclude each other by more than `plausible_factor`.
bool contradict(ClaimBounds a, ClaimBounds b);

/// What is known about a claim.
struct Evidence {
  std::optional<ClaimBounds> simulated;  // hull over assumptions and the 95 % interval, if a metric
  bool is_input = false;                 // the metric is an input of the scenario
  bool is_contradicted = false;          // by another claim, see `contradict`
};

/// The verdict on `claim`. An input is assumed whatever else is known; a simulation then outranks a
/// contradiction between claims. [models_8_4]
Verdict judge(ClaimBounds claim, const Evidence& evidence);

/// The word for a verdict in reports.
std::string_view verdict_name(Verdict verdict);

}  // namespace colossim
