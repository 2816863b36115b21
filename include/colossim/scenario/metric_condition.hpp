// A metric held against a limit, as written on the command line: `xai.profit < -1 %`.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <colossim/scenario/metrics.hpp>

namespace colossim {

enum class MetricRelation : std::uint8_t { less, at_most, greater, at_least, equal };

struct MetricCondition {
  std::string text;    // as written
  std::string metric;  // the full name
  MetricRelation relation = MetricRelation::equal;
  double limit = 0;       // in base units; of what the metric is compared with when `relative`
  bool relative = false;  // the limit was written in %

  [[nodiscard]] bool holds(double value) const;
};

/// What is wrong with a condition.
class ConditionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What may have been meant by a name that no metric has, or where to look.
std::string metric_hint(std::string_view name, std::span<const MetricDefinition> known);

/// The metric that `name` stands for: itself, or a party's without `party.` before it. Throws a
/// ConditionError with a suggestion when there is none.
const MetricDefinition& find_metric(std::string_view name, std::span<const MetricDefinition> known);

/// Parses `METRIC < LIMIT`; the relation may be <, <=, >, >= or =. The limit has the metric's unit,
/// or is in %: then it is relative, also for metrics without a unit. Throws a ConditionError when
/// the text is not one, when no metric is called so, or when its unit is another.
MetricCondition parse_condition(std::string_view text, std::span<const MetricDefinition> known);

}  // namespace colossim
