// Solutions for people and machines.
#include <algorithm>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include <colossim/report/solution.hpp>
#include <colossim/report/text.hpp>

#include "screen.hpp"

namespace colossim {

namespace {

using Json = nlohmann::ordered_json;

double in_unit(const Solution& solution, double input) {
  return input / solution.unit_factor;
}

/// `2.31 USD/gpu/h`, with so many digits.
std::string input_text(const Solution& solution, double input, int digits = 6) {
  return fmt::format("{:.{}g}{}{}", in_unit(solution, input), digits,
                     solution.unit.empty() ? "" : " ", solution.unit);
}

/// Two inputs, with as many digits as tell them apart.
std::string between_text(const Solution& solution, double low, double high) {
  int digits = 6;
  while (digits < 17 && input_text(solution, low, digits) == input_text(solution, high, digits))
    ++digits;
  return fmt::format("{} and {}", input_text(solution, low, digits),
                     input_text(solution, high, digits));
}

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

/// ` ±0.4 USD (95 % over the replications)`.
std::string spread_text(const Solution& solution, const Crossing& crossing) {
  const double width = crossing.high.input - crossing.low.input;
  const double finest = crossing.kind == Meeting::step ? 0 : width / 2;
  if (crossing.half_width && *crossing.half_width <= finest)
    return " (in all replications)";  // finer than what was looked for
  if (crossing.half_width)
    return fmt::format(" ±{} (95 % over the replications)",
                       input_text(solution, *crossing.half_width, 2));
  if (crossing.without_root > 0)
    return fmt::format(" (no interval: {} of the replications alone {} no root in the range)",
                       crossing.without_root, crossing.without_root == 1 ? "has" : "have");
  return "";
}

std::string root_text(const Solution& solution, const Crossing& crossing) {
  std::string text =
      "ROOT  " + input_text(solution, crossing.input) + spread_text(solution, crossing);
  if (crossing.low.input < crossing.high.input)
    text += "   to within " + input_text(solution, crossing.high.input - crossing.low.input, 1);
  const SolutionPoint& nearer = crossing.input == crossing.low.input ? crossing.low : crossing.high;
  return text + fmt::format("   gives {}", metric_text(solution, nearer.metric));
}

/// A line for a crossing: `ROOT  12.3 USD ±0.4 USD (95 % over the replications)   gives ...`.
std::string crossing_text(const Solution& solution, const Crossing& crossing) {
  const std::string ends = between_text(solution, crossing.low.input, crossing.high.input);
  const std::string values = fmt::format("{} and {}", metric_text(solution, crossing.low.metric),
                                         metric_text(solution, crossing.high.metric));
  switch (crossing.kind) {
    case Meeting::root:
      return root_text(solution, crossing);
    case Meeting::jump:
      return fmt::format("JUMP  between {} the metric leaps over the target: {}", ends, values);
    case Meeting::step:
      return fmt::format("STEP  between {}{}: {}", ends, spread_text(solution, crossing), values);
    case Meeting::holds:
      return fmt::format("HOLDS between {}: every value gives the target", ends);
    case Meeting::gap:
      break;
  }
  return fmt::format(
      "GAP   between {} the metric passes the target ({}), where the scenario "
      "refuses values",
      ends, values);
}

/// Why there is none.
std::string none_text(const Solution& solution) {
  std::vector<SolutionPoint> taken;
  for (const SolutionPoint& point : solution.points) {
    if (point.refused.empty()) taken.push_back(point);
  }
  const auto distance = [&](const SolutionPoint& point) {
    return std::abs(point.metric.value - solution.target);
  };
  const SolutionPoint nearest = *std::min_element(
      taken.begin(), taken.end(),
      [&](const SolutionPoint& a, const SolutionPoint& b) { return distance(a) < distance(b); });
  const std::string found =
      fmt::format("{} is {} at {}", solution.metric.name, metric_text(solution, nearest.metric),
                  input_text(solution, nearest.input));
  if (taken.size() == 1)
    return fmt::format("NO ROOT  {}, the only value looked at that the scenario takes", found);
  const char* side = nearest.metric.value > solution.target ? "above" : "below";
  const std::string range = fmt::format("from {} to {}", input_text(solution, taken.front().input),
                                        input_text(solution, taken.back().input));
  if (!solution.depends)
    return fmt::format("NO ROOT  {} stays {} the target: {} it does not depend on {}",
                       solution.metric.name, side, range, solution.path);
  return fmt::format("NO ROOT  {} stays {} the target {}; nearest is {} at {}",
                     solution.metric.name, side, range, metric_text(solution, nearest.metric),
                     input_text(solution, nearest.input));
}

/// No interval of a single run.
Json half_width_json(const Solution& solution, double half_width) {
  if (solution.replications == 1) return nullptr;
  return half_width / solution.metric.factor;
}

Json point_json(const Solution& solution, const SolutionPoint& point) {
  Json json{{"input", in_unit(solution, point.input)}};
  if (!point.refused.empty()) {
    json["refused"] = point.refused;
    return json;
  }
  json["metric"] = point.metric.value / solution.metric.factor;
  json["half_width"] = half_width_json(solution, point.metric.half_width);
  return json;
}

Json crossing_json(const Solution& solution, const Crossing& crossing) {
  Json json{{"kind", name_of(crossing.kind)},
            {"input", in_unit(solution, crossing.input)},
            {"half_width", nullptr},
            {"replications_without_root", crossing.without_root},
            {"low", point_json(solution, crossing.low)},
            {"high", point_json(solution, crossing.high)}};
  if (crossing.half_width) json["half_width"] = in_unit(solution, *crossing.half_width);
  return json;
}

}  // namespace

std::string_view name_of(Meeting meeting) {
  switch (meeting) {
    case Meeting::root:
      return "root";
    case Meeting::jump:
      return "jump";
    case Meeting::step:
      return "step";
    case Meeting::holds:
      return "holds";
    case Meeting::gap:
      break;
  }
  return "gap";
}

std::string solution_text(const Solution& solution) {
  Lines lines;
  lines.add("SOLVE  {} = {} by {}", solution.metric.name,
            metric_text(solution, {solution.target, 0}), solution.path);
  lines.add("{}   {}   {} runs", solution.title, seeds_text(solution), solution.runs);
  const std::size_t width = std::max<std::size_t>(solution.path.size(), 20);
  lines.add("  {:>{}}   {}", solution.path, width, solution.metric.name);
  for (const SolutionPoint& point : solution.points)
    lines.add(
        "  {:>{}}   {}", input_text(solution, point.input, point.refused.empty() ? 6 : 10), width,
        point.refused.empty() ? metric_text(solution, point.metric) : "refused: " + point.refused);
  if (solution.crossings.empty()) lines.add("{}", none_text(solution));
  if (solution.crossings.size() > 1)
    lines.add("{} crossings of the target", solution.crossings.size());
  for (const Crossing& crossing : solution.crossings)
    lines.add("{}", crossing_text(solution, crossing));
  if (!solution.depends && !solution.crossings.empty())
    lines.add("{} does not depend on {}", solution.metric.name, solution.path);
  return lines.take();
}

std::string solution_json(const Solution& solution, std::string_view version) {
  Json json{{"colossim", version},
            {"file", solution.file},
            {"vary", solution.path},
            {"vary_unit", solution.unit.empty() ? "1" : solution.unit},
            {"metric", solution.metric.name},
            {"metric_unit", solution.metric.unit},
            {"target", solution.target / solution.metric.factor},
            {"seed", solution.seed},
            {"first_replication", solution.first_replication},
            {"replications", solution.replications},
            {"runs", solution.runs},
            {"depends", solution.depends},
            {"points", Json::array()},
            {"crossings", Json::array()}};
  for (const SolutionPoint& point : solution.points)
    json["points"].push_back(point_json(solution, point));
  for (const Crossing& crossing : solution.crossings)
    json["crossings"].push_back(crossing_json(solution, crossing));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace colossim
