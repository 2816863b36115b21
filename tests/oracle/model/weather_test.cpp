// Oracle for outdoor air: Stull's own example, hours and months of the Memphis typical year.
#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include <colossim/model/weather.hpp>

using namespace colossim;
using units::celsius;
using units::day;
using units::hour;

namespace {

struct Hour {
  double dry;
  double dew;
  double humidity;
  double wet;  // psychrometric, at station pressure
};

// USA_TN_Memphis.Intl.AP.723340_TMY3: five hours over the year, and the worst two for Stull
constexpr std::array<Hour, 7> memphis_hours{{
    {16.7, 3.9, .42, 10.13},
    {20.6, 17.8, .84, 18.75},
    {35.0, 20.0, .42, 24.53},
    {27.2, 16.7, .53, 20.31},
    {16.7, 12.8, .78, 14.39},
    {38.3, 21.1, .37, 25.90},
    {-2.2, -8.9, .61, -4.16},
}};

// mean dry bulb by month of the same file [°C]
constexpr std::array<double, 12> memphis_months{4.12,  6.58,  12.40, 16.79, 22.07, 26.01,
                                                28.31, 27.55, 24.35, 16.70, 12.12, 6.83};
constexpr std::array<int, 12> month_days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

double wet(double dry, double humidity) {
  return wet_bulb(dry * celsius, humidity).in(celsius);
}

}  // namespace

TEST_CASE("Stull: the wet bulb at 20 °C and 50 % is 13.699 °C") {
  INFO("20·atan(.151977·√58.313659) + atan(70) − atan(48.323669) + ... − 4.686035");
  CHECK(wet(20, 0.5) == doctest::Approx(13.6993420).epsilon(1e-8));
}

TEST_CASE("the wet bulb is within 0.74 K of the psychrometric one in Memphis") {
  for (const Hour& at : memphis_hours) {
    INFO("dry ", at.dry, " °C, humidity ", at.humidity, ", psychrometric wet bulb ", at.wet);
    CHECK(std::abs(wet(at.dry, at.humidity) - at.wet) < 0.74);
  }
}

TEST_CASE("the wet bulb never exceeds the dry bulb and rises with humidity") {
  for (int t = -20; t <= 50; ++t) {
    double previous = -100;
    for (int percent = 0; percent <= 100; percent += 5) {
      INFO("dry ", t, " °C, humidity ", percent, " %");
      const double here = wet(t, percent / 100.0);
      CHECK(here <= t);
      // in the cold, dry corner the fit itself is not monotone
      if (t >= 5 && percent >= 10) CHECK(here >= previous);
      previous = here;
    }
  }
}

TEST_CASE("relative humidity from the dew point is the measured one within rounding to 0.1 K") {
  for (std::size_t i = 0; i + 1 < memphis_hours.size(); ++i) {
    const Hour& at = memphis_hours[i];
    INFO("RH = exp(17.625·Td/(243.04 + Td) − 17.625·T/(243.04 + T)), T = ", at.dry);
    CHECK(std::abs(relative_humidity(at.dry * celsius, at.dew * celsius) - at.humidity) < 0.012);
  }
  CHECK(relative_humidity(20.0 * celsius, 20.0 * celsius) == 1);
  CHECK(relative_humidity(20.0 * celsius, 25.0 * celsius) == 1);
}

TEST_CASE("relative humidity agrees with steam tables for water vapour") {
  INFO("e_s(10 °C)/e_s(30 °C) = 12.28 hPa/42.47 hPa = 0.2891");
  CHECK(relative_humidity(30.0 * celsius, 10.0 * celsius) == doctest::Approx(0.2891).epsilon(4e-3));
}

TEST_CASE("the synthetic climate's defaults give Memphis' months within 2.1 K") {
  const SyntheticClimate memphis;
  int first = 1;
  for (std::size_t month = 0; month < 12; ++month) {
    double sum = 0;
    for (int d = first; d < first + month_days[month]; ++d) {
      sum += daily_mean(memphis, d + 0.5).in(celsius);
    }
    first += month_days[month];
    INFO("month ", month + 1, ", typical year ", memphis_months[month]);
    CHECK(std::abs(sum / month_days[month] - memphis_months[month]) < 2.1);
  }
}

TEST_CASE("the synthetic climate has its extremes where its parameters say") {
  const SyntheticClimate memphis;
  INFO("coldest: 17.4 − 11.4 − 5 = 1.0 °C at 03:00 on day 17");
  CHECK(climate_mean(memphis, 17, 3).in(celsius) == doctest::Approx(1.0).epsilon(1e-12));
  INFO("hottest: 17.4 + 11.4 + 5 = 33.8 °C at 15:00, half a year later");
  CHECK(climate_mean(memphis, 17 + 182.5, 15).in(celsius) == doctest::Approx(33.8).epsilon(1e-12));
  CHECK(dew_point(memphis, 20.0 * celsius).in(celsius) == doctest::Approx(13.0).epsilon(1e-15));
}

TEST_CASE("an Ornstein-Uhlenbeck step forgets at the rate tau and keeps the stationary variance") {
  INFO("without noise: 3·e^(−1/2) = 1.819592");
  CHECK(ou_step(3.0, 1.0 * day, 2.0 * day, 4.0, 0.0) ==
        doctest::Approx(1.8195919791).epsilon(1e-9));
  const double kept = ou_step(1.0, 6.0 * hour, 2.0 * day, 4.0, 0.0);
  const double noise = ou_step(0.0, 6.0 * hour, 2.0 * day, 4.0, 1.0);
  INFO("σ² = kept²·σ² + noise² for any step: ", kept, ", ", noise);
  CHECK(kept * kept * 16.0 + noise * noise == doctest::Approx(16.0).epsilon(1e-12));
}

TEST_CASE("two Ornstein-Uhlenbeck steps have the law of one step of their length") {
  const auto kept = [](Time dt) { return ou_step(1.0, dt, 2.0 * day, 4.0, 0.0); };
  const auto noise = [](Time dt) { return ou_step(0.0, dt, 2.0 * day, 4.0, 1.0); };
  const Time a = 5.0 * hour;
  const Time b = 31.0 * hour;
  CHECK(kept(a) * kept(b) == doctest::Approx(kept(a + b)).epsilon(1e-14));
  const double two_steps = noise(a) * noise(a) * kept(b) * kept(b) + noise(b) * noise(b);
  CHECK(two_steps == doctest::Approx(noise(a + b) * noise(a + b)).epsilon(1e-12));
  CHECK(ou_step(3.0, Time{}, 2.0 * day, 4.0, 1.7) == 3.0);
}
