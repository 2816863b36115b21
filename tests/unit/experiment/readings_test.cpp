// Readings of a scenario: sources, worlds, conclusions, and where their faults are located.
#include <doctest/doctest.h>

#include <colossim/experiment/readings.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

/// Half of the small site leased, with a claim on the fee and one on the site.
std::string leased(const std::string& readings) {
  return test::small_site() + test::small_service("tenant") +
         "contracts: {lease: {kind: lease, owner: owner, tenant: tenant, site: here, gpus: 320 "
         "gpu, price: 2 USD/gpu/h}}\n"
         "claims:\n"
         "  - {claim: a month of rent, metric: contract.lease.fee, says: [0.4 MUSD, 0.5 MUSD]}\n"
         "  - {claim: a cool site, metric: site.here.pue, says: [1, 1.3]}\n" +
         readings;
}

const std::string two =
    "readings:\n"
    "  cheaper: {source: assumption, confidence: low, title: half the price, weight: 3, set: "
    "[contracts.lease.price=1 USD/gpu/h]}\n"
    "  smaller: {source: {name: a paper}, set: [contracts.lease.gpus=160 gpu, "
    "contracts.lease.price = 4 USD/gpu/h]}\n";

struct File {
  test::TemporaryFolder folder;
  ScenarioSource source;

  explicit File(const std::string& text) {
    write_file(folder.path() / "lease.yaml", text);
    source = {"lease", folder.path() / "lease.yaml", test::shipped_catalog()};
  }
};

std::string error_of(const std::string& text) {
  const File file{text};
  try {
    with_readings(file.source);
    return {};
  } catch (const ScenarioError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a scenario and its readings are compared, and claims judged by each") {
  const File file{leased(two)};
  std::vector<ScenarioSource> sources = with_readings(file.source);
  REQUIRE(sources.size() == 3);
  CHECK(sources[0].name == "as written");
  CHECK(sources[1].name == "cheaper");
  CHECK(sources[2].name == "smaller");
  Comparison comparison = compare(sources, load_paired(sources));
  add_conclusions(comparison, sources);
  INFO("320 x 720 h x 2 = 460,800; half of it; 160 x 720 x 4, the same again");
  REQUIRE(comparison.conclusions.size() == 3);
  const auto verdict = [&](std::size_t s, std::size_t claim) {
    return comparison.conclusions[s][claim].verdict;
  };
  CHECK(verdict(0, 0) == Verdict::plausible);
  CHECK(verdict(1, 0) == Verdict::implausible);
  CHECK(verdict(2, 0) == Verdict::plausible);
  for (std::size_t s = 0; s < 3; ++s) CHECK(verdict(s, 1) == Verdict::plausible);
  REQUIRE(comparison.readings.size() == 2);
  CHECK(comparison.readings[0].title == "half the price");
  CHECK(comparison.readings[0].confidence == "low");
  CHECK(comparison.readings[1].source == "a paper");
  CHECK(comparison.readings[1].changes.size() == 2);

  const std::string text = compare_text(comparison);
  CHECK(text.find("* a month of rent") != std::string::npos);
  CHECK(text.find("  a cool site") != std::string::npos);
  CHECK(text.find("off by 1.7") != std::string::npos);
  CHECK(text.find("B cheaper (assumption, confidence low): half the price") != std::string::npos);
  CHECK(compare_json(comparison, "1").find("\"readings\"") != std::string::npos);
}

TEST_CASE("readings are worlds beside the scenario as written") {
  const File file{leased(two)};
  const std::vector<WeightedWorld> worlds = reading_worlds(file.source);
  REQUIRE(worlds.size() == 3);
  CHECK(worlds[0].weight == 1);
  CHECK(worlds[1].weight == 3);
  CHECK(worlds[1].changes.front().path == "contracts.lease.price");
  CHECK(worlds[1].changes.front().value == "1 USD/gpu/h");
  CHECK(worlds[2].weight == 1);
}

TEST_CASE("a reading's fault is located where it stands") {
  const std::string error = error_of(
      leased("readings:\n  odd: {source: assumption, set: [contracts.lease.price=2 USD]}\n"));
  CHECK(error.find("lease.yaml:") != std::string::npos);
  CHECK(error.find("reading odd: ") != std::string::npos);
  CHECK(error_of(leased("")).find("expected readings") != std::string::npos);
}

TEST_CASE("a resolved scenario keeps its readings with their sources") {
  const Scenario scenario = test::load_text(leased(two));
  const Scenario again = test::load_text(save(scenario));
  REQUIRE(again.readings.size() == 2);
  CHECK(again.readings.at("smaller").set == scenario.readings.at("smaller").set);
  CHECK(again.sources.at("readings.cheaper").confidence == "low");
  CHECK(again.sources.at("readings.smaller").source == "a paper");
}
