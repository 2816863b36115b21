// For contracts that meet the market: the price of a rented GPU-hour as a random process, exactly.
#pragma once

#include <cstddef>
#include <vector>

#include <colossim/base/quantity.hpp>
#include <colossim/base/random.hpp>

namespace colossim {

/// How the logarithm of a price moves: back to its trend, with noise and, if wished, sudden jumps
/// (a wave of supply is a negative one). Defaults: H100 rental, assumed in [models_8_2].
///   d ln p = κ·(ln p̄(t) − ln p)·dt + σ·dW + jumps,   p̄(t) = p̄(0)·e^(drift·t)       [schwartz1997]
/// Jumps come as a Poisson process and have exponential sizes of mean `jump_size`, all of its sign.
struct LogOu {
  Frequency reversion = 0.7 / units::year;  // κ ≥ 0
  double volatility = 0.45;                 // σ ≥ 0, per √year
  Frequency drift;                          // of ln p̄; −25 % a year is ln 0.75 per year
  Frequency jump_rate;                      // ≥ 0
  double jump_size = 0;                     // mean change of ln p by one jump, < 1
};

/// Share of a deviation from the trend that is left after `ahead` ≥ 0: e^(−κ·t).
double persistence(const LogOu& motion, Time ahead);

/// Standard deviation of ln p in `ahead` ≥ 0, seen from now.                     [gillespie1996]
///   s² = σ²·(1 − e^(−2κt))/(2κ) + λ·2m²·(1 − e^(−2κt))/(2κ)
/// with λ jumps of mean size m per time; σ²·t and λ·2m²·t for κ = 0.
double log_price_sd(const LogOu& motion, Time ahead);

/// One step of fixed length, exact for any length. The state is the deviation ln(p/p̄(t)) of the
/// price from its trend, whose law is the same at all times:
///   x' = x·e^(−κt) − drift·(1 − e^(−κt))/κ + σ·√((1 − e^(−2κt))/(2κ))·z + Σ jump·e^(−κ·age)
class LogOuStep {
 public:
  LogOuStep(const LogOu& motion, Time length);

  /// The deviation after the step. Two draws without jumps, else one more per jump and per gap.
  double operator()(double deviation, Stream& stream) const;

 private:
  LogOu motion_;
  Time length_;
  double kept_ = 1;
  double lag_ = 0;  // what the deviation loses because the trend moves on
  double sd_ = 0;   // of the step without jumps
};

/// The rental market of one kind of GPU.
struct RentalMarket {
  GpuPrice mean;  // p̄(0) > 0: what the price is drawn to, at time 0
  LogOu motion;
};

/// A price, and when it holds.
struct PricePoint {
  GpuPrice price;  // > 0
  Time at;         // since time 0 of the market
};

/// p̄(t): where the price of that time is drawn to.
GpuPrice trend_price(const RentalMarket& market, Time at);

/// Expected price `ahead` ≥ 0 after `seen`.                                       [schwartz1997]
///   E[p] = p̄·exp(x·e^(−κt) − drift·(1 − e^(−κt))/κ + σ²·(1 − e^(−2κt))/(4κ)) · J
///   J = ((1 − m·e^(−κt)) / (1 − m))^(λ/κ)    jumps of rate λ and mean size m < 1
/// with x = ln(p/p̄) now and p̄ the trend then.
GpuPrice expected_price(const RentalMarket& market, const PricePoint& seen, Time ahead);

/// Price that is not exceeded with the probability of the standard normal quantile `z` (0: median,
/// ±1.645: 5 and 95 %) in `ahead` ≥ 0. For a market without jumps.
GpuPrice price_quantile(const RentalMarket& market, const PricePoint& seen, Time ahead, double z);

/// Regular instants from time 0 of the market: 0, step, ..., (count − 1)·step.
struct PathGrid {
  Time step;  // > 0
  std::size_t count = 0;
};

/// One path of the price on a grid, from `start` > 0 at time 0.
std::vector<GpuPrice> price_path(const RentalMarket& market, GpuPrice start, const PathGrid& grid,
                                 Stream& stream);

/// Flat price of a lease of `months` > 0 that is worth what the market is expected to pay: each
/// month at the market price of its start, both paid at its end. Above it the owner does better
/// with the lease, at the cost of every option.
///   p* = Σ DF(k)·E[p_{k−1}] / Σ DF(k)                                              [models_8_4]
GpuPrice fair_lease_price(const RentalMarket& market, GpuPrice now, int months, double annual_rate);

}  // namespace colossim
