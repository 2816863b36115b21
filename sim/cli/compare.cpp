// colossim compare: scenarios side by side, or strategies weighed over worlds.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <unistd.h>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/experiment/compare.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/experiment/readings.hpp>
#include <colossim/scenario/metrics.hpp>

#include "comparison_output.hpp"
#include "options.hpp"

namespace colossim {

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

CommandLine compare_line() {
  CommandLine line{
      .usage =
          "Usage: colossim compare A B ... [options]\n"
          "       colossim compare A --readings [options]\n"
          "       colossim compare --decide A B ... [--world NAME:WEIGHT:PATH=VALUE,...]...\n"
          "Runs scenarios on the same seeds and shows who gains against the first, and why.\n"
          "With --readings one scenario as it stands and as its `readings` have it: which\n"
          "conclusions depend on which source.\n"
          "With --decide the first is what the others are weighed against, over all worlds (with\n"
          "--readings those of the first).\n"
          "Exit code 1 when a --fail-on condition is met.",
      .positional = "file",
      .positionals = -1};
  add_scenario_options(line.options);
  add_repetition_options(line.options);
  line.options.add_options()("owner", po::value<std::string>()->value_name("PARTY"),
                             "whose side is shown first (default: the owner of the first site)")(
      "tenant", po::value<std::string>()->value_name("PARTY"),
      "the other side (default: who else has most GPU-hours)")(
      "party", po::value<std::string>()->value_name("PARTY"),
      "explain this party's difference only")("metrics",
                                              po::value<std::string>()->value_name("GLOB"),
                                              "show these metrics where they differ (default, of "
                                              "two: the ten that differ most); * stands for "
                                              "any text")(
      "fail-on", po::value<Words>()->value_name("CONDITION"),
      "METRIC < LIMIT on the mean difference to the first scenario, as 'xai.profit < -1%' (of the "
      "first) or 'site.a.pue > 0.02'; also <=, >, >=; may be repeated")(
      "readings", "run the scenario's own readings of the sources")("decide",
                                                                    "print the decision table")(
      "world", po::value<Words>()->value_name("WORLD"),
      "with --decide: NAME:WEIGHT:PATH=VALUE,PATH=VALUE; may be repeated, NAME:WEIGHT alone "
      "changes nothing")("json", "print everything as JSON")(
      "csv", "print the metrics of all scenarios as CSV");
  return line;
}

std::string text_of(const po::variables_map& values, const char* name) {
  return values.count(name) > 0 ? values[name].as<std::string>() : std::string{};
}

/// File names without folder and ending, or as given where those would be the same.
std::vector<ScenarioSource> sources(const Words& files, const LoadOptions& options) {
  std::vector<ScenarioSource> sources;
  for (const std::string& file : files) {
    const std::string stem = fs::path{file}.stem().string();
    const auto same = [&](const std::string& other) { return fs::path{other}.stem() == stem; };
    const bool unique = std::count_if(files.begin(), files.end(), same) == 1;
    sources.push_back({unique ? stem : file, file, options});
  }
  return sources;
}

/// Commas inside brackets, braces and quotes do not separate.
Words split_changes(std::string_view text) {
  Words parts(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      quote = c == quote ? char{0} : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else {
      depth += c == '{' || c == '[' ? 1 : 0;
      depth -= c == '}' || c == ']' ? 1 : 0;
    }
    if (c == ',' && quote == 0 && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

double parse_weight(const std::string& world, std::string_view text) {
  double weight = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, weight);
  if (error != std::errc{} || stop != end || !(weight > 0) || weight > 1e12)
    throw UsageError{fmt::format(
        "--world {}: expected NAME:WEIGHT:PATH=VALUE with a positive weight, found \"{}\"", world,
        text)};
  return weight;
}

WeightedWorld parse_world(const std::string& text) {
  const std::size_t name_end = text.find(':');
  if (name_end == 0 || name_end == std::string::npos)
    throw UsageError{fmt::format("--world {}: expected NAME:WEIGHT:PATH=VALUE,...", text)};
  const std::size_t weight_end = text.find(':', name_end + 1);
  const std::string_view weight = std::string_view{text}.substr(
      name_end + 1, weight_end == std::string::npos ? weight_end : weight_end - name_end - 1);
  WeightedWorld world{text.substr(0, name_end), parse_weight(text, weight), {}};
  if (weight_end == std::string::npos) return world;
  for (const std::string& change : split_changes(std::string_view{text}.substr(weight_end + 1))) {
    const std::optional<Override> parsed = parse_override(change);
    if (!parsed)
      throw UsageError{
          fmt::format("--world {}: expected PATH=VALUE, found \"{}\"", world.name, change)};
    world.changes.push_back(*parsed);
  }
  return world;
}

std::vector<WeightedWorld> worlds(const po::variables_map& values) {
  std::vector<WeightedWorld> worlds;
  std::set<std::string> names;
  for (const std::string& text : words_of(values, "world")) {
    worlds.push_back(parse_world(text));
    if (!names.insert(worlds.back().name).second)
      throw UsageError{fmt::format("--world {}: there are two of this name", worlds.back().name)};
  }
  return worlds;
}

CompareOptions compare_options(const po::variables_map& values) {
  CompareOptions options = repetitions(values);
  options.owner = text_of(values, "owner");
  options.tenant = text_of(values, "tenant");
  return options;
}

void check_party(const std::vector<Scenario>& scenarios, const std::string& party) {
  std::set<std::string> known{"outside"};
  for (const Scenario& scenario : scenarios) {
    for (const auto& [name, spec] : scenario.parties) known.insert(name);
  }
  if (party.empty() || known.contains(party)) return;
  const Words names{known.begin(), known.end()};
  throw UsageError{
      fmt::format("--party {}: there is no such party; {}", party, did_you_mean(party, names))};
}

/// What `--fail-on` says of the metrics of all scenarios.
std::vector<MetricCondition> conditions(const std::vector<Scenario>& scenarios,
                                        const po::variables_map& values) {
  std::vector<MetricDefinition> known;
  for (const Scenario& scenario : scenarios) {
    for (MetricDefinition& definition : metric_definitions(scenario))
      known.push_back(std::move(definition));
  }
  std::vector<MetricCondition> conditions;
  for (const std::string& text : words_of(values, "fail-on")) {
    try {
      conditions.push_back(parse_condition(text, known));
    } catch (const ConditionError& error) {
      throw UsageError{fmt::format("--fail-on '{}': {}", text, error.what())};
    }
    if (conditions.back().relation == MetricRelation::equal)
      throw UsageError{fmt::format("--fail-on '{}': expected <, <=, > or >=", text)};
  }
  return conditions;
}

int compare_files(std::vector<ScenarioSource> files, const po::variables_map& values) {
  const bool by_reading = values.count("readings") > 0;
  if (by_reading) files = with_readings(files.front());
  ComparisonOutput output = comparison_output(values);
  output.text.party = text_of(values, "party");
  const CompareOptions options = compare_options(values);
  std::vector<Scenario> scenarios = load_paired(files);
  check_metrics(scenarios, output);
  check_party(scenarios, output.text.party);
  const std::vector<MetricCondition> fail_on = conditions(scenarios, values);
  Comparison comparison = compare(files, std::move(scenarios), options);
  if (by_reading) add_conclusions(comparison, files);
  return print_comparison(comparison, output, fail_on);
}

void print_decision(std::vector<ScenarioSource> files, const po::variables_map& values) {
  for (const char* option : {"metrics", "party", "csv", "fail-on"}) {
    if (values.count(option) > 0)
      throw UsageError{fmt::format("--{} says nothing in a decision table", option)};
  }
  const bool by_reading = values.count("readings") > 0;
  if (by_reading && values.count("world") > 0)
    throw UsageError{"--readings and --world both say over which worlds to decide: give one"};
  std::vector<WeightedWorld> over = by_reading ? reading_worlds(files.front()) : worlds(values);
  const DecisionTable table =
      decision_table(std::move(files), std::move(over), compare_options(values));
  fmt::print("{}", values.count("json") > 0 ? decision_json(table, COLOSSIM_VERSION)
                                            : decision_text(table, wants_colour()));
}

}  // namespace

int compare_command(const Words& words) {
  CommandLine line = compare_line();
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const Words files = words_of(*values, "file");
  const bool decides = values->count("decide") > 0;
  if (values->count("readings") > 0 && !decides) {
    if (files.size() != 1)
      throw UsageError{"compare --readings: expected one scenario file, the readings are its own"};
  } else if (files.size() < 2) {
    throw UsageError{"compare: expected two scenario files or more"};
  }
  if (decides) {
    print_decision(sources(files, load_options(*values)), *values);
    return exit_ok;
  }
  if (values->count("world") > 0)
    throw UsageError{"--world belongs to the decision table: give --decide as well"};
  return compare_files(sources(files, load_options(*values)), *values);
}

}  // namespace colossim
