// Checks as text, JUnit XML, markdown and annotations.
#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include <colossim/report/check_report.hpp>
#include <colossim/report/text.hpp>

#include "screen.hpp"

namespace colossim {

namespace {

constexpr std::size_t most_drifts = 20;  // of a scenario, on a screen or an annotation
constexpr std::size_t all_drifts = 10'000;

std::string number_text(const std::optional<double>& value, const std::string& unit) {
  return value ? human(*value, unit) : "none";
}

std::string drift_text(const MetricDrift& drift, std::size_t width) {
  std::string was = number_text(drift.was, drift.unit);
  std::string is = number_text(drift.is, drift.unit);
  if (was == is && drift.was && drift.is) {  // all their digits
    was = fmt::format("{} {}", *drift.was, drift.unit);
    is = fmt::format("{} {}", *drift.is, drift.unit);
  }
  std::string text = fmt::format("{:<{}}  {} -> {}", drift.name, width, was, is);
  if (!drift.note.empty()) text += "  (" + drift.note + ")";
  if (drift.was && drift.is) {
    const double change = *drift.is - *drift.was;
    if (*drift.was != 0) text += fmt::format("  ({:+.3g} %)", 100 * change / std::abs(*drift.was));
    text += fmt::format("  tolerance {}", drift.tolerance);
  }
  return text;
}

std::vector<std::string> event_lines(const CheckedScenario& checked) {
  if (!checked.trace_differs) return {};
  const auto number = [](auto n) { return grouped(static_cast<double>(n), 0); };
  if (!checked.first_event)
    return {fmt::format(
        "{} events, {} before: {}", number(checked.events), number(checked.golden_events),
        checked.has_digests ? "they agree as far as both go, or differ in the last few"
                            : "the golden's .events file is missing or damaged, so where they "
                              "part is not known")};
  const EventDrift& first = *checked.first_event;
  std::vector<std::string> lines;
  lines.push_back(
      first.events.size() == 1
          ? fmt::format("first diverging event: no. {}, at {}", number(first.number), first.time)
          : fmt::format("first diverging event: one of no. {} to {}, until {}",
                        number(first.number), number(first.number + first.events.size() - 1),
                        first.time));
  constexpr std::size_t shown = 5;
  for (std::size_t i = 0; i < std::min(shown, first.events.size()); ++i)
    lines.push_back("  now " + first.events[i]);
  return lines;
}

/// What is to be said of a scenario, one line each; nothing when it passed.
std::vector<std::string> findings(const CheckedScenario& checked, std::size_t most) {
  std::vector<std::string> lines;
  if (!checked.fault.empty()) lines.push_back(checked.fault);
  const std::size_t shown = std::min(most, checked.drifts.size());
  std::size_t width = 0;
  for (std::size_t i = 0; i < shown; ++i) width = std::max(width, checked.drifts[i].name.size());
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(drift_text(checked.drifts[i], width));
  if (checked.drifts.size() > shown && most > 0)
    lines.push_back(fmt::format("and {} more: --markdown FILE and --junit FILE have all",
                                checked.drifts.size() - shown));
  for (std::string& line : event_lines(checked)) lines.push_back(std::move(line));
  for (const std::string& dropped : checked.dropped) lines.push_back("dropped " + dropped);
  for (const std::string& violation : checked.violations) lines.push_back("expect: " + violation);
  if (checked.state == CheckState::drift && checked.scenario_changed)
    lines.emplace_back("the scenario itself has changed since the golden was written");
  if (checked.state == CheckState::drift && !checked.golden_version.empty())
    lines.push_back(fmt::format("the golden was written by colossim {}", checked.golden_version));
  return lines;
}

std::string_view state_text(const CheckedScenario& checked) {
  if (checked.updated) return "wrote";
  switch (checked.state) {
    case CheckState::ok:
    case CheckState::no_golden:
      return "ok";
    case CheckState::drift:
      return "DRIFT";
    case CheckState::violated:
      return "VIOLATED";
    case CheckState::faulty:
      break;
  }
  return "FAULTY";
}

std::string escaped_xml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

/// GitHub reads a message up to the end of its line.
std::string escaped_annotation(const std::string& text, bool is_property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\n') {
      out += "%0A";
    } else if (c == '\r') {
      out += "%0D";
    } else if (is_property && c == ':') {
      out += "%3A";
    } else if (is_property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::size_t failed(const std::vector<CheckedScenario>& scenarios) {
  return static_cast<std::size_t>(
      std::count_if(scenarios.begin(), scenarios.end(),
                    [](const CheckedScenario& checked) { return !checked.passed(); }));
}

}  // namespace

std::string check_text(const std::vector<CheckedScenario>& scenarios) {
  std::string out;
  for (const CheckedScenario& checked : scenarios) {
    fmt::format_to(std::back_inserter(out), "{:<8} {}", state_text(checked), checked.file);
    if (checked.state == CheckState::no_golden && !checked.updated) {
      out += "   no golden";
    } else if (checked.state != CheckState::faulty) {
      if (!checked.drifts.empty())
        fmt::format_to(std::back_inserter(out), "   {} drifted;", checked.drifts.size());
      fmt::format_to(std::back_inserter(out), "   {} of {} metrics, {} events", checked.metrics,
                     checked.known, grouped(static_cast<double>(checked.events), 0));
    }
    out += '\n';
    for (const std::string& line : findings(checked, most_drifts)) out += "  " + line + "\n";
  }
  const std::size_t bad = failed(scenarios);
  fmt::format_to(std::back_inserter(out), "{} of {} scenarios passed\n", scenarios.size() - bad,
                 scenarios.size());
  return out;
}

std::string check_junit(const std::vector<CheckedScenario>& scenarios) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"colossim check\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\">\n",
      scenarios.size(),
      std::count_if(scenarios.begin(), scenarios.end(),
                    [](const auto& c) {
                      return c.state == CheckState::drift || c.state == CheckState::violated;
                    }),
      std::count_if(scenarios.begin(), scenarios.end(),
                    [](const auto& c) { return c.state == CheckState::faulty; }));
  for (const CheckedScenario& checked : scenarios) {
    fmt::format_to(std::back_inserter(out), "  <testcase classname=\"colossim\" name=\"{}\"",
                   escaped_xml(checked.file));
    if (checked.passed()) {
      out += "/>\n";
      continue;
    }
    const char* kind = checked.state == CheckState::faulty ? "error" : "failure";
    const std::vector<std::string> lines = findings(checked, all_drifts);
    fmt::format_to(std::back_inserter(out), ">\n    <{} message=\"{}{}{}\">", kind,
                   state_text(checked), lines.empty() ? "" : ": ",
                   lines.empty() ? "" : escaped_xml(lines.front()));
    for (const std::string& line : lines) out += escaped_xml(line) + "\n";
    fmt::format_to(std::back_inserter(out), "</{}>\n  </testcase>\n", kind);
  }
  return out + "</testsuite>\n";
}

