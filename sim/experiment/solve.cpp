// Break-even on common random numbers.
#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/experiment/solve.hpp>
#include <colossim/world/simulate.hpp>

#include "paired_runs.hpp"
#include "varied_input.hpp"

namespace colossim {

namespace {

/// What one value of the input comes to: the metric less the target, by replication; or why the
/// scenario refuses it.
struct Sample {
  std::vector<double> missed;
  std::vector<Diagnostic> refused;
};

class Solver {
 public:
  Solver(const ScenarioSource& source, const VariedInput& input, const MetricCondition& target,
         const SolveOptions& options)
      : files_(source.file, source.options), options_(options) {
    const Scenario scenario = files_.load({});
    range_ = range_of(files_, scenario, input);
    out_ = {.file = source.file.string(),
            .title = scenario.name,
            .path = input.path,
            .unit = range_.unit,
            .unit_factor = range_.unit_factor,
            .metric = find_metric(target.metric, metric_definitions(scenario)),
            .target = target.limit,
            .seed = scenario.seed,
            .first_replication = scenario.replication,
            .replications = options.replications,
            .points = {},
            .crossings = {}};
    if (target.relative && out_.metric.dimension != Dimension{})
      throw ConditionError{fmt::format(
          "target of {}: expected a value with its unit, found a share", target.metric)};
    if (input.path == "replication")
      throw ConditionError{"replication: replicates of one input are counted by --reps"};
    if (input.path == "seed" && source.options.seed)
      throw ConditionError{"seed: --seed sets it, so it cannot be varied"};
    leave_refused_ends();
    inputs_ = range_.spread(options.points);
    width_ = (range_.high - range_.low) * options.tolerance;
  }

  Solution solve() {
    look(inputs_);
    for (const double input : inputs_) out_.points.push_back(point(input));
    for (const SolutionPoint& end : refused_ends_)
      out_.points.insert(end.input < inputs_.front() ? out_.points.begin() : out_.points.end(),
                         end);
    require_any();
    std::erase_if(inputs_, [&](double input) { return is_refused(input); });
    measure();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (miss(inputs_[i]) == 0) {
        std::size_t last = i;
        while (last + 1 < inputs_.size() && miss(inputs_[last + 1]) == 0) ++last;
        out_.crossings.push_back(on_target(inputs_[i], inputs_[last], inputs_[i == 0 ? 0 : i - 1],
                                           inputs_[std::min(last + 1, inputs_.size() - 1)]));
        i = last;
      } else if (i + 1 < inputs_.size() && miss(inputs_[i]) * miss(inputs_[i + 1]) < 0) {
        out_.crossings.push_back(between(bracket(i, i + 1)));
      }
    }
    return std::move(out_);
  }

