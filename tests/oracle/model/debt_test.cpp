// Oracle for debt: the closed form of an annuity loan's balance, and shortfalls by hand.
#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/model/cash_flow.hpp>
#include <colossim/model/debt.hpp>

using namespace colossim;
using units::usd;

namespace {

constexpr Dollars plenty{1e15};

BorrowerCash with_cash(double at_hand, double floor = 0) {
  return {.cash_flow = at_hand * usd, .at_hand = at_hand * usd, .floor = floor * usd};
}

}  // namespace

TEST_CASE("a loan that is paid as due follows the closed form of an annuity and ends at 0") {
  for (const double i : {0.0, 0.002, 0.008, 0.03}) {
    const double balance = 8.8e9;
    const int n = 60;
    Loan loan{.balance = balance * usd, .monthly_rate = i, .remaining_months = n};
    const double growth = 1 + i;
    const double payment = i == 0 ? balance / n : balance * i / (1 - std::pow(growth, -n));
    double paid = 0;
    for (int k = 1; k <= n; ++k) {
      const DebtMonth month = pay_debt_service(loan, {plenty, plenty, Dollars{}});
      INFO("i = ", i, ", month ", k, ": B·(1 + i)^k - A·((1 + i)^k - 1)/i");
      CHECK(month.paid.total().in(usd) == doctest::Approx(payment).epsilon(1e-10));
      CHECK(month.shortfall == Dollars{});
      paid += month.paid.principal.in(usd);
      loan = month.after;
      const double grown = std::pow(growth, k);
      const double closed =
          i == 0 ? balance - payment * k : balance * grown - payment * (grown - 1) / i;
      CHECK(std::abs(loan.balance.in(usd)-closed) <= 1e-9 * balance);
    }
    CHECK(loan.balance == Dollars{});
    CHECK(loan.remaining_months == 0);
    CHECK(paid == doctest::Approx(balance).epsilon(1e-12));
    CHECK(debt_service_due(loan).total() == Dollars{});
  }
}

TEST_CASE("level payments at 10.1 % a year are worth the loan") {
  const double i = monthly_rate(0.101);
  const Dollars payment = level_payment(1e9 * usd, i, 48);
  CashFlow flow;
  flow.month.assign(48, payment);
  INFO("Σ A·1.101^(-k/12) over 48 months");
  CHECK(net_present_value(flow, 0.101).in(usd) == doctest::Approx(1e9).epsilon(1e-12));
}

TEST_CASE("interest is paid first, what is missing stays owed and bears interest") {
  const Loan loan{.balance = 1'200.0 * usd, .monthly_rate = 0.01, .remaining_months = 2};
  INFO("A = 1,200·.01/(1 - 1.01^-2) = 609.0149: interest 12, principal 597.0149");
  const DebtMonth full = pay_debt_service(loan, with_cash(1'000));
  CHECK(full.due.interest.in(usd) == doctest::Approx(12).epsilon(1e-12));
  CHECK(full.due.principal.in(usd) == doctest::Approx(597.014925).epsilon(1e-8));
  CHECK(full.after.balance.in(usd) == doctest::Approx(602.985075).epsilon(1e-8));

  INFO("cash 130, floor 100: 30 pays interest 12 and principal 18");
  const DebtMonth short_of_cash = pay_debt_service(loan, with_cash(130, 100));
  CHECK(short_of_cash.paid.interest.in(usd) == doctest::Approx(12).epsilon(1e-12));
  CHECK(short_of_cash.paid.principal.in(usd) == doctest::Approx(18).epsilon(1e-12));
  CHECK(short_of_cash.shortfall.in(usd) == doctest::Approx(579.014925).epsilon(1e-8));
  CHECK(short_of_cash.after.balance.in(usd) == doctest::Approx(1'182).epsilon(1e-12));

  INFO("cash at the floor pays nothing: 1,200·1.01; the last payment then is everything");
  const DebtMonth unpaid = pay_debt_service(loan, with_cash(100, 100));
  CHECK(unpaid.after.balance.in(usd) == doctest::Approx(1'212).epsilon(1e-12));
  CHECK(debt_service_due(unpaid.after).total().in(usd) ==
        doctest::Approx(1'212 * 1.01).epsilon(1e-12));
  INFO("5 above the floor: interest in part, the other 7 are owed");
  const DebtMonth partly = pay_debt_service(loan, with_cash(105, 100));
  CHECK(partly.paid.interest.in(usd) == doctest::Approx(5).epsilon(1e-12));
  CHECK(partly.paid.principal == Dollars{});
  CHECK(partly.after.balance.in(usd) == doctest::Approx(1'207).epsilon(1e-12));
  INFO("below the floor it pays nothing either, and takes nothing");
  CHECK(pay_debt_service(loan, with_cash(-50, 100)).paid.interest == Dollars{});
  CHECK(pay_debt_service(loan, with_cash(-50, 100)).paid.principal == Dollars{});
}

TEST_CASE("what is owed grows by interest and falls by what is paid, whatever the cash") {
  Stream stream{StreamName{.seed = 3, .purpose = "cash"}};
  Loan loan{.balance = 5e8 * usd, .monthly_rate = 0.009, .remaining_months = 36};
  for (int k = 0; k < 60; ++k) {
    const double cash = uniform_between(stream, 0, 3e7);
    const DebtMonth month = pay_debt_service(loan, with_cash(cash, 5e6));
    INFO("month ", k,
         ": B' = 1.009·B - paid, due = paid + shortfall, cash left >= min(cash, floor)");
    CHECK(month.after.balance.in(usd) ==
          doctest::Approx(1.009 * loan.balance.in(usd)-month.paid.total().in(usd)).epsilon(1e-12));
    CHECK((month.paid.total() + month.shortfall).in(usd) ==
          doctest::Approx(month.due.total().in(usd)).epsilon(1e-12));
    CHECK(cash - month.paid.total().in(usd) >= std::min(cash, 5e6) - 1e-6);
    loan = month.after;
  }
}

TEST_CASE("coverage is cash flow over interest and principal due, and the covenant its least") {
  const DebtService due{.interest = 40.0 * usd, .principal = 60.0 * usd};
  INFO("125/(40 + 60)");
  CHECK(debt_service_coverage(125.0 * usd, due).value() == doctest::Approx(1.25).epsilon(1e-14));
  CHECK(debt_service_coverage(-50.0 * usd, due).value() == doctest::Approx(-0.5).epsilon(1e-14));
  CHECK_FALSE(debt_service_coverage(125.0 * usd, {}).has_value());
  CHECK_FALSE(breaks_covenant(1.25, 1.25));
  CHECK(breaks_covenant(1.2499, 1.25));
  CHECK_FALSE(breaks_covenant(std::nullopt, 1.25));
  INFO("coverage looks at the month's cash flow, payment at the cash at hand");
  const Loan loan{.balance = 100.0 * usd, .monthly_rate = 0.0, .remaining_months = 1};
  const DebtMonth month =
      pay_debt_service(loan, {.cash_flow = 80.0 * usd, .at_hand = 500.0 * usd, .floor = {}});
  CHECK(month.coverage.value() == doctest::Approx(0.8).epsilon(1e-14));
  CHECK(month.shortfall == Dollars{});
}
