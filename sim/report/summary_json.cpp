// The summary and the manifest for machines.
#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include <colossim/base/calendar.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/report/statements.hpp>
#include <colossim/report/summary.hpp>
#include <colossim/scenario/metrics.hpp>

namespace colossim {

namespace {

using Json = nlohmann::ordered_json;

Json metrics(const Report& report) {
  Json object = Json::object();
  const std::vector<MetricDefinition> definitions = metric_definitions(report.scenario);
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    const MetricDefinition& definition = definitions[i];
    Json entry{{"value", report.result.metrics[i].value / definition.factor},
               {"unit", definition.unit}};
    if (!report.result.hulls.empty()) {
      const MetricHull& hull = report.result.hulls[i];
      entry["low"] = hull.low / definition.factor;
      entry["high"] = hull.high / definition.factor;
      entry["low_by"] = hull.low_by;
      entry["high_by"] = hull.high_by;
    }
    object[definition.name] = entry;
  }
  return object;
}

Json titles(const Report& report) {
  Json object = Json::object();
  for (const auto& [name, party] : report.scenario.parties) object[name] = party.title;
  return object;
}

Json books(const Report& report) {
  Json object = Json::object();
  for (std::size_t party = 0; party < report.result.parties.size(); ++party) {
    Json accounts = Json::object();
    for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
      const auto account = static_cast<Account>(a);
      const Money balance = report.result.ledger.balance(PartyId{party}, account);
      if (balance != Money{}) accounts[std::string{name(account)}] = balance.quantity().base();
    }
    object[report.result.parties[party]] = accounts;
  }
  return object;
}

/// Of each party's cash flow, month by month; null: there is none.
Json valuations(const Report& report) {
  const auto or_null = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  Json object = Json::object();
  for (const PartyStatement& party : make_statements(report.scenario, report.result).parties) {
    const auto spec = report.scenario.parties.find(party.party);
    if (spec == report.scenario.parties.end()) continue;
    const Valuation worth = valuation(party.flow, spec->second.discount);
    Json months = Json::array();
    for (const Dollars month : party.flow.month) months.push_back(month.base());
    object[party.party] = {{"annual_rate", worth.rate},
                           {"npv_usd", worth.npv.base()},
                           {"irr", or_null(worth.irr)},
                           {"payback_month", or_null(worth.payback)},
                           {"discounted_payback_month", or_null(worth.discounted_payback)},
                           {"at_start_usd", party.flow.at_start.base()},
                           {"by_month_usd", months}};
  }
  return object;
}

Json claims(const Report& report) {
  Json list = Json::array();
  for (const ClaimResult& claim : judge_claims(report.scenario, report.result, report.claim_runs)) {
    Json entry{{"claim", claim.claim},
               {"source", claim.source},
               {"says", claim.says},
               {"found", claim.found},
               {"tested_by", name(claim.test)},
               {"factor", claim.factor},  // null: infinite, the signs differ
               {"verdict", verdict_name(claim.verdict)},
               {"contradicts", claim.rivals},
               {"nearest", claim.nearest},
               {"only_with", claim.only_with},
               {"not_with", claim.not_with}};
    if (claim.test == ClaimTest::comparison) {
      entry["against"] = claim.base;
      entry["as"] = claim.as;
    }
    if (claim.test == ClaimTest::arithmetic) entry["arithmetic"] = claim.note;
    list.push_back(entry);
  }
  return list;
}

Json certificate(const Report& report) {
  Json list = Json::array();
  for (const BalanceRow& row : report.result.certificate) {
    list.push_back(
        {{"what", row.what}, {"one", row.one}, {"other", row.other}, {"residual", row.residual}});
  }
  return list;
}

/// What became of each contract.
Json contracts(const Report& report) {
  const Calendar utc{report.scenario.start, Duration{}};
  Json object = Json::object();
  for (const ContractRecord& record : report.result.contracts) {
    Json uses = Json::array();
    for (const OptionUseRecord& use : record.uses)
      uses.push_back({{"option", use.option},
                      {"kind", use.kind},
                      {"by", use.by},
                      {"noticed", utc.text(use.noticed)},
                      {"effective", utc.text(use.effective)},
                      {"gpus", use.gpus},
                      {"fee_usd", use.fee.quantity().base()}});
    object[record.contract] = {
        {"outcome", record.outcome},
        {"at", record.outcome.empty() ? Json(nullptr) : Json(utc.text(record.at))},
        {"options_used", uses}};
  }
  return object;
}

Json lost(const WorkLossRecord& loss) {
  return {{"token", loss.tokens}, {"usd", loss.usd}, {"gpu_h", loss.gpu_hours}};
}

