// What `compare` and `run --fork` print of a comparison.
#pragma once

#include <span>
#include <vector>

#include <colossim/report/compare_text.hpp>
#include <colossim/scenario/metric_condition.hpp>

#include "options.hpp"

namespace colossim {

/// How a comparison is printed.
struct ComparisonOutput {
  enum class Form { text, json, csv } form = Form::text;
  CompareText text;
};

/// By `--metrics`, `--json` and `--csv`. UsageError when two forms are asked for, or when the
/// pattern is empty.
ComparisonOutput comparison_output(const boost::program_options::variables_map& values);

/// UsageError when no metric of the scenarios matches the pattern of the output.
void check_metrics(const std::vector<Scenario>& scenarios, const ComparisonOutput& output);

/// Prints the comparison, and on stderr which of the conditions are met. Returns the exit code.
int print_comparison(const Comparison& comparison, const ComparisonOutput& output,
                     std::span<const MetricCondition> conditions);

}  // namespace colossim
