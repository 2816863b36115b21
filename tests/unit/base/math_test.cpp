// Checks the elementary functions against the long double libm, at special values, and bit by bit.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

#include <colossim/base/math.hpp>
#include <colossim/base/random.hpp>

namespace math = colossim::math;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double pi = 0x1.921fb54442d18p+1;
constexpr int samples = 100'000;

colossim::Stream stream_for(std::string_view purpose) {
  return colossim::Stream({.seed = 1, .path = "math_test", .purpose = purpose});
}

/// Distance from `got` to the true value [units in the last place of its double].
double ulp_error(double got, long double truth) {
  const double size = std::fabs(static_cast<double>(truth));
  const bool is_subnormal = size < std::numeric_limits<double>::min();
  const double unit = is_subnormal ? 0x1p-1074 : std::ldexp(1.0, std::ilogb(size) - 52);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - truth) / unit);
}

/// Largest error of `f` against `truth` over arguments uniform in [lo, hi] [ulp].
double largest_error(double (*f)(double), long double (*truth)(long double), double lo, double hi) {
  colossim::Stream stream = stream_for("arguments");
  double worst = 0.0;
  for (int i = 0; i < samples; ++i) {
    const double x = colossim::uniform_between(stream, lo, hi);
    worst = std::max(worst, ulp_error(f(x), truth(x)));
  }
  return worst;
}

/// The same number: equal with equal sign, or both NaN.
bool is_same(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && std::signbit(a) == std::signbit(b);
}

constexpr std::array<double, 22> special_values = {
    0.0,          -0.0,      1.0,   -1.0,   0.5,    -0.5,    2.0, -2.0, 3.0,  -3.0,   infinity,
    not_a_number, -infinity, 1e300, -1e300, 5e-324, -5e-324, 0.3, 1e-5, 3e20, -0.999, 1.0000001,
};

/// As `is_same`, with ordinary results allowed to differ by 2 ulp.
bool agree(double a, double b) {
  if (is_same(a, b)) return true;
  return std::isfinite(a) && std::isfinite(b) && std::signbit(a) == std::signbit(b) &&
         ulp_error(a, b) <= 2.0;
}

std::uint64_t absorb(std::uint64_t hash, double x) {
  return (hash ^ std::bit_cast<std::uint64_t>(x)) * 1099511628211U;
}

}  // namespace

TEST_CASE("exp is within 0.8 ulp") {
  CHECK(largest_error(math::exp, expl, -1.0, 1.0) < 0.8);
  CHECK(largest_error(math::exp, expl, -708.0, 709.7) < 0.8);
  CHECK(largest_error(math::exp, expl, -745.0, -708.0) < 0.8);
}

TEST_CASE("exp has the special values of C") {
  for (const double x : special_values) CHECK_MESSAGE(agree(math::exp(x), std::exp(x)), x);
  CHECK(math::exp(0.0) == 1.0);
  CHECK(math::exp(709.782712893384) == 0x1.fffffffffff2ap+1023);
  CHECK(math::exp(709.7827128933841) == infinity);
  CHECK(math::exp(-745.1332191019411) == 0x1p-1074);
  CHECK(math::exp(-745.1332191019413) == 0.0);
}

TEST_CASE("log is within 0.52 ulp") {
  CHECK(largest_error(math::log, logl, 0.5, 2.0) < 0.52);
  CHECK(largest_error(math::log, logl, 0.99, 1.01) < 0.52);
  CHECK(largest_error(math::log, logl, 0.0, 1e308) < 0.52);
  CHECK(largest_error(math::log, logl, 0.0, 1e-307) < 0.52);
}

TEST_CASE("log is accurate at both sides of every tabulated point") {
  double worst = 0.0;
  for (int i = -160; i <= 230; ++i) {
    const double middle = 1.0 + i / 512.0;
    for (const double x : {std::nextafter(middle, 0.0), middle, std::nextafter(middle, 3.0)}) {
      worst = std::max(worst, ulp_error(math::log(x), logl(x)));
    }
  }
  CHECK(worst < 0.52);
}

TEST_CASE("log has the special values of C") {
  for (const double x : special_values) CHECK_MESSAGE(agree(math::log(x), std::log(x)), x);
  CHECK(is_same(math::log(1.0), 0.0));
}

TEST_CASE("log undoes exp") {
  colossim::Stream stream = stream_for("inverse");
  for (int i = 0; i < samples; ++i) {
    const double x = colossim::uniform_between(stream, 1.0, 700.0);
    CHECK(math::log(math::exp(x)) == doctest::Approx(x).epsilon(1e-15));
  }
}

TEST_CASE("pow is within 0.85 ulp over the whole range of results") {
  colossim::Stream stream = stream_for("pow");
  double worst = 0.0;
  for (int i = 0; i < samples; ++i) {
    const double log_x = colossim::uniform_between(stream, -1.0, 1.0) * (i % 2 == 0 ? 1.0 : 600.0);
    const double x = std::exp(log_x);
    const double y = colossim::uniform_between(stream, -700.0, 700.0) / std::log(x);
    worst = std::max(worst, ulp_error(math::pow(x, y), powl(x, y)));
  }
  CHECK(worst < 0.85);
}

