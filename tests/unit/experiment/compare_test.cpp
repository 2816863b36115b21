// Paired runs, their waterfalls and decision tables on small scenarios.
#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/base/random.hpp>
#include <colossim/experiment/compare.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/scenario/metrics.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;
namespace fs = std::filesystem;

namespace {

constexpr PartyId lab{std::size_t{0}};
constexpr PartyId startup{std::size_t{1}};

constexpr Money usd(std::int64_t amount) {
  return Money{amount * 1'000'000};
}

Result books(std::vector<std::string> causes) {
  Result result;
  result.parties = {"lab", "startup"};
  result.causes = std::move(causes);
  result.ledger = Ledger{2};
  return result;
}

/// The startup pays the lab for GPU-hours under a cause.
void rent(Result& result, std::uint16_t cause, std::int64_t amount, double gpu_hours) {
  pay(result.ledger,
      {SimTime{}, startup, Account::lease_cost, lab, Account::lease_income, cause, usd(amount)});
  result.volumes.push_back({lab, cause, Account::lease_income, gpu_hours, "gpu-h"});
  result.volumes.push_back({startup, cause, Account::lease_cost, gpu_hours, "gpu-h"});
}

Money amount(const Waterfall& waterfall, WaterfallGroup group) {
  return waterfall.step(group).amount;
}

/// Groups of a waterfall that are not zero.
std::map<std::string, Money> steps(const Waterfall& waterfall) {
  std::map<std::string, Money> found;
  for (std::size_t g = 0; g < static_cast<std::size_t>(WaterfallGroup::count); ++g) {
    const auto group = static_cast<WaterfallGroup>(g);
    if (amount(waterfall, group) != Money{})
      found[std::string{name(group)}] = amount(waterfall, group);
  }
  return found;
}

Result random_result(Stream& stream) {
  Result result = books({"a", "b", "c", "d"});
  const auto accounts = static_cast<double>(Account::count);
  const auto account = [&] { return static_cast<Account>(stream.uniform() * accounts); };
  const auto cause = [&] { return static_cast<std::uint16_t>(stream.uniform() * 4); };
  for (int i = 0; i < 60; ++i) {
    const Account debit = account();
    const Account credit = account();
    const std::uint16_t under = cause();
    const double size = exponential(stream, 1e13);
    result.ledger.post({SimTime{}, i % 2 == 0 ? lab : startup, debit, credit, under,
                        Money{math::round_to_int(size)}});
  }
  for (int i = 0; i < 40; ++i) {
    const Account of = account();
    const std::uint16_t under = cause();
    const double quantity = exponential(stream, 1e6);
    result.volumes.push_back({i % 2 == 0 ? lab : startup, under, of, i % 7 == 0 ? 0 : quantity,
                              i % 5 == 0 ? "MWh" : "gpu-h"});
  }
  return result;
}

/// Files of a comparison in a folder that disappears with the value.
struct Files {
  test::TemporaryFolder folder;

  ScenarioSource add(const std::string& name, const std::string& text) const {
    write_file(folder.path() / (name + ".yaml"), text);
    return {name, folder.path() / (name + ".yaml"), test::shipped_catalog()};
  }
};

std::string small_lease(const std::string& price) {
  return test::small_site() + test::small_service("tenant") +
         "contracts: {lease: {kind: lease, owner: owner, tenant: tenant, site: here, gpus: 320 "
         "gpu, price: " +
         price + " USD/gpu/h, ramp: 320 gpu/d}}\n";
}

std::vector<ScenarioSource> two_leases(const Files& files) {
  return {files.add("keep", test::small_site() + test::small_jobs("owner")),
          files.add("lease", small_lease("2"))};
}

std::string error_of(std::vector<ScenarioSource> sources) {
  try {
    load_paired(sources);
    return {};
  } catch (const ScenarioError& error) {
    return error.what();
  }
}

std::string error_of(const std::vector<ScenarioSource>& sources,
                     const std::vector<WeightedWorld>& worlds) {
  try {
    decision_table(sources, worlds);
    return {};
  } catch (const ScenarioError& error) {
    return error.what();
  }
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every account of the P&L has a group in the waterfall, the balance sheet has none") {
  for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
    const auto account = static_cast<Account>(a);
    CAPTURE(name(account));
    CHECK((group_of(account) == WaterfallGroup::other) ==
          (account_class(account) < AccountClass::income));
  }
}

