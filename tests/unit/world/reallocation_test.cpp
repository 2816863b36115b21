// Reallocation policies at work by hand: lending idle GPUs, reclaiming on a surge or a price, and
// doing nothing.
#include <doctest/doctest.h>

#include <colossim/report/summary.hpp>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

std::string policy(const std::string& kind, const std::string& terms) {
  return "reallocation: {policy: {kind: " + kind + ", contract: lease, " + terms + "}}\n";
}

std::string reclaim(const std::string& terms) {
  return "gpus: 128 gpu, options: {back: {kind: reclaim, by: owner, " + terms +
         ", exercise: {kind: never}}}";
}

double hours_of(SimTime time) {
  return (time - SimTime{}).quantity() / units::hour;
}

std::string ledger_of(const std::string& text) {
  const Scenario scenario = load_text(text);
  const Result result = simulate(scenario, {.paranoid = true});
  return ledger_csv({scenario, result, "test", ""}) + series_csv({scenario, result, "test", ""});
}

}  // namespace

TEST_CASE("harvest_idle lends idle GPUs and takes them back for a job of the owner") {
  const Deal deal{deal_site("31 d") + lease_at_two("gpus: 64 gpu, flexible: 64 gpu") +
                  policy("harvest_idle", "review: 1 h, keep_free: 0") + "jobs:\n" +
                  gang("own", "owner", 32, 100, "2026-05-11")};
  INFO(
      "64 GPUs flexible from 1 h; the job comes at 240 h, just after that hour's review; at 241 h");
  INFO("32 GPUs come back, at 341 h it has done its 100 h, at 342 h they are lent again");
  CHECK(deal.hours("jobs.own.wait.mean") == doctest::Approx(1));
  CHECK(deal.metric("jobs.own.done") == 1);
  const double flexible = 64 * (744 - 1) - 32 * (342 - 241);
  CHECK(deal.hours("contract.lease.delivered") == doctest::Approx(64 * 744 + flexible));
  CHECK(deal.metric("contract.lease.gpus.end") == 128);
  INFO("none of it was used: the commitment is paid");
  CHECK(deal.balance("tenant", Account::lease_cost) == 95'232 * dollar);
}

TEST_CASE("harvest_idle takes a whole node back for a job that needs a part of one") {
  const Deal deal{deal_site("31 d") + lease_at_two("gpus: 64 gpu, flexible: 64 gpu") +
                  policy("harvest_idle", "review: 1 h, keep_free: 0") + "jobs:\n" +
                  gang("own", "owner", 4, 100, "2026-05-11")};
  CHECK(deal.hours("jobs.own.wait.mean") == doctest::Approx(1));
  CHECK(deal.metric("jobs.own.done") == 1);
}

TEST_CASE("harvest_idle keeps a part of the idle GPUs free") {
  const Deal deal{deal_site("31 d") + lease_at_two("gpus: 64 gpu, flexible: 64 gpu") +
                  policy("harvest_idle", "review: 25 d, keep_free: 30 %")};
  INFO("70 % of 64 idle GPUs are 44, 40 in whole nodes, from the only review at 600 h on");
  CHECK(deal.hours("contract.lease.delivered") == doctest::Approx(64 * 744 + 40 * 144));
  CHECK(deal.metric("contract.lease.gpus.end") == 104);
}

TEST_CASE("flexible GPUs wait until the commitment is delivered") {
  const Deal deal{deal_site("31 d") +
                  lease_at_two("gpus: 64 gpu, flexible: 32 gpu, ramp: 32 gpu/d") +
                  policy("harvest_idle", "review: 6 h, keep_free: 0")};
  INFO("32 GPUs on day 0, 64 from 24 h; the first review after that lends 32 more at 24 or 30 h");
  CHECK(deal.hours("contract.lease.delivered") >= 32 * 24 + 64 * 720 + 32 * (744 - 30) - 1e-6);
  CHECK(deal.hours("contract.lease.delivered") <= 32 * 24 + 64 * 720 + 32 * (744 - 24) + 1e-6);
  CHECK(deal.hours("contract.lease.undelivered") >= 0);
}

TEST_CASE("a surge of the owner's jobs reclaims what they need, once") {
  const Deal deal{deal_site("31 d") +
                  lease_at_two(reclaim("share: 50 %, every: 1 d, notice: 36 h")) +
                  policy("reclaim_on_surge", "option: back, review: 6 h, waiting: 32 gpu") +
                  "jobs:\n" + gang("own", "owner", 32, 100, "2026-05-10")};
  INFO("the job comes at 216 h, just after a review; notice 222 h, effect 258 h; then it runs");
  CHECK(deal.metric("contract.lease.options_used") == 1);
  REQUIRE(!deal.result().drills.empty());
  const DrillRecord& drill = deal.result().drills.front();
  CHECK(hours_of(drill.noticed) == doctest::Approx(222));
  CHECK(hours_of(drill.effective) == doctest::Approx(258));
  CHECK(drill.gpus == 64);
  REQUIRE(drill.first_use.has_value());
  CHECK(hours_of(*drill.first_use) == doctest::Approx(258));
  CHECK(deal.hours("jobs.own.wait.mean") == doctest::Approx(42));
  CHECK(deal.hours("contract.lease.delivered") == doctest::Approx(128 * 258 + 64 * (744 - 258)));
}

TEST_CASE("the reclaim drill measures the way back through the stages") {
  const Deal deal{deal_site("31 d") +
                  lease_at_two(reclaim("share: 25 %, notice: 36 h, fee: 10 h") +
                               ", transfer: steps, billing_from: serve") +
                  policy("reclaim_on_surge", "option: back, review: 6 h, waiting: 32 gpu") +
                  "jobs:\n" + gang("own", "owner", 32, 100, "2026-05-10") + hourly_stages()};
  INFO("notice 222 h, effect 258 h, 36 h of stages: the owner's first step at 294 h");
  REQUIRE(deal.result().drills.size() == 1);
  const DrillRecord& drill = deal.result().drills.front();
  CHECK(drill.back == 32);
  REQUIRE(drill.first_use.has_value());
  CHECK(hours_of(*drill.first_back) == doctest::Approx(294));
  CHECK(hours_of(*drill.all_back) == doctest::Approx(294));
  CHECK(hours_of(*drill.first_use) == doctest::Approx(294));
  CHECK(deal.hours("jobs.own.wait.mean") == doctest::Approx(78));
  INFO("fee 10 h x 2 USD x 32 GPUs");
  CHECK(deal.balance("owner", Account::fee_cost) == 640 * dollar);
}

TEST_CASE("services that lack machines are a surge too") {
  const Deal deal{deal_site("31 d") + paying_users("owner") +
                      lease_at_two(reclaim("share: 25 %, notice: 24 h")) +
                      policy("reclaim_on_surge", "option: back, review: 6 h, load: 2"),
                  {{"services.chat.from", "2026-05-11"}}};
  INFO("all GPUs are leased when the service begins at 240 h; notice at the next review");
  REQUIRE(deal.result().drills.size() == 1);
  const double noticed = hours_of(deal.result().drills.front().noticed);
  INFO("noticed at " << noticed << " h");
  CHECK(noticed >= 240);
  CHECK(noticed <= 246);
  REQUIRE(deal.result().drills.front().first_use.has_value());
  CHECK(deal.metric("service.chat.lost_share") < 32.0 / 504);
}

TEST_CASE("a price beyond the threshold uses the option at the next review") {
  std::string values;
  for (int day = 0; day < 31; ++day)
    values += std::string{day > 0 ? ", " : ""} + (day < 10 ? "1" : "3");
  const std::string market = "markets: {spot: {kind: signal, price: {values: [" + values +
                             "], unit: USD/gpu/h, every: 24 h, begins: 2026-05-01}}}\n";
  const Deal above{deal_site("31 d") + market + lease_at_two(reclaim("share: 50 %, notice: 36 h")) +
                   policy("price_threshold",
                          "option: back, market: spot, review: 24 h, above: 2.5 "
                          "USD/gpu/h")};
  INFO("3 USD from 240 h on: notice 240 h, effect 276 h");
  CHECK(above.hours("contract.lease.delivered") == doctest::Approx(128 * 276 + 64 * (744 - 276)));
  const Deal below{deal_site("31 d") + market + lease_at_two(reclaim("share: 50 %, notice: 36 h")) +
                   policy("price_threshold",
                          "option: back, market: spot, review: 24 h, below: 1 "
                          "USD/gpu/h")};
  INFO("1 USD from the start: notice at the first review, 24 h, effect 60 h");
  CHECK(below.hours("contract.lease.delivered") == doctest::Approx(128 * 60 + 64 * (744 - 60)));
}

TEST_CASE("keep changes nothing at all") {
  const std::string text =
      deal_site("31 d") + small_jobs("tenant") + lease_at_two("gpus: 64 gpu, flexible: 64 gpu");
  CHECK(ledger_of(text) == ledger_of(text + policy("keep", "review: 7 h")));
}
