// Names and rows of events.
#include <array>

#include <colossim/world/event.hpp>

namespace colossim {

std::string_view event_name(const Event& event) {
  constexpr std::array<std::string_view, std::variant_size_v<Event>> names{"half_hour_started",
                                                                           "racks_energised",
                                                                           "day_started",
                                                                           "month_ended",
                                                                           "elapsed_month_ended",
                                                                           "contract_due",
                                                                           "tranche_due",
                                                                           "delivery_checked",
                                                                           "option_effective",
                                                                           "contract_expired",
                                                                           "counterparty_defaulted",
                                                                           "stage_ended",
                                                                           "drain_deadline_reached",
                                                                           "reviewed",
                                                                           "job_arrived",
                                                                           "job_ended",
                                                                           "queue_reviewed",
                                                                           "replicas_ready",
                                                                           "demand_changed",
                                                                           "thermal_limit_reached",
                                                                           "settled",
                                                                           "interval_ended"};
  return names[event.index()];
}

std::uint32_t event_row(const Event& event) {
  struct Row {
    std::uint32_t operator()(const HalfHourStarted& e) const { return e.site.row(); }
    std::uint32_t operator()(const RacksEnergised& e) const { return e.first.row(); }
    std::uint32_t operator()(const DayStarted& /*event*/) const { return 0; }
    std::uint32_t operator()(const MonthEnded& /*event*/) const { return 0; }
    std::uint32_t operator()(const ElapsedMonthEnded& /*event*/) const { return 0; }
    std::uint32_t operator()(const ContractDue& e) const { return e.contract.row(); }
    std::uint32_t operator()(const TrancheDue& e) const { return e.contract.row(); }
    std::uint32_t operator()(const DeliveryChecked& e) const { return e.contract.row(); }
    std::uint32_t operator()(const OptionEffective& e) const { return e.contract.row(); }
    std::uint32_t operator()(const ContractExpired& e) const { return e.contract.row(); }
    std::uint32_t operator()(const CounterpartyDefaulted& e) const { return e.contract.row(); }
    std::uint32_t operator()(const StageEnded& e) const { return e.move.row(); }
    std::uint32_t operator()(const DrainDeadlineReached& e) const { return e.move.row(); }
    std::uint32_t operator()(const Reviewed& e) const { return e.review.row(); }
    std::uint32_t operator()(const JobArrived& e) const { return e.stream.row(); }
    std::uint32_t operator()(const JobEnded& e) const { return e.job.row(); }
    std::uint32_t operator()(const QueueReviewed& e) const { return e.queue.row(); }
    std::uint32_t operator()(const ReplicasReady& e) const { return e.service.row(); }
    std::uint32_t operator()(const DemandChanged& e) const { return e.service.row(); }
    std::uint32_t operator()(const ThermalLimitReached& e) const { return e.site.row(); }
    std::uint32_t operator()(const Settled& /*event*/) const { return 0; }
    std::uint32_t operator()(const IntervalEnded& /*event*/) const { return 0; }
  };
  return std::visit(Row{}, event);
}

}  // namespace colossim
