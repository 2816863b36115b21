// Latin hypercubes, Sobol sequences, quantiles.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include <boost/random/sobol.hpp>

#include <colossim/base/check.hpp>
#include <colossim/base/math.hpp>
#include <colossim/base/random.hpp>
#include <colossim/experiment/sampling.hpp>

namespace colossim {

namespace {

Stream stream_of(std::uint64_t seed, std::string_view design, std::size_t dimension) {
  return Stream{
      StreamName{.seed = seed, .path = design, .purpose = "sampling", .ordinal = dimension}};
}

/// The middle of one of 2^32 equal intervals of (0, 1): far from both ends of every interval of a
/// million.
double unit_coordinate(std::uint64_t bits) {
  return static_cast<double>((bits >> 32) * 2 + 1) * 0x1p-33;
}

double polynomial(const std::array<double, 8>& coefficients, double x) {
  double value = 0;
  for (auto c = coefficients.rbegin(); c != coefficients.rend(); ++c) value = value * x + *c;
  return value;
}

}  // namespace

Design latin_hypercube(std::size_t points, std::size_t dimensions, std::uint64_t seed) {
  Design design(points, std::vector<double>(dimensions));
  for (std::size_t d = 0; d < dimensions; ++d) {
    Stream stream = stream_of(seed, "lhs", d);
    std::vector<std::size_t> order(points);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = points; i > 1; --i)
      std::swap(order[i - 1], order[static_cast<std::size_t>(stream.next() % i)]);
    for (std::size_t i = 0; i < points; ++i)
      design[i][d] = (static_cast<double>(order[i]) + unit_coordinate(stream.next())) /
                     static_cast<double>(points);
  }
  return design;
}

Design sobol_sequence(std::size_t points, std::size_t dimensions, std::uint64_t seed) {
  COLOSSIM_CHECK(dimensions >= 1 && dimensions <= most_sobol_dimensions, "dimensions={}",
                 dimensions);
  std::vector<std::uint64_t> shifts;
  for (std::size_t d = 0; d < dimensions; ++d) shifts.push_back(stream_of(seed, "sobol", d).next());
  boost::random::sobol sequence{dimensions};
  Design design(points, std::vector<double>(dimensions));
  for (std::size_t i = 0; i < points; ++i) {
    for (std::size_t d = 0; d < dimensions; ++d) {
      // The generator leaves out the sequence's first point, the origin.
      const std::uint64_t bits = i == 0 ? 0 : sequence();
      design[i][d] = unit_coordinate(bits ^ shifts[d]);
    }
  }
  return design;
}

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    constexpr std::array a{3.3871328727963666080e0,  1.3314166789178437745e+2,
                           1.9715909503065514427e+3, 1.3731693765509461125e+4,
                           4.5921953931549871457e+4, 6.7265770927008700853e+4,
                           3.3430575583588128105e+4, 2.5090809287301226727e+3};
    constexpr std::array b{1.0,
                           4.2313330701600911252e+1,
                           6.8718700749205790830e+2,
                           5.3941960214247511077e+3,
                           2.1213794301586595867e+4,
                           3.9307895800092710610e+4,
                           2.8729085735721942674e+4,
                           5.2264952788528545610e+3};
    const double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  double r = std::sqrt(-math::log(q < 0 ? p : 1 - p));
  double x = 0;
  if (r <= 5) {
    constexpr std::array c{1.42343711074968357734e0,  4.63033784615654529590e0,
                           5.76949722146069140550e0,  3.64784832476320460504e0,
                           1.27045825245236838258e0,  2.41780725177450611770e-1,
                           2.27238449892691845833e-2, 7.74545014278341407640e-4};
    constexpr std::array d{1.0,
                           2.05319162663775882187e0,
                           1.67638483018380384940e0,
                           6.89767334985100004550e-1,
                           1.48103976427480074590e-1,
                           1.51986665636164571966e-2,
                           5.47593808499534494600e-4,
                           1.05075007164441684324e-9};
    r -= 1.6;
    x = polynomial(c, r) / polynomial(d, r);
  } else {
    constexpr std::array e{6.65790464350110377720e0,  5.46378491116411436990e0,
                           1.78482653991729133580e0,  2.96560571828504891230e-1,
                           2.65321895265761230930e-2, 1.24266094738807843860e-3,
                           2.71155556874348757815e-5, 2.01033439929228813265e-7};
    constexpr std::array f{1.0,
                           5.99832206555887937690e-1,
                           1.36929880922735805310e-1,
                           1.48753612908506148525e-2,
                           7.86869131145613259100e-4,
                           1.84631831751005468180e-5,
                           1.42151175831644588870e-7,
                           2.04426310338993978564e-15};
    r -= 5;
    x = polynomial(e, r) / polynomial(f, r);
  }
  return q < 0 ? -x : x;
}

double quantile(const DistributionData& distribution, double p) {
  using Kind = DistributionData::Kind;
  double value = distribution.a;
  switch (distribution.kind) {
    case Kind::constant:
      break;
    case Kind::uniform:
      value = distribution.a + p * (distribution.b - distribution.a);
      break;
    case Kind::exponential:
      value = -distribution.a * math::log(1 - p);
      break;
    case Kind::lognormal:
      value = distribution.a * math::exp(distribution.b * normal_quantile(p));
      break;
    case Kind::normal:
      value = distribution.a + distribution.b * normal_quantile(p);
      break;
    case Kind::choice: {
      const auto& sums = distribution.cumulative_weights;
      const auto at = std::upper_bound(sums.begin(), sums.end() - 1, p) - sums.begin();
      value = distribution.values[static_cast<std::size_t>(at)];
      break;
    }
  }
  return distribution.bounded(value);
}

}  // namespace colossim
