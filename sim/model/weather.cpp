// Humidity, wet bulb, and the synthetic climate.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <colossim/base/math.hpp>
#include <colossim/model/weather.hpp>

namespace colossim {

namespace {

double log_vapour_pressure(Temperature temperature) {
  constexpr double slope = 17.625;       // [alduchov1996]
  constexpr Temperature offset{243.04};  // [alduchov1996]
  return slope * (temperature / (offset + temperature));
}

double wave(double time, double peak, double period) {
  return math::cos(2.0 * std::numbers::pi * (time - peak) / period);
}

/// 1 on the coldest day, −1 half a year later.
double winter(const SyntheticClimate& climate, double day_of_year) {
  constexpr double days_per_year = 365.0;
  return wave(day_of_year, climate.coldest_day, days_per_year);
}

}  // namespace

double relative_humidity(Temperature dry, Temperature dew_point) {
  if (dew_point >= dry) return 1.0;
  return math::exp(log_vapour_pressure(dew_point) - log_vapour_pressure(dry));
}

Temperature wet_bulb(Temperature dry, double relative_humidity) {
  const double t = std::clamp(dry.in(units::celsius), -20.0, 50.0);
  const double rh = std::clamp(100.0 * relative_humidity, 5.0, 99.0);
  const double wet = t * math::atan(0.151977 * std::sqrt(rh + 8.313659)) + math::atan(t + rh) -
                     math::atan(rh - 1.676331) +
                     0.00391838 * (rh * std::sqrt(rh)) * math::atan(0.023101 * rh) - 4.686035;
  return std::min(wet * units::celsius, dry);
}

Temperature daily_mean(const SyntheticClimate& climate, double day_of_year) {
  return climate.mean - climate.seasonal_amplitude * winter(climate, day_of_year);
}

Temperature anomaly_sigma(const SyntheticClimate& climate, double day_of_year) {
  return climate.sigma * (1 + climate.sigma_season * winter(climate, day_of_year));
}

Temperature climate_mean(const SyntheticClimate& climate, double day_of_year, double hour_of_day) {
  constexpr double hours_per_day = 24.0;
  const double afternoon = wave(hour_of_day, climate.hottest_hour, hours_per_day);
  return daily_mean(climate, day_of_year) + climate.daily_amplitude * afternoon;
}

Temperature dew_point(const SyntheticClimate& climate, Temperature mean_of_day) {
  return mean_of_day - climate.dew_point_depression;
}

double ou_step(double x, Time dt, Time tau, double sigma, double standard_normal) {
  const double kept = math::exp(-(dt / tau));
  return x * kept + sigma * std::sqrt(1.0 - kept * kept) * standard_normal;
}

}  // namespace colossim
