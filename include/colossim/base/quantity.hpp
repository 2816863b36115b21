// Dimension-checked physical and economic quantities: a double in base units whose dimension is its
// type.
#pragma once

#include <compare>
#include <cstdint>

namespace colossim {

/// Exponents of the base dimensions. Energy [J] is a base here (not mass·length²/time²) because
/// power and energy are what a facility is about; mass [kg] and length [m] appear only in coolant
/// flows and volumes. Counted things (gpu, rack, user, ...) are dimensions too, so that USD/gpu/h
/// cannot be added to USD/h.
struct Dimension {
  std::int8_t energy = 0;  // joule
  std::int8_t time = 0;    // second
  std::int8_t temperature =
      0;                   // kelvin (differences) or degree Celsius (levels), see `Temperature`
  std::int8_t mass = 0;    // kilogram
  std::int8_t length = 0;  // metre
  std::int8_t money = 0;   // US dollar, nominal
  std::int8_t gpu = 0;
  std::int8_t rack = 0;
  std::int8_t user = 0;
  std::int8_t request = 0;
  std::int8_t token = 0;
  std::int8_t flop = 0;
  std::int8_t byte = 0;

  friend constexpr bool operator==(const Dimension&, const Dimension&) = default;

  friend constexpr Dimension operator+(Dimension a, Dimension b) { return combine(a, b, 1); }
  friend constexpr Dimension operator-(Dimension a, Dimension b) { return combine(a, b, -1); }

 private:
  static constexpr std::int8_t sum(int a, int b) { return static_cast<std::int8_t>(a + b); }
  static constexpr Dimension combine(Dimension a, Dimension b, int sign) {
    return {sum(a.energy, sign * b.energy),
            sum(a.time, sign * b.time),
            sum(a.temperature, sign * b.temperature),
            sum(a.mass, sign * b.mass),
            sum(a.length, sign * b.length),
            sum(a.money, sign * b.money),
            sum(a.gpu, sign * b.gpu),
            sum(a.rack, sign * b.rack),
            sum(a.user, sign * b.user),
            sum(a.request, sign * b.request),
            sum(a.token, sign * b.token),
            sum(a.flop, sign * b.flop),
            sum(a.byte, sign * b.byte)};
  }
};

/// A value of dimension `D`, stored in base units: built from a named unit (`3.0 * kilowatt`) and
/// read with `in(unit)`. Products whose dimensions cancel are plain doubles, so a pure number needs
/// no type of its own.
template <Dimension D>
requires(D != Dimension{}) class Quantity {
 public:
  static constexpr Dimension dimension = D;

  constexpr Quantity() = default;
  constexpr explicit Quantity(double base_value) : value_(base_value) {}

  /// The value in base units (J, s, K, kg, m, USD, counts).
  [[nodiscard]] constexpr double base() const { return value_; }
  /// How many of `unit` this is.
  [[nodiscard]] constexpr double in(Quantity unit) const { return value_ / unit.value_; }

  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  constexpr Quantity& operator*=(double factor) {
    value_ *= factor;
    return *this;
  }

  friend constexpr auto operator<=>(const Quantity&, const Quantity&) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity{a.value_ + b.value_};
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity{a.value_ - b.value_};
  }
  friend constexpr Quantity operator-(Quantity a) { return Quantity{-a.value_}; }
  friend constexpr Quantity operator*(double f, Quantity q) { return Quantity{f * q.value_}; }
  friend constexpr Quantity operator*(Quantity q, double f) { return Quantity{q.value_ * f}; }
  friend constexpr Quantity operator/(Quantity q, double f) { return Quantity{q.value_ / f}; }

 private:
  double value_ = 0;
};

/// Wraps `base_value` in `Quantity<D>`, or returns it bare when `D` is the dimension of a pure
/// number.
template <Dimension D>
constexpr auto quantity_of(double base_value) {
  if constexpr (D == Dimension{}) {
    return base_value;
  } else {
    return Quantity<D>{base_value};
  }
}

template <Dimension A, Dimension B>
constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  return quantity_of<A + B>(a.base() * b.base());
}

