// Leases by hand: tranches, fees, take-or-pay, the end of the term.
#include <doctest/doctest.h>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

std::string lease(const std::string& rest) {
  return "contracts:\n  lease: {kind: lease, owner: owner, tenant: tenant, site: here, price: 2 "
         "USD/gpu/h, " +
         rest + "}\n";
}

double metric(const std::string& text, const std::string& name) {
  return simulate(test::load_text(text), {.paranoid = true}).metric(name);
}

}  // namespace

TEST_CASE("an idle fleet moves in tranches and is billed from delivery") {
  // 640 GPUs, 160 a day from t = 0: days 1 to 3 hold 160, 320, 480; then 640 for 27 days.
  const double gpu_days = 160 + 320 + 480 + 640 * 27;
  const std::string text = test::small_site() + lease("ramp: 160 gpu/d, take_or_pay: 1");
  INFO("delivered = (160 + 320 + 480 + 640 x 27) GPU-days = " << gpu_days
                                                              << "; fee = 2 USD x 24 h x that");
  CHECK(metric(text, "contract.lease.delivered") / 86400 == doctest::Approx(gpu_days));
  CHECK(metric(text, "contract.lease.fee") == doctest::Approx(2 * 24 * gpu_days).epsilon(1e-12));
  CHECK(metric(text, "contract.lease.undelivered") / 86400 == doctest::Approx(640 * 30 - gpu_days));
}

TEST_CASE("an unused lease costs the take-or-pay share") {
  const std::string text = test::small_site() + lease("ramp: 100000 gpu/d, take_or_pay: 60 %");
  INFO("nothing is used: 640 GPUs x 720 h x 2 USD x 0.6");
  CHECK(metric(text, "contract.lease.fee") ==
        doctest::Approx(640.0 * 720 * 2 * 0.6).epsilon(1e-12));
}

TEST_CASE("a part of the site goes and the rest stays with its owner") {
  const std::string text = test::small_site() + lease("gpus: 64 gpu, ramp: 100000 gpu/d");
  CHECK(metric(text, "contract.lease.delivered") / 3600 == doctest::Approx(64.0 * 720));
  CHECK(metric(text, "ladder.owner.installed") / 3600 == doctest::Approx(576.0 * 720));
}

TEST_CASE("nodes return to their owner when the term ends") {
  // Start 2026-05-06 00:00 local = 06:00 UTC; one calendar month ends 2026-06-06 06:00 UTC, after
  // the run's 30 days; a run of 40 days sees the end: 31 days of delivery.
  std::string text =
      test::small_site() + lease("start: 2026-05-06, term: 1 month, ramp: 100000 gpu/d");
  text.replace(text.find("duration: 30 d"), 14, "duration: 40 d");
  INFO("delivered = 640 GPUs x 31 d");
  CHECK(metric(text, "contract.lease.delivered") / 86400 == doctest::Approx(640.0 * 31));
  CHECK(metric(text, "contract.lease.fee") == doctest::Approx(640.0 * 31 * 24 * 2).epsilon(1e-12));
}

TEST_CASE("busy nodes take no new work and move when theirs ends") {
  std::string text = test::small_site() + test::small_jobs("owner") +
                     lease("ramp: 100000 gpu/d, start: 2026-05-16");
  text += "";
  const Result result = simulate(test::load_text(text), {.paranoid = true});
  const double available = result.metric("ladder.total.available");
  const double energised = result.metric("ladder.total.energised");
  INFO("GPUs that idle on a node with other work wait in transfer: the available rung is lower");
  CHECK(available < energised);
  CHECK(result.metric("contract.lease.delivered") > 0.9 * 640 * 19 * 86400);
  CHECK(result.metric("jobs.batch.waiting") > 0);
}

TEST_CASE("an owner without work of its own leaves its nodes unassigned") {
  const std::string text =
      test::small_site() + lease("gpus: 64 gpu, ramp: 100000 gpu/d") + test::small_jobs("tenant");
  CHECK(metric(text, "ladder.owner.contracted") == 0);
  CHECK(metric(text, "ladder.tenant.contracted") > 0);
}
