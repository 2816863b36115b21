// Options of contracts by hand: exit, reclaim, step-down, renewal, approval, default and what
// follows them.
#include <doctest/doctest.h>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

/// The lease at 2 USD with one option.
std::string with_option(const std::string& option, const std::string& rest = "") {
  return lease_at_two(rest + "options: {option: {" + option + "}}");
}

/// Stages export and ramp of an hour each, for the way there and back.
std::string short_stages() {
  return "catalog: {transfers: {steps: {array: 2, drain: {requests: 0 min, jobs: checkpoint, "
         "write: 30 s}, export: {duration: 1 h}, ramp: {duration: 1 h}}}}\n";
}

/// A market that stays within a few permille of its mean.
std::string calm_market(const std::string& price) {
  return "markets: {spot: {kind: log_ou, start: " + price + ", mean: " + price +
         ", reversion: 0.7 1/yr, volatility: 0.001}}\n";
}

Deal valued(const std::string& market_price, const std::string& kind, const std::string& by) {
  return Deal{deal_site("200 d") + calm_market(market_price) +
              with_option("kind: " + kind + ", by: " + by +
                              ", after: 60 d, notice: 90 d, fee: 365 h, exercise: {kind: value, "
                              "market: spot, paths: 500}",
                          "term: 12 months, ")};
}

}  // namespace

