// Loading and running what claims are held against.
#include <algorithm>
#include <optional>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/experiment/claim_runs.hpp>
#include <colossim/report/summary.hpp>
#include <colossim/scenario/metrics.hpp>
#include <colossim/world/simulate.hpp>

#include "paired_runs.hpp"

namespace colossim {

namespace {

namespace fs = std::filesystem;

/// Whether a `--set` of the scenario also changes the base: what belongs to an entity that the base
/// has not, and claims, do not.
bool concerns(const Override& change, const Scenario& base) {
  if (change.path.starts_with("claims") || change.path.starts_with("expect")) return false;
  const std::size_t first = change.path.find('.');
  const std::size_t second = first == std::string::npos ? first : change.path.find('.', first + 1);
  if (second == std::string::npos || change.path.starts_with("catalog.")) return true;
  return base.marks.contains(change.path.substr(0, second));
}

Scenario load_base(const fs::path& file, const LoadOptions& options) {
  Scenario base = load(file, options);
  base.claims.clear();
  base.expect.clear();
  return base;
}

std::string span_text(const Scenario& scenario) {
  return fmt::format("{:g} days from {}", scenario.duration.in(units::day),
                     to_string(scenario.start));
}

/// Reads the bases and collects what is wrong with them.
class BaseLoader {
 public:
  BaseLoader(const fs::path& file, const LoadOptions& options, const Scenario& scenario)
      : file_(file), options_(options), scenario_(scenario) {}

  std::vector<ClaimBase> load_all() {
    for (std::size_t i = 0; i < scenario_.claims.size(); ++i) {
      const ClaimSpec& claim = scenario_.claims[i];
      if (!claim.against) continue;
      const ClaimBase* base = base_of(i, *claim.against);
      if (base != nullptr) check_metrics(i, claim, *base);
    }
    if (!problems_.empty()) throw ScenarioError{std::move(problems_)};
    std::sort(bases_.begin(), bases_.end(),
              [](const ClaimBase& a, const ClaimBase& b) { return a.against < b.against; });
    return std::move(bases_);
  }

 private:
  void report(std::size_t claim, const char* key, std::string message, std::string hint = {}) {
    std::string path = fmt::format("claims[{}].{}", claim, key);
    Mark mark = scenario_.mark_at(path);
    problems_.push_back({std::move(mark), std::move(path), std::move(message), std::move(hint)});
  }

  /// The base of this name, read when it is asked for first; null after a report.
  const ClaimBase* base_of(std::size_t claim, const std::string& against) {
    if (refused_.contains(against)) return nullptr;
    const auto known = std::find_if(bases_.begin(), bases_.end(),
                                    [&](const ClaimBase& base) { return base.against == against; });
    if (known != bases_.end()) return &*known;
    auto base = read(claim, against);
    if (!base) {
      refused_.insert(against);
      return nullptr;
    }
    return &bases_.emplace_back(std::move(*base));
  }

  std::optional<ClaimBase> read(std::size_t claim, const std::string& against) {
    const auto refuse = [&](std::string message, std::string hint) {
      report(claim, "against", std::move(message), std::move(hint));
      return std::nullopt;
    };
    ClaimBase base{against, file_.parent_path() / against, options_, {}};
    std::error_code error;
    if (!fs::is_regular_file(base.file, error))
      return refuse(fmt::format("there is no file {}", base.file.string()),
                    "give a path relative to the scenario file");
    if (fs::equivalent(base.file, file_, error))
      return refuse("a scenario cannot be held against itself", "name another one");
    try {
      load_paired_base(base);
    } catch (const ScenarioError& fault) {
      report(claim, "against", fmt::format("{} has faults of its own", base.file.string()));
      problems_.insert(problems_.end(), fault.diagnostics().begin(), fault.diagnostics().end());
      return std::nullopt;
    }
    if (base.scenario.start != scenario_.start || base.scenario.duration != scenario_.duration)
      return refuse(fmt::format("{} covers {} and this scenario {}", against,
                                span_text(base.scenario), span_text(scenario_)),
                    "runs that are compared start on one day and last as long");
    return base;
  }

  /// First as written, to see which overrides concern it.
  void load_paired_base(ClaimBase& base) const {
    base.options.overrides.clear();
    base.options.seed = scenario_.seed;
    const Scenario written = load(base.file, base.options);
    std::copy_if(options_.overrides.begin(), options_.overrides.end(),
                 std::back_inserter(base.options.overrides),
                 [&](const Override& change) { return concerns(change, written); });
    base.options.overrides.push_back({"replication", std::to_string(scenario_.replication)});
    base.scenario = load_base(base.file, base.options);
  }

  void check_metrics(std::size_t index, const ClaimSpec& claim, const ClaimBase& base) {
    std::vector<std::string> names;
    for (const MetricDefinition& metric : metric_definitions(base.scenario))
      names.push_back(metric.name);
    const auto require = [&](const std::optional<std::string>& name, const char* key) {
      if (!name || std::find(names.begin(), names.end(), *name) != names.end()) return;
      report(index, key, fmt::format("{} has no metric \"{}\"", base.against, *name),
             did_you_mean(*name, names));
    };
    require(claim.metric, "metric");
    require(claim.over, "over");
  }

