// Oracle for capital cost: the present value of the payments, and V23.
#include <initializer_list>

#include <doctest/doctest.h>

#include <colossim/model/annuity.hpp>

using namespace colossim;
using units::usd;
using units::year;

TEST_CASE("payments of the capital recovery factor are worth what was bought") {
  for (const double rate : {-0.02, 1e-10, 9e-7, 2e-6, 1e-4, 0.07, 0.3}) {
    double worth = 0;
    double discount = 1;
    for (int k = 1; k <= 14; ++k) {
      discount /= 1 + rate;
      worth += discount;
    }
    INFO("Σ (1 + r)^−k for k = 1..14 at r = ", rate);
    CHECK(capital_recovery_factor(rate, 14) * worth == doctest::Approx(1.0).epsilon(1e-9));
  }
  CHECK(capital_recovery_factor(0, 5) == doctest::Approx(0.2).epsilon(1e-15));
}

TEST_CASE("the capital recovery factor at 8 % over 5 years is 0.250456") {
  INFO(".08·1.08⁵/(1.08⁵ − 1) = .08·1.469328/.469328");
  CHECK(capital_recovery_factor(0.08, 5) == doctest::Approx(0.2504564546).epsilon(1e-9));
}

TEST_CASE("V23: $25.6B of IT and $12.4B of facility cost 12.07, 8.56, 7.07 $B a year at 7 %") {
  const auto total = [](double it_years) {
    return 25.6 * capital_recovery_factor(0.07, it_years) +
           12.4 * capital_recovery_factor(0.07, 14) + 0.9;
  };
  INFO("CRF(7 %, 3|5|7)·25.6 + CRF(7 %, 14)·12.4 + .9; Epoch publishes 12, 8.5, 7");
  CHECK(total(3) == doctest::Approx(12.07).epsilon(1e-3));
  CHECK(total(5) == doctest::Approx(8.56).epsilon(1e-3));
  CHECK(total(7) == doctest::Approx(7.07).epsilon(1e-3));
}

TEST_CASE("straight-line depreciation is equal in equal times and stops at the residual") {
  const Asset gpus{.cost = 1'000.0 * usd, .residual = 100.0 * usd, .life = 6.0 * year};
  INFO("(1,000 − 100)/6 = 150 a year");
  CHECK(depreciation(gpus, 2.0 * year, 3.0 * year).in(usd) == doctest::Approx(150).epsilon(1e-12));
  CHECK(depreciation(gpus, 5.5 * year, 9.0 * year).in(usd) == doctest::Approx(75).epsilon(1e-12));
  CHECK(depreciation(gpus, -3.0 * year, 99.0 * year).in(usd) ==
        doctest::Approx(900).epsilon(1e-12));
  CHECK(book_value(gpus, 2.0 * year).in(usd) == doctest::Approx(700).epsilon(1e-12));
  CHECK(book_value(gpus, 60.0 * year) == 100.0 * usd);
}
