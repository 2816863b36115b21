// Oracle for power capping: the table of models 2.3 and brute force.
#include <array>

#include <doctest/doctest.h>

#include <colossim/model/power_cap.hpp>

using namespace colossim;

namespace {

struct Row {
  double cap;
  double phi;
  double prefill;
  double training;
  double decode;
};

// models 2.3
constexpr std::array<Row, 7> rows{{
    {0.9, .937, .94, .955, .99},
    {600.0 / 700, .908, .92, .934, .985},
    {0.8, .866, .88, .90, .98},
    {500.0 / 700, .796, .81, .85, .96},
    {0.6, .684, .71, .755, .935},
    {400.0 / 700, .650, .67, .73, .925},
    {0.5, .555, .58, .64, .89},
}};

}  // namespace

TEST_CASE("clock and throughput under a cap are those of the table in models 2.3") {
  constexpr double table_tolerance = 0.006;  // of (1 + value): 0.012 at most
  for (const Row& row : rows) {
    const double phi = clock_at_cap(row.cap);
    INFO("cap/demand = ", row.cap, ": .3 + .7·(.3φ + .7φ³) = cap at φ = ", phi);
    CHECK(phi == doctest::Approx(row.phi).epsilon(0.0005));
    CHECK(throughput_at_clock(phi, 0.10) == doctest::Approx(row.prefill).epsilon(table_tolerance));
    CHECK(throughput_at_clock(phi, 0.30) == doctest::Approx(row.training).epsilon(table_tolerance));
    CHECK(throughput_at_clock(phi, 0.85) == doctest::Approx(row.decode).epsilon(table_tolerance));
  }
}

TEST_CASE("the clock under a cap is the highest whose power does not exceed it") {
  constexpr double next = 1e-12;
  for (int percent = 40; percent < 100; ++percent) {
    const double cap = percent / 100.0;
    const double phi = clock_at_cap(cap);
    INFO("cap/demand = ", cap, ", φ = ", phi);
    CHECK(power_at_clock(phi) <= cap);
    CHECK(power_at_clock(phi + next) > cap);
  }
}

TEST_CASE("a cap above demand does not bind, one below the lowest clock's power cannot be held") {
  CHECK(power_at_clock(1.0) == doctest::Approx(1.0).epsilon(1e-15));
  CHECK(clock_at_cap(1.0) == 1);
  CHECK(clock_at_cap(7.0) == 1);
  INFO("P(.35) = .3 + .7·(.105 + .7·.042875) = .39450875");
  CHECK(power_at_clock(0.35) == doctest::Approx(.39450875).epsilon(1e-12));
  CHECK(clock_at_cap(0.39) == 0.35);
  CHECK(clock_at_cap(0.0) == 0.35);
}

TEST_CASE("full clock loses nothing and work that ignores the clock never does") {
  CHECK(throughput_at_clock(1.0, 0.3) == 1);
  CHECK(throughput_at_clock(0.4, 1.0) == 1);
  CHECK(throughput_at_clock(0.4, 0.0) == doctest::Approx(0.4).epsilon(1e-15));
}

TEST_CASE("a linear law has the closed form φ = (cap − s)/(1 − s)") {
  const ClockLaw linear{.static_share = 0.25, .linear_share = 1.0, .min_clock = 0.1};
  INFO("(0.7 − 0.25)/0.75 = 0.6");
  CHECK(clock_at_cap(0.7, linear) == doctest::Approx(0.6).epsilon(1e-14));
}
