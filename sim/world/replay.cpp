// Scheduling alone.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <variant>

#include <fmt/format.h>

#include <colossim/base/prefetch.hpp>
#include <colossim/engine/engine.hpp>
#include <colossim/policy/scheduler.hpp>
#include <colossim/world/replay.hpp>

namespace colossim {

namespace {

enum class ReplayPhase : std::uint8_t { end, arrive, review, count };

struct RunEnded {
  JobId job;
  Generation generation = 0;
};
struct Submitted {};
struct Reviewed {};  // the policy asked to be asked again
using ReplayEvent = std::variant<RunEnded, Submitted, Reviewed>;

/// A job that waits or runs; rows are reused. Most rows of a large cluster are in no cache when
/// their jobs end: what an end reads fits into one line.
struct alignas(64) ReplayRow {
  Generation generation = 0;
  bool running = false;
  bool on_one_node = false;  // the part is here; else they are in `parts_`
  bool preempted = false;    // before: see `Interruptions`
  NodePart part;
  SimTime submitted;
  SimTime started;  // its latest run
  QueuedJob queued;
};
static_assert(offsetof(ReplayRow, queued) + offsetof(QueuedJob, estimate) <= 64);

/// What the rows of jobs that were preempted hold besides.
struct Interruptions {
  SimTime first_start;
  Duration runtime;  // as submitted
  Duration held;     // by the runs before the latest
  Duration lost;
  std::uint32_t times = 0;
  Duration lead;  // of its next or present run: what it spends before it goes on
};

std::shared_ptr<const NodeLayout> layout_of(const ReplayCluster& cluster) {
  auto layout = std::make_shared<NodeLayout>();
  for (std::uint32_t node = 0; node < cluster.nodes; ++node) {
    if (node % cluster.nodes_per_rack == 0) layout->first_node.push_back(node);
    layout->rack.push_back(node / cluster.nodes_per_rack);
  }
  return layout;
}

class Replay final : public SchedulerHost {
 public:
  Replay(const ReplaySetup& setup, std::unique_ptr<QueuePolicy> policy, const JobSource& source,
         const OutcomeSink& sink)
      : setup_(setup),
        source_(source),
        sink_(sink),
        free_(layout_of(setup.cluster), static_cast<int>(setup.cluster.nodes_per_rack),
              setup.cluster.gpus_per_node),
        used_(setup.cluster.nodes),
        scheduler_(
            std::move(policy),
            make_placement(
                setup.placement,
                Stream{StreamName{.seed = setup.seed, .path = "replay", .purpose = "placement"}}),
            {setup.cluster.gpus_per_node}) {
    scheduler_.set_accounts(setup.accounts);
    for (std::uint32_t node = 0; node < setup.cluster.nodes; ++node) free_.give_node(node);
  }

  ReplayResult run() {
    read_next();
    constexpr SimTime end{SimTime::never() - Duration{1}};
    while (true) {
      // A pass comes when nothing else is left at the instant.
      auto next =
          engine_.next_until(pass_due_ ? now() : end,
                             [this](const ReplayEvent& event, bool near) { foresee(event, near); });
      if (!next && !pass_due_) return result();
      if (next) {
        meter();
        std::visit([this](const auto& event) { handle(event); }, next->event);
      } else {
        pass();
      }
    }
  }

  [[nodiscard]] SimTime now() const override { return engine_.now(); }
  [[nodiscard]] FreeNodes& free(std::size_t /*pool*/) override { return free_; }
  [[nodiscard]] const FreeNodes& free(std::size_t /*pool*/) const override { return free_; }
  [[nodiscard]] std::int64_t gpus(std::size_t /*pool*/) const override {
    return setup_.cluster.gpus();
  }
  [[nodiscard]] std::vector<std::uint32_t> nodes(std::size_t /*pool*/) const override {
    std::vector<std::uint32_t> nodes;
    for (std::uint32_t node = 0; node < setup_.cluster.nodes; ++node) nodes.push_back(node);
    return nodes;
  }
  [[nodiscard]] bool allows(std::size_t /*pool*/, std::int64_t /*gpus*/) const override {
    return true;
  }
  [[nodiscard]] const QueuedJob& queued(JobId job) const override { return rows_[job].queued; }
  [[nodiscard]] Duration remaining(JobId id) const override {
    const ReplayRow& row = rows_[id];
    return row.queued.runtime -
           run_progress(setup_.checkpoint, now() - row.started, lead_of(id)).progress;
  }

