// From a study to runs.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/base/random.hpp>
#include <colossim/experiment/claim_runs.hpp>
#include <colossim/experiment/plan.hpp>
#include <colossim/experiment/sampling.hpp>
#include <colossim/report/compare_text.hpp>
#include <colossim/scenario/metric_condition.hpp>
#include <colossim/scenario/unit.hpp>
#include <colossim/world/simulate.hpp>

#include "varied_input.hpp"

namespace colossim {

namespace {

constexpr std::size_t most_metrics = 1500;  // SQLite has tables of up to 2,000 columns
constexpr std::size_t tried_values = 64;    // of an axis, before the first run

class Planner {
 public:
  Planner(Study&& study, const LoadOptions& load, std::string&& version) : load_(load) {
    plan_.study = std::move(study);
    plan_.version = std::move(version);
    note_catalog();
  }

  Plan make() {
    const Scenario base = load_base();
    plan_.points = study_points(plan_.study, grids_of(base));
    plan_.scenario_hash = scenario_hash(base);
    plan_.seed = base.seed;
    plan_.first_replication = base.replication;
    note_metrics(base);
    try_points();
    for (const Axis& axis : plan_.points.axes) identify(axis);
    leave_if_any();
    choose_metrics();
    choose_series(base);
    read_stop();
    leave_if_any();
    return std::move(plan_);
  }

 private:
  void report(const std::string& path, std::string message, std::string hint = {}) {
    problems_.push_back(plan_.study.problem(path, std::move(message), std::move(hint)));
  }
  void leave_if_any() {
    if (!problems_.empty()) throw ScenarioError{std::move(problems_)};
  }

  /// The catalog that is read, unless it lies beside the scenario: whoever goes on with the study
  /// may stand elsewhere.
  void note_catalog() {
    namespace fs = std::filesystem;
    std::error_code error;
    if (!load_.catalog_is_explicit &&
        fs::is_directory(plan_.study.scenario_file().parent_path() / "catalog", error))
      return;
    for (const fs::path& folder : load_.catalog_folders) {
      if (!fs::is_directory(folder, error)) continue;
      plan_.catalog = fs::absolute(folder).lexically_normal().string();
      return;
    }
  }

  Scenario load_base() {
    const std::filesystem::path file = plan_.study.scenario_file();
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
      report("scenario", fmt::format("there is no file \"{}\"", plan_.study.spec.scenario),
             "give a path relative to the study");
      leave_if_any();
    }
    plan_.scenario = ScenarioFiles{file, load_};
    return plan_.scenario.load({});
  }

  /// What whole inputs (counts, GPUs, months) with a distribution are multiples of, by axis.
  [[nodiscard]] std::map<std::string, double> grids_of(const Scenario& base) const {
    std::map<std::string, double> grids;
    for (const Axis& axis : study_axes(plan_.study)) {
      if (!axis.distribution || !axis.numeric) continue;
      VariedRange range{.path = axis.path,
                        .low = quantile(*axis.distribution, 0.01),
                        .high = quantile(*axis.distribution, 0.99),
                        .dimension = axis.dimension};
      range.low_text = tidy_value(axis, range.low).text;
      grids[axis.name] = grid_of(plan_.scenario, base, range);
    }
    return grids;
  }

  /// Points that show every value of the axes (of long ones the first, of distributions the least
  /// and the greatest) once.
  [[nodiscard]] std::vector<std::size_t> telling_points() const {
    const std::vector<StudyPoint>& points = plan_.points.points;
    std::set<std::size_t> chosen{0};
    for (std::size_t a = 0; a < plan_.points.axes.size(); ++a) {
      const Axis& axis = plan_.points.axes[a];
      if (axis.distribution && axis.numeric) {
        const auto [least, greatest] = std::minmax_element(
            points.begin(), points.end(),
            [a](const StudyPoint& p, const StudyPoint& q) { return p[a].base < q[a].base; });
        chosen.insert(static_cast<std::size_t>(least - points.begin()));
        chosen.insert(static_cast<std::size_t>(greatest - points.begin()));
        continue;
      }
      std::set<std::string> seen;
      for (std::size_t p = 0; p < points.size(); ++p) {
        if (axis.numeric && seen.size() >= tried_values) break;
        if (seen.insert(points[p][a].text).second) chosen.insert(p);
      }
    }
    return {chosen.begin(), chosen.end()};
  }