/// Times in hours after the notice; null: it has not happened.
Json reclaims(const Report& report) {
  const Calendar utc{report.scenario.start, Duration{}};
  Json list = Json::array();
  for (const DrillRecord& drill : report.result.drills) {
    const auto after = [&](const std::optional<SimTime>& at) {
      return at ? Json((*at - drill.noticed).quantity() / units::hour) : Json(nullptr);
    };
    list.push_back({{"contract", drill.contract},
                    {"option", drill.option},
                    {"noticed", utc.text(drill.noticed)},
                    {"gpus", drill.gpus},
                    {"back_gpus", drill.back},
                    {"effective_h", after(drill.effective)},
                    {"first_back_h", after(drill.first_back)},
                    {"all_back_h", after(drill.all_back)},
                    {"first_use_h", after(drill.first_use)},
                    {"lost_until_back", lost(drill.until_back)},
                    {"lost_until_end", lost(drill.until_end)},
                    {"missing_gpu_h", drill.missing_gpu_hours},
                    {"fee_saved_usd", drill.fee_saved},
                    {"elsewhere_usd", drill.elsewhere ? Json(*drill.elsewhere) : Json(nullptr)}});
  }
  return list;
}

Json options(const Report& report) {
  Json list = Json::array();
  for (const auto& [option, value] : report.options) {
    list.push_back({{"contract", option.contract},
                    {"option", option.option},
                    {"holder", option.holder},
                    {"market", option.market},
                    {"measure", "real-world"},
                    {"annual_rate", option.outlook.annual_rate},
                    {"value_usd", value.value.base()},
                    {"low_usd", value.low.base()},
                    {"high_usd", value.high.base()},
                    {"npv_without_usd", value.npv_without.base()},
                    {"npv_with_usd", value.npv_with.base()},
                    {"exercise_probability", value.exercise_probability},
                    {"mean_exercise_month",
                     value.mean_exercise_month ? Json(*value.mean_exercise_month) : Json(nullptr)},
                    {"fee_months", option.law.fee_months},
                    {"switching_cost_usd", option.law.switching_cost.base()}});
  }
  return list;
}

int weakness(const Provenance& p) {
  if (p.source.empty()) return 0;
  if (p.source == "assumption") return 1;
  if (p.confidence == "low") return 2;
  return p.confidence == "medium" ? 3 : 4;
}

/// Every number of the scenario proper (the catalog has its own sources), weakest first.
Json assumptions(const Report& report) {
  std::vector<std::tuple<int, std::string, const Leaf*>> rows;
  for (const auto& [path, leaf] : report.scenario.leaves) {
    const bool is_default = leaf.provenance.source == "default";  // of a resolved scenario
    if (!leaf.needs_source || is_default || path.starts_with("catalog.")) continue;
    rows.emplace_back(weakness(leaf.provenance), path, &leaf);
  }
  std::sort(rows.begin(), rows.end());
  Json list = Json::array();
  for (const auto& [rank, path, leaf] : rows) {
    Json row{{"path", path}, {"value", leaf->text}, {"source", leaf->provenance.source}};
    if (!leaf->provenance.confidence.empty()) row["confidence"] = leaf->provenance.confidence;
    if (!leaf->provenance.low.empty()) row["low"] = leaf->provenance.low;
    if (!leaf->provenance.high.empty()) row["high"] = leaf->provenance.high;
    list.push_back(row);
  }
  return list;
}

}  // namespace

std::string summary_json(const Report& report) {
  const Json summary{
      {"colossim", report.version},
      {"name", report.scenario.name},
      {"question", report.scenario.question},
      {"parties", titles(report)},
      {"start", to_string(report.scenario.start)},
      {"duration_d", report.scenario.duration.in(units::day)},
      {"seed", report.scenario.seed},
      {"scenario_hash", report.scenario_hash},
      {"events", report.result.events},
      {"metrics", metrics(report)},
      {"contracts", contracts(report)},
      {"reclaims", reclaims(report)},
      {"options", options(report)},
      {"books_usd", books(report)},
      {"cash_flows", valuations(report)},
      {"claims", claims(report)},
      {"violated_expectations", violated_expectations(report.scenario, report.result)},
      {"certificate", certificate(report)},
      {"assumptions", assumptions(report)}};
  return summary.dump(2) + "\n";
}

std::string manifest_json(const Report& report, const std::vector<WrittenFile>& files) {
  Json hashes = Json::object();
  for (const WrittenFile& file : files) hashes[file.name] = file.hash;
  const Json manifest{{"colossim", report.version},
                      {"schema", report.scenario.schema},
                      {"seed", report.scenario.seed},
                      {"scenario_hash", report.scenario_hash},
                      {"files", hashes}};
  return manifest.dump(2) + "\n";
}

}  // namespace colossim
