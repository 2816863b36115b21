// Comparisons on stdout, in one of three forms.
#include "comparison_output.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <colossim/report/metric_differences.hpp>

namespace colossim {

namespace {

namespace po = boost::program_options;

}  // namespace

ComparisonOutput comparison_output(const po::variables_map& values) {
  ComparisonOutput output;
  output.text.colour = wants_colour();
  if (values.count("metrics") > 0) {
    output.text.metrics = values["metrics"].as<std::string>();
    if (output.text.metrics.empty())
      throw UsageError{"--metrics: expected a name; * stands for any text"};
  }
  const bool json = values.count("json") > 0;
  const bool csv = values.count("csv") > 0;
  if (json && csv) throw UsageError{"--json and --csv: give one"};
  if (json) output.form = ComparisonOutput::Form::json;
  if (csv) output.form = ComparisonOutput::Form::csv;
  return output;
}

void check_metrics(const std::vector<Scenario>& scenarios, const ComparisonOutput& output) {
  const std::string& pattern = output.text.metrics;
  const auto matches = [&](const Scenario& scenario) {
    const std::vector<MetricDefinition> known = metric_definitions(scenario);
    return std::any_of(known.begin(), known.end(), [&](const MetricDefinition& definition) {
      return matches_metric(pattern, definition.name);
    });
  };
  if (pattern.empty() || std::any_of(scenarios.begin(), scenarios.end(), matches)) return;
  throw UsageError{
      fmt::format("--metrics {}: no metric matches; see `colossim list metrics`", pattern)};
}

int print_comparison(const Comparison& comparison, const ComparisonOutput& output,
                     std::span<const MetricCondition> conditions) {
  switch (output.form) {
    case ComparisonOutput::Form::text:
      fmt::print("{}", compare_text(comparison, output.text));
      break;
    case ComparisonOutput::Form::json:
      fmt::print("{}", compare_json(comparison, COLOSSIM_VERSION, output.text.metrics, conditions));
      break;
    case ComparisonOutput::Form::csv:
      fmt::print("{}", compare_csv(comparison, output.text.metrics));
      break;
  }
  const std::vector<std::string> met = met_conditions(comparison, conditions);
  for (const std::string& sentence : met) fmt::print(stderr, "--fail-on {}\n", sentence);
  return met.empty() ? exit_ok : exit_difference;
}

}  // namespace colossim
