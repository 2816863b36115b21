// Which assumption moves a metric how far, one at a time: on the screen and for machines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/report/compare_text.hpp>
#include <colossim/scenario/metrics.hpp>

namespace colossim {

/// An assumption at both ends of its range, all others at their base. Metrics are in base units and
/// in the order of `Tornado::metrics`.
struct TornadoBar {
  std::string path;
  std::string base;  // as written
  std::string low;   // empty: the assumption has no such end
  std::string high;
  std::vector<Estimate> at_low;  // less the base's, paired by replication; empty without the end
  std::vector<Estimate> at_high;

  /// The greatest move of a metric.
  [[nodiscard]] double reach(std::size_t metric) const;
};

struct Tornado {
  std::string file;
  std::string title;
  std::int64_t seed = 1;
  std::int64_t first_replication = 0;
  std::int64_t replications = 1;
  std::vector<MetricDefinition> metrics;
  std::vector<double> base;  // means
  std::vector<TornadoBar> bars;

  /// Whether an end of the bar has the metric on the other side of 0 than the base.
  [[nodiscard]] bool turns(const TornadoBar& bar, std::size_t metric) const;
};

/// A table per metric, the assumptions that move it most first, at most `most` of them.
std::string tornado_text(const Tornado& tornado, std::size_t most = 8);
std::string tornado_json(const Tornado& tornado, std::string_view version);
/// A line per metric, assumption and end.
std::string tornado_csv(const Tornado& tornado);

}  // namespace colossim
