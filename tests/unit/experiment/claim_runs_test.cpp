// Runs that claims are held against, and the hulls of what is tested.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/experiment/claim_runs.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;
using namespace colossim::test;
namespace fs = std::filesystem;

namespace {

const std::string ratio_claim =
    "  - {claim: as much, metric: site.here.electricity.cost, against: alone.yaml, as: ratio, "
    "says: "
    "[1, 2]}\n";

/// `alone.yaml`, a site without work whose price of energy has a range, and `deal.yaml`, which
/// extends it with a lease and what the test adds.
class TwoScenarios {
 public:
  explicit TwoScenarios(const std::string& deal) {
    std::string site = small_site();
    const std::string price = "energy: 40 USD/MWh";
    site.replace(site.find(price), price.size(),
                 "energy: {value: 40 USD/MWh, low: 20 USD/MWh, high: 60 USD/MWh}");
    write_file(folder_.path() / "alone.yaml", site);
    write_file(file(),
               "extends: alone.yaml\ncontracts: {lease: {kind: lease, owner: owner, tenant: "
               "tenant, site: here, gpus: 320 gpu, price: {value: 2 USD/gpu/h, low: 1 "
               "USD/gpu/h, high: 3 USD/gpu/h}, term: 36 month}}\n" +
                   deal);
  }

  [[nodiscard]] fs::path file() const { return folder_.path() / "deal.yaml"; }
  [[nodiscard]] Scenario deal() const { return load(file(), options); }
  [[nodiscard]] std::vector<ClaimBase> bases() const {
    return load_claim_bases(file(), options, deal());
  }
  [[nodiscard]] Hulls hulls() const {
    const Scenario scenario = deal();
    const std::vector<ClaimBase> all = bases();
    return colossim::hulls(scenario, simulate(scenario), run_claim_bases(all),
                           moved_runs(file(), options, scenario, all));
  }

  LoadOptions options = shipped_catalog();

