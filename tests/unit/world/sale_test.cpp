// Asset sales by hand: price, book value and gain, what goes along, who runs the nodes and who pays
// for their power.
#include <doctest/doctest.h>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

std::string sale(const std::string& terms) {
  return "contracts:\n" + contract("sale", "asset_sale", terms);
}

/// Network 1.2, cooling 0.8 and building 2 MUSD of 1 May 2025; nodes keep 10 % at the end.
std::vector<Override> plant() {
  return {{"sites.here.assets.network", "1.2 MUSD"},
          {"sites.here.assets.cooling", "0.8 MUSD"},
          {"sites.here.assets.facility", "2 MUSD"},
          {"sites.here.assets.facility_in_service", "2025-05-01"},
          {"sites.here.assets.node_residual", "10 %"}};
}

// Half of the site on 11 May: book values of the whole.
// nodes: 60 months from 1 May 2026 are 1,826 d, 10 of them over
constexpr double nodes = 5.12e6 * (1 - 0.9 * 10 / 1826);
// network: 60 months from 1 May 2025 are 1,826 d, 375 of them over
constexpr double network = 1.2e6 * (1 - 375.0 / 1826);
// cooling and building: 168 months are 5,113 d (4 leap days), 375 of them over
constexpr double cooling = 0.8e6 * (1 - 375.0 / 5113);
constexpr double building = 2e6 * (1 - 375.0 / 5113);

}  // namespace

TEST_CASE("the seller's gain is the price less the book value of what goes") {
  const std::string text = deal_site("31 d") + sale(
                                                   "gpus: 64 gpu, price: 5 MUSD, start: "
                                                   "2026-05-11, network: false");
  const Deal bare{text, plant()};
  INFO("nodes alone: 5,000,000 - " << nodes << " / 2");
  CHECK(within(bare.balance("owner", Account::sale_gain), -micro(5e6 - nodes / 2), 1));
  INFO("the seller's cash: the price, and electricity that the buyer pays back");
  CHECK(bare.posted("contract sale", "owner", Account::cash) +
            bare.posted("contract sale", "owner", Account::energy_income) ==
        5'000'000 * dollar);
  CHECK(within(bare.posted("contract sale", "owner", Account::equipment), -micro(nodes / 2), 1));
  CHECK(bare.posted("contract sale", "tenant", Account::equipment) == 5'000'000 * dollar);
  CHECK(bare.metric("contract.sale.gpus.end") == 64);
  const auto with = [&](const std::string& what) {
    std::vector<Override> overrides = plant();
    overrides.push_back({"contracts.sale." + what, "true"});
    return Deal{text, overrides}.balance("owner", Account::sale_gain);
  };
  INFO("half of each goes along when agreed");
  CHECK(within(with("network"), -micro(5e6 - (nodes + network) / 2), 1));
  CHECK(within(with("cooling"), -micro(5e6 - (nodes + cooling) / 2), 1));
  CHECK(within(with("building"), -micro(5e6 - (nodes + building) / 2), 1));
}

TEST_CASE("a sale below book value is a loss") {
  const Deal deal{deal_site("31 d") + sale("gpus: 64 gpu, price: 1 MUSD")};
  INFO("on the first day half of 5.12 MUSD: 1,000,000 - 2,560,000");
  CHECK(deal.balance("owner", Account::sale_gain) == 1'560'000 * dollar);
}

TEST_CASE("a price per GPU and a price for all come to the same") {
  const Deal each{deal_site("31 d") + sale("gpus: 64 gpu, unit_price: 31250 USD/gpu")};
  const Deal all{deal_site("31 d") + sale("gpus: 64 gpu, price: 2 MUSD")};
  CHECK(each.posted("contract sale", "tenant", Account::equipment) == 2'000'000 * dollar);
  CHECK(all.posted("contract sale", "tenant", Account::equipment) == 2'000'000 * dollar);
}

TEST_CASE("tranches are sold as they arrive and the price adds up") {
  const Deal deal{deal_site("31 d") +
                  sale("gpus: 64 gpu, price: 1000001 USD, ramp: 24 gpu/d, network: false")};
  INFO("24, 24 and 16 GPUs on days 0, 1 and 2; the parts of the price sum to it exactly");
  CHECK(deal.posted("contract sale", "tenant", Account::equipment) == 1'000'001 * dollar);
  const double day = 1.0 / 1826;
  const double value = 320e3 * (3 + 3 * (1 - day) + 2 * (1 - 2 * day));
  INFO("8 nodes of 320 kUSD, written off over 1,826 d: book value " << value);
  CHECK(within(deal.balance("owner", Account::sale_gain), micro(value - 1'000'001), 3));
}

TEST_CASE("the buyer writes its price off over the agreed life, the seller no longer does") {
  const Deal deal{deal_site("31 d") +
                  sale("gpus: 64 gpu, price: 5 MUSD, start: 2026-05-11, life: 48 months")};
  INFO("buyer: 48 months from 11 May 2026 are 1,461 d, 21 of them: 5e6 x 21/1,461");
  CHECK(within(deal.balance("tenant", Account::depreciation), micro(5e6 * 21 / 1461), 1));
  INFO("seller: 5.12e6/1,826 x (10 + 21/2) d");
  CHECK(within(deal.balance("owner", Account::depreciation), micro(5.12e6 / 1826 * 20.5), 1));
}

