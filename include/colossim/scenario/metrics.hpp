// The names a run reports its results under, known before it runs.
#pragma once

#include <string>
#include <vector>

#include <colossim/base/quantity.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// A metric of a run: claims and expectations refer to it by name.
struct MetricDefinition {
  std::string name;
  Dimension dimension;
  std::string unit;   // results are printed in it
  double factor = 1;  // of that unit, in base units
  std::string doc;
  bool additive = false;  // twice the GPUs, twice the value: claims may scale it
};

/// Every metric a run of `scenario` reports, in the order of the report.
std::vector<MetricDefinition> metric_definitions(const Scenario& scenario);

/// The names with `<site>`, `<tenant>`, ... in place of entities, for `colossim list metrics`.
std::vector<MetricDefinition> metric_patterns();

}  // namespace colossim
