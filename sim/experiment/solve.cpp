// Break-even on common random numbers.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/experiment/solve.hpp>
#include <colossim/scenario/unit.hpp>
#include <colossim/world/simulate.hpp>

#include "paired_runs.hpp"

namespace colossim {

namespace {

struct Range {
  double low = 0;
  double high = 0;
  Dimension dimension;
};

Measured end_of(const std::string& path, const std::string& text) {
  std::string problem;
  const auto value = parse_measured(text, problem);
  if (!value) throw ConditionError{fmt::format("{}: {}", path, problem)};
  return *value;
}

Range range_of(const Scenario& scenario, const VariedInput& input) {
  const auto leaf = scenario.leaves.find(input.path);
  std::string low = input.low;
  std::string high = input.high;
  std::optional<Measured> base;
  std::string problem;
  if (leaf != scenario.leaves.end()) {
    base = parse_measured(leaf->second.text, problem);
    if (!base)
      throw ConditionError{fmt::format("{} is no plain number: {}", input.path, leaf->second.text)};
    if (low.empty()) low = leaf->second.provenance.low;
    if (high.empty()) high = leaf->second.provenance.high;
  }
  if (low.empty() || high.empty()) {
    if (!base || !(base->base > 0))
      throw ConditionError{fmt::format("{}: expected {}=LOW..HIGH, the scenario {}", input.path,
                                       input.path,
                                       base ? "has no positive value" : "has no value")};
    return {base->base / 4, base->base * 4, base->dimension};
  }
  const Measured first = end_of(input.path, low);
  const Measured last = end_of(input.path, high);
  if (first.dimension != last.dimension || !(first.base < last.base))
    throw ConditionError{
        fmt::format("{}: expected LOW below HIGH, found {}..{}", input.path, low, high)};
  return {first.base, last.base, last.dimension};
}

class Solver {
 public:
  Solver(const ScenarioSource& source, const VariedInput& input, const MetricCondition& target,
         const SolveOptions& options)
      : source_(source), options_(options) {
    const Scenario scenario = load(source.file, source.options);
    const Range range = range_of(scenario, input);
    const std::vector<MetricDefinition> known = metric_definitions(scenario);
    out_ = {.file = source.file.string(),
            .title = scenario.name,
            .path = input.path,
            .dimension = range.dimension,
            .metric = find_metric(target.metric, known),
            .target = target.limit,
            .seed = scenario.seed,
            .first_replication = scenario.replication,
            .replications = options.replications,
            .points = {},
            .crossings = {}};
    const int steps = options.points - 1;
    for (int i = 0; i <= steps; ++i)
      inputs_.push_back(i == steps ? range.high : range.low + (range.high - range.low) * i / steps);
    width_ = (range.high - range.low) * options.tolerance;
  }

  Solution solve() {
    look(inputs_);
    for (const double input : inputs_) out_.points.push_back(point(input));
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (miss(inputs_[i]) == 0) {
        out_.crossings.push_back(crossing({inputs_[i], inputs_[i], 0, 0}, neighbours(i)));
      } else if (i + 1 < inputs_.size() && miss(inputs_[i]) * miss(inputs_[i + 1]) < 0) {
        const Bracket wide = bracket(i, i + 1);
        const auto function = [&](double input) {
          look({input});
          return miss(input);
        };
        out_.crossings.push_back(crossing(narrow(wide, width_, function), wide));
      }
    }
    return std::move(out_);
  }

 private:
  /// Runs all replications of values that were not looked at yet.
  void look(std::vector<double> inputs) {
    std::erase_if(inputs, [&](double input) { return samples_.count(input) > 0; });
    const auto count = static_cast<std::size_t>(options_.replications);
    std::vector<std::vector<double>> found(inputs.size(), std::vector<double>(count));
    const CompareOptions parallel{.threads = options_.threads,
                                  .progress = [&](std::size_t done, std::size_t /*all*/) {
                                    if (options_.progress)
                                      options_.progress(static_cast<std::size_t>(out_.runs) + done);
                                  }};
    run_parallel(inputs.size() * count, parallel, [&](std::size_t i) {
      found[i / count][i % count] = run(inputs[i / count], static_cast<std::int64_t>(i % count));
    });
    for (std::size_t i = 0; i < inputs.size(); ++i) samples_[inputs[i]] = std::move(found[i]);
    out_.runs += static_cast<std::int64_t>(inputs.size() * count);
  }

