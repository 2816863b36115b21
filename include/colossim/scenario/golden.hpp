// What a scenario's run is expected to give, as a file that people read and change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <colossim/scenario/metrics.hpp>

namespace colossim {

/// How far a metric may be from what it was.
struct Tolerance {
  std::string text = "0";  // as written: `0.1 %`, `5 kUSD`, `0`
  double amount = 0;       // in base units, or of the expected value when `relative`
  bool relative = false;
};

struct GoldenMetric {
  std::string name;
  double value = 0;  // in `unit`
  std::string unit;  // of the metric when it was written; "1" for none
  Tolerance tolerance;
};

struct Golden {
  std::string version;   // of colossim
  std::string scenario;  // hash of the scenario it was written for
  std::int64_t events = 0;
  std::optional<std::string> trace;  // hash of every event; without it events may differ
  std::vector<GoldenMetric> metrics;
  std::vector<std::string> reasons;  // of the first writing and of each update
};

/// Parses `0`, `N %` or a number with the metric's unit. Throws a ConditionError otherwise.
Tolerance parse_tolerance(const std::string& text, const MetricDefinition& metric);

/// `scenarios/hello.yaml`: `scenarios/hello.golden.yaml`, and the digests of its events beside it.
std::filesystem::path golden_file(const std::filesystem::path& scenario);
std::filesystem::path event_file(const std::filesystem::path& scenario);

/// Reads a golden. Throws a ScenarioError with all problems of the text. Metrics that `known` has
/// not keep their tolerance unread.
Golden read_golden(const std::filesystem::path& file, const std::vector<MetricDefinition>& known);
/// Its text, one metric per line.
std::string golden_text(const Golden& golden, const std::string& scenario_name);

}  // namespace colossim
