// Oracle for options on leases: dynamic programming on a grid of log prices, written without the
// library's market, and closed forms of simple cases.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/model/option_value.hpp>

using namespace colossim;
using units::gpu;
using units::gpu_hour;
using units::usd;
using units::year;

namespace {

constexpr auto per_gpu_hour = usd / gpu_hour;
constexpr double million = 1e6;
constexpr double kappa = 0.7;
constexpr double sigma = 0.45;
constexpr double mean_price = 2.35;
constexpr double leased_at = 2.32;
constexpr double hours = 220'000.0 * 730.0;  // GPU-hours of a month

/// The case V33; a tenant's exit mirrors it.
LeaseOption reclaim() {
  return {.holder = OptionHolder::owner,
          .gpus = 220'000.0 * gpu,
          .lease_price = leased_at * per_gpu_hour};
}

LeaseOption exit_option() {
  LeaseOption option = reclaim();
  option.holder = OptionHolder::tenant;
  return option;
}

PriceOutlook outlook() {
  return {.now = mean_price * per_gpu_hour,
          .market = {.mean = mean_price * per_gpu_hour, .motion = {}},
          .annual_rate = 0.12};
}

OptionSampling sampled(int fit_paths, int value_paths, std::uint64_t seed = 1) {
  return {.fit_paths = fit_paths, .value_paths = value_paths, .stream = {.seed = seed}};
}

double discount(double month) {
  return std::pow(1.12, -month / 12);
}

double variance(double years) {
  return sigma * sigma * (1 - std::exp(-2 * kappa * years)) / (2 * kappa);
}

/// Gain from a decision in month m at x = ln(p/p̄), by the definition.
double gain(const LeaseOption& option, int m, double x) {
  const int effect = m + option.notice_months;
  double sum = 0;
  for (int k = effect + 1; k <= option.term_months; ++k) {
    const double years = (k - 1 - m) / 12.0;
    const double rent = mean_price * std::exp(x * std::exp(-kappa * years) + variance(years) / 2);
    sum += discount(k) * (rent - leased_at) * hours;
  }
  const double sign = option.holder == OptionHolder::owner ? 1 : -1;
  return sign * sum - discount(effect) * option.fee_months * leased_at * hours;
}

/// On one node of the grid: worth, probability of exercise, and probability times month.
struct Node {
  double value = 0;
  double exercised = 0;
  double month = 0;
};

struct Grid {
  static constexpr int nodes = 1'201;
  static constexpr double edge = 3.0;  // 7.9 stationary standard deviations
  static constexpr double spacing = 2 * edge / (nodes - 1);

  static double at(int i) { return -edge + i * spacing; }

  /// Expectation over the exact normal transition of `years` from x; linear between nodes.
  static Node expectation(const std::vector<Node>& next, double x, double years) {
    Node sum;
    double weights = 0;
    for (int n = -60; n <= 60; ++n) {
      const double z = n / 10.0;
      const double weight = std::exp(-z * z / 2);
      const double y = x * std::exp(-kappa * years) + std::sqrt(variance(years)) * z;
      const double place = std::clamp((y + edge) / spacing, 0.0, nodes - 1.001);
      const auto i = static_cast<std::size_t>(place);
      const double right = place - static_cast<double>(i);
      const auto mix = [&](double Node::*part) {
        return weight * ((1 - right) * next[i].*part + right * next[i + 1].*part);
      };
      sum.value += mix(&Node::value);
      sum.exercised += mix(&Node::exercised);
      sum.month += mix(&Node::month);
      weights += weight;
    }
    return {sum.value / weights, sum.exercised / weights, sum.month / weights};
  }
};

struct Reference {
  double value = 0;  // million dollars
  double probability = 0;
  double mean_month = 0;
  std::vector<double> boundary;  // price by month; NaN where nothing is decided
};

Reference dynamic_programming(const LeaseOption& option) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  Reference reference;
  reference.boundary.assign(static_cast<std::size_t>(option.last_decision) + 1, none);
  std::vector<Node> next(Grid::nodes);
  for (int m = option.last_decision; m >= option.first_decision; --m) {
    const bool decides = (m - option.first_decision) % option.decide_every == 0;
    std::vector<Node> here(Grid::nodes);
    for (int i = 0; i < Grid::nodes; ++i) {
      Node node = Grid::expectation(next, Grid::at(i), 1.0 / 12);
      const double now = decides ? gain(option, m, Grid::at(i)) : 0;
      if (decides && now > node.value) {
        node = {now, 1, static_cast<double>(m)};
        double& bound = reference.boundary[static_cast<std::size_t>(m)];
        const bool is_first = std::isnan(bound) || option.holder == OptionHolder::tenant;
        if (is_first) bound = mean_price * std::exp(Grid::at(i));
      }
      here[static_cast<std::size_t>(i)] = node;
    }
    next = here;
  }
  const Node start = Grid::expectation(next, 0.0, option.first_decision / 12.0);
  reference.value = start.value / million;
  reference.probability = start.exercised;
  reference.mean_month = start.month / start.exercised;
  return reference;
}

