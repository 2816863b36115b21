// The events of a run as a hash, and where two runs first differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/random.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

/// Digests of the events so far, after every `stride`-th: 16 bits of the hash of all before.
struct EventDigests {
  static constexpr std::size_t most = 32'768;

  std::uint64_t stride = 1;
  std::vector<std::uint16_t> digests;

  [[nodiscard]] std::string bytes() const;
  /// Nothing when the bytes are no digests.
  static std::optional<EventDigests> parse(std::string_view bytes);
};

/// Where a run leaves the events it is held against.
struct Divergence {
  std::uint64_t from = 0;           // the first event that may differ, counted from 1
  std::vector<std::string> events;  // from there to the one after which they do: `time,name,row`
  SimTime time;                     // of the last of them
};

/// Hashes every event: its instant in ns, what it is, and the row it is about. Held against earlier
/// digests it keeps the events in which the runs part: one where every event has a digest (up to
/// 32,768 events), else as many as the stride. Two different events have equal digests once in
/// 65,536 times; then the next is told.
class EventLog final : public Observer {
 public:
  explicit EventLog(std::optional<EventDigests> expected = {}) : expected_(std::move(expected)) {}

  void dispatching(SimTime now, const Event& event) override;

  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::string hash() const;
  [[nodiscard]] const EventDigests& digests() const { return digests_; }
  [[nodiscard]] const std::optional<Divergence>& divergence() const { return divergence_; }

 private:
  void compare(SimTime now);

  std::optional<EventDigests> expected_;
  TextHash hash_;
  std::uint64_t events_ = 0;
  EventDigests digests_;
  std::vector<std::string> window_;  // since the last digest that agreed
  std::optional<Divergence> divergence_;
};

}  // namespace colossim
