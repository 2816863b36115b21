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
    advance_meters(feed, now);
    close_power_window(books, feed, now);
    const bool whole_hour = books.calendar.time_of_day(now).ns() % one_hour.ns() == 0;
    if (whole_hour) close_hour(books, feed);
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
  void close_hour(SiteBooks& books, const Feed& feed) {
    close_power_hour(world.books, books, feed, now);
    for (Lease& lease : world.leases.leases) {
      if (lease.site != site || now <= lease.start) continue;
      world.fleet.agreements[lease.agreement].meter.advance(now);
      accrue_fee(world.books, lease, world.fleet, now);
    }
    for (ServiceIncome& income : world.books.incomes) {
      Service& service = world.services.services[income.service];
      if (service.site != site) continue;
      advance_service(service, now);
      post_income(world.books, income, service, now);
    }
  }
  void close_month(SiteBooks& books) {
    close_power_month(world.books, books, now);
    post_running(world.books, books, now);
    audit_nodes(world.fleet, now);
    audit_jobs(world.jobs, world.fleet, now);
    for (Lease& lease : world.leases.leases) {
      if (lease.site == site && now > lease.start)
        close_fee_month(world.books, lease, world.fleet, now);
    }
  }
};

struct Dispatcher {
  World& world;

  [[nodiscard]] SimTime now() const { return world.agenda.now(); }
  [[nodiscard]] Machines machines() const { return {world.fleet, world.power, now()}; }

  void operator()(const HalfHourStarted& event) const {
    Boundary{world, event.site, now()}.cross();
  }
  void operator()(const RacksEnergised& event) const {
    for (std::uint32_t i = 0; i < event.count; ++i)
      energise_rack(machines(), RackId{event.first.row() + i});
  }
  void operator()(const TrancheDue& event) const {
    handle(event, world.leases, machines(), world.agenda);
  }
  void operator()(const LeaseExpired& event) const { handle(event, world.leases, machines()); }
  void operator()(const JobArrived& event) const {
    const JobStream& stream = world.jobs.streams[event.stream];
    handle(event, world.jobs, world.agenda, world.fleet.models[stream.models.front()].bf16);
  }
  void operator()(const JobEnded& event) const {
    handle(event, world.jobs, machines(), world.agenda);
  }
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
