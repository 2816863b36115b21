// Any table, read as a TraceMapSpec says.
#include <algorithm>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/base/utf8.hpp>
#include <colossim/scenario/decimal.hpp>

#include "date_format.hpp"
#include "log_parser.hpp"
#include "table_columns.hpp"

namespace colossim {

namespace {

constexpr Int128 billion = 1'000'000'000;
constexpr std::int64_t most_size = 1'000'000'000;
constexpr std::int64_t most_priority = 1'000'000'000;

char separator_of(const std::string& word) {
  return word == "semicolon" ? ';' : word == "tab" ? '\t' : word == "pipe" ? '|' : ',';
}

std::int64_t unit_ns(const std::string& unit) {
  if (unit == "ns") return 1;
  if (unit == "us") return 1'000;
  if (unit == "ms") return 1'000'000;
  return unit == "min" ? one_minute.ns() : unit == "h" ? one_hour.ns() : one_second.ns();
}

class CsvParser final : public LogParser {
 public:
  CsvParser(std::string file, const TraceMapSpec& map, BadRows& bad)
      : file_(std::move(file)), map_(map), bad_(bad), splitter_(separator_of(map.separator)) {
    if (!map_.columns) return;
    columns_.set(*map_.columns);
    bind(1);
  }

  [[nodiscard]] bool needs_header() const override { return !columns_.is_set(); }
  [[nodiscard]] bool has_dates() const override { return map_.submit.format.has_value(); }

  RowKind parse(std::int64_t line, std::string_view text, LogJob& job) override {
    line_ = line;
    if (const auto problem = splitter_.split(text)) {
      bad_.add({line_, problem->column, ""}, [&] {
        return CellProblem{std::string{problem->message}, ""};
      });
      return RowKind::bad;
    }
    cells_ = splitter_.fields();
    if (!columns_.is_set()) {
      columns_.set(cells_);
      bind(line);
      return RowKind::comment;
    }
    if (cells_.size() == columns_.count()) return read(job);
    bad_.add({line_, 1, ""}, [&] {
      return CellProblem{
          fmt::format("expected {} fields, found {}", columns_.count(), cells_.size()), ""};
    });
    return RowKind::bad;
  }

 private:
  using Column = std::optional<std::size_t>;

  /// A column of instants or spans, ready to be read.
  struct TimeColumn {
    Column at;
    std::int64_t unit_ns = 1;
    std::optional<DateFormat> format;
  };
  struct SizeColumn {
    Column at;
    Column times;
    std::int64_t per = 1;
  };
  struct Keep {
    Column at;
    const std::vector<std::string>* values = nullptr;
  };

  /// Finds the map's columns among the log's; the first that is missing is thrown.
  void bind(std::int64_t line) {
    const auto find = [&](std::string_view key, const std::optional<std::string>& name) -> Column {
      if (!name) return std::nullopt;
      if (columns_.is_twice(*name))
        throw ScenarioError{{{table_mark(file_, line, 1), std::string{key},
                              fmt::format("the log has two columns \"{}\"", *name), ""}}};
      if (const auto column = columns_.find(*name)) return column;
      throw ScenarioError{
          {{table_mark(file_, line, 1), std::string{key},
            fmt::format("the map takes it from column \"{}\", which the log does not have", *name),
            did_you_mean(*name, columns_.names())}}};
    };
    const auto time = [&](std::string_view key, const std::optional<TimeColumnSpec>& spec) {
      if (!spec) return TimeColumn{};
      TimeColumn column{find(key, spec->column), unit_ns(spec->unit), std::nullopt};
      if (spec->format) column.format.emplace(*spec->format);
      return column;
    };
    for (const std::string& name : map_.id) id_.push_back(*find("id", name));
    submit_ = time("submit", map_.submit);
    start_ = time("start", map_.start);
    end_ = time("end", map_.end);
    runtime_ = time("runtime", map_.runtime);
    estimate_ = time("estimate", map_.estimate);
    const std::string_view key = map_.gpus ? "gpus" : "nodes";
    const SizeColumnSpec& size = map_.gpus ? *map_.gpus : *map_.nodes;
    size_ = {find(key, size.column), find(key, size.times), size.per};
    tenant_ = find("tenant", map_.tenant);
    group_ = find("group", map_.group);
    priority_ = find("priority", map_.priority);
    gpu_ = find("gpu", map_.gpu);
    for (const KeepRowsSpec& keep : map_.keep)
      keep_.push_back({find("keep", keep.column), &keep.values});
  }

  /// The text of a cell; empty when it means nothing.
  [[nodiscard]] std::string_view text(Column column) const {
    const std::string_view cell = column ? cells_[*column].text : std::string_view{};
    const auto& absent = map_.absent;
    return std::find(absent.begin(), absent.end(), cell) == absent.end() ? cell
                                                                         : std::string_view{};
  }
  RowKind refuse(Column column, std::string_view expected) {
    bad_.add({line_, cells_[*column].column, columns_.names()[*column]}, [&] {
      return CellProblem{
          fmt::format("expected {}, found {}", expected, shown(cells_[*column].text)), ""};
    });
    return RowKind::bad;
  }