  const fs::path& file_;
  const LoadOptions& options_;
  const Scenario& scenario_;
  std::vector<ClaimBase> bases_;
  std::set<std::string> refused_;
  std::vector<Diagnostic> problems_;
};

/// Whether both scenarios assume the same at `path`: value and range as written.
bool share(const Scenario& a, const Scenario& b, const std::string& path) {
  const auto in_a = a.leaves.find(path);
  const auto in_b = b.leaves.find(path);
  if (in_a == a.leaves.end() || in_b == b.leaves.end()) return false;
  const Leaf& one = in_a->second;
  const Leaf& other = in_b->second;
  return one.text == other.text && one.provenance.low == other.provenance.low &&
         one.provenance.high == other.provenance.high;
}

LoadOptions with(LoadOptions options, const Override& change) {
  options.overrides.push_back(change);
  return options;
}

void widen(MetricHull& hull, double value, const std::string& assumption) {
  if (value < hull.low) {
    hull.low = value;
    hull.low_by = assumption;
  }
  if (value > hull.high) {
    hull.high = value;
    hull.high_by = assumption;
  }
}

std::vector<std::optional<double>> tested_values(const Scenario& scenario,
                                                 const std::vector<MetricValue>& run,
                                                 const BaseMetrics& bases) {
  std::vector<std::optional<double>> values;
  for (const ClaimSpec& claim : scenario.claims)
    values.push_back(tested_value(scenario, claim, run, bases));
  return values;
}

/// What is kept of one moved run.
struct MovedValues {
  std::vector<MetricValue> metrics;
  std::vector<std::optional<double>> claims;
};

MovedValues run_moved(const MovedRun& run, BaseMetrics bases) {
  for (const ClaimBase& base : run.bases) bases[base.against] = simulate(base.scenario).metrics;
  MovedValues values{simulate(run.scenario).metrics, {}};
  values.claims = tested_values(run.scenario, values.metrics, bases);
  return values;
}

}  // namespace

std::vector<ClaimBase> load_claim_bases(const fs::path& file, const LoadOptions& options,
                                        const Scenario& scenario) {
  return BaseLoader{file, options, scenario}.load_all();
}

std::string resolved_base(const std::string& against) {
  constexpr std::string_view folder = "bases/";
  const std::string plain = fs::path{against}.lexically_normal().generic_string();
  return plain.starts_with(folder) ? plain : std::string{folder} + plain;
}

std::string save_with_bases(Scenario scenario) {
  for (ClaimSpec& claim : scenario.claims) {
    if (claim.against) claim.against = resolved_base(*claim.against);
  }
  return save(scenario);
}

std::string scenario_hash(Scenario scenario) {
  for (auto& [name, job] : scenario.jobs) {
    if (auto* trace = std::get_if<TraceSpec>(&job))
      trace->trace.path = trace->trace.path.filename();
  }
  return content_hash(save_with_bases(std::move(scenario)));
}

BaseMetrics run_claim_bases(std::span<const ClaimBase> bases, const std::function<void()>& beside) {
  const std::size_t first = beside ? 1 : 0;
  std::vector<std::vector<MetricValue>> metrics(bases.size());
  run_parallel(first + bases.size(), {}, [&](std::size_t i) {
    if (i < first) return beside();
    metrics[i - first] = simulate(bases[i - first].scenario).metrics;
  });
  BaseMetrics result;
  for (std::size_t i = 0; i < bases.size(); ++i) result[bases[i].against] = std::move(metrics[i]);
  return result;
}

std::vector<MovedRun> moved_runs(const fs::path& file, const LoadOptions& options,
                                 const Scenario& scenario, std::span<const ClaimBase> bases) {
  std::vector<MovedRun> runs;
  const ScenarioFiles files{file, options};
  for (const auto& [path, leaf] : scenario.leaves) {
    if (path.starts_with("claims[")) continue;  // the range of an arithmetic is no assumption
    for (const std::string* end : {&leaf.provenance.low, &leaf.provenance.high}) {
      if (end->empty()) continue;
      const Override change{path, *end};
      runs.push_back({path + " = " + *end, files.load({change}), {}});
      for (const ClaimBase& base : bases) {
        if (!share(scenario, base.scenario, path)) continue;
        const LoadOptions changed = with(base.options, change);
        runs.back().bases.push_back(
            {base.against, base.file, changed, load_base(base.file, changed)});
      }
    }
  }
  return runs;
}

Hulls hulls(const Scenario& scenario, const Result& result, const BaseMetrics& bases,
            std::span<const MovedRun> runs) {
  std::vector<MovedValues> values(runs.size());
  run_parallel(runs.size(), {}, [&](std::size_t i) { values[i] = run_moved(runs[i], bases); });
  Hulls hulls;
  for (const MetricValue& metric : result.metrics)
    hulls.metrics.push_back({metric.value, metric.value, "", ""});
  for (const std::optional<double>& value : tested_values(scenario, result.metrics, bases))
    hulls.claims.push_back({value.value_or(0), value.value_or(0), "", ""});
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string& assumption = runs[i].assumption;
    for (std::size_t m = 0; m < hulls.metrics.size(); ++m)
      widen(hulls.metrics[m], values[i].metrics[m].value, assumption);
    for (std::size_t c = 0; c < hulls.claims.size(); ++c) {
      if (values[i].claims[c]) widen(hulls.claims[c], *values[i].claims[c], assumption);
    }
  }
  return hulls;
}

}  // namespace colossim
