// What happens at the limits: no power, no capacity, reservations, freed nodes, seeds of
// parameters.
#include <doctest/doctest.h>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

Result run(const std::string& text) {
  return simulate(test::load_text(text), {.paranoid = true});
}

/// Eight-GPU jobs that would fill the site for the whole month.
std::string flood() {
  return R"(jobs:
  flood: {kind: batch, tenant: owner, site: here, on: [h100_sxm], arrivals: 20 1/h, gpus: 8 gpu, runtime: 8 h}
)";
}

std::string late_service(const std::string& rest) {
  return R"(services:
  chat:
    tenant: owner
    site: here
    model: llm_405b_fp8
    on: [h100_sxm]
    from: 2026-05-09
    users: {daily: 0.2 Muser, requests_per_user: 12 request/user/d, tokens_per_request: 500 token/request, shape: flat}
)" + rest;
}

}  // namespace

TEST_CASE("--seed reaches parameter draws even when the file states a seed") {
  const test::TemporaryFolder folder;
  write_file(folder.path() / "s.yaml",
             "seed: 1\n" + replaced(test::small_site(), "demand: 15 USD/kW",
                                    "demand: {uniform: {from: 1 USD/kW, to: 9 USD/kW}}"));
  const auto demand = [&](std::int64_t seed) {
    LoadOptions options = test::shipped_catalog();
    options.seed = seed;
    return load(folder.path() / "s.yaml", options).sites.at("here").tariff.demand.base();
  };
  CHECK(demand(2) != demand(3));
  CHECK(demand(2) == demand(2));
}

TEST_CASE("services take freed nodes before jobs do") {
  const Result result = run(test::small_site() + flood() + late_service(""));
  INFO("the site is full when the service begins; as jobs end within 8 h, it gets what it needs");
  CHECK(result.metric("service.chat.lost_share") < 0.05);
}

TEST_CASE("a reservation counts only nodes its service can use") {
  std::string text =
      replaced(test::small_site(), "count: 10, branch: busway, in_service: 2025-05-06}}",
               "count: 9, branch: busway, in_service: 2025-05-06}, nvl: {node: gb200_tray, nodes: "
               "18, count: 1, branch: busway, in_service: 2025-05-06}}");
  text = replaced(text, "rating: 400 kW", "rating: 600 kW");
  text += replaced(flood(), "h100_sxm", "gb200") +
          replaced(late_service("    reserve: 40 gpu\n"), "h100_sxm", "gb200");
  const Result result = run(text);
  INFO("72 GB200, 40 of them reserved from the service's first day");
  CHECK(result.metric("service.chat.lost_share") < 0.05);
  CHECK(result.metric("jobs.flood.done") > 0);
}

TEST_CASE("work without power stands still and goes on when power is back") {
  std::string text = test::small_site() + flood();
  text = replaced(text, "liquid: {rejection: {kind: tower}}",
                  "liquid: {supply: 60 C, rejection: {kind: dry_cooler, approach: 25 K}}");
  text = replaced(text, "weather: {kind: synthetic}",
                  "weather: {kind: synthetic, mean: 45 C, daily: 20 K, sigma: 0 K}");
  const Result result = run(text);
  INFO("hot afternoons leave the dies no margin at all; nights do");
  CHECK(result.metric("site.here.capped_time") > 0);
  CHECK(result.metric("jobs.flood.done") > 0);
  CHECK(result.events < 500'000);
}

TEST_CASE("demand without capacity is beyond saturation, not perfect") {
  const std::string text =
      test::small_site() + replaced(late_service(""), "tenant: owner", "tenant: tenant");
  const Result result = run(text);
  CHECK(result.metric("service.chat.lost_share") == 1);
  CHECK(result.metric("service.chat.load.peak") == 100);
  CHECK(result.metric("service.chat.saturation.distance") < 0);
}

TEST_CASE("a blocked queue has long waits, though no job of it started") {
  const std::string text =
      test::small_site() + replaced(flood(), "tenant: owner", "tenant: tenant");
  CHECK(run(text).metric("jobs.flood.wait.mean") > 10 * 86400);
}

TEST_CASE("a feed that idle racks exceed is refused where it stands") {
  try {
    run(replaced(test::small_site(), "feed: 2 MW", "feed: 0.167 MW"));
    FAIL("nothing was refused");
  } catch (const ScenarioError& error) {
    CHECK(error.diagnostics().front().path == "sites.here.power.feed");
    CHECK(error.diagnostics().front().mark.line > 0);
  }
}
