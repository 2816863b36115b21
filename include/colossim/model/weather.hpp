// For cooling: outdoor air, from a synthetic climate to the wet bulb a cooling tower sees.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Relative humidity in [0, 1] of air at `dry` [°C] whose dew point is `dew_point` [°C]; 1 where
/// the dew point is not below the air temperature.
///   RH = e_s(T_d) / e_s(T),  e_s ∝ exp(17.625·T / (243.04 + T))               [alduchov1996]
/// Over water; within 0.4 % in e_s for −40 to 50 °C.
double relative_humidity(Temperature dry, Temperature dew_point);

/// Wet-bulb temperature [°C] at sea-level pressure, never above `dry`.
///   Tw = T·atan(0.151977·√(RH + 8.313659)) + atan(T + RH) − atan(RH − 1.676331)
///        + 0.00391838·RH^1.5·atan(0.023101·RH) − 4.686035       RH in percent  [stull2011, eq. 1]
/// Fitted for −20 to 50 °C and RH 0.05 to 0.99: inputs outside are clamped to that range. Within
/// 1 K of the psychrometric value there (0.73 K over a typical Memphis year [models_7]).
Temperature wet_bulb(Temperature dry, double relative_humidity);

/// A year of air temperature as two sine waves and a random anomaly. Defaults: Memphis, Tennessee,
/// assumed from climate normals [models_7].
struct SyntheticClimate {
  Temperature mean{17.4};                 // of the year
  Temperature seasonal_amplitude{11.4};   // half the summer-to-winter swing of daily means
  double coldest_day = 17;                // of the year; 1 is 1 January
  Temperature daily_amplitude{5.0};       // half the day-to-night swing
  double hottest_hour = 15;               // of the local day, 0 to 24
  Temperature sigma{4.0};                 // standard deviation of the anomaly, over the year
  double sigma_season = 0;                // its relative swing: larger in winter, 0 to 1
  Time tau = 2.0 * units::day;            // correlation time of the anomaly
  Temperature dew_point_depression{7.0};  // daily mean minus dew point
};

/// Expected mean temperature [°C] of a day; `day_of_year` may be fractional, 1 is 1 January.
///   T = mean − A_season·cos(2π(d − d_cold)/365)                                    [models_7]
Temperature daily_mean(const SyntheticClimate& climate, double day_of_year);

/// Expected temperature [°C] at `hour_of_day` (local, 0 to 24) of `day_of_year`: the daily mean
/// plus A_day·cos(2π(h − h_hot)/24). Add the anomaly of `ou_step` for one path. [models_7]
Temperature climate_mean(const SyntheticClimate& climate, double day_of_year, double hour_of_day);

/// Standard deviation [K] of the anomaly on a day: σ·(1 + s·cos(2π(d − d_cold)/365)). Cold fronts
/// make winter days differ more than summer days do.
Temperature anomaly_sigma(const SyntheticClimate& climate, double day_of_year);

/// Dew point [°C] of a day whose mean temperature, anomaly included, is `mean_of_day`. [models_7]
Temperature dew_point(const SyntheticClimate& climate, Temperature mean_of_day);

/// Value after `dt` ≥ 0 of an Ornstein–Uhlenbeck process around 0 that is `x` now, given one draw
/// of a standard normal variable. Exact for any step: the law of a path does not depend on it.
///   x' = x·e^(−dt/τ) + σ·√(1 − e^(−2dt/τ))·z                                [gillespie1996]
/// `sigma` is the stationary standard deviation (in the unit of `x`), `tau` > 0.
double ou_step(double x, Time dt, Time tau, double sigma, double standard_normal);

}  // namespace colossim
