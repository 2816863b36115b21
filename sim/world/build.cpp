// build(): parties, agreements, pools and the first events.
#include "build.hpp"

#include <algorithm>
#include <set>

#include <colossim/base/check.hpp>
#include <colossim/scenario/fleet.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

void add_parties(BuildContext& context) {
  for (const auto& [name, party] : context.scenario.parties)
    context.parties.emplace(name, PartyId{context.parties.size()});
  context.world.books.outside = PartyId{context.parties.size()};
  context.world.books.ledger = Ledger{context.parties.size() + 1};
}

/// Tenants a site has nodes or work for.
std::set<PartyId> tenants_of(const BuildContext& context, SiteId site, const std::string& name) {
  std::set<PartyId> tenants;
  for (const Agreement& agreement : context.world.fleet.agreements) {
    if (agreement.site == site) tenants.insert(agreement.tenant);
  }
  for (const auto& [service_name, service] : context.scenario.services) {
    if (service.site.name == name) tenants.insert(context.parties.at(service.tenant.name));
  }
  for (const auto& [job_name, job] : context.scenario.jobs) {
    std::visit(
        [&](const auto& spec) {
          if (spec.site.name == name) tenants.insert(context.parties.at(spec.tenant.name));
        },
        job);
  }
  return tenants;
}

bool works_at(const BuildContext& context, PartyId party, const std::string& site) {
  const auto here = [&](const auto& spec) {
    return spec.site.name == site && context.parties.at(spec.tenant.name) == party;
  };
  for (const auto& [name, service] : context.scenario.services) {
    if (here(service)) return true;
  }
  return std::any_of(context.scenario.jobs.begin(), context.scenario.jobs.end(),
                     [&](const auto& job) { return std::visit(here, job.second); });
}

void add_lease(BuildContext& context, const std::string& name, const LeaseSpec& spec) {
  World& world = context.world;
  const SiteId site = context.sites.at(spec.site.name);
  const PartyId tenant = context.parties.at(spec.tenant.name);
  const AgreementId agreement =
      world.fleet.agreements.push_back({.name = name,
                                        .site = site,
                                        .owner = context.parties.at(spec.owner.name),
                                        .tenant = tenant,
                                        .own_use = false,
                                        .tenant_works = works_at(context, tenant, spec.site.name)});
  const Calendar& calendar = context.calendars[site.row()];
  Lease lease;
  lease.name = name;
  lease.agreement = agreement;
  lease.owner_use = context.own_use[site.row()];
  lease.owner = context.parties.at(spec.owner.name);
  lease.tenant = tenant;
  lease.site = site;
  lease.price = spec.price;
  lease.take_or_pay = spec.take_or_pay;
  lease.committed = spec.gpus.all
                        ? gpu_count(context.scenario, context.scenario.sites.at(spec.site.name))
                        : static_cast<std::int64_t>(spec.gpus.count.base());
  lease.gpus_per_day = spec.ramp.base() * 86400;
  lease.start = std::max(SimTime{}, context.at(site, spec.start, SimTime{}));
  lease.end = calendar.at(spec.start.value_or(context.scenario.start) + spec.term);
  lease.month_began = lease.start;
  lease.cause = context.cause("contract " + name);
  const LeaseId id = world.leases.leases.push_back(lease);
  world.agenda.schedule(lease.start, Phase::supply, TrancheDue{id});
  if (lease.end <= world.end) world.agenda.schedule(lease.end, Phase::supply, LeaseExpired{id});
}

}  // namespace

void build_agreements(BuildContext& context) {
  for (const auto& [name, site] : context.scenario.sites) {
    const PartyId owner = context.parties.at(site.owner.name);
    context.own_use.push_back(
        context.world.fleet.agreements.push_back({.name = name + " own use",
                                                  .site = context.sites.at(name),
                                                  .owner = owner,
                                                  .tenant = owner,
                                                  .own_use = true,
                                                  .tenant_works = works_at(context, owner, name)}));
  }
  for (const auto& [name, contract] : context.scenario.contracts) {
    add_lease(context, name, std::get<LeaseSpec>(contract));
  }
}

void build_pools(BuildContext& context) {
  Fleet& fleet = context.world.fleet;
  for (const auto& [name, site] : context.sites) {
    for (const PartyId tenant : tenants_of(context, site, name)) {
      std::vector<PoolId>& by_model = context.pools[{site.row(), tenant.row()}];
      by_model.resize(fleet.models.size());
      for (const NodeModelId model : context.models[site.row()]) {
        const auto gpus = static_cast<std::size_t>(fleet.models[model].gpus);
        std::uint32_t widest = 1;
        for (const Rack& rack : fleet.racks) {
          if (rack.model == model) widest = std::max(widest, rack.nodes);
        }
        Pool pool{.site = site, .tenant = tenant, .model = model};
        pool.free =
            FreeRacks{static_cast<std::uint32_t>(fleet.racks.size()), static_cast<int>(widest)};
        pool.partial.assign(gpus, BitsetIndex{static_cast<std::uint32_t>(fleet.rack.size())});
        by_model[model.row()] = fleet.pools.push_back(std::move(pool));
      }
    }
  }
  fleet.pool_table.resize(fleet.agreements.size() * fleet.models.size());
  for (std::size_t row = 0; row < fleet.agreements.size(); ++row) {
    const Agreement& agreement = fleet.agreements[AgreementId{row}];
    const std::vector<PoolId>& pools =
        context.pools.at({agreement.site.row(), agreement.tenant.row()});
    std::copy(pools.begin(), pools.end(),
              fleet.pool_table.begin() + static_cast<std::ptrdiff_t>(row * fleet.models.size()));
  }
}

World build(const Scenario& scenario) {
  World world;
  world.end = scenario.end();
  world.calendar = Calendar{scenario.start, Duration{}};
  world.record_every = to_duration(scenario.record.every);
  BuildContext context{.scenario = scenario, .world = world};
  add_parties(context);
  build_sites(context);
  build_pools(context);
  power_up(context);
  build_jobs(context);
  build_services(context);
  build_series(context);
  for (const auto& [name, site] : context.sites)
    world.agenda.schedule(SimTime{}, Phase::boundary, HalfHourStarted{site});
  world.agenda.schedule(SimTime{} + world.record_every, Phase::boundary, IntervalEnded{});
  return world;
}

}  // namespace colossim
