// Log-OU prices with exponential jumps.
#include <cmath>

#include <colossim/base/math.hpp>
#include <colossim/model/cash_flow.hpp>
#include <colossim/model/rental_market.hpp>

namespace colossim {

namespace {

/// ∫ e^(−rate·u) du over [0, t] = (1 − e^(−rate·t))/rate, and t for rate 0.
Time decayed_time(Frequency rate, Time t) {
  // Towards 0 the quotient below loses its digits; the series is then good to 1e-15.
  constexpr double series_below = 1e-5;
  const double y = rate * t;
  if (y < series_below) return t * (1.0 - y / 2.0 + y * y / 6.0);
  return (1.0 - math::exp(-y)) / rate;
}

double log_one_plus(double y) {
  constexpr double series_below = 1e-5;
  if (std::abs(y) < series_below) return y - y * y / 2.0 + y * y * y / 3.0;
  return math::log(1.0 + y);
}

/// Variance of the noise without jumps.
double diffusion_variance(const LogOu& motion, Time ahead) {
  const double per_year = motion.volatility * motion.volatility;
  return per_year * (decayed_time(2.0 * motion.reversion, ahead) / units::year);
}

/// ln E[e^(sum of the jumps, decayed)].
double jump_log_mean(const LogOu& motion, Time ahead) {
  const double odds = motion.jump_size / (1.0 - motion.jump_size);
  if (motion.reversion == Frequency{}) return motion.jump_rate * ahead * odds;
  const double y = odds * (motion.reversion * decayed_time(motion.reversion, ahead));
  return motion.jump_rate / motion.reversion * log_one_plus(y);
}

/// What the jumps of one step add at its end.
double sample_jumps(const LogOu& motion, Time length, Stream& stream) {
  if (motion.jump_rate <= Frequency{}) return 0;
  const Time mean_gap = 1.0 / motion.jump_rate;
  double sum = 0;
  Time at = exponential(stream, 1.0) * mean_gap;
  while (at < length) {
    const double size = motion.jump_size * exponential(stream, 1.0);
    sum += size * persistence(motion, length - at);
    at += exponential(stream, 1.0) * mean_gap;
  }
  return sum;
}

double deviation(const RentalMarket& market, const PricePoint& seen) {
  return math::log(seen.price / trend_price(market, seen.at));
}

/// Median of the deviation from the trend, without jumps.
double median_deviation(const RentalMarket& market, const PricePoint& seen, Time ahead) {
  const LogOu& motion = market.motion;
  return deviation(market, seen) * persistence(motion, ahead) -
         motion.drift * decayed_time(motion.reversion, ahead);
}

}  // namespace

double persistence(const LogOu& motion, Time ahead) {
  return math::exp(-(motion.reversion * ahead));
}

double log_price_sd(const LogOu& motion, Time ahead) {
  const double jumps = 2.0 * motion.jump_size * motion.jump_size *
                       (motion.jump_rate * decayed_time(2.0 * motion.reversion, ahead));
  return std::sqrt(diffusion_variance(motion, ahead) + jumps);
}

LogOuStep::LogOuStep(const LogOu& motion, Time length)
    : motion_(motion),
      length_(length),
      kept_(persistence(motion, length)),
      lag_(motion.drift * decayed_time(motion.reversion, length)),
      sd_(std::sqrt(diffusion_variance(motion, length))) {}

double LogOuStep::operator()(double deviation, Stream& stream) const {
  const double noise = sd_ * standard_normal(stream);
  return kept_ * deviation - lag_ + noise + sample_jumps(motion_, length_, stream);
}

GpuPrice trend_price(const RentalMarket& market, Time at) {
  return market.mean * math::exp(market.motion.drift * at);
}

GpuPrice expected_price(const RentalMarket& market, const PricePoint& seen, Time ahead) {
  const double log_mean = median_deviation(market, seen, ahead) +
                          diffusion_variance(market.motion, ahead) / 2.0 +
                          jump_log_mean(market.motion, ahead);
  return trend_price(market, seen.at + ahead) * math::exp(log_mean);
}

GpuPrice price_quantile(const RentalMarket& market, const PricePoint& seen, Time ahead, double z) {
  const double sd = std::sqrt(diffusion_variance(market.motion, ahead));
  return trend_price(market, seen.at + ahead) *
         math::exp(median_deviation(market, seen, ahead) + z * sd);
}

std::vector<GpuPrice> price_path(const RentalMarket& market, GpuPrice start, const PathGrid& grid,
                                 Stream& stream) {
  const LogOuStep step{market.motion, grid.step};
  std::vector<GpuPrice> path;
  path.reserve(grid.count);
  double x = deviation(market, {.price = start, .at = {}});
  for (std::size_t k = 0; k < grid.count; ++k) {
    if (k > 0) x = step(x, stream);
    path.push_back(trend_price(market, static_cast<double>(k) * grid.step) * math::exp(x));
  }
  return path;
}

GpuPrice fair_lease_price(const RentalMarket& market, GpuPrice now, int months,
                          double annual_rate) {
  constexpr Time month = units::year / 12.0;
  GpuPrice worth;
  double weight = 0;
  for (int k = 1; k <= months; ++k) {
    const double discount = discount_factor(annual_rate, k);
    worth += discount * expected_price(market, {.price = now, .at = {}}, (k - 1) * month);
    weight += discount;
  }
  return worth / weight;
}

}  // namespace colossim
