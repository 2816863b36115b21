// Transfers by hand: stages, billing, queues, rejects, costs, drains and the way back.
#include <cmath>

#include <doctest/doctest.h>

#include "../../support/deals.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

const std::string stages = "catalog.transfers.steps.";

/// A lease through the hourly stages, billed when the nodes serve.
std::string staged(const std::string& terms) {
  return lease_at_two("transfer: steps, " + terms) + hourly_stages();
}

/// Export and ramp of an hour each; the lease is of all GPUs from 2 May (24 h) for a month.
Deal drained(const std::string& jobs, const std::string& deadline, double hours) {
  return Deal{deal_site("61 d") +
              lease_at_two("transfer: steps, billing_from: serve, start: 2026-05-02, term: 1 "
                           "month") +
              "jobs:\n" + gang("work", "owner", 32, hours, "2026-05-01") +
              "catalog: {transfers: {steps: {array: 2, drain: {requests: 25 min, jobs: " + jobs +
              ", deadline: " + deadline +
              ", write: 30 s}, export: {duration: 1 h}, ramp: {duration: 1 h}}}}\n"};
}

/// When jobs end.
class Ends final : public Observer {
 public:
  void job_ended(const JobRecord& job, const JobTables& /*jobs*/, const Fleet& /*fleet*/) override {
    hours.push_back((job.outcome.ended - SimTime{}).quantity() / units::hour);
  }
  std::vector<double> hours;
};

}  // namespace

TEST_CASE("an array arrives exactly after the sum of its stages and every stage is paid") {
  const Deal deal{deal_site("10 d") + staged("gpus: 32 gpu, billing_from: serve")};
  INFO("1 + 2 + ... + 8 h = 36 h; 4 nodes x (1 + 2 + ... + 8) USD = 144");
  CHECK(deal.hours("contract.lease.transfer.shortest") == doctest::Approx(36));
  CHECK(deal.hours("contract.lease.transfer.longest") == doctest::Approx(36));
  CHECK(deal.hours("contract.lease.ramp_time") == doctest::Approx(36));
  CHECK(deal.balance("owner", Account::transfer_cost) == 144 * dollar);
  CHECK(deal.balance("outside", Account::transfer_income) == -144 * dollar);
  CHECK(deal.metric("contract.lease.transfer_cost") == doctest::Approx(144));
  INFO("they belong to nobody's capacity for 36 h");
  CHECK(deal.hours("ladder.total.available") == doctest::Approx(128 * 240 - 32 * 36));
}

TEST_CASE("billing begins with the stage the contract names") {
  const auto delivered = [](const std::string& stage) {
    return Deal{deal_site("10 d") + staged("gpus: 32 gpu, billing_from: " + stage)}.hours(
        "contract.lease.delivered");
  };
  INFO("sanitize begins at 1 h, accept at 1 + 2 + 3 + 4 = 10 h, load at 21 h; it serves at 36 h");
  CHECK(delivered("sanitize") == doctest::Approx(32 * 239));
  CHECK(delivered("accept") == doctest::Approx(32 * 230));
  CHECK(delivered("load") == doctest::Approx(32 * 219));
  CHECK(delivered("serve") == doctest::Approx(32 * 204));
}

TEST_CASE("arrays wait when a stage is full") {
  const std::string text = deal_site("10 d") + staged("billing_from: serve");
  const auto delivered = [&](const std::string& limit) {
    return Deal{text, {{stages + "sanitize.nodes", limit}}}.hours("contract.lease.delivered");
  };
  INFO("4 arrays of 4 nodes; sanitize takes 2 h");
  INFO("4 at once, or 6: one after the other, arrivals at 36, 38, 40, 42 h");
  CHECK(delivered("4") == doctest::Approx(32 * (204 + 202 + 200 + 198)));
  CHECK(delivered("6") == doctest::Approx(32 * (204 + 202 + 200 + 198)));
  INFO("8 at once: two by two, at 36, 36, 38, 38 h");
  CHECK(delivered("8") == doctest::Approx(32 * (204 + 204 + 202 + 202)));
  INFO("2 at once: an array that is larger goes alone");
  CHECK(delivered("2") == doctest::Approx(32 * (204 + 202 + 200 + 198)));
  CHECK(delivered("16") == doctest::Approx(128 * 204));
}

