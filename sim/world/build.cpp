// build(): parties, agreements, pools and the first events.
#include "build.hpp"

#include <algorithm>
#include <set>

#include <colossim/base/check.hpp>
#include <colossim/record/cash_by_month.hpp>
#include <colossim/scenario/fleet.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

void add_parties(BuildContext& context) {
  for (const auto& [name, party] : context.scenario.parties)
    context.parties.emplace(name, PartyId{context.parties.size()});
  context.world.books.outside = PartyId{context.parties.size()};
  context.world.books.ledger = Ledger{context.parties.size() + 1};
  Books& books = context.world.books;
  for (const auto& [name, party] : context.scenario.parties) {
    books.tax_rates.push_back(party.tax);
    books.opening_cash.push_back(to_money(party.cash));
  }
  books.taxes.resize(books.tax_rates.size());
  books.tax_cause = context.cause("parties");
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

std::shared_ptr<const NodeLayout> layout_of(const Fleet& fleet) {
  auto layout = std::make_shared<NodeLayout>();
  for (const Rack& rack : fleet.racks) layout->first_node.push_back(rack.first_node);
  for (const RackId rack : fleet.rack) layout->rack.push_back(rack.row());
  return layout;
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
    const CapacityTerms* terms = capacity_of(contract);
    if (terms == nullptr) continue;
    const PartyId tenant = context.parties.at(terms->holder.name);
    context.by_contract.emplace(name,
                                context.world.fleet.agreements.push_back(
                                    {.name = name,
                                     .site = context.sites.at(terms->site.name),
                                     .owner = context.parties.at(terms->grantor.name),
                                     .tenant = tenant,
                                     .own_use = false,
                                     .tenant_works = works_at(context, tenant, terms->site.name)}));
  }
}

void build_pools(BuildContext& context) {
  Fleet& fleet = context.world.fleet;
  const auto layout = layout_of(fleet);
  for (const auto& [name, site] : context.sites) {
    for (const PartyId tenant : tenants_of(context, site, name)) {
      std::vector<PoolId>& by_model = context.pools[{site.row(), tenant.row()}];
      by_model.resize(fleet.models.size());
      for (const NodeModelId model : context.models[site.row()]) {
        std::uint32_t widest = 1;
        for (const Rack& rack : fleet.racks) {
          if (rack.model == model) widest = std::max(widest, rack.nodes);
        }
        Pool pool{.site = site, .tenant = tenant, .model = model};
        pool.free = FreeNodes{layout, static_cast<int>(widest),
                              static_cast<std::uint32_t>(fleet.models[model].gpus)};
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
  build_contracts(context);
  build_series(context);
  post_opening(world.books);
  for (const auto& [name, site] : context.sites)
    world.agenda.schedule(SimTime{}, Phase::boundary, HalfHourStarted{site});
  world.books.calendar = context.calendars.front();
  // Days are those of the first site; the prices of the first one hold from the start.
  step_prices(world.contracts, SimTime{}, world.books.calendar);
  world.agenda.schedule(world.books.calendar.at(scenario.start) > SimTime{}
                            ? world.books.calendar.at(scenario.start)
                            : world.books.calendar.at(scenario.start) + one_day,
                        Phase::prices, DayStarted{});
  world.agenda.schedule(world.books.calendar.next_month(SimTime{}), Phase::books, MonthEnded{});
  const ElapsedMonths months{world.books.calendar, world.end};
  for (const SimTime end : months.ends())
    if (end < world.end) world.agenda.schedule(end, Phase::books, ElapsedMonthEnded{});
  world.agenda.schedule(SimTime{} + world.record_every, Phase::boundary, IntervalEnded{});
  return world;
}

}  // namespace colossim