std::string check_markdown(const std::vector<CheckedScenario>& scenarios) {
  const std::size_t bad = failed(scenarios);
  std::string out = fmt::format("### colossim check: {} of {} scenarios passed\n\n",
                                scenarios.size() - bad, scenarios.size());
  if (bad == 0) return out;
  if (std::any_of(scenarios.begin(), scenarios.end(),
                  [](const CheckedScenario& checked) { return !checked.drifts.empty(); }))
    out += "| scenario | metric | was | is | tolerance |\n|---|---|---:|---:|---|\n";
  for (const CheckedScenario& checked : scenarios) {
    for (const MetricDrift& drift : checked.drifts) {
      fmt::format_to(std::back_inserter(out), "| {} | `{}` | {} | {} | {} |\n", checked.file,
                     drift.name, number_text(drift.was, drift.unit),
                     number_text(drift.is, drift.unit), drift.tolerance);
    }
  }
  for (const CheckedScenario& checked : scenarios) {
    if (checked.passed()) continue;
    fmt::format_to(std::back_inserter(out), "\n**{}** {}\n\n```\n", state_text(checked),
                   checked.file);
    for (const std::string& line : findings(checked, 0)) out += line + "\n";
    out += "```\n";
  }
  return out;
}

std::string check_annotations(const std::vector<CheckedScenario>& scenarios) {
  std::string out;
  for (const CheckedScenario& checked : scenarios) {
    if (checked.passed()) continue;
    std::string message;
    for (const std::string& line : findings(checked, most_drifts))
      message += (message.empty() ? "" : "\n") + line;
    fmt::format_to(std::back_inserter(out), "::error file={},title=colossim check {}::{}\n",
                   escaped_annotation(checked.file, true), state_text(checked),
                   escaped_annotation(message, false));
  }
  return out;
}

}  // namespace colossim