TEST_CASE("an array that waits for the stage that counts is not billed yet") {
  const auto delivered = [](const std::string& stage) {
    return Deal{deal_site("10 d") + staged("billing_from: " + stage),
                {{stages + stage + ".nodes", "4"}}}
        .hours("contract.lease.delivered");
  };
  INFO("all are at load at 21 h; it takes 7 h, one by one: begins 21, 28, 35, 42 h");
  CHECK(delivered("load") == doctest::Approx(32 * (219 + 212 + 205 + 198)));
  INFO("all are at sanitize at 1 h; it takes 2 h: begins 1, 3, 5, 7 h");
  CHECK(delivered("sanitize") == doctest::Approx(32 * (239 + 237 + 235 + 233)));
}

TEST_CASE("two contracts share the crew of a site") {
  const Deal deal{deal_site("10 d") + "contracts:\n" +
                      contract("a", "lease",
                               "gpus: 32 gpu, price: 2 USD/gpu/h, transfer: steps, billing_from: "
                               "serve") +
                      "  b: {kind: lease, owner: owner, tenant: rival, site: here, gpus: 32 gpu, "
                      "price: 2 USD/gpu/h, transfer: steps, billing_from: serve}\n" +
                      hourly_stages(),
                  {{stages + "ramp.nodes", "4"}}};
  INFO("both reach ramp at 28 h; the second waits 8 h");
  CHECK(deal.hours("contract.a.transfer.longest") == doctest::Approx(36));
  CHECK(deal.hours("contract.b.transfer.longest") == doctest::Approx(44));
}

TEST_CASE("rejected nodes are repaired, tested again and arrive one by one") {
  const Deal deal{deal_site("30 d") + staged("billing_from: serve, liability: {failure: tenant}"),
                  {{stages + "accept.reject", "50 %"}}};
  const std::int64_t repairs = deal.balance("tenant", Account::transfer_cost) / (9 * dollar);
  INFO("half of 16 nodes and half of those again: " << repairs << " repairs at 9 USD");
  CHECK(deal.balance("tenant", Account::transfer_cost) == repairs * 9 * dollar);
  CHECK(repairs > 4);
  CHECK(repairs < 40);
  INFO("the owner pays 16 x 36 USD and 5 USD for each further test");
  CHECK(deal.balance("owner", Account::transfer_cost) == (16 * 36 + 5 * repairs) * dollar);
  INFO("each repair costs its node 9 h and another 5 h of test; all 16 nodes arrive");
  CHECK(deal.metric("contract.lease.gpus.end") == 128);
  CHECK(deal.hours("contract.lease.delivered") ==
        doctest::Approx(128.0 * (720 - 36) - 8.0 * 14 * static_cast<double>(repairs)));
  CHECK(deal.hours("contract.lease.transfer.shortest") == doctest::Approx(36));
  const double rounds = (deal.hours("contract.lease.transfer.longest") - 36) / 14;
  CHECK(rounds == doctest::Approx(std::floor(rounds + 0.5)));
}

TEST_CASE("an array that fails the fabric test takes it again") {
  const Deal deal{deal_site("30 d") + staged("billing_from: serve"),
                  {{stages + "fabric_test.reject", "50 %"}}};
  const std::int64_t extra = deal.balance("owner", Account::transfer_cost) - 16 * 36 * dollar;
  INFO("4 nodes x 6 USD and 6 h for each further test");
  CHECK(extra % (24 * dollar) == 0);
  CHECK(extra > 0);
  CHECK(
      deal.hours("contract.lease.delivered") ==
      doctest::Approx(128.0 * (720 - 36) - 32.0 * 6 * static_cast<double>(extra / (24 * dollar))));
}

