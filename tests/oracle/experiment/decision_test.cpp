// Oracle for decisions: Student's t in closed form, quantiles by brute force, and a table of three
// strategies in three worlds by hand.
#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/experiment/decision.hpp>

using namespace colossim;

namespace {

/// P(|T| < t) by Simpson's rule over the angle whose tangent is t/√degrees.
double student_probability(double t, int degrees) {
  const auto integral = [&](double to) {
    constexpr int steps = 20'000;
    const double width = to / steps;
    double sum = 0;
    for (int i = 0; i <= steps; ++i) {
      const double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * std::pow(std::cos(i * width), degrees - 1);
    }
    return sum * width / 3;
  };
  return integral(std::atan(t / std::sqrt(static_cast<double>(degrees)))) /
         integral(std::acos(-1.0) / 2);
}

/// The quantile's definition, read literally: try every value.
double quantile_by_definition(const std::vector<WeightedValue>& values, double p) {
  double all = 0;
  for (const WeightedValue& each : values) all += each.weight;
  double best = INFINITY;
  for (const WeightedValue& candidate : values) {
    double below = 0;
    for (const WeightedValue& each : values)
      below += each.value <= candidate.value ? each.weight : 0;
    if (candidate.weight > 0 && below >= (p - 1e-12) * all) best = std::min(best, candidate.value);
  }
  return best;
}

}  // namespace

TEST_CASE("Student's t with one and two degrees of freedom has a closed form") {
  for (const double p : {0.5, 0.9, 0.95, 0.99, 0.999}) {
    CAPTURE(p);
    INFO("one degree is Cauchy: t = tan(pi p / 2); two: t = p sqrt(2 / (1 - p^2))");
    CHECK(student_t(1, p) == doctest::Approx(std::tan(std::acos(-1.0) * p / 2)).epsilon(1e-9));
    CHECK(student_t(2, p) == doctest::Approx(p * std::sqrt(2 / (1 - p * p))).epsilon(1e-9));
  }
}

