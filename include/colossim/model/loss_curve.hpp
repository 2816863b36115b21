// For the power chain: what a transformer, UPS or busway loses on the way from input to output.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Loss of one element of the power chain as a share of its rating: a + b·x + c·x², where
/// x = output / rating. Dimensionless; `a` is the standing (iron) loss, `c` the resistive one.
/// Typical values per element: [models_6_1].
struct LossCurve {
  double a = 0;
  double b = 0;
  double c = 0;
};

/// Power [W] lost in an element of the given `rating` [W] while it delivers `output` [W] ≥ 0.
///   P_loss = S·(a + b·x + c·x²),  x = output / S                                   [models_6_1]
/// An energised element loses `a` even when it delivers nothing. The curves are fitted for x ≤ 1.
inline Power loss(const LossCurve& curve, Power rating, Power output) {
  const double x = output / rating;
  return (curve.a + x * (curve.b + x * curve.c)) * rating;
}

/// `loss` of one element with its rating multiplied in: two multiplications a call, for sweeps over
/// a whole power tree. Powers are plain numbers in any one unit, here the unit of `rating`.
class ScaledLoss {
 public:
  ScaledLoss() = default;
  ScaledLoss(const LossCurve& curve, double rating)
      : standing_(curve.a * rating), linear_(curve.b), quadratic_(curve.c / rating) {}
  [[nodiscard]] double operator()(double output) const {
    return standing_ + output * (linear_ + output * quadratic_);
  }

 private:
  double standing_ = 0;
  double linear_ = 0;
  double quadratic_ = 0;
};

/// Output over input at load fraction `x` ≥ 0; 0 at no load, where all input is loss.
///   η = x / (x + a + b·x + c·x²)                                                   [models_6_1]
double efficiency(const LossCurve& curve, double x);

}  // namespace colossim