void check_against_grid(const LeaseOption& option, const Reference& grid) {
  const OptionSampling sampling = sampled(20'000, 40'000);
  const ExerciseBoundary boundary = fit_boundary(option, outlook(), sampling);
  const OptionValue value = value_of_boundary(option, outlook(), boundary, sampling);
  INFO("least squares ", value.value.in(usd) / million, " +- ",
       value.standard_error.in(usd) / million, ", grid ", grid.value);
  CHECK(value.value.in(usd) / million == doctest::Approx(grid.value).epsilon(0.01));
  CHECK(value.low.in(usd) / million < grid.value);
  CHECK(value.high.in(usd) / million > grid.value);
  CHECK(std::abs(value.exercise_probability - grid.probability) <= 0.015);
  CHECK(std::abs(value.mean_exercise_month.value() - grid.mean_month) <= 0.5);
  for (const ExerciseBoundary::Month& each : boundary.months) {
    if (each.month < 6) continue;  // so far from the price now that few paths get there
    INFO("boundary of month ", each.month);
    REQUIRE(each.price.has_value());
    CHECK(*each.price / per_gpu_hour ==
          doctest::Approx(grid.boundary[static_cast<std::size_t>(each.month)]).epsilon(0.03));
  }
}

}  // namespace

TEST_CASE("V33: the owner's reclaim is worth $1,018M, on a grid and by least squares") {
  const Reference grid = dynamic_programming(reclaim());
  INFO("1,201 log prices within e^-3 to e^3 of the mean, exact normal steps of a month");
  CHECK(grid.value == doctest::Approx(1'018).epsilon(5e-4));
  check_against_grid(reclaim(), grid);

  const OptionValue value = option_value(reclaim(), outlook(), {});
  INFO("default paths: ", value.value.in(usd) / million, " +- ",
       value.standard_error.in(usd) / million);
  CHECK(value.value.in(usd) / million == doctest::Approx(1'018).epsilon(0.01));
  CHECK(value.low.in(usd) / million < 1'018);
  CHECK(value.high.in(usd) / million > 1'018);
}

TEST_CASE("the tenant's exit is the mirror image, on a grid and by least squares") {
  check_against_grid(exit_option(), dynamic_programming(exit_option()));
}

TEST_CASE("a right to decide every quarter is worth what a grid says, and less than monthly") {
  LeaseOption quarterly = reclaim();
  quarterly.decide_every = 3;
  const Reference grid = dynamic_programming(quarterly);
  CHECK(grid.value < dynamic_programming(reclaim()).value);
  check_against_grid(quarterly, grid);
}

TEST_CASE("a single decision is a European option with a closed form") {
  LeaseOption single = reclaim();
  single.first_decision = 30;
  single.last_decision = 30;
  single.term_months = 34;
  INFO("one month of rent, A·e^(kx) - B with x normal of sd s: A·e^(k²s²/2)·N(d + ks) - B·N(d)");
  const double kept = std::exp(-kappa * 0.25);
  const double a = discount(34) * hours * mean_price * std::exp(variance(0.25) / 2);
  const double b = hours * leased_at * (discount(34) + 0.5 * discount(33));
  const double spread = kept * std::sqrt(variance(2.5));
  const auto normal = [](double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; };
  const double d = std::log(a / b) / spread;
  const double closed = a * std::exp(spread * spread / 2) * normal(d + spread) - b * normal(d);
  const OptionValue value = option_value(single, outlook(), sampled(20'000, 40'000));
  INFO("sampled ", value.value.in(usd), ", closed form ", closed);
  CHECK(value.low.in(usd) < closed);
  CHECK(value.high.in(usd) > closed);
  CHECK(std::abs(value.exercise_probability - normal(d)) <= 0.01);
  CHECK(value.mean_exercise_month.value() == 30);
}

TEST_CASE("the lease alone is worth the annuity of its fees") {
  const OptionValue owner = option_value(reclaim(), outlook(), sampled(500, 500));
  INFO("372.592 M$·(1 - v^36)/(1.12^(1/12) - 1) = 372.592·30.3748 = 11,317 M$");
  CHECK(owner.npv_without.in(usd) / million == doctest::Approx(11'317.4).epsilon(1e-5));
  CHECK((owner.npv_with - owner.npv_without).in(usd) ==
        doctest::Approx(owner.value.in(usd)).epsilon(1e-9));
  const OptionValue tenant = option_value(exit_option(), outlook(), sampled(500, 500));
  CHECK(tenant.npv_without == -owner.npv_without);
}

TEST_CASE("without noise the option is exercised in the best month") {
  PriceOutlook rising = outlook();
  rising.market.motion = {.reversion = 3.0 / year, .volatility = 0};
  rising.now = 1.2 * per_gpu_hour;
  double best = 0;
  int best_month = 0;
  for (int m = 3; m <= 32; ++m) {
    const double x = std::log(1.2 / mean_price) * std::exp(-3.0 * m / 12);
    const GpuPrice price = mean_price * std::exp(x) * per_gpu_hour;
    const double now =
        exercise_value(
            {.gpus = 220'000.0 * gpu, .lease_price = 1.8 * per_gpu_hour, .fee_months = 0}, rising,
            m, price)
            .in(usd);
    if (now > best) {
      best = now;
      best_month = m;
    }
  }
  LeaseOption option = reclaim();
  option.lease_price = 1.8 * per_gpu_hour;
  option.fee_months = 0;
  const OptionValue value = option_value(option, rising, sampled(100, 100));
  INFO("largest gain over months 3 to 32, in month ", best_month);
  CHECK(value.value.in(usd) == doctest::Approx(best).epsilon(1e-9));
  CHECK(value.standard_error.in(usd) <= 1e-6 * best);
  CHECK(value.exercise_probability == 1);
  CHECK(value.mean_exercise_month.value() == best_month);
}

TEST_CASE("free GPUs are taken at once and are worth the expected rents, jumps included") {
  LeaseOption option = reclaim();
  option.lease_price = 1e-9 * per_gpu_hour;
  option.fee_months = 0;
  PriceOutlook jumpy = outlook();
  jumpy.market.motion.drift = std::log(0.75) / year;
  jumpy.market.motion.jump_rate = 1.0 / year;
  jumpy.market.motion.jump_size = -0.2;
  double rents = 0;
  for (int k = 7; k <= 36; ++k) {
    const GpuPrice rent =
        expected_price(jumpy.market, {.price = jumpy.now, .at = {}}, (k - 1) / 12.0 * year);
    rents += discount(k) * hours * (rent / per_gpu_hour);
  }
  const OptionValue value = option_value(option, jumpy, sampled(4'000, 20'000));
  INFO("Σ DF(k)·hours·E[p_{k-1}], k = 7..36: ", rents, ", sampled ", value.value.in(usd));
  CHECK(value.low.in(usd) < rents);
  CHECK(value.high.in(usd) > rents);
  CHECK(value.exercise_probability == 1);
  INFO("the fitted boundary is the lowest price fitted on, below which few fresh paths begin");
  CHECK(value.mean_exercise_month.value() == doctest::Approx(3).epsilon(0.002));
}

TEST_CASE("other boundaries are worth less on the same paths") {
  const OptionSampling sampling = sampled(10'000, 20'000);
  const ExerciseBoundary best = fit_boundary(reclaim(), outlook(), sampling);
  const Dollars most = value_of_boundary(reclaim(), outlook(), best, sampling).value;
  for (const double factor : {0.7, 0.9, 1.1, 1.4}) {
    ExerciseBoundary moved = best;
    for (auto& month : moved.months) {
      if (month.price) *month.price *= factor;
    }
    INFO("boundary times ", factor);
    CHECK(value_of_boundary(reclaim(), outlook(), moved, sampling).value < most);
  }
  CHECK(value_of_boundary(reclaim(), outlook(), {}, sampling).exercise_probability == 0);
}

TEST_CASE("few paths lose value and never gain by hindsight") {
  constexpr int repetitions = 150;
  double sum = 0;
  for (std::uint64_t seed = 0; seed < repetitions; ++seed) {
    sum += option_value(reclaim(), outlook(), sampled(200, 200, seed)).value.in(usd) / million;
  }
  INFO("a boundary fitted to 200 paths and valued on other ones: mean ", sum / repetitions,
       "; valued on the same paths it would be about 1,039, above the optimum of 1,018");
  CHECK(sum / repetitions < 1'018);
  CHECK(sum / repetitions > 980);
}

TEST_CASE("half of the fleet is worth half, and a switching cost adds to the fee") {
  const OptionSampling sampling = sampled(2'000, 2'000);
  LeaseOption half = reclaim();
  half.share = 0.5;
  const OptionValue all = option_value(reclaim(), outlook(), sampling);
  const OptionValue part = option_value(half, outlook(), sampling);
  CHECK(part.value.in(usd) == doctest::Approx(0.5 * all.value.in(usd)).epsilon(1e-9));
  CHECK(part.exercise_probability == all.exercise_probability);

  LeaseOption as_cost = reclaim();
  as_cost.fee_months = 0;
  as_cost.switching_cost = 0.5 * leased_at * hours * usd;
  CHECK(option_value(as_cost, outlook(), sampling).value.in(usd) ==
        doctest::Approx(all.value.in(usd)).epsilon(1e-9));
}

TEST_CASE("an option that takes effect after the term is never used") {
  LeaseOption late = reclaim();
  late.notice_months = 36;
  const OptionValue value = option_value(late, outlook(), sampled(500, 500));
  CHECK(value.value == Dollars{});
  CHECK(value.exercise_probability == 0);
  CHECK_FALSE(value.mean_exercise_month.has_value());
  late.fee_months = 0;
  CHECK(option_value(late, outlook(), sampled(500, 500)).exercise_probability == 0);
}

TEST_CASE("a decision at the start knows the price") {
  LeaseOption now_or_never = reclaim();
  now_or_never.first_decision = 0;
  now_or_never.last_decision = 0;
  PriceOutlook high = outlook();
  high.now = 5.0 * per_gpu_hour;
  const OptionValue value = option_value(now_or_never, high, sampled(500, 500));
  INFO("gain at ln(5/2.35), no spread");
  CHECK(value.value.in(usd) ==
        doctest::Approx(gain(now_or_never, 0, std::log(5.0 / mean_price))).epsilon(1e-9));
  CHECK(value.exercise_probability == 1);
  PriceOutlook low = outlook();
  low.now = 1.5 * per_gpu_hour;
  CHECK(gain(now_or_never, 0, std::log(1.5 / mean_price)) < 0);
  CHECK(option_value(now_or_never, low, sampled(500, 500)).exercise_probability == 0);
}

TEST_CASE("a boundary speaks for its months and its side only") {
  const ExerciseBoundary owner{.holder = OptionHolder::owner,
                               .months = {{3, 3.0 * per_gpu_hour}, {6, std::nullopt}}};
  CHECK(owner.exercises(3, 3.0 * per_gpu_hour));
  CHECK_FALSE(owner.exercises(3, 2.99 * per_gpu_hour));
  CHECK_FALSE(owner.exercises(4, 9.0 * per_gpu_hour));
  CHECK_FALSE(owner.exercises(6, 9.0 * per_gpu_hour));
  const ExerciseBoundary tenant{.holder = OptionHolder::tenant,
                                .months = {{3, 1.5 * per_gpu_hour}}};
  CHECK(tenant.exercises(3, 1.5 * per_gpu_hour));
  CHECK_FALSE(tenant.exercises(3, 1.51 * per_gpu_hour));
}

TEST_CASE("the value is a function of the seed") {
  const OptionSampling sampling = sampled(2'000, 2'000);
  const OptionValue a = option_value(reclaim(), outlook(), sampling);
  const OptionValue b = option_value(reclaim(), outlook(), sampling);
  CHECK(a.value == b.value);
  CHECK(a.standard_error == b.standard_error);
  CHECK(option_value(reclaim(), outlook(), sampled(2'000, 2'000, 2)).value != a.value);
}
