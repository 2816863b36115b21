// Oracle for the rental market: the process against its differential equation, its moments against
// closed forms and against many short steps.
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/model/cash_flow.hpp>
#include <colossim/model/rental_market.hpp>

using namespace colossim;
using units::gpu_hour;
using units::usd;
using units::year;

namespace {

constexpr auto per_gpu_hour = usd / gpu_hour;

/// p̄ = 2.35 $/h, κ = .7/yr, σ = .45, and a trend of −25 % a year.
RentalMarket falling_market() {
  return {.mean = 2.35 * per_gpu_hour, .motion = {.drift = std::log(0.75) / year}};
}

PricePoint at_price(double price, double years) {
  return {.price = price * per_gpu_hour, .at = years * year};
}

struct Moments {
  double mean = 0;
  double half_width = 0;  // 95 % interval of the mean
  double sd = 0;
};

template <class Sample>
Moments moments_of(int count, Sample sample) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double value = sample();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / count;
  const double sd = std::sqrt(squares / count - mean * mean);
  return {mean, 1.96 * sd / std::sqrt(static_cast<double>(count)), sd};
}

}  // namespace

TEST_CASE("without noise the price follows its differential equation") {
  RentalMarket market = falling_market();
  market.motion.volatility = 0;
  Stream stream{StreamName{.seed = 1}};
  const auto path =
      price_path(market, 4.0 * per_gpu_hour, {.step = 0.25 * year, .count = 13}, stream);
  constexpr int steps = 100'000;  // per quarter, midpoint rule
  double x = std::log(4.0);
  for (std::size_t quarter = 0; quarter < path.size(); ++quarter) {
    INFO("quarter ", quarter, " of d ln p = .7·(ln 2.35 + t·ln .75 - ln p)·dt from ln 4");
    CHECK(path[quarter] / per_gpu_hour == doctest::Approx(std::exp(x)).epsilon(1e-9));
    for (int n = 0; n < steps; ++n) {
      const double dt = 0.25 / steps;
      const double t = 0.25 * static_cast<double>(quarter) + n * dt;
      const auto slope = [](double at, double y) {
        return 0.7 * (std::log(2.35) + at * std::log(0.75) - y);
      };
      x += dt * slope(t + dt / 2, x + dt / 2 * slope(t, x));
    }
  }
}

TEST_CASE("a median price is the noiseless one, and quantiles are lognormal around it") {
  const RentalMarket market = falling_market();
  RentalMarket noiseless = market;
  noiseless.motion.volatility = 0;
  const PricePoint seen = at_price(3.1, 0.7);
  const double median = price_quantile(market, seen, 1.3 * year, 0) / per_gpu_hour;
  CHECK(expected_price(noiseless, seen, 1.3 * year) / per_gpu_hour ==
        doctest::Approx(median).epsilon(1e-13));
  const double variance = 0.45 * 0.45 * (1 - std::exp(-2 * 0.7 * 1.3)) / (2 * 0.7);
  INFO("σ²(1 - e^(-2κt))/(2κ) = ", variance);
  CHECK(log_price_sd(market.motion, 1.3 * year) ==
        doctest::Approx(std::sqrt(variance)).epsilon(1e-13));
  CHECK(price_quantile(market, seen, 1.3 * year, 1.645) / per_gpu_hour ==
        doctest::Approx(median * std::exp(1.645 * std::sqrt(variance))).epsilon(1e-12));
  CHECK(expected_price(market, seen, 1.3 * year) / per_gpu_hour ==
        doctest::Approx(median * std::exp(variance / 2)).epsilon(1e-12));
}

TEST_CASE("far ahead the price forgets where it was") {
  const RentalMarket market{.mean = 2.35 * per_gpu_hour, .motion = {}};
  INFO("2.35·e^(σ²/(4κ)) = 2.35·e^.0723");
  for (const double now : {0.5, 2.35, 9.0}) {
    CHECK(expected_price(market, at_price(now, 3), 60.0 * year) / per_gpu_hour ==
          doctest::Approx(2.35 * std::exp(0.45 * 0.45 / 2.8)).epsilon(1e-12));
    CHECK(expected_price(market, at_price(now, 3), Time{}) / per_gpu_hour ==
          doctest::Approx(now).epsilon(1e-14));
  }
  CHECK(persistence(market.motion, std::log(2.0) / 0.7 * year) ==
        doctest::Approx(0.5).epsilon(1e-14));
}

