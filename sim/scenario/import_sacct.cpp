// What Slurm's accounting prints with --parsable2 [slurm_2024]: a header, fields between bars.
#include <algorithm>
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

constexpr std::int64_t most_priority = 1'000'000'000;  // of a trace
constexpr std::int64_t most_size = 1'000'000'000;

std::optional<std::int64_t> read_whole(std::string_view text) {
  const auto value = read_billionths(text);
  constexpr Int128 billion = 1'000'000'000;
  if (!value || *value % billion != 0) return std::nullopt;
  const Int128 whole = *value / billion;
  if (whole > most_size * 10 || whole < -most_size) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

/// `[days-]hours:minutes:seconds`, `minutes:seconds`, with a fraction or without.
std::optional<Duration> read_span(std::string_view text) {
  std::int64_t days = 0;
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    const auto count = read_whole(text.substr(0, dash));
    if (!count || *count < 0 || *count > 10'000) return std::nullopt;
    days = *count;
    text.remove_prefix(dash + 1);
  }
  std::int64_t ns = 0;
  for (bool last = false; !last;) {
    const std::size_t colon = text.find(':');
    last = colon == std::string_view::npos;
    const ReadTime part = read_seconds(text.substr(0, colon));
    if (part.problem != ReadTime::Problem::none ||
        (!last && part.value.ns() % one_second.ns() != 0))
      return std::nullopt;
    if (ns > longest_table_time.ns() / 60) return std::nullopt;
    ns = ns * 60 + part.value.ns();
    text = last ? std::string_view{} : text.substr(colon + 1);
  }
  const Duration span = Duration{ns} + days * one_day;
  if (span > longest_table_time) return std::nullopt;
  return span;
}

/// The number behind `key` in a list such as `cpu=64,node=2,gres/gpu:a100=16`; a key that ends in
/// `:` stands for all types, whose numbers are added and the only one is noted.
struct Resources {
  std::int64_t gpus = 0;
  std::int64_t nodes = 0;
  std::string_view gpu_type;
};
std::optional<Resources> read_resources(std::string_view list) {
  Resources found;
  std::int64_t typed = 0;
  std::int64_t types = 0;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    const std::string_view item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string_view key = item.substr(0, equals);
    const bool is_typed = key.starts_with("gres/gpu:");
    if (!is_typed && key != "gres/gpu" && key != "node") continue;
    const auto count = equals < item.size() ? read_whole(item.substr(equals + 1)) : std::nullopt;
    if (!count || *count < 0 || *count > most_size) return std::nullopt;
    if (is_typed) {
      typed += *count;
      found.gpu_type = ++types == 1 ? key.substr(9) : std::string_view{};
    } else {
      (key == "node" ? found.nodes : found.gpus) = *count;
    }
  }
  if (found.gpus == 0) found.gpus = typed;
  return found;
}

class SacctParser final : public LogParser {
 public:
  SacctParser(std::string file, BadRows& bad) : file_(std::move(file)), bad_(bad) {}

  [[nodiscard]] bool needs_header() const override { return !columns_.is_set(); }
  [[nodiscard]] bool has_dates() const override { return true; }

  RowKind parse(std::int64_t line, std::string_view text, LogJob& job) override {
    line_ = line;
    splitter_.split(text);
    cells_ = splitter_.fields();
    if (!columns_.is_set()) {
      read_header();
      return RowKind::comment;
    }
    // --parsable puts a bar behind the last field too, of the header as of the rows.
    if (cells_.size() != columns_.count()) {
      bad_.add({line_, 1, ""}, [&] {
        return CellProblem{
            fmt::format("expected {} fields, found {}", columns_.count(), cells_.size()),
            "leave out columns whose texts may hold a bar, such as JobName"};
      });
      return RowKind::bad;
    }
    return read(job);
  }

 private:
  void read_header() {
    columns_.set(cells_);
    id_ = first_of({"JobIDRaw", "JobID"});
    submit_ = first_of({"Submit"});
    start_ = first_of({"Start"});
    end_ = first_of({"End"});
    elapsed_raw_ = first_of({"ElapsedRaw"});
    elapsed_ = first_of({"Elapsed"});
    allocated_ = first_of({"AllocTRES"});
    requested_ = first_of({"ReqTRES"});
    nodes_ = first_of({"NNodes", "AllocNodes"});
    limit_ = first_of({"Timelimit"});
    limit_raw_ = first_of({"TimelimitRaw"});
    tenant_ = first_of({"Account"});
    group_ = first_of({"User", "Partition"});
    priority_ = first_of({"Priority"});
    state_ = first_of({"State"});
    std::string missing;
    if (!id_) missing = "JobIDRaw";
    if (!submit_) missing = "Submit";
    if (!elapsed_raw_ && !elapsed_ && !(start_ && end_)) missing = "ElapsedRaw";
    if (!allocated_ && !requested_ && !nodes_) missing = "AllocTRES";
    if (missing.empty()) return;
    throw ScenarioError{
        {{table_mark(file_, line_, 1), "",
          fmt::format("expected a header with JobIDRaw (or JobID), Submit, ElapsedRaw (or Elapsed, "
                      "or Start and End), AllocTRES (or ReqTRES, or NNodes); {} is missing",
                      missing),
          "see `colossim import --help` for the sacct command"}}};
  }

