// Checks numbers with units: what is read, what is refused, and that written values read back.
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/scenario/unit.hpp>

using namespace colossim;

namespace {

constexpr Dimension none{};

/// Reads a text that must be legal.
Measured read(std::string_view text) {
  std::string problem;
  const auto value = parse_measured(text, problem);
  CAPTURE(text);
  CAPTURE(problem);
  REQUIRE(value.has_value());
  return *value;
}

/// The problem of a text that must not be legal; empty when it was read.
std::string problem_of(std::string_view text) {
  std::string problem;
  if (parse_measured(text, problem)) return {};
  return problem;
}

template <class Q>
void check_reads(std::string_view text, Q expected) {
  CAPTURE(text);
  const Measured found = read(text);
  CHECK(found.base == doctest::Approx(expected.base()).epsilon(1e-15));
  CHECK(found.dimension == Q::dimension);
  CHECK(found.has_unit);
}

/// The dimensions scenarios use, all that the library has a name for in a field or a metric.
const std::vector<Dimension>& dimensions() {
  static const std::vector<Dimension> all{Power::dimension,
                                          Energy::dimension,
                                          Time::dimension,
                                          Frequency::dimension,
                                          Temperature::dimension,
                                          Dollars::dimension,
                                          MoneyRate::dimension,
                                          EnergyPrice::dimension,
                                          PowerPrice::dimension,
                                          GpuPrice::dimension,
                                          GpuCount::dimension,
                                          GpuRate::dimension,
                                          GpuPower::dimension,
                                          Users::dimension,
                                          {.time = -1, .user = -1, .request = 1},
                                          {.request = -1, .token = 1},
                                          TokenRate::dimension,
                                          Tokens::dimension,
                                          TokenPrice::dimension,
                                          Flops::dimension,
                                          FlopRate::dimension,
                                          Bytes::dimension,
                                          ByteRate::dimension,
                                          {.token = -1, .byte = 1},
                                          {.energy = -1, .length = 3},
                                          {.energy = -1, .mass = 1},
                                          HeatCapacity::dimension,
                                          ThermalConductance::dimension,
                                          ThermalResistance::dimension,
                                          Volume::dimension,
                                          Mass::dimension,
                                          MassFlow::dimension,
                                          Length::dimension};
  return all;
}

/// Any sign and any size a scenario could hold: thirty powers of ten.
double draw_value(Stream& stream) {
  const double exponent = uniform_between(stream, -15, 15);
  const double size = std::pow(10.0, exponent);
  const double sign = stream.uniform() < 0.3 ? -1 : 1;
  return sign * size;
}

void check_round_trip(double base, Dimension dimension) {
  const std::string text = to_text(base, dimension);
  CAPTURE(text);
  const Measured found = read(text);
  CHECK(std::bit_cast<std::uint64_t>(found.base) == std::bit_cast<std::uint64_t>(base));
  REQUIRE(found.dimension == dimension);
  CHECK(found.has_unit == (dimension != none));
}

}  // namespace

TEST_CASE("a bare number has no unit and no dimension") {
  for (const std::string_view text : {"0", "5", "-5", "0.5", "1e3", "1.25e-3", "-0.0"}) {
    CAPTURE(text);
    CHECK_FALSE(read(text).has_unit);
    CHECK(read(text).dimension == none);
  }
  CHECK(read("1.25e-3").base == 1.25e-3);
  CHECK(std::signbit(read("-0").base));
}

TEST_CASE("units, prefixes, per cent and quotients are read") {
  check_reads("300 MW", 300.0 * units::megawatt);
  check_reads("1.2 GWh", 1200.0 * units::megawatt_hour);
  check_reads("50 ms", 50.0 * units::millisecond);
  check_reads("8 min", 8.0 * units::minute);
  check_reads("-10 C", -10.0 * units::celsius);
  check_reads("62 USD/MWh", 62.0 * units::usd / units::megawatt_hour);
  check_reads("2.35 USD/gpu/h", 2.35 * units::usd / units::gpu / units::hour);
  check_reads("2 MUSD/d", 2e6 * units::usd / units::day);
  check_reads("989 Tflop/s", FlopRate{989e12});
  check_reads("80 GB", Bytes{80e9});
  check_reads("400 Gbit/s", ByteRate{50e9});
  check_reads("3 t", Mass{3000.0});
  check_reads("2 kg", Mass{2.0});
  check_reads("5 1/h", 5.0 / units::hour);
  check_reads("3 %/yr", 0.03 / units::year);
  CHECK(read("95 %").base == doctest::Approx(0.95).epsilon(1e-15));
  CHECK(read("95 %").dimension == none);
  CHECK(read("95 %").has_unit);
}

TEST_CASE("energy per time is power") {
  check_reads("5 MWh/h", 5.0 * units::megawatt);
  check_reads("1 J/s", units::watt);
}

