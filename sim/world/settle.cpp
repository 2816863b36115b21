// One settle per instant: services → queues → power → cooling → caps → recorded values.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <colossim/base/diagnostic.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

constexpr double to_watt = 1e-6;

/// The die of the hottest activity of a loop, and what the coolant allows.
struct DieLimits {
  Temperature hottest;
  int percent = 100;  // of the power above idle
  Temperature liquid_limit{
      1e9};  // coolant at which a die on this loop reaches its limit, capped as now
  Temperature air_limit{1e9};
};

class SiteSettling {
 public:
  SiteSettling(World& world, SiteId site)
      : world_(world),
        site_(site),
        feed_(world.power.feeds[site]),
        cooling_(world.cooling[site]),
        now_(world.agenda.now()) {}

  void run() {
    advance_activities(world_.power, site_, now_);
    advance_meters(feed_, now_);
    advance_cooling(cooling_, now_);
    update();
    obey_caps();
    feed_.dirty = false;
    feed_.peak_uw = std::max(feed_.peak_uw, feed_.drawn_uw);
    feed_.it_peak_uw = std::max(feed_.it_peak_uw, feed_.it_uw);
    note_settled(world_.power, site_);
    note_temperatures();
  }

 private:
  /// Tree, heat, plant, tree.
  void update() {
    propagate(world_.power, site_);
    feed_.it_uw = sum_of_loads(world_.power, site_);
    double liquid_w = 0;
    for (const ActivityId id : world_.power.by_site[site_.row()]) {
      const Activity& activity = world_.power.activities[id];
      liquid_w += static_cast<double>(activity.gpus * activity.drawn_uw) * to_watt *
                  cooling_.liquid_share[activity.model.row()];
    }
    const Power it{static_cast<double>(feed_.it_uw) * to_watt};
    const Power plant = set_heat(cooling_, Power{liquid_w}, it - Power{liquid_w}, it);
    connect_plant(static_cast<std::int64_t>(plant.base() * 1e6 + 0.5));
    propagate(world_.power, site_);
  }

  void connect_plant(std::int64_t total_uw) {
    const auto parts = static_cast<std::int64_t>(feed_.plant.size());
    for (std::int64_t i = 0; i < parts; ++i) {
      const std::int64_t part = total_uw / parts + (i < total_uw % parts ? 1 : 0);
      std::int64_t& old = feed_.plant_uw[static_cast<std::size_t>(i)];
      add_load(world_.power, site_, feed_.plant[static_cast<std::size_t>(i)], part - old);
      old = part;
    }
    feed_.mechanical_uw = total_uw;
  }

  [[nodiscard]] DieLimits die_limits() const {
    DieLimits limits;
    for (const ActivityId id : world_.power.by_site[site_.row()]) {
      const Activity& activity = world_.power.activities[id];
      if (activity.gpus == 0) continue;
      const DieModel& die = cooling_.dies[activity.model.row()];
      const ThermalSpot spot = die.liquid ? ThermalSpot::liquid : ThermalSpot::air;
      const Temperature coolant = cooling_.network.temperature(static_cast<std::size_t>(spot));
      if (activity.is_base) {
        limits.hottest = std::max(limits.hottest, coolant + Power{die.idle_w} * die.resistance);
        continue;
      }
      const double above_idle = activity.die_power - die.idle_w;
      const double power = die.idle_w + above_idle * feed_.cap_percent / 100;
      limits.hottest = std::max(limits.hottest, coolant + Power{power} * die.resistance);
      Temperature& limit = die.liquid ? limits.liquid_limit : limits.air_limit;
      limit = std::min(limit, die.limit - Power{power} * die.resistance);
      const double allowed = ((die.limit - coolant) / die.resistance).base() - die.idle_w;
      if (above_idle > 0)
        limits.percent = std::min(
            limits.percent,
            static_cast<int>(std::floor(std::clamp(100 * allowed / above_idle, 0.0, 100.0))));
    }
    return limits;
  }

  void cap_to(int percent) {
    feed_.branch_peak = peak_before_;  // what an uncapped moment would have loaded never flowed
    apply_cap(world_.power, site_, percent, now_);
    for (Service& service : world_.services.services) {
      if (service.site == site_) evaluate_service(service, {world_.fleet, world_.power, now_});
    }
    update();
  }