TEST_CASE("a lease at another price and size differs in price and volume, on both sides") {
  Result base = books({"contract.lease"});
  rent(base, 0, 2000, 1000);
  Result other = books({"site.here", "contract.lease"});
  rent(other, 1, 2100, 1200);
  INFO("1,000 at $2.00 and 1,200 at $1.75: price -275, volume 375");
  const Waterfall lab_side = waterfall_of(base, other, "lab");
  CHECK(lab_side.difference == usd(100));
  CHECK(steps(lab_side) ==
        std::map<std::string, Money>{{"price", usd(-275)}, {"volume", usd(375)}});
  CHECK(steps(waterfall_of(base, other, "startup")) ==
        std::map<std::string, Money>{{"price", usd(275)}, {"volume", usd(-375)}});
  CHECK(lab_side.rows.front().cause == "contract.lease");
  CHECK(lab_side.rows.front().unit == "gpu-h");
}

TEST_CASE("a contract that takes another's place is held against it") {
  Result base = books({"contract.long"});
  rent(base, 0, 2000, 1000);
  Result other = books({"contract.short", "contract.spot"});
  rent(other, 0, 1500, 700);
  rent(other, 1, 600, 500);
  INFO("together 2,100 for 1,200: as one contract at $1.75");
  const Waterfall waterfall = waterfall_of(base, other, "lab");
  CHECK(steps(waterfall) ==
        std::map<std::string, Money>{{"price", usd(-275)}, {"volume", usd(375)}});
  REQUIRE(waterfall.rows.size() == 1);
  CHECK(waterfall.rows.front().cause == "contract.long -> contract.short + contract.spot");
}

TEST_CASE("a contract that only one side has is volume") {
  Result other = books({"contract.lease"});
  rent(other, 0, 2100, 1200);
  CHECK(steps(waterfall_of(books({}), other, "lab")) ==
        std::map<std::string, Money>{{"volume", usd(2100)}});
  CHECK(steps(waterfall_of(other, books({}), "lab")) ==
        std::map<std::string, Money>{{"volume", usd(-2100)}});
}

TEST_CASE("what has no quantity is one amount in its group") {
  Result base = books({"contract.lease", "site.here"});
  pay(base.ledger,
      {SimTime{}, startup, Account::share_cost, lab, Account::share_income, 0, usd(9)});
  Result other = books({"contract.lease", "site.here"});
  pay(other.ledger,
      {SimTime{}, startup, Account::share_cost, lab, Account::share_income, 0, usd(4)});
  pay(other.ledger,
      {SimTime{}, lab, Account::credit_cost, startup, Account::credit_income, 0, usd(3)});
  pay(other.ledger,
      {SimTime{}, lab, Account::water_cost, startup, Account::supply_income, 1, usd(2)});
  other.ledger.post({SimTime{}, lab, Account::depreciation, Account::equipment, 1, usd(7)});
  CHECK(steps(waterfall_of(base, other, "lab")) ==
        std::map<std::string, Money>{
            {"trade", usd(-5)}, {"sla", usd(-3)}, {"water", usd(-2)}, {"depreciation", usd(-7)}});
}

TEST_CASE("energy is one group that tells what price and volume moved in it") {
  Result base = books({"site.here"});
  base.ledger.post({SimTime{}, lab, Account::energy_cost, Account::cash, 0, usd(2000)});
  base.volumes.push_back({lab, 0, Account::energy_cost, 1000, "MWh"});
  Result other = books({"site.here"});
  other.ledger.post({SimTime{}, lab, Account::energy_cost, Account::cash, 0, usd(2100)});
  other.volumes.push_back({lab, 0, Account::energy_cost, 1200, "MWh"});
  const WaterfallStep energy = waterfall_of(base, other, "lab").step(WaterfallGroup::energy);
  CHECK(energy.amount == usd(-100));
  CHECK(energy.by_price == usd(275));
  CHECK(energy.by_volume == usd(-375));
}

TEST_CASE("quantities in different units are no quantity") {
  Result base = books({"contract.lease"});
  rent(base, 0, 2000, 1000);
  Result other = books({"contract.lease"});
  rent(other, 0, 2100, 1200);
  other.volumes[0].unit = "month";
  CHECK(steps(waterfall_of(base, other, "lab")) ==
        std::map<std::string, Money>{{"trade", usd(100)}});
  other.volumes[0].unit = "gpu-h";
  other.volumes.push_back({lab, 0, Account::lease_income, 3, "month"});
  CHECK(steps(waterfall_of(base, other, "lab")) ==
        std::map<std::string, Money>{{"trade", usd(100)}});
}

TEST_CASE("a party that a run does not know has earned nothing in it") {
  Result other = books({"contract.lease"});
  rent(other, 0, 2100, 1200);
  other.parties[0] = "laboratory";
  CHECK(waterfall_of(books({}), other, "lab").rows.empty());
  CHECK(waterfall_of(books({}), other, "laboratory").difference == usd(2100));
}

