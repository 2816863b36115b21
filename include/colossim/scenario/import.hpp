// Public logs into job traces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <colossim/scenario/trace.hpp>
#include <colossim/scenario/trace_map.hpp>

namespace colossim {

/// `swf`: the Standard Workload Format [swf_2_2]. `sacct`: what `sacct --parsable2` of Slurm prints
/// [slurm_2024]. `csv`: any table with a header, read as a TraceMapSpec says.
enum class LogFormat : std::uint8_t { swf, sacct, csv };

struct ImportOptions {
  LogFormat format = LogFormat::swf;
  std::optional<TraceMapSpec> map;  // csv
  std::string made_by;              // for the trace's second line: `colossim import swf`
  BadRowPolicy bad_rows = BadRowPolicy::refuse;
  std::map<std::string, std::string> gpu_types;    // the log's name of a type to ours; empty: any
  std::size_t sort_bytes = std::size_t{64} << 20;  // jobs beyond are sorted through a file
};

/// Why rows of the log are not in the trace.
struct LeftOut {
  std::int64_t not_run = 0;       // no start, or no runtime
  std::int64_t unfinished = 0;    // still running when the log was taken
  std::int64_t without_size = 0;  // no GPUs (or processors, or nodes)
  std::int64_t filtered = 0;      // the map does not keep them
  std::int64_t parts = 0;         // job steps, and pieces of checkpointed jobs
  std::int64_t bad = 0;           // BadRowPolicy::drop
};

struct ImportSummary {
  std::int64_t rows_read = 0;     // without comments and header
  std::int64_t rows_written = 0;  // = rows_read - all of left_out
  LeftOut left_out;
  TraceColumns columns;
  Duration span;       // from the first submit to the last
  std::string origin;  // of submit_s on the log's clock: `0 s` or `2020-06-09 18:41:01`
  std::int64_t smallest_size = 0;
  std::int64_t greatest_size = 0;
  Duration longest_runtime;
  Names tenants;  // at most TraceSummary::most_tenants
  bool more_tenants = false;
  std::vector<Diagnostic> first_bad;  // at most BadRows::kept
};

/// Writes the jobs of `log` to `trace`, in the order of submission (ties keep the log's order),
/// with the first at 0. Sizes are GPUs when any job of the log has some, else nodes. The same log
/// gives the same bytes.
///
/// `trace` appears whole or not at all, and not when no row is a job that ran and is kept. Bad
/// rows, under BadRowPolicy::refuse, are a ScenarioError; I/O errors are std::system_error. Memory
/// does not grow with the log.
ImportSummary import_log(const std::filesystem::path& log, const std::filesystem::path& trace,
                         const ImportOptions& options);

}  // namespace colossim
