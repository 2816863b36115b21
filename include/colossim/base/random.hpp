// Named streams of random numbers: what one entity draws never depends on what another one drew.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace colossim {

/// Stable 64-bit hash of `text`, the same on every machine and in every version: FNV-1a
/// [fowler2019] started from `seed`, then the splitmix64 finaliser [steele2014].
/// Not for adversarial input.
std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0);

/// `hash_text` of a text that comes in pieces.
class TextHash {
 public:
  void add(std::string_view piece);
  [[nodiscard]] std::uint64_t value() const;

 private:
  std::uint64_t state_ = 14695981039346656037U;  // FNV-1a offset basis [fowler2019]
};

/// What a stream is for. Names, not positions: adding a tenant to a scenario, or reordering its
/// list, leaves the draws of every other entity as they were.
struct StreamName {
  std::uint64_t seed = 0;         // of the experiment
  std::string_view path = {};     // of the entity in the scenario: "tenants/acme"
  std::string_view purpose = {};  // what is drawn: "arrivals"
  std::uint64_t ordinal = 0;      // of the entity's own things: its 17th job, its 3rd node
  std::uint64_t replication = 0;  // of the experiment
};

/// Key of a stream: 128 bits hashed from its name. Two names share a key with probability 2^-128.
struct StreamKey {
  std::uint64_t key = 0;    // Philox key
  std::uint64_t nonce = 0;  // upper half of the Philox counter

  friend bool operator==(const StreamKey&, const StreamKey&) = default;
};

/// The key of the stream called `name`; each of its five parts matters.
StreamKey stream_key(const StreamName& name);

/// Four 32-bit words, least significant first, as in [salmon2011].
using PhiloxCounter = std::array<std::uint32_t, 4>;
/// Two 32-bit words, least significant first.
using PhiloxKey = std::array<std::uint32_t, 2>;

/// Philox 4x32-10 [salmon2011]: a keyed bijection of counters that passes for random.
PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key);

/// A sequence of random numbers, fixed by its key. A value: a copy continues where the original
/// stands, and both then draw the same numbers. Length 2^65 draws.
///
/// C++ leaves the order of evaluation open, so never write two draws in one expression.
class Stream {
 public:
  explicit Stream(StreamKey key) : key_(key) {}
  explicit Stream(const StreamName& name) : key_(stream_key(name)) {}

  /// Uniform over the 2^64 integers.
  std::uint64_t next();

  /// Uniform over the multiples of 2^-53 in [0, 1). One draw.
  double uniform();

  /// Uniform over the odd multiples of 2^-53 in (0, 1): never 0, so its log is finite. One draw.
  double uniform_open();

  friend bool operator==(const Stream&, const Stream&) = default;

 private:
  // Fixed at construction.
  StreamKey key_;

  // Changed by next(). A Philox block gives two numbers; the second one waits here.
  std::uint64_t block_ = 0;
  std::uint64_t waiting_ = 0;
  bool has_waiting_ = false;
};

/// Exponential with the given mean (any unit): −mean·ln U. Requires mean ≥ 0. One draw; at most
/// 36.7 means.
double exponential(Stream& stream, double mean);

/// Normal with mean 0 and variance 1: √(−2 ln U)·cos(2πV) [box1958]. Always two draws, nothing is
/// kept for the next call; within ±8.6.
double standard_normal(Stream& stream);

/// Lognormal, median·e^(sigma·Z). The mean is median·e^(sigma²/2). Requires median > 0, sigma ≥ 0.
/// Two draws.
double lognormal(Stream& stream, double median, double sigma);

/// Uniform in [lo, hi]; hi itself only by rounding. Requires finite lo ≤ hi. One draw.
double uniform_between(Stream& stream, double lo, double hi);

/// Index i with probability proportional to weight i, given the running sums w0, w0 + w1, ... of
/// the weights (non-decreasing, not empty, last one > 0). Never an index of weight 0. One draw.
std::size_t pick(Stream& stream, std::span<const double> cumulative_weights);

}  // namespace colossim
