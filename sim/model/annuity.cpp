// Annuities and straight-line depreciation.
#include <algorithm>
#include <cmath>

#include <colossim/base/math.hpp>
#include <colossim/model/annuity.hpp>

namespace colossim {

double capital_recovery_factor(double annual_rate, double years) {
  // Towards 0 the quotient below loses its digits; the series is then good to 1e-10.
  constexpr double series_below = 1e-6;
  if (std::abs(annual_rate) < series_below) {
    return (1.0 + annual_rate * (years + 1.0) / 2.0) / years;
  }
  return annual_rate / (1.0 - math::pow(1.0 + annual_rate, -years));
}

Dollars book_value(const Asset& asset, Time age) {
  const double written_off = std::clamp(age / asset.life, 0.0, 1.0);
  return asset.cost - (asset.cost - asset.residual) * written_off;
}

Dollars depreciation(const Asset& asset, Time from_age, Time to_age) {
  return book_value(asset, from_age) - book_value(asset, to_age);
}

}  // namespace colossim
