// Goldens as YAML.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/scenario/golden.hpp>
#include <colossim/scenario/metric_condition.hpp>
#include <colossim/scenario/tree.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

constexpr std::size_t golden_limit = std::size_t{8} << 20;  // bytes

class GoldenReader {
 public:
  GoldenReader(const std::filesystem::path& file, const std::vector<MetricDefinition>& known)
      : known_(known) {
    const std::string text = read_file(file, golden_limit);
    tree_ = parse_yaml(text, files_.add(file.string()), files_, diagnostics_);
  }

  Golden read() {
    if (tree_ && !tree_->is_map()) report(tree_->place, "", "expected a map of keys");
    if (tree_ && tree_->is_map()) {
      for (const TreeEntry& entry : tree_->entries) read_entry(entry);
      if (version_seen_ && out_.metrics.empty()) report(tree_->place, "metrics", "expected some");
      if (!version_seen_) report(tree_->place, "golden", "expected `golden: 1`");
    }
    if (!diagnostics_.empty()) throw ScenarioError{diagnostics_.take()};
    return std::move(out_);
  }

 private:
  void report(Place place, std::string path, std::string message, std::string hint = {}) {
    diagnostics_.add({files_.mark(place), std::move(path), std::move(message), std::move(hint)});
  }

  void read_entry(const TreeEntry& entry) {
    const std::string& key = entry.key;
    const Tree& value = entry.value;
    if (key == "metrics" && value.is_map()) {
      for (const TreeEntry& metric : value.entries) read_metric(metric);
    } else if (key == "reasons" && value.is_list()) {
      for (const Tree& item : value.items) out_.reasons.push_back(item.text);
    } else if (!value.is_scalar()) {
      report(value.place, key, fmt::format("did not expect {}", value.describe()));
    } else if (key == "golden") {
      version_seen_ = value.text == "1";
      if (!version_seen_) report(value.place, key, "expected version 1 of this language");
    } else if (key == "colossim") {
      out_.version = value.text;
    } else if (key == "scenario") {
      out_.scenario = value.text;
    } else if (key == "trace") {
      out_.trace = value.text;
    } else if (key == "events") {
      out_.events = static_cast<std::int64_t>(parse_number(value.text).value_or(0));
    } else {
      report(entry.place, key, "unknown key",
             "known: golden, colossim, scenario, events, trace, metrics, reasons");
    }
  }

  /// `party.lab.profit: {value: -254.7 kUSD, tolerance: 0.1 %}`
  void read_metric(const TreeEntry& entry) {
    const Tree* value = entry.value.is_map() ? entry.value.find("value") : nullptr;
    const Tree* tolerance = entry.value.is_map() ? entry.value.find("tolerance") : nullptr;
    const std::size_t known_keys = (value != nullptr ? 1U : 0U) + (tolerance != nullptr ? 1U : 0U);
    if (value == nullptr || !value->is_scalar() ||
        (tolerance != nullptr && !tolerance->is_scalar()) ||
        entry.value.entries.size() != known_keys)
      return report(entry.place, entry.key, "expected {value: NUMBER UNIT, tolerance: ...}");
    const std::size_t blank = value->text.find(' ');
    const auto number = parse_number(value->text.substr(0, blank));
    if (!number) return report(value->place, entry.key, "expected a number with its unit");
    GoldenMetric metric{.name = entry.key,
                        .value = *number,
                        .unit = blank == std::string::npos ? "1" : value->text.substr(blank + 1)};
    if (tolerance != nullptr) metric.tolerance.text = tolerance->text;
    const auto definition = std::find_if(known_.begin(), known_.end(),
                                         [&](const auto& d) { return d.name == metric.name; });
    try {
      if (definition != known_.end())
        metric.tolerance = parse_tolerance(metric.tolerance.text, *definition);
    } catch (const ConditionError& error) {
      report(tolerance->place, entry.key, error.what());
    }
    out_.metrics.push_back(std::move(metric));
  }

  const std::vector<MetricDefinition>& known_;
  FileNames files_;
  Diagnostics diagnostics_;
  std::optional<Tree> tree_;
  Golden out_;
  bool version_seen_ = false;
};

/// Text as YAML takes it back.
std::string yaml_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

}  // namespace

Tolerance parse_tolerance(const std::string& text, const MetricDefinition& metric) {
  std::string problem;
  const auto measured = parse_measured(text, problem);
  if (!measured) throw ConditionError{fmt::format("tolerance: {}", problem)};
  if (measured->base < 0) throw ConditionError{"tolerance: expected 0 or more"};
  if (measured->base == 0) return {.text = text};
  if (text.ends_with('%')) return {.text = text, .amount = measured->base, .relative = true};
  if (measured->dimension != metric.dimension)
    throw ConditionError{fmt::format("tolerance: expected {} or %, found \"{}\"",
                                     metric.unit == "1" ? "a number" : metric.unit, text)};
  return {.text = text, .amount = measured->base};
}

std::filesystem::path golden_file(const std::filesystem::path& scenario) {
  std::filesystem::path file = scenario;
  return file.replace_extension(".golden.yaml");
}

std::filesystem::path event_file(const std::filesystem::path& scenario) {
  std::filesystem::path file = scenario;
  return file.replace_extension(".golden.events");
}

Golden read_golden(const std::filesystem::path& file, const std::vector<MetricDefinition>& known) {
  return GoldenReader{file, known}.read();
}

std::string golden_text(const Golden& golden, const std::string& scenario_name) {
  std::string out = fmt::format(
      "# What `colossim check` holds {} against. Change tolerances (`0.1 %`, `5 kUSD`) and remove "
      "metrics\n# as you like; without `trace:` events may differ. Written by --update.\n",
      scenario_name);
  fmt::format_to(std::back_inserter(out), "golden: 1\ncolossim: {}\nscenario: {}\nevents: {}\n",
                 golden.version, golden.scenario, golden.events);
  if (golden.trace) out += fmt::format("trace: {}\n", *golden.trace);
  out += "reasons:\n";
  for (const std::string& reason : golden.reasons)
    out += fmt::format("  - {}\n", yaml_text(reason));
  out += "metrics:\n";
  for (const GoldenMetric& metric : golden.metrics)
    fmt::format_to(std::back_inserter(out), "  {}: {{value: {}{}, tolerance: {}}}\n", metric.name,
                   metric.value, metric.unit == "1" ? "" : " " + metric.unit,
                   metric.tolerance.text);
  return out;
}

}  // namespace colossim
