// Oracle for service credits: the tiers by hand.
#include <doctest/doctest.h>

#include <colossim/model/service_credit.hpp>

using namespace colossim;
using units::gpu_hour;
using units::usd;

TEST_CASE("availability is delivered over committed, and never above 1") {
  INFO("950/1,000; spares beyond the commitment earn nothing; nothing committed, nothing missed");
  CHECK(availability(950.0 * gpu_hour, 1'000.0 * gpu_hour) == doctest::Approx(0.95).epsilon(1e-15));
  CHECK(availability(1'200.0 * gpu_hour, 1'000.0 * gpu_hour) == 1.0);
  CHECK(availability(0.0 * gpu_hour, 1'000.0 * gpu_hour) == 0.0);
  CHECK(availability(0.0 * gpu_hour, 0.0 * gpu_hour) == 1.0);
}

TEST_CASE("the default credits 10 % below 99 % and 25 % below 95 %") {
  const ServiceLevel level;
  const Dollars fee = 372.0e6 * usd;
  INFO("a bound that is just reached is kept");
  CHECK(credit_share(level, 1.0) == 0.0);
  CHECK(credit_share(level, 0.99) == 0.0);
  CHECK(credit_share(level, 0.9899) == 0.10);
  CHECK(credit_share(level, 0.95) == 0.10);
  CHECK(credit_share(level, 0.9499) == 0.25);
  CHECK(credit_share(level, 0.0) == 0.25);
  INFO(".25·372 = 93, .1·372 = 37.2");
  CHECK(service_credit(level, fee, 0.9).in(usd) == doctest::Approx(93e6).epsilon(1e-14));
  CHECK(service_credit(level, fee, 0.97).in(usd) == doctest::Approx(37.2e6).epsilon(1e-14));
  CHECK(service_credit(level, fee, 1.0) == Dollars{});
}

TEST_CASE("the cap cuts a tier that credits the whole fee, in any order of the tiers") {
  const ServiceLevel level{.tiers = {{0.90, 1.00}, {0.995, 0.10}, {0.99, 0.30}}, .cap = 0.5};
  INFO("99.5 % instance: 10/30/100 %, capped at 50 %");
  CHECK(credit_share(level, 0.996) == 0.0);
  CHECK(credit_share(level, 0.992) == 0.10);
  CHECK(credit_share(level, 0.95) == 0.30);
  CHECK(credit_share(level, 0.5) == 0.5);
  CHECK(credit_share({.tiers = {}, .cap = 0.5}, 0.0) == 0.0);
}

TEST_CASE("a 99.9 % tier would be missed every month") {
  INFO("r_f 3.79e-3 failures per node-day, 8.3 h of repair: 1/(1 + 3.79e-3·8.3/24) = .99869");
  const double up = 1 / (1 + 3.79e-3 * 8.3 / 24);
  CHECK(up == doctest::Approx(0.99869).epsilon(1e-5));
  CHECK(credit_share({.tiers = {{0.999, 0.10}}, .cap = 0.5}, up) == 0.10);
  CHECK(credit_share(ServiceLevel{}, up) == 0.0);
}
