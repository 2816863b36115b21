// Oracle for heat rejection: V18, tower, economiser, affinity laws and water.
#include <array>

#include <doctest/doctest.h>

#include <colossim/model/heat_rejection.hpp>

using namespace colossim;
using units::celsius;
using units::cubic_metre;
using units::day;
using units::kelvin;
using units::kilowatt;
using units::kilowatt_hour;
using units::litre;
using units::megawatt;

namespace {

ChillerWater water(double leaving_chilled, double entering_condenser) {
  return {leaving_chilled * celsius, entering_condenser * celsius};
}

double cop(double leaving_chilled, double entering_condenser, double part_load) {
  const ChillerWater at = water(leaving_chilled, entering_condenser);
  return chiller_cop(doe2_centrifugal_5_50, part_load * chiller_capacity(doe2_centrifugal_5_50, at),
                     at);
}

}  // namespace

TEST_CASE("V18: the DOE-2 centrifugal chiller has COP 5.505 at its rating point") {
  INFO("CapFT(6.67, 29.4) = 1.0033, EIRFT = .99909, EIRFPLR(1) = 1: 5.5/.99909 = 5.505");
  CHECK(cop(6.67, 29.4, 1) == doctest::Approx(5.505).epsilon(1e-4));
}

TEST_CASE("V18: its COP is 6.482 at (10, 24), 5.204 at (10, 35), 4.857 at (6.67, 35) half loaded") {
  INFO("COP = 5.5·PLR/(EIRFT·EIRFPLR(PLR)), EIRFPLR(.5) = .222903 + .156694 + .115928");
  CHECK(cop(10, 24, 1) == doctest::Approx(6.482).epsilon(1e-4));
  CHECK(cop(10, 35, 1) == doctest::Approx(5.204).epsilon(1e-4));
  CHECK(cop(6.67, 35, 0.5) == doctest::Approx(4.857).epsilon(1e-4));
}

TEST_CASE("chiller power times COP is the load, and scales with the machine") {
  ChillerCurves big = doe2_centrifugal_5_50;
  big.reference_capacity = 7.0 * megawatt;
  const ChillerWater at = water(8, 30);
  const Power load = 4.2 * megawatt;
  CHECK(chiller_power(big, load, at) * chiller_cop(big, load, at) / load ==
        doctest::Approx(1.0).epsilon(1e-14));
  CHECK(chiller_power(big, load, at) / chiller_power(doe2_centrifugal_5_50, load / 7.0, at) ==
        doctest::Approx(7.0).epsilon(1e-14));
}

TEST_CASE("water outside the fitted range counts as the nearest fitted temperature") {
  CHECK(cop(25, 29, 1) == cop(10, 29, 1));
  CHECK(cop(2, 29, 1) == cop(5, 29, 1));
  CHECK(cop(7, 12, 1) == cop(7, 24, 1));
  CHECK(cop(7, 45, 1) == cop(7, 35, 1));
}

TEST_CASE("chiller power never falls as the load rises, and is 0 only without load") {
  const ChillerWater at = water(6.67, 29.4);
  const Power capacity = chiller_capacity(doe2_centrifugal_5_50, at);
  CHECK(chiller_power(doe2_centrifugal_5_50, Power{}, at) == Power{});
  Power previous;
  for (int i = 1; i <= 1200; ++i) {
    const Power here = chiller_power(doe2_centrifugal_5_50, capacity * (i / 1000.0), at);
    INFO("part load ", i / 1000.0);
    CHECK(here.base() >= previous.base() * (1 - 1e-14));
    previous = here;
  }
  INFO("an overloaded chiller draws what it draws at capacity");
  CHECK(previous / chiller_power(doe2_centrifugal_5_50, capacity, at) ==
        doctest::Approx(1.0).epsilon(1e-14));
}

