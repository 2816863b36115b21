// Elementary functions from + − × ÷: argument reduction in two parts, then the Taylor series.
//
// The series are summed as trees, so the order of the operations is written here and not chosen by
// the compiler; no coefficient is fitted. Corrections are added last, to the rounding error of
// the leading sum, so that a result carries little more than its own final rounding.
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include <colossim/base/math.hpp>

namespace colossim::math {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double smallest_normal = std::numeric_limits<double>::min();

// ln 2 and π/2 in parts. The first part of ln 2 has 42 bits: its product with an exponent is exact.
constexpr double ln2_high = 0x1.62e42fefa3800p-1;
constexpr double ln2_low = 0x1.ef35793c76730p-45;
constexpr double log2_e = 0x1.71547652b82fep+0;
constexpr std::array<double, 3> half_pi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54,
                                           -0x1.f1976b7ed8fbcp-110};
constexpr double two_over_pi = 0x1.45f306dc9c883p-1;

constexpr bool is_nan(double x) {
  return x != x;
}
bool is_negative(double x) {
  return std::bit_cast<std::int64_t>(x) < 0;
}
double magnitude(double x) {
  return is_negative(x) ? -x : x;
}

/// Nearest multiple of `unit`, a power of two, for |x| < 2^51·unit; ties to even. Adding
/// 1.5·2^52·unit leaves no bit for anything smaller.
constexpr double nearest(double x, double unit = 1.0) {
  const double shift = 0x1.8p52 * unit;
  return (x + shift) - shift;
}

/// 2^n for n in [-1022, 1023].
double power_of_two(std::int64_t n) {
  return std::bit_cast<double>((n + 1023) << 52);
}

// --- Sums and products with their rounding error [dekker1971] ---

/// The number high + low, |low| ≤ half a unit in the last place of high.
struct Pair {
  double high = 0.0;
  double low = 0.0;
};

/// a + b, exactly; requires |a| ≥ |b| or a = 0.
constexpr Pair ordered_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// a + b, exactly.
constexpr Pair sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// The upper 26 bits of x and the rest; requires |x| < 2^996.
constexpr Pair halves(double x) {
  constexpr double splitter = 0x1p27 + 1;
  const double scaled = splitter * x;
  const double high = scaled - (scaled - x);
  return {high, x - high};
}

/// a × b, exactly; requires that nothing overflows or underflows.
constexpr Pair product(double a, double b) {
  const double high = a * b;
  const Pair x = halves(a);
  const Pair y = halves(b);
  const double low = ((x.high * y.high - high) + x.high * y.low + x.low * y.high) + x.low * y.low;
  return {high, low};
}

/// a × b with a relative error of a few 2^-104.
constexpr Pair product(Pair a, Pair b) {
  const Pair leading = product(a.high, b.high);
  return ordered_sum(leading.high, leading.low + (a.high * b.low + a.low * b.high));
}

// --- Polynomials ---

/// z, z², z⁴, z⁸.
struct Powers {
  double one, two, four, eight;
  explicit constexpr Powers(double z) : one(z), two(z * z), four(two * two), eight(four * four) {}
};

/// c[first] + c[first + 1]·z + ... (`count` terms), halved again and again.
template <std::size_t first, std::size_t count, std::size_t size>
constexpr double series(const std::array<double, size>& c, const Powers& z) {
  static_assert(0 < count && count <= 16 && first + count <= size);
  if constexpr (count == 1) {
    return c[first];
  } else if constexpr (count == 2) {
    return c[first] + z.one * c[first + 1];
  } else if constexpr (count <= 4) {
    return series<first, 2>(c, z) + z.two * series<first + 2, count - 2>(c, z);
  } else if constexpr (count <= 8) {
    return series<first, 4>(c, z) + z.four * series<first + 4, count - 4>(c, z);
  } else {
    return series<first, 8>(c, z) + z.eight * series<first + 8, count - 8>(c, z);
  }
}

/// c[0] + c[1]·z + c[2]·z² + ...
template <std::size_t size>
constexpr double series(const std::array<double, size>& c, double z) {
  return series<0, size>(c, Powers(z));
}

// --- Exponential ---

