// The claims table: every verdict, what it was reached on and how it is printed.
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/report/claims.hpp>
#include <colossim/scenario/metrics.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

using Values = std::map<std::string, double>;  // in the metric's own unit

const std::string leased = R"(contracts:
  lease: {kind: lease, owner: owner, tenant: tenant, site: here, gpus: 320 gpu, price: 2.3 USD/gpu/h, term: 36 month}
  let: {kind: lease, owner: owner, tenant: tenant, site: here, gpus: 64 gpu, market: spot, term: 36 month}
markets: {spot: {kind: signal, price: 2 USD/gpu/h}}
)";

Scenario with_claims(const std::string& claims) {
  return load_text(small_site() + leased + "claims:\n" + claims);
}

/// Metrics of a run that found `values` and 0 everywhere else.
std::vector<MetricValue> metrics_of(const Scenario& scenario, const Values& values) {
  std::vector<MetricValue> metrics;
  for (const MetricDefinition& definition : metric_definitions(scenario)) {
    const auto value = values.find(definition.name);
    metrics.push_back(
        {definition.name, value == values.end() ? 0 : value->second * definition.factor});
  }
  return metrics;
}

std::vector<ClaimResult> judged(const Scenario& scenario, const Values& values,
                                const ClaimRuns& runs = {}) {
  Result result;
  result.metrics = metrics_of(scenario, values);
  return judge_claims(scenario, result, runs);
}

ClaimResult judged(const std::string& claim, const Values& values) {
  return judged(with_claims(claim), values).front();
}

/// A hull of one tested value, in base units.
ClaimRuns hull(double low, double high) {
  return {{}, {{low, high, "a.b.low_end = 1", "a.b.high_end = 2"}}};
}

}  // namespace

TEST_CASE("a claim with neither metric nor number is untestable") {
  const ClaimResult bare = judged("  - {claim: it is a sale, source: news_003}\n", {});
  CHECK(bare.verdict == Verdict::untestable);
  CHECK(bare.test == ClaimTest::nothing);
  CHECK(bare.says.empty());
  CHECK(bare.found.empty());
  CHECK(bare.source == "news_003");
  const ClaimResult number = judged("  - {claim: it grows tenfold, says: [10, 100]}\n", {});
  CHECK(number.verdict == Verdict::untestable);
  CHECK(number.says == "10 to 100");
}

TEST_CASE("a metric tests a claim, scaled where it asks for it") {
  const std::string claim =
      "  - {claim: power, metric: site.here.electricity.cost_per_day, says: [2 kUSD/d, 3 kUSD/d]";
  const ClaimResult plain = judged(claim + "}\n", {{"site.here.electricity.cost_per_day", 800}});
  CHECK(plain.verdict == Verdict::implausible);
  CHECK(plain.factor == doctest::Approx(2000.0 / 800));
  CHECK(plain.found == "800 USD/d");
  CHECK(plain.test == ClaimTest::run);
  const ClaimResult scaled =
      judged(claim + ", scale: 1600 gpu}\n", {{"site.here.electricity.cost_per_day", 800}});
  CHECK(scaled.found == "2 kUSD/d");  // 1,600 of 640 GPUs: 2.5 times
  CHECK(scaled.verdict == Verdict::plausible);
}

TEST_CASE("a metric over another is judged in the unit of their quotient") {
  const std::string claim =
      "  - {claim: an hour's cost, metric: party.owner.cost, over: contract.lease.delivered, "
      "says: [1.5 USD/gpu/h, 2 USD/gpu/h]}\n";
  const ClaimResult found =
      judged(claim, {{"party.owner.cost", 3000}, {"contract.lease.delivered", 1000}});
  CHECK(found.found == "3 USD/gpu/h");
  CHECK(found.says == "1.5 to 2 USD/gpu/h");
  CHECK(found.factor == doctest::Approx(1.5));
  CHECK(found.verdict == Verdict::implausible);
  const ClaimResult share = judged(
      "  - {claim: most is used, metric: contract.lease.used, over: contract.lease.delivered, "
      "says: [90 %, 100 %]}\n",
      {{"contract.lease.used", 930}, {"contract.lease.delivered", 1000}});
  CHECK(share.says == "90 to 100 %");
  CHECK(share.found == "93 %");
}

