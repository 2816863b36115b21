// Claims and expectations: what a number of the press may be tested on.
#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/scenario/metric_condition.hpp>
#include <colossim/scenario/metrics.hpp>
#include <colossim/scenario/unit.hpp>

#include "check_context.hpp"

namespace colossim {

namespace {

/// The metrics of a scenario by name.
class MetricNames {
 public:
  explicit MetricNames(const CheckContext& check)
      : check_(check), metrics_(metric_definitions(check.scenario)) {
    for (const MetricDefinition& metric : metrics_) names_.push_back(metric.name);
  }

  /// The metric called `name`, or null after reporting at `path` that there is none.
  const MetricDefinition* find(const std::string& name, const std::string& path) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) return &metrics_[static_cast<std::size_t>(found - names_.begin())];
    check_.report(path, fmt::format("there is no metric \"{}\"", name),
                  metric_hint(name, metrics_));
    return nullptr;
  }

 private:
  const CheckContext& check_;
  std::vector<MetricDefinition> metrics_;
  std::vector<std::string> names_;
};

/// One claim by itself.
class ClaimCheck {
 public:
  ClaimCheck(const CheckContext& check, const MetricNames& metrics, std::size_t index)
      : check_(check),
        metrics_(metrics),
        claim_(check.scenario.claims[index]),
        path_(fmt::format("claims[{}]", index)) {}

  void run() const {
    range();
    keys_beside_a_metric();
    metric();
    base();
    number();
  }

 private:
  void report(const char* key, std::string message, std::string hint = {}) const {
    check_.report(path_ + key, std::move(message), std::move(hint));
  }

  void range() const {
    const bool is_tested =
        claim_.metric || claim_.check || claim_.about || claim_.assumed.value_or(false);
    if (!claim_.says) {
      if (is_tested)
        report("", "expected `says: [low, high]`: there is nothing to hold the number against",
               "a claim without a number is untestable: give neither");
      return;
    }
    const std::vector<AnyQuantity>& says = *claim_.says;
    const bool good = says.size() == 2 && says[0].dimension == says[1].dimension &&
                      says[0].base >= 0 && says[0].base <= says[1].base;
    if (!good)
      report(".says",
             "expected a range [low, high] of two numbers in one unit, neither of them negative");
  }

  void keys_beside_a_metric() const {
    const auto needs_metric = [&](bool given, const char* key) {
      if (given && !claim_.metric) report(key, "expected a `metric:` beside it");
    };
    needs_metric(claim_.over.has_value(), ".over");
    needs_metric(claim_.against.has_value(), ".against");
    needs_metric(claim_.scale.has_value(), ".scale");
    if (claim_.against && !claim_.as)
      report(".against", "expected `as: difference` or `as: ratio` beside it");
    if (claim_.as && !claim_.against)
      report(".as", "expected `against:` beside it, the scenario this one is held against");
    if (claim_.check && claim_.metric)
      report(".check", "expected a `metric:` or a `check:`, found both",
             "state the claim twice to test it twice");
    if (claim_.check && claim_.assumed.value_or(false))
      report(".check", "an input of the scenario cannot be checked by arithmetic as well",
             "leave `assumed:` or `check:` out");
  }

  void metric() const {
    const MetricDefinition* metric =
        claim_.metric ? metrics_.find(*claim_.metric, path_ + ".metric") : nullptr;
    const MetricDefinition* over =
        claim_.over ? metrics_.find(*claim_.over, path_ + ".over") : nullptr;
    if (metric == nullptr || (claim_.over && over == nullptr)) return;
    const bool can_scale = metric->additive && claim_.metric->starts_with("site.");
    if (claim_.scale && (!can_scale || claim_.over || claim_.against))
      report(".scale",
             "only a site's powers, energies, volumes and costs can be scaled to a number of GPUs");
    if (claim_.as == "ratio") {
      same_dimension({}, "a plain number, as a ratio is");
    } else if (over != nullptr) {
      quotient(*metric, *over);
    } else {
      same_dimension(metric->dimension, fmt::format("the metric's unit {}", metric->unit));
    }
  }

  void quotient(const MetricDefinition& metric, const MetricDefinition& over) const {
    const Dimension dimension = metric.dimension - over.dimension;
    if (dimension == Dimension{})
      return same_dimension({}, "a plain number, as the metrics have one unit");
    std::string problem;
    const std::string unit = legal_units(dimension).front();
    if (!parse_measured("1 " + unit, problem))
      return report(".over",
                    fmt::format("{} / {} is no unit one can write", metric.unit, over.unit),
                    "divide the other way round");
    same_dimension(dimension,
                   fmt::format("the unit of {} / {}, such as {}", metric.unit, over.unit, unit));
  }

