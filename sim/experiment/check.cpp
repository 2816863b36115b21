// One run per scenario, held against what is written beside it.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/base/check.hpp>
#include <colossim/experiment/check.hpp>
#include <colossim/experiment/claim_runs.hpp>
#include <colossim/experiment/event_log.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/scenario/metric_condition.hpp>
#include <colossim/scenario/tree.hpp>
#include <colossim/scenario/unit.hpp>

#include "paired_runs.hpp"

namespace colossim {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t digest_limit = std::size_t{1} << 20;  // bytes

/// Whether a file of a folder is a scenario that says what it should give.
bool is_checked(const fs::path& file) {
  const std::string name = file.filename().string();
  if (file.extension() != ".yaml" || name.ends_with(".golden.yaml")) return false;
  std::error_code error;
  if (fs::exists(golden_file(file), error)) return true;
  Diagnostics ignored;
  FileNames names;
  constexpr std::size_t limit = std::size_t{8} << 20;
  const auto tree = parse_yaml(read_file(file, limit), names.add(name), names, ignored);
  return tree && tree->is_map() && tree->find("expect") != nullptr;
}

class Checker {
 public:
  Checker(const fs::path& file, const CheckOptions& options) : file_(file), options_(options) {
    out_.file = file.string();
  }

  CheckedScenario check() {
    try {
      run();
    } catch (const ScenarioError& error) {
      fault(error.what());
    } catch (const std::system_error& error) {
      fault(error.what());
    } catch (const InvariantBroken& error) {
      fault(fmt::format("this is a bug: {}", error.what()));
    }
    return std::move(out_);
  }

 private:
  void fault(const std::string& what) {
    out_.state = CheckState::faulty;
    out_.fault = what;
  }

  void run() {
    const Scenario scenario = load(file_, options_.load);
    known_ = metric_definitions(scenario);
    out_.known = known_.size();
    hash_ = scenario_hash(scenario);
    std::error_code error;
    std::optional<Golden> golden;
    if (fs::exists(golden_file(file_), error)) golden = read_golden(golden_file(file_), known_);
    EventLog log{golden && golden->trace ? digests() : std::nullopt};
    const Result result = simulate(scenario, {.observer = &log});
    for (const MetricValue& metric : result.metrics) values_[metric.name] = metric.value;
    out_.events = static_cast<std::int64_t>(log.events());
    if (options_.update) {
      write(golden, log);
    } else if (golden) {
      compare(*golden, log);
    } else if (scenario.expect.empty()) {
      fault(
          "there is neither a golden beside it nor `expect:` in it: nothing to hold it against; "
          "--update writes a golden");
      return;
    } else {
      out_.state = CheckState::no_golden;
    }
    out_.violations = violated_expectations(scenario, result);
    if (!out_.violations.empty() && out_.state != CheckState::drift)
      out_.state = CheckState::violated;
  }

  [[nodiscard]] std::optional<EventDigests> digests() const {
    std::error_code error;
    if (!fs::exists(event_file(file_), error)) return std::nullopt;
    return EventDigests::parse(read_file(event_file(file_), digest_limit));
  }

  [[nodiscard]] const MetricDefinition* definition(const std::string& name) const {
    const auto found = std::find_if(known_.begin(), known_.end(),
                                    [&](const MetricDefinition& d) { return d.name == name; });
    return found == known_.end() ? nullptr : &*found;
  }

  void compare(const Golden& golden, const EventLog& log) {
    for (const GoldenMetric& metric : golden.metrics) compare(metric);
    out_.metrics = golden.metrics.size();
    out_.golden_events = golden.events;
    out_.scenario_changed = golden.scenario != hash_;
    if (golden.version != options_.version) out_.golden_version = golden.version;
    out_.trace_differs = golden.trace && *golden.trace != log.hash();
    out_.has_digests = digests().has_value();
    if (out_.trace_differs && log.divergence()) {
      const Divergence& found = *log.divergence();
      out_.first_event =
          EventDrift{found.from, fmt::format("{:.3f} h", hours(found.time)), found.events};
    }
    if (out_.trace_differs || !out_.drifts.empty()) out_.state = CheckState::drift;
  }

  static double hours(SimTime time) { return static_cast<double>(time.ns()) / 3.6e12; }

  /// The golden's value in the metric's unit: people may write kUSD for USD.
  static std::optional<double> value_in_unit(const GoldenMetric& golden,
                                             const MetricDefinition& metric) {
    if (golden.unit == metric.unit) return golden.value;
    std::string problem;
    const auto one = parse_measured("1 " + golden.unit, problem);
    if (!one || one->dimension != metric.dimension) return std::nullopt;
    return golden.value * one->base / metric.factor;
  }