TEST_CASE("a metric over one that is zero finds nothing and is untestable") {
  const ClaimResult found = judged(
      "  - {claim: cost, metric: party.owner.cost, over: contract.lease.delivered, says: [1 "
      "USD/gpu/h, 2 USD/gpu/h]}\n",
      {{"party.owner.cost", 3000}});
  CHECK(found.found.empty());
  CHECK(found.verdict == Verdict::untestable);
}

TEST_CASE("a claim is held against the same metric of another run, as difference or ratio") {
  const Scenario scenario = with_claims(
      "  - {claim: more, metric: party.owner.profit, against: alone.yaml, as: difference, says: "
      "[100 USD, 200 USD]}\n"
      "  - {claim: times, metric: party.owner.profit, against: alone.yaml, as: ratio, says: [1, "
      "2]}\n");
  ClaimRuns runs;
  runs.bases["alone.yaml"] = metrics_of(scenario, {{"party.owner.profit", 400}});
  const auto better = judged(scenario, {{"party.owner.profit", 550}}, runs);
  CHECK(better[0].found == "150 USD");
  CHECK(better[0].verdict == Verdict::plausible);
  CHECK(better[0].test == ClaimTest::comparison);
  CHECK(better[0].base == "alone");
  CHECK(better[1].found == "1.375");
  CHECK(better[1].verdict == Verdict::plausible);
  const auto worse = judged(scenario, {{"party.owner.profit", 300}}, runs);
  CHECK(worse[0].verdict == Verdict::implausible);
  CHECK(std::isinf(worse[0].factor));
  CHECK(worse[1].factor == doctest::Approx(4.0 / 3));
}

TEST_CASE("a ratio over a base that found zero is untestable") {
  const Scenario scenario = with_claims(
      "  - {claim: times, metric: party.owner.profit, against: alone.yaml, as: ratio, says: [1, "
      "2]}\n");
  ClaimRuns runs;
  runs.bases["alone.yaml"] = metrics_of(scenario, {});
  CHECK(judged(scenario, {{"party.owner.profit", 1}}, runs)[0].verdict == Verdict::untestable);
}

TEST_CASE("claims about one thing contradict each other beyond a quarter, and a run outranks") {
  const Scenario scenario = with_claims(
      "  - {claim: \"C1: many\", about: gpus, says: [220000 gpu, 220000 gpu]}\n"
      "  - {claim: \"C2: fewer\", about: gpus, says: [100000 gpu, 180000 gpu]}\n"
      "  - {claim: \"C7: few\", about: gpus, says: [30000 gpu, 50000 gpu]}\n"
      "  - {claim: \"C9: tested\", about: gpus, metric: contract.lease.gpus.end, says: [300 gpu, "
      "400 gpu]}\n");
  const auto found = judged(scenario, {{"contract.lease.gpus.end", 320}});
  CHECK(found[0].verdict == Verdict::contradicts);
  CHECK(found[0].rivals == std::vector<std::string>{"C7", "C9"});  // 220 / 180 is within 1.25
  CHECK(found[1].rivals == std::vector<std::string>{"C7", "C9"});
  CHECK(found[2].rivals == std::vector<std::string>{"C1", "C2", "C9"});
  CHECK(found[3].verdict == Verdict::plausible);  // and still names whom it contradicts
  CHECK(found[3].rivals == std::vector<std::string>{"C1", "C2", "C7"});
}

TEST_CASE("claims about one thing that agree remain untestable without a metric") {
  const Scenario scenario = with_claims(
      "  - {claim: one, about: gpus, says: [100 gpu, 200 gpu]}\n"
      "  - {claim: other, about: gpus, says: [200 gpu, 300 gpu]}\n");
  for (const ClaimResult& claim : judged(scenario, {})) {
    CHECK(claim.verdict == Verdict::untestable);
    CHECK(claim.rivals.empty());
  }
}