 private:
  TemporaryFolder folder_;
};

std::string problems(const TwoScenarios& scenarios) {
  try {
    static_cast<void>(scenarios.bases());
    return {};
  } catch (const ScenarioError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a base is read once, with the seed and the changes that concern it") {
  TwoScenarios scenarios{"claims:\n" + ratio_claim + ratio_claim};
  scenarios.options.seed = 7;
  scenarios.options.overrides = {{"contracts.lease.price", "3 USD/gpu/h"},
                                 {"sites.here.tariff.energy", "80 USD/MWh"},
                                 {"replication", "4"}};
  const std::vector<ClaimBase> bases = scenarios.bases();
  REQUIRE(bases.size() == 1);
  const Scenario& base = bases[0].scenario;
  CHECK(base.seed == 7);
  CHECK(base.replication == 4);
  CHECK(base.contracts.empty());
  CHECK(base.sites.at("here").tariff.energy.data.values.front() == doctest::Approx(80 / 3.6e9));
}

TEST_CASE("claims without `against` need no base") {
  const TwoScenarios scenarios{"claims:\n  - {claim: it is a lease}\n"};
  CHECK(scenarios.bases().empty());
  bool called = false;
  CHECK(run_claim_bases({}, [&] { called = true; }).empty());
  CHECK(called);
}

TEST_CASE("claims of a base do not ask for bases of their own") {
  const TwoScenarios scenarios{"claims:\n" + ratio_claim};
  const std::string text = read_file(scenarios.file().parent_path() / "alone.yaml", 1 << 20);
  write_file(scenarios.file().parent_path() / "alone.yaml",
             text + "claims:\n" +
                 "  - {claim: circular, metric: site.here.pue, against: deal.yaml, "
                 "as: ratio, says: [1, 2]}\n");
  const std::vector<ClaimBase> bases = scenarios.bases();
  REQUIRE(bases.size() == 1);
  CHECK(bases[0].scenario.claims.empty());
  CHECK(run_claim_bases(bases).size() == 1);
}

TEST_CASE("every fault of a base stands at the claim that names it") {
  const TwoScenarios scenarios{
      "duration: 14 d\nclaims:\n" + ratio_claim +
      "  - {claim: none, metric: site.here.pue, against: nowhere.yaml, as: ratio, says: [1, 2]}\n"
      "  - {claim: self, metric: site.here.pue, against: deal.yaml, as: ratio, says: [1, 2]}\n"};
  const std::string text = problems(scenarios);
  INFO(text);
  for (const char* part :
       {"claims[0].against: alone.yaml covers 30 days", "claims[1].against: there is no file",
        "claims[2].against: a scenario cannot be held against itself"})
    CHECK(text.find(part) != std::string::npos);
}

TEST_CASE("the runs of bases are those that simulate alone gives") {
  const TwoScenarios scenarios{"claims:\n" + ratio_claim};
  const std::vector<ClaimBase> bases = scenarios.bases();
  Result beside;
  const BaseMetrics metrics = run_claim_bases(bases, [&] { beside = simulate(scenarios.deal()); });
  const Result alone = simulate(bases[0].scenario);
  REQUIRE(metrics.at("alone.yaml").size() == alone.metrics.size());
  for (std::size_t i = 0; i < alone.metrics.size(); ++i)
    CHECK(metrics.at("alone.yaml")[i].value == alone.metrics[i].value);
  CHECK(beside.metric("contract.lease.paid") > 0);
}

TEST_CASE("an assumption that both share moves both and leaves their ratio") {
  const Hulls hulls = TwoScenarios{"claims:\n" + ratio_claim}.hulls();
  REQUIRE(hulls.claims.size() == 1);
  CHECK(hulls.claims[0].low == 1);
  CHECK(hulls.claims[0].high == 1);
  CHECK(hulls.claims[0].low_by.empty());
  CHECK(std::any_of(hulls.metrics.begin(), hulls.metrics.end(), [](const MetricHull& hull) {
    return hull.high_by == "sites.here.tariff.energy = 60 USD/MWh" && hull.high > hull.low;
  }));
}

TEST_CASE("an assumption of its own moves the scenario and not its base") {
  const Hulls hulls =
      TwoScenarios{
          "sites: {here: {tariff: {energy: {value: 40 USD/MWh, low: 10 USD/MWh, high: 80 "
          "USD/MWh}}}}\nclaims:\n" +
          ratio_claim}
          .hulls();
  CHECK(hulls.claims[0].low < 0.9);
  CHECK(hulls.claims[0].high > 1.2);
  CHECK(hulls.claims[0].low_by == "sites.here.tariff.energy = 10 USD/MWh");
  CHECK(hulls.claims[0].high_by == "sites.here.tariff.energy = 80 USD/MWh");
}

TEST_CASE("the range of a check is no assumption of the run") {
  const TwoScenarios scenarios{
      "claims:\n  - {claim: a number, check: {value: 2, low: 1, high: 3, note: 1 + 1, source: "
      "assumption}, says: [1, 2]}\n"};
  for (const MovedRun& run : moved_runs(scenarios.file(), scenarios.options, scenarios.deal(), {}))
    CHECK_FALSE(run.assumption.starts_with("claims"));
}

TEST_CASE("a resolved scenario finds its bases beside it, however often it is resolved") {
  CHECK(resolved_base("alone.yaml") == "bases/alone.yaml");
  CHECK(resolved_base("./deals/alone.yaml") == "bases/deals/alone.yaml");
  CHECK(resolved_base("bases/alone.yaml") == "bases/alone.yaml");
  const TwoScenarios scenarios{"claims:\n" + ratio_claim};
  const std::string once = save_with_bases(scenarios.deal());
  CHECK(once.find("bases/alone.yaml") != std::string::npos);
  CHECK(save_with_bases(load_text(once)) == once);
}
