// Losses of transformers, UPSs and busways.
#include <colossim/model/loss_curve.hpp>

namespace colossim {

double efficiency(const LossCurve& curve, double x) {
  const double lost = curve.a + x * (curve.b + x * curve.c);
  return x > 0 ? x / (x + lost) : 0.0;
}

}  // namespace colossim