TEST_CASE("Student's t is where the integral of its density reaches the confidence") {
  for (const int degrees : {3, 4, 5, 6, 9, 10, 29, 30, 99, 400}) {
    for (const double p : {0.8, 0.95, 0.99}) {
      CAPTURE(degrees);
      CAPTURE(p);
      CHECK(student_probability(student_t(degrees, p), degrees) ==
            doctest::Approx(p).epsilon(1e-10));
    }
  }
  INFO("towards many degrees it is the normal's 1.95996");
  CHECK(student_t(9'999) == doctest::Approx(1.9602).epsilon(1e-4));
}

TEST_CASE("an interval of four samples by hand") {
  INFO("1, 2, 4, 5: mean 3, squares 4 + 1 + 1 + 4, s = sqrt(10/3), t(3) = 3.182446305");
  const Estimate found = estimate(std::vector<double>{1, 2, 4, 5});
  CHECK(found.value == 3);
  CHECK(found.half_width == doctest::Approx(3.182446305 * std::sqrt(10.0 / 3 / 4)).epsilon(1e-9));
  CHECK(estimate(std::vector<double>{7}).half_width == 0);
  CHECK(estimate(std::vector<double>{7, 7, 7}).half_width == 0);
}

TEST_CASE("the lower quantile is a value, and reaches its share exactly") {
  const std::vector<WeightedValue> twenty = [] {
    std::vector<WeightedValue> values;
    for (int i = 20; i >= 1; --i) values.push_back({static_cast<double>(i), 0.05});
    return values;
  }();
  INFO("twenty values of 5 % each: the least one alone reaches 5 %, two are needed beyond");
  CHECK(lower_quantile(twenty, 0.05) == 1);
  CHECK(lower_quantile(twenty, 0.0501) == 2);
  CHECK(lower_quantile(twenty, 0.5) == 10);
  CHECK(lower_quantile(twenty, 1) == 20);
  INFO("a value without weight is none");
  CHECK(lower_quantile({{-100, 0}, {3, 2}}, 0.05) == 3);
}

TEST_CASE("quantiles of random weighted values are those of the definition") {
  Stream stream{StreamName{.seed = 6, .path = "decision", .purpose = "quantiles"}};
  for (int i = 0; i < 2'000; ++i) {
    std::vector<WeightedValue> values;
    const auto count = 1 + static_cast<int>(stream.uniform() * 12);
    for (int k = 0; k < count; ++k) {
      const double value = std::floor(uniform_between(stream, -5, 6));
      const double weight = std::floor(uniform_between(stream, 0, 5));
      values.push_back({value, k == 0 ? weight + 1 : weight});
    }
    const double p = uniform_between(stream, 0.001, 1);
    CAPTURE(i);
    CAPTURE(p);
    REQUIRE(lower_quantile(values, p) == quantile_by_definition(values, p));
    REQUIRE(lower_quantile(values, 0.25) == quantile_by_definition(values, 0.25));
  }
}

TEST_CASE("three strategies in three worlds by hand") {
  //        weights        1    2    1
  const std::vector<double> keep{10, 10, 10};
  const std::vector<double> lease{4, 12, 20};
  const std::vector<double> sale{14, 13, 6};
  const auto table = weigh_strategies(std::vector{keep, lease, sale}, std::vector<double>{1, 2, 1});
  REQUIRE(table.size() == 3);
  INFO("gains: lease -6, 2, 10 = 2.0; sale 4, 3, -4 = 1.5; 5 % lie at the worst world already");
  CHECK(table[0].mean == 0);
  CHECK(table[1].mean == doctest::Approx(2.0));
  CHECK(table[2].mean == doctest::Approx(1.5));
  CHECK(table[0].low == 0);
  CHECK(table[1].low == -6);
  CHECK(table[2].low == -4);
  CHECK(table[0].loss_probability == 0);
  CHECK(table[1].loss_probability == doctest::Approx(0.25));
  CHECK(table[2].loss_probability == doctest::Approx(0.25));
  INFO("best 14, 13, 20: keep misses 4, 3, 10; lease 10, 1, 0; sale 0, 0, 14");
  CHECK(table[0].expected_regret == doctest::Approx(5.0));
  CHECK(table[1].expected_regret == doctest::Approx(3.0));
  CHECK(table[2].expected_regret == doctest::Approx(3.5));
  CHECK(table[0].greatest_regret == 10);
  CHECK(table[1].greatest_regret == 10);
  CHECK(table[2].greatest_regret == 14);
}

TEST_CASE("random tables with whole weights are those in which each path is repeated so often") {
  Stream stream{StreamName{.seed = 7, .path = "decision", .purpose = "tables"}};
  for (int i = 0; i < 500; ++i) {
    const auto strategies = 1 + static_cast<std::size_t>(stream.uniform() * 4);
    const auto paths = 1 + static_cast<std::size_t>(stream.uniform() * 8);
    std::vector<double> weights;
    std::vector<std::vector<double>> values(strategies);
    std::vector<std::vector<double>> repeated(strategies);
    for (std::size_t path = 0; path < paths; ++path) {
      weights.push_back(1 + std::floor(stream.uniform() * 4));
      for (std::size_t s = 0; s < strategies; ++s) {
        values[s].push_back(std::floor(uniform_between(stream, -9, 10)));
        for (int k = 0; k < static_cast<int>(weights.back()); ++k)
          repeated[s].push_back(values[s].back());
      }
    }
    const auto found = weigh_strategies(values, weights);
    const auto n = static_cast<double>(repeated[0].size());
    for (std::size_t s = 0; s < strategies; ++s) {
      double mean = 0;
      double losses = 0;
      double regret = 0;
      double greatest = 0;
      std::vector<double> gains;
      for (std::size_t k = 0; k < repeated[s].size(); ++k) {
        gains.push_back(repeated[s][k] - repeated[0][k]);
        double best = repeated[s][k];
        for (const std::vector<double>& each : repeated) best = std::max(best, each[k]);
        mean += gains.back() / n;
        losses += (gains.back() < 0 ? 1 : 0) / n;
        regret += (best - repeated[s][k]) / n;
        greatest = std::max(greatest, best - repeated[s][k]);
      }
      std::sort(gains.begin(), gains.end());
      const auto rank = static_cast<std::size_t>(std::max(0.0, std::ceil(0.05 * n - 1e-9) - 1));
      CAPTURE(i);
      REQUIRE(found[s].mean == doctest::Approx(mean));
      REQUIRE(found[s].loss_probability == doctest::Approx(losses));
      REQUIRE(found[s].expected_regret == doctest::Approx(regret));
      REQUIRE(found[s].greatest_regret == greatest);
      REQUIRE(found[s].low == gains[rank]);
    }
  }
}
