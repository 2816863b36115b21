// Which tables each event's handler gets. This is the only switch over events.
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

/// The boundary work of a site: meters, settlement, books, then the next half hour's weather.
struct Boundary {
  World& world;
  SiteId site;
  SimTime now;

  void cross() {
    SiteBooks& books = world.books.sites[site];
    Feed& feed = world.power.feeds[site];
    advance_activities(world.power, site, now);
    advance_meters(feed, now);
    close_power_window(books, feed, now);
    const bool whole_hour = books.calendar.time_of_day(now).ns() % one_hour.ns() == 0;
    if (whole_hour) close_hour(feed);
    if (now > SimTime{} && now == books.calendar.at(books.calendar.date(now)) &&
        is_first_of_month(books))
      close_month(books);
    if (whole_hour || now == SimTime{}) {
      update_weather(world.cooling[site].weather, books.calendar, now);
      feed.dirty = true;
    }
    world.agenda.schedule(now + 30 * one_minute, Phase::boundary, HalfHourStarted{site});
  }

 private:
  [[nodiscard]] bool is_first_of_month(const SiteBooks& books) const {
    return static_cast<unsigned>(books.calendar.date(now).day()) == 1;
  }
  [[nodiscard]] MeteredWorld metered() const {
    return {world.fleet, world.books, world.services.services};
  }
  /// Contracts that bill by the month of this site.
  template <class Use>
  void each_billed(Use use) {
    for (Contract& contract : world.contracts.contracts) {
      const bool billed = contract.billing_site == site && contract.months_opened > 0;
      if (billed && now > contract.month.began) use(contract);
    }
  }
  void close_hour(const Feed& feed) {
    close_power_hour(world.books, site, world.power, world.fleet, now);
    close_purchase_hour(world.contracts, world.books, world.fleet, site, feed, now);
    for (ServiceIncome& income : world.books.incomes) {
      Service& service = world.services.services[income.service];
      if (service.site != site) continue;
      advance_service(service, now);
      post_income(world.books, income, service, now);
    }
    each_billed([&](Contract& contract) {
      accrue(contract, world.books, world.contracts, metered(), now);
    });
  }
  void close_month(SiteBooks& books) {
    close_power_month(world.books, site, world.fleet, now);
    close_purchase_month(world.contracts, site, now);
    post_running(world.books, books, now);
    advance_cooling(world.cooling[site], now);
    post_water(world.books, books, world.cooling[site].water_l, now);
    audit_nodes(world.fleet, now);
    audit_jobs(world.jobs, world.fleet, now);
    each_billed([&](Contract& contract) {
      colossim::close_month(contract, world.books, world.contracts, metered(), now);
    });
  }
};

struct Dispatcher {
  World& world;

  [[nodiscard]] SimTime now() const { return world.agenda.now(); }
  [[nodiscard]] Machines machines() const { return {world.fleet, world.power, now()}; }
  [[nodiscard]] Handover handover() const {
    return {world.contracts, world.transfers, machines(), world.agenda,
            world.books,     world.services,  world.jobs};
  }
  template <class Occurrence>
  void hand_over(const Occurrence& event) const {
    for (Agreement& agreement : world.fleet.agreements) agreement.meter.advance(now());
    for (Service& service : world.services.services) advance_service(service, now());
    Handover tables = handover();
    handle(event, tables);
  }

  void operator()(const HalfHourStarted& event) const {
    Boundary{world, event.site, now()}.cross();
  }
  void operator()(const RacksEnergised& event) const {
    for (std::uint32_t i = 0; i < event.count; ++i)
      energise_rack(machines(), RackId{event.first.row() + i});
  }
  void operator()(const DayStarted& event) const {
    step_prices(world.contracts, now(), world.books.calendar);
    for (Agreement& agreement : world.fleet.agreements) agreement.meter.advance(now());
    for (Service& service : world.services.services) advance_service(service, now());
    Handover tables = handover();
    check_options(tables);
    begin_day(tables, world.services);
    if (now() + one_day < world.end) world.agenda.schedule(now() + one_day, Phase::prices, event);
  }
  void operator()(const MonthEnded& event) const {
    close_money_month(world.contracts, world.books, now());
    post_taxes(world.books, now());
    world.agenda.schedule(world.books.calendar.next_month(now()), Phase::books, event);
  }
  void operator()(const ElapsedMonthEnded& /*event*/) const {
    world.useful_work.push_back(own_work(world, world.books.tax_rates.size(), now()));
  }
  void operator()(const ContractDue& event) const { hand_over(event); }
  void operator()(const TrancheDue& event) const { hand_over(event); }
  void operator()(const DeliveryChecked& event) const { hand_over(event); }
  void operator()(const OptionEffective& event) const { hand_over(event); }
  void operator()(const ContractExpired& event) const { hand_over(event); }
  void operator()(const CounterpartyDefaulted& event) const { hand_over(event); }
  void operator()(const StageEnded& event) const {
    handle(event, world.transfers, machines(), world.agenda);
  }
  void operator()(const DrainDeadlineReached& event) const { handle(event, world.transfers); }
  void operator()(const Reviewed& event) const {
    Handover tables = handover();
    handle(event, tables);
  }
  void operator()(const JobArrived& event) const {
    const JobStream& stream = world.jobs.streams[event.stream];
    handle(event, world.jobs, machines(), world.agenda,
           world.fleet.models[stream.models.front()].bf16);
  }
  void operator()(const JobEnded& event) const {
    handle(event, world.jobs, machines(), world.agenda);
  }
  void operator()(const QueueReviewed& event) const { handle(event, world.jobs); }
  void operator()(const ReplicasReady& event) const { handle(event, world.services, machines()); }
  void operator()(const DemandChanged& event) const { handle(event, world.services, world.agenda); }
  void operator()(const ThermalLimitReached& event) const {
    if (event.generation != world.cooling[event.site].limit_generation) return;  // stale
    world.power.feeds[event.site].dirty = true;
  }
  void operator()(const Settled& /*event*/) const {
    world.settle_pending = false;
    settle(world);
  }
  void operator()(const IntervalEnded& /*event*/) const {
    world.series.close_interval(now());
    world.agenda.schedule(now() + world.record_every, Phase::boundary, IntervalEnded{});
  }
};

}  // namespace

void dispatch(World& world, const Event& event) {
  std::visit(Dispatcher{world}, event);
  const bool changes_nothing =
      std::holds_alternative<Settled>(event) || std::holds_alternative<IntervalEnded>(event);
  if (changes_nothing || world.settle_pending) return;
  world.settle_pending = true;
  world.agenda.schedule(world.agenda.now(), Phase::settle, Settled{});
}

}  // namespace colossim
