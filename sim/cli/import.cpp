// colossim import: logs that others publish into colossim's own job trace.
#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/base/utf8.hpp>
#include <colossim/report/text.hpp>
#include <colossim/scenario/import.hpp>

#include "options.hpp"

namespace colossim {

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr std::string_view usage =
    R"(Usage: colossim import swf|sacct|csv FILE -o trace.csv [options]
Turns a job log into a job trace: CSV with id, submit_s, runtime_s, gpus (or nodes) and, where the
log has them, estimate_s, tenant, group, priority, gpu. Rows are sorted by submission; the first is
at 0. Sizes are GPUs when any job has some, else nodes.

Left out and counted: jobs that never ran (no start, or a runtime of 0 or -1), jobs that had not
ended, jobs of size 0, steps and parts of jobs. Rows that cannot be read are errors; with --lenient
they are left out and counted too.

swf    The Standard Workload Format: 18 fields, `;` begins a comment. gpus = requested processors
       (field 8), else allocated (5); estimate = field 9 as it stands; tenant = u + user (12),
       group = g + group (13). Lines with status 2, 3 or 4 are parts of the job before.
sacct  What Slurm prints for
         SLURM_TIME_FORMAT=%s sacct --allusers --allocations --parsable2 --starttime 2024-01-01
           --endtime 2024-02-01 --format JobIDRaw,Submit,Start,End,ElapsedRaw,AllocTRES,ReqTRES,
           NNodes,TimelimitRaw,Account,User,Priority,State
       gpus and gpu from gres/gpu of AllocTRES (ReqTRES when that is empty), nodes = NNodes,
       estimate = TimelimitRaw or Timelimit, tenant = Account, group = User (else Partition);
       priorities beyond 1e9 count as 1e9. JobID, Elapsed, AllocNodes and --parsable do as well.
       Dates such as 2024-05-06T12:00:00 are taken as they stand: across a change of daylight saving
       only seconds (%s) are exact.
csv    Any table, read as --map says: the name of one in the catalog's folder traces/, or a file.

A map is YAML:)";

/// Prints the fields of a described struct, indented.
struct FieldPrinter {
  void field(std::string_view name, auto& member, const Rule& rule, std::string_view doc) {
    fmt::print("{:{}}{:<{}} {}", "", indent, name, 22 - indent, doc);
    if (!rule.words.empty()) fmt::print(" ({})", rule.words);
    if (rule.is_required) fmt::print("; required");
    fmt::print("\n");
    open(member);
  }

  template <class T>
  void open(T& member) {
    if constexpr (requires { member.describe(*this); }) {
      indent += 2;
      member.describe(*this);
      indent -= 2;
    }
  }
  /// Nodes are written like GPUs, `end` like `submit`.
  void open(std::optional<SizeColumnSpec>& /*member*/) {
    SizeColumnSpec size;
    if (!std::exchange(has_size, true)) open(size);
  }

  std::size_t indent = 2;
  bool has_size = false;
};

void print_map_help() {
  TraceMapSpec map;
  FieldPrinter printer;
  map.describe(printer);
  fmt::print(
      "start, end, runtime and estimate are written like submit, nodes like gpus. A row of keep:\n"
      "  {{column: state, values: [COMPLETED, FAILED]}}\n\n");
}

/// The folder of maps of the first catalog that exists.
fs::path map_folder(const po::variables_map& values) {
  for (const fs::path& folder : catalog_folders(values)) {
    if (fs::is_directory(folder / "traces")) return folder / "traces";
  }
  return {};
}

std::vector<std::string> shipped_maps(const fs::path& folder) {
  std::vector<std::string> names;
  if (folder.empty()) return names;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// A name is a map of the catalog; anything with a dot or a slash is a file.
fs::path map_file(const std::string& name, const po::variables_map& values) {
  if (name.find_first_of("./") != std::string::npos) return name;
  const fs::path folder = map_folder(values);
  const std::vector<std::string> names = shipped_maps(folder);
  if (std::find(names.begin(), names.end(), name) != names.end()) return folder / (name + ".yaml");
  throw UsageError{fmt::format(
      "--map {}: there is no such map in the catalog; {}", name,
      names.empty() ? "give --catalog DIR, or a file name with .yaml" : did_you_mean(name, names))};
}

/// `, one of a, b`; nothing where no map is shipped.
std::string shipped_text(const fs::path& folder) {
  const std::vector<std::string> names = shipped_maps(folder);
  return names.empty() ? std::string{} : fmt::format(", one of {}", fmt::join(names, ", "));
}

struct Task {
  fs::path log;
  fs::path trace;
  ImportOptions options;
};

LogFormat format_of(const std::string& word) {
  const std::vector<std::string> words{"swf", "sacct", "csv"};
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end())
    throw UsageError{
        fmt::format("import: there is no format \"{}\"; {}", word, did_you_mean(word, words))};
  return static_cast<LogFormat>(found - words.begin());
}