/// e^(x + low) for |low| far below |x|: 2^k·e^r with x = k·ln 2 + r, |r| ≤ ln(2)/2.
double exp_of_sum(double x, double low) {
  if (x > 710.0) return infinity;
  if (x < -746.0) return 0.0;
  static constexpr std::array<double, 12> coefficients = {
      1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,      1.0 / 720,       1.0 / 5040,
      1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
  };  // 1/n!, n = 2..13; the next term is below 2^-57
  const double k = nearest(x * log2_e);
  const double high = x - k * ln2_high;  // exact
  const double tail = low - k * ln2_low;
  const double r = high + tail;
  const Pair leading = ordered_sum(1.0, high);
  const double value = leading.high + (leading.low + (tail + r * r * series(coefficients, r)));

  const auto exponent = static_cast<std::int64_t>(k);
  if (exponent > -1022 && exponent < 1024) return value * power_of_two(exponent);
  const std::int64_t part = exponent / 2;  // results near overflow, or below the normal range
  return value * power_of_two(part) * power_of_two(exponent - part);
}

// --- Logarithm ---

/// ln(1 + f) for |f| < 0.42, relative error below 2^-64: 2·artanh(s) with s = f/(2 + f), where
/// artanh s = s + s·t and t = z/3 + z²/5 + ..., z = s². Slow; for the table below.
constexpr Pair log_by_division(double f) {
  constexpr std::array<double, 10> coefficients = {
      1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13,
      1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23,
  };
  constexpr Pair third = {0x1.5555555555555p-2, 0x1.5555555555555p-56};
  const Pair denominator = ordered_sum(2.0, f);
  const double s_high = f / denominator.high;
  const Pair check = product(s_high, denominator.high);
  const double missing = ((f - check.high) - check.low) - s_high * denominator.low;
  const Pair s = {s_high, missing / denominator.high};

  const Pair z = product(s, s);
  const double higher = z.high * series(coefficients, z.high);
  const Pair t = product(z, ordered_sum(third.high, higher + third.low));
  const Pair rest = product(s, t);
  const Pair total = ordered_sum(s.high, rest.high);
  return {2.0 * total.high, 2.0 * (total.low + (rest.low + s.low))};
}

/// A factor with 8 bits that brings a mantissa close to 1, and −ln(factor).
struct Anchor {
  double factor = 1.0;
  Pair log;
};

constexpr int first_anchor = -75;  // nearest(256·(√½ − 1))
constexpr int last_anchor = 106;   // nearest(256·(√2 − 1))
using Anchors = std::array<Anchor, static_cast<std::size_t>(last_anchor - first_anchor + 1)>;

/// The anchors for the mantissas near 1 + i/256, computed by the compiler.
constexpr Anchors make_anchors() {
  Anchors anchors{};
  for (int i = first_anchor; i <= last_anchor; ++i) {
    const double factor = nearest(1.0 / (1.0 + i / 256.0), 0x1p-7);
    const Pair log = log_by_division(factor - 1.0);
    anchors[static_cast<std::size_t>(i - first_anchor)] = {factor, {-log.high, -log.low}};
  }
  return anchors;
}

constexpr Anchors anchors = make_anchors();

/// ln x = base + ln(1 + r), where r is exact, |r| < 0.007, and |r| ≤ |base.high| or the base is 0.
struct ReducedLog {
  Pair base;
  double r = 0.0;
};

/// Requires x > 0, finite. With x = 2^k·(1 + f), 1 + f in [√½, √2), and the factor g of the nearest
/// anchor: r = (1 + f)·g − 1. This is a multiple of 2^-60 (2^-59 if f ≥ 0), hence a double, and so
/// are the three terms it is made of.
ReducedLog reduce_log(double x) {
  constexpr std::int64_t root_half_bits = 0x3fe6a09e667f3bcd;  // of the double next to √½
  const bool is_subnormal = x < smallest_normal;
  const auto bits = std::bit_cast<std::int64_t>(is_subnormal ? x * 0x1p54 : x);
  const std::int64_t exponent = (bits - root_half_bits) >> 52;
  const double f = std::bit_cast<double>(bits - (exponent << 52)) - 1.0;
  const auto k = static_cast<double>(is_subnormal ? exponent - 54 : exponent);

  const auto index = static_cast<int>(256.0 * nearest(f, 0x1p-8)) - first_anchor;
  const Anchor& anchor = anchors[static_cast<std::size_t>(index)];
  const double upper = nearest(f, 0x1p-30);
  const double r = (upper * anchor.factor + (anchor.factor - 1.0)) + (f - upper) * anchor.factor;
  const Pair base = ordered_sum(k * ln2_high, anchor.log.high);
  return {{base.high, base.low + (anchor.log.low + k * ln2_low)}, r};
}

