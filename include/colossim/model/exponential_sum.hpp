// For threshold crossings: when a sum of decaying exponentials first is zero.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace colossim {

/// amplitude · e^(−decay·t).
struct ExponentialTerm {
  double amplitude = 0;
  double decay = 0;  // > 0, per unit of t
};

/// f(t) = constant + slope·t + Σ amplitude_j·e^(−decay_j·t), for t ≥ 0 in any one unit. The first
/// `size` terms count, in ascending order of decay.
struct ExponentialSum {
  static constexpr std::size_t max_terms = 8;

  double constant = 0;
  double slope = 0;
  std::array<ExponentialTerm, max_terms> terms{};
  std::size_t size = 0;
};

/// f(t).
double value_at(const ExponentialSum& sum, double t);

/// The first t in [0, horizon] where f is 0 or has just changed sign; none if there is none.
/// Every extremum is found first: dropping the fastest term by f + f'/decay leaves a shorter sum
/// whose zeros separate those of f (Rolle's theorem for e^(decay·t)·f), and so on down to a line.
/// No crossing is stepped over, however short; a double zero may be lost to rounding.
/// [polya_szego1976, part V]
std::optional<double> first_root(const ExponentialSum& sum, double horizon);

}  // namespace colossim
