// The job trace: a table of jobs as they were submitted, read row by row.
//
// CSV [shafranovich2005], UTF-8, CRLF or LF; lines that start with `#` before the header are
// comments. The header names the columns, in any order, each at most once:
//
//   id          name of the job                                                       required
//   submit_s    when it was submitted, from the trace's own zero; never falls         required
//   runtime_s   how long it runs on what it asks for                                  required
//   gpus, nodes its size, a whole number from 1                       one of the two, required
//   estimate_s  the runtime its user stated
//   tenant      whose job it is
//   group       a finer division of the tenant's jobs: a user, a queue
//   priority    a whole number from -1e9 to 1e9, higher goes first; 0 when it is absent
//   gpu         the type of GPU it must have; empty: any
//
// Times are decimal seconds from 0 to 1e9 with at most nine decimals and are taken exactly. An
// empty cell of an optional column says that the value is absent.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/time.hpp>
#include <colossim/scenario/bad_rows.hpp>
#include <colossim/scenario/csv.hpp>
#include <colossim/scenario/decimal.hpp>

namespace colossim {

/// One row. `line` is where it stands in the file; texts are empty when they are absent.
struct TraceJob {
  std::int64_t line = 0;
  std::string id;
  Duration submit;  // since the trace's zero
  Duration runtime;
  std::int64_t size = 0;  // GPUs, or nodes when TraceColumns says so
  std::optional<Duration> estimate;
  std::string tenant;
  std::string group;
  std::string gpu;
  std::int64_t priority = 0;

  friend bool operator==(const TraceJob&, const TraceJob&) = default;
};

/// What a trace tells of its jobs. `nodes`: sizes are whole nodes, else GPUs.
struct TraceColumns {
  bool nodes = false;
  bool estimate = false;
  bool tenant = false;
  bool group = false;
  bool priority = false;
  bool gpu = false;
};

using Names = std::set<std::string, std::less<>>;

/// Limits by name; what has no entry has none.
using SizeLimits = std::map<std::string, std::int64_t, std::less<>>;

/// What the rows of a trace must keep to where it is used.
struct TraceLimits {
  std::optional<std::int64_t> greatest_size;
  SizeLimits of_gpu;             // of jobs that must have this type
  SizeLimits of_tenant;          // of this tenant's jobs
  std::string greatest_size_is;  // in words: `the 256 GPUs of pool main`
  std::optional<Names> tenants;  // the known ones
  std::string nameless;          // whose jobs those without a tenant are; empty: nobody's
  std::optional<Names> gpus;     // the known types
};

struct TraceOptions {
  BadRowPolicy bad_rows = BadRowPolicy::refuse;
  TraceLimits limits;
};

struct TraceSummary;

/// Reads a trace in one pass with memory that does not grow with the file. A copy goes on from the
/// same row, independently of the original.
///
/// A header that is not as above is a ScenarioError, thrown by the constructor. A bad row is left
/// out and counted; with BadRowPolicy::refuse the rest of the file is then searched for more, and
/// all are thrown as one ScenarioError instead of the next job. I/O errors are std::system_error.
class TraceReader {
 public:
  explicit TraceReader(const std::filesystem::path& file, TraceOptions options = {});

  [[nodiscard]] const TraceColumns& columns() const { return columns_; }
  /// The next good row; false at the end, when `job` keeps no meaning. Reuses the job's strings.
  bool next(TraceJob& job);
  [[nodiscard]] const BadRows& bad_rows() const { return bad_rows_; }
  [[nodiscard]] const std::string& name() const { return lines_.name(); }

 private:
  friend TraceSummary check_trace(const std::filesystem::path& file, TraceOptions options,
                                  const std::function<void(const TraceJob&)>& each);

  enum Field : std::uint8_t {
    id,
    submit,
    runtime,
    gpus,
    nodes,
    estimate,
    tenant,
    group,
    priority,
    gpu,
    fields
  };
  static const std::array<std::string, fields> field_names;
  static constexpr std::uint8_t absent = 255;

  TraceReader(LineReader lines, TraceOptions options);

  void read_header();
  void take_header(std::string_view line);
  [[noreturn]] void refuse_header(std::size_t column, const std::string& problem,
                                  std::string hint = {}) const;
  bool read_row(const Line& line, TraceJob& job);
  bool read_times(TraceJob& job);
  bool read_size(TraceJob& job);
  bool read_optional(TraceJob& job);
  bool read_time(Field field, Duration& time);
  bool check_size(std::string_view name, const SizeLimits& limits, std::string_view whose);
  [[nodiscard]] std::string_view whose() const;
  bool check_known(Field field, const std::optional<Names>& known, std::string& last);
  [[nodiscard]] bool has(Field field) const { return at_[field] != absent; }
  [[nodiscard]] const CsvField& cell(Field field) const { return cells_[at_[field]]; }
  template <class Describe>
  bool refuse_cell(Field field, const Describe& describe);
  template <class Describe>
  bool refuse_line(std::size_t column, const Describe& describe);
  void refuse_blank_lines();

  // Set by the constructor and shared by copies.
  LineReader lines_;
  std::shared_ptr<const TraceLimits> limits_;
  TraceColumns columns_;
  std::array<std::uint8_t, fields> at_;  // which cell of a row holds the field, or `absent`
  std::size_t width_ = 0;

  // Changed by every row.
  CsvSplitter splitter_;
  std::span<const CsvField> cells_;  // of the row at hand, no longer
  Duration last_submit_;
  std::int64_t blank_lines_ = 0;  // just passed: an error once another row follows
  std::string last_tenant_;       // known ones, which need no second look-up
  std::string last_gpu_;
  BadRows bad_rows_;
};

/// What a whole trace holds.
struct TraceSummary {
  static constexpr std::size_t most_tenants = 10'000;
  static constexpr std::size_t most_gpu_types = 1'000;

  TraceColumns columns;
  std::int64_t rows = 0;  // good ones
  Duration first_submit;
  Duration last_submit;
  Duration longest_runtime;
  std::int64_t greatest_size = 0;
  Names tenants;
  Names gpus;
  std::uint64_t content_hash = 0;  // TextHash of the file's bytes
  std::int64_t dropped_rows = 0;
  std::vector<Diagnostic> first_dropped;  // at most BadRows::kept
};

/// Reads the whole file once. Throws like TraceReader; more than `most_tenants` tenants or
/// `most_gpu_types` GPU types are a ScenarioError too. Calls `each` for every good row.
TraceSummary check_trace(const std::filesystem::path& file, TraceOptions options = {},
                         const std::function<void(const TraceJob&)>& each = {});

/// The header line of a trace with these columns.
std::string trace_header(const TraceColumns& columns);
/// Appends the job's line in the order of `trace_header`. TraceReader gives the same job back.
void append_trace_row(std::string& out, const TraceColumns& columns, const TraceJob& job);

}  // namespace colossim
