// Metrics of a comparison, as values and as lines of CSV.
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

#include <fmt/format.h>

#include <colossim/report/metric_differences.hpp>
#include <colossim/report/text.hpp>
#include <colossim/scenario/csv.hpp>
#include <colossim/scenario/metrics.hpp>

#include "screen.hpp"

namespace colossim {

namespace {

/// All digits; nothing where there is no number.
std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : std::string{};
}

/// Why a row meets a condition; empty when it does not.
std::string met(const MetricDifference& row, const MetricCondition& condition) {
  if (!row.base && !row.value) return {};
  if (!row.base) return "the base has no such metric";
  if (!row.value) return "it has no such metric";
  if (!condition.relative) {
    if (!condition.holds(row.gain->value * row.factor)) return {};
    return interval_text(*row.gain, row.unit);
  }
  const std::optional<Estimate> relative = row.relative();
  // From nothing to something is beyond every share.
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const double share = relative               ? relative->value
                       : row.gain->value == 0 ? 0
                                              : std::copysign(infinite, row.gain->value);
  if (!condition.holds(share)) return {};
  if (!relative) return fmt::format("from 0 to {}", human(*row.value, row.unit));
  return relative->half_width == 0
             ? fmt::format("{:.4g} %", share * 100)
             : fmt::format("{:.4g} ±{:.2g} %", share * 100, relative->half_width * 100);
}

}  // namespace

bool MetricDifference::equal() const {
  return gain && gain->value == 0 && gain->half_width == 0;
}

std::optional<Estimate> MetricDifference::relative() const {
  if (!gain || !base || *base == 0) return std::nullopt;
  return Estimate{gain->value / std::abs(*base), gain->half_width / std::abs(*base)};
}

std::vector<MetricDifference> metric_differences(const Comparison& comparison, std::size_t s,
                                                 std::string_view pattern) {
  const ComparedScenario& base = comparison.scenarios.front();
  const ComparedScenario& other = comparison.scenarios[s];
  std::vector<MetricDifference> rows;
  std::map<std::string, std::size_t> row_of;
  const auto wanted = [&](const MetricDefinition& d) {
    return pattern.empty() || matches_metric(pattern, d.name);
  };
  const std::vector<MetricDefinition> in_base = metric_definitions(base.scenario);
  for (std::size_t m = 0; m < in_base.size(); ++m) {
    const MetricDefinition& d = in_base[m];
    if (!wanted(d)) continue;
    row_of.emplace(d.name, rows.size());
    rows.push_back({.name = d.name,
                    .unit = d.unit,
                    .factor = d.factor,
                    .base = base.metrics[m] / d.factor,
                    .value = {},
                    .gain = {}});
  }
  const std::vector<MetricDefinition> in_other = metric_definitions(other.scenario);
  for (std::size_t m = 0; m < in_other.size(); ++m) {
    const MetricDefinition& d = in_other[m];
    if (!wanted(d)) continue;
    const auto [place, is_new] = row_of.emplace(d.name, rows.size());
    if (is_new) rows.push_back({.name = d.name, .unit = d.unit, .factor = d.factor});
    MetricDifference& row = rows[place->second];
    row.value = other.metrics[m] / d.factor;
    if (const std::optional<Estimate>& gain = other.metric_gains[m])
      row.gain = Estimate{gain->value / d.factor, gain->half_width / d.factor};
  }
  return rows;
}

std::vector<std::string> met_conditions(const Comparison& comparison,
                                        std::span<const MetricCondition> conditions) {
  std::vector<std::string> sentences;
  for (std::size_t s = 1; s < comparison.scenarios.size(); ++s) {
    for (const MetricCondition& condition : conditions) {
      for (const MetricDifference& row : metric_differences(comparison, s, condition.metric)) {
        const std::string why = met(row, condition);
        if (!why.empty())
          sentences.push_back(fmt::format("{}: {} against {}: {}", condition.text,
                                          comparison.scenarios[s].name,
                                          comparison.scenarios.front().name, why));
      }
    }
  }
  return sentences;
}

std::string compare_csv(const Comparison& comparison, std::string_view metrics) {
  std::string out = "scenario,metric,unit,base,value,difference,half_width_95,relative\n";
  const auto line = [&](const ComparedScenario& scenario, const MetricDifference& row) {
    const auto gain = row.gain ? std::optional{row.gain->value} : std::nullopt;
    const auto width = row.gain ? std::optional{row.gain->half_width} : std::nullopt;
    const auto relative = row.relative();
    append_csv_field(out, scenario.name);
    fmt::format_to(std::back_inserter(out), ",{},{},{},{},{},{},{}\n", row.name, row.unit,
                   number(row.base), number(row.value), number(gain),
                   number(comparison.replications > 1 ? width : std::nullopt),
                   number(relative ? std::optional{relative->value} : std::nullopt));
  };
  for (std::size_t s = 1; s < comparison.scenarios.size(); ++s) {
    for (const MetricDifference& row : metric_differences(comparison, s, metrics))
      line(comparison.scenarios[s], row);
  }
  return out;
}

}  // namespace colossim
