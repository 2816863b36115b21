// What the readers of other people's logs share: a job before it has a place in a trace.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <colossim/scenario/bad_rows.hpp>
#include <colossim/scenario/csv.hpp>
#include <colossim/scenario/import.hpp>

namespace colossim {

/// A job as a log tells of it. `submit` is on the log's own clock.
struct LogJob {
  std::int64_t line = 0;
  std::string id;
  Duration submit;
  Duration runtime;
  std::int64_t gpus = 0;   // 0: none, or not known
  std::int64_t nodes = 0;  // 0: not known
  std::optional<Duration> estimate;
  std::optional<std::int64_t> priority;
  std::string tenant;
  std::string group;
  std::string gpu;
};

/// What a row of a log came to. All but `job`, `comment` and `bad` are reasons to leave it out.
enum class RowKind : std::uint8_t { job, comment, bad, not_run, unfinished, filtered, part };

/// A format. `parse` reads the next line into `job`, whose texts may hold old values, or says what
/// else the line is; problems go to the BadRows it was made with, except a header that cannot be
/// used, which is a ScenarioError.
class LogParser {
 public:
  LogParser() = default;
  LogParser(const LogParser&) = delete;
  LogParser& operator=(const LogParser&) = delete;
  virtual ~LogParser() = default;

  virtual RowKind parse(std::int64_t line, std::string_view text, LogJob& job) = 0;
  /// Whether `submit` is time since 1970-01-01 00:00.
  [[nodiscard]] virtual bool has_dates() const { return false; }
  /// Nothing was seen of the header when the file ended.
  [[nodiscard]] virtual bool needs_header() const { return false; }
};

std::unique_ptr<LogParser> make_swf_parser(BadRows& bad);
std::unique_ptr<LogParser> make_sacct_parser(std::string file, BadRows& bad);
std::unique_ptr<LogParser> make_csv_parser(std::string file, const TraceMapSpec& map, BadRows& bad);

}  // namespace colossim
