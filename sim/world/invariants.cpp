// --paranoid: every aggregate from scratch.
#include <array>
#include <bit>
#include <map>

#include <colossim/base/check.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

/// What each node is doing, gathered from the jobs and services that hold it.
struct NodeHolders {
  std::vector<std::uint32_t> held;  // GPUs of the node
  std::vector<std::array<std::int64_t, gpu_states>> by_agreement;
};

NodeHolders gather(const World& world) {
  const Fleet& fleet = world.fleet;
  NodeHolders holders{std::vector<std::uint32_t>(fleet.rack.size()), {}};
  holders.by_agreement.resize(fleet.agreements.size());
  const auto hold = [&](NodeId node, std::uint32_t gpus, GpuState state) {
    holders.held[node.row()] += gpus;
    holders.by_agreement[fleet.agreement[node].row()][static_cast<std::size_t>(state)] += gpus;
  };
  for (const Job& job : world.jobs.jobs) {
    if (job.state != JobState::running) continue;
    for (const NodePart& part : job.parts) hold(NodeId{part.node}, part.gpus, GpuState::running);
  }
  for (const Service& service : world.services.services) {
    for (const ServiceType& type : service.types) {
      for (std::size_t i = 0; i < type.nodes.size(); ++i) {
        const bool ready = static_cast<std::int64_t>(i) < type.ready_units * type.nodes_per_unit;
        hold(type.nodes[i], gpus_per_node(fleet, type.nodes[i]),
             ready ? GpuState::serving : GpuState::starting);
      }
    }
  }
  return holders;
}

void check_nodes(const World& world) {
  const Fleet& fleet = world.fleet;
  NodeHolders holders = gather(world);
  std::vector<std::int64_t> pool_free(fleet.pools.size());
  std::vector<std::int64_t> pool_gpus(fleet.pools.size());
  std::int64_t all_leaving = 0;
  for (std::size_t row = 0; row < fleet.rack.size(); ++row) {
    const NodeId node{row};
    const std::uint32_t gpus = gpus_per_node(fleet, node);
    const NodeUse use = fleet.use[node];
    COLOSSIM_CHECK(holders.held[row] + fleet.free_gpus[node] == gpus, "node={} held={} free={}",
                   row, holders.held[row], fleet.free_gpus[node]);
    const bool empty = holders.held[row] == 0;
    const bool transfer = use == NodeUse::transfer;
    COLOSSIM_CHECK(empty == (use == NodeUse::free || use == NodeUse::dark || transfer),
                   "node={} use={}", row, static_cast<int>(use));
    const bool leaving = fleet.destination[node].exists() && !transfer;
    if (leaving) ++all_leaving;
    COLOSSIM_CHECK(!(leaving && empty), "an empty node waits to leave: node={}", row);
    const GpuState state = use == NodeUse::dark ? GpuState::dark
                           : transfer           ? fleet.stage_state[node]
                           : leaving            ? GpuState::draining
                                                : GpuState::idle;
    holders.by_agreement[fleet.agreement[node].row()][static_cast<std::size_t>(state)] +=
        fleet.free_gpus[node];
    const PoolId pool = pool_of(fleet, fleet.agreement[node], fleet.racks[fleet.rack[node]].model);
    const bool offered = !leaving && !transfer && use != NodeUse::dark;
    pool_gpus[pool.row()] += gpus;
    if (offered) pool_free[pool.row()] += fleet.free_gpus[node];
    const bool listed = fleet.pools[pool].free.is_free(static_cast<std::uint32_t>(row));
    COLOSSIM_CHECK(listed == (use == NodeUse::free), "node={} listed={}", row, listed);
    for (std::uint32_t free = 1; free < gpus; ++free) {
      const bool partial =
          fleet.pools[pool].free.shared(free).contains(static_cast<std::uint32_t>(row));
      COLOSSIM_CHECK(
          partial == (offered && use == NodeUse::shared && fleet.free_gpus[node] == free),
          "node={} free={}", row, free);
    }
  }
  COLOSSIM_CHECK(all_leaving == fleet.leaving, "leaving={} recount={}", fleet.leaving, all_leaving);
  for (std::size_t row = 0; row < fleet.pools.size(); ++row) {
    const Pool& pool = fleet.pools[PoolId{row}];
    COLOSSIM_CHECK(pool.free.gpus() == pool_free[row], "pool={} free={} recount={}", row,
                   pool.free.gpus(), pool_free[row]);
    COLOSSIM_CHECK(pool.gpus == pool_gpus[row], "pool={} gpus={} recount={}", row, pool.gpus,
                   pool_gpus[row]);
  }
  for (std::size_t row = 0; row < fleet.agreements.size(); ++row) {
    for (std::size_t state = 0; state < gpu_states; ++state) {
      const std::int64_t counted =
          fleet.agreements[AgreementId{row}].meter.gpus(static_cast<GpuState>(state));
      COLOSSIM_CHECK(counted == holders.by_agreement[row][state],
                     "agreement={} state={} counted={} recount={}", row, state, counted,
                     holders.by_agreement[row][state]);
    }
  }
}

