// The comparison's screen and its JSON.
#include <algorithm>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <colossim/base/random.hpp>
#include <colossim/report/compare_text.hpp>
#include <colossim/report/metric_differences.hpp>
#include <colossim/scenario/metrics.hpp>

using namespace colossim;

namespace {

Money usd(double amount) {
  return to_money(Dollars{amount});
}

Waterfall lease_waterfall(const std::string& party, double sign) {
  const auto part = [&](double amount) { return usd(sign * amount); };
  return {
      party,
      part(4.1e9 + 13.9e6 - 2.5e6),
      {{WaterfallGroup::trade,
        Account::lease_income,
        "contract.lease",
        "gpu-h",
        {part(-0.9e9), part(4.9e9), {}}},
       {WaterfallGroup::trade, Account::share_income, "contract.share", "", {{}, {}, part(1e8)}},
       {WaterfallGroup::energy,
        Account::energy_cost,
        "site.a",
        "MWh",
        {part(4.0e6), part(9.9e6), {}}},
       {WaterfallGroup::sla, Account::credit_cost, "contract.lease", "", {{}, {}, part(-2.5e6)}}}};
}

PartyOutcome outcome(double size) {
  PartyOutcome p;
  p.revenue = size;
  p.cost = size / 2;
  p.profit = size / 2;
  p.cash = size / 3;
  p.npv = size / 4;
  p.useful = 1.3e9;
  p.running_cost = size / 8;
  p.rate = 0.12;
  p.profit_gain = {size / 5, 0};
  p.npv_gain = {size / 6, 0};
  return p;
}

/// `count` scenarios; the first is the base.
Comparison comparison(std::size_t count) {
  Comparison comparison{"xai", "anthropic", 1, {}};
  for (std::size_t s = 0; s < count; ++s) {
    ComparedScenario each;
    each.name = s == 0 ? "colossus_1" : "lease_with_reclaim_for_three_years";
    each.scenario.start = std::chrono::year{2026} / 5 / 6;
    each.scenario.parties["xai"].title = "X.AI Corp.";
    each.scenario.parties["anthropic"].title = "Anthropic PBC";
    each.scenario.parties["mlgw"].title = "Power";
    for (const MetricDefinition& definition : metric_definitions(each.scenario)) {
      each.metrics.push_back(definition.factor * static_cast<double>(s + 1));
      each.metric_gains.push_back(Estimate{definition.factor * static_cast<double>(s), 0});
    }
    each.parties["xai"] = outcome(4.1e9);
    each.parties["anthropic"] = outcome(-4.1e9);
    if (s > 0) each.waterfalls = {lease_waterfall("xai", 1), lease_waterfall("anthropic", -1)};
    comparison.scenarios.push_back(std::move(each));
  }
  return comparison;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Columns on a screen: bytes that continue a letter take none.
std::size_t width(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

/// The line that begins with `start`, blanks squeezed.
std::string row(const std::string& text, const std::string& start) {
  for (const std::string& line : lines_of(text)) {
    if (!line.starts_with(start)) continue;
    std::string squeezed;
    for (const char c : line) {
      if (c != ' ' || !squeezed.ends_with(' ')) squeezed += c;
    }
    return squeezed;
  }
  return "";
}

/// The textbook definition of a pattern: try every length for a star.
bool matches_by_definition(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip) {
      if (matches_by_definition(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  return !text.empty() && text.front() == pattern.front() &&
         matches_by_definition(pattern.substr(1), text.substr(1));
}

DecisionTable decision() {
  DecisionTable table{"xai", "anthropic", 2, {}, {}};
  table.worlds = {
      {"calm", 0.75, {}, {}},
      {"dear", 0.25, {{"sites.a.tariff.energy", "90 USD/MWh"}}, {"keep: contracts.x.y"}}};
  table.rows = {{"keep", {}, {}},
                {"lease", {2e8, -1.5e8, 0.25, 3e7, 4.2e8}, {-1e8, -2e8, 1, 0, 0}}};
  return table;
}

}  // namespace

TEST_CASE("two scenarios show books, gains and the waterfall with what moved each step") {
  const std::string text = compare_text(comparison(2));
  CHECK(row(text, "COMPARE") == "COMPARE 2026-05-06 + 365.0 d seed 1 NPV at 12 %/yr");
  CHECK(row(text, "OWNER") == "OWNER xai, MUSD revenue cost profit cash NPV useful USD each");
  CHECK(row(text, "A colossus_1") ==
        "A colossus_1 4,100.0 2,050.0 2,050.0 1,366.7 1,025.0 1.300 Ggpu-h 0.394");
  CHECK(row(text, "AGAINST A, MUSD") ==
        "AGAINST A, MUSD owner's profit NPV tenant's profit NPV gains");
  CHECK(text.find("820.0            683.3           -820.0           -683.3   owner\n") !=
        std::string::npos);
  CHECK(row(text, "WHY xai, MUSD") == "WHY xai, MUSD B - A of it: by price by volume the rest");
  INFO("price -900, volume 4,900, unpriced share 100, energy 4.0 + 9.9, credits -2.5");
  CHECK(row(text, "  price") == " price -900.0");
  CHECK(row(text, "  volume") == " volume 4,900.0");
  CHECK(row(text, "  trade") == " trade 100.0");
  CHECK(row(text, "  energy") == " energy 13.9 4.0 9.9 0.0");
  CHECK(row(text, "  sla") == " sla -2.5");
  CHECK(row(text, "  profit") == " profit 4,111.4");
}

TEST_CASE("ten scenarios fit one screen of 100 columns and 50 lines") {
  for (const std::size_t count :
       {std::size_t{2}, std::size_t{5}, std::size_t{9}, std::size_t{10}}) {
    Comparison ten = comparison(count);
    for (const std::int64_t replications : {1, 20}) {
      ten.replications = replications;
      for (ComparedScenario& each : ten.scenarios) {
        for (auto& [party, p] : each.parties) {
          p.profit_gain.half_width = replications > 1 ? 123.4e6 : 0;
          p.break_even = 2.669;
        }
      }
      const std::vector<std::string> lines = lines_of(compare_text(ten));
      CAPTURE(count);
      CHECK(lines.size() <= 50);
      for (const std::string& line : lines) CHECK_MESSAGE(width(line) <= 100, line);
    }
  }
}

TEST_CASE("the waterfall of a party that was asked for stands alone") {
  const std::string text = compare_text(comparison(3), {.party = "anthropic"});
  CHECK(row(text, "WHY xai").empty());
  CHECK(row(text, "WHY anthropic") == "WHY anthropic, MUSD B - A C - A");
  CHECK(row(text, "  price") == " price 900.0 900.0");
}

TEST_CASE("amounts of a waterfall are means over replications") {
  Comparison two = comparison(2);
  two.replications = 4;
  CHECK(row(compare_text(two), "  volume") == " volume 1,225.0");
  const auto json = nlohmann::json::parse(compare_json(two, "1"));
  CHECK(json["scenarios"][1]["waterfalls"][0]["steps_usd"]["volume"] == 1.225e9);
}

TEST_CASE("intervals stand beside gains, and a gain within its interval is nobody's") {
  Comparison two = comparison(2);
  two.replications = 3;
  PartyOutcome& owner = two.scenarios[1].parties["xai"];
  owner.npv_gain = {5e6, 7e6};
  const std::string text = compare_text(two);
  CHECK(text.find("5.0 ±7.0") != std::string::npos);
  CHECK(text.find("nobody") != std::string::npos);
  owner.npv_gain = {8e6, 7e6};
  CHECK(compare_text(two).find("nobody") == std::string::npos);
}

TEST_CASE("useful work that brings nothing is named, unless it is valued or the party does none") {
  Comparison three = comparison(3);
  three.scenarios[0].parties["xai"].work_income = 1;
  three.scenarios[1].parties["xai"].own_work = 1;
  three.scenarios[1].parties["anthropic"].useful = 0;
  const std::string text = compare_text(three);
  CHECK(text.find("  what the work of xai brings is not modelled in C\n") != std::string::npos);
  CHECK(text.find("  what the work of anthropic brings is not modelled in A C\n") !=
        std::string::npos);
}

TEST_CASE("the worth of a GPU-hour that decides stands beside what one costs elsewhere") {
  Comparison three = comparison(3);
  three.scenarios[1].parties["xai"].break_even = 2.669;
  three.scenarios[2].parties["xai"].break_even = -1.0;
  three.scenarios[1].parties["anthropic"].break_even = 3.134;
  three.scenarios[1].parties["anthropic"].elsewhere = 2.35;
  const std::string text = compare_text(three);
  CHECK(row(text, "  as good as A for xai") ==
        " as good as A for xai when an hour of its own jobs is worth, USD: B 2.669");
  CHECK(
      row(text, "  as good as A for anthropic") ==
      " as good as A for anthropic when an hour of its own jobs is worth, USD (elsewhere 2.350): B "
      "3.134");
}

TEST_CASE("metrics that match and differ stand side by side, a table for each scenario") {
  Comparison pair = comparison(2);
  const auto metric = [&](const char* name) {
    const auto all = metric_definitions(pair.scenarios[1].scenario);
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const MetricDefinition& d) { return d.name == name; });
    return static_cast<std::size_t>(found - all.begin());
  };
  pair.scenarios[1].metric_gains[metric("party.xai.cash")] = Estimate{0, 0};
  const std::string two = compare_text(pair, {.metrics = "party.xai.*"});
  CHECK(row(two, "METRICS") == "METRICS THAT DIFFER A B B - A of A");
  CHECK(row(two, "  party.xai.revenue") ==
        " party.xai.revenue 1.000 USD 2.000 USD 1.000 USD 100.00 %");
  CHECK(row(two, "  party.xai.cash").empty());
  CHECK(row(two, "  1 is equal") == " 1 is equal in A and B");
  CHECK(row(two, "  ladder").empty());
  pair.replications = 3;
  pair.scenarios[1].metric_gains[metric("party.xai.revenue")] = Estimate{1, 0.25};
  CHECK(row(compare_text(pair, {.metrics = "party.xai.*"}), "  party.xai.revenue") ==
        " party.xai.revenue 1.000 USD 2.000 USD 1.000 USD ±0.250 USD 100.00 ±25.00 %");
  const std::string ten = compare_text(comparison(10), {.metrics = "*useful"});
  CHECK(row(ten, "METRICS") == "METRICS THAT DIFFER A B B - A of A");
  CHECK(holds(ten, "J - A"));
  for (const std::string& line : lines_of(ten)) CHECK_MESSAGE(width(line) <= 100, line);
}

TEST_CASE("two scenarios end with the metrics that differ most, as far as the screen goes") {
  Comparison two = comparison(2);
  two.scenarios[1].metric_gains.back() = Estimate{-40, 0};
  const std::string text = compare_text(two);
  const std::vector<std::string> lines = lines_of(text);
  CHECK(lines.size() <= 50);
  CHECK(row(text, "METRICS") == "METRICS, what differs most A B B - A of A");
  CHECK(holds(lines.back(), "that differ; --metrics '*' shows all"));
  const auto head = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("METRICS");
  });
  CHECK(holds(head[1], metric_definitions(two.scenarios[1].scenario).back().name));
}