TEST_CASE("an input is assumed: said by the claim, or a price that the contract sets") {
  const auto price = [](const std::string& metric, const std::string& more) {
    return judged(
        "  - {claim: an hour, metric: " + metric + more + ", says: [1 USD/gpu/h, 2 USD/gpu/h]}\n",
        {{metric, 2.3}, {"contract.lease.delivered", 1}});
  };
  CHECK(price("contract.lease.fee_per_gpu_hour", "").verdict == Verdict::assumed);
  CHECK(price("contract.lease.fee_per_gpu_hour", "").found == "2.3 USD/gpu/h");
  CHECK(price("contract.let.fee_per_gpu_hour", "").verdict == Verdict::plausible);
  CHECK(price("party.owner.cost_per_useful_gpu_hour", "").verdict == Verdict::plausible);
  CHECK(price("party.owner.cost_per_useful_gpu_hour", ", assumed: true").verdict ==
        Verdict::assumed);
  const ClaimResult growth =
      judged("  - {claim: users leave, assumed: true, says: [12 %/month, 12 %/month]}\n", {});
  CHECK(growth.verdict == Verdict::assumed);
  CHECK(growth.says == "12 %/month");
  CHECK(growth.found.empty());
}

TEST_CASE("arithmetic tests a claim on the range it is given, and keeps its note") {
  const ClaimResult months = judged(
      "  - {claim: under two years, says: [1 month, 24 month], check: {value: 34 month, note: "
      "July 2023 to May 2026, source: assumption}}\n",
      {});
  CHECK(months.test == ClaimTest::arithmetic);
  CHECK(months.found == "34 month");
  CHECK(months.note == "July 2023 to May 2026");
  CHECK(months.verdict == Verdict::implausible);
  CHECK(months.factor == doctest::Approx(34.0 / 24));
  const ClaimResult range = judged(
      "  - {claim: under two years, source: news_000, says: [1 month, 24 month], check: {value: "
      "34 month, low: 28 month, note: from the first rack}}\n",
      {});
  CHECK(range.found == "28 to 34 month");
  CHECK(range.verdict == Verdict::plausible);  // 28 / 24 is within 1.25
}

TEST_CASE("a claim is judged on the hull, which names the assumption that decides") {
  const Scenario scenario = with_claims(
      "  - {claim: power, metric: site.here.electricity.cost, says: [2 kUSD, 3 kUSD]}\n");
  const Values low{{"site.here.electricity.cost", 1000}};
  const ClaimResult never = judged(scenario, low, hull(800, 1500))[0];
  CHECK(never.verdict == Verdict::implausible);
  CHECK(never.factor == doctest::Approx(2000.0 / 1500));
  CHECK(never.found == "800 USD to 1.5 kUSD");
  CHECK(never.nearest == "a.b.high_end = 2");
  const ClaimResult once = judged(scenario, low, hull(800, 1700))[0];
  CHECK(once.verdict == Verdict::plausible);
  CHECK(once.only_with == "a.b.high_end = 2");
  CHECK(once.nearest.empty());
  const ClaimResult mostly =
      judged(scenario, {{"site.here.electricity.cost", 2500}}, hull(900, 2600))[0];
  CHECK(mostly.verdict == Verdict::plausible);
  CHECK(mostly.not_with == "a.b.low_end = 1");
  const ClaimResult always =
      judged(scenario, {{"site.here.electricity.cost", 2500}}, hull(1900, 2600))[0];
  CHECK(always.not_with.empty());
  CHECK(always.only_with.empty());
}

TEST_CASE("a claim that fits on one line takes one, any other two of at most 100 columns") {
  const Scenario scenario = with_claims(
      "  - {claim: short, metric: site.here.pue, says: [1, 1.5]}\n"
      "  - {claim: a long sentence of the press that says at length and with many words how "
      "little one pays for it all in one year, metric: site.here.electricity.cost, says: [2 kUSD, "
      "3 kUSD]}\n");
  const std::string text =
      claims_text(judged(scenario, {{"site.here.pue", 1.2}, {"site.here.electricity.cost", 200}}));
  CHECK(text ==
        "  short; says 1 to 1.5, found 1.2: plausible\n"
        "  a long sentence of the press that says at length and with many words how little one "
        "pays for ...\n"
        "    says 2 to 3 kUSD, found 200 USD: implausible by 10.0\n");
}