TEST_CASE("without reversion the price is a geometric Brownian motion, and close to 0 nearly so") {
  RentalMarket market = falling_market();
  market.motion.jump_rate = 0.5 / year;
  market.motion.jump_size = -0.3;
  market.motion.reversion = Frequency{};
  const double still = expected_price(market, at_price(2, 0), 2.0 * year) / per_gpu_hour;
  INFO("2·e^(σ²t/2)·e^(λ·t·m/(1 - m)): t = 2, m/(1 - m) = -.3/1.3");
  CHECK(still ==
        doctest::Approx(2 * std::exp(0.45 * 0.45 + 0.5 * 2 * (-0.3 / 1.3))).epsilon(1e-13));
  CHECK(log_price_sd(market.motion, 2.0 * year) ==
        doctest::Approx(std::sqrt(2 * 0.45 * 0.45 + 0.5 * 2 * 2 * 0.09)).epsilon(1e-13));
  for (const double reversion : {1e-12, 4e-6, 6e-6}) {
    market.motion.reversion = reversion / year;
    CHECK(expected_price(market, at_price(2, 0), 2.0 * year) / per_gpu_hour ==
          doctest::Approx(still).epsilon(3 * reversion + 1e-12));
  }
}

TEST_CASE("expectations obey the tower rule") {
  const RentalMarket market = falling_market();
  const PricePoint now = at_price(2.8, 0.4);
  const Time first = 0.5 * year;
  double sum = 0;
  double weights = 0;
  for (int n = -800; n <= 800; ++n) {
    const double z = n / 100.0;
    const double weight = std::exp(-z * z / 2);
    const PricePoint then{price_quantile(market, now, first, z), now.at + first};
    sum += weight * (expected_price(market, then, 1.1 * year) / per_gpu_hour);
    weights += weight;
  }
  INFO("∫ E[p(2.0) | p(.9)] over the lognormal law of p(.9) given p(.4) = 2.8");
  CHECK(sum / weights ==
        doctest::Approx(expected_price(market, now, 1.6 * year) / per_gpu_hour).epsilon(1e-10));
}

TEST_CASE("simulated prices have the expected mean, one long step or many short ones") {
  const RentalMarket market = falling_market();
  const double expected = expected_price(market, at_price(2.8, 0), 2.0 * year) / per_gpu_hour;
  for (const std::size_t steps : {std::size_t{1}, std::size_t{24}}) {
    Stream stream{StreamName{.seed = 11, .ordinal = steps}};
    const PathGrid grid{.step = 2.0 / static_cast<double>(steps) * year, .count = steps + 1};
    const Moments price = moments_of(20'000, [&] {
      return price_path(market, 2.8 * per_gpu_hour, grid, stream).back() / per_gpu_hour;
    });
    INFO(steps, " steps over 2 years: ", price.mean, " +- ", price.half_width);
    CHECK(std::abs(price.mean - expected) <= price.half_width);
  }
}

