// V14 through a run: what a published day of DeepSeek's service cost and would have earned.
#include <doctest/doctest.h>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

// One day, as published: tokens in from cache and not, tokens out, and list prices per million.
constexpr double hits = 342e9;
constexpr double misses = 266e9;
constexpr double out = 168e9;
constexpr double list_usd = (hits * 0.14 + misses * 0.55 + out * 2.19) / 1e6;

/// 227 nodes, of which 226 are rented on the first of four days and all on the others: 226.75 on
/// average. What a prompt costs is in the price of the tokens that answer it; the model stands for
/// any that is fast enough on these nodes.
std::string four_days() {
  const std::string price = std::to_string(list_usd / out * 1e6);
  return R"(schema: 1
name: four equal days
start: 2026-05-01
duration: 4 d
parties: {cloud: {}, deepseek: {}, utility: {}}
sites:
  here:
    owner: cloud
    utility: utility
    weather: {kind: synthetic}
    power:
      feed: 4 MW
      branches:
        mv: {loss: mv_transformer, rating: 4.5 MW}
        busway: {loss: busway_pdu, rating: 4 MW, parent: mv}
    halls: {hall: {racks: {hopper: {node: hgx_h100, nodes: 1, count: 227, branch: busway, in_service: 2025-05-01}}}}
    cooling:
      branch: mv
      liquid: {rejection: {kind: tower}}
      air: {supply: 24 C, rejection: {kind: chiller, chiller: doe2_centrifugal_5_50}}
    tariff: {energy: 50 USD/MWh}
contracts:
  rent:
    kind: lease
    owner: cloud
    tenant: deepseek
    site: here
    gpus: 1816 gpu
    price: 2 USD/gpu/h
    term: 1 month
    tranches: [{on: 2026-05-01, gpus: 1808 gpu}, {on: 2026-05-02, gpus: 8 gpu}]
services:
  r1:
    tenant: deepseek
    site: here
    model: llm_8b_bf16
    on: [h100_sxm]
    users: {daily: 168 Muser, requests_per_user: 1 request/user/d, tokens_per_request: 1000 token/request, shape: flat}
    headroom: 0 %
    revenue: )" +
         price + " USD/Mtoken\n";
}

}  // namespace

TEST_CASE("V14: 226.75 nodes cost $87,072 a day, list prices bring $562,100, a margin of 545.6 %") {
  const Deal deal{four_days()};
  const double cost = static_cast<double>(deal.balance("deepseek", Account::lease_cost)) * 1e-6 / 4;
  const double revenue =
      -static_cast<double>(deal.balance("deepseek", Account::service_income)) * 1e-6 / 4;
  INFO("(1,808 x 24 + 1,816 x 72) GPU-hours x $2 / 4 d = 87,072");
  CHECK(cost == doctest::Approx(87'072).epsilon(1e-9));
  INFO("(342 x 0.14 + 266 x 0.55 + 168 x 2.19) x 1,000 = 562,100; published 562,027");
  CHECK(list_usd == doctest::Approx(562'100).epsilon(1e-9));
  CHECK(revenue == doctest::Approx(562'100).epsilon(1e-3));
  CHECK(revenue == doctest::Approx(562'027).epsilon(1e-3));
  INFO("562,100 / 87,072 - 1 = 5.4556; published 545 %");
  CHECK(revenue / cost - 1 == doctest::Approx(5.4556).epsilon(1e-3));
  CHECK(deal.metric("party.deepseek.profit") ==
        doctest::Approx(4 * (562'100 - 87'072)).epsilon(2e-3));
}
