// Contracts, the crews of their transfers, markets and reallocation policies.
#include <algorithm>
#include <cmath>
#include <set>

#include <colossim/base/check.hpp>
#include <colossim/scenario/option_case.hpp>
#include <colossim/world/handover.hpp>

#include "build.hpp"

namespace colossim {

namespace {

/// Contracts that another one starts.
std::set<std::string> successors(const Scenario& scenario) {
  std::set<std::string> names;
  for (const auto& [name, contract] : scenario.contracts) {
    const ContractTerms& terms = terms_of(contract);
    if (terms.default_clause && terms.default_clause->then)
      names.insert(terms.default_clause->then->name);
    for (const auto& [option_name, option] : terms.options)
      if (const Ref* next = successor_of(option)) names.insert(next->name);
  }
  return names;
}

CrewId crew_of(BuildContext& context, SiteId site, const std::string& kind) {
  TransferTables& transfers = context.world.transfers;
  for (std::size_t row = 0; row < transfers.crews.size(); ++row) {
    const Crew& crew = transfers.crews[CrewId{row}];
    if (crew.site == site && crew.kind == kind) return CrewId{row};
  }
  Crew crew;
  crew.site = site;
  crew.kind = kind;
  crew.spec = context.scenario.catalog.transfers.at(kind);
  return transfers.crews.push_back(std::move(crew));
}

void add_options(BuildContext& context, Contract& contract) {
  for (const auto& [name, spec] : terms_of(contract.spec).options) {
    OptionState option;
    option.name = name;
    option.spec = spec;
    option.by = context.parties.at(terms_of(spec).by.name);
    if (std::holds_alternative<OnValueSpec>(terms_of(spec).exercise)) {
      const auto valued = option_case(context.scenario, contract.name, name);
      COLOSSIM_CHECK(valued.has_value(), "contract={} option={}", contract.name, name);
      option.boundary =
          fit_boundary(valued->law, valued->outlook, valued->sampling(valued->fit_paths));
    }
    contract.options.push_back(std::move(option));
  }
}

void set_capacity(BuildContext& context, Contract& contract, const CapacityTerms& terms) {
  const World& world = context.world;
  contract.site = context.sites.at(terms.site.name);
  contract.agreement = context.by_contract.at(contract.name);
  contract.source = context.own_use[contract.site.row()];  // only owners grant
  if (terms.transfer) {
    contract.crew = crew_of(context, contract.site, terms.transfer->name);
    contract.array = context.scenario.catalog.transfers.at(terms.transfer->name).array;
  }
  contract.asked = terms.gpus.all ? 0 : static_cast<std::int64_t>(terms.gpus.count.base());
  for (std::size_t row = 0; row < world.fleet.racks.size(); ++row) {
    const Rack& rack = world.fleet.racks[RackId{row}];
    if (world.fleet.models[rack.model].site == contract.site) contract.order.emplace_back(row);
  }
  if (terms.gpus.all) return;
  // A part of a site goes rack by rack so that the cuts are as clean as they can be.
  const std::vector<RackId> racks = contract.order;
  contract.order.clear();
  for (const std::uint32_t index :
       handover_order(context.scenario, terms.site.name, contract.asked))
    contract.order.push_back(racks[index]);
}

SiteId site_named(const BuildContext& context, const ContractSpec& spec) {
  const auto* purchase = std::get_if<PowerPurchaseSpec>(&spec);
  return purchase != nullptr ? context.sites.at(purchase->site.name) : SiteId{};
}

void add_contract(BuildContext& context, const std::string& name, const ContractSpec& spec,
                  bool successor) {
  World& world = context.world;
  Contract contract;
  contract.name = name;
  contract.spec = spec;
  contract.grantor = context.parties.at(parties_of(spec).grantor.name);
  contract.holder = context.parties.at(parties_of(spec).holder.name);
  contract.cause = context.cause("contract " + name);
  contract.site = site_named(context, spec);
  if (const CapacityTerms* terms = capacity_of(spec)) set_capacity(context, contract, *terms);
  contract.billing_site = contract.site.exists() ? contract.site : SiteId{0};
  contract.calendar = context.calendars[contract.billing_site.row()];
  if (const auto* sale = std::get_if<AssetSaleSpec>(&spec); sale != nullptr && sale->power_contract)
    world.books.sites[contract.site].payers.push_back(
        {.party = contract.holder, .agreement = contract.agreement});
  add_options(context, contract);
  contract.successor = successor;
  contract.state = successor ? ContractState::dormant : ContractState::pending;
  const std::optional<Date>& start = terms_of(spec).start;
  contract.start = std::max(SimTime{}, start ? contract.calendar.at(*start) : SimTime{});
  contract.end = SimTime::never();
  const SimTime first = contract.start;
  const ContractId id = world.contracts.contracts.push_back(std::move(contract));
  if (!successor) world.agenda.schedule(first, Phase::supply, ContractDue{id, 0});
}

template <class Spec>
void add_paths(const BuildContext& context, const std::map<std::string, Spec>& specs,
               const std::string& section, std::vector<PricePath>& paths) {
  for (const auto& [name, spec] : specs) {
    PricePath path;
    path.name = name;
    path.spec = spec;
    path.stream = Stream{context.stream(section + "." + name, "price")};
    paths.push_back(std::move(path));
  }
}

struct ReviewMaker {
  const BuildContext& context;
  Review& review;

  void operator()(const KeepSpec& spec) { common(spec); }
  void operator()(const HarvestIdleSpec& spec) { common(spec); }
  void operator()(const ReclaimOnSurgeSpec& spec) {
    common(spec);
    review.option = spec.option;
  }
  void operator()(const PriceThresholdSpec& spec) {
    common(spec);
    review.option = spec.option;
    review.watches_market = true;
    const auto& markets = context.world.contracts.markets;
    review.market = static_cast<std::size_t>(
        std::find_if(markets.begin(), markets.end(),
                     [&](const PricePath& path) { return path.name == spec.market.name; }) -
        markets.begin());
  }

 private:
  template <class Spec>
  void common(const Spec& spec) {
    review.every = to_duration(spec.review);
    const auto& contracts = context.world.contracts.contracts;
    for (std::size_t row = 0; row < contracts.size(); ++row)
      if (contracts[ContractId{row}].name == spec.contract.name) review.contract = ContractId{row};
  }
};

}  // namespace

void build_contracts(BuildContext& context) {
  World& world = context.world;
  world.contracts.seed = static_cast<std::uint64_t>(context.scenario.seed);
  world.contracts.replication = static_cast<std::uint64_t>(context.scenario.replication);
  world.contracts.parties = context.parties;
  add_paths(context, context.scenario.markets, "markets", world.contracts.markets);
  add_paths(context, context.scenario.equities, "equities", world.contracts.equities);
  const std::set<std::string> later = successors(context.scenario);
  for (const auto& [name, spec] : context.scenario.contracts)
    add_contract(context, name, spec, later.count(name) > 0);
  for (const auto& [name, spec] : context.scenario.reallocation) {
    Review review;
    review.name = name;
    std::visit(ReviewMaker{context, review}, spec);
    review.policy = ClonePtr<ReallocationPolicy>{make_policy(spec)};
    const ReviewId id = world.contracts.reviews.push_back(std::move(review));
    world.agenda.schedule(SimTime{} + world.contracts.reviews[id].every, Phase::supply,
                          Reviewed{id});
  }
}

}  // namespace colossim