Task read_task(const po::variables_map& values) {
  const Words words = values.count("log") > 0 ? values["log"].as<Words>() : Words{};
  if (words.size() != 2)
    throw UsageError{"import: expected a format (swf, sacct or csv) and a file"};
  if (values.count("output") == 0) throw UsageError{"import: expected -o FILE, the trace to write"};
  Task task{.log = words[1], .trace = values["output"].as<std::string>()};
  task.options.format = format_of(words[0]);
  if (values.count("lenient") > 0) task.options.bad_rows = BadRowPolicy::drop;
  task.options.made_by = fmt::format("made by `colossim import {}` from {}", words[0],
                                     shown(task.log.filename().string()));
  if (values.count("gpu-type") > 0) {
    for (const std::string& word : values["gpu-type"].as<Words>()) {
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos || equals == 0)
        throw UsageError{fmt::format("--gpu-type {}: expected NAME=TYPE", word)};
      task.options.gpu_types[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  std::error_code error;
  if (fs::equivalent(task.log, task.trace, error))
    throw UsageError{fmt::format("-o {}: this is the log itself", task.trace.string())};
  const bool is_csv = task.options.format == LogFormat::csv;
  if (is_csv != (values.count("map") > 0))
    throw UsageError{is_csv ? fmt::format("import csv: expected --map{}, or a file",
                                          shipped_text(map_folder(values)))
                            : fmt::format("import {}: --map is for csv only", words[0])};
  if (!is_csv) return task;
  const fs::path map = map_file(values["map"].as<std::string>(), values);
  task.options.map = load_trace_map(map, catalog_folders(values));
  task.options.made_by += " with map " + shown(map.stem().string());
  return task;
}

std::string count(std::int64_t number) {
  return grouped(static_cast<double>(number), 0);
}
std::string seconds(Duration time) {
  std::string text;
  append_seconds(text, time);
  return text;
}
std::string tenants_text(const ImportSummary& summary) {
  return fmt::format("{}{}", summary.more_tenants ? "more than " : "",
                     count(static_cast<std::int64_t>(summary.tenants.size())));
}

/// Reasons with their counts.
std::vector<std::pair<std::string, std::int64_t>> reasons(const LeftOut& left_out) {
  return {{"not_run", left_out.not_run},
          {"unfinished", left_out.unfinished},
          {"without_size", left_out.without_size},
          {"filtered", left_out.filtered},
          {"parts", left_out.parts},
          {"bad", left_out.bad}};
}

std::string reasons_text(const LeftOut& left_out) {
  std::string text;
  for (const auto& [reason, number] : reasons(left_out)) {
    if (number == 0) continue;
    std::string words = reason;
    std::replace(words.begin(), words.end(), '_', ' ');
    text += fmt::format("{}{}: {} row{}", text.empty() ? "" : ", ", words, count(number),
                        number == 1 ? "" : "s");
  }
  return text.empty() ? "none" : text;
}

void print_text(const Task& task, const ImportSummary& summary) {
  const std::string unit = summary.columns.nodes ? "nodes" : "GPUs";
  fmt::print("{}: {} of {} rows of {}\n", task.trace.string(), count(summary.rows_written),
             count(summary.rows_read), task.log.string());
  fmt::print("  left out  {}\n", reasons_text(summary.left_out));
  fmt::print("  submitted over {} s; 0 is {} on the log's clock\n", seconds(summary.span),
             summary.origin);
  fmt::print("  sizes     {} to {} {}; longest runtime {} s\n", count(summary.smallest_size),
             count(summary.greatest_size), unit, seconds(summary.longest_runtime));
  fmt::print("  tenants   {}\n", tenants_text(summary));
}

void print_json(const ImportSummary& summary) {
  Json left_out = Json::object();
  for (const auto& [reason, number] : reasons(summary.left_out)) left_out[reason] = number;
  const Json report{{"rows_read", summary.rows_read},
                    {"rows_written", summary.rows_written},
                    {"left_out", left_out},
                    {"origin", summary.origin},
                    {"span_s", seconds(summary.span)},
                    {"size_unit", summary.columns.nodes ? "nodes" : "gpus"},
                    {"smallest_size", summary.smallest_size},
                    {"greatest_size", summary.greatest_size},
                    {"longest_runtime_s", seconds(summary.longest_runtime)},
                    {"tenants", summary.tenants.size()},
                    {"more_tenants", summary.more_tenants}};
  fmt::print("{}\n", report.dump(2, ' ', false, Json::error_handler_t::replace));
}

/// What is not in the trace must not pass unseen when stdout goes elsewhere.
void warn(const ImportSummary& summary) {
  if (summary.rows_written < summary.rows_read)
    fmt::print(stderr, "colossim: left out: {}\n", reasons_text(summary.left_out));
  for (const Diagnostic& diagnostic : summary.first_bad)
    fmt::print(stderr, "{}\n", diagnostic.text());
  const auto more = summary.left_out.bad - static_cast<std::int64_t>(summary.first_bad.size());
  if (more > 0) fmt::print(stderr, "... and {} more bad rows\n", more);
}

}  // namespace

int import_command(const Words& words) {
  if (std::find(words.begin(), words.end(), "--help") != words.end()) {
    fmt::print("{}\n", usage);
    print_map_help();
  }
  CommandLine line{.usage = "Options:", .positional = "log", .positionals = 2};
  line.options.add_options()("output,o", po::value<std::string>()->value_name("FILE"),
                             "the trace to write")(
      "map", po::value<std::string>()->value_name("NAME|FILE"), "for csv: which column is what")(
      "gpu-type", po::value<Words>()->value_name("NAME=TYPE")->composing(),
      "call the log's GPU type NAME as the catalog does; empty TYPE: any will do; repeatable")(
      "lenient", "leave out rows that cannot be read, and count them")("json",
                                                                       "print the summary as JSON");
  add_catalog_option(line.options);
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const Task task = read_task(*values);
  const ImportSummary summary = import_log(task.log, task.trace, task.options);
  warn(summary);
  if (summary.rows_written == 0)
    throw UsageError{
        fmt::format("{}: none of the log's {} rows is a job that ran and is kept: "
                    "nothing to write",
                    task.log.string(), count(summary.rows_read))};
  if (values->count("json") > 0) {
    print_json(summary);
  } else {
    print_text(task, summary);
  }
  return exit_ok;
}

}  // namespace colossim
