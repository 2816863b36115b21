// Oracle for leases that may end early: the present values of a 36-month lease at 1.25 B$ a month,
// by geometric series, by enumeration and by simulation.
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/model/hazard_lease.hpp>

using namespace colossim;
using units::usd;

namespace {

constexpr double rate = 0.12;
constexpr double billion = 1e9;

HazardLease lease_with(double hazard, int vacant_months = 0) {
  return {.fee = 1.25e9 * usd,
          .months = 36,
          .certain_months = 6,
          .hazard = hazard,
          .vacant_months = vacant_months};
}

double expected_npv(const HazardLease& lease, std::span<const Dollars> market_fees = {}) {
  return net_present_value(expected_cash_flow(lease, market_fees), rate).in(usd) / billion;
}

/// 1.25·[v + ... + v^6 + v^6·(qv + ... + (qv)^30)] with v = 1.12^(−1/12), q = 1 − h.
double geometric_series(double hazard) {
  const double v = std::pow(1.12, -1.0 / 12);
  const double w = (1 - hazard) * v;
  const double certain = v * (1 - std::pow(v, 6)) / (1 - v);
  const double at_risk = std::pow(v, 6) * w * (1 - std::pow(w, 30)) / (1 - w);
  return 1.25 * (certain + at_risk);
}

/// The same fleet let at the market: 220,000 H100-class GPUs at 2.35 and 105,000 Blackwell GPUs at
/// 5.30 $/h, 730 hours a month.
std::vector<Dollars> market_fees() {
  constexpr double month = (220'000.0 * 2.35 + 105'000.0 * 5.30) * 730.0;
  return std::vector<Dollars>(36, month * usd);
}

struct Sampled {
  double mean = 0;
  double sd = 0;
  double half_width = 0;  // of the 95 % interval
};

Sampled sampled_npv(const HazardLease& lease, const std::vector<Dollars>& fees, int paths) {
  Stream stream{StreamName{.seed = 36, .purpose = "exit"}};
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < paths; ++i) {
    const auto exit = sample_exit_month(lease, stream);
    const double npv =
        net_present_value(cash_flow_of_exit(lease, exit, fees), rate).in(usd) / billion;
    sum += npv;
    squares += npv * npv;
  }
  const double mean = sum / paths;
  const double sd = std::sqrt(squares / paths - mean * mean);
  return {mean, sd, 1.96 * sd / std::sqrt(static_cast<double>(paths))};
}

}  // namespace

TEST_CASE("36 months at 1.25 B$ are worth 37.968, 30.381, 23.069 B$ at hazards of 0, 2, 5 %") {
  INFO("months 1-6 certain, k > 6 paid with (1 - h)^(k - 6), DF = 1.12^(-k/12)");
  const double published[] = {37.968, 30.381, 23.069};
  const double hazards[] = {0.0, 0.02, 0.05};
  for (int n = 0; n < 3; ++n) {
    CAPTURE(hazards[n]);
    CHECK(expected_npv(lease_with(hazards[n])) ==
          doctest::Approx(geometric_series(hazards[n])).epsilon(1e-12));
    CHECK(geometric_series(hazards[n]) == doctest::Approx(published[n]).epsilon(3e-5));
  }
}

TEST_CASE("other timings of the certain lease give 37.6 to 38.3 B$") {
  const CashFlow certain = expected_cash_flow(lease_with(0));
  INFO("a nominal 12 %, 1 % a month: 1.25·(1 - 1.01^-36)/.01 = 37.634");
  CHECK(net_present_value(certain, std::pow(1.01, 12) - 1).in(usd) / billion ==
        doctest::Approx(37.634).epsilon(1e-4));
  INFO("paid at the start of each month: 37.968·1.12^(1/12) = 38.329");
  CHECK(expected_npv(lease_with(0)) / discount_factor(rate, 1) ==
        doctest::Approx(38.329).epsilon(1e-4));
}

