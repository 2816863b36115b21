// For power capping: from a cap to the GPU clock, and from the clock to the work that is lost.
#pragma once

namespace colossim {

/// How GPU power depends on its clock fraction φ. All dimensionless. A physical model (leakage, and
/// voltage that rises with frequency) without a public H100 curve behind it: [models_2_3].
struct ClockLaw {
  double static_share = 0.30;  // of uncapped demand, drawn at any clock; assumed [models_2_3]
  double linear_share = 0.30;  // of the rest, ∝ φ; what remains is ∝ φ³; assumed [models_2_3]
  double min_clock = 0.35;     // lowest clock fraction a cap can force [models_2_3]
};

/// Power over uncapped demand at clock fraction `phi` in [min_clock, 1]; 1 at full clock.
///   P/P_demand = s + (1 − s)·(w·φ + (1 − w)·φ³)                                    [models_2_3]
double power_at_clock(double phi, const ClockLaw& law = {});

/// The highest clock fraction whose power does not exceed `cap_ratio` = cap / uncapped demand of
/// the workload (not TDP). 1 where the cap does not bind; `min_clock` where even that draws more,
/// so the cap is then *not* held and something must be switched off. By bisection to the last bit.
double clock_at_cap(double cap_ratio, const ClockLaw& law = {});

/// Throughput over full-clock throughput at clock fraction `phi` in (0, 1].
///   X/X₀ = 1 / ((1 − m)/φ + m)                                                     [models_2_3]
/// `insensitive_share` m in [0, 1] is the share of time that does not depend on the clock (memory,
/// network): prefill 0.10, training 0.30, decode 0.85, assumed [models_2_3].
double throughput_at_clock(double phi, double insensitive_share);

}  // namespace colossim
