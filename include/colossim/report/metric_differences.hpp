// What differs between the scenarios of a comparison, metric by metric.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/report/compare_text.hpp>
#include <colossim/scenario/metric_condition.hpp>

namespace colossim {

/// A metric in the base and in another scenario, in `unit`.
struct MetricDifference {
  std::string name;
  std::string unit;
  double factor = 1;             // of the unit, in base units
  std::optional<double> base;    // mean; nothing: the scenario has no such metric
  std::optional<double> value;   // the same of the other
  std::optional<Estimate> gain;  // value less base, where both have one

  /// Whether both have it with the same mean and no replication tells them apart.
  [[nodiscard]] bool equal() const;
  /// The gain over the size of the base; nothing where that is 0 or there is none.
  [[nodiscard]] std::optional<Estimate> relative() const;
};

/// Every metric that matches `pattern` (empty: all) in the base or in scenario `s`, in the order
/// of the base, then those that only `s` has.
std::vector<MetricDifference> metric_differences(const Comparison& comparison, std::size_t s,
                                                 std::string_view pattern = "");

/// Which scenarios' differences to the base meet which of the conditions, a sentence each: an
/// absolute limit is held against the mean difference, a relative one against its share of the
/// base. A metric that only one of the two scenarios has meets every condition on it.
std::vector<std::string> met_conditions(const Comparison& comparison,
                                        std::span<const MetricCondition> conditions);

}  // namespace colossim