  /// The metric less the target.
  double run(double input, std::int64_t replication) {
    ScenarioSource source = source_;
    source.options.overrides.push_back({out_.path, to_text(input, out_.dimension)});
    const Result result = simulate(load_(source, out_.first_replication + replication));
    const auto metric =
        std::find_if(result.metrics.begin(), result.metrics.end(),
                     [&](const MetricValue& value) { return value.name == out_.metric.name; });
    COLOSSIM_CHECK(metric != result.metrics.end(), "metric={}", out_.metric.name);
    return metric->value - out_.target;
  }

  [[nodiscard]] Estimate missed(double input) const { return estimate(samples_.at(input)); }
  [[nodiscard]] double miss(double input) const { return missed(input).value; }
  [[nodiscard]] SolutionPoint point(double input) const {
    const Estimate missed_by = missed(input);
    return {input, {missed_by.value + out_.target, missed_by.half_width}};
  }
  [[nodiscard]] Bracket bracket(std::size_t low, std::size_t high) const {
    return {inputs_[low], inputs_[high], miss(inputs_[low]), miss(inputs_[high])};
  }
  [[nodiscard]] Bracket neighbours(std::size_t i) const {
    return bracket(i == 0 ? 0 : i - 1, std::min(i + 1, inputs_.size() - 1));
  }

  /// What a narrow bracket says; `wide` is the one it was found in.
  [[nodiscard]] Crossing crossing(const Bracket& narrow, const Bracket& wide) {
    const bool low_is_nearer = std::abs(narrow.at_low) <= std::abs(narrow.at_high);
    Crossing out{.low = point(narrow.low), .high = point(narrow.high)};
    out.input = low_is_nearer ? narrow.low : narrow.high;
    const double rise = std::abs(wide.at_high - wide.at_low);
    // A metric without a leap has come down in proportion to the bracket.
    constexpr double leap = 1e-2;
    out.jumps = std::abs(narrow.at_high - narrow.at_low) > leap * rise;
    if (!out.jumps && options_.replications > 1) spread(out);
    return out;
  }

  /// The interval of a root, from the roots of the replications.
  void spread(Crossing& crossing) {
    const auto count = static_cast<std::size_t>(options_.replications);
    std::vector<std::optional<double>> found(count);
    std::vector<std::int64_t> runs(count);
    run_parallel(count, {.threads = options_.threads},
                 [&](std::size_t r) { found[r] = root_of(r, crossing.input, runs[r]); });
    std::vector<double> roots;
    for (std::size_t r = 0; r < count; ++r) {
      out_.runs += runs[r];
      if (found[r]) roots.push_back(*found[r]);
    }
    crossing.without_root = options_.replications - static_cast<std::int64_t>(roots.size());
    if (crossing.without_root == 0) crossing.half_width = estimate(roots).half_width;
  }

  /// The root of one replication between those two of the points that are nearest; nothing when it
  /// crosses the target between none.
  std::optional<double> root_of(std::size_t replication, double near, std::int64_t& runs) {
    const auto at = [&](std::size_t i) { return samples_.at(inputs_[i])[replication]; };
    std::optional<Bracket> nearest;
    double distance = 0;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      Bracket here{inputs_[i], inputs_[i], at(i), at(i)};
      if (at(i) != 0) {
        if (i + 1 == inputs_.size() || (at(i) < 0) == (at(i + 1) < 0)) continue;
        here = {inputs_[i], inputs_[i + 1], at(i), at(i + 1)};
      }
      const double off = std::max({here.low - near, near - here.high, 0.0});
      if (nearest && off >= distance) continue;
      nearest = here;
      distance = off;
    }
    if (!nearest || nearest->low == nearest->high)
      return nearest ? std::optional{nearest->low} : std::nullopt;
    if (nearest->at_high == 0) return nearest->high;
    const Bracket root = narrow(*nearest, width_, [&](double input) {
      ++runs;
      return run(input, static_cast<std::int64_t>(replication));
    });
    return std::abs(root.at_low) <= std::abs(root.at_high) ? root.low : root.high;
  }