void check_tree(const World& world, SiteId site) {
  const PowerTables& power = world.power;
  const Feed& feed = power.feeds[site];
  std::vector<std::int64_t> out(feed.branches);
  for (const ActivityId id : power.by_site[site.row()]) {
    const Activity& activity = power.activities[id];
    std::int64_t gpus = 0;
    for (std::size_t offset = 0; offset < feed.branches; ++offset) {
      out[offset] += activity.by_branch[offset] * activity.drawn_uw;
      gpus += activity.by_branch[offset];
      COLOSSIM_CHECK(activity.by_branch[offset] >= 0, "activity={} offset={}", activity.name,
                     offset);
    }
    COLOSSIM_CHECK(gpus == activity.gpus, "activity={} gpus={} recount={}", activity.name,
                   activity.gpus, gpus);
  }
  for (std::size_t i = 0; i < feed.plant.size(); ++i)
    out[feed.plant[i].row() - feed.first_branch] += feed.plant_uw[i];
  std::int64_t drawn = 0;
  std::int64_t lost = 0;
  for (std::size_t offset = feed.branches; offset-- > 0;) {
    const Branch& branch = power.branches[BranchId{feed.first_branch + offset}];
    const BranchPower& flow = power.flows[BranchId{feed.first_branch + offset}];
    const std::int64_t out_uw = power.out_uw[BranchId{feed.first_branch + offset}];
    COLOSSIM_CHECK(out_uw == out[offset], "branch={} out={} recount={}", offset, out_uw,
                   out[offset]);
    COLOSSIM_CHECK(flow.in_uw == out_uw + flow.loss_uw, "branch={}", offset);
    const double law =
        loss(branch.loss, branch.rating, Power{static_cast<double>(out_uw) * 1e-6}).base() * 1e6;
    COLOSSIM_CHECK(
        law - static_cast<double>(flow.loss_uw) < 2 && static_cast<double>(flow.loss_uw) - law < 2,
        "branch={} loss={} law={}", offset, flow.loss_uw, law);
    lost += flow.loss_uw;
    if (branch.parent.exists()) {
      out[branch.parent.row() - feed.first_branch] += flow.in_uw;
    } else {
      drawn += flow.in_uw;
    }
  }
  COLOSSIM_CHECK(drawn == feed.drawn_uw, "drawn={} recount={}", feed.drawn_uw, drawn);
  COLOSSIM_CHECK(lost == feed.loss_uw, "loss={} recount={}", feed.loss_uw, lost);
  COLOSSIM_CHECK(feed.drawn_uw <= feed.limit_uw, "drawn={} limit={}", feed.drawn_uw, feed.limit_uw);
}

