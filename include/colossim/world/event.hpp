// Everything that can happen: the table of contents of the simulator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include <colossim/engine/engine.hpp>
#include <colossim/world/ids.hpp>

namespace colossim {

/// Order within one instant. What ended is metered and billed before anything changes; the outside
/// world changes before work does; demand sees the machines that just came free; then all of it
/// settles once.
enum class Phase : std::uint8_t { boundary, supply, work, demand, settle, count };

struct HalfHourStarted {
  SiteId site;
};  // meters, hourly and monthly settlement, weather
struct RacksEnergised {
  RackId first;
  std::uint32_t count = 0;
};  // a rack group got power
struct TrancheDue {
  LeaseId lease;
};  // another day's nodes are to change hands
struct LeaseExpired {
  LeaseId lease;
};
struct JobArrived {
  JobStreamId stream;
};
struct JobEnded {
  JobId job;
  Generation generation = 0;
};
struct ReplicasReady {
  ServiceId service;
};  // a cohort finished its cold start
struct DemandChanged {
  ServiceId service;
};
struct ThermalLimitReached {
  SiteId site;
  Generation generation = 0;
};
struct Settled {};        // everything dirty is brought up to date
struct IntervalEnded {};  // the time series' grid

using Event =
    std::variant<HalfHourStarted, RacksEnergised, TrancheDue, LeaseExpired, JobArrived, JobEnded,
                 ReplicasReady, DemandChanged, ThermalLimitReached, Settled, IntervalEnded>;
using Agenda = Engine<Event, Phase>;

/// Name and row of an event, for traces and for messages about broken invariants.
std::string_view event_name(const Event& event);
/// The row the event concerns; 0 for events of the whole world.
std::uint32_t event_row(const Event& event);

}  // namespace colossim