  void same_dimension(Dimension dimension, const std::string& expected) const {
    if (!claim_.says) return;
    for (const AnyQuantity& value : *claim_.says) {
      if (!(value.dimension == dimension))
        report(".says", fmt::format("expected {}, found {}", expected,
                                    to_text(value.base, value.dimension)));
    }
  }

  /// Whether the file is there and fits is seen when it is read.
  void base() const {
    if (!claim_.against) return;
    const std::filesystem::path file{*claim_.against};
    const std::filesystem::path plain = file.lexically_normal();
    if (file.is_absolute() || plain.extension() != ".yaml" || *plain.begin() == "..")
      report(".against",
             fmt::format("expected a scenario file (*.yaml) beside or below this one, found \"{}\"",
                         *claim_.against));
  }

  void number() const {
    if (!claim_.check) return;
    const AnyQuantity& value = *claim_.check;
    same_dimension(value.dimension,
                   fmt::format("the unit of `check:`, {}", to_text(value.base, value.dimension)));
    const Provenance& given = check_.scenario.leaves.at(path_ + ".check").provenance;
    if (given.note.empty())
      report(".check", "expected the arithmetic in a note", "write {value: ..., note: ...}");
    if (given.source.empty())
      report(".check", "expected a source of the arithmetic, here or of the claim");
    const Measured low = end_of(given.low, value);
    const Measured high = end_of(given.high, value);
    if (!(low.dimension == value.dimension) || !(high.dimension == value.dimension) ||
        low.base > value.base || high.base < value.base)
      report(".check", "expected low <= value <= high in one unit");
  }

  /// An end of a range as written, or the value when there is none.
  static Measured end_of(const std::string& text, const AnyQuantity& value) {
    std::string problem;
    return parse_measured(text, problem).value_or(Measured{value.base, value.dimension, true});
  }

  const CheckContext& check_;
  const MetricNames& metrics_;
  const ClaimSpec& claim_;
  std::string path_;
};

/// Claims about one thing: at least two, in one unit.
void check_groups(const CheckContext& check) {
  const std::vector<ClaimSpec>& claims = check.scenario.claims;
  std::map<std::string, std::vector<std::size_t>> groups;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (claims[i].about) groups[*claims[i].about].push_back(i);
  }
  for (const auto& [name, members] : groups) names.push_back(name);
  for (const auto& [name, members] : groups) {
    const auto path = [](std::size_t i) { return fmt::format("claims[{}].about", i); };
    if (members.size() == 1) {
      std::vector<std::string> others = names;
      others.erase(std::find(others.begin(), others.end(), name));
      check.report(path(members.front()), fmt::format("no other claim is about \"{}\"", name),
                   others.empty() ? "it takes two to contradict" : did_you_mean(name, others));
    }
    const auto& first = claims[members.front()].says;
    for (const std::size_t i : members) {
      const auto& says = claims[i].says;
      if (!first || !says || says->empty() || first->empty()) continue;
      if (says->front().dimension == first->front().dimension) continue;
      check.report(path(i), fmt::format("expected the unit of {}, found {}",
                                        check.at(fmt::format("claims[{}]", members.front())),
                                        to_text(says->front().base, says->front().dimension)));
    }
  }
}

void check_expectation(const CheckContext& check, const MetricNames& metrics, std::size_t index) {
  const ExpectSpec& expect = check.scenario.expect[index];
  const std::string path = fmt::format("expect[{}]", index);
  if (const MetricDefinition* metric = metrics.find(expect.metric, path + ".metric")) {
    const auto same_unit = [&](const std::optional<AnyQuantity>& value, const char* key) {
      if (!value || value->dimension == metric->dimension) return;
      check.report(path + key, fmt::format("expected the metric's unit {}, found {}", metric->unit,
                                           to_text(value->base, value->dimension)));
    };
    same_unit(expect.at_least, ".at_least");
    same_unit(expect.at_most, ".at_most");
  }
  if (expect.at_least && expect.at_most && expect.at_least->base > expect.at_most->base)
    check.report(path, "expected at_least <= at_most");
  if (!expect.at_least && !expect.at_most) check.report(path, "expected at_least, at_most or both");
}

}  // namespace

void check_claims(const CheckContext& check) {
  const MetricNames metrics{check};
  for (std::size_t i = 0; i < check.scenario.claims.size(); ++i)
    ClaimCheck{check, metrics, i}.run();
  check_groups(check);
  for (std::size_t i = 0; i < check.scenario.expect.size(); ++i)
    check_expectation(check, metrics, i);
}

}  // namespace colossim