template <Dimension A, Dimension B>
constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  return quantity_of<A - B>(a.base() / b.base());
}

template <Dimension B>
constexpr auto operator/(double a, Quantity<B> b) {
  return Quantity<Dimension{} - B>{a / b.base()};
}

using Energy = Quantity<Dimension{.energy = 1}>;
using Time = Quantity<Dimension{.time = 1}>;
using Frequency = Quantity<Dimension{.time = -1}>;
using Power = Quantity<Dimension{.energy = 1, .time = -1}>;
/// A temperature level in degrees Celsius or a difference in kelvin: the laws here use both on one
/// scale.
using Temperature = Quantity<Dimension{.temperature = 1}>;
using ThermalResistance = Quantity<Dimension{.energy = -1, .time = 1, .temperature = 1}>;    // K/W
using ThermalConductance = Quantity<Dimension{.energy = 1, .time = -1, .temperature = -1}>;  // W/K
using HeatCapacity = Quantity<Dimension{.energy = 1, .temperature = -1}>;                    // J/K
using Mass = Quantity<Dimension{.mass = 1}>;
using Length = Quantity<Dimension{.length = 1}>;
using Volume = Quantity<Dimension{.length = 3}>;
using MassFlow = Quantity<Dimension{.time = -1, .mass = 1}>;
using Dollars = Quantity<Dimension{.money = 1}>;
using MoneyRate = Quantity<Dimension{.time = -1, .money = 1}>;
using EnergyPrice = Quantity<Dimension{.energy = -1, .money = 1}>;  // USD/J
using PowerPrice =
    Quantity<Dimension{.energy = -1, .time = 1, .money = 1}>;  // USD/W, per billing month
using GpuPrice = Quantity<Dimension{.time = -1, .money = 1, .gpu = -1}>;  // USD/gpu/h
using GpuCount = Quantity<Dimension{.gpu = 1}>;
using GpuRate = Quantity<Dimension{.time = -1, .gpu = 1}>;
using GpuTime = Quantity<Dimension{.time = 1, .gpu = 1}>;
using GpuPower = Quantity<Dimension{.energy = 1, .time = -1, .gpu = -1}>;  // W/gpu
using Users = Quantity<Dimension{.user = 1}>;
using TokenRate = Quantity<Dimension{.time = -1, .token = 1}>;
using Tokens = Quantity<Dimension{.token = 1}>;
using TokenPrice = Quantity<Dimension{.money = 1, .token = -1}>;
using Flops = Quantity<Dimension{.flop = 1}>;
using FlopRate = Quantity<Dimension{.time = -1, .flop = 1}>;
using Bytes = Quantity<Dimension{.byte = 1}>;
using ByteRate = Quantity<Dimension{.time = -1, .byte = 1}>;

/// Named units: `3.0 * units::kilowatt`. In a namespace of their own so that a local `day` or
/// `hour` shadows nothing.
namespace units {

inline constexpr Time second{1.0};
inline constexpr Time millisecond{1e-3};
inline constexpr Time minute{60.0};
inline constexpr Time hour{3600.0};
inline constexpr Time day{86400.0};
/// 8,760 h: a year in a rate, never a calendar period.
inline constexpr Time year{31536000.0};
inline constexpr Energy joule{1.0};
inline constexpr Energy kilowatt_hour{3.6e6};
inline constexpr Energy megawatt_hour{3.6e9};
inline constexpr Power watt{1.0};
inline constexpr Power kilowatt{1e3};
inline constexpr Power megawatt{1e6};
inline constexpr Temperature kelvin{1.0};
inline constexpr Temperature celsius{1.0};
inline constexpr Mass kilogram{1.0};
inline constexpr Volume cubic_metre{1.0};
inline constexpr Volume litre{1e-3};
inline constexpr Dollars usd{1.0};
inline constexpr GpuCount gpu{1.0};
inline constexpr GpuTime gpu_hour{3600.0};
inline constexpr Users user{1.0};
inline constexpr Tokens token{1.0};

}  // namespace units

}  // namespace colossim
