// The board that hands runs to workers, and what a worker does.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <map>
#include <vector>

#include <colossim/base/check.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/experiment/sweep.hpp>
#include <colossim/world/simulate.hpp>

#include "worker_pool.hpp"

namespace colossim {

namespace {

/// Numbers and texts in a row of bytes, for a process of the same program.
class Packer {
 public:
  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(const std::string& text) {
    number(text.size());
    bytes_ += text;
  }
  template <class T>
  void numbers(const std::vector<T>& values) {
    number(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(const std::string& bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    T value{};
    take(&value, sizeof value);
    return value;
  }
  std::string text() {
    std::string text(number<std::size_t>(), '\0');
    take(text.data(), text.size());
    return text;
  }
  template <class T>
  std::vector<T> numbers() {
    std::vector<T> values(number<std::size_t>());
    take(values.data(), values.size() * sizeof(T));
    return values;
  }

 private:
  void take(void* to, std::size_t count) {
    COLOSSIM_CHECK(at_ + count <= bytes_.size(), "at={} count={}", at_, count);
    if (count > 0) std::memcpy(to, bytes_.data() + at_, count);
    at_ += count;
  }

  const std::string& bytes_;
  std::size_t at_ = 0;
};

std::string pack(const RunRecord& record) {
  Packer packer;
  packer.number(record.status);
  packer.text(record.message);
  packer.numbers(record.metrics);
  packer.number(record.series.size());
  for (const SeriesRecord& series : record.series) {
    packer.text(series.header);
    packer.numbers(series.ends);
    packer.numbers(series.cells);
  }
  return packer.take();
}

RunRecord unpack(const std::string& bytes) {
  Unpacker unpacker{bytes};
  RunRecord record{.status = unpacker.number<RunStatus>()};
  record.message = unpacker.text();
  record.metrics = unpacker.numbers<double>();
  record.series.resize(unpacker.number<std::size_t>());
  for (SeriesRecord& series : record.series) {
    series.header = unpacker.text();
    series.ends = unpacker.numbers<SimTime>();
    series.cells = unpacker.numbers<Series::Cell>();
  }
  return record;
}

SeriesRecord series_of(const Series& all, const std::string& header) {
  SeriesRecord record{header, {}, {}};
  const auto columns = all.columns();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].header != header) continue;
    record.ends.assign(all.interval_ends().begin(), all.interval_ends().end());
    for (std::size_t i = 0; i < record.ends.size(); ++i) {
      const Series::Cell& cell = all.cell(i, c);
      const double scale = columns[c].scale;
      record.cells.push_back({cell.mean * scale, cell.min * scale, cell.max * scale});
    }
  }
  return record;
}

/// The replicates of one point under a stopping rule. They come in rounds, so that what is asked
/// for does not depend on who is quick.
struct Round {
  std::size_t asked = 0;  // replicates, from the first
  std::size_t open = 0;   // of them, not ended
};

class Board final : public TaskBoard {
 public:
  Board(const Plan& plan, ResultStore& store, const SweepOptions& options)
      : plan_(plan), store_(store), options_(options) {
    if (plan.stop) {
      for (std::size_t p = 0; p < plan.points.points.size(); ++p) {
        if (options.shard.holds(plan, p * plan.replicates())) ask_point(p);
      }
      return;
    }
    std::vector<std::size_t> runs;
    for (std::size_t run = 0; run < plan.runs(); ++run) {
      if (options.shard.holds(plan, run)) runs.push_back(run);
    }
    ask(runs);
  }

  std::optional<std::uint64_t> next() override {
    if (ready_.empty()) return std::nullopt;
    const std::size_t run = ready_.front();
    ready_.pop_front();
    return run;
  }
  [[nodiscard]] std::size_t waiting() const override { return ready_.size(); }

  void done(std::uint64_t task, const std::string& reply) override {
    const auto run = static_cast<std::size_t>(task);
    const RunRecord record = unpack(reply);
    store_.record(run, record);
    end_all(run, record.status == RunStatus::done ? &SweepProgress::done : &SweepProgress::failed);
  }
  void died(std::uint64_t task, const std::string& how) override {
    const auto run = static_cast<std::size_t>(task);
    if (store_.count_death(run, how) < deaths_to_quarantine) return ready_.push_front(run);
    store_.record(run,
                  {.status = RunStatus::quarantined, .message = how, .metrics = {}, .series = {}});
    end_all(run, &SweepProgress::quarantined);
  }
  void returned(std::uint64_t task) override { ready_.push_front(static_cast<std::size_t>(task)); }

  [[nodiscard]] const SweepProgress& progress() const { return progress_; }

