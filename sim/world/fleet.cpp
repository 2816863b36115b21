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
  Pool& pool = pool_at(fleet, any);
  const std::uint32_t rack = fleet.rack[any].row();
  pool.free.set_mask(rack, pool.free.mask(rack) | bits);
  pool.free_gpus += static_cast<std::int64_t>(std::popcount(bits)) * fleet.models[pool.model].gpus;
  fleet.capacity_changed = true;
}

void offer(Fleet& fleet, NodeId node) {
  fleet.use[node] = NodeUse::free;
  offer(fleet, node, bit_of(fleet, node));
}

void withdraw(Fleet& fleet, NodeId node) {
  Pool& pool = pool_at(fleet, node);
  const std::uint32_t rack = fleet.rack[node].row();
  pool.free.set_mask(rack, pool.free.mask(rack) & ~bit_of(fleet, node));
  pool.free_gpus -= fleet.models[pool.model].gpus;
}

/// Closes the stamps of a node at its present agreement.
void leave_agreement(Machines machines, NodeId node, GpuState state) {
  Fleet& fleet = machines.fleet;
  const std::int64_t gpus = gpus_per_node(fleet, node);
  Agreement& old = fleet.agreements[fleet.agreement[node]];
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
  Fleet& fleet = machines.fleet;
  Pool& pool = fleet.pools[from.pool];
  const int gpus = fleet.models[pool.model].gpus;
  COLOSSIM_CHECK(pool.free.nodes() >= count, "free={} count={}", pool.free.nodes(), count);
  while (count > 0) {
    const std::uint32_t rack_row = from.placement.pick(pool.free, count);
    const Rack& rack = fleet.racks[RackId{rack_row}];
    std::uint32_t mask = pool.free.mask(rack_row);
    std::int64_t taken = 0;
    std::int64_t same = 0;  // nodes since `agreement` began
    AgreementId agreement;
    const auto enter_state = [&] {
      if (same > 0) change_state(machines, agreement, GpuState::idle, claim.state, same * gpus);
      same = 0;
    };
    while (mask != 0 && taken < count) {
      const NodeId node{rack.first_node + static_cast<std::uint32_t>(std::countr_zero(mask))};
      mask &= mask - 1;
      ++taken;
      fleet.use[node] = claim.use;
      fleet.free_gpus[node] = 0;
      fleet.held_since[node] = machines.now;
      if (fleet.agreement[node] != agreement) {
        enter_state();
        agreement = fleet.agreement[node];
      }
      ++same;
      nodes.push_back(node);
    }
    enter_state();
    pool.free.set_mask(rack_row, mask);
    pool.free_gpus -= taken * gpus;
    add_gpus(machines.power, claim.activity, rack.branch, taken * gpus);
    count -= taken;
  }
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

NodeId claim_shared(Machines machines, PoolId pool_id, const Claim& claim, std::uint32_t gpus) {
  Fleet& fleet = machines.fleet;
  Pool& pool = fleet.pools[pool_id];
  NodeId node;
  for (std::size_t free = gpus; free < pool.partial.size() && !node.exists(); ++free) {
    if (const auto row = pool.partial[free].first()) {
      node = NodeId{*row};
      pool.partial[free].erase(*row);
    }
  }
  if (!node.exists()) {
    const auto rack = pool.free.tightest(1);
    COLOSSIM_CHECK(rack.has_value(), "gpus={}", gpus);
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(pool.free.mask(*rack)));
    node = NodeId{fleet.racks[RackId{*rack}].first_node + bit};
    pool.free.set_mask(*rack, pool.free.mask(*rack) & ~(1U << bit));
    fleet.use[node] = NodeUse::shared;
  }
  std::uint8_t& free = fleet.free_gpus[node];
  free = static_cast<std::uint8_t>(free - gpus);
  pool.free_gpus -= gpus;
  if (free > 0) pool.partial[free].insert(node.row());
  change_state(machines, node, GpuState::idle, claim.state, gpus);
  add_gpus(machines.power, claim.activity, fleet.racks[fleet.rack[node]].branch, gpus);
  return node;
}

void release_shared(Machines machines, const Claim& claim, NodeId node, std::uint32_t gpus) {
  Fleet& fleet = machines.fleet;
  std::uint8_t& free = fleet.free_gpus[node];
  const bool stays = !fleet.destination[node].exists();
  Pool& pool = pool_at(fleet, node);
  if (stays && free > 0) pool.partial[free].erase(node.row());
  free = static_cast<std::uint8_t>(free + gpus);
  change_state(machines, node, claim.state, resting_state(fleet, node), gpus);
  add_gpus(machines.power, claim.activity, fleet.racks[fleet.rack[node]].branch,
           -static_cast<std::int64_t>(gpus));
  if (free == gpus_per_node(fleet, node)) {
    if (stays)
      pool.free_gpus -= free - gpus;  // counted while shared; `offer` counts the whole node
    rest(machines, node);
  } else if (stays) {
    pool.partial[free].insert(node.row());
    pool.free_gpus += gpus;
    fleet.capacity_changed = true;
  }
}

bool fits(const Fleet& fleet, PoolId pool_id, std::int64_t whole, std::uint32_t shared) {
  const Pool& pool = fleet.pools[pool_id];
  if (pool.free.nodes() < whole) return false;
  if (shared == 0 || pool.free.nodes() > whole) return true;
  for (std::size_t free = shared; free < pool.partial.size(); ++free) {
    if (!pool.partial[free].empty()) return true;
  }
  return false;
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
  Pool& pool = pool_at(fleet, node);
  pool.partial[free].erase(node.row());
  pool.free_gpus -= free;
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
  Pool& pool = pool_at(fleet, node);
  pool.partial[free].insert(node.row());
  pool.free_gpus += free;
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
