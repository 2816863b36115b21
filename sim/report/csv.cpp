// series.csv, ledger.csv and job_groups.csv.
#include <iterator>

#include <fmt/format.h>

#include <colossim/base/calendar.hpp>
#include <colossim/report/job_groups.hpp>
#include <colossim/report/summary.hpp>
#include <colossim/report/text.hpp>

namespace colossim {

namespace {

/// Six decimals, exactly.
void append_usd(std::string& out, Money amount) {
  const std::int64_t micro = amount.micro();
  const fmt::format_int whole{micro / 1'000'000};
  const fmt::format_int fraction{1'000'000 + micro % 1'000'000};  // the leading 1 keeps zeros
  out.append(whole.data(), whole.size());
  out.push_back('.');
  out.append(fraction.data() + 1, 6);
}

/// Times repeat from row to row; the last text is kept.
class ClockText {
 public:
  explicit ClockText(Date start) : calendar_(start, Duration{}) {}
  const std::string& at(SimTime t) {
    if (text_.empty() || t != last_) {
      text_ = calendar_.text(t);
      last_ = t;
    }
    return text_;
  }

 private:
  Calendar calendar_;
  SimTime last_;
  std::string text_;
};

}  // namespace

std::string series_csv(const Report& report) {
  const Series& series = report.result.series;
  std::string out = "interval_end_utc";
  for (const SeriesColumn& column : series.columns()) {
    fmt::format_to(std::back_inserter(out), ",{0},{0}_min,{0}_max", column.header);
  }
  out += '\n';
  ClockText clock{report.scenario.start};
  for (std::size_t i = 0; i < series.interval_ends().size(); ++i) {
    out += clock.at(series.interval_ends()[i]);
    for (std::size_t c = 0; c < series.columns().size(); ++c) {
      const double scale = series.columns()[c].scale;
      const Series::Cell& cell = series.cell(i, c);
      for (const double value : {cell.mean, cell.min, cell.max}) {
        out += ',';
        append_number(out, value * scale);
      }
    }
    out += '\n';
  }
  return out;
}

std::string ledger_csv(const Report& report) {
  std::string out = "time_utc,party,debit,credit,amount_usd,cause\n";
  ClockText clock{report.scenario.start};
  for (const Posting& posting : report.result.ledger.journal()) {
    out += clock.at(posting.time);
    out += ',';
    out += report.result.parties[posting.party.row()];
    out += ',';
    out += name(posting.debit);
    out += ',';
    out += name(posting.credit);
    out += ',';
    append_usd(out, posting.amount);
    out += ',';
    out += report.result.causes[posting.cause];
    out += '\n';
  }
  return out;
}

namespace {

/// A name of the user's, quoted where CSV needs it. [shafranovich2005]
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string job_groups_csv(const Report& report) {
  std::string out = "stream,by,group,jobs";
  for (const char* what : {"wait", "completion"}) {
    for (const char* value : {"mean", "median", "p90", "p99"})
      fmt::format_to(std::back_inserter(out), ",{}_{}_s", what, value);
  }
  out +=
      ",slowdown_mean,slowdown_median,slowdown_p90,slowdown_p99,preemptions,gpu_hours,"
      "lost_gpu_hours\n";
  for (const JobGroup& group : job_groups(report.result)) {
    fmt::format_to(std::back_inserter(out), "{},{},{},{}", group.stream, group.by,
                   csv_cell(group.group), group.jobs);
    for (const Spread& of : {group.wait, group.completion, group.slowdown}) {
      for (const double value : {of.mean, of.median, of.p90, of.p99}) {
        out += ',';
        append_number(out, value);
      }
    }
    fmt::format_to(std::back_inserter(out), ",{},", group.preemptions);
    append_number(out, group.gpu_hours);
    out += ',';
    append_number(out, group.lost_gpu_hours);
    out += '\n';
  }
  return out;
}

}  // namespace colossim
