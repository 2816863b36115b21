// The defining properties of designs, and quantiles against the integral they invert.
#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/experiment/sampling.hpp>

using namespace colossim;

namespace {

/// How many coordinates of a dimension fall into each of `cells` equal intervals.
std::vector<int> occupied(const Design& design, std::size_t dimension, std::size_t cells) {
  std::vector<int> counts(cells);
  for (const std::vector<double>& point : design)
    ++counts[static_cast<std::size_t>(point[dimension] * static_cast<double>(cells))];
  return counts;
}

/// Warnock's sum for the squared L2 star discrepancy. (Warnock, 1972)
double squared_discrepancy(const Design& design) {
  const auto n = static_cast<double>(design.size());
  const std::size_t d = design.front().size();
  double single = 0;
  double pairs = 0;
  for (const std::vector<double>& a : design) {
    double product = 1;
    for (const double x : a) product *= (1 - x * x) / 2;
    single += product;
    for (const std::vector<double>& b : design) {
      double both = 1;
      for (std::size_t k = 0; k < d; ++k) both *= 1 - std::max(a[k], b[k]);
      pairs += both;
    }
  }
  return std::pow(3.0, -static_cast<double>(d)) - 2 * single / n + pairs / (n * n);
}

/// Probability of a standard normal variable below x: 1/2 + φ(x)·(x + x³/3 + x⁵/15 + ...).
/// (Marsaglia, 2004)
double normal_below(double x) {
  double term = x;
  double sum = x;
  for (int i = 3; term != 0 && i < 400; i += 2) {
    term *= x * x / i;
    sum += term;
  }
  return 0.5 + sum * std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0));
}

}  // namespace

TEST_CASE("a latin hypercube has one coordinate in each of n intervals of each dimension") {
  for (const std::size_t points : {1U, 2U, 7U, 100U, 1000U}) {
    const Design design = latin_hypercube(points, 6, 3);
    REQUIRE(design.size() == points);
    for (std::size_t d = 0; d < 6; ++d) {
      INFO(points << " points, dimension " << d);
      CHECK(occupied(design, d, points) == std::vector<int>(points, 1));
    }
  }
  CHECK(latin_hypercube(50, 2, 1) == latin_hypercube(50, 2, 1));
  CHECK(latin_hypercube(50, 2, 1) != latin_hypercube(50, 2, 2));
  // Dimensions are permuted on their own: the two orders differ.
  const Design design = latin_hypercube(50, 2, 1);
  CHECK(std::any_of(design.begin(), design.end(),
                    [](const std::vector<double>& p) { return std::abs(p[0] - p[1]) > 0.1; }));
}

TEST_CASE(
    "2^m points of a Sobol sequence have one in every elementary interval of two dimensions") {
  for (int m = 0; m <= 10; ++m) {
    const std::size_t points = std::size_t{1} << m;
    const Design design = sobol_sequence(points, 40, 11);
    for (std::size_t d = 0; d < 40; ++d) {
      INFO("2^" << m << " points, dimension " << d);
      CHECK(occupied(design, d, points) == std::vector<int>(points, 1));
    }
    for (int across = 0; across <= m; ++across) {
      const double columns = std::ldexp(1.0, across);
      const double rows = std::ldexp(1.0, m - across);
      std::set<std::pair<double, double>> cells;
      for (const std::vector<double>& p : design)
        cells.emplace(std::floor(p[0] * columns), std::floor(p[1] * rows));
      INFO("2^" << m << " points, " << columns << " x " << rows << " boxes");
      CHECK(cells.size() == points);
    }
  }
}

TEST_CASE("a Sobol sequence is spread more evenly than random points, a latin hypercube too") {
  // Independent uniform points have a mean squared L2 star discrepancy of (2^-d - 3^-d)/n.
  const std::size_t n = 256;
  const double by_chance = (std::pow(2.0, -5) - std::pow(3.0, -5)) / static_cast<double>(n);
  double sobol = 0;
  double lhs = 0;
  constexpr std::uint64_t seeds = 16;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    sobol += squared_discrepancy(sobol_sequence(n, 5, seed)) / seeds;
    lhs += squared_discrepancy(latin_hypercube(n, 5, seed)) / seeds;
  }
  INFO("means of " << seeds << " seeds: random " << by_chance << ", lhs " << lhs << ", sobol "
                   << sobol);
  CHECK(sobol < by_chance / 5);
  CHECK(lhs < by_chance);
  // And the sum itself: one point at x in one dimension has 1/3 - (1 - x²) + (1 - x).
  CHECK(squared_discrepancy({{0.25}}) ==
        doctest::Approx(1.0 / 3 - (1 - 0.25 * 0.25) + 0.75).epsilon(1e-12));
}