  /// Lowers the cap until feed and dies are within limits; raises it while a cautious forecast
  /// allows. The plant may answer a raise with a jump (one more chiller), so the feed is checked
  /// again behind it.
  void obey_caps() {
    DieLimits limits = die_limits();
    cooling_.die_peak = std::max(cooling_.die_peak, limits.hottest);
    const int before = feed_.cap_percent;
    if (feed_.cap_percent > limits.percent) cap_to(limits.percent);
    if (feed_.drawn_uw <= feed_.limit_uw) {
      while (feed_.cap_percent < limits.percent && forecast_uw() <= feed_.limit_uw)
        cap_to(feed_.cap_percent + 1);
    }
    while (feed_.drawn_uw > feed_.limit_uw && feed_.cap_percent > 0) cap_to(feed_.cap_percent - 1);
    if (feed_.drawn_uw > feed_.limit_uw) refuse_feed();
    if (feed_.cap_percent != before) limits = die_limits();
    watch_temperatures(limits);
    cooling_.die_peak = std::max(cooling_.die_peak, limits.hottest);
  }

  /// Idle racks, losses and plant alone exceed the feed: no cap can help, the scenario cannot be.
  [[noreturn]] void refuse_feed() const {
    const std::string cause = world_.books.causes[world_.books.sites[site_].cause];  // `site NAME`
    throw ScenarioError{
        {{{},
          "sites." + cause.substr(cause.find(' ') + 1) + ".power.feed",
          fmt::format("expected at least {:.4g} MW, what idle racks, losses and cooling draw on "
                      "{}; found {:.4g} MW",
                      static_cast<double>(feed_.drawn_uw) * 1e-12, world_.calendar.text(now_),
                      static_cast<double>(feed_.limit_uw) * 1e-12),
          "raise the feed, or take racks away"}}};
  }

  /// Draw from the feed with the cap one percent higher: each watt at a rack costs at most 1.6 at
  /// the feed.
  [[nodiscard]] std::int64_t forecast_uw() const {
    std::int64_t step = 0;
    for (const ActivityId id : world_.power.by_site[site_.row()]) {
      const Activity& activity = world_.power.activities[id];
      if (!activity.is_base) step += activity.gpus * activity.uncapped_uw / 100;
    }
    return feed_.drawn_uw + step * 16 / 10;
  }

  /// When the coolant is on its way to a die's limit, the moment it gets there is an event.
  void watch_temperatures(const DieLimits& limits) {
    cooling_.limit_generation += 1;
    std::optional<Time> first;
    const auto watch = [&](ThermalSpot spot, ThermalSpot facility, Temperature limit) {
      const auto node = static_cast<std::size_t>(spot);
      const auto heading = cooling_.network.steady_state(node);
      const Temperature highest =
          std::max(heading.value_or(limit),
                   cooling_.network.temperature(static_cast<std::size_t>(facility)));
      if (highest <= limit || cooling_.network.temperature(node) >= limit) return;
      const auto time = cooling_.network.time_to(node, limit, units::day);
      if (time && (!first || *time < *first)) first = time;
    };
    watch(ThermalSpot::liquid, ThermalSpot::liquid_facility, limits.liquid_limit);
    watch(ThermalSpot::air, ThermalSpot::air_facility, limits.air_limit);
    if (first)
      world_.agenda.schedule(now_ + to_duration(*first) + Duration{1}, Phase::supply,
                             ThermalLimitReached{site_, cooling_.limit_generation});
  }

  void note_temperatures() {
    const auto spot = [&](ThermalSpot s) {
      return cooling_.network.temperature(static_cast<std::size_t>(s));
    };
    cooling_.coolant_peak = std::max(cooling_.coolant_peak, spot(ThermalSpot::liquid));
    cooling_.air_peak = std::max(cooling_.air_peak, spot(ThermalSpot::air));
  }

  World& world_;
  SiteId site_;
  Feed& feed_;
  SiteCooling& cooling_;
  SimTime now_;
  double peak_before_ = feed_.branch_peak;
};

void settle_queues(World& world) {
  const SimTime now = world.agenda.now();
  for (std::size_t row = 0; row < world.jobs.queues.size(); ++row) {
    const QueueId id{row};
    const JobQueue& queue = world.jobs.queues[id];
    if (!(queue.arrived || world.fleet.capacity_changed)) continue;
    if (queue.scheduler.at_rest()) {
      settle_standing(id, world.jobs, {world.fleet, world.power, now});
      continue;
    }
    std::vector<Reservation> reservations;
    for (const Service& service : world.services.services) {
      const bool active = service.from <= now && now < service.until;
      if (!active || service.site != queue.site || service.tenant != queue.tenant) continue;
      Reservation reservation{.missing = missing_reserve(service)};
      if (reservation.missing == 0) continue;
      for (const ServiceType& type : service.types) reservation.pools.push_back(type.pool);
      reservations.push_back(std::move(reservation));
    }
    schedule_jobs(id, world.jobs, {world.fleet, world.power, now}, world.agenda, reservations);
    settle_standing(id, world.jobs, {world.fleet, world.power, now});
  }
  world.fleet.capacity_changed = false;
}

