// What a finished run reports, by the definitions of models.md 8.4.
#include <cmath>
#include <map>

#include <colossim/base/check.hpp>
#include <colossim/scenario/metrics.hpp>
#include <colossim/world/handover.hpp>
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
    const Int128 usable = powered - meter.time(GpuState::draining) - meter.time(GpuState::moving) -
                          meter.time(GpuState::accepted);
    const bool unassigned = agreement.own_use && !agreement.tenant_works;
    installed += total;
    energised += powered;
    available += usable;
    contracted += unassigned ? usable - meter.time(GpuState::idle) : usable;
    allocated += meter.used_time();
    busy += meter.used_time() - meter.time(GpuState::starting);
  }
};

/// Jobs of a stream that still run, and the GPU-time they hold.
struct Unfinished {
  Int128 gpu_time = 0;
  std::int64_t count = 0;
};

Unfinished unfinished(const World& world, JobStreamId stream_id) {
  Unfinished sum;
  for (const Job& job : world.jobs.jobs) {
    if (job.state != JobState::running || job.stream != stream_id) continue;
    sum.gpu_time += static_cast<Int128>(job.held_gpus) * (world.end - job.started).ns();
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
    pools();
    contracts();
    collect_parties(world_, scenario_, values_);
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
          stream.useful + unfinished_progress(world_, JobStreamId{row}, world_.end);
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

  /// What all payers of a site's power were charged, by the utility and by power purchases.
  [[nodiscard]] double electricity_cost(SiteId id) const {
    Money cost;
    for (const PowerPayer& payer : world_.books.sites[id].payers)
      cost += payer.energy.posted() + payer.demand.posted();
    for (const Contract& contract : world_.contracts.contracts)
      if (contract.purchase && contract.site == id) cost += contract.purchase->cost.posted();
    return cost.quantity().base();
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
      const double cost = electricity_cost(id);
      set(prefix + "power.mean", energy / seconds);
      set(prefix + "power.peak", static_cast<double>(feed.peak_uw) * 1e-6);
      set(prefix + "it_power.mean", it / seconds);
      set(prefix + "it_power.peak", static_cast<double>(feed.it_peak_uw) * 1e-6);
      set(prefix + "pue", it > 0 ? books.pue_joule / it : 0);
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

  /// Time without nodes per job, in all its waits. Jobs that still wait count: a blocked queue must
  /// not look fast.
  static double mean_wait(const JobStream& stream, Int128 waiting_age) {
    const auto jobs = static_cast<double>(stream.submitted);
    return jobs > 0 ? to_double(stream.waited + waiting_age) * 1e-9 / jobs : 0;
  }

  void jobs() {
    std::vector<std::int64_t> waiting(world_.jobs.streams.size());
    std::vector<Int128> waiting_age(world_.jobs.streams.size());  // ns
    for (const Job& job : world_.jobs.jobs) {
      if (job.state != JobState::waiting) continue;
      waiting[job.stream.row()] += 1;
      waiting_age[job.stream.row()] += (world_.end - job.waits_since).ns();
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
      set(prefix + "wait.mean", mean_wait(stream, waiting_age[row]));
      set(prefix + "gpu_hours", to_double(stream.gpu_time + rest.gpu_time) * 1e-9);
      set(prefix + "evicted", static_cast<double>(stream.evicted));
      set(prefix + "lost", to_double(stream.lost) * 1e-9);
      set(prefix + "preempted", static_cast<double>(stream.preempted));
      set(prefix + "resized", static_cast<double>(stream.resized));
      finished_jobs(stream, prefix);
    }
  }

  void spread(const std::string& prefix, const Spread& of) {
    set(prefix + "median", of.median);
    set(prefix + "p90", of.p90);
    set(prefix + "p99", of.p99);
  }

  void finished_jobs(const JobStream& stream, const std::string& prefix) {
    const JobStatistics& finished = stream.statistics;
    const Spread completion = finished.completion();
    const Spread slowdown = finished.bounded_slowdown();
    spread(prefix + "wait.", finished.wait());
    set(prefix + "completion.mean", completion.mean);
    spread(prefix + "completion.", completion);
    set(prefix + "slowdown.mean", slowdown.mean);
    spread(prefix + "slowdown.", slowdown);
    double gpus = 0;
    for (const PoolId pool : world_.jobs.queues[stream.queue].pools)
      gpus += static_cast<double>(world_.fleet.pools[pool].gpus);
    const double makespan = finished.makespan().quantity().base();
    set(prefix + "makespan", makespan);
    set(prefix + "utilization",
        gpus * makespan > 0 ? to_double(finished.work()) * 1e-9 / (gpus * makespan) : 0);
  }

  void pools() {
    for (const auto& [name, pool] : scenario_.pools) {
      for (const JobQueue& queue : world_.jobs.queues) {
        if (queue.name != name) continue;
        const double span = (world_.end - SimTime{}).quantity().base() * 1e9;
        set("pool." + name + ".queue_length", to_double(queue.queue_time) / span);
        set("pool." + name + ".fragmentation", to_double(queue.fragmented_time) / span);
      }
    }
  }

  void contracts() {
    for (const Contract& contract : world_.contracts.contracts) {
      const std::string prefix = "contract." + contract.name + ".";
      Money paid;
      for (const DueRow& row : contract.rows)
        paid += row.due.payer == Side::holder ? row.closed : -row.closed;
      paid += contract.upfront + contract.sold_for - contract.default_loss;
      if (contract.purchase) paid += contract.purchase->cost.posted();
      if (contract.loan) paid += contract.loan->paid;
      set(prefix + "paid", paid.quantity().base());
      Money fees;
      for (const OptionUseRecord& use : contract.uses) fees += use.fee;
      set(prefix + "option_fees", fees.quantity().base());
      if (contract.agreement.exists()) capacity(contract, prefix);
      if (std::holds_alternative<PowerPurchaseSpec>(contract.spec))
        set(prefix + "energy", contract.purchase ? contract.purchase->joule : 0);
      if (std::holds_alternative<FinancingSpec>(contract.spec)) {
        const LoanState loan = contract.loan.value_or(LoanState{});
        set(prefix + "dscr.min", loan.lowest_dscr.value_or(0));
        set(prefix + "breaches", loan.breaches);
        set(prefix + "shortfall", loan.shortfall.base());
        set(prefix + "balance", loan.balance.quantity().base());
      }
      if (std::holds_alternative<EquitySwapSpec>(contract.spec)) equity(contract, prefix);
    }
  }

  void capacity(const Contract& contract, const std::string& prefix) {
    const GpuMeter& meter = world_.fleet.agreements[contract.agreement].meter;
    const double delivered = to_double(meter.delivered_time()) * 1e-9;
    const double due = to_double(contract.due_time) * 1e-9;
    const double paid = values_.at(prefix + "paid");
    Money credits;
    Money fee;
    for (const DueRow& row : contract.rows) {
      if (row.due.payer == Side::grantor) credits += row.closed;
      if (&row == &contract.rows.front()) fee = row.closed;
    }
    set(prefix + "delivered", delivered);
    set(prefix + "used", to_double(meter.used_time()) * 1e-9);
    set(prefix + "undelivered",
        std::max(0.0, to_double(contract.promised_time) * 1e-9 - delivered));
    set(prefix + "late", std::max(0.0, due - delivered));
    if (std::holds_alternative<AssetSaleSpec>(contract.spec)) fee = contract.sold_for;
    set(prefix + "fee", fee.quantity().base());
    set(prefix + "fee_per_gpu_hour", delivered > 0 ? fee.quantity().base() / delivered : 0);
    set(prefix + "paid_per_gpu_hour", delivered > 0 ? paid / delivered : 0);
    set(prefix + "credits", credits.quantity().base());
    set(prefix + "transfer_cost", contract.transfer_cost.quantity().base());
    set(prefix + "transfer.shortest", contract.transfer_shortest.quantity().base());
    set(prefix + "transfer.longest", contract.transfer_longest.quantity().base());
    set(prefix + "ramp_time",
        contract.arrivals > 0 ? (contract.last_arrival - contract.start).quantity().base() : 0);
    set(prefix + "gpus.end", static_cast<double>(meter.total()));
    set(prefix + "stranded", static_cast<double>(stranded_gpus(contract)));
    std::int64_t uses = 0;
    for (const OptionState& option : contract.options) uses += option.uses;
    set(prefix + "options_used", static_cast<double>(uses));
  }

  /// GPUs that share something indivisible with the other party, as the racks stand at the end.
  [[nodiscard]] std::int64_t stranded_gpus(const Contract& contract) const {
    const Fleet& fleet = world_.fleet;
    const std::string& name = capacity_of(contract.spec)->site.name;
    std::vector<std::int64_t> handed;
    for (std::size_t row = 0; row < fleet.racks.size(); ++row) {
      const Rack& rack = fleet.racks[RackId{row}];
      if (fleet.models[rack.model].site != contract.site) continue;
      handed.push_back(0);
      for (std::uint32_t i = 0; i < rack.nodes; ++i) {
        const NodeId node{rack.first_node + i};
        if (fleet.agreement[node] == contract.agreement)
          handed.back() += gpus_per_node(fleet, node);
      }
    }
    return stranded(handover_site(scenario_, name), handed).gpus;
  }

  void equity(const Contract& contract, const std::string& prefix) {
    const UnitHolding& units = contract.units;
    double price = 0;
    const std::string& name = std::get<EquitySwapSpec>(contract.spec).equity.name;
    for (const PricePath& path : world_.contracts.equities)
      if (path.name == name) price = path.price;
    set(prefix + "units", units.units);
    set(prefix + "units_sold", units.sold);
    set(prefix + "units_value", (units.units - units.sold) * price);
    set(prefix + "units_cost", (units.cost - units.sold_cost).quantity().base());
    set(prefix + "units_proceeds", units.proceeds.quantity().base());
  }

  const World& world_;
  const Scenario& scenario_;
  std::map<std::string, double> values_;
};

}  // namespace

Int128 unfinished_progress(const World& world, JobStreamId stream_id, SimTime at) {
  Int128 useful = 0;
  const JobStream& stream = world.jobs.streams[stream_id];
  for (const Job& job : world.jobs.jobs) {
    if (job.state != JobState::running || job.stream != stream_id) continue;
    useful +=
        static_cast<Int128>(run_progress_of(job, stream, world.power, at).ns()) * job.held_gpus;
  }
  return useful;
}

std::vector<MetricValue> collect_metrics(const World& world, const Scenario& scenario) {
  return Collector{world, scenario}.collect();
}

}  // namespace colossim
