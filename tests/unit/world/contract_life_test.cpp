// The life of a lease by hand: fees, reductions, indexation, net power, prepayment, service levels,
// late delivery, flexible GPUs.
#include <doctest/doctest.h>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

/// One stage of 36 h, billed once it is over: what is ordered at an instant is paid 36 h later.
std::string one_stage() {
  return "catalog: {transfers: {steps: {array: 2, image: {duration: 36 h}}}}\n";
}

std::string lease_in_halves(const std::string& second, const std::string& rest) {
  return lease_at_two(
             "gpus: 128 gpu, transfer: steps, billing_from: serve, tranches: [{on: 2026-05-01, "
             "gpus: 64 gpu}, {on: " +
             second + ", gpus: 64 gpu}], " + rest) +
         one_stage();
}

}  // namespace

TEST_CASE("a monthly fee is for all GPUs and runs by the clock") {
  const Deal deal{deal_site("61 d") + "contracts:\n" +
                  contract("lease", "lease", "fee: 93440 USD/month, ramp: 64 gpu/d")};
  INFO("93,440 / (128 GPUs x 730 h) = 1 USD per GPU-hour");
  INFO("64 GPUs from 0 h, all 128 from 24 h: 64 x 24 + 128 x 1,440 = 185,856 GPU-hours");
  CHECK(deal.balance("tenant", Account::lease_cost) == 185'856 * dollar);
  CHECK(deal.balance("owner", Account::lease_income) == -185'856 * dollar);
  CHECK(deal.balance("tenant", Account::cash) == -185'856 * dollar);
  CHECK(deal.hours("contract.lease.undelivered") == doctest::Approx(64 * 24));
  CHECK(deal.hours("contract.lease.late") == 0);
}

TEST_CASE("the fee is reduced for the calendar months that begin first") {
  const Deal deal{deal_site("61 d") +
                  lease_at_two("start: 2026-05-11, reduced: {share: 50 %, for: 1 month}")};
  INFO("11 to 31 May, 21 d at half the fee: 128 x 504 x 1 =  64,512");
  INFO("June in full:                       128 x 720 x 2 = 184,320");
  CHECK(deal.balance("tenant", Account::lease_cost) == 248'832 * dollar);
}

TEST_CASE("unused GPUs cost the take-or-pay share, used ones beyond it their hours") {
  const Deal deal{deal_site("61 d") + lease_at_two("take_or_pay: 60 %") + "jobs:\n" +
                  gang("may", "tenant", 96, 100, "2026-05-10") +
                  gang("june", "tenant", 96, 700, "2026-06-01")};
  INFO("May:  used  9,600 < 0.6 x 95,232 = 57,139.2 GPU-hours, 114,278.40");
  INFO("June: used 67,200 > 0.6 x 92,160 = 55,296.0 GPU-hours, 134,400.00");
  CHECK(deal.hours("contract.lease.used") == doctest::Approx(9'600 + 67'200));
  CHECK(deal.balance("tenant", Account::lease_cost) == micro(114'278.40 + 134'400));
}

TEST_CASE("the price is indexed from the twelfth month on") {
  const Deal deal{deal_site("400 d") + lease_at_two("indexation: 0.1 1/yr")};
  INFO("365 d at 2 USD: 128 x 8,760 x 2.0 = 2,242,560");
  INFO("35 d at 2.2 USD:  128 x 840 x 2.2 =   236,544");
  CHECK(deal.balance("tenant", Account::lease_cost) == (2'242'560 + 236'544) * dollar);
}

TEST_CASE("with net power the tenant pays its share of the electricity on top") {
  const Deal idle{deal_site("31 d") + lease_at_two("gpus: 64 gpu, power: net")};
  const std::int64_t bill = -idle.balance("utility", Account::energy_income);
  INFO("half of the idle GPUs, half of the bill of " << bill << " micro-dollars");
  CHECK(within(2 * idle.balance("tenant", Account::energy_cost), bill, 2));
  CHECK(idle.balance("owner", Account::energy_cost) == bill);
  CHECK(idle.balance("owner", Account::energy_income) ==
        -idle.balance("tenant", Account::energy_cost));
  CHECK(idle.balance("tenant", Account::lease_cost) == 64 * 744 * 2 * dollar);
  const Deal busy{deal_site("24 h") + lease_at_two("gpus: 64 gpu, power: net") + "jobs:\n" +
                  gang("work", "tenant", 32, 100, "2026-05-01")};
  INFO("an idle GPU draws 1.9/8 kW, work at 95 % of the span 0.95 x (8.4 - 1.9)/8 kW more:");
  INFO("tenant 64 x 0.2375 + 32 x 0.771875 = 39.9 kW of 128 x 0.2375 + 24.7 = 55.1 kW");
  CHECK(static_cast<double>(busy.balance("tenant", Account::energy_cost)) /
            static_cast<double>(busy.balance("owner", Account::energy_cost)) ==
        doctest::Approx(39.9 / 55.1).epsilon(1e-6));
}

TEST_CASE("net power passes on purchased energy and the demand charge as well") {
  const std::string contracts =
      lease_at_two("gpus: 64 gpu, power: net") +
      "  ppa: {kind: power_purchase, supplier: rival, buyer: owner, site: here, volume: 900 kW, "
      "price: 30 USD/MWh}\n";
  const Deal purchased{deal_site("31 d") + contracts};
  INFO("the purchase covers all of the site; half of its GPUs are the tenant's");
  CHECK(within(2 * purchased.balance("tenant", Account::energy_cost),
               -purchased.balance("rival", Account::energy_income), 4));
  const Deal peak{deal_site("31 d") + lease_at_two("gpus: 64 gpu, power: net"),
                  {{"sites.here.tariff.demand", "15 USD/kW"}}};
  const std::int64_t bill = -peak.balance("utility", Account::energy_income) -
                            peak.balance("utility", Account::demand_income);
  INFO("energy and demand together " << bill << " micro-dollars, half of it the tenant's");
  CHECK(within(2 * (peak.balance("tenant", Account::energy_cost) +
                    peak.balance("tenant", Account::demand_cost)),
               bill, 4));
}

TEST_CASE("a prepayment is used up before cash is paid") {
  const std::string text = lease_at_two("prepayment: 100000 USD");
  const Deal early{deal_site("10 d") + text};
  INFO("10 d: fee 128 x 240 x 2 = 61,440, all of it prepaid; 38,560 left");
  CHECK(early.balance("tenant", Account::cash) == -100'000 * dollar);
  CHECK(early.balance("tenant", Account::prepaid) == 38'560 * dollar);
  CHECK(early.balance("owner", Account::deferred) == -38'560 * dollar);
  CHECK(early.balance("owner", Account::lease_income) == -61'440 * dollar);
  const Deal later{deal_site("31 d") + text};
  INFO("31 d: fee 190,464, prepaid 100,000, so 90,464 more in cash");
  CHECK(later.balance("tenant", Account::cash) == -190'464 * dollar);
  CHECK(later.balance("tenant", Account::prepaid) == 0);
  CHECK(later.balance("owner", Account::deferred) == 0);
}

TEST_CASE("what is left of a prepayment is paid back when the lease ends early") {
  const Deal deal{deal_site("31 d") +
                  lease_at_two("prepayment: 100000 USD, options: {leave: {kind: exit, by: tenant, "
                               "exercise: {kind: date, on: 2026-05-11}}}")};
  INFO("10 d: fee 61,440; 38,560 come back");
  CHECK(deal.balance("tenant", Account::lease_cost) == 61'440 * dollar);
  CHECK(deal.balance("tenant", Account::cash) == -61'440 * dollar);
  CHECK(deal.balance("tenant", Account::prepaid) == 0);
  CHECK(deal.balance("owner", Account::deferred) == 0);
}

TEST_CASE("a late tranche costs the owner a service credit") {
  const Deal deal{deal_site("61 d") + lease_in_halves("2026-05-16",
                                                      "sla: {tiers: [{below: 99 %, credit: 10 %}, "
                                                      "{below: 95 %, credit: 25 %}]}")};
  INFO("May, due:       64 x 744 + 64 x 384 = 72,192 GPU-hours");
  INFO("May, delivered: 64 x (744 - 36) + 64 x (384 - 36) = 67,584, 93.6 % < 95 %");
  INFO("credit 25 % of 2 x 67,584 = 33,792; June is whole: fees 2 x (67,584 + 92,160) = 319,488");
  CHECK(deal.balance("owner", Account::lease_income) == -319'488 * dollar);
  CHECK(deal.balance("owner", Account::credit_cost) == 33'792 * dollar);
  CHECK(deal.balance("tenant", Account::credit_income) == -33'792 * dollar);
  CHECK(deal.metric("contract.lease.credits") == doctest::Approx(33'792));
  CHECK(deal.metric("contract.lease.paid") == doctest::Approx(319'488 - 33'792));
  CHECK(deal.hours("contract.lease.late") == doctest::Approx(128 * 36));
}

TEST_CASE("a tenant that is liable for a late ramp pays what was due") {
  const Deal deal{deal_site("61 d") +
                  lease_in_halves("2026-05-16", "liability: {late_ramp: tenant}")};
  INFO("due: 64 x 1,464 + 64 x (384 + 720) = 164,352 GPU-hours at 2 USD");
  CHECK(deal.balance("tenant", Account::lease_cost) == 328'704 * dollar);
}

TEST_CASE("a tenant that accepts what is there in time keeps it and pays pro rata") {
  const Deal deal{deal_site("61 d") +
                  lease_in_halves("2026-05-09", "delivery: {by: 2026-05-10, grace: 0 months}")};
  INFO("on 10 May 64 GPUs are there since 36 h, 64 are still on the way and go back");
  INFO("64 x (1,464 - 36) = 91,392 GPU-hours at 2 USD");
  CHECK(deal.outcome("lease") == "accepted with 64 of 128 GPUs");
  CHECK(deal.hours("contract.lease.delivered") == doctest::Approx(91'392));
  CHECK(deal.balance("tenant", Account::lease_cost) == 182'784 * dollar);
  CHECK(deal.metric("contract.lease.gpus.end") == 64);
  CHECK(deal.hours("ladder.owner.installed") + deal.hours("ladder.tenant.installed") ==
        doctest::Approx(128 * 1'464));
}

TEST_CASE("a monthly fee shrinks with what was accepted") {
  const Deal deal{deal_site("61 d") + "contracts:\n" +
                  contract("lease", "lease",
                           "gpus: 128 gpu, fee: 93440 USD/month, transfer: steps, billing_from: "
                           "serve, tranches: [{on: 2026-05-01, gpus: 64 gpu}, {on: 2026-05-09, "
                           "gpus: 64 gpu}], delivery: {by: 2026-05-10, grace: 0 months}") +
                  one_stage()};
  INFO("1 USD per GPU-hour promised: 64 x (1,464 - 36) = 91,392");
  CHECK(deal.balance("tenant", Account::lease_cost) == 91'392 * dollar);
}

TEST_CASE("a tenant may terminate when delivery is late") {
  const Deal deal{deal_site("61 d") + lease_in_halves("2026-05-09",
                                                      "delivery: {by: 2026-05-10, grace: 0 months, "
                                                      "otherwise: terminate}")};
  INFO("64 GPUs from 36 h to 216 h: 64 x 180 x 2 = 23,040; those on the way come back as well");
  CHECK(deal.outcome("lease") == "terminated: 64 of 128 GPUs delivered in time");
  CHECK(deal.balance("tenant", Account::lease_cost) == 23'040 * dollar);
  CHECK(deal.metric("contract.lease.gpus.end") == 0);
}

TEST_CASE("nothing happens at the delivery date when everything is there") {
  const Deal deal{deal_site("61 d") + lease_in_halves("2026-05-09",
                                                      "delivery: {by: 2026-05-09, grace: 1 month, "
                                                      "otherwise: terminate}")};
  CHECK(deal.outcome("lease").empty());
  CHECK(deal.metric("contract.lease.gpus.end") == 128);
}

TEST_CASE("flexible GPUs are paid when they are used and only then") {
  const std::string text =
      lease_at_two("gpus: 64 gpu, flexible: 64 gpu") +
      "reallocation: {lend: {kind: harvest_idle, contract: lease, review: 1 h, keep_free: 0}}\n";
  const Deal unused{deal_site("31 d") + text};
  INFO("64 committed for 744 h, 64 flexible from the first review at 1 h, none used: 64 x 744 x 2");
  CHECK(unused.hours("contract.lease.delivered") == doctest::Approx(64 * 744 + 64 * 743));
  CHECK(unused.balance("tenant", Account::lease_cost) == 95'232 * dollar);
  const Deal used{deal_site("31 d") + text + "jobs:\n" +
                  gang("work", "tenant", 96, 700, "2026-05-01")};
  INFO("96 GPUs used for 700 h: 67,200 > 64 x 744 = 47,616 GPU-hours, 134,400 USD");
  CHECK(used.balance("tenant", Account::lease_cost) == 134'400 * dollar);
}

TEST_CASE("the term ends in the middle of a month") {
  const Deal deal{deal_site("61 d") + lease_at_two("start: 2026-05-11, term: 1 month")};
  INFO("11 May to 11 June: 128 x 31 x 24 x 2 = 190,464");
  CHECK(deal.outcome("lease") == "expired");
  CHECK(deal.balance("tenant", Account::lease_cost) == 190'464 * dollar);
  CHECK(deal.hours("contract.lease.delivered") == doctest::Approx(128 * 744));
  CHECK(deal.metric("contract.lease.gpus.end") == 0);
}

TEST_CASE("indexation begins with the first billing month after an anniversary") {
  const Deal deal{deal_site("426 d") +
                  lease_at_two("start: 2026-05-06, term: 36 month, indexation: 10 %/yr")};
  INFO("391 d from 6 May 2026 to the end of May 2027 at 2 USD, June 2027 at 2.2");
  CHECK(deal.balance("tenant", Account::lease_cost) == micro(128 * 24 * (391 * 2 + 30 * 2.2)));
}

TEST_CASE("a run tells which options were used, when, and at what fee") {
  const Deal deal{
      deal_site("61 d") +
      lease_at_two("term: 1 month, options: {less: {kind: step_down, by: tenant, share: "
                   "25 %, notice: 2 d, fee: 10 h, exercise: {kind: date, on: "
                   "2026-05-10}}, more: {kind: renewal, by: owner, term: 1 month, "
                   "exercise: {kind: date, on: 2026-05-20}}}")};
  const ContractRecord& record = deal.result().contracts.front();
  REQUIRE(record.uses.size() == 2);
  CHECK(record.uses[0].kind == "step_down");
  CHECK(record.uses[0].by == "tenant");
  CHECK(record.uses[0].effective == record.uses[0].noticed + 48 * one_hour);
  CHECK(record.uses[0].gpus == 32);
  INFO("10 h x 2 USD x 32 GPUs");
  CHECK(record.uses[0].fee.micro() == 640 * dollar);
  CHECK(record.uses[1].kind == "renewal");
  CHECK(deal.metric("contract.lease.option_fees") == doctest::Approx(640));
}
