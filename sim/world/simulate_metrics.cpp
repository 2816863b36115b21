// What a finished run reports, by the definitions of models.md 8.4.
#include <cmath>
#include <map>

#include <colossim/base/check.hpp>
#include <colossim/scenario/metrics.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

/// The rungs of the utilization ladder [GPU·ns].
struct Ladder {
  Int128 installed = 0;
  Int128 energised = 0;
  Int128 available = 0;
  Int128 contracted = 0;
  Int128 allocated = 0;
  Int128 busy = 0;
  Int128 useful = 0;

  void add(const Agreement& agreement) {
    const GpuMeter& meter = agreement.meter;
    const Int128 total = meter.total_time();
    const Int128 powered = total - meter.time(GpuState::dark);
    const Int128 usable = powered - meter.time(GpuState::moving);
    const bool unassigned = agreement.own_use && !agreement.tenant_works;
    installed += total;
    energised += powered;
    available += usable;
    contracted += unassigned ? usable - meter.time(GpuState::idle) : usable;
    allocated += meter.used_time();
    busy += meter.used_time() - meter.time(GpuState::starting);
  }
};

/// Progress of jobs that still run, at full speed [GPU·ns], and the GPU-time they hold.
struct Unfinished {
  Int128 useful = 0;
  Int128 gpu_time = 0;
  std::int64_t count = 0;
};

Unfinished unfinished(const World& world, JobStreamId stream_id) {
  Unfinished sum;
  const JobStream& stream = world.jobs.streams[stream_id];
  for (const RunningJob& job : world.jobs.jobs) {
    if (!job.active || job.waiting.stream != stream_id) continue;
    const Activity& activity = world.power.activities[stream.activities[job.choice]];
    const Int128 progress =
        std::min(job.work, progress_at(activity, world.end) - job.progress_at_start);
    sum.useful += progress / full_speed * job.waiting.gpus;
    sum.gpu_time += static_cast<Int128>(job.waiting.gpus) * (world.end - job.started).ns();
    sum.count += 1;
  }
  return sum;
}

class Collector {
 public:
  Collector(const World& world, const Scenario& scenario) : world_(world), scenario_(scenario) {}

  std::vector<MetricValue> collect() {
    ladders();
    sites();
    services();
    jobs();
    contracts();
    parties();
    std::vector<MetricValue> ordered;
    for (const MetricDefinition& definition : metric_definitions(scenario_)) {
      const auto found = values_.find(definition.name);
      COLOSSIM_CHECK(found != values_.end(), "metric={}", definition.name);
      COLOSSIM_CHECK(std::isfinite(found->second), "metric={}", definition.name);
      ordered.push_back({definition.name, found->second});
    }
    return ordered;
  }

 private:
  void set(const std::string& name, double value) { values_[name] = value; }

  void set_ladder(const std::string& prefix, const Ladder& ladder) {
    const auto put = [&](const char* rung, Int128 gpu_ns) {
      set(prefix + "." + rung, to_double(gpu_ns) * 1e-9);
    };
    put("installed", ladder.installed);
    put("energised", ladder.energised);
    put("available", ladder.available);
    put("contracted", ladder.contracted);
    put("allocated", ladder.allocated);
    put("busy", ladder.busy);
    put("useful", ladder.useful);
    COLOSSIM_CHECK(ladder.useful <= ladder.busy, "ladder={} useful={} busy={}", prefix,
                   to_string(ladder.useful), to_string(ladder.busy));
  }

  void ladders() {
    std::vector<Ladder> by_party(scenario_.parties.size());
    for (const Agreement& agreement : world_.fleet.agreements)
      by_party[agreement.tenant.row()].add(agreement);
    for (const Service& service : world_.services.services)
      by_party[service.tenant.row()].useful += service.useful;
    for (std::size_t row = 0; row < world_.jobs.streams.size(); ++row) {
      const JobStream& stream = world_.jobs.streams[JobStreamId{row}];
      by_party[world_.jobs.queues[stream.queue].tenant.row()].useful +=
          stream.useful + unfinished(world_, JobStreamId{row}).useful;
    }
    Ladder total;
    for (const Agreement& agreement : world_.fleet.agreements) total.add(agreement);
    std::size_t row = 0;
    for (const auto& [name, party] : scenario_.parties) {
      total.useful += by_party[row].useful;
      set_ladder("ladder." + name, by_party[row++]);
    }
    set_ladder("ladder.total", total);
  }

  void sites() {
    const double seconds = (world_.end - SimTime{}).quantity().base();
    std::size_t row = 0;
    for (const auto& [name, site] : scenario_.sites) {
      const SiteId id{row++};
      const Feed& feed = world_.power.feeds[id];
      const SiteCooling& cooling = world_.cooling[id];
      const SiteBooks& books = world_.books.sites[id];
      const std::string prefix = "site." + name + ".";
      const double energy = to_double(feed.metered) * 1e-15;
      const double it = to_double(feed.it_energy) * 1e-15;
      const double cost = (books.energy.posted() + books.demand.posted()).quantity().base();
      set(prefix + "power.mean", energy / seconds);
      set(prefix + "power.peak", static_cast<double>(feed.peak_uw) * 1e-6);
      set(prefix + "it_power.mean", it / seconds);
      set(prefix + "it_power.peak", static_cast<double>(feed.it_peak_uw) * 1e-6);
      set(prefix + "pue", it > 0 ? energy / it : 0);
      set(prefix + "pue_peak_hour", books.hour_pue_peak);
      set(prefix + "energy", energy);
      set(prefix + "branch_load.peak", feed.branch_peak);
      set(prefix + "capped_time", feed.capped.quantity().base());
      set(prefix + "coolant.peak", cooling.coolant_peak.base());
      set(prefix + "air.peak", cooling.air_peak.base());
      set(prefix + "die.peak", cooling.die_peak.base());
      set(prefix + "water", cooling.water_l * 1e-3);
      set(prefix + "electricity.cost", cost);
      set(prefix + "electricity.cost_per_day", cost / seconds);
      set(prefix + "electricity.cost_per_month", cost / seconds);
      set(prefix + "electricity.price", energy > 0 ? cost / energy : 0);
    }
  }

