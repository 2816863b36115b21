// A whole trace at a glance, and the text of its rows.
#include <algorithm>

#include <fmt/format.h>

#include <colossim/scenario/trace.hpp>

namespace colossim {

namespace {

/// Collects distinct names; rows in a row of the same one cost a comparison.
class NameCollector {
 public:
  NameCollector(Names& names, std::string_view what, std::size_t most)
      : names_(names), what_(what), most_(most) {}

  void add(const std::string& name, const std::string& file, std::int64_t line) {
    if (name.empty() || name == last_) return;
    last_ = name;
    if (names_.insert(name).second && names_.size() > most_) {
      throw ScenarioError{
          {{table_mark(file, line, 1), std::string{what_},
            fmt::format("this is the {}th name, expected at most {}", names_.size(), most_),
            "is this the column that was meant?"}}};
    }
  }

 private:
  Names& names_;
  std::string_view what_;
  std::size_t most_;
  std::string last_;
};

}  // namespace

TraceSummary check_trace(const std::filesystem::path& file, TraceOptions options,
                         const std::function<void(const TraceJob&)>& each) {
  LineReader lines{file};
  lines.start_hash();
  TraceReader reader{std::move(lines), std::move(options)};
  TraceSummary summary{.columns = reader.columns()};
  NameCollector tenants{summary.tenants, "tenant", TraceSummary::most_tenants};
  NameCollector gpus{summary.gpus, "gpu", TraceSummary::most_gpu_types};
  for (TraceJob job; reader.next(job); ++summary.rows) {
    if (summary.rows == 0) summary.first_submit = job.submit;
    summary.last_submit = job.submit;
    summary.longest_runtime = std::max(summary.longest_runtime, job.runtime);
    summary.greatest_size = std::max(summary.greatest_size, job.size);
    tenants.add(job.tenant, reader.name(), job.line);
    gpus.add(job.gpu, reader.name(), job.line);
    if (each) each(job);
  }
  summary.content_hash = reader.lines_.content_hash();
  summary.dropped_rows = reader.bad_rows().count();
  summary.first_dropped = reader.bad_rows().first();
  return summary;
}

std::string trace_header(const TraceColumns& columns) {
  std::string line = columns.nodes ? "id,submit_s,runtime_s,nodes" : "id,submit_s,runtime_s,gpus";
  if (columns.estimate) line += ",estimate_s";
  if (columns.tenant) line += ",tenant";
  if (columns.group) line += ",group";
  if (columns.priority) line += ",priority";
  if (columns.gpu) line += ",gpu";
  return line + "\n";
}

void append_trace_row(std::string& out, const TraceColumns& columns, const TraceJob& job) {
  const auto text = [&](bool is_column, const std::string& value) {
    if (!is_column) return;
    out += ',';
    append_csv_field(out, value);
  };
  const auto number = [&](std::int64_t value) {
    const fmt::format_int digits{value};
    out += ',';
    out.append(digits.data(), digits.size());
  };
  append_csv_field(out, job.id);
  out += ',';
  append_seconds(out, job.submit);
  out += ',';
  append_seconds(out, job.runtime);
  number(job.size);
  if (columns.estimate) {
    out += ',';
    if (job.estimate) append_seconds(out, *job.estimate);
  }
  text(columns.tenant, job.tenant);
  text(columns.group, job.group);
  if (columns.priority) number(job.priority);
  text(columns.gpu, job.gpu);
  out += '\n';
}

}  // namespace colossim