TEST_CASE("jobs may finish before their nodes leave") {
  const Deal deal = drained("finish", "200 h", 100);
  INFO("three idle arrays: ordered at 24 h, there at 26 h; the job ends at 100 h, its array is");
  INFO("there at 102 h; the way back: term ends at 768 h, nodes leave the tenant after export");
  CHECK(deal.metric("jobs.work.done") == 1);
  CHECK(deal.metric("jobs.work.evicted") == 0);
  CHECK(deal.hours("contract.lease.transfer.shortest") == doctest::Approx(2));
  CHECK(deal.hours("contract.lease.transfer.longest") == doctest::Approx(78));
  CHECK(deal.hours("contract.lease.delivered") ==
        doctest::Approx(96 * (769 - 26) + 32 * (769 - 102)));
}

TEST_CASE("jobs that do not finish in time save at the deadline and go on later") {
  const Deal deal = drained("finish", "24 h", 100);
  INFO("deadline 48 h, array there at 50 h; the nodes are back at 770 h: 52 h of work are left");
  CHECK(deal.metric("jobs.work.evicted") == 1);
  CHECK(deal.metric("jobs.work.lost") == 0);
  CHECK(deal.hours("contract.lease.transfer.longest") == doctest::Approx(26));
  CHECK(deal.hours("jobs.work.wait.mean") == doctest::Approx(0 + 770 - 48));  // one job, two waits
  CHECK(deal.hours("jobs.work.gpu_hours") == doctest::Approx(32 * 100));
  CHECK(deal.metric("jobs.work.done") == 1);
}

