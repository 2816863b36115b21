// Names and rows of events.
#include <array>

#include <colossim/world/event.hpp>

namespace colossim {

std::string_view event_name(const Event& event) {
  constexpr std::array<std::string_view, std::variant_size_v<Event>> names{
      "half_hour_started",     "racks_energised", "tranche_due",    "lease_expired",
      "job_arrived",           "job_ended",       "replicas_ready", "demand_changed",
      "thermal_limit_reached", "settled",         "interval_ended"};
  return names[event.index()];
}

std::uint32_t event_row(const Event& event) {
  struct Row {
    std::uint32_t operator()(const HalfHourStarted& e) const { return e.site.row(); }
    std::uint32_t operator()(const RacksEnergised& e) const { return e.first.row(); }
    std::uint32_t operator()(const TrancheDue& e) const { return e.lease.row(); }
    std::uint32_t operator()(const LeaseExpired& e) const { return e.lease.row(); }
    std::uint32_t operator()(const JobArrived& e) const { return e.stream.row(); }
    std::uint32_t operator()(const JobEnded& e) const { return e.job.row(); }
    std::uint32_t operator()(const ReplicasReady& e) const { return e.service.row(); }
    std::uint32_t operator()(const DemandChanged& e) const { return e.service.row(); }
    std::uint32_t operator()(const ThermalLimitReached& e) const { return e.site.row(); }
    std::uint32_t operator()(const Settled& /*event*/) const { return 0; }
    std::uint32_t operator()(const IntervalEnded& /*event*/) const { return 0; }
  };
  return std::visit(Row{}, event);
}

}  // namespace colossim
