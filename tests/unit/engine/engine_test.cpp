// Checks the agenda's total order (time, phase, insertion) against an ordered set.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/engine/engine.hpp>

using namespace colossim;

namespace {

enum class Phase : std::uint8_t { first, second, third, fourth, count };

/// The event is the number of its insertion.
using Agenda = Engine<std::uint64_t, Phase>;

struct Entry {
  SimTime time;
  Phase phase = Phase::first;
  std::uint64_t insertion = 0;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

/// The same agenda as an ordered set: obviously right, and slow.
class Oracle {
 public:
  void schedule(SimTime time, Phase phase, std::uint64_t insertion) {
    entries_.insert({time, phase, insertion});
  }
  std::optional<Entry> next_until(SimTime end) {
    if (entries_.empty() || entries_.begin()->time > end) return std::nullopt;
    const Entry first = *entries_.begin();
    entries_.erase(entries_.begin());
    now_ = first.time;
    ++dispatched_;
    return first;
  }
  [[nodiscard]] SimTime now() const { return now_; }
  [[nodiscard]] std::size_t pending() const { return entries_.size(); }
  [[nodiscard]] std::uint64_t dispatched() const { return dispatched_; }

 private:
  std::set<Entry> entries_;
  SimTime now_;
  std::uint64_t dispatched_ = 0;
};

Phase draw_phase(Stream& stream) {
  return static_cast<Phase>(stream.next() % Agenda::phases);
}

/// Often the current instant, often a near one that others hit too, sometimes very far away.
Duration draw_delay(Stream& stream) {
  constexpr std::array<std::uint64_t, 6> spans{1, 2, 5, 1000, 1ULL << 33, 1ULL << 58};
  const std::uint64_t span = spans[stream.next() % spans.size()];
  return Duration{static_cast<std::int64_t>(stream.next() % span)};
}

/// Both agendas side by side; every step does the same to both and compares them.
class Pair {
 public:
  explicit Pair(std::uint64_t ordinal)
      : stream_(StreamName{.seed = 7, .path = "engine", .ordinal = ordinal}) {}

  void step(double share_of_inserts) {
    if (stream_.uniform() < share_of_inserts) {
      schedule();
    } else {
      dispatch();
    }
    CHECK(agenda_.now() == oracle_.now());
    CHECK(agenda_.pending() == oracle_.pending());
    CHECK(agenda_.dispatched() == oracle_.dispatched());
  }

  [[nodiscard]] std::size_t pending() const { return oracle_.pending(); }
  [[nodiscard]] std::uint64_t dispatched() const { return oracle_.dispatched(); }

 private:
  void schedule() {
    const SimTime time = oracle_.now() + draw_delay(stream_);
    const Phase phase = draw_phase(stream_);
    agenda_.schedule(time, phase, insertions_);
    oracle_.schedule(time, phase, insertions_);
    ++insertions_;
  }

  void dispatch() {
    const SimTime end = oracle_.now() + draw_delay(stream_);
    const auto found = agenda_.next_until(end);
    const auto expected = oracle_.next_until(end);
    REQUIRE(found.has_value() == expected.has_value());
    if (!found) return;
    CHECK(found->time == expected->time);
    CHECK(found->phase == expected->phase);
    CHECK(found->event == expected->insertion);
  }

  Stream stream_;
  Agenda agenda_;
  Oracle oracle_;
  std::uint64_t insertions_ = 0;
};

using Trace = std::vector<std::tuple<std::int64_t, Phase, std::uint64_t>>;

/// Dispatches everything; each event below `limit` schedules one more.
Trace run(Agenda& agenda, std::uint64_t limit) {
  Trace trace;
  while (const auto next = agenda.next_until(SimTime::never())) {
    trace.emplace_back(next->time.ns(), next->phase, next->event);
    if (next->event >= limit) continue;
    const auto delay = Duration{static_cast<std::int64_t>(next->event % 3)};
    agenda.schedule(agenda.now() + delay, next->phase, next->event + 5);
  }
  return trace;
}

}  // namespace

TEST_CASE("random operations dispatch in the order of time, phase and insertion") {
  for (std::uint64_t ordinal = 0; ordinal < 20; ++ordinal) {
    Pair pair{ordinal};
    for (int i = 0; i < 500; ++i) pair.step(0.7);
    for (int i = 0; i < 1000; ++i) pair.step(0.35);
    CHECK(pair.dispatched() > 100);
  }
}

TEST_CASE("thousands of events at a handful of instants come out stably sorted") {
  Stream stream{StreamName{.seed = 7, .path = "engine", .purpose = "ties"}};
  Agenda agenda;
  std::vector<Entry> expected;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const SimTime time{static_cast<std::int64_t>(stream.next() % 7)};
    const Phase phase = draw_phase(stream);
    agenda.schedule(time, phase, i);
    expected.push_back({time, phase, i});
  }
  std::stable_sort(expected.begin(), expected.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.time, a.phase) < std::tie(b.time, b.phase);
  });
  for (const Entry& entry : expected) {
    const auto next = agenda.next_until(SimTime{6});
    REQUIRE(next.has_value());
    REQUIRE(next->event == entry.insertion);
    REQUIRE(next->time == entry.time);
    REQUIRE(next->phase == entry.phase);
  }
  CHECK(agenda.pending() == 0);
}