TEST_CASE("below 10 % load the chiller cycles and from 10 to 20 % it bypasses") {
  const ChillerWater at = water(6.67, 29.4);
  const Power capacity = chiller_capacity(doe2_centrifugal_5_50, at);
  const auto power = [&](double plr) {
    return chiller_power(doe2_centrifugal_5_50, capacity * plr, at);
  };
  INFO("power(5 %) = half of power(10 %), power(10 %) = power(20 %)");
  CHECK(power(0.05) / power(0.10) == doctest::Approx(0.5).epsilon(1e-12));
  CHECK(power(0.10) / power(0.20) == doctest::Approx(1.0).epsilon(1e-12));
  INFO("EIRFPLR(.2) = .222903 + .0626774 + .0185484 = .3041288");
  CHECK(power(0.20) / power(1.00) == doctest::Approx(.3041288).epsilon(1e-12));
}

TEST_CASE("a tower's approach is its design value at design heat and falls as heat to the 0.8") {
  const CoolingTower tower{.design_heat = 10.0 * megawatt, .design_approach = 4.0 * kelvin};
  CHECK(tower_approach(tower, 10.0 * megawatt).in(kelvin) == doctest::Approx(4.0).epsilon(1e-15));
  INFO("4 · 0.5^0.8 = 4 · 0.5743492 = 2.2973967 K");
  CHECK(tower_approach(tower, 5.0 * megawatt).in(kelvin) ==
        doctest::Approx(2.29739671).epsilon(1e-8));
  CHECK(tower_approach(tower, Power{}) == Temperature{});
  INFO("Memphis' 0.4 % wet bulb: 26.8 + 4 = 30.8 °C, below 32");
  CHECK(tower_water(tower, 26.8 * celsius, 10.0 * megawatt).in(celsius) ==
        doctest::Approx(30.8).epsilon(1e-12));
}

TEST_CASE("150 MW rejected by evaporation alone uses 7.1 million litres a day at four cycles") {
  const Energy heat = 150.0 * megawatt * day;
  INFO("1.48 L/kWh · 4/3 = 1.9733 L/kWh; · 3.6 GWh = 7,104 m³ = 1.88 Mgal");
  CHECK(evaporated_water(1.0 * kilowatt_hour).in(litre) == doctest::Approx(1.48).epsilon(1e-14));
  CHECK(makeup_water(heat, 4).in(cubic_metre) == doctest::Approx(7104).epsilon(1e-12));
}

TEST_CASE("evaporation follows from a latent heat of 2.43 MJ/kg") {
  INFO("3.6 MJ/kWh / 2.43 MJ/kg = 1.4815 kg/kWh");
  CHECK(evaporated_water(1.0 * kilowatt_hour).in(litre) ==
        doctest::Approx(3.6 / 2.43).epsilon(2e-3));
}

TEST_CASE("fans follow the cube of speed, pumps keep a tenth of their power for static head") {
  INFO("0.5³ = 0.125; 0.1 + 0.9·0.125 = 0.2125");
  CHECK(fan_power(8.0 * kilowatt, 0.5).in(kilowatt) == doctest::Approx(1.0).epsilon(1e-14));
  CHECK(pump_power(1.0 * kilowatt, 0.5).in(kilowatt) == doctest::Approx(0.2125).epsilon(1e-14));
  CHECK(pump_power(1.0 * kilowatt, 1.0).in(kilowatt) == doctest::Approx(1.0).epsilon(1e-14));
  CHECK(pump_power(1.0 * kilowatt, 0.0) == Power{});
}

TEST_CASE("a dry cooler gives 32 °C water up to 24 °C outside with an approach of 8 K") {
  CHECK(dry_cooler_water(24.0 * celsius, 8.0 * kelvin) == 32.0 * celsius);
}

TEST_CASE("the economiser carries all the heat up to set point − 1 K and none from return − 1 K") {
  const auto share = [](double source) {
    return mechanical_share(source * celsius, 20.0 * celsius, 10.0 * kelvin);
  };
  INFO("set point 20 °C, rise 10 K: share = (T − 19)/10");
  CHECK(share(5) == 0);
  CHECK(share(19) == 0);
  CHECK(share(21.5) == doctest::Approx(0.25).epsilon(1e-14));
  CHECK(share(29) == 1);
  CHECK(share(40) == 1);
}
