// Checks the generator against published answers, the streams' names, and the samplers' laws.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>

using namespace colossim;

namespace {

constexpr int samples = 200'000;
constexpr std::size_t bins = 64;

Stream stream_for(std::string_view purpose) {
  return Stream({.seed = 2024, .path = "random_test", .purpose = purpose});
}

struct Moments {
  double mean = 0.0;
  double variance = 0.0;
};

Moments moments(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0.0;
  for (const double x : values) sum += x;
  const double mean = sum / count;
  double squares = 0.0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return {mean, squares / (count - 1.0)};
}

template <typename Sampler>
std::vector<double> sample(std::string_view purpose, Sampler sampler) {
  Stream stream = stream_for(purpose);
  std::vector<double> values(samples);
  for (double& x : values) x = sampler(stream);
  return values;
}

/// Pearson's chi-square of `values` mapped by their distribution function `cdf` to 64 equal bins:
/// 63 degrees of freedom, so within [30, 111] with probability 0.9996.
template <typename Cdf>
double chi_square(const std::vector<double>& values, Cdf cdf) {
  std::array<double, bins> counts{};
  for (const double x : values) {
    const auto bin = static_cast<std::size_t>(cdf(x) * static_cast<double>(bins));
    counts[std::min(bin, bins - 1)] += 1.0;
  }
  const double expected = static_cast<double>(values.size()) / static_cast<double>(bins);
  double sum = 0.0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

void check_plausible(double chi_square_63) {
  CHECK(chi_square_63 > 30.0);
  CHECK(chi_square_63 < 111.0);
}

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

}  // namespace

TEST_CASE("philox4x32-10 gives the known answers of Random123") {
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) ==
        PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(philox4x32({ones, ones, ones, ones}, {ones, ones}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a text always has the same hash") {  // computed apart, in Python
  CHECK(hash_text("") == 0xf52a15e9a9b5e89b);
  CHECK(hash_text("a") == 0x02c0bdbf481420f8);
  CHECK(hash_text("tenants/acme", 7) == 0xdf6ae69bd7dd6fff);
}

TEST_CASE("the hash depends on every letter and on the seed") {
  const std::string text = "halls/h1/racks/r042";
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = '~';
    CHECK(hash_text(other) != hash_text(text));
  }
  CHECK(hash_text(text, 1) != hash_text(text, 2));
  CHECK(hash_text(std::string(1, '\0')) != hash_text(""));
}

TEST_CASE("a stream key depends on each part of the name") {
  const StreamName name = {
      .seed = 1, .path = "tenants/acme", .purpose = "arrivals", .ordinal = 3, .replication = 4};
  std::array<StreamName, 7> others;
  others.fill(name);
  others[0].seed = 2;
  others[1].path = "tenants/acne";
  others[2].purpose = "sizes";
  others[3].ordinal = 4;
  others[4].replication = 3;
  others[5].path = "tenants/acmea";  // the same letters, cut elsewhere
  others[5].purpose = "rrivals";
  others[6].ordinal = 4;  // ordinal and replication exchanged
  others[6].replication = 3;
  for (const StreamName& other : others) {
    CHECK(stream_key(other).key != stream_key(name).key);
    CHECK(stream_key(other).nonce != stream_key(name).nonce);
  }
  CHECK(stream_key(name) == stream_key(StreamName(name)));
  CHECK(stream_key(name).key != stream_key(name).nonce);
}

TEST_CASE("a stream uses both halves of each philox block, in order") {
  Stream stream(StreamKey{.key = 0, .nonce = 0});
  CHECK(stream.next() == 0xe169c58d6627e8d5);
  CHECK(stream.next() == 0x9b00dbd8bc57ac4c);
  const PhiloxCounter second = philox4x32({1, 0, 0, 0}, {0, 0});
  CHECK(stream.next() == (std::uint64_t{second[1]} << 32 | second[0]));
}

TEST_CASE("a copy of a stream continues where the original stands") {
  Stream stream = stream_for("fork");
  for (int skipped = 0; skipped < 5; ++skipped) stream.next();
  Stream copy = stream;
  CHECK(copy == stream);
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t expected = stream.next();
    CHECK(copy.next() == expected);
  }
}

TEST_CASE("the first thousand draws never change") {
  Stream stream = stream_for("golden");
  std::uint64_t hash = 14695981039346656037U;
  for (int i = 0; i < 1000; ++i) hash = (hash ^ stream.next()) * 1099511628211U;
  CHECK(hash == 0x770dd028de1d382e);
}

TEST_CASE("the samplers' first thousand values never change") {
  Stream stream = stream_for("golden");
  std::uint64_t hash = 14695981039346656037U;
  const auto absorb = [&hash](double x) {
    hash = (hash ^ std::bit_cast<std::uint64_t>(x)) * 1099511628211U;
  };
  for (int i = 0; i < 250; ++i) {
    absorb(exponential(stream, 3.0));
    absorb(standard_normal(stream));
    absorb(lognormal(stream, 2.0, 0.5));
    absorb(uniform_between(stream, -1.0, 5.0));
  }
  CHECK(hash == 0xa293ee0a823794ae);
}