TEST_CASE("a condition is met by the mean difference, absolute or relative to the base") {
  Comparison two = comparison(2);
  const std::vector<MetricDefinition> known = metric_definitions(two.scenarios[0].scenario);
  const auto met = [&](const char* text) {
    const std::vector<MetricCondition> conditions{parse_condition(text, known)};
    return met_conditions(two, conditions).size();
  };
  for (const char* text : {"xai.profit > 99 %", "party.xai.profit >= 1 USD", "xai.profit < 101%"})
    CHECK_MESSAGE(met(text) == 1, text);
  for (const char* text : {"xai.profit > 100 %", "xai.profit > 1 USD", "xai.profit < -1 %"})
    CHECK_MESSAGE(met(text) == 0, text);
  two.scenarios[0].metrics.assign(two.scenarios[0].metrics.size(), 0);
  CHECK(met("xai.profit > 5000 %") == 1);  // from nothing
  two.scenarios[1].scenario.parties.erase("xai");
  two.scenarios[1].metrics.resize(metric_definitions(two.scenarios[1].scenario).size());
  CHECK(met("xai.profit < -1 %") == 1);  // it is gone
}

TEST_CASE("CSV has a line per metric and scenario") {
  Comparison three = comparison(3);
  three.scenarios[2].name = "a, b";
  const std::vector<std::string> lines = lines_of(compare_csv(three, "party.xai.profit"));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "scenario,metric,unit,base,value,difference,half_width_95,relative");
  CHECK(lines[1] == "lease_with_reclaim_for_three_years,party.xai.profit,USD,1,2,1,,1");
  CHECK(lines[2] == "\"a, b\",party.xai.profit,USD,1,3,2,,2");
}

