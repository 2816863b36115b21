// Comparisons and decision tables for machines.
#include <nlohmann/json.hpp>

#include <colossim/base/calendar.hpp>
#include <colossim/report/compare_text.hpp>
#include <colossim/report/metric_differences.hpp>

namespace colossim {

namespace {

using Json = nlohmann::ordered_json;

double usd(Money amount) {
  return amount.quantity().base();
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// A single run has no interval.
Json estimate(const Estimate& estimate, std::int64_t replications) {
  Json json{{"value", estimate.value}, {"half_width", nullptr}};
  if (replications > 1) json["half_width"] = estimate.half_width;
  return json;
}

Json outcome(const PartyOutcome& p, bool is_base, std::int64_t replications) {
  Json json{{"revenue_usd", p.revenue},
            {"cost_usd", p.cost},
            {"profit_usd", p.profit},
            {"cash_usd", p.cash},
            {"npv_usd", p.npv},
            {"own_work_usd", p.own_work},
            {"residual_value_usd", p.residual},
            {"discount", p.rate},
            {"work_income_usd", p.work_income},
            {"useful_gpu_h", p.useful},
            {"running_cost_usd", p.running_cost},
            {"cost_usd_per_useful_gpu_h", or_null(p.cost_per_useful())},
            {"elsewhere_usd_per_gpu_h", or_null(p.elsewhere)}};
  if (is_base) return json;
  json["profit_gain_usd"] = estimate(p.profit_gain, replications);
  json["npv_gain_usd"] = estimate(p.npv_gain, replications);
  json["gain_irr"] = or_null(p.irr);
  json["gain_payback_month"] = or_null(p.payback);
  json["break_even_usd_per_useful_gpu_h"] = or_null(p.break_even);
  return json;
}

Json amounts(const std::vector<Money>& months) {
  Json list = Json::array();
  for (const Money month : months) list.push_back(usd(month));
  return list;
}

Json statements(const Statements& statements) {
  Json months = Json::array();
  for (const Date& month : statements.months) months.push_back(to_string(month).substr(0, 7));
  Json parties = Json::object();
  for (const PartyStatement& party : statements.parties) {
    Json accounts = Json::object();
    for (const AccountMonths& row : party.accounts)
      accounts[std::string{name(row.account)}] = amounts(row.change);
    parties[party.party] = {{"profit_usd", amounts(party.profit)},
                            {"cash_usd", amounts(party.cash)},
                            {"accounts_usd", accounts}};
  }
  return {{"months", months}, {"parties", parties}};
}

Json metrics(const Comparison& comparison, std::size_t s, std::string_view pattern) {
  Json object = Json::object();
  for (const MetricDifference& row : metric_differences(comparison, s, pattern)) {
    if (!row.value) continue;
    Json& metric = object[row.name] = {{"value", *row.value}, {"unit", row.unit}};
    if (s == 0 || !row.gain) continue;
    metric["gain"] = estimate(*row.gain, comparison.replications);
    const auto relative = row.relative();
    metric["relative_gain"] =
        relative ? estimate(*relative, comparison.replications) : Json(nullptr);
  }
  return object;
}

/// Amounts per replication.
Json waterfall(const Waterfall& waterfall, double replications) {
  const auto mean = [&](Money sum) { return usd(sum) / replications; };
  Json steps = Json::object();
  for (std::size_t g = 0; g < static_cast<std::size_t>(WaterfallGroup::count); ++g) {
    const auto group = static_cast<WaterfallGroup>(g);
    const WaterfallStep step = waterfall.step(group);
    if (step.amount != Money{}) steps[std::string{name(group)}] = mean(step.amount);
  }
  const auto parts = [&](const VolumeParts& by) {
    Json object = Json::object();
    for (std::size_t part = 0; part < by.size(); ++part)
      if (by[part] != Money{}) object[std::string{volume_part_name(part)}] = mean(by[part]);
    return object;
  };
  Json rows = Json::array();
  for (const WaterfallRow& row : waterfall.rows) {
    rows.push_back({{"account", name(row.account)},
                    {"cause", row.cause},
                    {"group", name(row.group)},
                    {"unit", row.unit},
                    {"price_usd", mean(row.parts.price)},
                    {"volume_usd", mean(row.parts.volume)},
                    {"volume_by_usd", parts(row.parts.volume_by)},
                    {"unpriced_usd", mean(row.parts.unpriced)}});
  }
  return {{"party", waterfall.party},
          {"profit_gain_usd", mean(waterfall.difference)},
          {"steps_usd", steps},
          {"volume_by_usd", parts(waterfall.volume_by(WaterfallGroup::trade))},
          {"work_volume_by_usd", parts(waterfall.volume_by(WaterfallGroup::work))},
          {"rows", rows}};
}

Json scenario(const Comparison& comparison, std::size_t s, std::string_view pattern) {
  const ComparedScenario& compared = comparison.scenarios[s];
  Json parties = Json::object();
  for (const auto& [party, each] : compared.parties)
    parties[party] = outcome(each, s == 0, comparison.replications);
  Json waterfalls = Json::array();
  for (const Waterfall& each : compared.waterfalls)
    waterfalls.push_back(waterfall(each, static_cast<double>(comparison.replications)));
  return {{"name", compared.name},
          {"file", compared.file},
          {"title", compared.scenario.name},
          {"parties", parties},
          {"waterfalls", waterfalls},
          {"metrics", metrics(comparison, s, pattern)},
          {"statements", statements(compared.statements)}};
}

/// What each reading says, and every claim's verdict as written and by reading.
Json readings(const Comparison& comparison) {
  Json said = Json::array();
  for (const ReadingNote& reading : comparison.readings) {
    Json changes = Json::object();
    for (const Override& change : reading.changes) changes[change.path] = change.value;
    said.push_back({{"name", reading.name},
                    {"title", reading.title},
                    {"source", reading.source},
                    {"confidence", reading.confidence},
                    {"changes", changes}});
  }
  Json claims = Json::array();
  for (std::size_t c = 0; c < comparison.conclusions.front().size(); ++c) {
    Json verdicts = Json::object();
    for (std::size_t s = 0; s < comparison.conclusions.size(); ++s) {
      const ClaimResult& judged = comparison.conclusions[s][c];
      verdicts[comparison.scenarios[s].name] = {{"verdict", verdict_name(judged.verdict)},
                                                {"found", judged.found},
                                                {"factor", judged.factor}};
    }
    claims.push_back({{"claim", comparison.conclusions.front()[c].claim}, {"verdicts", verdicts}});
  }
  return {{"said", said}, {"claims", claims}};
}

Json strategy(const StrategyOutcome& outcome) {
  return {{"mean_usd", outcome.mean},
          {"p5_usd", outcome.low},
          {"loss_probability", outcome.loss_probability},
          {"expected_regret_usd", outcome.expected_regret},
          {"greatest_regret_usd", outcome.greatest_regret}};
}

Json world(const DecisionWorld& world) {
  Json changes = Json::object();
  for (const Override& change : world.changes) changes[change.path] = change.value;
  return {{"name", world.name},
          {"weight", world.weight},
          {"changes", changes},
          {"skipped", world.skipped}};
}

}  // namespace

std::string compare_json(const Comparison& comparison, std::string_view version,
                         std::string_view metrics, std::span<const MetricCondition> conditions) {
  const Scenario& first = comparison.scenarios.front().scenario;
  Json json{{"colossim", version},
            {"start", to_string(first.start)},
            {"duration_d", first.duration.in(units::day)},
            {"seed", first.seed},
            {"replications", comparison.replications},
            {"owner", comparison.owner},
            {"tenant", comparison.tenant},
            {"scenarios", Json::array()}};
  for (std::size_t s = 0; s < comparison.scenarios.size(); ++s)
    json["scenarios"].push_back(scenario(comparison, s, metrics));
  if (comparison.fork) {
    json["fork"] = {{"at", Calendar{first.start, {}}.text(comparison.fork->at)},
                    {"changes", Json::object()}};
    for (const Override& change : comparison.fork->changes)
      json["fork"]["changes"][change.path] = change.value;
  }
  if (!comparison.readings.empty()) json["readings"] = readings(comparison);
  for (const MetricCondition& condition : conditions)
    json["fail_on"].push_back(
        {{"condition", condition.text}, {"met", met_conditions(comparison, {&condition, 1})}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string decision_json(const DecisionTable& table, std::string_view version) {
  Json json{{"colossim", version},     {"owner", table.owner},
            {"tenant", table.tenant},  {"replications", table.replications},
            {"worlds", Json::array()}, {"strategies", Json::array()}};
  for (const DecisionWorld& each : table.worlds) json["worlds"].push_back(world(each));
  for (const DecisionRow& row : table.rows) {
    json["strategies"].push_back(
        {{"name", row.strategy}, {"owner", strategy(row.owner)}, {"tenant", strategy(row.tenant)}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace colossim
