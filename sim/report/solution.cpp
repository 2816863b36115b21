// Solutions for people and machines.
#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include <colossim/report/solution.hpp>
#include <colossim/report/text.hpp>
#include <colossim/scenario/unit.hpp>

#include "screen.hpp"

namespace colossim {

namespace {

using Json = nlohmann::ordered_json;

/// Values of the input in one unit, that of the greatest.
class InputUnit {
 public:
  explicit InputUnit(const Solution& solution) {
    const SolutionPoint& low = solution.points.front();
    const SolutionPoint& high = solution.points.back();
    const double greatest = std::abs(low.input) > std::abs(high.input) ? low.input : high.input;
    const std::string text = to_text(greatest, solution.dimension);
    const std::size_t blank = text.find(' ');
    name_ = blank == std::string::npos ? "" : text.substr(blank + 1);
    if (name_.empty() && text.ends_with('%')) name_ = "%";
    std::string problem;
    if (const auto one = parse_measured("1 " + name_, problem); one && one->base != 0)
      factor_ = one->base;
  }
  [[nodiscard]] double in(double base) const { return base / factor_; }
  [[nodiscard]] std::string text(double base) const {
    return fmt::format("{:.6g}{}{}", in(base), name_.empty() ? "" : " ", name_);
  }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  double factor_ = 1;
};

std::string metric_text(const Solution& solution, const Estimate& metric) {
  const double factor = solution.metric.factor;
  return interval_text({metric.value / factor, metric.half_width / factor}, solution.metric.unit);
}

std::string seeds_text(const Solution& solution) {
  if (solution.replications == 1)
    return fmt::format("seed {}, replication {}", solution.seed, solution.first_replication);
  return fmt::format("seed {}, replications {} to {}", solution.seed, solution.first_replication,
                     solution.first_replication + solution.replications - 1);
}

/// `12.3 USD ±0.4 (95 %), between 12.2999 and 12.3`.
std::string crossing_text(const Solution& solution, const Crossing& crossing,
                          const InputUnit& unit) {
  if (crossing.jumps)
    return fmt::format("the metric leaps over the target between {} and {}: no value gives it",
                       unit.text(crossing.low.input), unit.text(crossing.high.input));
  std::string text = unit.text(crossing.input);
  if (crossing.half_width > 0)
    text += fmt::format(" ±{:.2g} (95 % over the replications)", unit.in(crossing.half_width));
  if (crossing.without_root > 0)
    text += fmt::format(" (no interval: {} of the replications alone {} no root in the range)",
                        crossing.without_root, crossing.without_root == 1 ? "has" : "have");
  if (crossing.low.input < crossing.high.input)
    text += fmt::format("   to within {:.1g}",
                        unit.in(crossing.high.input) - unit.in(crossing.low.input));
  const SolutionPoint& nearer = crossing.input == crossing.low.input ? crossing.low : crossing.high;
  return text + fmt::format("   gives {}", metric_text(solution, nearer.metric));
}

/// Why there is none.
std::string none_text(const Solution& solution, const InputUnit& unit) {
  const auto distance = [&](const SolutionPoint& point) {
    return std::abs(point.metric.value - solution.target);
  };
  const auto nearest = std::min_element(
      solution.points.begin(), solution.points.end(),
      [&](const SolutionPoint& a, const SolutionPoint& b) { return distance(a) < distance(b); });
  return fmt::format(
      "NO ROOT  {} stays {} the target from {} to {}; nearest is {} at {}", solution.metric.name,
      nearest->metric.value > solution.target ? "above" : "below",
      unit.text(solution.points.front().input), unit.text(solution.points.back().input),
      metric_text(solution, nearest->metric), unit.text(nearest->input));
}

Json point_json(const Solution& solution, const InputUnit& unit, const SolutionPoint& point) {
  return {{"input", unit.in(point.input)},
          {"metric", point.metric.value / solution.metric.factor},
          {"half_width", point.metric.half_width / solution.metric.factor}};
}

}  // namespace

std::string solution_text(const Solution& solution) {
  const InputUnit unit{solution};
  Lines lines;
  lines.add("SOLVE  {} = {} by {}", solution.metric.name,
            metric_text(solution, {solution.target, 0}), solution.path);
  lines.add("{}   {}   {} runs", solution.title, seeds_text(solution), solution.runs);
  const std::size_t width = std::max<std::size_t>(solution.path.size(), 20);
  lines.add("  {:>{}}   {}", solution.path, width, solution.metric.name);
  for (const SolutionPoint& point : solution.points)
    lines.add("  {:>{}}   {}", unit.text(point.input), width, metric_text(solution, point.metric));
  if (solution.crossings.empty()) lines.add("{}", none_text(solution, unit));
  if (solution.crossings.size() > 1)
    lines.add("{} crossings of the target", solution.crossings.size());
  for (const Crossing& crossing : solution.crossings)
    lines.add("{}  {}", crossing.jumps ? "JUMP" : "ROOT", crossing_text(solution, crossing, unit));
  return lines.take();
}

std::string solution_json(const Solution& solution, std::string_view version) {
  const InputUnit unit{solution};
  Json json{{"colossim", version},
            {"file", solution.file},
            {"vary", solution.path},
            {"vary_unit", unit.name().empty() ? "1" : unit.name()},
            {"metric", solution.metric.name},
            {"metric_unit", solution.metric.unit},
            {"target", solution.target / solution.metric.factor},
            {"seed", solution.seed},
            {"first_replication", solution.first_replication},
            {"replications", solution.replications},
            {"runs", solution.runs},
            {"points", Json::array()},
            {"crossings", Json::array()}};
  for (const SolutionPoint& point : solution.points)
    json["points"].push_back(point_json(solution, unit, point));
  for (const Crossing& crossing : solution.crossings) {
    json["crossings"].push_back({{"input", unit.in(crossing.input)},
                                 {"half_width", unit.in(crossing.half_width)},
                                 {"replications_without_root", crossing.without_root},
                                 {"jumps", crossing.jumps},
                                 {"low", point_json(solution, unit, crossing.low)},
                                 {"high", point_json(solution, unit, crossing.high)}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace colossim