void record_site(World& world, SiteId site) {
  const SimTime now = world.agenda.now();
  const Feed& feed = world.power.feeds[site];
  const SiteCooling& cooling = world.cooling[site];
  std::size_t column = world.layout.site[site.row()];
  const auto set = [&](double value) { world.series.set(column++, now, value); };
  set(static_cast<double>(feed.drawn_uw) * to_watt);
  set(static_cast<double>(feed.it_uw) * to_watt);
  set(static_cast<double>(feed.mechanical_uw) * to_watt);
  set(static_cast<double>(feed.loss_uw) * to_watt);
  set(feed.it_uw > 0 ? static_cast<double>(feed.drawn_uw) / static_cast<double>(feed.it_uw) : 0);
  set(feed.cap_percent);
  set(cooling.weather.now.dry_bulb.base());
  set(cooling.weather.now.wet_bulb.base());
  set(cooling.network.temperature(static_cast<std::size_t>(ThermalSpot::liquid)).base());
}

void record_work(World& world) {
  const SimTime now = world.agenda.now();
  for (std::size_t row = 0; row < world.fleet.agreements.size(); ++row) {
    const GpuMeter& meter = world.fleet.agreements[AgreementId{row}].meter;
    const std::size_t column = world.layout.agreement[row];
    const std::int64_t running = meter.gpus(GpuState::running);
    world.series.set(column, now, static_cast<double>(meter.total()));
    world.series.set(column + 1, now, static_cast<double>(running));
    world.series.set(
        column + 2, now,
        static_cast<double>(meter.gpus(GpuState::starting) + meter.gpus(GpuState::serving)));
  }
  for (std::size_t row = 0; row < world.services.services.size(); ++row) {
    const Service& service = world.services.services[ServiceId{row}];
    const std::size_t column = world.layout.service[row];
    world.series.set(column, now, service.asked);
    world.series.set(column + 1, now, service.served);
    world.series.set(column + 2, now, service.tpot_s);
  }
  std::int64_t waiting = 0;
  for (const JobQueue& queue : world.jobs.queues) waiting += queue.scheduler.waiting();
  world.series.set(world.layout.jobs, now, static_cast<double>(world.jobs.running));
  world.series.set(world.layout.jobs + 1, now, static_cast<double>(waiting));
}

/// What changes hands at this instant: jobs whose time is over leave, drained arrays go on, those
/// that arrived are taken in.
void settle_transfers(World& world) {
  const Machines machines{world.fleet, world.power, world.agenda.now()};
  std::vector<MoveId> due;
  std::swap(due, world.transfers.drain_now);
  for (const MoveId id : due) {
    const Move& move = world.transfers.moves[id];
    const std::string& how = world.transfers.crews[move.terms.crew].spec.drain.jobs;
    if (move.active) evict_jobs(move.nodes, how != "kill", world.jobs, machines);
  }
  settle_drained(world.transfers, machines, world.agenda);
  Handover handover{world.contracts, world.transfers, machines,  world.agenda,
                    world.books,     world.services,  world.jobs};
  settle_arrivals(handover, machines.now);
  // What was sent on or back at once, and was empty, goes on at once.
  settle_drained(world.transfers, machines, world.agenda);
}

}  // namespace

void settle(World& world) {
  const Machines machines{world.fleet, world.power, world.agenda.now()};
  for (std::size_t row = 0; row < world.services.services.size(); ++row) {
    const Service& service = world.services.services[ServiceId{row}];
    const bool wants_freed = service.short_of_units && world.fleet.capacity_changed;
    if (service.stepped || service.touched || wants_freed)
      settle_service(ServiceId{row}, world.services, machines, world.agenda);
  }
  settle_transfers(world);
  settle_queues(world);
  // Standing work that ended let nodes go that had waited for it.
  if (!world.fleet.handed_over.empty()) settle_transfers(world);
  note_first_use(world.contracts, world.fleet, world.agenda.now());
  for (std::size_t row = 0; row < world.power.feeds.size(); ++row) {
    if (!world.power.feeds[SiteId{row}].dirty) continue;
    SiteSettling{world, SiteId{row}}.run();
    record_site(world, SiteId{row});
  }
  if (!world.jobs.stalled.empty()) wake_stalled(world.jobs, world.power, world.agenda);
  record_work(world);
}

}  // namespace colossim
