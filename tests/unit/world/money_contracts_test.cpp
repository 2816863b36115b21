// Contracts that are about money by hand: revenue shares, equity swaps, power purchases, loans and
// licences.
#include <doctest/doctest.h>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

std::string share_of_revenue(const std::string& rest) {
  return paying_users("tenant") + "contracts:\n" +
         contract("share", "revenue_share", "share: 30 %, start: 2026-05-02" + rest);
}

std::string purchase(const std::string& terms) {
  return "contracts:\n  ppa: {kind: power_purchase, supplier: rival, buyer: owner, site: here, "
         "price: 30 USD/MWh, " +
         terms + "}\n";
}

std::string loan(const std::string& terms) {
  return "contracts:\n  loan: {kind: financing, lender: bank, borrower: owner, amount: 1.2 MUSD, "
         "rate: 0.12 1/yr, term: 12 months" +
         terms + "}\n";
}

std::string shares(const std::string& price) {
  return "equities: {shares: {kind: signal, price: " + price + "}}\n";
}

constexpr double monthly_rate = 0.01;

/// Level payment of 1.2 MUSD at 1 % a month over 12 months.
double annuity() {
  return 1.2e6 * monthly_rate / (1 - math::pow(1 + monthly_rate, -12));
}

}  // namespace

TEST_CASE("a revenue share is taken of what the tenant earns on the nodes") {
  const Deal deal{deal_site("31 d") + share_of_revenue("")};
  INFO("10,000 users x 20 USD / 730 h x 720 h x 30 % = 59,178.082192 from 2 to 31 May");
  CHECK(deal.balance("tenant", Account::share_cost) == micro(10'000 * 20 / 730.0 * 720 * 0.3));
  CHECK(deal.balance("owner", Account::share_income) ==
        -deal.balance("tenant", Account::share_cost));
  CHECK(deal.balance("tenant", Account::service_income) == -micro(10'000 * 20 / 730.0 * 744));
}

TEST_CASE("a revenue share has a floor and a cap, in proportion to what is there") {
  const Deal floor{deal_site("31 d") + share_of_revenue(", floor: 100 kUSD/month")};
  INFO("30 d of 100,000 USD per 730 h: 98,630.136986 > 59,178");
  CHECK(floor.balance("tenant", Account::share_cost) == micro(100e3 / 730 * 720));
  const Deal cap{deal_site("31 d") + share_of_revenue(", cap: 20 kUSD/month")};
  CHECK(cap.balance("tenant", Account::share_cost) == micro(20e3 / 730 * 720));
  const Deal ramp{deal_site("31 d") +
                  share_of_revenue(", gpus: 128 gpu, floor: 100 kUSD/month, ramp: 32 gpu/d")};
  INFO("32, 64, 96 of 128 GPUs on the first three days: (720 - 24 x 1.5) h of the floor");
  CHECK(ramp.balance("tenant", Account::share_cost) == micro(100e3 / 730 * 684));
}

TEST_CASE("revenue is attributed by where the work ran") {
  const Deal deal{deal_site("31 d") + paying_users("tenant") + "contracts:\n" +
                      contract("lease", "lease", "gpus: 64 gpu, price: 2 USD/gpu/h") +
                      contract("share", "revenue_share", "gpus: 64 gpu, share: 30 %"),
                  {{"services.chat.users.daily", "100 kuser"}}};
  const double used = deal.hours("contract.share.used") /
                      (deal.hours("contract.share.used") + deal.hours("contract.lease.used"));
  const double revenue = 100'000 * 20 / 730.0 * 744;
  INFO("30 % of " << used << " of " << revenue << " USD");
  CHECK(static_cast<double>(deal.balance("tenant", Account::share_cost)) * 1e-6 ==
        doctest::Approx(0.3 * used * revenue).epsilon(1e-9));
}

TEST_CASE("an equity swap pays in units at a discount and its owner sells them later") {
  const Deal deal{deal_site("61 d") + shares("50 USD") + "contracts:\n" +
                  contract("swap", "equity_swap",
                           "price: 2 USD/gpu/h, equity: shares, discount: 20 %, lock_up: 1 month, "
                           "sale_discount: 25 %")};
  INFO("May 128 x 744 x 2 = 190,464 USD in units of 50 x 0.8 = 40 USD: 4,761.6 units");
  INFO("June 184,320 USD: 4,608 units; sold at 37.5 USD on 1 June and at the end of June");
  CHECK(deal.metric("contract.swap.units") == doctest::Approx(9'369.6));
  CHECK(deal.metric("contract.swap.units_sold") == doctest::Approx(9'369.6));
  CHECK(deal.balance("owner", Account::lease_income) == -374'784 * dollar);
  CHECK(deal.balance("tenant", Account::cash) == 0);
  CHECK(deal.balance("tenant", Account::capital) == -374'784 * dollar);
  INFO("178,560 + 172,800 = 351,360 in cash, 23,424 less than they were taken for");
  CHECK(deal.metric("contract.swap.units_proceeds") == doctest::Approx(351'360));
  CHECK(deal.balance("owner", Account::unit_gain) == 23'424 * dollar);
  CHECK(deal.balance("owner", Account::units) == 0);
  CHECK(deal.posted("contract swap", "owner", Account::cash) == 351'360 * dollar);
}

TEST_CASE("units are held during the lock-up") {
  const Deal deal{
      deal_site("61 d") + shares("50 USD") + "contracts:\n" +
      contract("swap", "equity_swap", "price: 2 USD/gpu/h, equity: shares, lock_up: 3 months")};
  CHECK(deal.metric("contract.swap.units_sold") == 0);
  CHECK(deal.balance("owner", Account::units) == 374'784 * dollar);
  CHECK(deal.metric("contract.swap.units_value") == doctest::Approx(374'784));
  CHECK(deal.metric("contract.swap.units_cost") == doctest::Approx(374'784));
  CHECK(deal.posted("contract swap", "owner", Account::cash) == 0);
}

TEST_CASE("a power purchase replaces the utility's energy up to its volume") {
  const Deal deal{deal_site("31 d") + purchase("volume: 20 kW")};
  INFO("the idle site draws more than 20 kW at all times: 20 kW x 744 h x 30 USD/MWh = 446.40");
  CHECK(deal.balance("rival", Account::energy_income) == -micro(446.40));
  CHECK(deal.metric("contract.ppa.energy") == doctest::Approx(14.88 * 3.6e9));
  const double rest = deal.metric("site.here.energy") / 3.6e9 - 14.88;
  CHECK(within(-deal.balance("utility", Account::energy_income), micro(50 * rest), 1));
  CHECK(deal.metric("site.here.electricity.cost") ==
        doctest::Approx(446.40 + 50 * rest).epsilon(1e-9));
}

TEST_CASE("purchased energy that nobody takes is paid up to the agreed share") {
  const Deal deal{deal_site("31 d") + purchase("volume: 100 kW, take: 60 %")};
  INFO("the site needs less than 60 kW; 60 kW x 744 h x 30 USD/MWh = 1,339.20");
  CHECK(deal.metric("site.here.power.peak") < 60e3);
  CHECK(deal.balance("owner", Account::energy_cost) == micro(1'339.20));
  CHECK(deal.balance("utility", Account::energy_income) == 0);
}

TEST_CASE("a power purchase ends with its term, in the middle of a month") {
  const Deal deal{deal_site("61 d") + purchase("volume: 20 kW, start: 2026-05-11, term: 1 month")};
  CHECK(deal.outcome("ppa") == "expired");
  CHECK(deal.balance("rival", Account::energy_income) == -micro(446.40));
}

TEST_CASE("two purchases at a site share what it takes") {
  const Deal deal{deal_site("31 d") + purchase("volume: 600 kW") +
                  "  other: {kind: power_purchase, supplier: tenant, buyer: owner, site: here, "
                  "price: 30 USD/MWh, volume: 300 kW}\n"};
  const double energy = deal.metric("site.here.energy") / 3.6e9;
  INFO("600 of 900 kW: two thirds of " << energy << " MWh at 30 USD");
  CHECK(within(-deal.balance("rival", Account::energy_income), micro(20 * energy), 1));
  CHECK(within(-deal.balance("tenant", Account::energy_income), micro(10 * energy), 1));
}

TEST_CASE("a loan is paid back in equal months") {
  const Deal deal{deal_site("366 d") + loan(", dscr: 1.2"), {{"parties.owner.cash", "10 MUSD"}}};
  const double interest = 12 * annuity() - 1.2e6;
  INFO("level payment " << annuity() << ", interest in all " << interest);
  CHECK(within(deal.balance("owner", Account::interest_cost), micro(interest), 12));
  CHECK(deal.balance("bank", Account::interest_income) ==
        -deal.balance("owner", Account::interest_cost));
  CHECK(deal.balance("owner", Account::debt) == 0);
  CHECK(deal.balance("bank", Account::debt) == 0);
  CHECK(deal.metric("contract.loan.balance") == 0);
  CHECK(deal.metric("contract.loan.shortfall") == 0);
  INFO("nothing is earned, electricity is paid: each of 12 months is below the covenant");
  CHECK(deal.metric("contract.loan.breaches") == 12);
}

TEST_CASE("after three months a loan stands where the closed form says") {
  const Deal deal{deal_site("92 d") + loan(""), {{"parties.owner.cash", "10 MUSD"}}};
  const double left = 1.2e6 * math::pow(1 + monthly_rate, 3) -
                      annuity() * (math::pow(1 + monthly_rate, 3) - 1) / monthly_rate;
  INFO("B (1 + i)^3 - A ((1 + i)^3 - 1)/i = " << left);
  CHECK(within(deal.balance("owner", Account::debt), -micro(left), 6));
}

TEST_CASE("debt service stops at the cash floor and what is not paid is owed") {
  const Deal deal{deal_site("61 d") + loan(", drawn_before: true, cash_floor: 50 kUSD"),
                  {{"parties.owner.cash", "100 kUSD"}}};
  const std::int64_t bill = deal.balance("owner", Account::energy_cost);
  INFO("nothing comes in: all above the floor but electricity, " << bill << " micro-dollars, goes");
  INFO("to the bank at the end of May; at the end of June there is nothing above it");
  CHECK(deal.balance("owner", Account::debt) ==
        -(1'200'000 * dollar + deal.balance("owner", Account::interest_cost) -
          deal.balance("bank", Account::cash)));
  CHECK(deal.balance("owner", Account::cash) ==
        100'000 * dollar - bill - deal.balance("bank", Account::cash));
  CHECK(deal.balance("bank", Account::cash) < 50'000 * dollar);
  CHECK(deal.balance("owner", Account::cash) < 50'000 * dollar);
  CHECK(deal.metric("contract.loan.shortfall") > annuity());
}

TEST_CASE("the coverage is cash flow before debt service over the payment") {
  const Deal deal{
      deal_site("31 d") + loan(", dscr: 2") + contract("lease", "lease", "price: 2 USD/gpu/h"),
      {{"parties.owner.cash", "10 MUSD"}}};
  const double bill = static_cast<double>(deal.balance("owner", Account::energy_cost)) * 1e-6;
  const double coverage = (190'464 - bill) / annuity();
  INFO("(190,464 - " << bill << ")/" << annuity() << " = " << coverage << " < 2");
  CHECK(deal.metric("contract.loan.dscr.min") == doctest::Approx(coverage).epsilon(1e-9));
  CHECK(deal.metric("contract.loan.breaches") == 1);
}

TEST_CASE("each loan is measured by the cash flow before any debt service") {
  const std::string other =
      "  other: {kind: financing, lender: bank, borrower: owner, amount: 1.2 MUSD, rate: 0.12 "
      "1/yr, "
      "term: 12 months}\n";
  const Deal deal{
      deal_site("31 d") + loan("") + other + contract("lease", "lease", "price: 2 USD/gpu/h"),
      {{"parties.owner.cash", "10 MUSD"}}};
  const double bill = static_cast<double>(deal.balance("owner", Account::energy_cost)) * 1e-6;
  INFO("two equal loans: (190,464 - " << bill << ")/" << annuity() << " each, whoever is first");
  CHECK(deal.metric("contract.loan.dscr.min") ==
        doctest::Approx((190'464 - bill) / annuity()).epsilon(1e-9));
  CHECK(deal.metric("contract.other.dscr.min") == deal.metric("contract.loan.dscr.min"));
}

TEST_CASE("days before the first whole month bear interest alone") {
  const Deal deal{deal_site("61 d") + loan(", start: 2026-05-11"),
                  {{"parties.owner.cash", "10 MUSD"}}};
  const double stub = 1.2e6 * 0.12 * 21 / 365;
  INFO("21 d of May: 1.2 MUSD x 12 % x 21/365 = " << stub << ", then a whole month: 12,000");
  CHECK(within(deal.balance("owner", Account::interest_cost), micro(stub) + 12'000 * dollar, 2));
  CHECK(deal.metric("contract.loan.paid") == doctest::Approx(stub + annuity()).epsilon(1e-9));
  CHECK(deal.metric("contract.loan.balance") ==
        doctest::Approx(1.2e6 - (annuity() - 12'000)).epsilon(1e-9));
}

TEST_CASE("what is owed at the end counts against the borrower's present value") {
  const Deal none{deal_site("61 d"), {{"parties.owner.cash", "10 MUSD"}}};
  const Deal deal{deal_site("61 d") + loan(""), {{"parties.owner.cash", "10 MUSD"}}};
  const double months = 61 / 365.0 * 12;
  const double left = deal.metric("contract.loan.balance");
  INFO("drawn at the start, two payments, " << left << " owed after 61 d at 12 %/yr");
  const double worth = 1.2e6 -
                       annuity() * (math::pow(1.12, -1 / 12.0) + math::pow(1.12, -2 / 12.0)) -
                       left * math::pow(1.12, -months / 12);
  CHECK(deal.metric("party.owner.npv") - none.metric("party.owner.npv") ==
        doctest::Approx(worth).epsilon(1e-6));
  INFO("1 % a month is a little more than 12 % a year: the borrower loses, next to nothing");
  CHECK(worth < 0);
  CHECK(worth > -2'000);
  CHECK(deal.metric("party.bank.npv") == doctest::Approx(-worth).epsilon(1e-6));
}

TEST_CASE("units that pay for compute are no gift: they count for both sides") {
  const Deal deal{deal_site("31 d") + shares("50 USD") + "contracts:\n" +
                  contract("swap", "equity_swap",
                           "price: 2 USD/gpu/h, equity: shares, discount: 20 %, lock_up: 6 month, "
                           "sale_discount: 25 %")};
  INFO("128 GPUs x 744 h x $2 = 190,464 paid in units at the end of the month");
  const double month = math::pow(1.12, -1 / 12.0);
  INFO("at 20 % off they are worth a quarter more than what they pay");
  const double diluted = 190'464 * 0.25 * math::pow(1.12, -31 / 365.0);
  CHECK(deal.metric("party.tenant.npv") ==
        doctest::Approx(-190'464 * month - diluted).epsilon(1e-6));
  CHECK(deal.metric("party.tenant.cash") == 0);
  INFO("at 40 each, held at 50 less 25 %: 190,464 / 40 x 37.5 after 31 d");
  CHECK(deal.metric("party.owner.residual_value") ==
        doctest::Approx(190'464 / 40.0 * 37.5 * math::pow(1.12, -31 / 365.0)).epsilon(1e-6));
}

TEST_CASE("a loan that was refused is never drawn or served") {
  const Deal deal{deal_site("93 d") + loan(", closing: {delay: 3 d, refusal: 100 %}")};
  INFO("three month ends pass after the refusal on 4 May");
  CHECK(deal.outcome("loan") == "refused by the regulator");
  CHECK(deal.balance("owner", Account::debt) == 0);
  CHECK(deal.balance("owner", Account::interest_cost) == 0);
  CHECK(deal.balance("bank", Account::cash) == 0);
  CHECK(deal.metric("contract.loan.dscr.min") == 0);
}

TEST_CASE("an exit from a loan pays it back") {
  const Deal deal{deal_site("93 d") +
                      loan(", options: {early: {kind: exit, by: owner, exercise: {kind: date, on: "
                           "2026-06-15}}}"),
                  {{"parties.owner.cash", "10 MUSD"}}};
  INFO("one payment at the end of May, the rest in the middle of June");
  CHECK(deal.outcome("loan") == "ended by option early");
  CHECK(deal.metric("contract.loan.balance") == 0);
  CHECK(deal.balance("owner", Account::debt) == 0);
}

TEST_CASE("a licence costs once, all along, and a share of revenue, until it ends") {
  const Deal deal{deal_site("61 d") + paying_users("owner") +
                  "contracts:\n  weights: {kind: license, licensor: rival, licensee: owner, term: "
                  "1 month, upfront: 1000 USD, fee: 73000 USD/month, royalty: 10 %}\n"};
  const double revenue = 10'000 * 20 / 730.0 * 744;
  INFO("upfront 1,000; 100 USD/h x 744 h; 10 % of May's " << revenue);
  CHECK(deal.outcome("weights") == "expired");
  CHECK(deal.balance("owner", Account::license_cost) ==
        (1'000 + 74'400) * dollar + micro(0.1 * revenue));
  CHECK(deal.balance("rival", Account::license_income) ==
        -deal.balance("owner", Account::license_cost));
  CHECK(deal.metric("contract.weights.paid") == doctest::Approx(75'400 + 0.1 * revenue));
}