 private:
  /// Adds runs to the study; those that are not known wait. Returns how many.
  std::size_t ask(const std::vector<std::size_t>& runs) {
    store_.ask_for(runs);
    std::size_t unknown = 0;
    for (const std::size_t run : runs) {
      ++progress_.planned;
      const auto status = store_.status(run);
      if (!status) {
        std::vector<std::size_t>& equal = waiting_[store_.first_of_key(run)];
        equal.push_back(run);
        if (equal.size() == 1) ready_.push_back(run);
        ++unknown;
      } else {
        ++(*status == RunStatus::done     ? progress_.cached
           : *status == RunStatus::failed ? progress_.failed
                                          : progress_.quarantined);
      }
    }
    return unknown;
  }

  /// The next round of a point, and further ones while all of a round is known.
  void ask_point(std::size_t point) {
    Round& round = rounds_[point];
    while (round.open == 0 && !is_enough(point, round.asked)) {
      const std::size_t upto =
          std::min(plan_.replicates(), round.asked + static_cast<std::size_t>(plan_.stop->least));
      std::vector<std::size_t> runs;
      for (std::size_t r = round.asked; r < upto; ++r)
        runs.push_back(point * plan_.replicates() + r);
      round.asked = upto;
      round.open = ask(runs);
    }
  }

  /// Whether the replicates so far make the interval narrow; also where one has no value.
  [[nodiscard]] bool is_enough(std::size_t point, std::size_t replicates) const {
    if (replicates == plan_.replicates()) return true;
    if (replicates == 0) return false;
    std::vector<double> samples;
    for (std::size_t r = 0; r < replicates; ++r) {
      const auto value = store_.metric(point * plan_.replicates() + r, plan_.stop->metric);
      if (!value) return true;
      samples.push_back(*value);
    }
    const Estimate mean = estimate(samples);
    const double factor = plan_.metrics[plan_.stop->metric].factor;
    return mean.half_width <= (plan_.stop->relative ? plan_.stop->half_width * std::abs(mean.value)
                                                    : plan_.stop->half_width / factor);
  }

  /// The run has ended, and with it all that wait for the same.
  void end_all(std::size_t run, std::size_t SweepProgress::*count) {
    const auto ended = waiting_.extract(store_.first_of_key(run));
    for (const std::size_t equal : ended.mapped()) {
      ++(progress_.*count);
      end(equal);
    }
  }

  void end(std::size_t run) {
    if (plan_.stop) {
      const std::size_t point = plan_.point_of(run);
      if (--rounds_[point].open == 0) ask_point(point);
    }
    if (options_.progress) options_.progress(progress_);
  }

  const Plan& plan_;
  ResultStore& store_;
  const SweepOptions& options_;
  std::deque<std::size_t> ready_;
  std::map<std::size_t, std::vector<std::size_t>> waiting_;  // runs by the first of their key
  std::map<std::size_t, Round> rounds_;                      // by point
  SweepProgress progress_;
};

}  // namespace

void ask_for_all(const Plan& plan, ResultStore& store) {
  std::vector<std::size_t> runs;
  for (std::size_t run = 0; run < plan.runs(); ++run) {
    if (!plan.stop || plan.replicate_of(run) < static_cast<std::size_t>(plan.stop->least))
      runs.push_back(run);
  }
  store.ask_for(runs);
}

RunRecord run_once(const Plan& plan, std::size_t run) {
  RunRecord record;
  try {
    const Result result = simulate(plan.scenario.load(plan.changes_of(run)));
    std::map<std::string_view, double> values;
    for (const MetricValue& metric : result.metrics) values[metric.name] = metric.value;
    for (const MetricDefinition& d : plan.metrics) {
      const auto found = values.find(d.name);
      record.metrics.push_back(found == values.end() ? std::nan("") : found->second);
    }
    for (const std::string& header : plan.series)
      record.series.push_back(series_of(result.series, header));
  } catch (const ScenarioError& error) {
    std::vector<Diagnostic> problems = error.diagnostics();
    for (Diagnostic& problem : problems) {
      // It was an axis that set it, and the axes are told beside the message.
      if (problem.mark.file.starts_with("--set ")) problem.mark = {};
    }
    record.status = RunStatus::failed;
    record.message = ScenarioError{std::move(problems)}.what();
  }
  return record;
}

SweepProgress run_sweep(const Plan& plan, ResultStore& store, const SweepOptions& options) {
  Board board{plan, store, options};
  if (options.progress) options.progress(board.progress());
  const auto work = [&](std::uint64_t task) {
    return pack(run_once(plan, static_cast<std::size_t>(task)));
  };
  const auto stopping = [&] { return options.stopping && options.stopping(); };
  const bool stopped = run_workers(options.workers, work, board, stopping);
  SweepProgress progress = board.progress();
  progress.stopped = stopped && progress.left() > 0;
  return progress;
}

}  // namespace colossim
