// Oracle for concentration: equal parts, monopoly, mergers and transfers in closed form.
#include <array>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/model/concentration.hpp>

using namespace colossim;

TEST_CASE("n equal parties have an index of 1/n, a monopoly of 1") {
  for (const std::size_t n : {std::size_t{1}, std::size_t{4}, std::size_t{10}}) {
    const std::vector<double> amounts(n, 55'000.0);
    INFO("n·(1/n)² for n = ", n);
    CHECK(herfindahl_index(amounts) ==
          doctest::Approx(1.0 / static_cast<double>(n)).epsilon(1e-14));
  }
  CHECK(herfindahl_index(std::array{0.0, 7.0, 0.0}) == 1.0);
  CHECK(herfindahl_index({}) == 0.0);
  CHECK(herfindahl_index(std::array{0.0, 0.0}) == 0.0);
}

TEST_CASE("shares of 40, 30, 20 and 10 % have 3,000 points") {
  const std::array amounts{40.0, 30.0, 20.0, 10.0};
  INFO("40² + 30² + 20² + 10² = 1,600 + 900 + 400 + 100");
  CHECK(herfindahl_index(amounts) * index_points == doctest::Approx(3'000).epsilon(1e-14));
  CHECK(market_share(amounts, 1) == doctest::Approx(0.3).epsilon(1e-14));
  CHECK(market_share(std::array{0.0, 0.0}, 1) == 0.0);
}

TEST_CASE("a merger adds twice the product of the shares") {
  const std::array amounts{40.0, 30.0, 20.0, 10.0};
  const auto change = concentration_change(amounts, {.giver = 2, .taker = 1, .amount = 20.0});
  INFO("2·20·30 = 1,200 points");
  CHECK((change.after - change.before) * index_points == doctest::Approx(1'200).epsilon(1e-13));
}

TEST_CASE("a lease of the fleet only exchanges the names of the parties") {
  const std::array amounts{220.0, 0.0, 130.0};
  const auto change = concentration_change(amounts, {.giver = 0, .taker = 1, .amount = 220.0});
  CHECK(change.after == doctest::Approx(change.before).epsilon(1e-14));
}

TEST_CASE("any transfer changes the index by 2 d (s_taker - s_giver + d)") {
  Stream stream{StreamName{.seed = 5, .purpose = "amounts"}};
  for (int n = 0; n < 200; ++n) {
    std::vector<double> amounts;
    double sum = 0;
    for (int k = 0; k < 6; ++k) {
      amounts.push_back(uniform_between(stream, 0, 1e6));
      sum += amounts.back();
    }
    const double amount = uniform_between(stream, 0, amounts[4]);
    const auto change = concentration_change(amounts, {.giver = 4, .taker = 1, .amount = amount});
    const double d = amount / sum;
    const double expected = 2 * d * (amounts[1] / sum - amounts[4] / sum + d);
    INFO("case ", n, ": d = ", d);
    CHECK(std::abs(change.after - change.before - expected) <= 1e-14);
    CHECK(change.before >= 1.0 / 6 - 1e-15);
    CHECK(change.after <= 1.0);
  }
}
