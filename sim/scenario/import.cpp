// Reads a log, sorts its jobs, writes them as a trace.
#include <algorithm>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/base/utf8.hpp>
#include <colossim/scenario/import.hpp>

#include "date_format.hpp"
#include "job_sorter.hpp"
#include "log_parser.hpp"

namespace colossim {

namespace {

std::unique_ptr<LogParser> parser_for(const std::string& file, const ImportOptions& options,
                                      BadRows& bad) {
  if (options.format == LogFormat::swf) return make_swf_parser(bad);
  if (options.format == LogFormat::sacct) return make_sacct_parser(file, bad);
  return make_csv_parser(file, options.map.value(), bad);
}

/// From lines to jobs in the sorter.
class LogReading {
 public:
  LogReading(const std::filesystem::path& log, const ImportOptions& options, JobSorter& sorter)
      : lines_(log),
        bad_(lines_.name(), options.bad_rows),
        parser_(parser_for(lines_.name(), options, bad_)),
        gpu_types_(options.gpu_types),
        sorter_(sorter),
        comments_(options.format == LogFormat::swf ? ';' : '\0') {}

  void run(ImportSummary& summary) {
    while (const std::optional<Line> line = lines_.next()) {
      if (line->text.empty() && !line->too_long) continue;
      count(take(*line), summary);
    }
    if (parser_->needs_header()) refuse("expected a header line, found an empty file");
    bad_.refuse();
    summary.left_out.bad = bad_.count();
    summary.first_bad = bad_.first();
  }

  /// Whether sizes are GPUs: some job has them.
  [[nodiscard]] bool has_gpus() const { return has_gpus_; }
  [[nodiscard]] const TraceColumns& columns() const { return columns_; }
  [[nodiscard]] bool has_dates() const { return parser_->has_dates(); }
  [[noreturn]] void refuse(std::string message) const {
    throw ScenarioError{{{{lines_.name()}, "", std::move(message), ""}}};
  }

 private:
  RowKind take(const Line& line) {
    if (line.too_long) {
      bad_.add({lines_.number(), 1, ""}, [] {
        return CellProblem{fmt::format("the line has more than {} bytes", LineReader::longest_line),
                           ""};
      });
      return RowKind::bad;
    }
    const bool is_comment = comments_ != 0 && line.text.starts_with(comments_);
    const std::size_t at = is_comment ? std::string_view::npos : find_not_text(line.text);
    if (at != std::string_view::npos) {
      bad_.add({lines_.number(), at + 1, ""}, [&] {
        return CellProblem{std::string{not_text_problem(line.text.substr(at))}, ""};
      });
      return RowKind::bad;
    }
    job_.line = lines_.number();
    const RowKind kind = parser_->parse(job_.line, line.text, job_);
    if (kind != RowKind::job) return kind;
    if (const auto ours = gpu_types_.find(job_.gpu); ours != gpu_types_.end())
      job_.gpu = ours->second;
    note(job_);
    return kind;
  }

  void note(const LogJob& job) {
    has_gpus_ = has_gpus_ || job.gpus > 0;
    columns_.estimate = columns_.estimate || job.estimate;
    columns_.tenant = columns_.tenant || !job.tenant.empty();
    columns_.group = columns_.group || !job.group.empty();
    columns_.priority = columns_.priority || job.priority;
    columns_.gpu = columns_.gpu || !job.gpu.empty();
    sorter_.add(job);
  }

  static void count(RowKind kind, ImportSummary& summary) {
    if (kind != RowKind::comment) ++summary.rows_read;
    if (kind == RowKind::not_run) ++summary.left_out.not_run;
    if (kind == RowKind::unfinished) ++summary.left_out.unfinished;
    if (kind == RowKind::filtered) ++summary.left_out.filtered;
    if (kind == RowKind::part) ++summary.left_out.parts;
  }

  LineReader lines_;
  BadRows bad_;
  std::unique_ptr<LogParser> parser_;
  const std::map<std::string, std::string>& gpu_types_;
  JobSorter& sorter_;
  char comments_;  // how lines begin that may be in any encoding; 0: none do
  LogJob job_;
  bool has_gpus_ = false;
  TraceColumns columns_;
};

/// From sorted jobs to rows of the trace.
class TraceWriting {
 public:
  TraceWriting(AtomicFile& file, const LogReading& log, std::string made_by, ImportSummary& summary)
      : file_(file), log_(log), made_by_(std::move(made_by)), summary_(summary) {
    summary_.columns = log.columns();
    summary_.columns.nodes = !log.has_gpus();
  }

  void write(const LogJob& job) {
    const std::int64_t size = summary_.columns.nodes ? job.nodes : job.gpus;
    if (size < 1) {
      ++summary_.left_out.without_size;
      return;
    }
    if (summary_.rows_written == 0) begin(job);
    row_.submit = job.submit - first_;
    if (row_.submit > longest_table_time) {
      log_.refuse(
          fmt::format("the job of line {} was submitted more than 1e9 s after that of line "
                      "{}: one of the two times must be wrong",
                      job.line, first_line_));
    }
    row_.id = job.id;
    row_.runtime = job.runtime;
    row_.size = size;
    row_.estimate = job.estimate;
    row_.tenant = job.tenant;
    row_.group = job.group;
    row_.gpu = job.gpu;
    row_.priority = job.priority.value_or(0);
    text_.clear();
    append_trace_row(text_, summary_.columns, row_);
    file_.write(text_);
    note();
  }

 private:
  void begin(const LogJob& job) {
    first_ = job.submit;
    first_line_ = job.line;
    if (log_.has_dates()) {
      summary_.origin = date_text(first_);
    } else {
      append_seconds(summary_.origin, first_);
      summary_.origin += " s";
    }
    file_.write("# colossim job trace: one job a row, times in seconds since the first submit\n");
    file_.write(
        fmt::format("# {}; submit_s 0 is {} on the log's clock\n", made_by_, summary_.origin));
    file_.write(trace_header(summary_.columns));
    summary_.smallest_size = summary_.columns.nodes ? job.nodes : job.gpus;
  }

  void note() {
    ++summary_.rows_written;
    summary_.span = row_.submit;
    summary_.smallest_size = std::min(summary_.smallest_size, row_.size);
    summary_.greatest_size = std::max(summary_.greatest_size, row_.size);
    summary_.longest_runtime = std::max(summary_.longest_runtime, row_.runtime);
    if (row_.tenant.empty() || summary_.tenants.contains(row_.tenant)) return;
    summary_.more_tenants = summary_.tenants.size() == TraceSummary::most_tenants;
    if (!summary_.more_tenants) summary_.tenants.insert(row_.tenant);
  }

  AtomicFile& file_;
  const LogReading& log_;
  std::string made_by_;
  ImportSummary& summary_;
  Duration first_;
  std::int64_t first_line_ = 0;
  TraceJob row_;
  std::string text_;
};

}  // namespace

ImportSummary import_log(const std::filesystem::path& log, const std::filesystem::path& trace,
                         const ImportOptions& options) {
  JobSorter sorter{trace, options.sort_bytes};
  ImportSummary summary;
  LogReading reading{log, options, sorter};
  AtomicFile file{trace};  // now, so that a folder one may not write to is told at once
  reading.run(summary);
  TraceWriting writing{file, reading, options.made_by, summary};
  sorter.drain([&](const LogJob& job) { writing.write(job); });
  // Without jobs there is no trace; what became of the rows is told by the caller.
  if (summary.rows_written > 0) file.commit();
  return summary;
}

}  // namespace colossim