TEST_CASE("a metric that a scenario does not report is a dash") {
  Comparison two = comparison(2);
  two.scenarios[1].scenario.parties.erase("mlgw");
  two.scenarios[1].metrics.resize(metric_definitions(two.scenarios[1].scenario).size());
  CHECK(row(compare_text(two, {.metrics = "party.mlgw.cash"}), "  party.mlgw.cash") ==
        " party.mlgw.cash 1.000 USD - - -");
}

TEST_CASE("colour appears only when asked for and moves no column") {
  const std::string plain = compare_text(comparison(3));
  const std::string colour = compare_text(comparison(3), {.colour = true});
  CHECK(plain.find('\033') == std::string::npos);
  CHECK(colour.find("\033[32m") != std::string::npos);
  CHECK(colour.find("\033[31m") != std::string::npos);
  std::string stripped;
  for (std::size_t i = 0; i < colour.size(); ++i) {
    if (colour[i] == '\033') i = colour.find('m', i) + 1;
    if (colour[i] == '\033') {
      --i;
      continue;
    }
    stripped += colour[i];
  }
  CHECK(stripped == plain);
}

TEST_CASE("a comparison without a tenant shows the owner alone") {
  Comparison two = comparison(2);
  two.tenant.clear();
  for (ComparedScenario& each : two.scenarios) each.parties.erase("anthropic");
  const std::string text = compare_text(two);
  CHECK(row(text, "TENANT").empty());
  CHECK(text.find("owner\n") != std::string::npos);
}

