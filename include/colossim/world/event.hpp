// Everything that can happen: the table of contents of the simulator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include <colossim/engine/engine.hpp>
#include <colossim/world/ids.hpp>

namespace colossim {

/// Order within one instant. What ended is metered and billed before anything changes; the day's
/// prices come, then what waits for every other book; the outside world changes before work does;
/// demand sees the machines that just came free; then all of it settles once.
enum class Phase : std::uint8_t { boundary, prices, books, supply, work, demand, settle, count };

struct HalfHourStarted {
  SiteId site;
};  // meters, hourly and monthly settlement, weather
struct RacksEnergised {
  RackId first;
  std::uint32_t count = 0;
};                            // a rack group got power
struct DayStarted {};         // market prices; rules of options
struct MonthEnded {};         // debt service, taxes: what needs every other book closed
struct ElapsedMonthEnded {};  // months since the start: what own work came to
struct ContractDue {
  ContractId contract;
  Generation generation = 0;
};  // its first day, or the approval it waited for
struct TrancheDue {
  ContractId contract;
  Generation generation = 0;
};  // more nodes are to change hands
struct DeliveryChecked {
  ContractId contract;
  Generation generation = 0;
};  // the grace of late delivery is over
struct OptionEffective {
  ContractId contract;
  std::uint32_t option = 0;
  Generation generation = 0;
};  // notice has run out
struct ContractExpired {
  ContractId contract;
  Generation generation = 0;
};
struct CounterpartyDefaulted {
  ContractId contract;
  Generation generation = 0;
};
struct StageEnded {
  MoveId move;
  Generation generation = 0;
};
struct DrainDeadlineReached {
  MoveId move;
  Generation generation = 0;
};
struct Reviewed {
  ReviewId review;
};  // a reallocation policy is asked
struct JobArrived {
  JobStreamId stream;
};
struct JobEnded {
  JobId job;
  Generation generation = 0;
};
struct QueueReviewed {
  QueueId queue;
};  // a queue policy asked to be asked again
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
    std::variant<HalfHourStarted, RacksEnergised, DayStarted, MonthEnded, ElapsedMonthEnded,
                 ContractDue, TrancheDue, DeliveryChecked, OptionEffective, ContractExpired,
                 CounterpartyDefaulted, StageEnded, DrainDeadlineReached, Reviewed, JobArrived,
                 JobEnded, QueueReviewed, ReplicasReady, DemandChanged, ThermalLimitReached,
                 Settled, IntervalEnded>;
using Agenda = Engine<Event, Phase>;

/// Name and row of an event, for traces and for messages about broken invariants.
std::string_view event_name(const Event& event);
/// The row the event concerns; 0 for events of the whole world.
std::uint32_t event_row(const Event& event);

}  // namespace colossim
