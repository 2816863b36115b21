// Claiming, releasing and moving nodes. Counters, free indexes and power loads change here and
// nowhere else.
#include <algorithm>
#include <bit>

#include <colossim/base/check.hpp>
#include <colossim/world/fleet.hpp>

namespace colossim {

namespace {

/// Changes the state of GPUs under an agreement.
void change_state(Machines machines, AgreementId agreement, GpuState from, GpuState to,
                  std::int64_t gpus) {
  if (machines.fleet.drops_next_state_change && to == GpuState::running) {
    machines.fleet.drops_next_state_change = false;
    return;
  }
  machines.fleet.agreements[agreement].meter.move(machines.now, from, to, gpus);
}

void change_state(Machines machines, NodeId node, GpuState from, GpuState to, std::int64_t gpus) {
  change_state(machines, machines.fleet.agreement[node], from, to, gpus);
}

Pool& pool_at(Fleet& fleet, NodeId node) {
  return fleet.pools[pool_of(fleet, fleet.agreement[node], fleet.racks[fleet.rack[node]].model)];
}

std::uint32_t bit_of(const Fleet& fleet, NodeId node) {
  return 1U << (node.row() - fleet.racks[fleet.rack[node]].first_node);
}

/// Empty nodes of one rack and agreement, without destination, join their pool's free nodes.
void offer(Fleet& fleet, NodeId any, std::uint32_t bits) {
  pool_at(fleet, any).free.give_nodes(fleet.rack[any].row(), bits);
  fleet.capacity_changed = true;
}

void offer(Fleet& fleet, NodeId node) {
  fleet.use[node] = NodeUse::free;
  offer(fleet, node, bit_of(fleet, node));
}

void withdraw(Fleet& fleet, NodeId node) {
  pool_at(fleet, node).free.take_node(node.row());
}

/// Closes the stamps of a node at its present agreement.
void leave_agreement(Machines machines, NodeId node, GpuState state) {
  Fleet& fleet = machines.fleet;
  const std::int64_t gpus = gpus_per_node(fleet, node);
  Agreement& old = fleet.agreements[fleet.agreement[node]];
  pool_at(fleet, node).gpus -= gpus;
  old.meter.add(machines.now, state, -gpus);
  old.audit.member_time +=
      static_cast<Int128>(gpus) * (machines.now - fleet.member_since[node]).ns();
  if (is_delivered(fleet, node))
    old.audit.delivered_time +=
        static_cast<Int128>(gpus) * (machines.now - fleet.delivered_since[node]).ns();
}

void join_agreement(Machines machines, NodeId node, GpuState state) {
  Fleet& fleet = machines.fleet;
  fleet.agreement[node] = fleet.destination[node];
  fleet.destination[node] = AgreementId{};
  fleet.member_since[node] = fleet.delivered_since[node] = machines.now;
  pool_at(fleet, node).gpus += gpus_per_node(fleet, node);
  fleet.agreements[fleet.agreement[node]].meter.add(machines.now, state,
                                                    gpus_per_node(fleet, node));
}

/// Moves an empty node that is in no pool to its destination at once.
void hand_over(Machines machines, NodeId node, GpuState state) {
  machines.fleet.handed_over.push_back({node, machines.fleet.agreement[node]});
  leave_agreement(machines, node, state);
  join_agreement(machines, node, GpuState::idle);
  offer(machines.fleet, node);
}

/// An empty node waits for its move to go on.
void park(Fleet& fleet, NodeId node) {
  fleet.use[node] = NodeUse::transfer;
  fleet.stage_state[node] = GpuState::draining;
  fleet.drained.push_back(node);
}

/// A leaving node is empty; its GPUs are in `state`.
void depart(Machines machines, NodeId node, GpuState state) {
  Fleet& fleet = machines.fleet;
  if (!fleet.move[node].exists()) {
    hand_over(machines, node, state);
    return;
  }
  if (state != GpuState::draining)
    change_state(machines, node, state, GpuState::draining, gpus_per_node(fleet, node));
  park(fleet, node);
}

GpuState resting_state(const Fleet& fleet, NodeId node) {
  return fleet.destination[node].exists() ? GpuState::draining : GpuState::idle;
}

/// A node lost its last work.
void rest(Machines machines, NodeId node) {
  if (machines.fleet.destination[node].exists()) {
    machines.fleet.leaving -= 1;
    depart(machines, node, GpuState::draining);
  } else {
    offer(machines.fleet, node);
  }
}

}  // namespace

std::int64_t GpuMeter::total() const {
  std::int64_t sum = 0;
  for (const std::int64_t gpus : gpus_) sum += gpus;
  return sum;
}

Int128 GpuMeter::total_time() const {
  Int128 sum = 0;
  for (const Int128 time : time_) sum += time;
  return sum;
}

Int128 GpuMeter::used_time() const {
  return time(GpuState::running) + time(GpuState::starting) + time(GpuState::serving);
}

Int128 GpuMeter::delivered_time() const {
  return total_time() - time(GpuState::dark) - time(GpuState::moving);
}

PoolId pool_of(const Fleet& fleet, AgreementId agreement, NodeModelId model) {
  return fleet.pool_table[agreement.row() * fleet.models.size() + model.row()];
}

std::uint32_t gpus_per_node(const Fleet& fleet, NodeId node) {
  return static_cast<std::uint32_t>(fleet.models[fleet.racks[fleet.rack[node]].model].gpus);
}

std::int64_t largest_node(const Fleet& fleet, SiteId site) {
  std::int64_t gpus = 1;
  for (const NodeModel& model : fleet.models)
    if (model.site == site) gpus = std::max<std::int64_t>(gpus, model.gpus);
  return gpus;
}

void claim_nodes(Machines machines, const ClaimFrom& from, std::int64_t count, const Claim& claim,
                 std::vector<NodeId>& nodes) {
  FreeNodes& free = machines.fleet.pools[from.pool].free;
  COLOSSIM_CHECK(free.nodes() >= count, "free={} count={}", free.nodes(), count);
  if (count == 0) return;
  std::vector<NodePart> parts;
  parts.reserve(static_cast<std::size_t>(count));
  from.placement.take(free, count * free.gpus_per_node(), parts);
  claim_parts(machines, claim, parts);
  for (const NodePart& part : parts) nodes.emplace_back(part.node);
}

void claim_parts(Machines machines, const Claim& claim, std::span<const NodePart> parts) {
  Fleet& fleet = machines.fleet;
  std::int64_t gpus = 0;  // of the parts on one rack under one agreement
  RackId rack;
  AgreementId agreement;
  const auto begin_work = [&] {
    if (gpus == 0) return;
    change_state(machines, agreement, GpuState::idle, claim.state, gpus);
    add_gpus(machines.power, claim.activity, fleet.racks[rack].branch, gpus);
    gpus = 0;
  };
  for (const NodePart& part : parts) {
    const NodeId node{part.node};
    if (fleet.rack[node] != rack || fleet.agreement[node] != agreement) {
      begin_work();
      rack = fleet.rack[node];
      agreement = fleet.agreement[node];
    }
    const bool whole = part.gpus == gpus_per_node(fleet, node);
    fleet.use[node] = whole ? claim.use : NodeUse::shared;
    fleet.free_gpus[node] = static_cast<std::uint8_t>(fleet.free_gpus[node] - part.gpus);
    fleet.held_since[node] = machines.now;
    gpus += part.gpus;
  }
  begin_work();
}

namespace {

/// Returns nodes of one rack and one agreement that stay; they are free again together.
void release_staying(Machines machines, const Claim& claim, const NodeId* first,
                     const NodeId* last) {
  Fleet& fleet = machines.fleet;
  const std::uint32_t gpus = gpus_per_node(fleet, *first);
  Agreement& agreement = fleet.agreements[fleet.agreement[*first]];
  std::uint32_t bits = 0;
  for (const NodeId* it = first; it != last; ++it) {
    fleet.free_gpus[*it] = static_cast<std::uint8_t>(gpus);
    fleet.use[*it] = NodeUse::free;
    bits |= bit_of(fleet, *it);
    if (claim.use == NodeUse::service) {
      agreement.audit.used_time +=
          static_cast<Int128>(gpus) * (machines.now - fleet.held_since[*it]).ns();
    }
  }
  agreement.meter.move(machines.now, claim.state, GpuState::idle, gpus * (last - first));
  offer(fleet, *first, bits);
}

/// Returns a node that changes hands now that it is empty.
void release_leaving(Machines machines, const Claim& claim, NodeId node) {
  Fleet& fleet = machines.fleet;
  const std::uint32_t gpus = gpus_per_node(fleet, node);
  fleet.free_gpus[node] = static_cast<std::uint8_t>(gpus);
  change_state(machines, node, claim.state, GpuState::draining, gpus);
  if (claim.use == NodeUse::service) {
    Agreement& agreement = fleet.agreements[fleet.agreement[node]];
    agreement.audit.used_time +=
        static_cast<Int128>(gpus) * (machines.now - fleet.held_since[node]).ns();
  }
  fleet.leaving -= 1;
  depart(machines, node, GpuState::draining);
}

}  // namespace

void release_nodes(Machines machines, const Claim& claim, const NodeId* first, const NodeId* last) {
  const Fleet& fleet = machines.fleet;
  while (first != last) {
    const RackId rack = fleet.rack[*first];
    const AgreementId agreement = fleet.agreement[*first];
    const bool leaves = fleet.destination[*first].exists();
    const NodeId* end = first + 1;
    const auto alike = [&](NodeId node) {
      return fleet.rack[node] == rack && fleet.agreement[node] == agreement &&
             !fleet.destination[node].exists();
    };
    while (!leaves && end != last && alike(*end)) ++end;
    const std::int64_t gpus =
        static_cast<std::int64_t>(gpus_per_node(fleet, *first)) * (end - first);
    if (leaves) {
      release_leaving(machines, claim, *first);
    } else {
      release_staying(machines, claim, first, end);
    }
    add_gpus(machines.power, claim.activity, fleet.racks[rack].branch, -gpus);
    first = end;
  }
}

namespace {

/// Part of a node is free again.
void release_part(Machines machines, const Claim& claim, NodePart part) {
  Fleet& fleet = machines.fleet;
  const NodeId node{part.node};
  std::uint8_t& free = fleet.free_gpus[node];
  const std::uint8_t before = free;
  const bool stays = !fleet.destination[node].exists();
  free = static_cast<std::uint8_t>(before + part.gpus);
  change_state(machines, node, claim.state, resting_state(fleet, node), part.gpus);
  add_gpus(machines.power, claim.activity, fleet.racks[fleet.rack[node]].branch,
           -static_cast<std::int64_t>(part.gpus));
  const bool empty = free == gpus_per_node(fleet, node);
  if (stays) {
    pool_at(fleet, node).free.set_shared(part.node, before, empty ? 0 : free);
    fleet.capacity_changed = true;
  }
  if (empty) rest(machines, node);
}

}  // namespace

void release_parts(Machines machines, const Claim& claim, std::span<const NodePart> parts) {
  const auto is_whole = [&](const NodePart& part) {
    return part.gpus == gpus_per_node(machines.fleet, NodeId{part.node});
  };
  std::vector<NodeId> whole;
  for (const NodePart& part : parts) {
    if (is_whole(part)) whole.emplace_back(part.node);
  }
  release_nodes(machines, claim, whole.data(), whole.data() + whole.size());
  for (const NodePart& part : parts) {
    if (!is_whole(part)) release_part(machines, claim, part);
  }
}

void send_node(Machines machines, NodeId node, const Departure& departure) {
  Fleet& fleet = machines.fleet;
  COLOSSIM_CHECK(!fleet.destination[node].exists() && fleet.use[node] != NodeUse::dark &&
                     fleet.use[node] != NodeUse::transfer,
                 "node={}", node.row());
  fleet.destination[node] = departure.to;
  fleet.move[node] = departure.move;
  fleet.vacated[node] = departure.vacated;
  if (fleet.use[node] == NodeUse::free) {
    withdraw(fleet, node);
    depart(machines, node, GpuState::idle);
    return;
  }
  fleet.leaving += 1;
  const std::uint8_t free = fleet.free_gpus[node];
  if (free == 0) return;
  pool_at(fleet, node).free.set_shared(node.row(), free, 0);
  change_state(machines, node, GpuState::idle, GpuState::draining, free);
}

void call_back(Machines machines, NodeId node) {
  Fleet& fleet = machines.fleet;
  fleet.destination[node] = AgreementId{};
  fleet.move[node] = MoveId{};
  const std::uint8_t free = fleet.free_gpus[node];
  if (fleet.use[node] == NodeUse::transfer) {
    change_state(machines, node, GpuState::draining, GpuState::idle, free);
    offer(fleet, node);
    return;
  }
  fleet.leaving -= 1;
  if (free == 0) return;
  pool_at(fleet, node).free.set_shared(node.row(), 0, free);
  change_state(machines, node, GpuState::draining, GpuState::idle, free);
  fleet.capacity_changed = true;
}

void change_agreement(Machines machines, NodeId node, GpuState state) {
  Fleet& fleet = machines.fleet;
  leave_agreement(machines, node, fleet.stage_state[node]);
  join_agreement(machines, node, state);
  fleet.stage_state[node] = state;
}

void set_stage_state(Machines machines, NodeId node, GpuState state) {
  Fleet& fleet = machines.fleet;
  if (fleet.stage_state[node] == state) return;
  if (!is_delivered(fleet, node)) fleet.delivered_since[node] = machines.now;
  change_state(machines, node, fleet.stage_state[node], state, gpus_per_node(fleet, node));
  fleet.stage_state[node] = state;
}

void arrive(Machines machines, NodeId node) {
  Fleet& fleet = machines.fleet;
  if (!is_delivered(fleet, node)) fleet.delivered_since[node] = machines.now;
  change_state(machines, node, fleet.stage_state[node], GpuState::idle, gpus_per_node(fleet, node));
  fleet.move[node] = MoveId{};
  offer(fleet, node);
}

bool is_delivered(const Fleet& fleet, NodeId node) {
  const NodeUse use = fleet.use[node];
  return use != NodeUse::dark &&
         (use != NodeUse::transfer || fleet.stage_state[node] != GpuState::moving);
}

void energise_rack(Machines machines, RackId id) {
  Fleet& fleet = machines.fleet;
  const Rack& rack = fleet.racks[id];
  const NodeModel& model = fleet.models[rack.model];
  for (std::uint32_t i = 0; i < rack.nodes; ++i) {
    const NodeId node{rack.first_node + i};
    COLOSSIM_CHECK(fleet.use[node] == NodeUse::dark, "node={}", node.row());
    change_state(machines, node, GpuState::dark, GpuState::idle, model.gpus);
    fleet.delivered_since[node] = machines.now;
    offer(fleet, node);
  }
  add_gpus(machines.power, model.base, rack.branch,
           static_cast<std::int64_t>(rack.nodes) * model.gpus);
}

}  // namespace colossim
