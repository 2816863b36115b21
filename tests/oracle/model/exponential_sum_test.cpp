// Oracle for threshold crossings: closed forms, and brute force over random sums.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <doctest/doctest.h>

#include <colossim/model/exponential_sum.hpp>

using namespace colossim;

namespace {

/// Enough randomness for a test: a linear congruential generator, uniform in [0, 1).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2 + 1) {}
  double roll() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }

 private:
  std::uint64_t state_;
};

ExponentialSum random_sum(Dice& dice) {
  ExponentialSum sum;
  sum.size = static_cast<std::size_t>(dice.roll() * 9);
  sum.constant = dice.roll() - 0.5;
  if (dice.roll() < 0.3) sum.slope = 0.2 * (dice.roll() - 0.5);
  for (std::size_t j = 0; j < sum.size; ++j) {
    sum.terms[j] = {2 * dice.roll() - 1, 0.05 + 3 * dice.roll()};
  }
  std::sort(sum.terms.begin(), sum.terms.begin() + static_cast<std::ptrdiff_t>(sum.size),
            [](const ExponentialTerm& a, const ExponentialTerm& b) { return a.decay < b.decay; });
  return sum;
}

/// First sign change on a fine grid, or −1.
double first_root_by_grid(const ExponentialSum& sum, double horizon, int steps) {
  const bool above = value_at(sum, 0) > 0;
  for (int i = 1; i <= steps; ++i) {
    const double t = horizon * i / steps;
    if ((value_at(sum, t) > 0) != above) return t;
  }
  return -1;
}

}  // namespace

TEST_CASE("one decaying term crosses its constant at ln(amplitude/−constant)/decay") {
  ExponentialSum sum{.constant = -0.25, .slope = 0, .terms = {}, .size = 1};
  sum.terms[0] = {1.0, 2.0};
  INFO("e^(−2t) = 1/4 at t = ln 2");
  const auto root = first_root(sum, 10);
  REQUIRE(root);
  CHECK(*root == doctest::Approx(0.693147180559945).epsilon(1e-14));
  CHECK_FALSE(first_root(sum, 0.6));
}

TEST_CASE("a straight line crosses at −constant/slope") {
  const ExponentialSum line{.constant = -3, .slope = 2, .terms = {}, .size = 0};
  REQUIRE(first_root(line, 5));
  CHECK(*first_root(line, 5) == 1.5);
  CHECK_FALSE(first_root(line, 1));
}

TEST_CASE("a short excursion far inside the horizon is found") {
  // e^(−t) − e^(−1.0001·t) peaks at t ≈ 1 with 3.68e-5: threshold just below the peak
  ExponentialSum sum{.constant = -3.6785e-5, .slope = 0, .terms = {}, .size = 2};
  sum.terms[0] = {1.0, 1.0};
  sum.terms[1] = {-1.0, 1.0001};
  const auto root = first_root(sum, 1e6);
  INFO("t·e^(−t)·1e-4 ≈ 3.6785e-5 near t = 1; half the horizon holds no sign of it");
  REQUIRE(root);
  CHECK(*root > 0.9);
  CHECK(*root < 1.0);
}

TEST_CASE("two crossings between equal signs at both ends: the first is returned") {
  // with u = e^(−t): (u − 0.75)(u − 0.5) = u² − 1.25u + 0.375
  ExponentialSum sum{.constant = 0.375, .slope = 0, .terms = {}, .size = 2};
  sum.terms[0] = {-1.25, 1.0};
  sum.terms[1] = {1.0, 2.0};
  INFO("zeros at u = 3/4 and 1/2: t = ln(4/3) = 0.28768 and ln 2");
  REQUIRE(first_root(sum, 50));
  CHECK(*first_root(sum, 50) == doctest::Approx(0.2876820724517809).epsilon(1e-13));
}

TEST_CASE("a zero at the start is a root at 0, and a sum of one sign has none") {
  ExponentialSum sum{.constant = -1, .slope = 0, .terms = {}, .size = 1};
  sum.terms[0] = {1.0, 1.0};
  CHECK(first_root(sum, 10) == 0.0);
  sum.constant = 0.5;
  CHECK_FALSE(first_root(sum, 10));
  sum.constant = 0;
  CHECK_FALSE(first_root(sum, 1e9));
}

TEST_CASE("the first root of random sums is the one a fine grid finds") {
  constexpr double horizon = 20;
  constexpr int steps = 20'000;
  Dice dice(7);
  int crossings = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const ExponentialSum sum = random_sum(dice);
    const double coarse = first_root_by_grid(sum, horizon, steps);
    const auto root = first_root(sum, horizon);
    INFO("trial ", trial, ", grid says ", coarse, ", value at root ",
         root ? value_at(sum, *root) : 0.0);
    if (coarse >= 0) {
      ++crossings;
      REQUIRE(root);
      CHECK(*root <= coarse);  // the grid may step over a pair of roots, never invent one
    }
    if (root) CHECK(std::abs(value_at(sum, *root)) < 1e-13);
  }
  CHECK(crossings > 100);
}
