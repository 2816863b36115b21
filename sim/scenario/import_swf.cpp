// The Standard Workload Format of the Parallel Workloads Archive [swf_2_2]: 18 numbers a line, -1
// where nothing is known.
#include <array>
#include <limits>
#include <string>

#include <fmt/format.h>

#include <colossim/base/utf8.hpp>
#include <colossim/scenario/decimal.hpp>

#include "log_parser.hpp"

namespace colossim {

namespace {

constexpr std::size_t field_count = 18;
constexpr std::string_view blanks = " \t";

/// The fields that are read, numbered from 0 where the format counts from 1.
enum Field : std::uint8_t {
  job_number = 0,
  submit_time = 1,
  run_time = 3,
  allocated = 4,
  requested = 7,
  requested_time = 8,
  status = 10,
  user = 11,
  group = 12
};
constexpr std::array<std::string_view, field_count> names{"job",
                                                          "submit time",
                                                          "wait time",
                                                          "run time",
                                                          "allocated processors",
                                                          "CPU time",
                                                          "memory",
                                                          "requested processors",
                                                          "requested time",
                                                          "requested memory",
                                                          "status",
                                                          "user",
                                                          "group",
                                                          "application",
                                                          "queue",
                                                          "partition",
                                                          "preceding job",
                                                          "think time"};

class SwfParser final : public LogParser {
 public:
  explicit SwfParser(BadRows& bad) : bad_(bad) {}

  RowKind parse(std::int64_t line, std::string_view text, LogJob& job) override {
    line_ = line;
    if (!split(text)) return RowKind::bad;
    if (count_ == 0 || cells_[0].text.starts_with(';')) return RowKind::comment;
    if (count_ != field_count) {
      bad_.add({line_, cells_[0].column, ""}, [&] {
        return CellProblem{
            fmt::format("expected 18 fields, found {}{}", count_ > field_count ? "more than " : "",
                        std::min(count_, field_count)),
            "is this a file in the Standard Workload Format?"};
      });
      return RowKind::bad;
    }
    return read(job);
  }

 private:
  struct Cell {
    std::string_view text;
    std::size_t column = 1;
  };

  /// Splits at blanks; stops one field beyond the 18. False when the line is not text.
  bool split(std::string_view text) {
    count_ = 0;
    std::size_t at = text.find_first_not_of(blanks);
    while (at != std::string_view::npos && count_ <= field_count) {
      const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
      cells_[count_++] = {text.substr(at, end - at), at + 1};
      if (cells_[0].text.starts_with(';')) return true;
      at = text.find_first_not_of(blanks, end);
    }
    return true;
  }

  bool refuse(Field field, std::string_view expected) {
    bad_.add({line_, cells_[field].column, names[field]}, [&] {
      return CellProblem{fmt::format("expected {}, found {}", expected, shown(cells_[field].text)),
                         ""};
    });
    return false;
  }

  /// A number in billionths, or nothing after saying why.
  std::optional<Int128> number(Field field) {
    const auto value = read_billionths(cells_[field].text);
    if (!value) refuse(field, "a number");
    return value;
  }
  std::optional<std::int64_t> whole(Field field) {
    const auto value = number(field);
    if (!value) return std::nullopt;
    constexpr Int128 billion = 1'000'000'000;
    constexpr std::int64_t most = 1'000'000'000;
    if (*value % billion == 0 && *value / billion <= most && *value / billion >= -most)
      return static_cast<std::int64_t>(*value / billion);
    refuse(field, "a whole number up to 1000000000");
    return std::nullopt;
  }
  /// Seconds; -1 means that nothing is known.
  std::optional<Duration> time(Field field) {
    const auto value = number(field);
    if (!value) return std::nullopt;
    const bool known = *value >= 0 && *value <= longest_table_time.ns();
    if (known || *value == -one_second.ns()) return Duration{static_cast<std::int64_t>(*value)};
    refuse(field, fmt::format("0 to {} s, or -1 where nothing is known",
                              longest_table_time.ns() / one_second.ns()));
    return std::nullopt;
  }

  RowKind read(LogJob& job) {
    const auto submit = time(submit_time);
    const auto runtime = submit ? time(run_time) : std::nullopt;
    const auto asked = runtime ? whole(requested) : std::nullopt;
    const auto given = asked ? whole(allocated) : std::nullopt;
    const auto estimate = given ? time(requested_time) : std::nullopt;
    const auto state = estimate ? whole(status) : std::nullopt;
    const auto user_id = state ? whole(user) : std::nullopt;
    const auto group_id = user_id ? whole(group) : std::nullopt;
    if (!group_id) return RowKind::bad;
    // 2 to 4: the stretches of a checkpointed job, which has a line of its own for all of it.
    if (*state >= 2 && *state <= 4) return RowKind::part;
    if (submit->ns() < 0) return refuse(submit_time, "at least 0 s"), RowKind::bad;
    if (runtime->ns() <= 0) return RowKind::not_run;
    job.id.assign(cells_[job_number].text);
    job.submit = *submit;
    job.runtime = *runtime;
    job.gpus = std::max<std::int64_t>(0, *asked > 0 ? *asked : *given);
    job.nodes = 0;
    job.estimate.reset();
    if (estimate->ns() > 0) job.estimate = *estimate;
    job.tenant = *user_id < 0 ? "" : fmt::format("u{}", *user_id);
    job.group = *group_id < 0 ? "" : fmt::format("g{}", *group_id);
    return RowKind::job;
  }

  BadRows& bad_;
  std::int64_t line_ = 0;
  std::array<Cell, field_count + 1> cells_;
  std::size_t count_ = 0;
};

}  // namespace

std::unique_ptr<LogParser> make_swf_parser(BadRows& bad) {
  return std::make_unique<SwfParser>(bad);
}

}  // namespace colossim