  /// A text may change what there is to report. A fault at the path of an axis is one of the study;
  /// another may be one of this point alone, unless no point is without.
  void try_points() {
    std::optional<Diagnostic> first_fault;
    std::size_t good = 0;
    for (const std::size_t point : telling_points()) {
      try {
        note_metrics(plan_.scenario.load(plan_.changes_of(point * plan_.replicates())));
        ++good;
      } catch (const ScenarioError& error) {
        for (const Diagnostic& problem : error.diagnostics()) {
          const std::optional<std::size_t> axis = axis_of(problem.path);
          if (axis) report_fault(*axis, plan_.points.points[point][*axis].text, problem);
          if (!first_fault) first_fault = problem;
        }
      }
    }
    if (good == 0 && problems_.empty() && first_fault)
      report("axes",
             fmt::format("no point can be run: {}: {}", first_fault->path, first_fault->message),
             first_fault->hint);
  }

  [[nodiscard]] std::optional<std::size_t> axis_of(const std::string& path) const {
    for (std::size_t a = 0; a < plan_.points.axes.size(); ++a) {
      const std::string& own = plan_.points.axes[a].path;
      if (!path.empty() && (path.starts_with(own) || own.starts_with(path))) return a;
    }
    return std::nullopt;
  }

  /// Once per axis, and not where the value is good with the other axes as they are written.
  void report_fault(std::size_t axis, const std::string& text, const Diagnostic& problem) {
    const Axis& at = plan_.points.axes[axis];
    try {
      static_cast<void>(plan_.scenario.load({{at.path, text}}));
      return;
    } catch (const ScenarioError&) {
      if (!faulty_.insert(axis).second) return;
    }
    report("axes." + at.name,
           fmt::format("{} = {}: {}{}", at.path, text,
                       problem.path == at.path ? "" : problem.path + ": ", problem.message),
           problem.hint);
  }

  /// A text may name a file: it stands for what it brings into the scenario.
  void identify(const Axis& axis) {
    if (axis.numeric) return;
    for (const AxisValue& value : axis.values) {
      std::string& identity = plan_.identities[axis.path + "=" + value.text];
      try {
        identity = colossim::scenario_hash(plan_.scenario.load({{axis.path, value.text}}));
      } catch (const ScenarioError&) {
        identity = value.text;  // it makes sense with another axis only
      }
    }
  }

  void note_metrics(const Scenario& scenario) {
    for (MetricDefinition& d : metric_definitions(scenario)) {
      if (names_.insert(d.name).second) known_.push_back(std::move(d));
    }
  }

  /// Patterns choose; a party's metrics may be written without `party.`.
  void choose_metrics() {
    std::set<std::string> chosen;
    for (std::size_t i = 0; i < plan_.study.spec.metrics.size(); ++i) {
      const std::string& pattern = plan_.study.spec.metrics[i];
      const std::size_t before = chosen.size();
      for (const MetricDefinition& d : known_) {
        if (matches_metric(pattern, d.name)) chosen.insert(d.name);
      }
      if (chosen.size() > before || pattern.find('*') != std::string::npos) {
        if (chosen.size() == before)
          report(fmt::format("metrics[{}]", i), fmt::format("no metric matches \"{}\"", pattern),
                 "see `colossim list metrics`");
        continue;
      }
      try {
        chosen.insert(find_metric(pattern, known_).name);
      } catch (const ConditionError& error) {
        report(fmt::format("metrics[{}]", i), error.what());
      }
    }
    for (const MetricDefinition& d : known_) {
      if (chosen.count(d.name) > 0) plan_.metrics.push_back(d);
    }
    if (plan_.metrics.size() > most_metrics)
      report("metrics", fmt::format("expected at most {} metrics, found {}", most_metrics,
                                    plan_.metrics.size()));
  }