/// (ln(1 + r) − r + r²/2)/r³ for |r| < 0.007.
double log_tail(double r) {
  static constexpr std::array<double, 8> coefficients = {
      1.0 / 3, -1.0 / 4, 1.0 / 5, -1.0 / 6, 1.0 / 7, -1.0 / 8, 1.0 / 9, -1.0 / 10,
  };
  return series(coefficients, r);
}

/// ln x with a relative error below 2^-64; requires x > 0, finite.
Pair log_in_two_parts(double x) {
  const auto [base, r] = reduce_log(x);
  const Pair square = product(r, r);
  const Pair linear = ordered_sum(base.high, r);
  const Pair quadratic = ordered_sum(linear.high, -0.5 * square.high);
  const double small = (base.low - 0.5 * square.low) + r * square.high * log_tail(r);
  return ordered_sum(quadratic.high, quadratic.low + (linear.low + small));
}

// --- Power ---

bool is_integer(double y) {
  return std::floor(y) == y;
}
bool is_odd_integer(double y) {
  return is_integer(y) && !is_integer(y * 0.5);
}

/// x^y for x > 0, as e^(y·ln x); x and y finite, or y infinite and x ≥ 0.
double positive_pow(double x, double y) {
  const double size = magnitude(y);
  if (x == 1.0 || size < 0x1p-70) return 1.0;                         // |ln x| < 2^10
  if (size > 0x1p65) return (x > 1.0) == (y > 0.0) ? infinity : 0.0;  // |ln x| > 2^-54
  const Pair log_x = log_in_two_parts(x);
  const Pair leading = product(y, log_x.high);
  const Pair power = ordered_sum(leading.high, leading.low + y * log_x.low);
  return exp_of_sum(power.high, power.low);
}

// --- Sine and cosine ---

/// An angle as quarter·π/2 + rest, |rest| ≤ π/4.
struct Angle {
  std::int64_t quarter = 0;
  Pair rest;
};

/// Requires |x| < 2^30. The absolute error of the rest is below 2^-130, and no double that large
/// comes closer than about 2^-62 to a multiple of π/2.
Angle reduce(double x) {
  if (magnitude(x) <= 0x1.921fb54442d18p-1) return {0, {x, 0.0}};
  const double n = nearest(x * two_over_pi);
  const Pair first = product(n, half_pi[0]);
  const Pair second = product(n, half_pi[1]);
  const Pair upper = sum(x - first.high, -first.low);  // the difference is exact
  const Pair lower = sum(upper.high, -second.high);
  const double tail = (upper.low + lower.low) - second.low - n * half_pi[2];
  return {static_cast<std::int64_t>(n), sum(lower.high, tail)};
}

/// sin(x.high + x.low) for |x| ≤ π/4.
double sin_near_zero(Pair x) {
  static constexpr std::array<double, 8> coefficients = {
      -1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
      -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000,
  };  // ±1/n!, n = 3, 5, ..., 17
  const double r = x.high;
  const double z = r * r;
  return r + (r * z * series(coefficients, z) + x.low * (1.0 - 0.5 * z));
}

/// cos(x.high + x.low) for |x| ≤ π/4.
double cos_near_zero(Pair x) {
  static constexpr std::array<double, 8> coefficients = {
      1.0 / 24,        -1.0 / 720,         1.0 / 40320,          -1.0 / 3628800,
      1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000, -1.0 / 6402373705728000,
  };  // ±1/n!, n = 4, 6, ..., 18
  const double r = x.high;
  const double z = r * r;
  const Pair leading = ordered_sum(1.0, -0.5 * z);
  return leading.high + (leading.low + (z * z * series(coefficients, z) - r * x.low));
}

/// sin(x + quarter·π/2).
double sin_shifted(double x, std::int64_t quarter) {
  if (!(magnitude(x) < 0x1p30)) return nan;
  const Angle angle = reduce(x);
  const auto turn = static_cast<std::uint64_t>(angle.quarter + quarter) % 4;
  const double value = turn % 2 == 0 ? sin_near_zero(angle.rest) : cos_near_zero(angle.rest);
  return turn < 2 ? value : -value;
}

