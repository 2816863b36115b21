// Axes as written, and as values.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <colossim/experiment/study_points.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

/// What follows the number in `62 USD/MWh`.
std::string unit_of(const std::string& text) {
  const std::size_t blank = text.find(' ');
  if (blank != std::string::npos) return text.substr(text.find_first_not_of(' ', blank));
  return text.ends_with('%') ? "%" : "";
}

/// Of a unit, in base units.
double factor_of(const std::string& unit) {
  std::string problem;
  const auto one = parse_measured(unit.empty() ? "1" : "1 " + unit, problem);
  return one ? one->base : 1;
}

class AxisReader {
 public:
  AxisReader(const Study& study, const std::string& name, const AxisSpec& spec)
      : study_(study), where_("axes." + name), spec_(spec) {
    axis_.name = name;
    axis_.path = spec.path;
  }

  Axis read() {
    if (spec_.list) read_list();
    if (spec_.range) read_range();
    if (spec_.linspace) read_linspace();
    if (spec_.distribution) {
      axis_.numeric = true;
      axis_.distribution = spec_.distribution->data;
      take_unit(spec_.distribution->unit, spec_.distribution->dimension);
    }
    return std::move(axis_);
  }

 private:
  [[noreturn]] void fail(const std::string& key, std::string message, std::string hint = {}) const {
    throw ScenarioError{{study_.problem(where_ + "." + key, std::move(message), std::move(hint))}};
  }

  Measured number(const std::string& key, const std::string& text) const {
    std::string problem;
    const auto value = parse_measured(text, problem);
    if (!value) fail(key, fmt::format("expected a number with its unit: {}", problem));
    return *value;
  }

  void take_unit(const std::string& unit, Dimension dimension) {
    axis_.dimension = dimension;
    axis_.unit = unit;
    factor_ = factor_of(unit);
  }

  void add(double base) { axis_.values.push_back(tidy_value(axis_, base)); }

  /// Numbers keep their digits; where one value is no number, all are texts.
  void read_list() {
    for (const std::string& text : *spec_.list) axis_.values.push_back({.text = text});
    std::string problem;
    const auto first = parse_measured(spec_.list->front(), problem);
    axis_.numeric = first.has_value();
    if (!first) return;
    take_unit(unit_of(spec_.list->front()), first->dimension);
    for (AxisValue& value : axis_.values) {
      const auto measured = parse_measured(value.text, problem);
      if (!measured || measured->dimension != axis_.dimension) {
        axis_.numeric = false;
        return;
      }
      value.base = measured->base;
      value.number = measured->base / factor_;
    }
    check_different();
  }

  void check_different() const {
    std::vector<double> sorted;
    for (const AxisValue& value : axis_.values) sorted.push_back(value.base);
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
      fail("list", "the same value is there twice");
  }

  struct Ends {
    double from = 0;
    double to = 0;
  };
  Ends ends(const std::string& kind, const std::string& from, const std::string& to) {
    const Measured first = number(kind + ".from", from);
    const Measured last = number(kind + ".to", to);
    if (first.dimension != last.dimension) fail(kind + ".to", "expected the unit of `from`");
    if (first.base == last.base) fail(kind + ".to", "expected another value than `from`");
    axis_.numeric = true;
    take_unit(unit_of(from), first.dimension);
    return {first.base, last.base};
  }

  void read_range() {
    const Ends span = ends("range", spec_.range->from, spec_.range->to);
    const Measured step = number("range.step", spec_.range->step);
    if (step.dimension != axis_.dimension) fail("range.step", "expected the unit of `from`");
    if (!(step.base > 0)) fail("range.step", "expected more than 0");
    if (span.to < span.from) fail("range.to", "expected more than `from`");
    // A last step that is off by rounding alone still meets the end.
    const double steps = std::floor((span.to - span.from) / step.base + 1e-9);
    if (steps >= most_points)
      fail("range",
           fmt::format("expected at most {:.0f} values, found {:.3g}", most_points, steps));
    for (double i = 0; i <= steps; ++i) add(span.from + i * step.base);
  }

  void read_linspace() {
    const Ends span = ends("linspace", spec_.linspace->from, spec_.linspace->to);
    const std::int64_t last = spec_.linspace->points - 1;
    for (std::int64_t i = 0; i <= last; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(last);
      add(i == last ? span.to : span.from + (span.to - span.from) * share);
    }
  }

  const Study& study_;
  std::string where_;
  const AxisSpec& spec_;
  Axis axis_;
  double factor_ = 1;  // of the unit, in base units
};

}  // namespace

AxisValue tidy_value(const Axis& axis, double base) {
  const std::string number = fmt::format("{:.12g}", base / factor_of(axis.unit));
  AxisValue value{.text = axis.unit.empty() ? number : number + " " + axis.unit};
  std::string problem;
  if (const auto measured = parse_measured(value.text, problem)) value.base = measured->base;
  value.number = parse_number(number).value_or(0);
  return value;
}

std::vector<Axis> study_axes(const Study& study) {
  std::vector<Axis> axes;
  for (const auto& [name, spec] : study.spec.axes)
    axes.push_back(AxisReader{study, name, spec}.read());
  return axes;
}

}  // namespace colossim
