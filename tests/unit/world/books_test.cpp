// Books by hand: what parties begin with, running costs, depreciation, water, customers, tax, and
// that no cash is made or lost.
#include <doctest/doctest.h>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

constexpr auto accounts = static_cast<std::size_t>(Account::count);

/// Cash of all parties, and the sum of all accounts of each, which is zero.
std::int64_t all_cash(const Deal& deal) {
  std::int64_t cash = 0;
  for (const std::string& party : deal.result().parties) {
    std::int64_t sum = 0;
    for (std::size_t row = 0; row < accounts; ++row)
      sum += deal.balance(party, static_cast<Account>(row));
    INFO(party);
    CHECK(sum == 0);
    cash += deal.balance(party, Account::cash);
  }
  return cash;
}

}  // namespace

TEST_CASE("parties begin with their cash and the book value of what they own") {
  const Deal deal{deal_site("1 h"),
                  {{"parties.owner.cash", "5 MUSD"},
                   {"parties.bank.cash", "7 MUSD"},
                   {"sites.here.assets.network", "1.2 MUSD"},
                   {"sites.here.assets.network_life", "60 months"},
                   {"sites.here.assets.facility_in_service", "2025-05-01"}}};
  INFO("nodes 16 x 320 kUSD, new; network 1.2 MUSD, 365 of 1,826 d old");
  const double network = 1.2e6 * (1 - 365.0 / 1826);
  CHECK(deal.balance("owner", Account::capital) ==
        -(5'000'000 + 5'120'000) * dollar - micro(network));
  CHECK(deal.balance("bank", Account::cash) == 7'000'000 * dollar);
  CHECK(deal.balance("bank", Account::capital) == -7'000'000 * dollar);
  CHECK(deal.balance("tenant", Account::capital) == 0);
  INFO("the metric is the change of cash");
  CHECK(deal.metric("party.bank.cash") == 0);
  CHECK(deal.metric("party.owner.cash") ==
        doctest::Approx(-static_cast<double>(deal.balance("owner", Account::energy_cost)) * 1e-6));
}

TEST_CASE("nodes and network are written off in a straight line to their residual") {
  const Deal deal{deal_site("31 d"),
                  {{"sites.here.assets.network", "1.2 MUSD"},
                   {"sites.here.assets.facility_in_service", "2025-05-01"},
                   {"sites.here.assets.node_residual", "10 %"}}};
  INFO("31 d of 1,826: 0.9 x 5.12 MUSD and 1.2 MUSD");
  CHECK(deal.balance("owner", Account::depreciation) == micro((0.9 * 5.12e6 + 1.2e6) * 31 / 1826));
  CHECK(deal.metric("party.owner.cost") ==
        doctest::Approx((0.9 * 5.12e6 + 1.2e6) * 31 / 1826 +
                        static_cast<double>(deal.balance("owner", Account::energy_cost)) * 1e-6));
}

TEST_CASE("what is written off already costs nothing more") {
  const Deal deal{deal_site("61 d"),
                  {{"sites.here.assets.node_life", "1 month"},
                   {"sites.here.assets.network", "1 MUSD"},
                   {"sites.here.assets.network_life", "60 months"},
                   {"sites.here.assets.facility_in_service", "2020-05-01"}}};
  INFO("nodes end on 1 June; the network ended on 1 May 2025");
  CHECK(deal.balance("owner", Account::depreciation) == 5'120'000 * dollar);
  CHECK(deal.balance("owner", Account::equipment) == 0);
}

TEST_CASE("staff, maintenance and water are paid by the owner") {
  const Deal deal{deal_site("31 d"),
                  {{"sites.here.operating.staff", "8760 USD/yr"},
                   {"sites.here.operating.maintenance", "0.1 1/yr"},
                   {"sites.here.operating.water", "4 USD/m3"}}};
  const double running = (1 + 512'000.0 / 8'760) * 744;
  const double water = 4 * deal.metric("site.here.water");
  INFO("staff 1 USD/h, maintenance 10 % of 5.12 MUSD a year, for 744 h: " << running);
  CHECK(deal.balance("owner", Account::operating_cost) == micro(running));
  INFO("water: 4 USD x " << deal.metric("site.here.water") << " m3");
  CHECK(deal.metric("site.here.water") > 0);
  CHECK(within(deal.balance("owner", Account::water_cost), micro(water), 1));
  CHECK(deal.balance("outside", Account::supply_income) ==
        -deal.balance("owner", Account::operating_cost) -
            deal.balance("owner", Account::water_cost));
}