TEST_CASE("a star stands for any text, everything else for itself") {
  CHECK(matches("party.*.npv", "party.xai.npv"));
  CHECK(matches("*", ""));
  CHECK_FALSE(matches("", "a"));
  CHECK_FALSE(matches("party.xai", "party.xai.npv"));
  CHECK_FALSE(matches("PUE", "pue"));
  CHECK(matches_metric("xai.npv", "party.xai.npv"));
  CHECK(matches_metric("party.*", "party.xai.npv"));
  CHECK_FALSE(matches_metric("xai.npv", "party.x.xai.npv"));
  Stream stream{StreamName{.seed = 9, .path = "compare", .purpose = "patterns"}};
  const auto random_text = [&](std::string_view letters, double most) {
    std::string text;
    for (auto n = static_cast<int>(stream.uniform() * most); n > 0; --n)
      text +=
          letters[static_cast<std::size_t>(stream.uniform() * static_cast<double>(letters.size()))];
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string pattern = random_text("ab**", 8);
    const std::string text = random_text("ab", 9);
    CAPTURE(pattern);
    CAPTURE(text);
    REQUIRE(matches(pattern, text) == matches_by_definition(pattern, text));
  }
}

TEST_CASE("a pattern of many stars does not take for ever") {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "a*";
  CHECK_FALSE(matches(pattern + "b", std::string(5000, 'a')));
}

TEST_CASE("JSON holds every party, step, metric and month") {
  Comparison two = comparison(2);
  two.scenarios[1].statements.months = {std::chrono::year{2026} / 5 / 1};
  two.scenarios[1].statements.parties = {
      {"xai", {{Account::cash, {usd(12.5)}}}, {usd(3)}, {usd(12.5)}, {}}};
  const auto json = nlohmann::json::parse(compare_json(two, "1.2.3"));
  CHECK(json["colossim"] == "1.2.3");
  CHECK(json["owner"] == "xai");
  const auto& base = json["scenarios"][0];
  const auto& lease = json["scenarios"][1];
  CHECK_FALSE(base["parties"]["xai"].contains("npv_gain_usd"));
  CHECK(lease["parties"]["xai"]["npv_gain_usd"]["value"] == doctest::Approx(4.1e9 / 6));
  CHECK(lease["parties"]["xai"]["gain_irr"].is_null());
  double steps = 0;
  for (const auto& step : lease["waterfalls"][0]["steps_usd"]) steps += step.get<double>();
  CHECK(steps == doctest::Approx(lease["waterfalls"][0]["profit_gain_usd"].get<double>()));
  CHECK(lease["metrics"]["party.xai.cash"]["unit"] == "USD");
  CHECK(lease["statements"]["months"][0] == "2026-05");
  CHECK(lease["statements"]["parties"]["xai"]["accounts_usd"]["cash"][0] == 12.5);
  CHECK(nlohmann::json::parse(compare_json(two, "1", "party.xai.cash"))["scenarios"][0]["metrics"]
            .size() == 1);
}

TEST_CASE("a decision table shows worlds, what they change and what each strategy is worth") {
  const std::string text = decision_text(decision());
  CHECK(row(text, "DECIDE") == "DECIDE 2 strategies, 2 worlds x 2 replications; NPV against keep");
  CHECK(row(text, "  calm") == " calm 75.0 %");
  CHECK(row(text, "      sites") == " sites.a.tariff.energy = 90 USD/MWh");
  CHECK(row(text, "      not in") == " not in keep: contracts.x.y");
  CHECK(row(text, "B lease") == "B lease 200.0 -150.0 25.0 % 30.0 420.0");
  for (const std::string& line : lines_of(text)) CHECK_MESSAGE(width(line) <= 100, line);
  CHECK(decision_text(decision(), true).find("\033[31m") != std::string::npos);
  const auto json = nlohmann::json::parse(decision_json(decision(), "1"));
  CHECK(json["strategies"][1]["owner"]["p5_usd"] == -1.5e8);
  CHECK(json["worlds"][1]["changes"]["sites.a.tariff.energy"] == "90 USD/MWh");
}