  /// An instant on the log's clock or a span; nothing when the cell holds none that a clock of
  /// nanoseconds can keep.
  [[nodiscard]] std::optional<Duration> time(const TimeColumn& column) const {
    if (column.format) return column.format->parse(text(column.at));
    const auto number = read_billionths(text(column.at));
    constexpr Int128 most = Int128{4'000'000'000} * billion;  // ns: 126 years
    if (!number) return std::nullopt;
    const Int128 ns =
        *number / billion * column.unit_ns + *number % billion * column.unit_ns / billion;
    if (ns > most || ns < -most) return std::nullopt;
    return Duration{static_cast<std::int64_t>(ns)};
  }
  static std::string expected_time(const TimeColumn& column) {
    return column.format ? "a date in the map's format" : "a number";
  }

  RowKind read(LogJob& job) {
    for (const Keep& keep : keep_) {
      const std::string_view value = cells_[*keep.at].text;
      if (std::find(keep.values->begin(), keep.values->end(), value) == keep.values->end())
        return RowKind::filtered;
    }
    if (start_.at && text(start_.at).empty()) return RowKind::not_run;
    const auto submit = time(submit_);
    if (!submit) return refuse(submit_.at, expected_time(submit_));
    job.submit = *submit;
    if (const RowKind kind = read_runtime(job); kind != RowKind::job) return kind;
    if (const RowKind kind = read_size(job); kind != RowKind::job) return kind;
    job.tenant.assign(text(tenant_));
    job.group.assign(text(group_));
    job.gpu.assign(text(gpu_));
    read_id(job);
    return read_rest(job);
  }

  void read_id(LogJob& job) const {
    job.id.clear();
    for (const Column column : id_) {
      if (!job.id.empty()) job.id += '/';
      job.id += cells_[*column].text;
    }
    if (job.id.empty()) job.id = fmt::format("{}", line_);
  }

  RowKind read_runtime(LogJob& job) {
    if (end_.at && text(end_.at).empty()) return RowKind::unfinished;
    if (runtime_.at) {
      if (text(runtime_.at).empty()) return RowKind::not_run;
      const auto runtime = time(runtime_);
      if (!runtime || *runtime > longest_table_time)
        return refuse(runtime_.at, "a number of at most 1e9 s");
      if (*runtime < Duration{} && *runtime != Duration{-runtime_.unit_ns})
        return refuse(runtime_.at, "a time, or -1 where it is unknown");
      job.runtime = *runtime;
    } else {
      const auto start = time(start_);
      if (!start) return refuse(start_.at, expected_time(start_));
      const auto end = time(end_);
      if (!end) return refuse(end_.at, expected_time(end_));
      job.runtime = *end - *start;
      if (job.runtime.ns() < 0 || job.runtime > longest_table_time)
        return refuse(end_.at, "an end from the start on and within 1e9 s");
    }
    return job.runtime.ns() > 0 ? RowKind::job : RowKind::not_run;
  }

  RowKind read_size(LogJob& job) {
    const auto factor = [&](Column column) -> std::optional<Int128> {
      if (text(column).empty()) return 0;
      const auto number = read_billionths(text(column));
      return number && *number <= most_size * billion ? number : std::nullopt;
    };
    const auto number = factor(size_.at);
    if (!number) return refuse(size_.at, "a number up to 1e9");
    const auto times = size_.times ? factor(size_.times) : std::optional{billion};
    if (!times) return refuse(size_.times, "a number up to 1e9");
    const Int128 product = std::max<Int128>(0, *number) * std::max<Int128>(0, *times);
    const Int128 unit = billion * billion * size_.per;
    const Int128 size = product / unit + (product % unit == 0 ? 0 : 1);
    if (size > most_size) return refuse(size_.at, "a size up to 1e9");
    job.gpus = map_.gpus ? static_cast<std::int64_t>(size) : 0;
    job.nodes = map_.gpus ? 0 : static_cast<std::int64_t>(size);
    return RowKind::job;
  }

  RowKind read_rest(LogJob& job) {
    job.estimate.reset();
    if (!text(estimate_.at).empty()) {
      const auto estimate = time(estimate_);
      if (!estimate || *estimate > longest_table_time)
        return refuse(estimate_.at, "a number of at most 1e9 s");
      if (estimate->ns() > 0) job.estimate = estimate;
    }
    job.priority.reset();
    const std::string_view digits = text(priority_);
    if (digits.empty()) return RowKind::job;
    std::int64_t priority = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), priority);
    if (error != std::errc{} || stop != digits.data() + digits.size() || priority > most_priority ||
        priority < -most_priority)
      return refuse(priority_, "a whole number from -1e9 to 1e9");
    job.priority = priority;
    return RowKind::job;
  }

  std::string file_;
  const TraceMapSpec& map_;
  BadRows& bad_;
  CsvSplitter splitter_;
  TableColumns columns_;
  std::span<const CsvField> cells_;
  std::int64_t line_ = 0;
  std::vector<Column> id_;
  TimeColumn submit_, start_, end_, runtime_, estimate_;
  SizeColumn size_;
  Column tenant_, group_, priority_, gpu_;
  std::vector<Keep> keep_;
};

}  // namespace

std::unique_ptr<LogParser> make_csv_parser(std::string file, const TraceMapSpec& map,
                                           BadRows& bad) {
  return std::make_unique<CsvParser>(std::move(file), map, bad);
}

}  // namespace colossim