  void services() {
    const double seconds = (world_.end - SimTime{}).quantity().base();
    for (const Service& service : world_.services.services) {
      const std::string prefix = "service." + service.name + ".";
      set(prefix + "demand", service.asked_tokens);
      set(prefix + "served", service.served_tokens);
      set(prefix + "lost_share",
          service.asked_tokens > 0 ? std::max(0.0, 1 - service.served_tokens / service.asked_tokens)
                                   : 0);
      set(prefix + "tpot",
          service.served_tokens > 0 ? service.tpot_tokens / service.served_tokens : 0);
      set(prefix + "load.peak", service.peak_load);
      set(prefix + "saturation.distance", 1 - service.peak_saturation);
      set(prefix + "replicas.mean", service.replica_seconds / seconds);
    }
  }

  /// Jobs that still wait count with their age: a blocked queue must not look fast.
  static double mean_wait(const JobStream& stream, Int128 waiting_age, std::int64_t waiting) {
    const std::int64_t jobs = stream.started + waiting;
    return jobs > 0 ? to_double(stream.waited + waiting_age) * 1e-9 / static_cast<double>(jobs) : 0;
  }

  void jobs() {
    std::vector<std::int64_t> waiting(world_.jobs.streams.size());
    std::vector<Int128> waiting_age(world_.jobs.streams.size());  // ns
    for (const JobQueue& queue : world_.jobs.queues) {
      for (const WaitingJob& job : queue.waiting) {
        waiting[job.stream.row()] += 1;
        waiting_age[job.stream.row()] += (world_.end - job.submitted).ns();
      }
    }
    for (std::size_t row = 0; row < world_.jobs.streams.size(); ++row) {
      const JobStream& stream = world_.jobs.streams[JobStreamId{row}];
      const Unfinished rest = unfinished(world_, JobStreamId{row});
      const std::string prefix = "jobs." + stream.name + ".";
      COLOSSIM_CHECK(stream.submitted == stream.done + rest.count + waiting[row],
                     "stream={} submitted={} done={} running={} waiting={}", stream.name,
                     stream.submitted, stream.done, rest.count, waiting[row]);
      set(prefix + "submitted", static_cast<double>(stream.submitted));
      set(prefix + "done", static_cast<double>(stream.done));
      set(prefix + "running", static_cast<double>(rest.count));
      set(prefix + "waiting", static_cast<double>(waiting[row]));
      set(prefix + "wait.mean", mean_wait(stream, waiting_age[row], waiting[row]));
      set(prefix + "gpu_hours", to_double(stream.gpu_time + rest.gpu_time) * 1e-9);
    }
  }

  void contracts() {
    for (const Lease& lease : world_.leases.leases) {
      const GpuMeter& meter = world_.fleet.agreements[lease.agreement].meter;
      const std::string prefix = "contract." + lease.name + ".";
      const SimTime last = std::min(lease.end, world_.end);
      const double committed = last > lease.start ? static_cast<double>(lease.committed) *
                                                        (last - lease.start).quantity().base()
                                                  : 0;
      const double delivered = to_double(meter.total_time()) * 1e-9;
      const double in_term = lease.expired ? to_double(lease.in_term) * 1e-9 : delivered;
      const double fee = lease.closed_months.quantity().base();
      set(prefix + "delivered", delivered);
      set(prefix + "used", to_double(meter.used_time()) * 1e-9);
      set(prefix + "undelivered", std::max(0.0, committed - in_term));
      set(prefix + "fee", fee);
      set(prefix + "fee_per_gpu_hour", delivered > 0 ? fee / delivered : 0);
    }
  }

  void parties() {
    std::size_t row = 0;
    for (const auto& [name, party] : scenario_.parties) {
      const PartyId id{row++};
      Money revenue;
      Money cost;
      for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
        const auto account = static_cast<Account>(a);
        const Money balance = world_.books.ledger.balance(id, account);
        if (account_class(account) == AccountClass::income) revenue -= balance;
        if (account_class(account) == AccountClass::expense) cost += balance;
      }
      set("party." + name + ".revenue", revenue.quantity().base());
      set("party." + name + ".cost", cost.quantity().base());
      set("party." + name + ".profit", (revenue - cost).quantity().base());
      set("party." + name + ".cash",
          world_.books.ledger.balance(id, Account::cash).quantity().base());
    }
  }

  const World& world_;
  const Scenario& scenario_;
  std::map<std::string, double> values_;
};

}  // namespace

std::vector<MetricValue> collect_metrics(const World& world, const Scenario& scenario) {
  return Collector{world, scenario}.collect();
}

}  // namespace colossim