TEST_CASE("a tenant that leaves as soon as it may has paid 7.5 B$") {
  const CashFlow flow = expected_cash_flow(lease_with(1));
  INFO("lock-in of 3 and notice of 3 months: 6·1.25");
  CHECK(net_present_value(flow, 0).in(usd) / billion == doctest::Approx(7.5).epsilon(1e-14));
  Stream stream{StreamName{.seed = 1, .purpose = "exit"}};
  CHECK(sample_exit_month(lease_with(1), stream) == 7);
  CHECK_FALSE(sample_exit_month(lease_with(0), stream).has_value());
}

TEST_CASE("40,000 simulated leases agree with the series, with the spread of single paths") {
  for (const double hazard : {0.02, 0.05}) {
    const Sampled npv = sampled_npv(lease_with(hazard), {}, 40'000);
    CAPTURE(hazard);
    INFO("simulated ", npv.mean, " +- ", npv.half_width, " sd ", npv.sd);
    CHECK(std::abs(npv.mean - geometric_series(hazard)) <= npv.half_width);
    CHECK(npv.sd == doctest::Approx(hazard == 0.02 ? 10.3 : 10.8).epsilon(0.01));
  }
}

TEST_CASE("expected payments are those of every exit month, weighted with its probability") {
  std::vector<Dollars> fees;
  for (int k = 1; k <= 36; ++k) fees.push_back((700.0 - 9.0 * k) * 1e6 * usd);
  for (const int vacant : {0, 2, 5}) {
    const HazardLease lease = lease_with(0.05, vacant);
    std::vector<double> enumerated(36, 0.0);
    double stays = 1;
    for (int exit = 7; exit <= 37; ++exit) {
      const double weight = exit == 37 ? stays : stays * 0.05;
      const auto month = exit == 37 ? std::nullopt : std::optional(exit);
      const CashFlow flow = cash_flow_of_exit(lease, month, fees);
      for (std::size_t k = 0; k < 36; ++k) enumerated[k] += weight * flow.month[k].in(usd);
      stays -= stays * 0.05;
    }
    const CashFlow expected = expected_cash_flow(lease, fees);
    for (std::size_t k = 0; k < 36; ++k) {
      INFO("month ", k + 1, ", vacant ", vacant, ": Σ P(exit)·payment");
      CHECK(expected.month[k].in(usd) == doctest::Approx(enumerated[k]).epsilon(1e-12));
    }
  }
}

TEST_CASE("let again at the market after 2 vacant months the lease is worth 34.6 and 31.4 B$") {
  INFO(
      "first unpaid month and the next bring nothing; then, to month 36 and without another exit, ",
      "(220,000·2.35 + 105,000·5.30)·730 = 0.7837 B$ a month");
  const std::vector<Dollars> fees = market_fees();
  CHECK(fees.front().in(usd) == doctest::Approx(783.655e6).epsilon(1e-6));
  const double at_two = expected_npv(lease_with(0.02, 2), fees);
  const double at_five = expected_npv(lease_with(0.05, 2), fees);
  CHECK(at_two == doctest::Approx(34.555).epsilon(1e-4));
  CHECK(at_five == doctest::Approx(31.378).epsilon(1e-4));
  INFO("published with one decimal: within half of its last digit");
  CHECK(std::abs(at_two - 34.6) <= 0.05);
  CHECK(std::abs(at_five - 31.4) <= 0.05);
}

TEST_CASE("simulated re-letting agrees with its expectation") {
  const std::vector<Dollars> fees = market_fees();
  for (const double hazard : {0.02, 0.05}) {
    const HazardLease lease = lease_with(hazard, 2);
    const Sampled npv = sampled_npv(lease, fees, 40'000);
    INFO("hazard ", hazard, ": simulated ", npv.mean, " +- ", npv.half_width);
    CHECK(std::abs(npv.mean - expected_npv(lease, fees)) <= npv.half_width);
  }
}