TEST_CASE("waterfalls of a thousand random pairs of books add up to the micro-dollar") {
  Stream stream{StreamName{.seed = 8, .path = "compare", .purpose = "books"}};
  for (int i = 0; i < 1000; ++i) {
    const Result base = random_result(stream);
    const Result other = random_result(stream);
    for (const char* party : {"lab", "startup"}) {
      const Waterfall waterfall = waterfall_of(base, other, party);
      Money rows;
      for (const WaterfallRow& row : waterfall.rows) rows += row.parts.total();
      Money sum;
      for (const auto& [group, step] : steps(waterfall)) sum += step;
      CAPTURE(i);
      REQUIRE(rows == waterfall.difference);
      REQUIRE(sum == waterfall.difference);
    }
  }
}

TEST_CASE("a comparison finds owner and tenant and explains the owner's gain") {
  const Files files;
  std::vector<ScenarioSource> sources = two_leases(files);
  const Comparison comparison = compare(sources, load_paired(sources));
  CHECK(comparison.owner == "owner");
  CHECK(comparison.tenant == "tenant");
  REQUIRE(comparison.scenarios.size() == 2);
  const ComparedScenario& lease = comparison.scenarios[1];
  const PartyOutcome& owner = lease.parties.at("owner");
  CHECK(owner.revenue == doctest::Approx(lease.result.metric("contract.lease.fee")));
  CHECK(owner.profit == doctest::Approx(lease.result.metric("party.owner.profit")));
  CHECK(owner.npv < owner.cash);
  CHECK(owner.profit_gain.value ==
        doctest::Approx(owner.profit - comparison.scenarios[0].parties.at("owner").profit));
  CHECK(owner.profit_gain.half_width == 0);
  CHECK(owner.break_even.value_or(0) > 0);
  CHECK(lease.parties.at("tenant").cost_per_useful().value_or(0) > 2);
  CHECK_FALSE(owner.cost_per_useful().has_value());
  CHECK(comparison.scenarios[0].waterfalls.empty());
  for (const Waterfall& waterfall : lease.waterfalls) {
    CHECK(waterfall.difference.quantity().base() ==
          doctest::Approx(lease.parties.at(waterfall.party).profit_gain.value));
  }
}

TEST_CASE("all scenarios run on the first one's seed and replication") {
  const Files files;
  std::vector<ScenarioSource> sources{files.add("a", small_lease("2") + "seed: 7\n"),
                                      files.add("b", small_lease("2") + "seed: 8\n")};
  sources[0].options.overrides.push_back({"replication", "3"});
  const std::vector<Scenario> scenarios = load_paired(sources);
  CHECK(scenarios[1].seed == 7);
  CHECK(scenarios[1].replication == 3);
  const Comparison comparison = compare(sources, scenarios);
  CHECK(comparison.scenarios[1].waterfalls.empty());
  CHECK(comparison.scenarios[1].parties.at("owner").npv_gain.value == 0);
}

TEST_CASE("a comparison is the same on one thread and on several") {
  const Files files;
  std::vector<ScenarioSource> sources = two_leases(files);
  const std::vector<Scenario> scenarios = load_paired(sources);
  std::vector<std::string> texts;
  for (const unsigned threads : {1U, 2U, 7U}) {
    std::size_t calls = 0;
    const Comparison comparison = compare(
        sources, scenarios,
        {.replications = 3, .threads = threads, .progress = [&](std::size_t done, std::size_t all) {
           CHECK(done == ++calls);
           CHECK(all == 6);
         }});
    texts.push_back(compare_json(comparison, "1"));
  }
  CHECK(texts[0] == texts[1]);
  CHECK(texts[0] == texts[2]);
}

