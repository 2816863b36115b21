// Rows of a trace into jobs: one pass, one problem per row.
#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/base/utf8.hpp>
#include <colossim/scenario/trace.hpp>

namespace colossim {

namespace {

constexpr std::int64_t most_priority = 1'000'000'000;

/// A whole number, or nothing: no blanks, no plus sign.
std::optional<std::int64_t> read_whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string hint_of(std::string_view found, const Names& known) {
  return did_you_mean(found, std::vector<std::string>{known.begin(), known.end()});
}

}  // namespace

const std::array<std::string, TraceReader::fields> TraceReader::field_names{
    "id",         "submit_s", "runtime_s", "gpus",     "nodes",
    "estimate_s", "tenant",   "group",     "priority", "gpu"};

TraceReader::TraceReader(const std::filesystem::path& file, TraceOptions options)
    : TraceReader(LineReader{file}, std::move(options)) {}

TraceReader::TraceReader(LineReader lines, TraceOptions options)
    : lines_(std::move(lines)),
      limits_(std::make_shared<const TraceLimits>(std::move(options.limits))),
      bad_rows_(lines_.name(), options.bad_rows) {
  at_.fill(absent);
  read_header();
}

void TraceReader::refuse_header(std::size_t column, const std::string& problem,
                                std::string hint) const {
  constexpr std::string_view expected =
      "expected a header with the columns id, submit_s, runtime_s and gpus (or nodes), optional: "
      "estimate_s, tenant, group, priority, gpu; ";
  const std::int64_t line = std::max<std::int64_t>(1, lines_.number());
  throw ScenarioError{{{table_mark(lines_.name(), line, column), "",
                        fmt::format("{}{}", expected, problem), std::move(hint)}}};
}

void TraceReader::read_header() {
  while (const std::optional<Line> line = lines_.next()) {
    if (line->too_long)
      refuse_header(1, fmt::format("this line has more than {} bytes", LineReader::longest_line));
    if (const std::size_t bad = find_not_text(line->text); bad != std::string_view::npos)
      refuse_header(bad + 1, std::string{not_text_problem(line->text.substr(bad))});
    if (line->text.starts_with('#')) continue;
    take_header(line->text);
    return;
  }
  refuse_header(1, "the file has none");
}

void TraceReader::take_header(std::string_view line) {
  if (line.empty()) refuse_header(1, "this line is empty");
  if (const auto problem = splitter_.split(line))
    refuse_header(problem->column, fmt::format("found {}", problem->message));
  cells_ = splitter_.fields();
  width_ = cells_.size();
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const auto field = static_cast<std::size_t>(
        std::find(field_names.begin(), field_names.end(), cells_[i].text) - field_names.begin());
    if (field == fields)
      refuse_header(cells_[i].column, "found " + shown(cells_[i].text),
                    did_you_mean(cells_[i].text, field_names));
    if (at_[field] != absent)
      refuse_header(cells_[i].column, fmt::format("found {} twice", field_names[field]));
    at_[field] = static_cast<std::uint8_t>(i);
  }
  for (const Field field : {id, submit, runtime}) {
    if (!has(field)) refuse_header(1, field_names[field] + " is missing");
  }
  if (has(gpus) == has(nodes))
    refuse_header(1, has(gpus) ? "found both gpus and nodes" : "gpus (or nodes) is missing");
  columns_ = {.nodes = has(nodes),
              .estimate = has(estimate),
              .tenant = has(tenant),
              .group = has(group),
              .priority = has(priority),
              .gpu = has(gpu)};
}

template <class Describe>
bool TraceReader::refuse_line(std::size_t column, const Describe& describe) {
  bad_rows_.add({lines_.number(), column, ""}, [&] { return CellProblem{describe(), ""}; });
  return false;
}

template <class Describe>
bool TraceReader::refuse_cell(Field field, const Describe& describe) {
  bad_rows_.add({lines_.number(), cell(field).column, field_names[field]}, describe);
  return false;
}

bool TraceReader::read_time(Field field, Duration& time) {
  const ReadTime read = read_seconds(cell(field).text);
  time = read.value;
  if (read.problem == ReadTime::Problem::none) return true;
  return refuse_cell(field, [&] {
    return CellProblem{time_problem(read.problem, cell(field).text), ""};
  });
}

bool TraceReader::read_times(TraceJob& job) {
  if (!read_time(submit, job.submit)) return false;
  if (job.submit < last_submit_) {
    return refuse_cell(submit, [&] {
      std::string before;
      append_seconds(before, last_submit_);
      return CellProblem{fmt::format("expected at least the {} of the row before, found {}", before,
                                     shown(cell(submit).text)),
                         "sort the rows by submit_s; `colossim import` does"};
    });
  }
  if (!read_time(runtime, job.runtime)) return false;
  job.estimate.reset();
  if (!has(estimate) || cell(estimate).text.empty()) return true;
  return read_time(estimate, job.estimate.emplace());
}