 private:
  /// Runs all replications of values that were not looked at yet.
  void look(std::vector<double> inputs) {
    std::erase_if(inputs, [&](double input) { return samples_.count(input) > 0; });
    const auto count = static_cast<std::size_t>(options_.replications);
    std::vector<Sample> found(inputs.size() * count);
    const CompareOptions parallel{.threads = options_.threads,
                                  .progress = [&](std::size_t done, std::size_t /*all*/) {
                                    if (options_.progress)
                                      options_.progress(static_cast<std::size_t>(out_.runs) + done);
                                  }};
    run_parallel(found.size(), parallel, [&](std::size_t i) {
      found[i] = run(inputs[i / count], static_cast<std::int64_t>(i % count));
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
      Sample& sample = samples_[inputs[i / count]];
      if (sample.refused.empty()) sample.refused = std::move(found[i].refused);
      sample.missed.insert(sample.missed.end(), found[i].missed.begin(), found[i].missed.end());
    }
    out_.runs += static_cast<std::int64_t>(found.size());
  }

  /// The scenario with a value of the input; or why it refuses it.
  std::optional<Scenario> scenario_with(double input, std::int64_t replication,
                                        std::vector<Diagnostic>& refused) {
    const std::string text = range_.text(input);
    const std::lock_guard alone{reading_};
    try {
      return files_.load({{out_.path, text},
                          {"replication", std::to_string(out_.first_replication + replication)}});
    } catch (const ScenarioError& error) {
      refused = error.diagnostics();
    }
    for (Diagnostic& problem : refused) {
      if (problem.mark.file == "--set " + out_.path)
        problem.mark = {fmt::format("--vary {}={}", out_.path, text)};
    }
    return std::nullopt;
  }

  Sample run(double input, std::int64_t replication) {
    Sample sample;
    std::optional<Scenario> scenario = scenario_with(input, replication, sample.refused);
    if (!scenario) return sample;
    const Result result = simulate(std::move(*scenario));
    const auto metric =
        std::find_if(result.metrics.begin(), result.metrics.end(),
                     [&](const MetricValue& value) { return value.name == out_.metric.name; });
    COLOSSIM_CHECK(metric != result.metrics.end(), "metric={}", out_.metric.name);
    sample.missed = {metric->value - out_.target};
    return sample;
  }

  /// Ends of the range that the scenario refuses are left: it is searched from the first value
  /// that is taken to the last. Nothing is run for that.
  void leave_refused_ends() {
    const std::vector<double> values = range_.spread(options_.points);
    std::vector<Diagnostic> why;
    const auto taken = [&](double value) { return scenario_with(value, 0, why).has_value(); };
    std::size_t first = 0;
    while (first < values.size() && !taken(values[first])) ++first;
    if (first == values.size()) return;
    std::size_t last = values.size() - 1;
    while (!taken(values[last])) --last;
    width_ = (range_.high - range_.low) * options_.tolerance;
    const auto edge = [&](double on, double off) {
      close_in(on, off, taken);
      static_cast<void>(taken(off));  // why not
      refused_ends_.push_back({off, {}, why.front().message});
      return on;
    };
    if (first > 0) range_.low = edge(values[first], values[first - 1]);
    if (last + 1 < values.size()) range_.high = edge(values[last], values[last + 1]);
  }

  /// How close two inputs are that have none between them to look at.
  [[nodiscard]] double finest() const { return std::max(width_, range_.grid * (1 + 1e-9)); }

  /// Halves the way between an input for which something holds and one for which it does not.
  void close_in(double& on, double& off, const std::function<bool(double)>& holds) const {
    while (std::abs(on - off) > finest()) {
      double middle = (on + off) / 2;
      if (range_.grid > 0) middle = nearest_multiple(middle, range_.grid);
      (holds(middle) ? on : off) = middle;
    }
  }

  [[nodiscard]] bool is_refused(double input) const { return !samples_.at(input).refused.empty(); }

  /// Where every value is refused, the input is at fault.
  void require_any() const {
    if (!std::all_of(inputs_.begin(), inputs_.end(), [&](double x) { return is_refused(x); }))
      return;
    throw ScenarioError{samples_.at(inputs_.front()).refused};
  }

  /// How far the metric may be off the target by rounding alone, and whether it depends at all.
  void measure() {
    double greatest = std::abs(out_.target);
    for (const double input : inputs_)
      greatest = std::max(greatest, std::abs(missed(input).value + out_.target));
    rounding_ = greatest * 1e-12;
    out_.depends =
        inputs_.size() < 2 || std::any_of(inputs_.begin(), inputs_.end(), [&](double input) {
          return std::abs(missed(input).value - missed(inputs_.front()).value) > rounding_;
        });
  }

  [[nodiscard]] Estimate missed(double input) const { return estimate(samples_.at(input).missed); }
  /// 0 where it is off by rounding alone.
  [[nodiscard]] double miss(double input) const {
    const double off = missed(input).value;
    return std::abs(off) <= rounding_ ? 0 : off;
  }
  std::optional<double> look_at(double input) {
    look({input});
    return is_refused(input) ? std::nullopt : std::optional{miss(input)};
  }
  [[nodiscard]] SolutionPoint point(double input) const {
    if (is_refused(input)) return {input, {}, samples_.at(input).refused.front().message};
    const Estimate missed_by = missed(input);
    return {input, {missed_by.value + out_.target, missed_by.half_width}};
  }
  [[nodiscard]] Bracket bracket(std::size_t low, std::size_t high) const {
    return {inputs_[low], inputs_[high], miss(inputs_[low]), miss(inputs_[high])};
  }

  /// Inputs from `first` to `last` give the target, those from `below` down and from `above` up do
  /// not: a root where it is one input and those beside it do not, else a stretch, whose ends are
  /// found by halving.
  Crossing on_target(double first, double last, double below, double above) {
    const double step = std::max(width_, range_.grid);
    const auto gives = [&](double input) { return look_at(input).value_or(1) == 0; };
    const bool is_one = first == last && !(below < first && gives(std::max(first - step, below))) &&
                        !(above > last && gives(std::min(last + step, above)));
    if (is_one) {
      Crossing root{.low = point(first), .high = point(first), .input = first};
      spread(root);
      return root;
    }
    close_in(first, below, gives);
    close_in(last, above, gives);
    return {.kind = Meeting::holds, .low = point(first), .high = point(last), .input = first};
  }

  /// Somewhere within a bracket.
  Crossing between(const Bracket& wide) {
    const PartialFunction function = [&](double input) { return look_at(input); };
    Bracket found = narrow(wide, width_, function, range_.grid);
    if (found.low == found.high) return on_target(found.low, found.low, wide.low, wide.high);
    Crossing out;
    if (found.high - found.low > finest()) {
      out.kind = Meeting::gap;
    } else if (range_.grid > 0) {
      out.kind = Meeting::step;
    } else if (leaps(found, std::abs(wide.at_high - wide.at_low), function)) {
      out.kind = Meeting::jump;
    }
    out.low = point(found.low);
    out.high = point(found.high);
    out.input = std::abs(found.at_low) <= std::abs(found.at_high) ? found.low : found.high;
    if (out.kind == Meeting::root || out.kind == Meeting::step) spread(out);
    return out;
  }

  /// Narrows a bracket further: a metric without a leap comes down with its width. What rounding
  /// may make of the `rise` that the bracket was found in is no leap.
  bool leaps(Bracket& bracket, double rise, const PartialFunction& function) const {
    const double before = std::abs(bracket.at_high - bracket.at_low);
    if (before <= rise * 1e-9) return false;
    bracket = narrow(bracket, (bracket.high - bracket.low) / 64, function);
    return std::abs(bracket.at_high - bracket.at_low) > before / 2;
  }

  /// The interval of a root, from the roots of the replications.
  void spread(Crossing& crossing) {
    if (options_.replications == 1) return;
    const auto count = static_cast<std::size_t>(options_.replications);
    std::vector<std::optional<double>> found(count);
    std::vector<std::int64_t> runs(count);
    const auto before = static_cast<std::size_t>(out_.runs);
    const CompareOptions parallel{.threads = options_.threads,
                                  .progress = [&](std::size_t done, std::size_t /*all*/) {
                                    if (options_.progress) options_.progress(before + done);
                                  }};
    run_parallel(count, parallel,
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
    const auto at = [&](std::size_t i) { return samples_.at(inputs_[i]).missed[replication]; };
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
    const PartialFunction function = [&](double input) -> std::optional<double> {
      ++runs;
      const Sample sample = run(input, static_cast<std::int64_t>(replication));
      return sample.missed.empty() ? std::nullopt : std::optional{sample.missed.front()};
    };
    const Bracket root = narrow(*nearest, width_, function, range_.grid);
    return std::abs(root.at_low) <= std::abs(root.at_high) ? root.low : root.high;
  }

  ScenarioFiles files_;
  const SolveOptions& options_;
  std::mutex reading_;  // files are not read from two threads at once
  VariedRange range_;
  std::vector<SolutionPoint> refused_ends_;
  Solution out_;
  std::vector<double> inputs_;  // looked at first; those that are refused only until they are
  double width_ = 0;
  double rounding_ = 0;
  std::map<double, Sample> samples_;  // by input
};

}  // namespace

Bracket narrow(Bracket bracket, double width, const PartialFunction& function, double grid) {
  // What the secant is drawn through; less than the value at an end that has stayed twice.
  double weight_low = bracket.at_low;
  double weight_high = bracket.at_high;
  enum class Moved { none, low, high } moved = Moved::none;
  double was_wide = bracket.high - bracket.low;
  const double narrowest = std::max(width, grid * (1 + 1e-9));
  for (int step = 1; bracket.high - bracket.low > narrowest; ++step) {
    const double span = bracket.high - bracket.low;
    double next = bracket.low - weight_low * span / (weight_high - weight_low);
    if (step % 3 == 0) {
      const bool slow = span > was_wide / 2;
      if (slow) next = (bracket.low + bracket.high) / 2;
      was_wide = slow ? span / 2 : span;
    }
    // A little off both ends, so that the one that is near comes in as well.
    const double margin = std::max(width / 4, grid);
    next = std::clamp(next, bracket.low + margin, bracket.high - margin);
    if (grid > 0) next = nearest_multiple(next, grid);
    if (!(next > bracket.low && next < bracket.high)) return bracket;  // no double is between
    const std::optional<double> value = function(next);
    if (!value) return bracket;
    if (*value == 0) return {next, next, 0, 0};
    const auto reduced = [&](double replaced) {
      const double share = 1 - *value / replaced;
      return share > 0 ? share : 0.5;
    };
    if ((*value < 0) == (bracket.at_low < 0)) {
      if (moved == Moved::low) weight_high *= reduced(bracket.at_low);
      moved = Moved::low;
      bracket.low = next;
      bracket.at_low = weight_low = *value;
    } else {
      if (moved == Moved::high) weight_low *= reduced(bracket.at_high);
      moved = Moved::high;
      bracket.high = next;
      bracket.at_high = weight_high = *value;
    }
  }
  return bracket;
}

Solution solve(const ScenarioSource& source, const VariedInput& input,
               const MetricCondition& target, const SolveOptions& options) {
  COLOSSIM_CHECK(options.replications >= 1 && options.points >= 2, "replications={} points={}",
                 options.replications, options.points);
  return Solver{source, input, target, options}.solve();
}

}  // namespace colossim