TEST_CASE("counted things may be plural, with prefixes and in quotients") {
  check_reads("8 gpus", 8.0 * units::gpu);
  check_reads("8 gpu", 8.0 * units::gpu);
  check_reads("20 kgpus", 20'000.0 * units::gpu);
  check_reads("2 Musers", 2e6 * units::user);
  check_reads("3 tokens/s", 3.0 * units::token / units::second);
  check_reads("2 USD/gpus/h", 2.0 * units::usd / units::gpu / units::hour);
  CHECK(read("4 racks").dimension == Dimension{.rack = 1});
  CHECK(read("4 requests").dimension == Dimension{.request = 1});
  for (const std::string_view text : {"5 USDs", "5 Ws", "5 hs", "5 mins", "5 bits", "5 gpuss"}) {
    CAPTURE(text);
    CHECK_FALSE(problem_of(text).empty());
  }
}

TEST_CASE("several blanks may stand between number and unit") {
  check_reads("5   MW", 5.0 * units::megawatt);
}

TEST_CASE("what is not a plain decimal number is refused") {
  for (const std::string_view text :
       {"",      "-",        "010",  "-010",   "00",    "007.5",       "1e-400", "1e400",
        "nan",   "inf",      "-inf", "NaN",    "0x10",  "0x1p3",       "+5",     ".5",
        "1_000", "1,000",    "1e",   "1e+",    "--5",   "five",        "5MW",    "5%",
        "1.2.3", "infinity", " 5",   "5e-324", "1e999", "\xEF\xBC\x95"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text).has_value());
    CHECK(problem_of(text).find("is not a number") != std::string::npos);
    CHECK(problem_of(std::string{text} + " MW").find("is not a number") != std::string::npos);
  }
}

TEST_CASE("unknown units are refused and named") {
  for (const std::string_view text :
       {"5 XW", "5 mW", "5 kkW", "5 ks", "5 Mh", "5 k", "5 kC", "5 k%", "5 mw", "5 USD/foo",
        "5 MW/", "5 /h", "5 ", "5 MW h", "5 MW ", "5 W*h", "5 USD/gpu/", "5 kWh/1/h"}) {
    CAPTURE(text);
    CHECK(problem_of(text).find("unknown unit") != std::string::npos);
  }
  CHECK(problem_of("5 USD/foo") == "unknown unit \"foo\"");
}

TEST_CASE("a lone 1 is no unit: two numbers are refused") {
  CHECK_FALSE(problem_of("5 1").empty());
  CHECK_FALSE(problem_of("5 000").empty());
}

TEST_CASE("a small resistance and a power price keep their dimension when written") {
  check_round_trip(0.0045, ThermalResistance::dimension);  // 0.0045 K/W
  check_round_trip(1.0 / 3.0, PowerPrice::dimension);      // beyond every usual unit's digits
  check_round_trip(1e9, PowerPrice::dimension);
}

TEST_CASE("a number that overflows with its unit is refused") {
  CHECK(problem_of("1e308 MW") == "the number is too large");
  CHECK(problem_of("-1e308 PJ") == "the number is too large");
  CHECK(read("1e300 W").base == 1e300);
}

TEST_CASE("a value is written in the unit one would say") {
  CHECK(to_text(3e8, Power::dimension) == "300 MW");
  CHECK(to_text(700, Power::dimension) == "0.7 kW");
  CHECK(to_text(0, Power::dimension) == "0 MW");
  CHECK(to_text(5400, Time::dimension) == "1.5 h");
  CHECK(to_text(25, Temperature::dimension) == "25 C");
  CHECK(to_text(100'000, GpuCount::dimension).ends_with(" gpu"));
  CHECK(to_text(0.25, none) == "0.25");
}

TEST_CASE("every legal unit of a dimension reads as that dimension") {
  for (const Dimension dimension : dimensions()) {
    const std::vector<std::string> names = legal_units(dimension);
    CHECK_FALSE(names.empty());
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(read("1 " + name).dimension == dimension);
    }
  }
  CHECK(legal_units(none).front() == "%");
}

TEST_CASE("every value is written so that it reads back to the same bits") {
  Stream stream{StreamName{.seed = 13, .path = "units"}};
  for (const Dimension dimension : dimensions()) {
    for (int i = 0; i < 400; ++i) check_round_trip(draw_value(stream), dimension);
    for (const double value : {0.0, -0.0, 1.0, 0.1, 1.0 / 3.0, 1e5, 1e-299, 1e300}) {
      check_round_trip(value, dimension);
    }
  }
  for (int i = 0; i < 400; ++i) check_round_trip(draw_value(stream), none);
}

TEST_CASE("values that round in their usual unit read back too") {
  Stream stream{StreamName{.seed = 13, .path = "units", .purpose = "usual"}};
  for (const Dimension dimension : dimensions()) {
    for (const std::string& name : legal_units(dimension)) {
      for (int i = 0; i < 50; ++i) {
        const auto hundredths = static_cast<double>(stream.next() % 100'000);
        check_round_trip(hundredths / 100 * read("1 " + name).base, dimension);
      }
    }
  }
}

TEST_CASE("the unit table names units that can be read") {
  for (const UnitRow& row : unit_table()) {
    CAPTURE(row.name);
    CHECK(problem_of("1 " + row.name).empty());
    CHECK_FALSE(row.meaning.empty());
    const bool prefixed = row.meaning.find("before it") != std::string::npos;
    for (const char prefix : std::string_view{"kMGTP"}) {
      const std::string name = prefix + row.name;
      if (prefixed) CHECK(problem_of("1 " + name).empty());
    }
  }
}
