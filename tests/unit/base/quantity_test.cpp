// Checks that dimensions are types: what may be added, what products become, what units convert to.
#include <concepts>
#include <type_traits>

#include <doctest/doctest.h>

#include <colossim/base/quantity.hpp>

using namespace colossim;

namespace {

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Comparable = requires(A a, B b) {
  a < b;
};

// Products and ratios have the dimension physics gives them.
static_assert(std::same_as<decltype(Power{} * Time{}), Energy>);
static_assert(std::same_as<decltype(Energy{} / Time{}), Power>);
static_assert(std::same_as<decltype(1.0 / Time{}), Frequency>);
static_assert(std::same_as<decltype(Temperature{} / Power{}), ThermalResistance>);
static_assert(std::same_as<decltype(1.0 / ThermalResistance{}), ThermalConductance>);
static_assert(std::same_as<decltype(ThermalConductance{} * Temperature{}), Power>);
static_assert(std::same_as<decltype(HeatCapacity{} * ThermalResistance{}), Time>);
static_assert(std::same_as<decltype(Mass{} / Time{}), MassFlow>);
static_assert(std::same_as<decltype(Length{} * Length{} * Length{}), Volume>);
static_assert(std::same_as<decltype(EnergyPrice{} * Energy{}), Dollars>);
static_assert(std::same_as<decltype(PowerPrice{} * Power{}), Dollars>);
static_assert(std::same_as<decltype(GpuPrice{} * GpuTime{}), Dollars>);
static_assert(std::same_as<decltype(GpuPrice{} * GpuCount{}), MoneyRate>);
static_assert(std::same_as<decltype(GpuPower{} * GpuCount{}), Power>);
static_assert(std::same_as<decltype(GpuRate{} * Time{}), GpuCount>);
static_assert(std::same_as<decltype(TokenRate{} * Time{}), Tokens>);
static_assert(std::same_as<decltype(TokenPrice{} * Tokens{}), Dollars>);
static_assert(std::same_as<decltype(Flops{} / FlopRate{}), Time>);
static_assert(std::same_as<decltype(Bytes{} / ByteRate{}), Time>);

// Products whose dimensions cancel are plain numbers.
static_assert(std::same_as<decltype(Power{} / Power{}), double>);
static_assert(std::same_as<decltype(Frequency{} * Time{}), double>);
static_assert(std::same_as<decltype(ThermalConductance{} * ThermalResistance{}), double>);
static_assert(std::same_as<decltype(quantity_of<Dimension{}>(2.0)), double>);
static_assert(std::same_as<decltype(quantity_of<Power::dimension>(2.0)), Power>);

// Scaling by a number keeps the dimension.
static_assert(std::same_as<decltype(2.0 * Power{}), Power>);
static_assert(std::same_as<decltype(Power{} * 2.0), Power>);
static_assert(std::same_as<decltype(Power{} / 2.0), Power>);

// Only equal dimensions add and compare; numbers neither become quantities nor come from them.
static_assert(Addable<Power, Power> && Comparable<Power, Power>);
static_assert(!Addable<Power, Energy> && !Comparable<Power, Energy>);
static_assert(!Addable<GpuPrice, MoneyRate>);  // USD/gpu/h and USD/h
static_assert(!Addable<GpuCount, Users>);
static_assert(!Addable<Power, double> && !Comparable<Power, double>);
static_assert(!std::is_convertible_v<double, Power>);
static_assert(!std::is_convertible_v<Power, double>);
static_assert(!std::is_convertible_v<Power, Energy> && !std::is_constructible_v<Power, Energy>);

static_assert(sizeof(Power) == sizeof(double));
static_assert(std::is_trivially_copyable_v<Power>);

}  // namespace

TEST_CASE("a quantity is zero until it is given a value") {
  CHECK(Power{}.base() == 0);
  CHECK(Dollars{} == 0.0 * units::usd);
}

TEST_CASE("units convert") {
  CHECK((1.0 * units::kilowatt_hour).in(units::joule) == 3.6e6);
  CHECK((1.0 * units::megawatt * units::hour).in(units::megawatt_hour) == 1);
  CHECK((2500.0 * units::watt).in(units::kilowatt) == 2.5);
  CHECK((1.0 * units::year).in(units::hour) == 8760);
  CHECK((1.0 * units::day).in(units::minute) == 1440);
  CHECK((50.0 * units::millisecond).in(units::second) == doctest::Approx(0.05).epsilon(1e-15));
  CHECK((3.0 * units::cubic_metre).in(units::litre) == doctest::Approx(3000).epsilon(1e-15));
  CHECK((8.0 * units::gpu * units::hour).in(units::gpu_hour) == 8);
  CHECK((1.0 * units::kelvin) == (1.0 * units::celsius));
}

TEST_CASE("quantities add, subtract, scale and compare like their values") {
  Power power = 3.0 * units::kilowatt;
  power += 500.0 * units::watt;
  CHECK(power == 3.5 * units::kilowatt);
  power -= 1.0 * units::kilowatt;
  CHECK(power == 2.5 * units::kilowatt);
  CHECK(-power < Power{});
  CHECK(power - power == Power{});
  CHECK(power * 2 == 2 * power);
  CHECK((power / 2).in(units::watt) == 1250);
  CHECK(power / (5.0 * units::kilowatt) == 0.5);
  CHECK(1.0 / (2.0 * units::second) * (4.0 * units::second) == 2);
}

TEST_CASE("prices times amounts are dollars") {
  const EnergyPrice price = 62.0 * units::usd / units::megawatt_hour;
  const Dollars bill = price * (10.0 * units::megawatt) * (24.0 * units::hour);
  CHECK(bill.in(units::usd) == doctest::Approx(14'880).epsilon(1e-14));  // 62 * 240 MWh
  const GpuPrice rent = 2.35 * units::usd / units::gpu_hour;
  CHECK((rent * (100.0 * units::gpu) * units::day).in(units::usd) ==
        doctest::Approx(5640).epsilon(1e-14));  // 2.35 * 2,400 GPU-hours
}

TEST_CASE("dimensions add and subtract exponent by exponent") {
  constexpr Dimension everything{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
  CHECK(everything + Dimension{} == everything);
  CHECK(everything - everything == Dimension{});
  CHECK(everything + everything == Dimension{2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26});
  CHECK(Dimension{.gpu = 1} != Dimension{.rack = 1});
}
