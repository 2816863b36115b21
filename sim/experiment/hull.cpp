// One-at-a-time runs around the base.
#include <colossim/base/check.hpp>
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

std::vector<MetricHull> hull(const std::filesystem::path& file, const LoadOptions& options,
                             const Scenario& scenario, const Result& base) {
  std::vector<MetricHull> hulls;
  for (const MetricValue& metric : base.metrics)
    hulls.push_back({metric.value, metric.value, "", ""});
  for (const auto& [path, leaf] : scenario.leaves) {
    for (const std::string* end : {&leaf.provenance.low, &leaf.provenance.high}) {
      if (end->empty()) continue;
      LoadOptions moved = options;
      moved.overrides.push_back({path, *end});
      const Result result = simulate(load(file, moved));
      COLOSSIM_CHECK(result.metrics.size() == hulls.size(), "moved={}", path);
      widen(hulls, result, path + " = " + *end);
    }
  }
  return hulls;
}

}  // namespace colossim