TEST_CASE("uniform draws fill the unit interval evenly") {
  const std::vector<double> values = sample("uniform", [](Stream& s) { return s.uniform(); });
  CHECK(*std::min_element(values.begin(), values.end()) >= 0.0);
  CHECK(*std::max_element(values.begin(), values.end()) < 1.0);
  CHECK(moments(values).mean == doctest::Approx(0.5).epsilon(0.005));
  CHECK(moments(values).variance == doctest::Approx(1.0 / 12).epsilon(0.01));
  check_plausible(chi_square(values, [](double x) { return x; }));
}

TEST_CASE("consecutive uniform draws are not correlated") {
  const std::vector<double> values = sample("pairs", [](Stream& s) { return s.uniform() - 0.5; });
  double sum = 0.0;
  for (std::size_t i = 1; i < values.size(); ++i) sum += values[i - 1] * values[i];
  const double correlation = sum * 12.0 / samples;  // standard deviation 1/√samples
  CHECK(std::fabs(correlation) < 3.5 / std::sqrt(double{samples}));
}

TEST_CASE("open uniform draws never reach 0 or 1") {
  const std::vector<double> values = sample("open", [](Stream& s) { return s.uniform_open(); });
  CHECK(*std::min_element(values.begin(), values.end()) > 0.0);
  CHECK(*std::max_element(values.begin(), values.end()) < 1.0);
  check_plausible(chi_square(values, [](double x) { return x; }));
}

TEST_CASE("exponential draws follow 1 - exp(-x/mean)") {
  const std::vector<double> values =
      sample("exponential", [](Stream& s) { return exponential(s, 3.0); });
  CHECK(*std::min_element(values.begin(), values.end()) > 0.0);
  CHECK(moments(values).mean == doctest::Approx(3.0).epsilon(0.01));
  CHECK(moments(values).variance == doctest::Approx(9.0).epsilon(0.02));
  check_plausible(chi_square(values, [](double x) { return -std::expm1(-x / 3.0); }));
}

TEST_CASE("standard normal draws follow the error function") {
  const std::vector<double> values = sample("normal", standard_normal);
  CHECK(std::fabs(moments(values).mean) < 0.01);
  CHECK(moments(values).variance == doctest::Approx(1.0).epsilon(0.01));
  check_plausible(chi_square(values, normal_cdf));
  const auto beyond_3 = std::count_if(values.begin(), values.end(), [](double x) { return x > 3; });
  CHECK(static_cast<double>(beyond_3) == doctest::Approx(0.00135 * samples).epsilon(0.2));
}

TEST_CASE("a standard normal costs two draws") {
  Stream stream = stream_for("cost");
  Stream other = stream;
  standard_normal(stream);
  other.next();
  other.next();
  CHECK(stream == other);
}

TEST_CASE("lognormal draws have their median and mean") {
  const std::vector<double> values =
      sample("lognormal", [](Stream& s) { return lognormal(s, 2.0, 0.5); });
  CHECK(moments(values).mean == doctest::Approx(2.0 * std::exp(0.125)).epsilon(0.01));
  check_plausible(chi_square(values, [](double x) { return normal_cdf(std::log(x / 2.0) / 0.5); }));
}

TEST_CASE("uniform draws between bounds stay between them") {
  const std::vector<double> values =
      sample("between", [](Stream& s) { return uniform_between(s, -2.0, 6.0); });
  CHECK(*std::min_element(values.begin(), values.end()) >= -2.0);
  CHECK(*std::max_element(values.begin(), values.end()) <= 6.0);
  check_plausible(chi_square(values, [](double x) { return (x + 2.0) / 8.0; }));
  Stream stream = stream_for("point");
  CHECK(uniform_between(stream, 5.0, 5.0) == 5.0);
}

TEST_CASE("pick chooses in proportion to the weights and never a weight of zero") {
  constexpr std::array<double, 6> weights = {0.0, 1.0, 0.0, 2.0, 5.0, 0.0};
  constexpr std::array<double, 6> cumulative = {0.0, 1.0, 1.0, 3.0, 8.0, 8.0};
  std::array<double, 6> counts{};
  Stream stream = stream_for("pick");
  for (int i = 0; i < samples; ++i) counts[pick(stream, cumulative)] += 1.0;
  double chi_square_2 = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double expected = weights[i] / 8.0 * samples;
    if (expected == 0.0) {
      CHECK(counts[i] == 0.0);
    } else {
      chi_square_2 += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
  }
  CHECK(chi_square_2 < 13.8);  // exceeded with probability 0.001
}