  const ScenarioSource& source_;
  const SolveOptions& options_;
  ReplicationLoader load_;
  Solution out_;
  std::vector<double> inputs_;
  double width_ = 0;
  std::map<double, std::vector<double>> samples_;  // metric less target, by input
};

}  // namespace

VariedInput parse_varied(std::string_view text) {
  const std::size_t equals = text.find('=');
  VariedInput input{std::string{text.substr(0, equals)}, {}, {}};
  if (input.path.empty()) throw ConditionError{"expected PATH or PATH=LOW..HIGH"};
  if (equals == std::string_view::npos) return input;
  const std::string_view range = text.substr(equals + 1);
  const std::size_t dots = range.find("..");
  if (dots == 0 || dots == std::string_view::npos || dots + 2 >= range.size())
    throw ConditionError{fmt::format("{}: expected LOW..HIGH, found \"{}\"", input.path, range)};
  input.low = range.substr(0, dots);
  input.high = range.substr(dots + 2);
  const std::size_t blank = input.high.find(' ');
  if (parse_number(input.low)) {
    if (blank != std::string::npos) input.low += input.high.substr(blank);
    if (blank == std::string::npos && input.high.ends_with('%')) input.low += " %";
  }
  return input;
}

Bracket narrow(Bracket bracket, double width, const std::function<double(double)>& function) {
  // What the secant is drawn through; less than the value at an end that has stayed twice.
  double weight_low = bracket.at_low;
  double weight_high = bracket.at_high;
  enum class Moved { none, low, high } moved = Moved::none;
  double was_wide = bracket.high - bracket.low;
  for (int step = 1; bracket.high - bracket.low > width; ++step) {
    const double span = bracket.high - bracket.low;
    double next = bracket.low - weight_low * span / (weight_high - weight_low);
    if (step % 3 == 0) {
      const bool slow = span > was_wide / 2;
      if (slow) next = (bracket.low + bracket.high) / 2;
      was_wide = slow ? span / 2 : span;
    }
    // A little off both ends, so that the one that is near comes in as well.
    next = std::clamp(next, bracket.low + width / 4, bracket.high - width / 4);
    if (!(next > bracket.low && next < bracket.high)) return bracket;  // no double is between
    const double value = function(next);
    if (value == 0) return {next, next, 0, 0};
    const auto reduced = [&](double replaced) {
      const double share = 1 - value / replaced;
      return share > 0 ? share : 0.5;
    };
    if ((value < 0) == (bracket.at_low < 0)) {
      if (moved == Moved::low) weight_high *= reduced(bracket.at_low);
      moved = Moved::low;
      bracket.low = next;
      bracket.at_low = weight_low = value;
    } else {
      if (moved == Moved::high) weight_low *= reduced(bracket.at_high);
      moved = Moved::high;
      bracket.high = next;
      bracket.at_high = weight_high = value;
    }
  }
  return bracket;
}

Solution solve(const ScenarioSource& source, const VariedInput& input,
               const MetricCondition& target, const SolveOptions& options) {
  COLOSSIM_CHECK(options.replications >= 1 && options.points >= 2, "replications={} points={}",
                 options.replications, options.points);
  if (target.relative)
    throw ConditionError{
        fmt::format("target of {}: expected a value, found a share", target.metric)};
  return Solver{source, input, target, options}.solve();
}

}  // namespace colossim