TEST_CASE("subscriptions are paid by the user and the hour, growth included") {
  const Deal level{deal_site("31 d") + paying_users("owner")};
  INFO("10,000 x 20 USD / 730 h x 744 h");
  CHECK(level.balance("owner", Account::service_income) == -micro(10'000 * 20 / 730.0 * 744));
  CHECK(level.balance("outside", Account::operating_cost) == micro(10'000 * 20 / 730.0 * 744));
  const Deal growing{deal_site("31 d") + paying_users("owner"),
                     {{"services.chat.users.growth", "5 %/month"}}};
  INFO("users grow by e^(g t) with g = ln 1.05 per 730 h: 200,000 x (1.05^(744/730) - 1)/ln 1.05");
  const double grown = 200'000 * (math::pow(1.05, 744.0 / 730) - 1) / math::log(1.05);
  CHECK(static_cast<double>(-growing.balance("owner", Account::service_income)) * 1e-6 ==
        doctest::Approx(grown).epsilon(1e-9));
}

TEST_CASE("tokens within the objective are paid at the price per token") {
  Deal deal{deal_site("31 d") + paying_users("owner"),
            {{"services.chat.revenue", "2 USD/Mtoken"},
             {"services.chat.subscription", "0 USD/user/month"}}};
  INFO("10,000 users x 12 requests x 500 tokens a day, all served: 60 Mtoken/d x 31 d x 2 USD");
  CHECK(deal.metric("service.chat.lost_share") == doctest::Approx(0));
  CHECK(within(deal.balance("owner", Account::service_income), -3'720 * dollar, 10));
}

TEST_CASE("tax is paid on the profit of the run so far, and back when it shrinks") {
  const auto taxed = [](const std::string& days, const std::string& terms) {
    return Deal{deal_site(days) + lease_at_two(terms), {{"parties.owner.tax", "25 %"}}};
  };
  const auto profit_before_tax = [](const Deal& deal) {
    return -deal.balance("owner", Account::lease_income) -
           deal.balance("owner", Account::energy_cost) -
           deal.balance("owner", Account::depreciation);
  };
  const Deal whole = taxed("61 d", "");
  INFO("a quarter of fees less electricity less depreciation");
  CHECK(within(4 * whole.balance("owner", Account::tax_cost), profit_before_tax(whole), 4));
  CHECK(whole.balance("outside", Account::tax_income) ==
        -whole.balance("owner", Account::tax_cost));
  const Deal shrinks = taxed("61 d", "term: 1 month");
  INFO("May earns, June does not: what May paid too much comes back");
  CHECK(within(4 * shrinks.balance("owner", Account::tax_cost), profit_before_tax(shrinks), 4));
  CHECK(shrinks.balance("owner", Account::tax_cost) <
        taxed("31 d", "term: 1 month").balance("owner", Account::tax_cost));
  const Deal loss = taxed("31 d", "start: 2026-05-31");
  INFO("a loss pays nothing");
  CHECK(loss.balance("owner", Account::tax_cost) == 0);
  CHECK(whole.balance("tenant", Account::tax_cost) == 0);
}

TEST_CASE("the demand charge is the peak's, in proportion to the month") {
  const Deal deal{deal_site("31 d"), {{"sites.here.tariff.demand", "10 USD/kW"}}};
  const double peak = static_cast<double>(-deal.balance("utility", Account::demand_income)) * 1e-7;
  INFO("one month: the highest half hour was " << peak << " kW");
  CHECK(peak * 1e3 <= deal.metric("site.here.power.peak") * (1 + 1e-9));
  CHECK(peak * 1e3 >= deal.metric("site.here.power.mean"));
}

TEST_CASE("no deal makes or loses cash") {
  const std::vector<Override> cash = {{"parties.owner.cash", "5 MUSD"},
                                      {"parties.tenant.cash", "3 MUSD"},
                                      {"parties.bank.cash", "2 MUSD"},
                                      {"parties.owner.tax", "25 %"},
                                      {"sites.here.operating.staff", "1 MUSD/yr"},
                                      {"sites.here.operating.water", "4 USD/m3"}};
  const std::string others =
      "  loan: {kind: financing, lender: bank, borrower: tenant, amount: 1 MUSD, rate: 0.1 1/yr}\n"
      "  ppa: {kind: power_purchase, supplier: rival, buyer: owner, site: here, volume: 20 kW, "
      "price: 30 USD/MWh}\n"
      "  weights: {kind: license, licensor: rival, licensee: tenant, royalty: 5 %}\n";
  const std::string equity = "equities: {shares: {kind: signal, price: 50 USD}}\n";
  for (const std::string& terms :
       {contract("deal", "lease", "price: 2 USD/gpu/h, prepayment: 9000 USD, power: net"),
        contract("deal", "asset_sale", "gpus: 64 gpu, price: 2 MUSD"),
        contract("deal", "revenue_share", "share: 30 %"),
        contract("deal", "equity_swap", "price: 2 USD/gpu/h, equity: shares, lock_up: 1 month")}) {
    CAPTURE(terms);
    const Deal deal{
        deal_site("61 d") + equity + paying_users("tenant") + "contracts:\n" + terms + others,
        cash};
    CHECK(all_cash(deal) == 10'000'000 * dollar);
    CHECK(deal.result().balances());
  }
}

TEST_CASE("what nodes earn after the run counts in the present value of who owns them then") {
  const std::string market = "markets: {spot: {kind: signal, price: 2 USD/gpu/h}}\n";
  const std::vector<Override> residual{
      {"sites.here.assets.residual", "{market: spot, useful: 80 %}"},
      {"sites.here.assets.node_life", "24 month"}};
  const Deal kept{deal_site("365 d") + market, residual};
  const double energy = static_cast<double>(kept.balance("owner", Account::energy_cost)) * 1e-6;
  const double hours = 128 * 8'760.0;
  const double monthly = 128 * 730 * (0.8 * 2 - energy / hours);
  double annuity = 0;
  // 24 calendar months are 731 d: 366 d are left, 12 months and a 30th.
  for (int k = 1; k <= 12; ++k) annuity += math::pow(1.12, -k / 12.0);
  annuity += math::pow(1.12, -13 / 12.0) * 24 / 730;
  const double worth = monthly * annuity / 1.12;
  INFO("128 GPUs x 730 h x (80 % x 2 - " << energy / hours << ") a month: " << worth
                                         << " at the start");
  CHECK(kept.metric("party.owner.residual_value") == doctest::Approx(worth).epsilon(1e-9));
  const Deal plain{deal_site("365 d") + market, {{"sites.here.assets.node_life", "24 month"}}};
  CHECK(kept.metric("party.owner.npv") - plain.metric("party.owner.npv") ==
        doctest::Approx(worth).epsilon(1e-9));
  CHECK(plain.metric("party.owner.residual_value") == 0);

  const Deal sold{deal_site("365 d") + market + "contracts:\n" +
                      contract("sale", "asset_sale", "gpus: 64 gpu, price: 1 MUSD, life: 24 month"),
                  residual};
  INFO("half of them belong to the buyer, who writes them off over 24 months from the sale");
  CHECK(sold.metric("party.owner.residual_value") == doctest::Approx(worth / 2).epsilon(1e-6));
  CHECK(sold.metric("party.tenant.residual_value") == doctest::Approx(worth / 2).epsilon(1e-6));
}

TEST_CASE("what comes into service in the run is bought, not opened with") {
  const std::string racks = "sites.here.halls.hall.racks.hopper.";
  const Deal deal{deal_site("61 d"),
                  {{racks + "in_service", "2026-05-20"},
                   {racks + "energised", "2026-05-20"},
                   {"parties.owner.cash", "6 MUSD"}}};
  INFO(
      "16 x 320 kUSD are paid at the end of May; 42 of 1,826 d are written off by the end of June");
  CHECK(deal.balance("owner", Account::capital) == -6'000'000 * dollar);
  CHECK(deal.posted("equipment of here", "owner", Account::equipment) == 5'120'000 * dollar);
  CHECK(deal.balance("owner", Account::cash) ==
        880'000 * dollar - deal.balance("owner", Account::energy_cost));
  CHECK(within(deal.balance("owner", Account::depreciation), micro(5.12e6 * 42 / 1826), 1));
  CHECK(deal.metric("party.owner.npv") < -5.12e6 * math::pow(1.12, -1 / 12.0) + 1);
}
