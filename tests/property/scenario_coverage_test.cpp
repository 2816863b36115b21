// The dice reach every kind of thing a deal can be made of, and deals do happen: a property that
// holds because nothing moves proves nothing.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../support/scenarios.hpp"
#include "scenario_generator.hpp"

using namespace colossim;
using test::ScenarioGenerator;

namespace {

/// Texts that scenarios are made of, one of each kind.
const std::vector<std::string> parts = {"kind: lease",
                                        "kind: asset_sale",
                                        "kind: revenue_share",
                                        "kind: equity_swap",
                                        "kind: power_purchase",
                                        "kind: financing",
                                        "kind: license",
                                        "kind: exit",
                                        "kind: reclaim,",
                                        "kind: renewal",
                                        "kind: step_down",
                                        "kind: never",
                                        "kind: date",
                                        "kind: rule",
                                        "kind: value",
                                        "valuation: ",
                                        "negative_prices: true",
                                        "kind: keep",
                                        "kind: harvest_idle",
                                        "kind: reclaim_on_surge",
                                        "kind: price_threshold",
                                        "kind: standing",
                                        "queue: first_fit",
                                        "queue: sjf,",
                                        "queue: sjf_skip",
                                        "queue: srtf",
                                        "queue: easy,",
                                        "queue: easy_sjf",
                                        "queue: easy_machines",
                                        "queue: conservative",
                                        "queue: priority",
                                        "kind: las",
                                        "kind: fair_share",
                                        "kind: quota",
                                        "placement: count",
                                        "placement: first_fit",
                                        "placement: consolidate",
                                        "placement: best_fit",
                                        "placement: spread",
                                        "placement: random",
                                        "elastic: ",
                                        "resize_after: ",
                                        "checkpoint_write: ",
                                        "restart: ",
                                        "kind: log_ou",
                                        "kind: random_walk",
                                        "kind: signal",
                                        "jobs: finish",
                                        "jobs: checkpoint",
                                        "jobs: kill",
                                        "duration: 0 s",
                                        "reject: ",
                                        "nodes: ",
                                        "cost: ",
                                        "closing: ",
                                        "refusal: ",
                                        "share_cap: ",
                                        "default: ",
                                        "then: ",
                                        "gpus: all",
                                        "tranches: ",
                                        "ramp: ",
                                        "otherwise: accept",
                                        "otherwise: terminate",
                                        "market: ",
                                        "fee: ",
                                        "prepayment: ",
                                        "reduced: ",
                                        "indexation: ",
                                        "power: net",
                                        "sla: ",
                                        "flexible: ",
                                        "operator: ",
                                        "power_contract: true",
                                        "lock_up: ",
                                        "royalty: ",
                                        "drawn_before: true",
                                        "liability: ",
                                        "subscription: ",
                                        "tax: ",
                                        "water: ",
                                        "utilization.tenant ",
                                        "utilization.owner ",
                                        "price.m",
                                        "load.service",
                                        "waiting.",
                                        "billing_from: serve"};

}  // namespace

TEST_CASE("random scenarios are made of everything a deal can be made of") {
  std::map<std::string, int> found;
  for (std::uint64_t number = 0; number < 500; ++number) {
    const std::string text = ScenarioGenerator{number}.text();
    for (const std::string& part : parts)
      if (text.find(part) != std::string::npos) ++found[part];
  }
  for (const std::string& part : parts) {
    INFO(part);
    CHECK(found[part] >= 5);
  }
}

TEST_CASE("in random scenarios GPUs move, options are used and parties default") {
  std::int64_t arrays = 0;
  std::int64_t notices = 0;
  std::map<std::string, int> outcomes;
  for (std::uint64_t number = 0; number < 100; ++number) {
    const Scenario scenario = test::load_text(ScenarioGenerator{number}.text());
    World world = build(scenario);
    try {
      advance(world, world.end, {});
    } catch (const ScenarioError&) {
      continue;  // a feed that turned out too small
    }
    for (const Contract& contract : world.contracts.contracts) {
      arrays += static_cast<std::int64_t>(contract.moves_opened);
      for (const OptionState& option : contract.options) notices += option.uses;
      ++outcomes[contract.outcome.substr(0, contract.outcome.find_first_of(" :"))];
    }
  }
  CHECK(arrays > 100);
  CHECK(notices > 50);
  for (const char* word : {"ended", "expired", "refused", "the", "cut"}) {
    INFO(word);
    CHECK(outcomes[word] > 0);
  }
}
