// For deciding under uncertainty: intervals of paired differences, quantiles, and strategies
// weighed over worlds.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <colossim/experiment/compare.hpp>
#include <colossim/report/compare_text.hpp>

namespace colossim {

/// The t that |T| stays below with probability `confidence` in (0, 1), for Student's T with
/// `degrees` ≥ 1 of freedom. With tan θ = t/√degrees that probability is
///   ∫_{−θ}^{θ} cos^{degrees−1} φ dφ / ∫_{−π/2}^{π/2} cos^{degrees−1} φ dφ.
/// Good to nine digits for a confidence up to 0.999.
double student_t(int degrees, double confidence = 0.95);

/// Mean of independent samples and half-width of its 95 % interval, t·s/√n; 0 for one sample.
Estimate estimate(std::span<const double> samples);

struct WeightedValue {
  double value = 0;
  double weight = 0;  // ≥ 0
};

/// The least value at or below which at least the share `p` in (0, 1] of all weight lies. A share
/// that is short by 1e-12 counts as reached. Values without weight are passed over.
/// REQUIRES: some weight is positive.
double lower_quantile(std::vector<WeightedValue> values, double p);

/// What each strategy is worth against the first, and how much the best one would have brought more
/// on the same path. `values[strategy][path]` are NPVs and `weights[path]` > 0. [models_8_4]
std::vector<StrategyOutcome> weigh_strategies(std::span<const std::vector<double>> values,
                                              std::span<const double> weights);

/// A world: changes that hold for every strategy, and how likely it is beside the others.
struct WeightedWorld {
  std::string name;
  double weight = 1;  // > 0, in any unit
  std::vector<Override> changes;
};

/// Simulates every strategy in every world, `replications` times each, on the same random numbers,
/// and weighs what owner and tenant get. A change below an entity (`contracts.lease.price`) is
/// passed over by strategies without that entity; one that no strategy has is an error. No world
/// stands for the scenarios as they are. Throws like `load_paired`.
DecisionTable decision_table(std::vector<ScenarioSource> strategies,
                             std::vector<WeightedWorld> worlds, const CompareOptions& options = {});

}  // namespace colossim
