// Named streams of random numbers: hashing of names, the Philox generator and the samplers.
#include <algorithm>
#include <cmath>

#include <colossim/base/math.hpp>
#include <colossim/base/random.hpp>

namespace colossim {

namespace {

constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15;  // 2^64/φ, odd [steele2014]

/// The splitmix64 finaliser: a bijection in which every input bit flips half of the output bits.
constexpr std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;  // multipliers and shifts: [steele2014]
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// Hash of the pair (`hash`, `value`), in that order.
constexpr std::uint64_t hash_also(std::uint64_t hash, std::uint64_t value) {
  return mix(hash ^ mix(value + golden_gamma));
}

std::uint64_t hash_name(const StreamName& name, std::uint64_t salt) {
  std::uint64_t hash = hash_also(mix(name.seed + golden_gamma), salt);
  hash = hash_text(name.path, hash);
  hash = hash_text(name.purpose, hash);
  hash = hash_also(hash, name.ordinal);
  return hash_also(hash, name.replication);
}

constexpr std::uint32_t low_word(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
constexpr std::uint32_t high_word(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}

}  // namespace

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t offset_basis = 14695981039346656037U;  // [fowler2019]
  constexpr std::uint64_t prime = 1099511628211U;                // [fowler2019]
  std::uint64_t hash = offset_basis ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return mix(hash);
}

void TextHash::add(std::string_view piece) {
  constexpr std::uint64_t prime = 1099511628211U;  // [fowler2019]
  for (const char c : piece) state_ = (state_ ^ static_cast<unsigned char>(c)) * prime;
}

std::uint64_t TextHash::value() const {
  return mix(state_);
}

StreamKey stream_key(const StreamName& name) {
  return {.key = hash_name(name, 1), .nonce = hash_name(name, 2)};
}

PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
  constexpr std::uint64_t multiplier_0 = 0xd2511f53;  // [salmon2011]
  constexpr std::uint64_t multiplier_1 = 0xcd9e8d57;  // [salmon2011]
  constexpr std::uint32_t weyl_0 = 0x9e3779b9;        // 2^32/φ [salmon2011]
  constexpr std::uint32_t weyl_1 = 0xbb67ae85;        // 2^32·(√3 − 1) [salmon2011]
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product_0 = multiplier_0 * counter[0];
    const std::uint64_t product_1 = multiplier_1 * counter[2];
    counter = {high_word(product_1) ^ counter[1] ^ key[0], low_word(product_1),
               high_word(product_0) ^ counter[3] ^ key[1], low_word(product_0)};
    key = {key[0] + weyl_0, key[1] + weyl_1};
  }
  return counter;
}

std::uint64_t Stream::next() {
  if (has_waiting_) {
    has_waiting_ = false;
    return waiting_;
  }
  const PhiloxCounter words =
      philox4x32({low_word(block_), high_word(block_), low_word(key_.nonce), high_word(key_.nonce)},
                 {low_word(key_.key), high_word(key_.key)});
  ++block_;
  waiting_ = std::uint64_t{words[3]} << 32 | words[2];
  has_waiting_ = true;
  return std::uint64_t{words[1]} << 32 | words[0];
}

double Stream::uniform() {
  return static_cast<double>(next() >> 11) * 0x1p-53;
}

double Stream::uniform_open() {
  return static_cast<double>(next() >> 11 | 1) * 0x1p-53;
}

double exponential(Stream& stream, double mean) {
  return -mean * math::log(stream.uniform_open());
}

double standard_normal(Stream& stream) {
  constexpr double two_pi = 0x1.921fb54442d18p+2;
  const double radius = std::sqrt(-2.0 * math::log(stream.uniform_open()));
  const double angle = two_pi * stream.uniform();
  return radius * math::cos(angle);
}

double lognormal(Stream& stream, double median, double sigma) {
  return median * math::exp(sigma * standard_normal(stream));
}

double uniform_between(Stream& stream, double lo, double hi) {
  return std::min(hi, lo + (hi - lo) * stream.uniform());
}

std::size_t pick(Stream& stream, std::span<const double> cumulative_weights) {
  const double target = stream.uniform() * cumulative_weights.back();
  const auto found = std::upper_bound(cumulative_weights.begin(), cumulative_weights.end(), target);
  return static_cast<std::size_t>(found - cumulative_weights.begin());
}

}  // namespace colossim
