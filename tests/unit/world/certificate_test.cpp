// The certificate must notice one lost posting, one lost delta and one lost state change.
#include <doctest/doctest.h>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

Scenario leased_site() {
  return test::load_text(test::small_site() + test::small_jobs("tenant") +
                         test::small_service("tenant") +
                         R"(contracts:
  lease: {kind: lease, owner: owner, tenant: tenant, site: here, price: 2 USD/gpu/h, ramp: 100 gpu/d}
)");
}

std::string failure_under(Fault fault) {
  try {
    simulate(leased_site(), {.fault = fault});
    return {};
  } catch (const InvariantBroken& broken) {
    return broken.what();
  }
}

}  // namespace

TEST_CASE("an undisturbed run closes every balance exactly") {
  const Result result = simulate(leased_site());
  CHECK(result.balances());
  for (const BalanceRow& row : result.certificate) {
    INFO(row.what << ": " << row.one << " against " << row.other);
    CHECK(row.residual.substr(0, 1) == "0");
  }
}

TEST_CASE("one lost posting is caught by the money balance") {
  CHECK(failure_under(Fault::lost_posting).find("Money") != std::string::npos);
}

TEST_CASE("one lost power delta is caught by the energy balance") {
  CHECK(failure_under(Fault::lost_delta).find("Energy") != std::string::npos);
}

TEST_CASE("one lost state change is caught by the GPU-time balance") {
  CHECK(failure_under(Fault::lost_state_change).find("GPU-time") != std::string::npos);
}

TEST_CASE("--paranoid catches each of them at the instant it happens") {
  for (const Fault fault : {Fault::lost_delta, Fault::lost_state_change}) {
    try {
      simulate(leased_site(), {.paranoid = true, .fault = fault});
      FAIL("nothing was noticed");
    } catch (const InvariantBroken& broken) {
      INFO(std::string{broken.what()});
      CHECK(std::string{broken.what()}.starts_with("at 2026-05-"));
    }
  }
}
