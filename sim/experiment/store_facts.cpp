// Identity of results files.
#include "store_facts.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace colossim {

namespace {

constexpr const char* format = "1";

[[noreturn]] void refuse(const std::filesystem::path& file, std::string message, std::string hint) {
  throw ScenarioError{{{{file.string()}, "", std::move(message), std::move(hint)}}};
}

}  // namespace

sqlite::Database open_results(const std::filesystem::path& file, bool may_be_empty) {
  try {
    sqlite::Database database{file, sqlite::Mode::read};
    const bool has_study =
        database.integer(
            "SELECT count(*) FROM sqlite_master WHERE name IN ('study', 'plan', 'results')") == 3;
    const bool is_empty = database.integer("SELECT count(*) FROM sqlite_master") == 0;
    if (has_study || (is_empty && may_be_empty)) return database;
  } catch (const std::system_error& error) {
    if (error.code().value() != EBADMSG) throw;
  }
  refuse(file, "this is no results file, or a damaged one",
         "give another --results; if it is a shard, remove it and run the shard again");
}

Facts read_facts(const sqlite::Database& database) {
  Facts facts;
  for (auto select = database.prepare("SELECT name, value FROM study"); select.step();)
    facts[select.text(0)] = select.text(1);
  return facts;
}

Facts facts_of(const Plan& plan) {
  Facts facts{
      {"format", format},
      {"title", plan.study.spec.study},
      {"colossim", plan.version},
      {"study", plan.study.text},
      {"study_file", std::filesystem::absolute(plan.study.file).lexically_normal().string()},
      {"scenario", plan.study.spec.scenario},
      {"catalog", plan.catalog},
      {"scenario_hash", plan.scenario_hash},
      {"seed", std::to_string(plan.seed)},
      {"first_replication", std::to_string(plan.first_replication)}};
  for (const char* name : {"stop_metric", "stop_limit", "stop_kind"}) facts[name] = "";
  if (plan.stop) {
    const MetricDefinition& metric = plan.metrics[plan.stop->metric];
    facts["stop_metric"] = metric.name;
    facts["stop_kind"] = plan.stop->relative ? "share of the mean" : "half-width";
    facts["stop_limit"] = fmt::format(
        "{}", plan.stop->relative ? plan.stop->half_width : plan.stop->half_width / metric.factor);
  }
  facts["replicates"] = std::to_string(plan.replicates());
  return facts;
}

void require_match(const std::filesystem::path& file, const Facts& facts, const Plan& plan) {
  if (facts.empty()) return;
  if (facts.at("format") != format)
    refuse(file, fmt::format("expected format {}, found {}", format, facts.at("format")),
           "read it with the colossim that wrote it");
  if (facts.at("title") != plan.study.spec.study)
    refuse(
        file,
        fmt::format("holds the study \"{}\", not \"{}\"", facts.at("title"), plan.study.spec.study),
        "give another --results");
  if (facts.at("colossim") != plan.version)
    refuse(
        file,
        fmt::format("was written by colossim {}, this is {}", facts.at("colossim"), plan.version),
        "results of two versions do not mix: give another --results");
}

void require_same_plan(const std::filesystem::path& file, const Facts& facts, const Plan& plan) {
  if (facts.at("study") != plan.study.text)
    refuse(file, "the study was another when this was written", "run or submit the study again");
  if (facts.at("scenario_hash") != plan.scenario_hash)
    refuse(file, "the scenario was another when this was written", "run or submit the study again");
}

}  // namespace colossim