TEST_CASE("an event scheduled for the current instant takes its place by phase") {
  Agenda agenda;
  const SimTime now{10};
  agenda.schedule(now, Phase::second, 1);
  agenda.schedule(now, Phase::second, 2);
  agenda.schedule(now, Phase::fourth, 3);
  REQUIRE(agenda.next_until(now)->event == 1);
  agenda.schedule(now, Phase::first, 4);   // before what is left of this instant
  agenda.schedule(now, Phase::third, 5);   // between its phases
  agenda.schedule(now, Phase::second, 6);  // behind its own phase
  std::vector<std::uint64_t> order;
  while (const auto next = agenda.next_until(now)) order.push_back(next->event);
  CHECK(order == std::vector<std::uint64_t>{4, 2, 6, 5, 3});
}

TEST_CASE("insertion order survives the moves between buckets") {
  // Three events of instant 2^40 + 1, scheduled from three clocks with other events in between.
  constexpr std::int64_t instant = (std::int64_t{1} << 40) + 1;
  Agenda agenda;
  agenda.schedule(SimTime{instant}, Phase::first, 1);
  agenda.schedule(SimTime{3}, Phase::first, 0);
  agenda.next_until(SimTime{3});
  agenda.schedule(SimTime{instant}, Phase::first, 2);
  agenda.schedule(SimTime{instant - 1}, Phase::first, 0);
  agenda.next_until(SimTime{instant - 1});
  agenda.schedule(SimTime{instant}, Phase::first, 3);
  for (std::uint64_t event = 1; event <= 3; ++event) {
    CHECK(agenda.next_until(SimTime{instant})->event == event);
  }
}

TEST_CASE("the clock stays when nothing is due") {
  Agenda agenda;
  CHECK_FALSE(agenda.next_until(SimTime{1000}).has_value());
  CHECK(agenda.now() == SimTime{});

  agenda.schedule(SimTime{50}, Phase::first, 1);
  agenda.schedule(SimTime{100}, Phase::first, 2);
  CHECK_FALSE(agenda.next_until(SimTime{49}).has_value());
  CHECK(agenda.now() == SimTime{});
  CHECK(agenda.next_until(SimTime{50})->event == 1);
  CHECK(agenda.now() == SimTime{50});
  CHECK_FALSE(agenda.next_until(SimTime{99}).has_value());
  CHECK(agenda.now() == SimTime{50});
  CHECK(agenda.pending() == 1);

  agenda.schedule(SimTime{60}, Phase::first, 3);  // earlier than what a failed look-up saw
  CHECK(agenda.next_until(SimTime{100})->event == 3);
  CHECK(agenda.next_until(SimTime{100})->event == 2);
}

TEST_CASE("an end before the clock yields nothing, even with events at the current instant") {
  Agenda agenda;
  agenda.schedule(SimTime{10}, Phase::first, 1);
  agenda.schedule(SimTime{10}, Phase::first, 2);
  CHECK(agenda.next_until(SimTime{10})->event == 1);
  CHECK_FALSE(agenda.next_until(SimTime{9}).has_value());
  CHECK(agenda.now() == SimTime{10});
  CHECK(agenda.next_until(SimTime{10})->event == 2);
}

TEST_CASE("scheduling into the past is a bug") {
  Agenda agenda;
  agenda.schedule(SimTime{10}, Phase::first, 1);
  agenda.next_until(SimTime{10});
  CHECK_THROWS_AS(agenda.schedule(SimTime{9}, Phase::fourth, 2), InvariantBroken);
  CHECK_THROWS_AS(agenda.schedule(SimTime{-1}, Phase::first, 2), InvariantBroken);
  CHECK(agenda.pending() == 0);
  CHECK_NOTHROW(agenda.schedule(SimTime{10}, Phase::first, 2));
}

TEST_CASE("the last instant of the clock can be reached") {
  Agenda agenda;
  agenda.schedule(SimTime::never(), Phase::second, 2);
  agenda.schedule(SimTime::never(), Phase::first, 1);
  CHECK(agenda.next_until(SimTime::never())->event == 1);
  CHECK(agenda.next_until(SimTime::never())->event == 2);
  CHECK(agenda.now() == SimTime::never());
}

TEST_CASE("pending and dispatched count events") {
  Agenda agenda;
  for (std::uint64_t i = 0; i < 10; ++i) {
    agenda.schedule(SimTime{static_cast<std::int64_t>(i / 2)}, Phase::first, i);
    CHECK(agenda.pending() == i + 1);
  }
  for (std::uint64_t i = 0; i < 10; ++i) {
    CHECK(agenda.dispatched() == i);
    CHECK(agenda.next_until(SimTime{5})->event == i);
    CHECK(agenda.pending() == 9 - i);
  }
  CHECK_FALSE(agenda.next_until(SimTime{5}).has_value());
  CHECK(agenda.dispatched() == 10);
}

TEST_CASE("a copy continues identically and leaves its original alone") {
  Stream stream{StreamName{.seed = 7, .path = "engine", .purpose = "copy"}};
  Agenda agenda;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    agenda.schedule(agenda.now() + draw_delay(stream), draw_phase(stream), i);
    if (i % 3 == 0) agenda.next_until(SimTime{1} + Duration{1LL << 57});
  }
  Agenda copy = agenda;
  const std::size_t pending = agenda.pending();
  const Trace from_copy = run(copy, 1990);
  CHECK(agenda.pending() == pending);
  CHECK(from_copy == run(agenda, 1990));
  CHECK(from_copy.size() > pending);
  CHECK(copy.dispatched() == agenda.dispatched());
}
