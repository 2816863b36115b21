// What a check of scenarios found, for people, for CI servers and for pull requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <colossim/scenario/golden.hpp>

namespace colossim {

/// A metric that left its tolerance.
struct MetricDrift {
  std::string name;
  std::string unit;
  std::optional<double> was;  // in `unit`; nothing: it is new
  std::optional<double> is;   // nothing: it is gone
  std::string tolerance;
  std::string note;  // why there is no value to compare
};

/// Where events part from those of the golden.
struct EventDrift {
  std::uint64_t number = 0;         // of the first event that may differ, from 1
  std::string time;                 // of simulated time
  std::vector<std::string> events;  // what happens now, from there on
};

enum class CheckState : std::uint8_t { ok, drift, violated, faulty, no_golden };

struct CheckedScenario {
  std::string file;
  CheckState state = CheckState::ok;
  std::size_t metrics = 0;  // compared
  std::size_t known = 0;    // that there are
  std::int64_t events = 0;
  std::int64_t golden_events = 0;
  bool has_digests = false;  // of the golden's events
  std::vector<MetricDrift> drifts;
  bool trace_differs = false;
  std::optional<EventDrift> first_event;  // where the trace differs and the golden has digests
  bool scenario_changed = false;          // since the golden was written
  std::string golden_version;             // of colossim, when it is another
  std::vector<std::string> violations;    // of `expect`
  std::string fault;                      // why it could not be run
  bool updated = false;
  std::vector<std::string> dropped;  // metrics an update found in the golden, and there are not

  [[nodiscard]] bool passed() const {
    return state == CheckState::ok || state == CheckState::no_golden;
  }
};

std::string check_text(const std::vector<CheckedScenario>& scenarios);
/// JUnit XML, as CI servers read it.
std::string check_junit(const std::vector<CheckedScenario>& scenarios);
/// A table for a job summary or a comment.
std::string check_markdown(const std::vector<CheckedScenario>& scenarios);
/// `::error file=...::...` lines of GitHub workflows.
std::string check_annotations(const std::vector<CheckedScenario>& scenarios);

}  // namespace colossim