TEST_CASE("pow of a number next to 1 is within 0.85 ulp for huge exponents") {
  double worst = 0.0;
  for (int i = 1; i <= 1000; ++i) {
    const double x = 1.0 + i * 0x1p-52;
    const double y = 600.0 / i * 0x1p52;
    worst = std::max(worst, ulp_error(math::pow(x, y), powl(x, y)));
  }
  CHECK(worst < 0.85);
}

TEST_CASE("pow of small whole numbers is exact") {
  for (int base = 1; base <= 20; ++base) {
    double expected = 1.0;
    for (int exponent = 0; exponent <= 12; ++exponent) {
      CHECK(math::pow(base, exponent) == expected);
      CHECK(math::pow(-base, exponent) == (exponent % 2 == 0 ? expected : -expected));
      expected *= base;
    }
  }
}

TEST_CASE("pow has the special values of C") {
  for (const double x : special_values) {
    for (const double y : special_values) {
      CHECK_MESSAGE(agree(math::pow(x, y), std::pow(x, y)), x << " to the power " << y);
    }
  }
}

TEST_CASE("sin and cos are within 0.9 ulp") {
  for (const double limit : {0.8, 10.0, 1e3, 1e6, 1e9}) {
    CHECK(largest_error(math::sin, sinl, -limit, limit) < 0.9);
    CHECK(largest_error(math::cos, cosl, -limit, limit) < 0.9);
  }
}

TEST_CASE("sin and cos keep their relative accuracy next to their zeros") {
  double worst = 0.0;
  for (int i = 1; i <= 600'000; i += 7) {
    const double x = 0.5 * pi * i;
    worst = std::max(worst, ulp_error(math::sin(x), sinl(x)));
    worst = std::max(worst, ulp_error(math::cos(x), cosl(x)));
  }
  CHECK(worst < 0.9);
}

TEST_CASE("sin and cos have the special values of C below 2^30 and none above") {
  for (const double x : special_values) {
    const bool is_outside = std::fabs(x) >= 0x1p30;
    CHECK_MESSAGE(agree(math::sin(x), is_outside ? not_a_number : std::sin(x)), x);
    CHECK_MESSAGE(agree(math::cos(x), is_outside ? not_a_number : std::cos(x)), x);
  }
}

TEST_CASE("atan is within 1.1 ulp") {
  CHECK(largest_error(math::atan, atanl, -1.0, 1.0) < 1.1);
  CHECK(largest_error(math::atan, atanl, -10.0, 10.0) < 1.1);
  CHECK(largest_error(math::atan, atanl, -1e6, 1e6) < 1.1);
}

TEST_CASE("atan has the special values of C") {
  for (const double x : special_values) CHECK_MESSAGE(agree(math::atan(x), std::atan(x)), x);
}

TEST_CASE("rounding to an integer takes ties away from zero") {
  CHECK(math::round_to_int(0.5) == 1);
  CHECK(math::round_to_int(-0.5) == -1);
  CHECK(math::round_to_int(2.5) == 3);
  CHECK(math::round_to_int(-2.5) == -3);
  CHECK(math::round_to_int(-0.0) == 0);
  CHECK(math::round_to_int(0x1.fffffffffffffp-2) == 0);  // adding 0.5 would round this to 1
  CHECK(math::round_to_int(-0x1.fffffffffffffp-2) == 0);
}

TEST_CASE("rounding to an integer is exact where doubles have no fraction left") {
  CHECK(math::round_to_int(0x1p52 + 1.0) == (std::int64_t{1} << 52) + 1);
  CHECK(math::round_to_int(0x1.fffffffffffffp61) == 4611686018427387392);
  CHECK(math::round_to_int(-0x1.fffffffffffffp61) == -4611686018427387392);
  colossim::Stream stream = stream_for("rounding");
  for (int i = 0; i < samples; ++i) {
    const double x = colossim::uniform_between(stream, -1e15, 1e15);
    CHECK(math::round_to_int(x) == std::llround(x));
  }
}

TEST_CASE("floor_mod is at least 0, below m and agrees with fmod") {
  CHECK(math::floor_mod(25.0, 24.0) == 1.0);
  CHECK(math::floor_mod(-1.0, 24.0) == 23.0);
  CHECK(math::floor_mod(-24.0, 24.0) == 0.0);
  CHECK(math::floor_mod(-1e-300, 24.0) == 0.0);
  colossim::Stream stream = stream_for("floor_mod");
  for (int i = 0; i < samples; ++i) {
    const double x = colossim::uniform_between(stream, 0.0, 1e9);
    const double m = colossim::uniform_between(stream, 1e-3, 10.0);
    CHECK(math::floor_mod(x, m) == std::fmod(x, m));
    const double below = math::floor_mod(-x, m);
    CHECK(below >= 0.0);
    CHECK(below < m);
  }
}

TEST_CASE("a hundred thousand results have the same bits on every build") {
  colossim::Stream stream = stream_for("golden");
  std::uint64_t hash = 14695981039346656037U;
  for (int i = 0; i < samples / 5; ++i) {
    const double u = stream.uniform_open();
    const double x = 100.0 * (u - 0.5);
    hash = absorb(hash, math::exp(x));
    hash = absorb(hash, math::log(u));
    hash = absorb(hash, math::pow(u, x));
    hash = absorb(hash, math::sin(x) + math::cos(x));
    hash = absorb(hash, math::atan(x));
  }
  CHECK(hash == 0x96ae5bbe4bc9bd5f);
}
