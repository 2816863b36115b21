// Racks, power trees, cooling plants and books of the sites.
#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/scenario/fleet.hpp>

#include "build.hpp"

namespace colossim {

namespace {

struct GroupRow {
  const RackGroupSpec* spec = nullptr;
};

std::vector<GroupRow> groups_of(const SiteSpec& site) {
  std::vector<GroupRow> rows;
  for (const auto& [hall_name, hall] : site.halls) {
    for (const auto& [name, group] : hall.racks) rows.push_back({&group});
  }
  return rows;
}

void add_models(BuildContext& context, SiteId id, const SiteSpec& site) {
  World& world = context.world;
  for (const GroupRow& row : groups_of(site)) {
    const std::string& name = row.spec->node.name;
    std::vector<NodeModelId>& models = context.models[id.row()];
    const auto known = [&](NodeModelId model) { return world.fleet.models[model].name == name; };
    if (std::any_of(models.begin(), models.end(), known)) continue;
    const NodeSpec& node = context.scenario.catalog.nodes.at(name);
    const GpuSpec& gpu = context.scenario.catalog.gpus.at(node.gpu.name);
    models.push_back(world.fleet.models.push_back({.site = id,
                                                   .name = name,
                                                   .gpu = node.gpu.name,
                                                   .gpus = static_cast<int>(node.gpus),
                                                   .bf16 = gpu.bf16.base()}));
  }
}

NodeModelId model_named(const BuildContext& context, SiteId site, const std::string& name) {
  for (const NodeModelId model : context.models[site.row()]) {
    if (context.world.fleet.models[model].name == name) return model;
  }
  COLOSSIM_CHECK(false, "model={}", name);
}

void add_power(BuildContext& context, const SiteSpec& site, const PowerTree& tree) {
  PowerTables& power = context.world.power;
  Feed feed;
  feed.limit_uw = static_cast<std::int64_t>(site.power.feed.base() * 1e6);
  feed.first_branch = power.branches.size();
  feed.branches = tree.elements.size();
  feed.dirty_by_level.resize(static_cast<std::size_t>(tree.levels));
  const auto is_deepest = [&](const Branch& element) { return element.level == tree.levels - 1; };
  feed.deepest = static_cast<std::size_t>(
      std::find_if(tree.elements.begin(), tree.elements.end(), is_deepest) - tree.elements.begin());
  const BranchRange& plant = tree.groups.at(site.cooling.branch);
  for (std::size_t i = 0; i < plant.count; ++i)
    feed.plant.emplace_back(feed.first_branch + plant.first + i);
  feed.plant_uw.resize(plant.count);
  for (Branch element : tree.elements) {
    if (element.parent.exists())
      element.parent = BranchId{feed.first_branch + element.parent.row()};
    // Every element has losses without load: the first settle must see them all.
    feed.dirty_by_level[static_cast<std::size_t>(element.level)].push_back(power.branches.next());
    power.branches.push_back(element);
    power.flows.push_back({.loss = ScaledLoss{element.loss, element.rating.base() * 1e6},
                           .per_rating = 1 / (element.rating.base() * 1e6),
                           .parent = element.parent});
    power.out_uw.push_back(0);
    power.dirty.push_back(1);
  }
  power.feeds.push_back(feed);
  power.by_site.emplace_back();
}

void add_racks(BuildContext& context, SiteId id, const SiteSpec& site, const PowerTree& tree) {
  Fleet& fleet = context.world.fleet;
  const std::size_t first_branch = context.world.power.feeds[id].first_branch;
  std::map<std::string, std::size_t> total;
  std::map<std::string, std::size_t> placed;
  for (const GroupRow& row : groups_of(site))
    total[row.spec->branch] += static_cast<std::size_t>(row.spec->count);
  std::uint32_t group = 0;
  for (const GroupRow& row : groups_of(site)) {
    const RackGroupSpec& spec = *row.spec;
    const NodeModelId model = model_named(context, id, spec.node.name);
    const RackId first = fleet.racks.next();
    for (std::int64_t i = 0; i < spec.count; ++i) {
      const std::size_t element =
          element_of_rack(tree.groups.at(spec.branch), placed[spec.branch]++, total[spec.branch]);
      const RackId rack =
          fleet.racks.push_back({.model = model,
                                 .branch = BranchId{first_branch + element},
                                 .first_node = static_cast<std::uint32_t>(fleet.rack.size()),
                                 .nodes = static_cast<std::uint32_t>(spec.nodes),
                                 .group = group});
      for (std::int64_t n = 0; n < spec.nodes; ++n) fleet.rack.push_back(rack);
    }
    const SimTime powered = context.at(id, spec.energised, SimTime{});
    context.world.agenda.schedule(std::max(powered, SimTime{}), Phase::supply,
                                  RacksEnergised{first, static_cast<std::uint32_t>(spec.count)});
    ++group;
  }
}

ChillerCurves curves_of(const BuildContext& context, const ChillerPlantSpec& plant, Power design) {
  const ChillerSpec& spec = context.scenario.catalog.chillers.at(plant.chiller.name);
  const auto biquadratic = [](const std::vector<double>& c) {
    return Biquadratic{c[0], c[1], c[2], c[3], c[4], c[5]};
  };
  ChillerCurves curves = doe2_centrifugal_5_50;
  curves.capacity_by_temperature = biquadratic(spec.capacity);
  curves.eir_by_temperature = biquadratic(spec.input_ratio);
  curves.eir_by_part_load = {spec.part_load[0], spec.part_load[1], spec.part_load[2]};
  curves.reference_cop = spec.reference_cop;
  curves.reference_capacity = std::max(plant.margin * plant.unit_share * design, 1.0 * units::watt);
  return curves;
}

HeatLoop loop_of(const BuildContext& context, const LoopSpec& spec, Power design) {
  HeatLoop loop{.spec = spec, .design_heat = design};
  if (const auto* plant = std::get_if<ChillerPlantSpec>(&spec.rejection))
    loop.chiller = curves_of(context, *plant, design);
  return loop;
}

Weather weather_of(const BuildContext& context, const std::string& name, const SiteSpec& site) {
  Weather weather{.stream = Stream{context.stream("sites." + name + ".weather", "deviation")}};
  if (const auto* signals = std::get_if<SignalWeatherSpec>(&site.weather)) {
    weather.source = *signals;
    return weather;
  }
  const auto& spec = std::get<SyntheticWeatherSpec>(site.weather);
  weather.source = SyntheticClimate{.mean = spec.mean,
                                    .seasonal_amplitude = spec.seasonal,
                                    .coldest_day = static_cast<double>(spec.coldest_day),
                                    .daily_amplitude = spec.daily,
                                    .hottest_hour = spec.hottest_hour,
                                    .sigma = spec.sigma,
                                    .sigma_season = spec.sigma_season,
                                    .tau = spec.tau,
                                    .dew_point_depression = spec.dew_point_depression};
  weather.deviation = standard_normal(weather.stream);
  return weather;
}

void add_cooling(BuildContext& context, SiteId id, const std::string& name, const SiteSpec& site) {
  const Scenario& scenario = context.scenario;
  Power liquid;
  Power total;
  for (const GroupRow& row : groups_of(site)) {
    const NodeSpec& node = scenario.catalog.nodes.at(row.spec->node.name);
    const Power nodes = static_cast<double>(row.spec->count * row.spec->nodes) * node.peak;
    liquid += node.liquid_share * nodes;
    total += context.overhead[id.row()] * nodes;
  }
  const HeatLoop liquid_loop = loop_of(context, site.cooling.liquid, liquid);
  const HeatLoop air_loop = loop_of(context, site.cooling.air, total - liquid);
  SiteCooling cooling{.liquid = liquid_loop,
                      .air = air_loop,
                      .auxiliary = site.cooling.auxiliary,
                      .network = thermal_network(liquid_loop, air_loop),
                      .weather = weather_of(context, name, site)};
  context.world.cooling.push_back(cooling);
}

/// What the owner writes off: its racks group by group, network, plant and building.
void add_holdings(BuildContext& context, SiteBooks& books, const SiteSpec& site) {
  const auto add = [&](AssetKind kind, std::int64_t gpus, Asset asset, Date in_service,
                       Period life) {
    if (asset.cost.base() == 0) return;
    asset.life = (books.calendar.at(in_service + life) - books.calendar.at(in_service)).quantity();
    books.holdings.push_back({.kind = kind,
                              .group = 0,
                              .gpus = gpus,
                              .asset = asset,
                              .in_service = books.calendar.at(in_service),
                              .worn_out = books.calendar.at(in_service + life),
                              .owner = books.owner});
  };
  std::uint32_t group = 0;
  for (const GroupRow& row : groups_of(site)) {
    const NodeSpec& node = context.scenario.catalog.nodes.at(row.spec->node.name);
    const Dollars cost = static_cast<double>(row.spec->count * row.spec->nodes) * node.price;
    const std::int64_t gpus = gpu_count(context.scenario, *row.spec);
    const std::size_t before = books.holdings.size();
    add(AssetKind::nodes, gpus, {.cost = cost, .residual = site.assets.node_residual * cost},
        row.spec->in_service, site.assets.node_life);
    if (books.holdings.size() > before) books.holdings.back().group = group;
    ++group;
    books.gpus += gpus;
    books.running += site.operating.maintenance * cost;
  }
  const Date facility = site.assets.facility_in_service;
  add(AssetKind::network, books.gpus, {.cost = site.assets.network}, facility,
      site.assets.network_life);
  add(AssetKind::cooling, books.gpus, {.cost = site.assets.cooling}, facility,
      site.assets.cooling_life);
  add(AssetKind::building, books.gpus, {.cost = site.assets.facility}, facility,
      site.assets.facility_life);
  books.running += site.operating.staff;
}

void add_books(BuildContext& context, SiteId id, const std::string& name, const SiteSpec& site) {
  SiteBooks books;
  books.owner = context.parties.at(site.owner.name);
  books.utility = context.parties.at(site.utility.name);
  books.calendar = context.calendars[id.row()];
  books.energy_price = site.tariff.energy.data;
  books.demand_price = site.tariff.demand;
  books.water_price = Dollars{site.operating.water.base()};
  books.cause = context.cause("site " + name);
  books.equipment_cause = context.cause("equipment of " + name);
  add_holdings(context, books, site);
  books.payers.push_back({.party = books.owner});
  books.running_shares.push_back({.party = books.owner});
  context.world.books.sites.push_back(books);
}

}  // namespace

NodePower node_power_of(const Scenario& scenario, const std::string& name) {
  const NodeSpec& node = scenario.catalog.nodes.at(name);
  const GpuSpec& gpu = scenario.catalog.gpus.at(node.gpu.name);
  return {.idle = node.idle,
          .peak = node.peak,
          .gpus = static_cast<int>(node.gpus),
          .gpu_idle = gpu.idle,
          .gpu_tdp = gpu.tdp};
}

std::int64_t above_idle_uw(const NodePower& node, double activity, double overhead) {
  return math::round_to_int((gpu_share(node, activity) - gpu_share(node, 0)).base() * overhead *
                            1e6);
}

ActivityId add_activity(BuildContext& context, Activity activity) {
  PowerTables& power = context.world.power;
  const Feed& feed = power.feeds[activity.site];
  activity.by_branch.assign(feed.branches, 0);
  activity.drawn_uw = activity.uncapped_uw;
  const NodePower node =
      node_power_of(context.scenario, context.world.fleet.models[activity.model].name);
  if (activity.die_power > 0)
    activity.idle_share = std::min(1.0, node.gpu_idle.base() / activity.die_power);
  const std::uint32_t site = activity.site.row();
  const ActivityId id = power.activities.push_back(std::move(activity));
  power.by_site[site].push_back(id);
  return id;
}

void build_sites(BuildContext& context) {
  for (const auto& [name, site] : context.scenario.sites) {
    const SiteId id{context.sites.size()};
    context.sites.emplace(name, id);
    context.calendars.emplace_back(context.scenario.start, to_duration(site.utc_offset));
    context.overhead.push_back(1 + site.it_overhead);
    context.models.emplace_back();
    const PowerTree tree = plan_power_tree(context.scenario, site);
    add_models(context, id, site);
    add_power(context, site, tree);
    add_racks(context, id, site, tree);
    add_cooling(context, id, name, site);
    add_books(context, id, name, site);
  }
  build_agreements(context);
}

void power_up(BuildContext& context) {
  Fleet& fleet = context.world.fleet;
  const std::size_t nodes = fleet.rack.size();
  fleet.agreement = Column<NodeId, AgreementId>(nodes);
  fleet.destination = Column<NodeId, AgreementId>(nodes);
  fleet.free_gpus = Column<NodeId, std::uint8_t>(nodes);
  fleet.use = Column<NodeId, NodeUse>(nodes, NodeUse::dark);
  fleet.member_since = Column<NodeId, SimTime>(nodes);
  fleet.delivered_since = Column<NodeId, SimTime>(nodes);
  fleet.stage_state = Column<NodeId, GpuState>(nodes, GpuState::idle);
  fleet.move = Column<NodeId, MoveId>(nodes);
  fleet.vacated = Column<NodeId, SimTime>(nodes);
  fleet.owner = Column<NodeId, PartyId>(nodes);
  fleet.held_since = Column<NodeId, SimTime>(nodes);
  for (std::size_t row = 0; row < fleet.models.size(); ++row) {
    NodeModel& model = fleet.models[NodeModelId{row}];
    const NodePower node = node_power_of(context.scenario, model.name);
    const double overhead = context.overhead[model.site.row()];
    model.base = add_activity(
        context, {.name = model.name + " idle",
                  .site = model.site,
                  .model = NodeModelId{row},
                  .is_base = true,
                  .uncapped_uw = math::round_to_int(gpu_share(node, 0).base() * overhead * 1e6)});
  }
  for (std::size_t row = 0; row < nodes; ++row) {
    const NodeId node{row};
    const NodeModel& model = fleet.models[fleet.racks[fleet.rack[node]].model];
    fleet.agreement[node] = context.own_use[model.site.row()];
    fleet.owner[node] = context.world.books.sites[model.site].owner;
    fleet.free_gpus[node] = static_cast<std::uint8_t>(model.gpus);
    fleet.agreements[fleet.agreement[node]].meter.add(SimTime{}, GpuState::dark, model.gpus);
    fleet.pools[pool_of(fleet, fleet.agreement[node], fleet.racks[fleet.rack[node]].model)].gpus +=
        model.gpus;
  }
  for (SiteCooling& cooling : context.world.cooling) {
    for (const NodeModel& model : fleet.models) {
      const NodeSpec& node = context.scenario.catalog.nodes.at(model.name);
      const GpuSpec& gpu = context.scenario.catalog.gpus.at(model.gpu);
      cooling.dies.push_back(
          {node.liquid_share > 0, node.die_resistance, node.die_limit, gpu.idle.base()});
      cooling.liquid_share.push_back(node.liquid_share / context.overhead[model.site.row()]);
    }
  }
}

}  // namespace colossim
