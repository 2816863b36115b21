// Loading and simulating for the benchmarks.
#include "runs.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/base/random.hpp>
#include <colossim/world/simulate.hpp>
#include <colossim/world/topology.hpp>

namespace colossim::bench {

namespace {

std::uint64_t hash_of(const Result& result) {
  std::string text;
  for (const MetricValue& metric : result.metrics) {
    text += fmt::format("{} {}\n", metric.name, metric.value);
  }
  return hash_text(text, result.events);
}

}  // namespace

Scenario load_shipped(const std::filesystem::path& file, const std::string& duration) {
  LoadOptions options;
  options.catalog_folders = {std::filesystem::path{COLOSSIM_SOURCE_DIR} / "scenarios/catalog"};
  options.catalog_is_explicit = true;
  options.checks.emplace_back(check_topology);
  if (!duration.empty()) options.overrides.push_back({"duration", duration});
  return load(file, options);
}

Scenario load_text(const std::string& text) {
  std::string folder = (std::filesystem::temp_directory_path() / "colossim-bench-XXXXXX").string();
  const std::filesystem::path path = ::mkdtemp(folder.data());
  write_file(path / "scenario.yaml", text);
  Scenario scenario = load_shipped(path / "scenario.yaml", "");
  std::filesystem::remove_all(path);
  return scenario;
}

Figures simulate_once(const Scenario& scenario) {
  const double before = cpu_time();
  const Result result = simulate(scenario);
  return {cpu_time() - before, result.events, hash_of(result), 0};
}

}  // namespace colossim::bench
