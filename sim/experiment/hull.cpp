// One-at-a-time runs around the base.
#include <colossim/experiment/hull.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

void widen(std::vector<MetricHull>& hulls, const Result& moved, const std::string& assumption) {
  for (std::size_t i = 0; i < hulls.size(); ++i) {
    const double value = moved.metrics[i].value;
    if (value < hulls[i].low) {
      hulls[i].low = value;
      hulls[i].low_by = assumption;
    }
    if (value > hulls[i].high) {
      hulls[i].high = value;
      hulls[i].high_by = assumption;
    }
  }
}

}  // namespace

std::vector<MovedScenario> moved_scenarios(const std::filesystem::path& file,
                                           const LoadOptions& options, const Scenario& scenario) {
  std::vector<MovedScenario> moved;
  for (const auto& [path, leaf] : scenario.leaves) {
    for (const std::string* end : {&leaf.provenance.low, &leaf.provenance.high}) {
      if (end->empty()) continue;
      LoadOptions changed = options;
      changed.overrides.push_back({path, *end});
      moved.push_back({path + " = " + *end, load(file, changed)});
    }
  }
  return moved;
}

std::vector<MetricHull> hull(const std::vector<MovedScenario>& moved, const Result& base) {
  std::vector<MetricHull> hulls;
  for (const MetricValue& metric : base.metrics)
    hulls.push_back({metric.value, metric.value, "", ""});
  for (const MovedScenario& each : moved) widen(hulls, simulate(each.scenario), each.assumption);
  return hulls;
}

}  // namespace colossim