TEST_CASE("an exit waits for the lock-in, then for the notice, and costs its fee") {
  const Deal deal{deal_site("61 d") +
                  with_option("kind: exit, by: tenant, after: 20 d, notice: 10 d, fee: 73 h, "
                              "exercise: {kind: date, on: 2026-05-05}")};
  INFO("notice not on 5 May but on 21 May, effect on 31 May: 128 x 720 x 2 = 184,320");
  INFO("fee 73 h x 256 USD/h = 18,688");
  CHECK(deal.outcome("lease") == "ended by option option");
  CHECK(deal.balance("tenant", Account::lease_cost) == 184'320 * dollar);
  CHECK(deal.balance("tenant", Account::fee_cost) == 18'688 * dollar);
  CHECK(deal.balance("owner", Account::fee_income) == -18'688 * dollar);
  CHECK(deal.balance("tenant", Account::cash) == -203'008 * dollar);
  CHECK(deal.hours("contract.lease.delivered") == doctest::Approx(128 * 720));
  CHECK(deal.metric("contract.lease.gpus.end") == 0);
  CHECK(deal.hours("ladder.owner.installed") == doctest::Approx(128 * 744));
  CHECK(deal.metric("contract.lease.options_used") == 1);
}

TEST_CASE("an exit whose notice does not fit into the term is never used") {
  const Deal deal{deal_site("61 d") +
                  with_option("kind: exit, by: tenant, notice: 20 d, exercise: {kind: rule, when: "
                              "utilization.tenant < 60 % for 7 d}",
                              "start: 2026-05-15, term: 1 month, ") +
                  "jobs:\n" + gang("work", "tenant", 128, 600, "2026-05-15")};
  INFO("used until 9 June, then idle; the term ends on 15 June");
  CHECK(deal.metric("contract.lease.options_used") == 0);
  CHECK(deal.outcome("lease") == "expired");
}

TEST_CASE("a tenant leaves when it used too little for a week") {
  const std::string option = with_option(
      "kind: exit, by: tenant, notice: 2 d, exercise: {kind: rule, when: utilization.tenant < 60 % "
      "for 7 d}");
  const Deal idle{deal_site("31 d") + option};
  INFO("idle from the start: notice after 7 d, effect after 9: 128 x 216");
  CHECK(idle.hours("contract.lease.delivered") == doctest::Approx(128 * 216));
  const Deal busy{deal_site("31 d") + option + "jobs:\n" +
                  gang("work", "tenant", 96, 100, "2026-05-04")};
  INFO("96 of 128 are used from 72 h to 172 h: the eighth day is at 12.5 %, so the seven days");
  INFO("run from 168 h to 336 h, effect 384 h: 128 x 384");
  CHECK(busy.hours("contract.lease.delivered") == doctest::Approx(128 * 384));
}

TEST_CASE("a reclaim takes its share again and again, as often as agreed") {
  const Deal deal{deal_site("31 d") + "markets: {spot: {kind: signal, price: 3 USD/gpu/h}}\n" +
                  with_option("kind: reclaim, by: owner, share: 25 %, every: 5 d, after: 3 d, "
                              "notice: 2 d, exercise: {kind: rule, when: price.spot > 2.5 "
                              "USD/gpu/h for 4 d}")};
  INFO("the rule has held for 4 d at 96 h: notices at 96, 216, 336, 456 h, effects 48 h later");
  INFO("128 x 144 + 96 x 120 + 64 x 120 + 32 x 120 = 41,472 GPU-hours");
  CHECK(deal.metric("contract.lease.options_used") == 4);
  CHECK(deal.hours("contract.lease.delivered") == doctest::Approx(41'472));
  CHECK(deal.balance("tenant", Account::lease_cost) == 82'944 * dollar);
  REQUIRE(deal.result().drills.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const DrillRecord& drill = deal.result().drills[i];
    const auto noticed = SimTime{} + static_cast<std::int64_t>(96 + 120 * i) * one_hour;
    CHECK(drill.noticed == noticed);
    CHECK(drill.effective == noticed + 48 * one_hour);
    CHECK(drill.gpus == 32);
    CHECK(drill.back == 32);
    CHECK(drill.all_back == drill.effective);
    CHECK_FALSE(drill.first_use.has_value());
  }
}

TEST_CASE("a reclaim tells what its tenant lost and what the missing hours cost elsewhere") {
  const Deal deal{deal_site("31 d") + short_stages() + paying_users("tenant") +
                      with_option("kind: reclaim, by: owner, notice: 2 d, exercise: {kind: date, "
                                  "on: 2026-05-08}",
                                  "transfer: steps, term: 1 month, "),
                  {{"parties.tenant.alternative", "3 USD/gpu/h"},
                   {"services.chat.subscription", "null"},
                   {"services.chat.revenue", "10 USD/Mtoken"}}};
  REQUIRE(deal.result().drills.size() == 1);
  const DrillRecord& drill = deal.result().drills.front();
  INFO("effect on 10 May, 22 d before the run ends; 128 x 22 x 24 = 67,584 GPU-hours");
  CHECK(drill.effective == SimTime{} + 9 * 24 * one_hour);
  CHECK(drill.missing_gpu_hours == doctest::Approx(67'584));
  INFO("2 USD each are saved, 3 are paid elsewhere");
  CHECK(drill.fee_saved == doctest::Approx(2 * 67'584));
  CHECK(drill.elsewhere.value() == doctest::Approx(3 * 67'584));
  INFO("nothing is left to serve with: 10,000 x 12 x 500 = 60 Mtoken a day are lost for 22 d");
  CHECK(drill.until_end.tokens == doctest::Approx(22 * 60e6).epsilon(0.01));
  CHECK(drill.until_end.usd == doctest::Approx(drill.until_end.tokens * 10e-6));
  INFO("export and ramp take two hours");
  CHECK(drill.until_back.tokens == doctest::Approx(2 / 24.0 * 60e6).epsilon(0.2));
}

TEST_CASE("the fee of a reclaim or step-down is that of the GPUs that go back") {
  const Deal reclaims{deal_site("31 d") + "markets: {spot: {kind: signal, price: 3 USD/gpu/h}}\n" +
                      with_option("kind: reclaim, by: owner, share: 25 %, every: 5 d, fee: 10 h, "
                                  "exercise: {kind: rule, when: price.spot > 2.5 USD/gpu/h for "
                                  "1 d}")};
  INFO("four times 32 GPUs: 4 x 10 h x 2 x 32 = 2,560");
  CHECK(reclaims.balance("owner", Account::fee_cost) == 2'560 * dollar);
  const Deal steps{deal_site("31 d") +
                   with_option("kind: step_down, by: tenant, share: 30 %, notice: 2 d, fee: 10 h, "
                               "exercise: {kind: date, on: 2026-05-10}")};
  INFO("30 % of 128 GPUs in whole nodes are 32: 10 h x 2 x 32 = 640");
  CHECK(steps.balance("tenant", Account::fee_cost) == 640 * dollar);
}

TEST_CASE("a step-down gives whole nodes back once") {
  const Deal deal{deal_site("31 d") +
                  with_option("kind: step_down, by: tenant, share: 30 %, notice: 2 d, exercise: "
                              "{kind: date, on: 2026-05-10}")};
  INFO("notice at 216 h, effect at 264 h: 128 x 264 + 96 x 480 = 79,872 GPU-hours");
  CHECK(deal.metric("contract.lease.options_used") == 1);
  CHECK(deal.metric("contract.lease.gpus.end") == 96);
  CHECK(deal.balance("tenant", Account::lease_cost) == 159'744 * dollar);
}

TEST_CASE("a renewal prolongs the term at its end, and its price holds from there") {
  const Deal deal{deal_site("61 d") +
                  with_option("kind: renewal, by: tenant, notice: 10 d, term: 1 month, "
                              "price_factor: 1.5, exercise: {kind: date, on: 2026-05-11}",
                              "term: 1 month, ")};
  INFO("May at 2 USD, June at 3: 128 x (744 x 2 + 720 x 3) = 466,944");
  CHECK(deal.balance("tenant", Account::lease_cost) == 466'944 * dollar);
  CHECK(deal.hours("contract.lease.delivered") == doctest::Approx(128 * 1'464));
}

TEST_CASE("a renewed price holds from the old end even within a month") {
  const Deal deal{deal_site("61 d") +
                  with_option("kind: renewal, by: tenant, term: 1 month, price_factor: 1.5, "
                              "exercise: {kind: date, on: 2026-05-20}",
                              "start: 2026-05-11, term: 1 month, ")};
  INFO("11 May to 11 June, 744 h, at 2 USD; 11 June to the end of the run, 480 h, at 3 USD");
  INFO("128 x (744 x 2 + 480 x 3) = 374,784");
  CHECK(deal.balance("tenant", Account::lease_cost) == 374'784 * dollar);
}

TEST_CASE("a renewal may take effect at the very end of the term") {
  const Deal deal{deal_site("61 d") +
                  with_option("kind: renewal, by: tenant, notice: 10 d, term: 1 month, "
                              "price_factor: 1.5, exercise: {kind: date, on: 2026-05-22}",
                              "term: 1 month, ")};
  INFO("notice on 22 May, effect on 1 June 00:00, the end: 466,944 as if it had come earlier");
  CHECK(deal.balance("tenant", Account::lease_cost) == 466'944 * dollar);
}

TEST_CASE("the owner reclaims by value when the market is far above the lease, never far below") {
  const Deal above = valued("20 USD/gpu/h", "reclaim", "owner");
  INFO("60 d are less than two months of 730 h: the first decision is on 1 July, 1,464 h");
  INFO("90 d later everything goes back: 128 x (1,464 + 2,160) = 463,872 GPU-hours");
  INFO("fee 365 h x 256 USD/h = 93,440");
  CHECK(above.metric("contract.lease.options_used") == 1);
  CHECK(above.hours("contract.lease.delivered") == doctest::Approx(463'872));
  CHECK(above.balance("owner", Account::fee_cost) == 93'440 * dollar);
  CHECK(above.metric("contract.lease.gpus.end") == 0);
  CHECK(valued("2 USD/gpu/h", "reclaim", "owner").metric("contract.lease.options_used") == 0);
  CHECK(valued("0.02 USD/gpu/h", "reclaim", "owner").metric("contract.lease.options_used") == 0);
}

TEST_CASE("the tenant leaves by value when the market is far below the lease, never far above") {
  const Deal below = valued("0.02 USD/gpu/h", "exit", "tenant");
  CHECK(below.outcome("lease") == "ended by option option");
  CHECK(below.hours("contract.lease.delivered") == doctest::Approx(463'872));
  CHECK(below.balance("tenant", Account::fee_cost) == 93'440 * dollar);
  CHECK(valued("20 USD/gpu/h", "exit", "tenant").metric("contract.lease.options_used") == 0);
}

TEST_CASE("after an exit the nodes go on to the contract that follows as soon as they are back") {
  const std::string stages = ", transfer: steps, billing_from: serve";
  const Deal deal{
      deal_site("20 d") +
      lease_at_two("transfer: steps, billing_from: serve, options: {leave: {kind: exit, by: "
                   "tenant, notice: 2 d, exercise: {kind: date, on: 2026-05-06}, then: next}}") +
      "  next: {kind: lease, owner: owner, tenant: rival, site: here, price: 1 USD/gpu/h" + stages +
      "}\n" + short_stages()};
  INFO("there at 2 h, notice 120 h, effect 168 h; back at 170 h, at the next tenant at 172 h");
  INFO("paid 128 x (168 - 2) x 2 = 42,496; then 128 x (480 - 172) x 1 = 39,424");
  CHECK(deal.balance("tenant", Account::lease_cost) == 42'496 * dollar);
  CHECK(deal.balance("rival", Account::lease_cost) == 39'424 * dollar);
  CHECK(deal.hours("contract.next.delivered") == doctest::Approx(128 * 308));
}

TEST_CASE("a contract for all GPUs that follows also gets those that come back late") {
  const Deal deal{
      deal_site("20 d") +
      lease_at_two("options: {leave: {kind: exit, by: tenant, notice: 2 d, exercise: {kind: date, "
                   "on: 2026-05-03}, then: next}}") +
      "  next: {kind: lease, owner: owner, tenant: rival, site: here, price: 1 USD/gpu/h}\n" +
      "jobs:\n" + gang("work", "tenant", 32, 100, "2026-05-04")};
  INFO("the exit takes effect at 96 h; a job holds 32 GPUs until 172 h and is not disturbed");
  CHECK(deal.metric("jobs.work.evicted") == 0);
  CHECK(deal.metric("jobs.work.done") == 1);
  CHECK(deal.metric("contract.next.gpus.end") == 128);
}

TEST_CASE("after a default the nodes stand empty for the vacancy and are let again") {
  const std::string next =
      "  next: {kind: lease, owner: owner, tenant: rival, site: here, price: 1 USD/gpu/h}\n";
  const Deal deal{
      deal_site("61 d") +
          lease_at_two("default: {hazard: 60 1/yr, loss: 50 %, vacancy: 1 month, then: next}") +
          next,
      {{"seed", "3"}}};
  const double hours = deal.hours("contract.lease.delivered") / 128;
  INFO("default after " << hours << " h, on 2 May: half of 256 USD/h since the start is lost");
  CHECK(deal.outcome("lease") == "the paying side defaulted");
  REQUIRE(hours > 24);
  REQUIRE(hours < 48);
  CHECK(deal.balance("tenant", Account::lease_cost) == micro(256 * hours));
  CHECK(within(deal.balance("owner", Account::default_loss), micro(128 * hours), 1));
  CHECK(deal.balance("tenant", Account::default_income) ==
        -deal.balance("owner", Account::default_loss));
  INFO("vacant for a calendar month from 2 May, 31 d; then 128 x 1 USD for the rest");
  CHECK(within(deal.balance("rival", Account::lease_cost), micro(128 * (1'464 - 744 - hours)), 1));
}

TEST_CASE("what was prepaid cannot be lost in a default") {
  const Deal deal{
      deal_site("20 d") +
          lease_at_two("prepayment: 100000 USD, default: {hazard: 60 1/yr, loss: 50 %, vacancy: 1 "
                       "month}"),
      {{"seed", "3"}}};
  INFO("the month's fee so far was set off against the prepayment");
  CHECK(deal.outcome("lease") == "the paying side defaulted");
  CHECK(deal.balance("owner", Account::default_loss) == 0);
  CHECK(deal.balance("tenant", Account::cash) == -deal.balance("tenant", Account::lease_cost));
}

TEST_CASE("a regulator's approval comes late, or never, or for fewer GPUs") {
  const std::string text =
      deal_site("61 d") + lease_at_two("term: 2 months, closing: {delay: 240 h}");
  const Deal late{text};
  INFO("from 11 May, 240 h, to the end of the run: 128 x 1,224 x 2 = 313,344");
  CHECK(late.balance("tenant", Account::lease_cost) == 313'344 * dollar);
  CHECK(late.hours("contract.lease.undelivered") == 0);
  const Deal refused{text, {{"contracts.lease.closing.refusal", "100 %"}}};
  CHECK(refused.outcome("lease") == "refused by the regulator");
  CHECK(refused.balance("tenant", Account::cash) == 0);
  CHECK(refused.hours("ladder.owner.installed") == doctest::Approx(128 * 1'464));
  const Deal cut{text, {{"contracts.lease.closing.share_cap", "30 %"}}};
  INFO("30 % of 128 GPUs are 38, in whole nodes 32: 32 x 1,224 x 2 = 78,336");
  CHECK(cut.outcome("lease") == "cut to 32 of 128 GPUs by the share cap");
  CHECK(cut.balance("tenant", Account::lease_cost) == 78'336 * dollar);
  CHECK(cut.hours("contract.lease.undelivered") == 0);
  CHECK(cut.hours("contract.lease.late") == 0);
}