TEST_CASE("staff and maintenance go along with the nodes") {
  const std::vector<Override> running = {{"sites.here.operating.staff", "8760 USD/yr"},
                                         {"sites.here.operating.maintenance", "0.1 1/yr"}};
  const double hourly = 1 + 512'000.0 / 8'760;
  INFO("staff 1 USD/h and 10 % of 5.12 MUSD a year: " << hourly << " USD/h for the site");
  const Deal buyer{deal_site("31 d") + sale("gpus: 64 gpu, price: 5 MUSD, start: 2026-05-11"),
                   running};
  CHECK(within(buyer.balance("tenant", Account::operating_cost), micro(hourly * 504 / 2), 1));
  CHECK(within(buyer.balance("owner", Account::operating_cost), micro(hourly * (240 + 504 / 2.0)),
               1));
  const Deal seller{
      deal_site("31 d") + sale("gpus: 64 gpu, price: 5 MUSD, start: 2026-05-11, operator: owner, "
                               "operating_fee: 73 kUSD/month"),
      running};
  INFO("the seller goes on for 73,000/730 = 100 USD/h: 504 h");
  CHECK(seller.balance("tenant", Account::operating_cost) == 50'400 * dollar);
  CHECK(seller.balance("owner", Account::supply_income) == -50'400 * dollar);
  CHECK(within(seller.balance("owner", Account::operating_cost), micro(hourly * 744), 1));
}

TEST_CASE("a buyer that buys twice runs all of it") {
  const Deal deal{deal_site("31 d") + "contracts:\n" +
                      contract("a", "asset_sale", "gpus: 64 gpu, price: 2 MUSD") +
                      contract("b", "asset_sale", "gpus: 32 gpu, price: 1 MUSD, start: 2026-05-11"),
                  {{"sites.here.operating.staff", "8760 USD/yr"}}};
  INFO("1 USD/h: half for 240 h, three quarters for 504 h = 120 + 378");
  CHECK(deal.balance("tenant", Account::operating_cost) == 498 * dollar);
  CHECK(deal.balance("owner", Account::operating_cost) == (744 - 498) * dollar);
}

TEST_CASE("a buyer with the power contract pays the utility, else it pays the seller back") {
  const auto deal = [](const std::string& along) {
    return Deal{deal_site("31 d") + sale("gpus: 64 gpu, price: 2 MUSD, power_contract: " + along),
                {{"sites.here.tariff.demand", "15 USD/kW"}}};
  };
  const Deal own = deal("true");
  const auto bill = [](const Deal& d, const std::string& party) {
    return d.balance(party, Account::energy_cost) + d.balance(party, Account::demand_cost) +
           d.balance(party, Account::energy_income) + d.balance(party, Account::demand_income);
  };
  const std::int64_t whole = -bill(own, "utility");
  INFO("half of the idle GPUs bear half of " << whole << " micro-dollars");
  CHECK(within(2 * bill(own, "tenant"), whole, 4));
  CHECK(within(2 * bill(own, "owner"), whole, 4));
  CHECK(own.balance("owner", Account::energy_income) == 0);
  const Deal back = deal("false");
  CHECK(within(2 * bill(back, "tenant"), whole, 4));
  CHECK(within(2 * bill(back, "owner"), whole, 4));
  CHECK(back.balance("owner", Account::energy_income) < 0);
}

TEST_CASE("a sale through stages is paid when the nodes count as delivered") {
  const Deal deal{deal_site("31 d") +
                  sale("gpus: 32 gpu, price: 1 MUSD, transfer: steps, billing_from: accept") +
                  hourly_stages()};
  INFO("accept begins at 10 h; the seller writes the nodes off until then: 1.28e6 x (1 - d/1,826)");
  const double value = 1.28e6 * (1 - 10.0 / 24 / 1826);
  CHECK(within(deal.balance("owner", Account::sale_gain), micro(value - 1e6), 1));
  CHECK(deal.balance("owner", Account::transfer_cost) == 144 * dollar);
}

TEST_CASE("what was sold stays sold and counts as the buyer's share of all GPUs") {
  const Deal deal{deal_site("61 d") + sale("gpus: 32 gpu, price: 1 MUSD, term: 1 month")};
  CHECK(deal.metric("contract.sale.gpus.end") == 32);
  CHECK(deal.metric("party.tenant.gpu_share") == doctest::Approx(0.25));
  INFO("10,000 x (0.75^2 + 0.25^2) = 6,250");
  CHECK(deal.metric("concentration.before") == doctest::Approx(10'000));
  CHECK(deal.metric("concentration.after") == doctest::Approx(6'250));
}

TEST_CASE("an exit stops a sale where it stands and nothing comes back") {
  const Deal deal{deal_site("31 d") +
                  sale("gpus: 64 gpu, price: 2 MUSD, ramp: 8 gpu/d, options: {stop: {kind: exit, "
                       "by: tenant, notice: 12 h, exercise: {kind: date, on: 2026-05-04}}}")};
  INFO("8 GPUs a day at 0, 24, 48 and 72 h; the effect is at 84 h: 32 of 64 for half of the price");
  CHECK(deal.outcome("sale") == "ended by option stop");
  CHECK(deal.metric("contract.sale.gpus.end") == 32);
  CHECK(deal.posted("contract sale", "tenant", Account::equipment) == 1'000'000 * dollar);
}