bool TraceReader::read_size(TraceJob& job) {
  const Field field = columns_.nodes ? nodes : gpus;
  const std::optional<std::int64_t> size = read_whole(cell(field).text);
  if (!size || *size < 1) {
    return refuse_cell(field, [&] {
      return CellProblem{"expected a whole number from 1, found " + shown(cell(field).text), ""};
    });
  }
  job.size = *size;
  if (!limits_->greatest_size || *size <= *limits_->greatest_size) return true;
  return refuse_cell(field, [&] {
    return CellProblem{fmt::format("expected at most {}, found {}", limits_->greatest_size_is,
                                   shown(cell(field).text)),
                       "leave the job out, or enlarge what it runs on"};
  });
}

/// A job that names a type or a tenant keeps to what that one has.
bool TraceReader::check_size(std::string_view name, const SizeLimits& limits,
                             std::string_view whose) {
  if (limits.empty()) return true;
  const Field size = columns_.nodes ? nodes : gpus;
  const auto limit = limits.find(name);
  if (limit == limits.end() || read_whole(cell(size).text) <= limit->second) return true;
  return refuse_cell(size, [&] {
    return CellProblem{fmt::format("expected at most {}, {} {}, found {}", limit->second, whose,
                                   name, shown(cell(size).text)),
                       "leave the job out, or enlarge what it runs on"};
  });
}

bool TraceReader::check_known(Field field, const std::optional<Names>& known, std::string& last) {
  const std::string_view name = cell(field).text;
  if (!known) return true;
  if (name.empty()) {
    if (field == gpu || limits_->nameless.empty() || known->contains(limits_->nameless))
      return true;
    return refuse_cell(field, [&] {
      return CellProblem{
          fmt::format("expected a tenant: the pool's queue tells tenants apart by name, and has "
                      "no share for {}",
                      limits_->nameless),
          "name one, or give the stream a share"};
    });
  }
  if (name == last) return true;
  if (known->contains(name)) {
    last.assign(name);
    return true;
  }
  return refuse_cell(field, [&] {
    return CellProblem{field == gpu ? fmt::format("the stream runs on no GPU type {}", shown(name))
                                    : fmt::format("there is no tenant {}", shown(name)),
                       hint_of(name, *known)};
  });
}

std::string_view TraceReader::whose() const {
  const bool named = has(tenant) && !cell(tenant).text.empty();
  return named ? std::string_view{cell(tenant).text} : std::string_view{limits_->nameless};
}

bool TraceReader::read_optional(TraceJob& job) {
  const auto text = [&](Field field, std::string& out) {
    out.assign(has(field) ? cell(field).text : std::string_view{});
  };
  text(tenant, job.tenant);
  text(group, job.group);
  text(gpu, job.gpu);
  if (has(tenant) && !check_known(tenant, limits_->tenants, last_tenant_)) return false;
  if (has(gpu) && !check_known(gpu, limits_->gpus, last_gpu_)) return false;
  if (!check_size(job.gpu, limits_->of_gpu, "all there is of")) return false;
  if (!check_size(whose(), limits_->of_tenant, "which is not lent, the share of")) return false;
  job.priority = 0;
  if (!has(priority) || cell(priority).text.empty()) return true;
  const std::optional<std::int64_t> value = read_whole(cell(priority).text);
  job.priority = value.value_or(0);
  if (value && *value >= -most_priority && *value <= most_priority) return true;
  return refuse_cell(priority, [&] {
    return CellProblem{"expected a whole number from -1000000000 to 1000000000, found " +
                           shown(cell(priority).text),
                       ""};
  });
}

bool TraceReader::read_row(const Line& line, TraceJob& job) {
  if (line.too_long) {
    return refuse_line(
        1, [] { return fmt::format("the line has more than {} bytes", LineReader::longest_line); });
  }
  if (const std::size_t bad = find_not_text(line.text); bad != std::string_view::npos) {
    return refuse_line(bad + 1,
                       [&] { return std::string{not_text_problem(line.text.substr(bad))}; });
  }
  if (const auto problem = splitter_.split(line.text))
    return refuse_line(problem->column, [&] { return std::string{problem->message}; });
  cells_ = splitter_.fields();
  if (cells_.size() != width_) {
    return refuse_line(cells_.size() > width_ ? cells_[width_].column : 1, [&] {
      return fmt::format("expected {} fields, found {}", width_, cells_.size());
    });
  }
  job.line = lines_.number();
  job.id.assign(cell(id).text);
  if (job.id.empty())
    return refuse_cell(id, [] { return CellProblem{"expected a name, found nothing", ""}; });
  if (!read_times(job) || !read_size(job) || !read_optional(job)) return false;
  last_submit_ = job.submit;
  return true;
}

/// They stood between two rows: each counts as a bad row.
void TraceReader::refuse_blank_lines() {
  for (; blank_lines_ > 0; --blank_lines_) {
    bad_rows_.add({lines_.number() - blank_lines_, 1, ""}, [] {
      return CellProblem{"expected a row, found an empty line", "remove it"};
    });
  }
}

bool TraceReader::next(TraceJob& job) {
  while (const std::optional<Line> line = lines_.next()) {
    if (line->text.empty() && !line->too_long) {
      ++blank_lines_;
      continue;
    }
    if (blank_lines_ > 0) refuse_blank_lines();
    if (read_row(*line, job) && !bad_rows_.must_refuse()) return true;
  }
  bad_rows_.refuse();
  return false;
}

}  // namespace colossim