  [[nodiscard]] std::optional<std::size_t> first_of(
      std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      if (const auto column = columns_.find(name)) return column;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string_view text(std::optional<std::size_t> column) const {
    return column ? cells_[*column].text : std::string_view{};
  }
  RowKind refuse(std::optional<std::size_t> column, std::string_view expected) {
    bad_.add({line_, cells_[*column].column, columns_.names()[*column]}, [&] {
      return CellProblem{fmt::format("expected {}, found {}", expected, shown(text(column))), ""};
    });
    return RowKind::bad;
  }
  static bool is_unknown(std::string_view text) {
    return text.empty() || text == "Unknown" || text == "None";
  }
  [[nodiscard]] std::optional<Duration> date(std::string_view text) const {
    if (const auto seconds = read_billionths(text))
      return *seconds >= 0 && *seconds < Int128{8'000'000'000} * 1'000'000'000
                 ? std::optional{Duration{static_cast<std::int64_t>(*seconds)}}
                 : std::nullopt;
    return format_.parse(text);
  }

  RowKind read(LogJob& job) {
    if (text(id_).find('.') != std::string_view::npos) return RowKind::part;  // a step of a job
    const auto submit = date(text(submit_));
    if (!submit) return refuse(submit_, "a time such as 2024-05-06T12:00:00");
    if (start_ && is_unknown(text(start_))) return RowKind::not_run;
    const std::string_view state = text(state_);
    const bool is_open = state.starts_with("RUNNING") || state.starts_with("SUSPENDED");
    if (is_open || (end_ && is_unknown(text(end_)))) return RowKind::unfinished;
    if (state.starts_with("PENDING")) return RowKind::not_run;
    job.id.assign(text(id_));
    job.submit = *submit;
    if (const RowKind kind = read_runtime(job); kind != RowKind::job) return kind;
    if (const RowKind kind = read_size(job); kind != RowKind::job) return kind;
    job.tenant.assign(text(tenant_));
    job.group.assign(text(group_));
    return read_rest(job);
  }

  RowKind read_runtime(LogJob& job) {
    if (elapsed_raw_ || elapsed_) {
      const auto column = elapsed_raw_ ? elapsed_raw_ : elapsed_;
      const ReadTime seconds = read_seconds(text(column));
      const auto span = seconds.problem == ReadTime::Problem::none ? std::optional{seconds.value}
                                                                   : read_span(text(column));
      if (!span) return refuse(column, "a span such as 3600 or 1-02:03:04");
      job.runtime = *span;
    } else {
      const auto start = date(text(start_));
      const auto end = date(text(end_));
      if (!start) return refuse(start_, "a time such as 2024-05-06T12:00:00");
      if (!end || *end < *start || *end - *start > longest_table_time)
        return refuse(end_, "a time at or after Start");
      job.runtime = *end - *start;
    }
    return job.runtime.ns() > 0 ? RowKind::job : RowKind::not_run;
  }

  RowKind read_size(LogJob& job) {
    const auto column = !text(allocated_).empty() || !requested_ ? allocated_ : requested_;
    job.gpus = 0;
    job.nodes = 0;
    job.gpu.clear();
    if (column) {
      const auto resources = read_resources(text(column));
      if (!resources) return refuse(column, "a list such as cpu=64,gres/gpu=8,node=1");
      job.gpus = resources->gpus;
      job.nodes = resources->nodes;
      job.gpu.assign(resources->gpu_type);
    }
    if (nodes_ && !text(nodes_).empty()) {
      const auto nodes = read_whole(text(nodes_));
      if (!nodes || *nodes < 0 || *nodes > most_size) return refuse(nodes_, "a whole number");
      job.nodes = *nodes;
    }
    return RowKind::job;
  }

  RowKind read_rest(LogJob& job) {
    job.estimate.reset();
    const auto column = limit_raw_ ? limit_raw_ : limit_;
    const std::string_view limit = text(column);
    if (!is_unknown(limit) && limit != "UNLIMITED" && limit != "Partition_Limit" &&
        limit != "INVALID") {
      const auto minutes = limit_raw_ ? read_whole(limit) : std::nullopt;
      job.estimate =
          minutes && *minutes >= 0 && *minutes * one_minute.ns() <= longest_table_time.ns()
              ? std::optional{*minutes * one_minute}
              : read_span(limit);
      if (!job.estimate) return refuse(column, "a limit such as 60 (minutes) or 1-02:03:04");
    }
    job.priority.reset();
    if (!text(priority_).empty()) {
      const auto priority = read_whole(text(priority_));
      if (!priority) return refuse(priority_, "a whole number");
      job.priority = std::clamp(*priority, -most_priority, most_priority);
    }
    return RowKind::job;
  }

  std::string file_;
  BadRows& bad_;
  TableColumns columns_;
  CsvSplitter splitter_{'|', false};
  std::span<const CsvField> cells_;
  std::int64_t line_ = 0;
  DateFormat format_{"%Y-%m-%dT%H:%M:%S"};
  std::optional<std::size_t> id_, submit_, start_, end_, elapsed_raw_, elapsed_, allocated_,
      requested_, nodes_, limit_, limit_raw_, tenant_, group_, priority_, state_;
};

}  // namespace

std::unique_ptr<LogParser> make_sacct_parser(std::string file, BadRows& bad) {
  return std::make_unique<SacctParser>(std::move(file), bad);
}

}  // namespace colossim
