// Oracle for element losses: V27 and the efficiency table of models 6.1.
#include <array>

#include <doctest/doctest.h>

#include <colossim/model/loss_curve.hpp>

using namespace colossim;

namespace {

struct Row {
  const char* element;
  LossCurve curve;
  std::array<double, 4> efficiency;  // at 25, 50, 75, 100 %
  double tolerance;
};

// models 6.1, with the decimals it prints
const std::array<Row, 6> rows{{
    {"HV transformer", {.0005, 0, .003}, {.9973, .9975, .9971, .9965}, 1e-4},
    {"MV/LV 2.5 MVA", {.00118, 0, .00472}, {.9941, .9953, .9949, .9941}, 1e-4},
    {"UPS double conversion", {.00852, .00830, .01943}, {.955, .966, .967, .965}, 6e-4},
    {"UPS eco", {.00308, .00190, .00411}, {.985, .990, .991, .991}, 6e-4},
    {"UPS legacy", {.03326, -.0075, .04372}, {.88, .925, .935, .935}, 6e-4},
    {"busway and PDU", {0, .002, .006}, {.9965, .9950, .9935, .9921}, 1e-4},
}};

}  // namespace

TEST_CASE("V27: a 2.5 MVA transformer is .9953 efficient at half load and .9941 at 25 and 100 %") {
  const LossCurve transformer{.00118, 0, .00472};
  INFO("x = .5: loss = .00118 + .00472·.25 = .00236; .5/.50236 = .99530");
  INFO("x = .25: .001475 -> .25/.251475 = .99413; x = 1: .0059 -> 1/1.0059 = .99413");
  CHECK(efficiency(transformer, 0.50) == doctest::Approx(.9953).epsilon(5e-5));
  CHECK(efficiency(transformer, 0.25) == doctest::Approx(.9941).epsilon(5e-5));
  CHECK(efficiency(transformer, 1.00) == doctest::Approx(.9941).epsilon(5e-5));
}

TEST_CASE("V27: a double-conversion UPS is .9661 efficient at half load") {
  const LossCurve ups{.00852, .00830, .01943};
  INFO("loss = .00852 + .00830·.5 + .01943·.25 = .0175275; .5/.5175275 = .96613");
  CHECK(efficiency(ups, 0.5) == doctest::Approx(.9661).epsilon(5e-5));
}

TEST_CASE("every element of the chain has the efficiencies tabulated for it") {
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < 4; ++i) {
      const double x = 0.25 * static_cast<double>(i + 1);
      INFO(row.element, " at x = ", x);
      CHECK(efficiency(row.curve, x) == doctest::Approx(row.efficiency[i]).epsilon(row.tolerance));
    }
  }
}

TEST_CASE("output over output plus loss is the efficiency, and an idle element still loses a·S") {
  const LossCurve ups{.00852, .00830, .01943};
  const Power rating = 2.0 * units::megawatt;
  const Power output = 1.3 * units::megawatt;
  const double by_power = output / (output + loss(ups, rating, output));
  CHECK(by_power == doctest::Approx(efficiency(ups, 0.65)).epsilon(1e-15));
  INFO("idle: .00852 · 2 MW = 17.04 kW");
  CHECK(loss(ups, rating, Power{}).in(units::kilowatt) == doctest::Approx(17.04).epsilon(1e-12));
  CHECK(efficiency(ups, 0) == 0);
}

TEST_CASE("a scaled loss equals the law at every load") {
  const colossim::LossCurve curve{.a = 0.00118, .b = 0.0007, .c = 0.00472};
  const double rating = 2.5e12;  // microwatts
  const colossim::ScaledLoss scaled{curve, rating};
  for (double x = 0; x <= 1.2; x += 0.05) {
    const double law =
        colossim::loss(curve, colossim::Power{rating}, colossim::Power{x * rating}).base();
    INFO("x = " << x << ": S (a + b x + c x^2) = " << law << ", scaled = " << scaled(x * rating));
    CHECK(scaled(x * rating) == doctest::Approx(law).epsilon(1e-14));
  }
}