  void start(JobId id, std::size_t /*option*/, std::span<const NodePart> parts) override {
    ReplayRow& row = rows_[id];
    row.running = true;
    row.started = now();
    row.on_one_node = parts.size() == 1;
    if (row.on_one_node) {
      row.part = parts.front();
    } else {
      if (id.row() >= parts_.size()) parts_.resize(rows_.size());
      parts_[id.row()].assign(parts.begin(), parts.end());
    }
    for (const NodePart& part : parts) used_[part.node] += part.gpus;
    const Duration length = run_length(setup_.checkpoint, row.queued.runtime, lead_of(id));
    engine_.schedule(now() + length, ReplayPhase::end, RunEnded{id, row.generation});
  }

  void preempt(JobId id) override {
    ReplayRow& row = rows_[id];
    const Duration held = now() - row.started;
    const RunProgress run = run_progress(setup_.checkpoint, held, lead_of(id));
    if (!row.preempted) {
      row.preempted = true;
      if (id.row() >= interruptions_.size()) interruptions_.resize(rows_.size());
      interruptions_[id.row()] = {.first_start = row.started, .runtime = row.queued.runtime};
    }
    Interruptions& before = interruptions_[id.row()];
    before.times += 1;
    before.held = before.held + held;
    before.lost = before.lost + (run.progress - run.kept);
    before.lead = setup_.checkpoint.restart;
    row.queued.runtime = row.queued.runtime - run.kept;
    row.queued.estimate = std::max(run_length(setup_.checkpoint, row.queued.runtime, before.lead),
                                   row.queued.estimate - run.kept);
    row.queued.attained += static_cast<Int128>(held.ns()) * row.queued.least_gpus;
    leave(id);
    scheduler_.join(row.queued);
  }

 private:
  /// Puts the next job of the source on the agenda.
  void read_next() {
    if (!source_(coming_)) return;
    if (coming_.gpus < 1 || coming_.gpus > setup_.cluster.gpus())
      throw std::invalid_argument{
          fmt::format("a job of {} GPUs on a cluster of {}", coming_.gpus, setup_.cluster.gpus())};
    engine_.schedule(coming_.submitted, ReplayPhase::arrive, Submitted{});
  }

  void handle(const Submitted& /*event*/) {
    JobId id;
    if (free_rows_.empty()) {
      id = rows_.push_back({});
    } else {
      id = free_rows_.back();
      free_rows_.pop_back();
    }
    ReplayRow& row = rows_[id];
    const Duration length = run_length(setup_.checkpoint, coming_.runtime, {});
    row.queued = {.job = id,
                  .account = coming_.account,
                  .order = submitted_++,
                  .least_gpus = coming_.gpus,
                  .runtime = coming_.runtime,
                  .estimate = std::max(coming_.estimate, length),
                  .demand = demand_of(coming_.gpus),
                  .priority = coming_.priority};
    row.submitted = now();
    row.preempted = false;
    scheduler_.join(row.queued);
    pass_due_ = true;
    read_next();
  }

  DemandId demand_of(std::int64_t gpus) {
    const auto size = static_cast<std::size_t>(gpus);
    if (size >= demands_.size()) demands_.resize(size + 1);
    if (!demands_[size].exists()) demands_[size] = scheduler_.demand({{.gpus = gpus}});
    return demands_[size];
  }

  void handle(const RunEnded& event) {
    ReplayRow& row = rows_[event.job];
    if (!row.running || row.generation != event.generation) return;  // stale
    leave(event.job);
    JobOutcome outcome{.number = row.queued.order + 1,
                       .account = row.queued.account,
                       .gpus = row.queued.least_gpus,
                       .submitted = row.submitted,
                       .first_start = row.started,
                       .ended = now(),
                       .runtime = row.queued.runtime,
                       .held = now() - row.started};
    if (row.preempted) {
      const Interruptions& before = interruptions_[event.job.row()];
      outcome.first_start = before.first_start;
      outcome.runtime = before.runtime;
      outcome.held = outcome.held + before.held;
      outcome.preemptions = before.times;
      outcome.lost = before.lost;
    }
    statistics_.add(outcome);
    sink_(outcome, parts_of(event.job));
    free_rows_.push_back(event.job);
    prefetch(row.queued.estimate);  // the next arrival takes this row, and writes all of it
    pass_due_ = true;
  }

