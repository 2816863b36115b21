// Oracle for thermal networks: V19, a fine Runge-Kutta integration, and brute-force crossings.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/model/thermal_network.hpp>

using namespace colossim;
using units::celsius;
using units::kelvin;
using units::second;
using units::watt;

namespace {

constexpr auto watt_per_kelvin = watt / kelvin;
constexpr auto joule_per_kelvin = units::joule / kelvin;

/// Die with cold plate (300 J/K), rack loop, row loop cooled by facility water at 25 °C.
ThermalLayout die_loop_row() {
  return {.nodes = {{300.0 * joule_per_kelvin, 40.0 * celsius},
                    {9'000.0 * joule_per_kelvin, 35.0 * celsius},
                    {60'000.0 * joule_per_kelvin, 30.0 * celsius}},
          .boundaries = {25.0 * celsius},
          .links = {{0, 1, 25.0 * watt_per_kelvin}, {1, 2, 70.0 * watt_per_kelvin}},
          .boundary_links = {{2, 0, 90.0 * watt_per_kelvin}}};
}

/// One mass on one resistance.
ThermalLayout single(HeatCapacity capacity, ThermalConductance conductance) {
  return {.nodes = {{capacity, Temperature{}}},
          .boundaries = {Temperature{}},
          .links = {},
          .boundary_links = {{0, 0, conductance}}};
}

using Vector3 = std::array<double, 3>;

Vector3 slope(const Vector3& t, double heat) {
  const double die_to_loop = 25.0 * (t[0] - t[1]);
  const double loop_to_row = 70.0 * (t[1] - t[2]);
  const double row_to_water = 90.0 * (t[2] - 25.0);
  return {(heat - die_to_loop) / 300.0, (die_to_loop - loop_to_row) / 9'000.0,
          (loop_to_row - row_to_water) / 60'000.0};
}

Vector3 shifted(const Vector3& t, const Vector3& k, double h) {
  return {t[0] + h * k[0], t[1] + h * k[1], t[2] + h * k[2]};
}

/// Fourth-order Runge-Kutta, independent of the library.
Vector3 integrate(Vector3 t, double heat, double seconds, int steps) {
  const double h = seconds / steps;
  for (int i = 0; i < steps; ++i) {
    const Vector3 k1 = slope(t, heat);
    const Vector3 k2 = slope(shifted(t, k1, h / 2), heat);
    const Vector3 k3 = slope(shifted(t, k2, h / 2), heat);
    const Vector3 k4 = slope(shifted(t, k3, h), heat);
    for (std::size_t j = 0; j < 3; ++j) {
      t[j] += h / 6 * (k1[j] + 2 * k2[j] + 2 * k3[j] + k4[j]);
    }
  }
  return t;
}

/// First grid time at which the node is on the other side of the threshold.
std::optional<double> crossing_by_grid(ThermalNetwork network, std::size_t node, double threshold,
                                       double step, int steps) {
  const bool above = network.temperature(node).in(celsius) > threshold;
  for (int i = 1; i <= steps; ++i) {
    network.advance(step * second);
    if ((network.temperature(node).in(celsius) > threshold) != above) return step * i;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE(
    "V19: 700 W on R = .03 K/W with tau = 120 s warms by 13.2745317354 K in 120 s, 21 K in all") {
  ThermalNetwork die(single(4'000.0 * joule_per_kelvin, watt_per_kelvin / 0.03));
  die.set_heat(0, 700.0 * watt);
  die.advance(120.0 * second);
  INFO("C = 120 s/.03 K/W = 4,000 J/K; 21·(1 − 1/e) = 13.2745317354");
  CHECK(die.temperature(0).in(kelvin) == doctest::Approx(13.2745317354).epsilon(5e-11));
  REQUIRE(die.steady_state(0));
  CHECK(die.steady_state(0)->in(kelvin) == doctest::Approx(21.0).epsilon(1e-12));
}

TEST_CASE("V19: 300 J/K under 700 W goes from 60 to 87 °C in 11.57 s without cooling") {
  INFO("300·27/700 = 11.571428571 s");
  const Time formula =
      adiabatic_time(300.0 * joule_per_kelvin, 700.0 * watt, (87.0 - 60.0) * kelvin);
  CHECK(formula.in(second) == doctest::Approx(11.571428571428571).epsilon(1e-14));
  ThermalNetwork die({.nodes = {{300.0 * joule_per_kelvin, 60.0 * celsius}},
                      .boundaries = {},
                      .links = {},
                      .boundary_links = {}});
  die.set_heat(0, 700.0 * watt);
  const auto time = die.time_to(0, 87.0 * celsius, 100.0 * second);
  REQUIRE(time);
  CHECK(time->in(second) == doctest::Approx(11.571428571428571).epsilon(1e-12));
  CHECK_FALSE(die.steady_state(0));
}

TEST_CASE("three nodes follow a fine Runge-Kutta integration through a change of power") {
  ThermalNetwork network(die_loop_row());
  network.set_heat(0, 700.0 * watt);
  network.advance(90.0 * second);
  Vector3 expected = integrate({40, 35, 30}, 700, 90, 90'000);
  for (std::size_t i = 0; i < 3; ++i) {
    INFO("node ", i, " after 90 s at 700 W, step 1 ms");
    CHECK(network.temperature(i).in(celsius) == doctest::Approx(expected[i]).epsilon(1e-11));
  }
  network.set_heat(0, 120.0 * watt);
  network.advance(2'000.0 * second);
  expected = integrate(expected, 120, 2'000, 400'000);
  for (std::size_t i = 0; i < 3; ++i) {
    INFO("node ", i, " 2,000 s later at 120 W, step 5 ms");
    CHECK(network.temperature(i).in(celsius) == doctest::Approx(expected[i]).epsilon(1e-11));
  }
}

TEST_CASE("one long step equals many short ones") {
  ThermalNetwork once(die_loop_row());
  once.set_heat(0, 700.0 * watt);
  ThermalNetwork often = once;
  once.advance(1'000.0 * second);
  for (int i = 0; i < 1'000; ++i) often.advance(1.0 * second);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(once.temperature(i).in(celsius) ==
          doctest::Approx(often.temperature(i).in(celsius)).epsilon(1e-12));
  }
}

TEST_CASE("at steady state the heat flows through the resistances in series") {
  ThermalNetwork network(die_loop_row());
  network.set_heat(0, 700.0 * watt);
  INFO("row 25 + 700/90 = 32.7778, loop + 700/70 = 42.7778, die + 700/25 = 70.7778 °C");
  CHECK(network.steady_state(2)->in(celsius) == doctest::Approx(32.777777778).epsilon(1e-10));
  CHECK(network.steady_state(1)->in(celsius) == doctest::Approx(42.777777778).epsilon(1e-10));
  CHECK(network.steady_state(0)->in(celsius) == doctest::Approx(70.777777778).epsilon(1e-10));
  network.set_boundary(0, 30.0 * celsius);
  CHECK(network.steady_state(0)->in(celsius) == doctest::Approx(75.777777778).epsilon(1e-10));
  network.advance(1e7 * second);
  CHECK(network.temperature(0).in(celsius) == doctest::Approx(75.777777778).epsilon(1e-10));
}

TEST_CASE("time_to a threshold is the first crossing a fine grid finds") {
  ThermalNetwork network(die_loop_row());
  network.set_heat(0, 700.0 * watt);
  constexpr double step = 0.01;
  for (const double threshold : {40.5, 50.0, 60.0, 65.0, 70.0}) {
    const auto coarse = crossing_by_grid(network, 0, threshold, step, 800'000);
    const auto exact = network.time_to(0, threshold * celsius, 8'000.0 * second);
    REQUIRE(coarse);
    REQUIRE(exact);
    INFO("threshold ", threshold, " °C, grid ", *coarse, " s, exact ", exact->in(second), " s");
    CHECK(exact->in(second) <= *coarse + 1e-6);
    CHECK(exact->in(second) >= *coarse - step - 1e-6);
  }
  CHECK_FALSE(network.time_to(0, 70.8 * celsius, 1e9 * second));
  CHECK_FALSE(network.time_to(0, 60.0 * celsius, 1.0 * second));
  CHECK(network.time_to(0, network.temperature(0), 1.0 * second) == Time{});
}

TEST_CASE("time_to sees the swing of a node that passes a threshold and comes back") {
  ThermalNetwork network(die_loop_row());
  network.set_temperature(0, 90.0 * celsius);  // a hot die warms the loop, which then cools again
  const double start = network.temperature(1).in(celsius);
  ThermalNetwork probe = network;
  double peak = start;
  for (int i = 0; i < 60'000; ++i) {
    probe.advance(0.01 * second);
    peak = std::max(peak, probe.temperature(1).in(celsius));
  }
  INFO("loop starts at ", start, ", peaks at ", peak, ", ends below the start");
  REQUIRE(peak > start + 0.1);
  const double near_peak = peak - 1e-7;
  const auto time = network.time_to(1, near_peak * celsius, 1e8 * second);
  REQUIRE(time);
  ThermalNetwork there = network;
  there.advance(*time);
  CHECK(there.temperature(1).in(celsius) == doctest::Approx(near_peak).epsilon(1e-12));
  CHECK_FALSE(network.time_to(1, (peak + 1e-6) * celsius, 1e8 * second));
}

TEST_CASE("two masses cut off from the surroundings keep their heat and drift together") {
  ThermalNetwork pair({.nodes = {{100.0 * joule_per_kelvin, 80.0 * celsius},
                                 {300.0 * joule_per_kelvin, 20.0 * celsius}},
                       .boundaries = {},
                       .links = {{0, 1, 10.0 * watt_per_kelvin}},
                       .boundary_links = {}});
  pair.advance(1'000.0 * second);
  INFO("(100·80 + 300·20)/400 = 35 °C");
  CHECK(pair.temperature(0).in(celsius) == doctest::Approx(35.0).epsilon(1e-12));
  CHECK(pair.temperature(1).in(celsius) == doctest::Approx(35.0).epsilon(1e-12));
  CHECK_FALSE(pair.steady_state(1));
  pair.set_heat(0, 40.0 * watt);
  const auto time = pair.time_to(1, 45.0 * celsius, 1'000.0 * second);
  INFO(
      "after the transient (tau 7.5 s) both warm by 40 W/400 J/K = 0.1 K/s, so 30 W flow to the "
      "far mass over 3 K: its temperature is 35 − 100·3/400 + 0.1·t = 45 at t = 107.5 s");
  REQUIRE(time);
  CHECK(time->in(second) == doctest::Approx(107.5).epsilon(1e-6));
}

TEST_CASE("a part that touches no boundary drifts while the other part settles") {
  ThermalNetwork split({.nodes = {{300.0 * joule_per_kelvin, 50.0 * celsius},
                                  {4e9 * joule_per_kelvin, 20.0 * celsius}},
                        .boundaries = {10.0 * celsius},
                        .links = {},
                        .boundary_links = {{1, 0, 4e7 * watt_per_kelvin}}});
  split.set_heat(0, 3.0 * watt);
  CHECK_FALSE(split.steady_state(0));
  REQUIRE(split.steady_state(1));
  CHECK(split.steady_state(1)->in(celsius) == doctest::Approx(10.0).epsilon(1e-12));
  split.advance(100.0 * second);
  INFO("node 0: 50 + 3·100/300 = 51; node 1: 10 + 10/e");
  CHECK(split.temperature(0).in(celsius) == doctest::Approx(51.0).epsilon(1e-12));
  CHECK(split.temperature(1).in(celsius) == doctest::Approx(13.678794412).epsilon(1e-9));
}

TEST_CASE("a layout outside its ranges is a broken invariant") {
  ThermalLayout no_mass = die_loop_row();
  no_mass.nodes[1].capacity = HeatCapacity{};
  CHECK_THROWS_AS(ThermalNetwork{no_mass}, InvariantBroken);
  ThermalLayout loose_end = die_loop_row();
  loose_end.links[0].b = 3;
  CHECK_THROWS_AS(ThermalNetwork{loose_end}, InvariantBroken);
}