// --- Inverse tangent ---

/// arctan(k/4) for k = 0..4 and π/2 − arctan((8 − k)/4) for k = 4..8, in two parts.
constexpr std::array<Pair, 9> base_angles = {{
    {0.0, 0.0},
    {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
    {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
    {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
    {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
    {0x1.dac670561bb4fp-1, 0x1.a2b7f222f65e2p-55},
    {0x1.1b6e192ebbe44p+0, 0x1.b1b466a88828ep-54},
    {0x1.5368c951e9cfdp+0, -0x1.96f47948a99f1p-54},
    {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54},
}};

/// arctan(x) for x ≥ 0 as base angle + arctan(t), |t| ≤ 1/8, by the addition theorem: from c = k/4
/// in [0, 1], t = (x − c)/(1 + c·x); from 1/c, t = (c·x − 1)/(x + c).
double atan_positive(double x) {
  if (x > 0x1p60) return half_pi[0];
  static constexpr std::array<double, 9> coefficients = {
      -1.0 / 3, 1.0 / 5, -1.0 / 7, 1.0 / 9, -1.0 / 11, 1.0 / 13, -1.0 / 15, 1.0 / 17, -1.0 / 19,
  };
  const bool is_small = x <= 1.0;
  const double step = nearest(is_small ? 4.0 * x : 4.0 / x);
  const double c = 0.25 * step;
  const double numerator = is_small ? x - c : c * x - 1.0;
  const Pair denominator = is_small ? ordered_sum(1.0, c * x) : ordered_sum(x, c);
  const double t = numerator / denominator.high;
  const Pair base = base_angles[static_cast<std::size_t>(is_small ? step : 8.0 - step)];
  const double z = t * t;
  if (base.high == 0.0) return t + t * z * series(coefficients, z);
  const Pair leading = ordered_sum(base.high, t);
  const double correction = base.low - t * denominator.low;
  return leading.high + (leading.low + (correction + t * z * series(coefficients, z)));
}

}  // namespace

double exp(double x) {
  return is_nan(x) ? nan : exp_of_sum(x, 0.0);
}

double log(double x) {
  if (x == 0.0) return -infinity;
  if (!(x > 0.0)) return nan;
  if (x == infinity) return infinity;
  const auto [base, r] = reduce_log(x);
  const Pair leading = ordered_sum(base.high, r);
  const double square = r * r;
  return leading.high + (leading.low + (base.low + square * (r * log_tail(r) - 0.5)));
}

double pow(double x, double y) {
  if (y == 0.0 || x == 1.0) return 1.0;
  if (is_nan(x) || is_nan(y)) return nan;
  const double size = magnitude(x);
  if (magnitude(y) == infinity) return positive_pow(size, y);
  const double sign = is_negative(x) && is_odd_integer(y) ? -1.0 : 1.0;
  if (size == 0.0) return sign * (y < 0.0 ? infinity : 0.0);
  if (size == infinity) return sign * (y < 0.0 ? 0.0 : infinity);
  if (x < 0.0 && !is_integer(y)) return nan;
  return sign * positive_pow(size, y);
}

double sin(double x) {
  return magnitude(x) < 0x1p-27 ? x : sin_shifted(x, 0);  // keeps the sign of a zero
}

double cos(double x) {
  return sin_shifted(x, 1);
}

double atan(double x) {
  if (is_nan(x)) return nan;
  if (magnitude(x) < 0x1p-27) return x;  // the cube is lost in rounding; keeps the sign of a zero
  const double angle = atan_positive(magnitude(x));
  return is_negative(x) ? -angle : angle;
}

std::int64_t round_to_int(double x) {
  const auto whole = static_cast<std::int64_t>(x);  // towards zero
  const double fraction = x - static_cast<double>(whole);
  if (fraction >= 0.5) return whole + 1;
  if (fraction <= -0.5) return whole - 1;
  return whole;
}

double floor_mod(double x, double m) {
  const double quotient = std::floor(x / m);
  const Pair multiple = product(quotient, m);
  const double remainder = (x - multiple.high) - multiple.low;
  if (remainder < 0.0) return remainder + m < m ? remainder + m : 0.0;
  return remainder < m ? remainder : remainder - m;
}

}  // namespace colossim::math