  void compare(const GoldenMetric& metric) {
    const MetricDefinition* d = definition(metric.name);
    const auto value = values_.find(metric.name);
    MetricDrift drift{metric.name, metric.unit, metric.value, {}, metric.tolerance.text, {}};
    if (d == nullptr) {
      drift.note = fmt::format("there is no such metric; {}", metric_hint(metric.name, known_));
    } else if (const auto was = value_in_unit(metric, *d); !was) {
      drift.note = fmt::format("its unit is {}", d->unit);
    } else if (value != values_.end()) {
      drift.unit = d->unit;
      drift.was = *was;
      drift.is = value->second / d->factor;
      const Tolerance& t = metric.tolerance;
      const double allowed = t.relative ? t.amount * std::abs(*was) : t.amount / d->factor;
      if (std::abs(*drift.is - *was) <= allowed) return;
    }
    out_.drifts.push_back(std::move(drift));
  }

  /// Metrics and tolerances that are there stay; a new golden has all metrics, and so has one that
  /// is asked to.
  void write(const std::optional<Golden>& before, const EventLog& log) {
    Golden golden{.version = options_.version,
                  .scenario = hash_,
                  .events = out_.events,
                  .trace = log.hash(),
                  .metrics = {},
                  .reasons = before ? before->reasons : std::vector<std::string>{}};
    if (before && !before->trace) golden.trace.reset();
    golden.reasons.push_back(options_.reason);
    std::map<std::string, Tolerance> tolerances;
    if (before) {
      for (const GoldenMetric& metric : before->metrics) tolerances[metric.name] = metric.tolerance;
    }
    for (const MetricDefinition& d : known_) {
      const auto had = tolerances.find(d.name);
      if (before && had == tolerances.end() && !options_.all) continue;
      golden.metrics.push_back({d.name, values_.at(d.name) / d.factor, d.unit,
                                had != tolerances.end() ? had->second : new_tolerance(d)});
    }
    for (const auto& [name, tolerance] : tolerances) {
      if (definition(name) == nullptr)
        out_.dropped.push_back(
            fmt::format("{}: there is no such metric; {}", name, metric_hint(name, known_)));
    }
    out_.metrics = golden.metrics.size();
    if (golden.trace) write_file(event_file(file_), log.digests().bytes());
    write_file(golden_file(file_), golden_text(golden, file_.filename().string()));
    out_.updated = true;
  }

  /// A share is for all metrics; an amount for those of its unit.
  [[nodiscard]] Tolerance new_tolerance(const MetricDefinition& d) const {
    try {
      return parse_tolerance(options_.tolerance, d);
    } catch (const ConditionError&) {
      return {};
    }
  }

  const fs::path& file_;
  const CheckOptions& options_;
  CheckedScenario out_;
  std::vector<MetricDefinition> known_;
  std::map<std::string, double> values_;
  std::string hash_;
};

}  // namespace

std::vector<fs::path> scenarios_in(const std::vector<fs::path>& paths) {
  std::set<fs::path> found;
  for (const fs::path& path : paths) {
    if (!fs::exists(path)) throw std::system_error(ENOENT, std::generic_category(), path.string());
    if (!fs::is_directory(path)) {
      found.insert(path);
      continue;
    }
    for (auto entry = fs::recursive_directory_iterator{path};
         entry != fs::recursive_directory_iterator{}; ++entry) {
      if (entry->is_directory() && entry->path().filename() == "catalog")
        entry.disable_recursion_pending();
      if (!entry->is_regular_file()) continue;
      if (is_checked(entry->path())) found.insert(entry->path());
      // A golden whose scenario is gone is no pass: the scenario is found to be missing.
      const std::string name = entry->path().filename().string();
      constexpr std::string_view ending = ".golden.yaml";
      if (name.ends_with(ending))
        found.insert(entry->path().parent_path() /
                     (name.substr(0, name.size() - ending.size()) + ".yaml"));
    }
  }
  return {found.begin(), found.end()};
}

std::vector<CheckedScenario> check_scenarios(const std::vector<fs::path>& scenarios,
                                             const CheckOptions& options) {
  std::vector<CheckedScenario> out(scenarios.size());
  run_parallel(scenarios.size(), {.threads = options.threads, .progress = options.progress},
               [&](std::size_t i) {
                 out[i] = Checker{scenarios[i], options}.check();
               });
  return out;
}

}  // namespace colossim
