// How the columns of somebody's log become those of the job trace.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/describe.hpp>

namespace colossim {

struct TimeColumnSpec {
  static constexpr std::string_view doc = "A column that holds an instant or a span.";
  std::string column;
  std::string unit = "s";
  std::optional<std::string> format;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("column", column, required, "its name");
    v.field("unit", unit, optional.one_of("ns us ms s min h"), "what its numbers count");
    v.field("format", format, optional,
            "of dates: %Y %m %d %H %M %S %F %T; a fraction and an offset may follow");
  }
};

struct SizeColumnSpec {
  static constexpr std::string_view doc =
      "A column that holds a size: number * times / per, rounded up.";
  std::string column;
  std::int64_t per = 1;
  std::optional<std::string> times;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("column", column, required, "its name");
    v.field("per", per, optional.within(1, 1e9).choice(),
            "what it counts per GPU or node: 100 for percent of a GPU");
    v.field("times", times, optional, "a column to multiply by: instances of a task");
  }
};

struct KeepRowsSpec {
  static constexpr std::string_view doc = "Only rows with one of these values are jobs.";
  std::string column;
  std::vector<std::string> values;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("column", column, required, "its name");
    v.field("values", values, required, "a list of texts");
  }
};

struct TraceMapSpec {
  static constexpr std::string_view doc = "Which column of a log is what.";
  std::int64_t schema = 1;
  std::string title;
  std::string separator = "comma";
  std::optional<std::vector<std::string>> columns;
  std::vector<std::string> id;
  TimeColumnSpec submit;
  std::optional<TimeColumnSpec> start;
  std::optional<TimeColumnSpec> end;
  std::optional<TimeColumnSpec> runtime;
  std::optional<SizeColumnSpec> gpus;
  std::optional<SizeColumnSpec> nodes;
  std::optional<TimeColumnSpec> estimate;
  std::optional<std::string> tenant;
  std::optional<std::string> group;
  std::optional<std::string> priority;
  std::optional<std::string> gpu;
  std::vector<KeepRowsSpec> keep;
  std::vector<std::string> absent;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("schema", schema, required.within(1, 1).choice(), "version of this language: 1");
    v.field("title", title, required, "which log, in one line");
    v.field("separator", separator, optional.one_of("comma semicolon tab pipe"), "between fields");
    v.field("columns", columns, optional, "their names, for a log without a header line");
    v.field("id", id, optional, "columns that name the job, joined by /; else the line's number");
    v.field("submit", submit, required, "when it was submitted");
    v.field("start", start, optional, "when it started; empty: it never ran");
    v.field("end", end, optional, "when it ended; empty: it has not");
    v.field("runtime", runtime, optional, "how long it ran; else end - start");
    v.field("gpus", gpus, optional, "its size in GPUs");
    v.field("nodes", nodes, optional, "or its size in nodes");
    v.field("estimate", estimate, optional, "the runtime its user stated");
    v.field("tenant", tenant, optional, "a column");
    v.field("group", group, optional, "a column");
    v.field("priority", priority, optional, "a column of whole numbers, higher goes first");
    v.field("gpu", gpu, optional, "a column with the type of GPU it must have");
    v.field("keep", keep, optional, "which rows are jobs; all that are given must hold");
    v.field("absent", absent, optional, "texts that mean the same as an empty cell");
  }
};

/// Reads a map strictly, as scenarios are; its sources must be in the catalog of the first of
/// `catalog_folders` that exists. All problems are thrown as one ScenarioError, I/O errors as
/// std::system_error.
TraceMapSpec load_trace_map(const std::filesystem::path& file,
                            const std::vector<std::filesystem::path>& catalog_folders);

}  // namespace colossim
