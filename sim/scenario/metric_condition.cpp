// Conditions on metrics.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/base/trimmed.hpp>
#include <colossim/scenario/metric_condition.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

struct Sign {
  std::string_view text;
  MetricRelation relation;
};

/// The relation a text begins with; the longer ones come first.
const Sign* sign_of(std::string_view text) {
  static constexpr Sign signs[] = {{"<=", MetricRelation::at_most},
                                   {">=", MetricRelation::at_least},
                                   {"<", MetricRelation::less},
                                   {">", MetricRelation::greater},
                                   {"=", MetricRelation::equal}};
  const auto* found = std::find_if(std::begin(signs), std::end(signs),
                                   [&](const Sign& sign) { return text.starts_with(sign.text); });
  return found == std::end(signs) ? nullptr : found;
}

}  // namespace

bool MetricCondition::holds(double value) const {
  switch (relation) {
    case MetricRelation::less:
      return value < limit;
    case MetricRelation::at_most:
      return value <= limit;
    case MetricRelation::greater:
      return value > limit;
    case MetricRelation::at_least:
      return value >= limit;
    case MetricRelation::equal:
      break;
  }
  return value == limit;
}

std::string metric_hint(std::string_view name, std::span<const MetricDefinition> known) {
  std::vector<std::string> names;
  for (const MetricDefinition& d : known) {
    names.push_back(d.name);
    if (!d.name.starts_with("party.")) continue;
    if (d.name.substr(6) == name) return fmt::format("did you mean \"{}\"?", d.name);
    names.push_back(d.name.substr(6));
  }
  const std::string hint = did_you_mean(name, names);
  return hint.starts_with("did you") ? hint : "see `colossim list metrics`";
}

const MetricDefinition& find_metric(std::string_view name,
                                    std::span<const MetricDefinition> known) {
  const std::string of_party = fmt::format("party.{}", name);
  for (const std::string_view wanted : {name, std::string_view{of_party}}) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const MetricDefinition& d) { return d.name == wanted; });
    if (found != known.end()) return *found;
  }
  throw ConditionError{
      fmt::format("there is no metric \"{}\"; {}", name, metric_hint(name, known))};
}

MetricCondition parse_condition(std::string_view text, std::span<const MetricDefinition> known) {
  const std::size_t at = text.find_first_of("<>=");
  const Sign* sign = at == std::string_view::npos ? nullptr : sign_of(text.substr(at));
  const std::string_view name = trimmed(text.substr(0, at));
  if (sign == nullptr || name.empty())
    throw ConditionError{"expected `metric < limit` (or <=, >, >=, =)"};
  const std::string_view limit = trimmed(text.substr(at + sign->text.size()));
  const MetricDefinition& metric = find_metric(name, known);
  if (limit.ends_with('%')) {
    const auto share = parse_number(trimmed(limit.substr(0, limit.size() - 1)));
    if (!share)
      throw ConditionError{
          fmt::format("limit of {}: expected a number of %, found \"{}\"", metric.name, limit)};
    return {std::string{text}, metric.name, sign->relation, *share * 0.01, true};
  }
  std::string problem;
  const auto value = parse_measured(limit, problem);
  if (!value) throw ConditionError{fmt::format("limit of {}: {}", metric.name, problem)};
  if (value->dimension != metric.dimension)
    throw ConditionError{fmt::format("limit of {}: expected {} or %, found \"{}\"", metric.name,
                                     metric.unit == "1" ? "a number" : metric.unit, limit)};
  return {std::string{text}, metric.name, sign->relation, value->base, false};
}

}  // namespace colossim
