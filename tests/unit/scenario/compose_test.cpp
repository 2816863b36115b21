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

TEST_CASE("--set reaches into a value, which then has it as its source") {
  const std::string jobs = test::small_site() + test::small_jobs("owner");
  const auto batch = [](const Scenario& scenario) {
    return std::get<BatchSpec>(scenario.jobs.at("batch"));
  };
  const Scenario median = test::load_text(jobs, {{"jobs.batch.runtime.lognormal.median", "4 h"},
                                                 {"jobs.batch.gpus.choice.8 gpu", "35 %"},
                                                 {"jobs.batch.gpus.choice.40 gpu", "25 %"}});
  CHECK(batch(median).runtime.data.a == 4 * 3600);
  CHECK(batch(median).runtime.data.b == 1);
  CHECK(batch(median).runtime.data.max == 48 * 3600);
  CHECK(batch(median).gpus.data.cumulative_weights[1] == doctest::Approx(0.75));
  CHECK(median.leaves.at("jobs.batch.runtime").provenance.source == "--set");
  CHECK(median.leaves.at("jobs.batch.arrivals").provenance.source.empty());
  CHECK(save(test::load_text(save(median))) == save(median));

  // Of a value that says where it comes from, too; what is said of it may be set by itself.
  const std::string noted =
      test::small_site() +
      "contracts: {lease: {kind: lease, owner: owner, tenant: tenant, site: here, ramp: 10 gpu/d, "
      "price: {value: {uniform: {from: 1 USD/gpu/h, to: 1 USD/gpu/h}}, source: assumption}}}\n";
  const char* path = "contracts.lease.price";
  CHECK(save(test::load_text(noted, {{"contracts.lease.price.uniform.to", "3 USD/gpu/h"}})) !=
        save(test::load_text(noted)));
  const Scenario whole = test::load_text(noted, {{"contracts.lease.price.value", "2 USD/gpu/h"}});
  CHECK(whole.leaves.at(path).text == "2 USD/gpu/h");
  CHECK(whole.leaves.at(path).provenance.source == "--set");
  const Scenario low =
      test::load_text(noted, {{"contracts.lease.price", "{value: 2 USD/gpu/h, source: assumption}"},
                              {"contracts.lease.price.low", "1 USD/gpu/h"}});
  CHECK(low.leaves.at(path).provenance.low == "1 USD/gpu/h");
  CHECK(low.leaves.at(path).provenance.source == "assumption");
  // A plain number takes a range as well, and keeps it when it is read again.
  const Scenario ranged = test::load_text(jobs, {{"sites.here.tariff.demand.low", "9 USD/kW"},
                                                 {"sites.here.tariff.demand.high", "20 USD/kW"}});
  const Scenario again = test::load_text(save(ranged));
  CHECK(again.leaves.at("sites.here.tariff.demand").provenance.low == "9 USD/kW");
  CHECK(again.leaves.at("sites.here.tariff.demand").provenance.high == "20 USD/kW");
  CHECK(again.leaves.at("sites.here.tariff.demand").provenance.source.empty());
  // A part of a value is replaced whole, as a value is.
  CHECK(batch(test::load_text(jobs, {{"jobs.batch.gpus.choice", "{8 gpu: 100 %}"}}))
            .gpus.data.values.size() == 1);
  CHECK_THROWS_AS(test::load_text(jobs, {{"jobs.batch.runtime.lognormal.medium", "4 h"}}),
                  ScenarioError);
  CHECK_THROWS_AS(test::load_text(jobs, {{"jobs.batch.gpus.choice.8 gpu", "35 %"}}), ScenarioError);
}

TEST_CASE("--set changes and deletes items of lists") {
  const std::string jobs = test::small_site() + test::small_jobs("owner");
  const auto on = [](const Scenario& scenario) {
    return std::get<BatchSpec>(scenario.jobs.at("batch")).on;
  };
  CHECK(on(test::load_text(
            jobs, {{"jobs.batch.on", "[h200_sxm, h100_sxm]"}, {"jobs.batch.on[0]", "null"}})) ==
        std::vector<Ref>{{"h100_sxm"}});
  CHECK_THROWS_AS(test::load_text(jobs, {{"jobs.batch.on[1]", "null"}}), ScenarioError);
  const Scenario claims = test::load_text(
      jobs + "claims: [{claim: c, source: assumption, metric: site.here.pue, says: [1, 2]}]\n",
      {{"claims[0].says[1]", "3"}});
  CHECK(claims.claims.front().says->back().base == 3);
}

TEST_CASE("a normal distribution is cut where a value has bounds, and says where") {
  const std::string jobs = test::small_site() + test::small_jobs("owner");
  const char* runtime = "jobs.batch.runtime";
  const auto data = [&](const std::string& text) {
    return std::get<BatchSpec>(test::load_text(jobs, {{runtime, text}}).jobs.at("batch"))
        .runtime.data;
  };
  CHECK(data("{normal: {mean: 4 h, sd: 1 h, min: 1 h, max: 9 h}}").min == 3600);
  CHECK_THROWS_AS(data("{normal: {mean: 4 h, sd: 1 h}}"), ScenarioError);
  CHECK_THROWS_AS(data("{normal: {mean: 4 h, sd: 1 h, min: 0 h}}"), ScenarioError);
  CHECK_THROWS_AS(data("{normal: {mean: 4 h, sd: 1 h, min: 2 h, max: 1 h}}"), ScenarioError);
  CHECK_THROWS_AS(data("{normal: {mean: 4 h, sd: -1 h, min: 1 h}}"), ScenarioError);
  const Scenario scenario =
      test::load_text(jobs, {{runtime, "{normal: {mean: 4 h, sd: 1 h, min: 1 h, max: 9 h}}"}});
  CHECK(save(test::load_text(save(scenario))) == save(scenario));
  // A parameter is drawn once; one that must not be negative needs `min:`.
  const char* energy = "sites.here.tariff.demand";
  CHECK_THROWS_AS(test::load_text(jobs, {{energy, "{normal: {mean: 9 USD/kW, sd: 1 USD/kW}}"}}),
                  ScenarioError);
  CHECK_NOTHROW(test::load_text(
      jobs, {{energy, "{normal: {mean: 9 USD/kW, sd: 1 USD/kW, min: 0 USD/kW, max: 20 USD/kW}}"}}));
}

TEST_CASE("--set without a value deletes nothing") {
  CHECK_THROWS_AS(test::load_text(test::small_site() + test::small_jobs("owner"), {{"jobs", ""}}),
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
