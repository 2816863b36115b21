// G4: the engine against std::priority_queue in the hold model: take the next event, put it back an
// exponential time later, with a constant number pending.
#include <algorithm>
#include <cmath>
#include <queue>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/random.hpp>
#include <colossim/engine/engine.hpp>

#include "bench.hpp"

namespace colossim::bench {

namespace {

enum class Phase : std::uint8_t { boundary, supply, work, demand, count };

/// As large as the simulator's events.
struct Event {
  std::uint32_t row = 0;
  Generation generation = 0;
  std::uint32_t kind = 0;
};

Phase phase_of(const Event& event) {
  return static_cast<Phase>(event.row % static_cast<std::uint32_t>(Phase::count));
}

/// The total order (time, phase, sequence) on a binary heap.
class HeapEngine {
 public:
  struct Next {
    SimTime time;
    std::uint64_t rank = 0;  // phase in the upper bits, then the sequence number
    Event event;
    friend bool operator>(const Next& a, const Next& b) {
      return a.time != b.time ? a.time > b.time : a.rank > b.rank;
    }
  };

  void schedule(SimTime time, Phase phase, const Event& event) {
    agenda_.push({time, static_cast<std::uint64_t>(phase) << 56U | ++sequence_, event});
  }
  std::optional<Next> next_until(SimTime end) {
    if (agenda_.empty() || agenda_.top().time > end) return std::nullopt;
    const Next next = agenda_.top();
    agenda_.pop();
    return next;
  }

 private:
  std::priority_queue<Next, std::vector<Next>, std::greater<>> agenda_;
  std::uint64_t sequence_ = 0;
};

/// Increments drawn beforehand, so that only the agenda is measured.
class Increments {
 public:
  /// Exponential with a mean of one hour; rounded up to whole `grid`s.
  explicit Increments(Duration grid) {
    Stream stream{StreamName{.seed = 1, .path = "bench", .purpose = "hold"}};
    for (Duration& value : values_) {
      const std::int64_t ns = to_duration(Time{exponential(stream, 3600)}).ns();
      value = Duration{(ns / grid.ns() + 1) * grid.ns()};
    }
  }
  Duration next() { return values_[position_++ % values_.size()]; }

 private:
  std::vector<Duration> values_ = std::vector<Duration>(1U << 16U);
  std::size_t position_ = 0;
};

struct HoldModel {
  std::int64_t pending = 0;
  std::int64_t holds = 0;
  Duration grid{1};
};

template <class Queue>
std::uint64_t hold(Queue& queue, Increments& increments, std::int64_t count) {
  std::uint64_t hash = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto next = queue.next_until(SimTime::never());
    hash = (hash ^ next->event.row) * 0x100000001b3U;
    queue.schedule(next->time + increments.next(), phase_of(next->event), next->event);
  }
  return hash;
}

template <class Queue>
Figures run_hold(const HoldModel& model) {
  Queue queue;
  Increments increments{model.grid};
  for (std::int64_t row = 0; row < model.pending; ++row) {
    const Event event{static_cast<std::uint32_t>(row), 0, 0};
    queue.schedule(SimTime{} + increments.next(), phase_of(event), event);
  }
  hold(queue, increments, model.pending);  // until the increments have forgotten the start
  const double before = cpu_time();
  const std::uint64_t hash = hold(queue, increments, model.holds);
  return {cpu_time() - before, static_cast<std::uint64_t>(model.holds), hash, 0};
}

template <class Queue>
Figures best_of(const HoldModel& model, int repetitions) {
  return isolated([&] {
    Figures best = run_hold<Queue>(model);
    for (int i = 1; i < repetitions; ++i) best = least(best, run_hold<Queue>(model));
    return best;
  });
}

/// Both queues on the same model: the same order, and how their times compare.
void compare(const std::string& name, const HoldModel& model, double bar, Effort effort,
             double calibration) {
  Figures heap = best_of<HeapEngine>(model, 1);
  Figures engine = best_of<Engine<Event, Phase>>(model, 1);
  for (int i = 1; i < effort.repetitions();
       ++i) {  // in turns, so that both see the same neighbours
    heap = least(heap, best_of<HeapEngine>(model, 1));
    engine = least(engine, best_of<Engine<Event, Phase>>(model, 1));
  }
  print_row("hold " + name + ", std heap", heap, calibration);
  print_row("hold " + name + ", engine", engine, calibration);
  static_cast<void>(least(heap, engine));  // leaves when the orders differ
  print_ratio("engine / priority_queue, same order of events", engine.seconds / heap.seconds, bar);
}

}  // namespace

double calibrate(Effort effort) {
  const HoldModel model{.pending = 10'000, .holds = effort.scaled(1'000'000, 300'000)};
  return best_of<HeapEngine>(model, effort.repetitions()).ns_per_event();
}

void bench_hold(Effort effort, double calibration) {
  const std::int64_t holds = effort.scaled(2'000'000, 200'000);
  compare("100", {.pending = 100, .holds = holds}, 1.0, effort, calibration);
  compare("10k", {.pending = 10'000, .holds = holds}, 1.0, effort, calibration);
  compare("10k, 5-min grid", {.pending = 10'000, .holds = holds, .grid = 5 * one_minute}, 1.0,
          effort, calibration);
  compare("100k", {.pending = 100'000, .holds = holds}, 1.0, effort, calibration);
  compare("1M", {.pending = 1'000'000, .holds = effort.scaled(2'000'000, 500'000)}, 0.6, effort,
          calibration);
}

}  // namespace colossim::bench