TEST_CASE("replications give means, and intervals of the paired difference") {
  const Files files;
  std::vector<ScenarioSource> sources = two_leases(files);
  std::vector<double> gains;
  double useful = 0;
  for (const char* replication : {"0", "1", "2"}) {
    std::vector<ScenarioSource> single = sources;
    single[0].options.overrides.push_back({"replication", replication});
    const Comparison one = compare(single, load_paired(single));
    gains.push_back(one.scenarios[1].parties.at("owner").npv_gain.value);
    useful += one.scenarios[0].parties.at("owner").useful / 3;
  }
  CHECK(gains[0] != gains[1]);
  const Comparison all = compare(sources, load_paired(sources), {.replications = 3});
  const PartyOutcome& owner = all.scenarios[1].parties.at("owner");
  const auto metrics = metric_definitions(all.scenarios[1].scenario);
  const auto profit = std::find_if(metrics.begin(), metrics.end(), [](const MetricDefinition& d) {
    return d.name == "party.owner.profit";
  });
  REQUIRE(profit != metrics.end());
  const auto gain =
      all.scenarios[1].metric_gains[static_cast<std::size_t>(profit - metrics.begin())];
  REQUIRE(gain.has_value());
  CHECK(gain->value == doctest::Approx(owner.profit_gain.value));
  CHECK(gain->half_width == doctest::Approx(owner.profit_gain.half_width));
  CHECK(owner.npv_gain.value == doctest::Approx(estimate(gains).value));
  CHECK(owner.npv_gain.half_width == doctest::Approx(estimate(gains).half_width));
  CHECK(all.scenarios[0].parties.at("owner").useful == doctest::Approx(useful));
  for (const Waterfall& waterfall : all.scenarios[1].waterfalls) {
    CHECK(waterfall.difference.quantity().base() / 3 ==
          doctest::Approx(all.scenarios[1].parties.at(waterfall.party).profit_gain.value));
  }
}

TEST_CASE("scenarios of different length are refused with both files' names") {
  const Files files;
  std::vector<ScenarioSource> sources{files.add("short", small_lease("2")),
                                      files.add("long", small_lease("2"))};
  sources[1].options.overrides.push_back({"duration", "31 d"});
  const std::string length = error_of(sources);
  CHECK(holds(length, "short.yaml covers 30 days"));
  CHECK(holds(length, "long.yaml covers 31 days"));
  sources[1].options.overrides.back() = {"start", "2026-05-07"};
  CHECK(holds(error_of(sources), "start: "));
}

TEST_CASE("parties that no scenario has are refused before anything runs") {
  const Files files;
  std::vector<ScenarioSource> sources = two_leases(files);
  CHECK_THROWS_AS(compare(sources, load_paired(sources), {.owner = "onwer"}), ScenarioError);
  CHECK_THROWS_AS(decision_table(sources, {}, {.tenant = "tennant"}), ScenarioError);
}

TEST_CASE("a broken run ends a comparison with its own error") {
  const Files files;
  std::vector<ScenarioSource> sources = two_leases(files);
  std::vector<Scenario> scenarios = load_paired(sources);
  write_file(sources[1].file, "schema: 1\n");
  CHECK_THROWS_AS(compare(sources, scenarios, {.replications = 2, .threads = 2}), ScenarioError);
}

TEST_CASE("a decision table weighs worlds and passes over what a strategy does not have") {
  const Files files;
  const std::vector<ScenarioSource> sources = two_leases(files);
  const std::vector<WeightedWorld> worlds{
      {"cheap", 1, {{"contracts.lease.price", "1 USD/gpu/h"}}},
      {"dear", 3, {{"contracts.lease.price", "3 USD/gpu/h"}, {"record.every", "2 h"}}}};
  const DecisionTable table = decision_table(sources, worlds);
  CHECK(table.worlds[0].weight == doctest::Approx(0.25));
  CHECK(table.worlds[1].skipped == std::vector<std::string>{"keep: contracts.lease.price"});
  std::vector<double> gains;
  for (const char* price : {"1", "3"}) {
    std::vector<ScenarioSource> pair{sources[0], files.add("other", small_lease(price))};
    gains.push_back(
        compare(pair, load_paired(pair)).scenarios[1].parties.at("owner").npv_gain.value);
  }
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0].owner.mean == 0);
  CHECK(table.rows[1].owner.mean == doctest::Approx(0.25 * gains[0] + 0.75 * gains[1]));
  CHECK(table.rows[1].owner.low == doctest::Approx(gains[0]));
  CHECK(table.rows[0].owner.greatest_regret == doctest::Approx(gains[1]));
  CHECK(table.rows[1].tenant.loss_probability == doctest::Approx(1));
}

TEST_CASE("worlds that fit no strategy, break a scenario or its pairing are refused by name") {
  const Files files;
  const std::vector<ScenarioSource> sources = two_leases(files);
  CHECK(holds(error_of(sources, {{"odd", 1, {{"contracts.leese.price", "1 USD/gpu/h"}}}}),
              "--world odd: contracts.leese.price: no strategy has contracts.leese; did you mean "
              "\"contracts.lease\"?"));
  CHECK(holds(error_of(sources, {{"odd", 1, {{"contracts.lease.price", "1 MW"}}}}),
              "--world odd: contracts.lease.price: "));
  CHECK(holds(error_of(sources, {{"odd", 1, {{"seed", "4"}}}}), "give --seed or --reps"));
  CHECK(holds(error_of(sources, {{"odd", 1, {{"contracts.lease.pric", "1 USD/gpu/h"}}}}),
              "unknown key \"pric\""));
}
