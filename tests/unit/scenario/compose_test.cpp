// Composition: extends, null, kinds, --set, sources, catalogs, and the round trip of the resolved
// scenario.
#include <doctest/doctest.h>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

/// Files of one folder; loads the last.
Scenario load_files(const std::vector<std::pair<std::string, std::string>>& files,
                    std::vector<Override> overrides = {}) {
  const test::TemporaryFolder folder;
  for (const auto& [name, text] : files) write_file(folder.path() / name, text);
  LoadOptions options = test::shipped_catalog();
  options.overrides = std::move(overrides);
  return load(folder.path() / files.back().first, options);
}

Scenario derived(const std::string& text) {
  return load_files({{"base.yaml", test::small_site() + test::small_jobs("owner")},
                     {"derived.yaml", "extends: base.yaml\n" + text}});
}

}  // namespace

TEST_CASE("maps merge: a what-if states only what changes") {
  const Scenario scenario =
      derived("name: cheaper\nsites: {here: {tariff: {energy: 30 USD/MWh}}}\n");
  CHECK(scenario.name == "cheaper");
  CHECK(scenario.sites.at("here").tariff.energy.data.values.front() == doctest::Approx(30 / 3.6e9));
  CHECK(scenario.sites.at("here").tariff.demand.base() == doctest::Approx(15e-3));
}

TEST_CASE("null deletes an inherited entry") {
  CHECK(derived("jobs: {batch: null}\n").jobs.empty());
}

TEST_CASE("a changed kind replaces its map") {
  const Scenario scenario = derived(
      "sites: {here: {cooling: {liquid: {rejection: {kind: dry_cooler, approach: 9 K}}}}}\n");
  CHECK(std::holds_alternative<DryCoolerSpec>(scenario.sites.at("here").cooling.liquid.rejection));
}

TEST_CASE("one distribution replaces another whole") {
  const Scenario scenario = derived("jobs: {batch: {runtime: {uniform: {from: 1 h, to: 2 h}}}}\n");
  CHECK(std::get<BatchSpec>(scenario.jobs.at("batch")).runtime.data.kind ==
        DistributionData::Kind::uniform);
}

TEST_CASE("--set changes a leaf, keeps the unit rule and becomes its source") {
  const Scenario scenario =
      test::load_text(test::small_site(), {{"sites.here.tariff.energy", "50 USD/MWh"}});
  CHECK(scenario.sites.at("here").tariff.energy.data.values.front() == doctest::Approx(50 / 3.6e9));
  CHECK(scenario.leaves.at("sites.here.tariff.energy").provenance.source == "--set");
  CHECK_THROWS_AS(test::load_text(test::small_site(), {{"sites.here.tariff.energy", "50"}}),
                  ScenarioError);
  CHECK_THROWS_AS(test::load_text(test::small_site(), {{"sites.here.tarif.energy", "50 USD/MWh"}}),
                  ScenarioError);
}

TEST_CASE("--set null deletes") {
  CHECK(test::load_text(test::small_site() + test::small_jobs("owner"), {{"jobs.batch", "null"}})
            .jobs.empty());
}

TEST_CASE("a source covers the leaves of its map, but not those another file changes") {
  const Scenario scenario = load_files(
      {{"base.yaml", test::small_site() +
                         "contracts:\n  lease: {kind: lease, source: assumption, owner: owner, "
                         "tenant: tenant, site: here, price: 2 USD/gpu/h, ramp: 10 gpu/d}\n"},
       {"derived.yaml", "extends: base.yaml\ncontracts: {lease: {price: 3 USD/gpu/h}}\n"}});
  CHECK(scenario.leaves.at("contracts.lease.ramp").provenance.source == "assumption");
  CHECK(scenario.leaves.at("contracts.lease.price").provenance.source.empty());
}

TEST_CASE("an annotated leaf keeps value, source, confidence and range") {
  const Scenario scenario =
      test::load_text(test::small_site(), {{"sites.here.tariff.demand",
                                            "{value: 12 USD/kW, source: assumption, confidence: "
                                            "low, low: 10 USD/kW, high: 14 USD/kW}"}});
  const Leaf& leaf = scenario.leaves.at("sites.here.tariff.demand");
  CHECK(leaf.provenance.confidence == "low");
  CHECK(leaf.provenance.high == "14 USD/kW");
}

TEST_CASE("a parameter distribution is drawn once and depends on seed and path") {
  const auto price = [](const char* seed) {
    const Scenario scenario = test::load_text(
        test::small_site(),
        {{"seed", seed},
         {"sites.here.tariff.demand", "{uniform: {from: 10 USD/kW, to: 20 USD/kW}}"}});
    return scenario.sites.at("here").tariff.demand.base();
  };
  CHECK(price("1") == price("1"));
  CHECK(price("1") != price("2"));
  CHECK(price("1") >= 10e-3);
  CHECK(price("1") <= 20e-3);
}

TEST_CASE("the resolved scenario reads back to itself") {
  for (const char* name : {"hello.yaml", "colossus_1.yaml", "full_lease.yaml"}) {
    const std::string saved = save(load(test::shipped(name), test::shipped_catalog()));
    CHECK(save(test::load_text(saved)) == saved);
  }
}

TEST_CASE("every number of the shipped scenarios has a source or is an assumption") {
  for (const char* name : {"hello.yaml", "colossus_1.yaml", "full_lease.yaml"}) {
    const std::vector<std::string> bare =
        unsourced(load(test::shipped(name), test::shipped_catalog()));
    for (const std::string& path : bare) MESSAGE(name << ": " << path);
    CHECK(bare.empty());
  }
}

TEST_CASE("Colossus 1 has 220,080 GPUs: 150,016 H100, 50,048 H200, 20,016 GB200") {
  const Scenario scenario = load(test::shipped("colossus_1.yaml"), test::shipped_catalog());
  const Result result = simulate(load(test::shipped("colossus_1.yaml"), [] {
    LoadOptions options = test::shipped_catalog();
    options.overrides = {{"duration", "1 h"}};
    return options;
  }()));
  CHECK(result.metric("ladder.total.installed") / 3600 == 220080);
  CHECK(scenario.sites.at("colossus_1").power.feed.in(units::megawatt) == 300);
}