TEST_CASE("the table tells runs, comparisons and arithmetic apart, and whom a claim contradicts") {
  ClaimResult claim{.claim = "C2: x", .says = "2 USD", .found = "1 USD"};
  claim.verdict = Verdict::implausible;
  claim.factor = 2;
  claim.test = ClaimTest::arithmetic;
  claim.rivals = {"C1"};
  CHECK(claims_text({claim}) ==
        "  C2: x; says 2 USD, arithmetic 1 USD: implausible by 2.0, contradicts C1\n");
  claim.rivals.clear();
  claim.test = ClaimTest::comparison;
  claim.base = "alone";
  claim.as = "difference";
  claim.factor = HUGE_VAL;
  CHECK(claims_text({claim}) ==
        "  C2: x; says 2 USD, found 1 USD vs alone: implausible, other sign\n");
  claim.as = "ratio";
  claim.found = "1.3";
  claim.verdict = Verdict::plausible;
  claim.only_with = "sites.here.tariff.energy = 3 USD/MWh";
  CHECK(claims_text({claim}) ==
        "  C2: x\n"
        "    says 2 USD, found 1.3 times alone: plausible; only with sites.here.tariff.energy = 3 "
        "USD/MWh\n");
}

TEST_CASE("an assumption too long for its line keeps the last words of its path") {
  ClaimResult claim{.claim = std::string(90, 'c'), .says = "2 USD", .found = "1 USD"};
  claim.verdict = Verdict::implausible;
  claim.test = ClaimTest::run;
  claim.nearest = "sites." + std::string(60, 's') + ".tariff.energy = 3 USD/MWh";
  CHECK(claims_text({claim}) ==
        "  " + std::string(90, 'c') +
            "\n    says 2 USD, found 1 USD: implausible by 1.0; nearest with tariff.energy = 3 "
            "USD/MWh\n");
}

TEST_CASE("what a claim says gives way to the assumption that decides, its text tells it") {
  ClaimResult claim{.claim = "less than 2.6 dollars", .says = std::string(40, '2'), .found = "1"};
  claim.verdict = Verdict::plausible;
  claim.test = ClaimTest::run;
  claim.not_with = "contracts.lease.price = " + std::string(40, '3');
  CHECK(claims_text({claim}) ==
        "  less than 2.6 dollars\n    found 1: plausible; not with "
        "contracts.lease.price = " +
            std::string(40, '3') + "\n");
}

TEST_CASE("an assumption that fits nowhere else gets a line of its own, of at most 100 columns") {
  ClaimResult claim{.claim = "x", .found = std::string(60, '1')};
  claim.verdict = Verdict::plausible;
  claim.test = ClaimTest::run;
  claim.only_with = "contracts.lease.price = " + std::string(40, '3');
  CHECK(claims_text({claim}) ==
        "  x\n    found " + std::string(60, '1') +
            ": plausible\n    only with lease.price = " + std::string(40, '3') + "\n");
}

TEST_CASE("claims survive saving and loading") {
  const Scenario scenario = with_claims(
      "  - {claim: \"C9: a: b\", source: news_001, metric: party.owner.cost, over: "
      "contract.lease.delivered, against: alone.yaml, as: ratio, about: cost, says: [1, 2]}\n"
      "  - {claim: two, about: cost, check: {value: 34, low: 30, note: \"a note: 2 x 17\", source: "
      "assumption}, says: [3, 5]}\n"
      "  - {claim: bare}\n");
  const std::string saved = save(scenario);
  const Scenario again = load_text(saved);
  CHECK(save(again) == saved);
  REQUIRE(again.claims.size() == 3);
  CHECK(again.claims[0].against == "alone.yaml");
  CHECK(again.claims[1].check->base == 34);
  CHECK(again.leaves.at("claims[1].check").provenance.note == "a note: 2 x 17");
  CHECK_FALSE(again.claims[2].says);
}