  void choose_series(const Scenario& base) {
    if (plan_.study.spec.series.empty()) return;
    const World world = build(base);
    std::vector<std::string> headers;
    for (const SeriesColumn& column : world.series.columns()) headers.push_back(column.header);
    std::set<std::string> chosen;
    for (std::size_t i = 0; i < plan_.study.spec.series.size(); ++i) {
      const std::string& pattern = plan_.study.spec.series[i];
      bool found = false;
      for (const std::string& header : headers) {
        if (!matches(pattern, header)) continue;
        found = true;
        if (chosen.insert(header).second) plan_.series.push_back(header);
      }
      if (!found)
        report(fmt::format("series[{}]", i), fmt::format("no column matches \"{}\"", pattern),
               did_you_mean(pattern, headers));
    }
  }

  void read_stop() {
    const auto& spec = plan_.study.spec.stop;
    if (!spec) return;
    try {
      const MetricCondition width =
          parse_condition(spec->metric + " <= " + spec->half_width, known_);
      const auto row = std::find_if(plan_.metrics.begin(), plan_.metrics.end(),
                                    [&](const auto& d) { return d.name == width.metric; });
      if (row == plan_.metrics.end())
        report("stop.metric", fmt::format("{} is not among `metrics:`", width.metric));
      if (!(width.limit > 0)) report("stop.half_width", "expected more than 0");
      plan_.stop = StopRule{static_cast<std::size_t>(row - plan_.metrics.begin()), width.limit,
                            width.relative, spec->least};
    } catch (const ConditionError& error) {
      report("stop", error.what());
    }
  }

  const LoadOptions& load_;
  Plan plan_;
  std::vector<Diagnostic> problems_;
  std::vector<MetricDefinition> known_;
  std::set<std::string> names_;
  std::set<std::size_t> faulty_;  // axes
};

}  // namespace

std::vector<Override> Plan::changes_of(std::size_t run) const {
  std::vector<Override> changes;
  const StudyPoint& point = points.points[point_of(run)];
  for (std::size_t a = 0; a < points.axes.size(); ++a)
    changes.push_back({points.axes[a].path, point[a].text});
  changes.push_back({"replication", std::to_string(first_replication +
                                                   static_cast<std::int64_t>(replicate_of(run)))});
  return changes;
}

std::string Plan::key_of(std::size_t run) const {
  std::vector<std::string> parts;
  const StudyPoint& point = points.points[point_of(run)];
  for (std::size_t a = 0; a < points.axes.size(); ++a) {
    const Axis& axis = points.axes[a];
    const std::string text = axis.path + "=" + point[a].text;
    parts.push_back(axis.numeric ? axis.path + "=" + to_text(point[a].base, axis.dimension)
                                 : axis.path + "=" + identities.at(text));
  }
  std::sort(parts.begin(), parts.end());
  parts.push_back(fmt::format("{}/{}/{}/{}", version, scenario_hash, seed,
                              first_replication + static_cast<std::int64_t>(replicate_of(run))));
  for (const MetricDefinition& d : metrics) parts.push_back(d.name);
  for (const std::string& header : series) parts.push_back(header);
  TextHash low;
  TextHash high;
  high.add("high");
  for (std::string& part : parts) {
    part += '\n';
    low.add(part);
    high.add(part);
  }
  return fmt::format("{:016x}{:016x}", high.value(), low.value());
}

Plan make_plan(Study study, const LoadOptions& load, std::string version) {
  return Planner{std::move(study), load, std::move(version)}.make();
}

}  // namespace colossim