  void handle(const Reviewed& /*event*/) { pass_due_ = true; }

  /// The row of a job that ends first, then what lies behind it.
  void foresee(const ReplayEvent& event, bool near) const {
    const auto* ended = std::get_if<RunEnded>(&event);
    if (ended == nullptr) return;
    const ReplayRow& row = rows_[ended->job];
    if (!near) {
      prefetch(row);
    } else if (row.on_one_node) {
      prefetch(used_[row.part.node]);
      scheduler_.prefetch_holding(row.part.node);
    }
  }

  void pass() {
    pass_due_ = false;
    scheduler_.pass(*this);
    most_waiting_ = std::max(most_waiting_, scheduler_.waiting());
    const SimTime review = scheduler_.review(now());
    if (review < SimTime::never() && review > now())
      engine_.schedule(review, ReplayPhase::review, Reviewed{});
    fragmented_ = scheduler_.fragmented(*this);
  }

  [[nodiscard]] std::span<const NodePart> parts_of(JobId id) const {
    const ReplayRow& row = rows_[id];
    return row.on_one_node ? std::span{&row.part, 1} : std::span{parts_[id.row()]};
  }
  [[nodiscard]] Duration lead_of(JobId id) const {
    return rows_[id].preempted ? interruptions_[id.row()].lead : Duration{};
  }

  /// A running job gives its nodes back.
  void leave(JobId id) {
    ReplayRow& row = rows_[id];
    row.running = false;
    row.generation += 1;
    for (const NodePart& part : parts_of(id)) {
      std::uint32_t& used = used_[part.node];
      free_.give_part(part.node, setup_.cluster.gpus_per_node - used, part.gpus);
      used -= part.gpus;
    }
    scheduler_.stopped(id, parts_of(id), now());
  }

  /// Integrals up to now.
  void meter() {
    const std::int64_t elapsed = (now() - metered_).ns();
    metered_ = now();
    waiting_time_ += static_cast<Int128>(scheduler_.waiting()) * elapsed;
    fragmented_time_ += static_cast<Int128>(fragmented_) * elapsed;
  }

  [[nodiscard]] ReplayResult result() {
    ReplayResult result{.statistics = std::move(statistics_),
                        .events = engine_.dispatched(),
                        .most_waiting = most_waiting_};
    if (result.statistics.jobs() == 0) return result;
    const auto span = static_cast<double>(result.statistics.makespan().ns());
    if (span <= 0) return result;
    result.utilization =
        to_double(result.statistics.work()) / (static_cast<double>(setup_.cluster.gpus()) * span);
    result.queue_length = to_double(waiting_time_) / span;
    result.fragmentation = to_double(fragmented_time_) / span;
    return result;
  }

  const ReplaySetup& setup_;
  const JobSource& source_;
  const OutcomeSink& sink_;
  Engine<ReplayEvent, ReplayPhase> engine_;
  FreeNodes free_;
  std::vector<std::uint32_t> used_;  // GPUs, by node
  Scheduler scheduler_;
  Column<JobId, ReplayRow> rows_;
  std::vector<std::vector<NodePart>> parts_;  // by row; of jobs on several nodes
  std::vector<Interruptions> interruptions_;  // by row; of jobs that were preempted
  std::vector<JobId> free_rows_;
  std::vector<DemandId> demands_;  // by size
  ReplayJob coming_;
  std::int64_t submitted_ = 0;
  bool pass_due_ = false;

  JobStatistics statistics_;
  SimTime metered_;
  Int128 waiting_time_ = 0;
  Int128 fragmented_time_ = 0;
  std::int64_t fragmented_ = 0;
  std::int64_t most_waiting_ = 0;
};

}  // namespace

ReplayCluster ReplayCluster::pool(std::uint32_t gpus) {
  std::uint32_t per_node = 64;
  while (gpus % per_node != 0) --per_node;
  return {.nodes = gpus / per_node, .gpus_per_node = per_node};
}

ReplayResult replay(const ReplaySetup& setup, const JobSource& source, const OutcomeSink& sink) {
  return replay(setup, make_queue_policy(setup.queue), source, sink);
}

ReplayResult replay(const ReplaySetup& setup, std::unique_ptr<QueuePolicy> policy,
                    const JobSource& source, const OutcomeSink& sink) {
  return Replay{setup, std::move(policy), source, sink}.run();
}

}  // namespace colossim