TEST_CASE("with jumps the logarithm and the price have the means and the spread of closed forms") {
  const LogOu motion{
      .reversion = 1.5 / year, .volatility = 0.3, .jump_rate = 2.0 / year, .jump_size = -0.25};
  const RentalMarket market{.mean = 2.0 * per_gpu_hour, .motion = motion};
  const double expected = expected_price(market, at_price(3, 0), 1.0 * year) / per_gpu_hour;
  const double kept = std::exp(-1.5);
  INFO("J = ((1 + .25·e^-1.5)/(1 + .25))^(2/1.5)");
  CHECK(expected ==
        doctest::Approx(2.0 * std::exp(kept * std::log(1.5) + 0.09 * (1 - kept * kept) / 6) *
                        std::pow((1 + 0.25 * kept) / 1.25, 2 / 1.5))
            .epsilon(1e-12));
  const double log_mean = kept * std::log(1.5) - 2 * 0.25 * (1 - kept) / 1.5;
  for (const int steps : {1, 8}) {
    Stream stream{StreamName{.seed = 12, .ordinal = static_cast<std::uint64_t>(steps)}};
    const LogOuStep step{motion, 1.0 / steps * year};
    const auto deviation = [&] {
      double x = std::log(1.5);
      for (int n = 0; n < steps; ++n) x = step(x, stream);
      return x;
    };
    const Moments log_price = moments_of(30'000, deviation);
    const Moments price = moments_of(30'000, [&] { return 2.0 * std::exp(deviation()); });
    INFO(steps, " steps: ln ", log_price.mean, " sd ", log_price.sd, ", price ", price.mean);
    CHECK(std::abs(log_price.mean - log_mean) <= log_price.half_width);
    CHECK(log_price.sd == doctest::Approx(log_price_sd(motion, 1.0 * year)).epsilon(0.015));
    CHECK(std::abs(price.mean - expected) <= price.half_width);
  }
}

TEST_CASE("jumps upwards raise the expected price by their closed form") {
  const LogOu motion{
      .reversion = 0.7 / year, .volatility = 0.0, .jump_rate = 1.0 / year, .jump_size = 0.2};
  const RentalMarket market{.mean = 2.0 * per_gpu_hour, .motion = motion};
  const double expected = expected_price(market, at_price(2, 0), 3.0 * year) / per_gpu_hour;
  INFO("2·((1 - .2·e^-2.1)/(1 - .2))^(1/.7)");
  CHECK(expected ==
        doctest::Approx(2 * std::pow((1 - 0.2 * std::exp(-2.1)) / 0.8, 1 / 0.7)).epsilon(1e-12));
  Stream stream{StreamName{.seed = 13}};
  const LogOuStep step{motion, 0.5 * year};
  const Moments price = moments_of(30'000, [&] {
    double x = 0;
    for (int n = 0; n < 6; ++n) x = step(x, stream);
    return 2 * std::exp(x);
  });
  INFO("simulated ", price.mean, " +- ", price.half_width);
  CHECK(std::abs(price.mean - expected) <= price.half_width);
}

TEST_CASE("the fair price of a lease is worth the expected market") {
  const RentalMarket still{.mean = 2.35 * per_gpu_hour,
                           .motion = {.reversion = {}, .volatility = 0}};
  CHECK(fair_lease_price(still, 2.6 * per_gpu_hour, 36, 0.12) / per_gpu_hour ==
        doctest::Approx(2.6).epsilon(1e-13));
  const RentalMarket market{.mean = 2.35 * per_gpu_hour, .motion = {}};
  const GpuPrice fair = fair_lease_price(market, 2.35 * per_gpu_hour, 36, 0.12);
  double difference = 0;
  for (int k = 1; k <= 36; ++k) {
    const GpuPrice rent = expected_price(market, at_price(2.35, 0), (k - 1) / 12.0 * year);
    difference += std::pow(1.12, -k / 12.0) * ((rent - fair) / per_gpu_hour);
  }
  INFO("Σ DF(k)·(E[p_{k-1}] - p*) = 0");
  CHECK(std::abs(difference) <= 1e-12);
  CHECK(fair > 2.35 * per_gpu_hour);
}

TEST_CASE("a path is a function of its stream") {
  const RentalMarket market = falling_market();
  const PathGrid grid{.step = year / 12.0, .count = 37};
  Stream a{StreamName{.seed = 4}};
  Stream b{StreamName{.seed = 4}};
  CHECK(price_path(market, market.mean, grid, a) == price_path(market, market.mean, grid, b));
  CHECK(price_path(market, market.mean, grid, a).front() == market.mean);
  CHECK(price_path(market, market.mean, {.step = year, .count = 0}, a).empty());
}