TEST_CASE("jobs that save on demand lose nothing") {
  const Deal deal = drained("checkpoint", "24 h", 100);
  INFO("30 s to save at 24 h, then export and ramp");
  CHECK(deal.metric("jobs.work.evicted") == 1);
  CHECK(deal.metric("jobs.work.lost") == 0);
  CHECK(deal.metric("contract.lease.transfer.longest") == doctest::Approx(7'200 + 30));
  CHECK(deal.hours("jobs.work.gpu_hours") == doctest::Approx(32 * 100));
}

TEST_CASE("killed jobs lose what they made since the last save") {
  const Deal deal = drained("kill", "24 h", 100);
  INFO("24 h of work, saved at 20 h: 4 h on 32 GPUs are lost and made again");
  CHECK(deal.metric("jobs.work.evicted") == 1);
  CHECK(deal.hours("jobs.work.lost") == doctest::Approx(32 * 4));
  CHECK(deal.hours("jobs.work.gpu_hours") == doctest::Approx(32 * 104));
  CHECK(deal.hours("party.owner.own_work_hours") == doctest::Approx(32 * 100));
  CHECK(deal.hours("contract.lease.transfer.longest") == doctest::Approx(2));
}

TEST_CASE("an interrupted job ends when its nodes are back and the rest is done") {
  const auto ended = [](const std::string& how) {
    Ends ends;
    simulate(load_text(deal_site("61 d") +
                       lease_at_two("transfer: steps, start: 2026-05-02, term: 1 month") +
                       "jobs:\n" + gang("work", "owner", 32, 100, "2026-05-01") +
                       "catalog: {transfers: {steps: {array: 2, drain: {jobs: " + how +
                       ", write: 30 s}, export: {duration: 1 h}, ramp: {duration: 1 h}}}}\n"),
             {.observer = &ends});
    REQUIRE(ends.hours.size() == 1);
    return ends.hours.front();
  };
  INFO("back at 768 + 2 h; saved: 100 - 24 h - 30 s are left; killed: 100 - 20 h");
  CHECK(ended("checkpoint") == doctest::Approx(770 + 76 - 30.0 / 3600));
  CHECK(ended("kill") == doctest::Approx(770 + 80));
}

TEST_CASE("replicas serve on while their requests end") {
  const Deal deal{deal_site("3 d") + paying_users("owner") +
                  lease_at_two("transfer: steps, billing_from: serve, start: 2026-05-02") +
                  hourly_stages()};
  INFO("one node serves until 24 h and 25 min; its array arrives so much later than the others");
  CHECK(deal.hours("ladder.owner.allocated") == doctest::Approx(8 * (24 + 25.0 / 60)));
  CHECK(deal.metric("contract.lease.transfer.shortest") == doctest::Approx(36 * 3600));
  CHECK(deal.metric("contract.lease.ramp_time") == doctest::Approx(36 * 3600 + 25 * 60));
  INFO("demand is met as long as there are nodes");
  CHECK(deal.metric("service.chat.lost_share") ==
        doctest::Approx(1 - (24 + 25.0 / 60) / 72).epsilon(1e-9));
}

TEST_CASE("nodes go back through the same stages, billed by nobody and paid by the same side") {
  const Deal deal{deal_site("61 d") +
                  staged("gpus: 32 gpu, billing_from: sanitize, term: 1 month, liability: "
                         "{transfer: tenant}")};
  INFO("the term ends at 744 h; after export, at 745 h, they are the owner's; at 780 h usable");
  INFO("fee 32 x (744 - 1) x 2 = 47,552; two transfers of 144 USD");
  CHECK(deal.balance("tenant", Account::lease_cost) == 47'552 * dollar);
  CHECK(deal.balance("tenant", Account::transfer_cost) == 288 * dollar);
  CHECK(deal.balance("owner", Account::transfer_cost) == 0);
  CHECK(deal.metric("contract.lease.gpus.end") == 0);
  CHECK(deal.hours("ladder.total.available") == doctest::Approx(128 * 1'464 - 2 * 32 * 36));
}

TEST_CASE("an order that is taken back before the nodes left disturbs nothing") {
  const Deal deal{deal_site("10 d") +
                  lease_at_two("gpus: 128 gpu, start: 2026-05-02, transfer: steps, billing_from: "
                               "serve, options: {leave: {kind: exit, by: tenant, exercise: {kind: "
                               "date, on: 2026-05-03}}}") +
                  "jobs:\n" + gang("work", "owner", 128, 100, "2026-05-01") +
                  "catalog: {transfers: {steps: {array: 2, drain: {jobs: finish, deadline: 500 h}, "
                  "export: {duration: 1 h}}}}\n"};
  INFO("all 128 GPUs work when the lease is left a day later; none had moved");
  CHECK(deal.metric("jobs.work.done") == 1);
  CHECK(deal.metric("jobs.work.evicted") == 0);
  CHECK(deal.metric("contract.lease.delivered") == 0);
  CHECK(deal.hours("ladder.owner.available") == doctest::Approx(128 * 240));
}

TEST_CASE("nodes that are in repair when the lease ends go back when they arrive") {
  const Deal deal{
      deal_site("30 d") + staged("billing_from: serve, options: {leave: {kind: exit, by: tenant, "
                                 "exercise: {kind: date, on: 2026-05-03}}}"),
      {{stages + "accept.reject", "50 %"}}};
  INFO("tests end at 15, 29, 43, 57 h: some nodes are still on the way at 48 h");
  CHECK(deal.hours("contract.lease.ramp_time") > 48);
  CHECK(deal.metric("contract.lease.gpus.end") == 0);
  CHECK(deal.hours("ladder.owner.available") < 128 * 720);
}

TEST_CASE("a cancelled move that was half called back does not keep GPUs with the tenant") {
  const std::string step = "kind: step_down, by: tenant, exercise: {kind: date, on: 2026-05-";
  const Deal deal{
      deal_site("31 d") + hourly_stages() +
          lease_at_two("gpus: 64 gpu, transfer: steps, tranches: [{on: 2026-05-02, "
                       "gpus: 32 gpu}, {on: 2026-05-04, gpus: 32 gpu}], options: {a: {" +
                       step + "06}, share: 25 %}, b: {" + step + "08}, share: 75 %}}") +
          "jobs:\n" + gang("work", "owner", 96, 600, "2026-05-01"),
      {{stages + "drain.jobs", "finish"}, {stages + "drain.deadline", "25 d"}}};
  INFO("the second array waits for the owner's work; 16 of it are to come back when it arrives,");
  INFO("then all of it is cancelled: the 32 that did arrive go back, nobody keeps 16");
  CHECK(deal.outcome("lease") == "ended by option b");
  CHECK(deal.metric("contract.lease.gpus.end") == 0);
}