/// Nodes in transfer belong to exactly one active move, and places in stages to those there.
void check_moves(const World& world) {
  std::vector<std::uint8_t> listed(world.fleet.rack.size());
  std::vector<std::array<std::int64_t, transfer_stages>> busy(world.transfers.crews.size());
  for (std::size_t row = 0; row < world.transfers.moves.size(); ++row) {
    const Move& move = world.transfers.moves[MoveId{row}];
    if (!move.active) continue;
    for (const NodeId node : move.nodes) {
      COLOSSIM_CHECK(world.fleet.move[node] == MoveId{row} && listed[node.row()]++ == 0,
                     "node={} move={}", node.row(), row);
    }
    busy[move.terms.crew.row()][static_cast<std::size_t>(move.stage)] +=
        static_cast<std::int64_t>(move.nodes.size());
  }
  for (std::size_t row = 0; row < listed.size(); ++row) {
    const bool under_way = world.fleet.use[NodeId{row}] == NodeUse::transfer;
    COLOSSIM_CHECK(!under_way || listed[row] == 1, "a node in transfer without a move: node={}",
                   row);
  }
  for (std::size_t row = 0; row < world.transfers.crews.size(); ++row) {
    const Crew& crew = world.transfers.crews[CrewId{row}];
    for (std::size_t stage = 1; stage < transfer_stages; ++stage) {
      std::int64_t waiting = 0;
      for (const MoveId id : crew.waiting[stage])
        waiting += static_cast<std::int64_t>(world.transfers.moves[id].nodes.size());
      COLOSSIM_CHECK(crew.busy[stage] + waiting == busy[row][stage],
                     "crew={} stage={} busy={} waiting={} recount={}", row, stage_names[stage],
                     crew.busy[stage], waiting, busy[row][stage]);
    }
  }
}

/// GPUs a contract has ordered are under its agreement or on their way there, and stay.
void check_contracts_ordered(const World& world) {
  const Fleet& fleet = world.fleet;
  for (const Contract& contract : world.contracts.contracts) {
    if (!contract.agreement.exists()) continue;
    std::int64_t gpus = 0;
    for (std::size_t row = 0; row < fleet.rack.size(); ++row) {
      const NodeId node{row};
      const bool coming = fleet.destination[node] == contract.agreement;
      const bool staying =
          fleet.agreement[node] == contract.agreement && !fleet.destination[node].exists();
      if (coming || staying) gpus += gpus_per_node(fleet, node);
    }
    COLOSSIM_CHECK(gpus == contract.ordered + contract.surplus,
                   "contract={} ordered={} surplus={} recount={}", contract.name, contract.ordered,
                   contract.surplus, gpus);
  }
}

/// Each activity's GPUs are those its jobs or replicas hold.
void check_activities(const World& world) {
  std::map<std::uint32_t, std::int64_t> gpus;
  for (const Job& job : world.jobs.jobs) {
    if (job.state != JobState::running) continue;
    gpus[world.jobs.streams[job.stream].activities[job.type].row()] += job.held_gpus;
  }
  for (const Service& service : world.services.services) {
    for (const ServiceType& type : service.types) {
      gpus[type.activity.row()] += type.units() * type.gpus_per_unit;
      std::int64_t loading = 0;
      for (const ServiceType::Cohort& cohort : type.loading) loading += cohort.units;
      COLOSSIM_CHECK(type.ready_units + loading == type.units(),
                     "service={} ready={} loading={} units={}", service.name, type.ready_units,
                     loading, type.units());
    }
  }
  for (std::size_t row = 0; row < world.power.activities.size(); ++row) {
    const Activity& activity = world.power.activities[ActivityId{row}];
    if (activity.is_base) continue;
    COLOSSIM_CHECK(activity.gpus == gpus[static_cast<std::uint32_t>(row)],
                   "activity={} gpus={} recount={}", activity.name, activity.gpus,
                   gpus[static_cast<std::uint32_t>(row)]);
  }
}

}  // namespace

void check_invariants(const World& world) {
  check_nodes(world);
  check_moves(world);
  check_contracts_ordered(world);
  check_activities(world);
  for (std::size_t row = 0; row < world.power.feeds.size(); ++row) check_tree(world, SiteId{row});
}

}  // namespace colossim
