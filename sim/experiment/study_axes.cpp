// Axes as written, and as values.
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <colossim/experiment/study_points.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

bool is_date(const std::string& text) {
  return parse_date(text).has_value();
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
      axis_.distribution = spec_.distribution->data;
      axis_.numeric = spec_.distribution->texts.empty();
      for (const std::string& text : spec_.distribution->texts) add_text(text);
      take_unit(spec_.distribution->unit, spec_.distribution->dimension);
    }
    if (spec_.list) check_different();
    axis_.dates = !axis_.values.empty() &&
                  std::all_of(axis_.values.begin(), axis_.values.end(),
                              [](const AxisValue& value) { return is_date(value.text); });
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
    factor_ = unit_factor(unit);
  }

  void add_text(std::string text) { axis_.values.push_back({.text = std::move(text)}); }
  void add(double base) { axis_.values.push_back(tidy_value(axis_, base)); }

  /// Numbers keep their digits; where one value is no number, all are texts.
  void read_list() {
    for (const std::string& text : *spec_.list) add_text(text);
    std::string problem;
    const auto first = parse_measured(spec_.list->front(), problem);
    axis_.numeric = first.has_value();
    if (!first) return;
    take_unit(unit_of(spec_.list->front()), first->dimension);
    for (AxisValue& value : axis_.values) {
      const auto measured = parse_measured(value.text, problem);
      if (!measured || measured->dimension != axis_.dimension) {
        axis_.numeric = false;
        take_unit("", {});
        return;
      }
      value.base = measured->base;
      // In the axis' unit as written: 30, and not 30.000000000000004.
      const std::string digits = value.text.substr(0, value.text.find_first_of(" %"));
      value.number = unit_of(value.text) == axis_.unit ? parse_number(digits).value_or(0)
                                                       : tidy_value(axis_, value.base).number;
    }
  }

  /// A value that is there twice would be run twice; zipped with another axis it may be.
  void check_different() const {
    const auto is_zipped = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), axis_.name) != names.end();
    };
    if (std::any_of(study_.spec.zip.begin(), study_.spec.zip.end(), is_zipped)) return;
    std::set<std::pair<double, std::string>> seen;
    for (const AxisValue& value : axis_.values) {
      if (!seen.emplace(value.base, axis_.numeric ? "" : value.text).second)
        fail("list", fmt::format("{} is there twice", value.text));
    }
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

  struct Dates {
    Date from;
    Date to;
  };
  /// The ends when the first is a date; then the last must be one, later than it.
  std::optional<Dates> date_ends(const std::string& kind, const std::string& from,
                                 const std::string& to) const {
    const auto first = parse_date(from);
    if (!first) return std::nullopt;
    const auto last = parse_date(to);
    if (!last) fail(kind + ".to", fmt::format("expected a date as `from` is, found \"{}\"", to));
    if (*last <= *first) fail(kind + ".to", "expected a later date than `from`");
    return Dates{*first, *last};
  }

  /// A step of calendar months, or of days.
  void read_date_range(const Dates& span) {
    const std::string& text = spec_.range->step;
    const auto period = parse_period(text);
    std::string problem;
    const auto step = parse_measured(text, problem);
    const double days =
        step && step->dimension == Time::dimension ? step->base / (24 * units::hour.base()) : 0;
    const bool is_whole = period ? period->months > 0 : days >= 1 && days == std::floor(days);
    if (!is_whole || days > most_points)
      fail("range.step", fmt::format("expected whole days or calendar months between dates, such "
                                     "as 30 d or 1 month, found \"{}\"",
                                     text));
    for (int i = 0;; ++i) {
      const Date date = period ? span.from + Period{period->months * i}
                               : add_days(span.from, static_cast<std::int64_t>(days) * i);
      if (date > span.to) break;
      add_text(to_string(date));
    }
  }

  void read_range() {
    if (const auto dates = date_ends("range", spec_.range->from, spec_.range->to))
      return read_date_range(*dates);
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

  void read_date_linspace(const Dates& span) {
    const std::int64_t days = days_between(span.from, span.to);
    const std::int64_t last = spec_.linspace->points - 1;
    if (last > days)
      fail("linspace.points",
           fmt::format("expected at most {}, one each day of the span", days + 1));
    for (std::int64_t i = 0; i <= last; ++i)
      add_text(to_string(add_days(span.from, (days * i + last / 2) / last)));
  }

  void read_linspace() {
    if (const auto dates = date_ends("linspace", spec_.linspace->from, spec_.linspace->to))
      return read_date_linspace(*dates);
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
  const std::string number = fmt::format("{:.12g}", base / unit_factor(axis.unit));
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
