// Scheduling alone.
#include <algorithm>
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
/// their jobs end: what an end reads comes first.
struct alignas(64) ReplayRow {
  static constexpr std::size_t read_at_end = 128;  // bytes

  Generation generation = 0;
  bool running = false;
  bool on_one_node = false;
  NodePart part;  // when it is on one
  SimTime submitted;
  SimTime first_start;
  SimTime started;
  Duration held;
  Duration lost;
  std::uint32_t preemptions = 0;
  Duration lead;  // of its next or present run: what it spends before it goes on
  Duration runtime;
  QueuedJob queued;
  std::vector<NodePart> parts;  // when it is on several
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
           run_progress(setup_.checkpoint, now() - row.started, row.lead).progress;
  }

  void start(JobId id, std::size_t /*option*/, std::span<const NodePart> parts) override {
    ReplayRow& row = rows_[id];
    row.running = true;
    row.started = now();
    row.on_one_node = parts.size() == 1;
    if (row.on_one_node) {
      row.part = parts.front();
    } else {
      row.parts.assign(parts.begin(), parts.end());
    }
    for (const NodePart& part : parts) used_[part.node] += part.gpus;
    if (row.first_start == SimTime::never()) row.first_start = now();
    const Duration length = run_length(setup_.checkpoint, row.queued.runtime, row.lead);
    engine_.schedule(now() + length, ReplayPhase::end, RunEnded{id, row.generation});
  }

  void preempt(JobId id) override {
    ReplayRow& row = rows_[id];
    const RunProgress run = run_progress(setup_.checkpoint, now() - row.started, row.lead);
    row.preemptions += 1;
    row.lost = row.lost + (run.progress - run.kept);
    row.queued.runtime = row.queued.runtime - run.kept;
    row.lead = setup_.checkpoint.restart;
    row.queued.estimate = std::max(run_length(setup_.checkpoint, row.queued.runtime, row.lead),
                                   row.queued.estimate - run.kept);
    row.queued.attained += static_cast<Int128>((now() - row.started).ns()) * row.queued.least_gpus;
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
                  .order = submitted_++,
                  .demand = demand_of(coming_.gpus),
                  .least_gpus = coming_.gpus,
                  .account = coming_.account,
                  .priority = coming_.priority,
                  .runtime = coming_.runtime,
                  .estimate = std::max(coming_.estimate, length)};
    row.submitted = now();
    row.first_start = SimTime::never();
    row.held = {};
    row.lost = {};
    row.preemptions = 0;
    row.runtime = coming_.runtime;
    row.lead = {};
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
    const JobOutcome outcome{.number = row.queued.order + 1,
                             .account = row.queued.account,
                             .gpus = row.queued.least_gpus,
                             .submitted = row.submitted,
                             .first_start = row.first_start,
                             .ended = now(),
                             .runtime = row.runtime,
                             .held = row.held,
                             .preemptions = row.preemptions,
                             .lost = row.lost};
    statistics_.add(outcome);
    sink_(outcome, parts_of(row));
    free_rows_.push_back(event.job);
    pass_due_ = true;
  }

  void handle(const Reviewed& /*event*/) { pass_due_ = true; }

  /// The row of a job that ends first, then what lies behind it.
  void foresee(const ReplayEvent& event, bool near) const {
    const auto* ended = std::get_if<RunEnded>(&event);
    if (ended == nullptr) return;
    const ReplayRow& row = rows_[ended->job];
    if (!near) {
      prefetch(row, ReplayRow::read_at_end);
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

  static std::span<const NodePart> parts_of(const ReplayRow& row) {
    return row.on_one_node ? std::span{&row.part, 1} : std::span{row.parts};
  }

  /// A running job gives its nodes back.
  void leave(JobId id) {
    ReplayRow& row = rows_[id];
    row.running = false;
    row.generation += 1;
    row.held = row.held + (now() - row.started);
    for (const NodePart& part : parts_of(row)) {
      std::uint32_t& used = used_[part.node];
      free_.give_part(part.node, setup_.cluster.gpus_per_node - used, part.gpus);
      used -= part.gpus;
    }
    scheduler_.stopped(id, parts_of(row), now());
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