TEST_CASE("draws of a normal distribution have its mean and deviation, cut ones those of a cut") {
  // X cut to [a, b] has the mean a Φ(α) + b (1 - Φ(β)) + μ (Φ(β) - Φ(α)) - σ (φ(β) - φ(α)) with
  // α = (a - μ) / σ and β = (b - μ) / σ: its atoms at both ends, and the part between.
  const double mu = 5;
  const double sigma = 2;
  const DistributionData free{.kind = DistributionData::Kind::normal, .a = mu, .b = sigma};
  DistributionData cut = free;
  cut.min = 4;
  cut.max = 9;
  const double alpha = (*cut.min - mu) / sigma;
  const double beta = (*cut.max - mu) / sigma;
  const auto density = [](double x) {
    return std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0));
  };
  const double expected = *cut.min * normal_below(alpha) + *cut.max * (1 - normal_below(beta)) +
                          mu * (normal_below(beta) - normal_below(alpha)) -
                          sigma * (density(beta) - density(alpha));
  Stream stream{StreamName{.seed = 11, .path = "normal"}};
  Stream same = stream;
  constexpr int n = 200'000;
  double sum = 0;
  double squares = 0;
  double cut_sum = 0;
  for (int i = 0; i < n; ++i) {
    const double x = free.sample(stream);
    sum += x;
    squares += (x - mu) * (x - mu);
    cut_sum += cut.sample(same);
  }
  // Five standard errors.
  CHECK(sum / n == doctest::Approx(mu).epsilon(5 * sigma / std::sqrt(n) / mu));
  CHECK(squares / n == doctest::Approx(sigma * sigma).epsilon(5 * std::sqrt(2.0 / n)));
  INFO("cut to " << *cut.min << " and " << *cut.max << ": expected " << expected);
  CHECK(cut_sum / n == doctest::Approx(expected).epsilon(5 * sigma / std::sqrt(n) / expected));
  CHECK(cut.least() == 4);
  CHECK(cut.greatest() == 9);
  CHECK(std::isinf(free.least()));
}

TEST_CASE("quantiles invert the distribution they belong to") {
  for (const double p :
       {1e-6, 0.001, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.8, 0.9249, 0.9251, 0.9999}) {
    const double x = normal_quantile(p);
    INFO("Φ(" << x << ") = " << normal_below(x) << ", wanted " << p);
    CHECK(normal_below(x) == doctest::Approx(p).epsilon(1e-12));
    CHECK(normal_quantile(1 - p) == doctest::Approx(-x).epsilon(1e-9));
    using Kind = DistributionData::Kind;
    CHECK(quantile({.kind = Kind::uniform, .a = -2, .b = 6}, p) == doctest::Approx(-2 + 8 * p));
    const double late = quantile({.kind = Kind::exponential, .a = 3}, p);
    CHECK(1 - std::exp(-late / 3) == doctest::Approx(p).epsilon(1e-9));
    const double long_one = quantile({.kind = Kind::lognormal, .a = 5, .b = 0.7}, p);
    CHECK(normal_below(std::log(long_one / 5) / 0.7) == doctest::Approx(p).epsilon(1e-9));
    CHECK(quantile({.kind = Kind::exponential, .a = 3, .max = 1.0}, p) ==
          doctest::Approx(std::min(late, 1.0)));
    const double normal = quantile({.kind = Kind::normal, .a = 5, .b = 2}, p);
    CHECK(normal_below((normal - 5) / 2) == doctest::Approx(p).epsilon(1e-9));
    CHECK(quantile({.kind = Kind::normal, .a = 5, .b = 2, .min = 4.0, .max = 6.0}, p) ==
          doctest::Approx(std::clamp(normal, 4.0, 6.0)));
  }
  // The far tail, where 1 - p is no double: from the table of a standard normal variable.
  CHECK(normal_quantile(1e-16) == doctest::Approx(-8.222082216130435).epsilon(1e-13));
  const DistributionData choice{.kind = DistributionData::Kind::choice,
                                .values = {10, 20, 30},
                                .cumulative_weights = {0.2, 0.7, 1}};
  CHECK(quantile(choice, 0.1) == 10);
  CHECK(quantile(choice, 0.2) == 20);
  CHECK(quantile(choice, 0.69) == 20);
  CHECK(quantile(choice, 0.999999) == 30);
}
