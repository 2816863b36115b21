// Simulated time: integer nanoseconds since the scenario's start.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include <colossim/base/math.hpp>
#include <colossim/base/quantity.hpp>

namespace colossim {

/// A span of simulated time [ns]; ±292 years.
class Duration {
 public:
  constexpr Duration() = default;
  constexpr explicit Duration(std::int64_t nanoseconds) : ns_(nanoseconds) {}

  [[nodiscard]] constexpr std::int64_t ns() const { return ns_; }
  [[nodiscard]] constexpr Time quantity() const { return Time{static_cast<double>(ns_) * 1e-9}; }

  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration{a.ns_ + b.ns_}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration{a.ns_ - b.ns_}; }
  friend constexpr Duration operator*(std::int64_t n, Duration d) { return Duration{n * d.ns_}; }

 private:
  std::int64_t ns_ = 0;
};

/// An instant [ns since the scenario's start].
class SimTime {
 public:
  constexpr SimTime() = default;
  constexpr explicit SimTime(std::int64_t nanoseconds) : ns_(nanoseconds) {}
  static constexpr SimTime never() { return SimTime{std::numeric_limits<std::int64_t>::max()}; }

  [[nodiscard]] constexpr std::int64_t ns() const { return ns_; }

  friend constexpr auto operator<=>(const SimTime&, const SimTime&) = default;
  friend constexpr SimTime operator+(SimTime t, Duration d) { return SimTime{t.ns_ + d.ns()}; }
  friend constexpr SimTime operator-(SimTime t, Duration d) { return SimTime{t.ns_ - d.ns()}; }
  friend constexpr Duration operator-(SimTime a, SimTime b) { return Duration{a.ns_ - b.ns_}; }

 private:
  std::int64_t ns_ = 0;
};

/// `time + length`; what would lie beyond the clock is `never`.
constexpr SimTime after(SimTime time, Duration length) {
  return time > SimTime::never() - length ? SimTime::never() : time + length;
}

inline constexpr Duration one_second{1'000'000'000};
inline constexpr Duration one_minute{60 * one_second.ns()};
inline constexpr Duration one_hour{60 * one_minute.ns()};
inline constexpr Duration one_day{24 * one_hour.ns()};

/// The nearest whole nanosecond. Spans beyond 140 years are clamped: no scenario lives that long,
/// and a sampler's tail must not overflow the clock.
inline Duration to_duration(Time span) {
  constexpr double limit = 4.4e18;
  const double ns = span.base() * 1e9;
  return Duration{math::round_to_int(ns > limit ? limit : (ns < -limit ? -limit : ns))};
}

}  // namespace colossim
