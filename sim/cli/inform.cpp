// colossim validate, list and explain: everything that tells without running.
#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/experiment/claim_runs.hpp>
#include <colossim/experiment/readings.hpp>
#include <colossim/scenario/explain.hpp>

#include "options.hpp"

namespace colossim {

namespace {

namespace po = boost::program_options;

std::string word(const po::variables_map& values, const char* name) {
  return values.count(name) > 0 ? values[name].as<Words>().front() : std::string{};
}

/// Several lines stand below the name, one line beside it.
void print_row(const ListRow& row) {
  const bool block = row.text.find('\n') != std::string::npos;
  if (block) {
    fmt::print("{}\n{}", row.name, row.text);
  } else {
    fmt::print("{:<36} {}\n", row.name, row.text);
  }
}

}  // namespace

int validate_command(const Words& words) {
  CommandLine line{
      .usage = "Usage: colossim validate FILE [options]\nChecks a scenario without running it.",
      .positional = "file"};
  add_scenario_options(line.options);
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  if (values->count("file") == 0) throw UsageError{"validate: expected a scenario file"};
  const std::string file = word(*values, "file");
  const LoadOptions options = load_options(*values);
  const Scenario scenario = load(file, options);
  load_claim_bases(file, options, scenario);  // throws when a claim cannot be tested
  require_readings({file, file, options}, scenario);
  std::size_t numbers = 0;
  std::size_t assumed = 0;
  for (const auto& [path, leaf] : scenario.leaves) {
    if (!leaf.needs_source) continue;
    ++numbers;
    if (leaf.provenance.source == "assumption") ++assumed;
  }
  const std::vector<std::string> bare = unsourced(scenario);
  fmt::print("valid: {}\n{} numbers: {} sourced, {} assumed, {} without source\n", scenario.name,
             numbers, numbers - assumed - bare.size(), assumed, bare.size());
  for (const std::string& path : bare) fmt::print("  without source: {}\n", path);
  return exit_ok;
}

int list_command(const Words& words) {
  CommandLine line{.usage = "Usage: colossim list KIND\nLists what scenarios can be made of.",
                   .positional = "kind"};
  add_catalog_option(line.options);
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const std::vector<std::string> kinds = list_kinds();
  const std::string kind = word(*values, "kind");
  if (kind.empty())
    throw UsageError{fmt::format("list: expected a kind: {}", fmt::join(kinds, ", "))};
  const auto rows = list_rows(kind, load_catalog(catalog_folders(*values)));
  if (!rows)
    throw UsageError{
        fmt::format("list: there is no kind \"{}\"; {}", kind, did_you_mean(kind, kinds))};
  for (const ListRow& row : *rows) print_row(row);
  return exit_ok;
}

int explain_command(const Words& words) {
  CommandLine line{
      .usage = "Usage: colossim explain NAME\nExplains a section, kind, catalog entry or metric.",
      .positional = "name"};
  add_catalog_option(line.options);
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const std::string name = word(*values, "name");
  if (name.empty()) throw UsageError{"explain: expected a name; `colossim list topics` shows them"};
  const Catalog catalog = load_catalog(catalog_folders(*values));
  const auto text = explain(name, catalog);
  if (!text)
    throw UsageError{fmt::format("explain: nothing is called \"{}\"; {}", name,
                                 did_you_mean(name, explainable_names(catalog)))};
  fmt::print("{}", *text);
  return exit_ok;
}

}  // namespace colossim
