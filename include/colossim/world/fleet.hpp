// Nodes, racks, pools and agreements: who may use which GPU, and what every GPU is doing.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <colossim/base/bitset_index.hpp>
#include <colossim/base/int128.hpp>
#include <colossim/base/time.hpp>
#include <colossim/policy/free_nodes.hpp>
#include <colossim/policy/placement.hpp>
#include <colossim/world/ids.hpp>
#include <colossim/world/power.hpp>

namespace colossim {

/// What a GPU is doing. Every GPU is in exactly one state at any time.
enum class GpuState : std::uint8_t {
  dark,      // installed, not yet powered
  idle,      // free for its tenant
  draining,  // idle on a node that waits, for its last work or its array, to leave its tenant
  moving,    // on the way to its next tenant, not yet billed
  accepted,  // on the way still, but delivered by the contract: billed
  running,   // held by a job
  starting,  // held by a replica that loads
  serving,   // held by a replica that serves
  count
};
inline constexpr std::size_t gpu_states = static_cast<std::size_t>(GpuState::count);

/// Counts GPUs by state and integrates the counts exactly [GPU·ns].
class GpuMeter {
 public:
  void move(SimTime now, GpuState from, GpuState to, std::int64_t gpus) {
    advance(now);
    count(from) -= gpus;
    count(to) += gpus;
  }
  void add(SimTime now, GpuState state, std::int64_t gpus) {
    advance(now);
    count(state) += gpus;
  }
  void advance(SimTime now) {
    const std::int64_t elapsed = (now - since_).ns();
    if (elapsed == 0) return;
    for (std::size_t i = 0; i < gpu_states; ++i)
      time_[i] += static_cast<Int128>(gpus_[i]) * elapsed;
    since_ = now;
  }
  [[nodiscard]] std::int64_t gpus(GpuState state) const {
    return gpus_[static_cast<std::size_t>(state)];
  }
  /// GPU·ns spent in a state up to the last change or `advance`.
  [[nodiscard]] Int128 time(GpuState state) const { return time_[static_cast<std::size_t>(state)]; }
  [[nodiscard]] std::int64_t total() const;
  [[nodiscard]] Int128 total_time() const;
  /// GPU·ns held by jobs and replicas.
  [[nodiscard]] Int128 used_time() const;
  /// GPU·ns that count as delivered: all but dark and on the way.
  [[nodiscard]] Int128 delivered_time() const;

 private:
  std::int64_t& count(GpuState state) { return gpus_[static_cast<std::size_t>(state)]; }

  std::array<std::int64_t, gpu_states> gpus_{};
  std::array<Int128, gpu_states> time_{};
  SimTime since_;
};

/// The same GPU-time once more, from the nodes' own stamps instead of counters: the certificate
/// compares.
struct GpuAudit {
  Int128 member_time = 0;     // nodes under the agreement
  Int128 delivered_time = 0;  // of it, delivered
  Int128 used_time = 0;       // held by jobs and replicas
};

/// A contract nodes are under. Each site has one implicit agreement for its owner's own use.
struct Agreement {
  std::string name;
  SiteId site;
  PartyId owner;
  PartyId tenant;
  bool own_use = false;
  bool tenant_works =
      false;  // the tenant has services or jobs at the site: idle is idle, not unassigned
  GpuMeter meter;
  GpuAudit audit;

  // Its part of the site's electricity: work by what it drew, idle draw by powered GPU-time.
  Int128 hour_powered = 0;  // GPU·ns at the start of the hour
  Int128 hour_used = 0;
  Int128 day_delivered = 0;  // GPU·ns at the start of the day
  Int128 day_used = 0;
  double energy_usd = 0;  // so far
  double curtailed = 0;   // GPU·s its work lost to caps so far
  double energy_joule = 0;
  double month_joule = 0;  // of it, at the start of the month
  double hour_share = 0;   // of the site's electricity in the hour that ended
};

struct NodeModel {
  SiteId site;
  std::string name;
  std::string gpu;
  int gpus = 0;     // per node
  double bf16 = 0;  // FLOP/s per GPU
  ActivityId base;  // what its powered GPUs draw at idle
};

struct Rack {
  NodeModelId model;
  BranchId branch;
  std::uint32_t first_node = 0;
  std::uint32_t nodes = 0;
  std::uint32_t group = 0;  // of equal racks at the site, as the books know them
};

/// The nodes of one tenant, site and server type.
struct Pool {
  SiteId site;
  PartyId tenant;
  NodeModelId model;
  FreeNodes free;         // what may take work
  std::int64_t gpus = 0;  // in all, whatever they do
};

enum class NodeUse : std::uint8_t { dark, free, shared, job, service, transfer };

/// An order for a node to change hands.
struct Departure {
  AgreementId to;
  MoveId move;      // none: it changes hands as soon as it is empty
  SimTime vacated;  // replicas leave it from then on
};

/// A node that changed hands without stages.
struct HandedOver {
  NodeId node;
  AgreementId from;
};

struct Fleet {
  Column<NodeModelId, NodeModel> models;
  Column<RackId, Rack> racks;
  Column<AgreementId, Agreement> agreements;
  Column<PoolId, Pool> pools;
  std::vector<PoolId> pool_table;  // [agreement · models + model]

  // Per node; rows of a rack are consecutive.
  Column<NodeId, RackId> rack;
  Column<NodeId, PartyId> owner;
  Column<NodeId, AgreementId> agreement;
  Column<NodeId, AgreementId> destination;  // exists: takes no new work and goes there
  Column<NodeId, MoveId> move;              // exists: it goes through the stages of this move
  Column<NodeId, SimTime> vacated;          // leaving: replicas leave it from then on
  Column<NodeId, std::uint8_t> free_gpus;
  Column<NodeId, NodeUse> use;
  Column<NodeId, GpuState> stage_state;     // in transfer: draining, moving or accepted
  Column<NodeId, SimTime> member_since;     // under its agreement; audit
  Column<NodeId, SimTime> delivered_since;  // audit; only where it counts as delivered
  Column<NodeId, SimTime> held_since;       // by a replica; audit

  std::int64_t leaving = 0;  // nodes with a destination that still hold work

  // What the handlers of one instant leave for the settle phase.
  bool capacity_changed = false;
  std::vector<NodeId> drained;  // nodes of moves that lost their last work
  std::vector<HandedOver> handed_over;
  bool drops_next_state_change = false;  // fault injection for the certificate's own test
};

/// What claimed nodes do.
struct Claim {
  ActivityId activity;
  GpuState state = GpuState::running;
  NodeUse use = NodeUse::job;
};

/// Where claimed nodes come from.
struct ClaimFrom {
  PoolId pool;
  Placement& placement;
};

/// The two tables every claim touches.
struct Machines {
  Fleet& fleet;
  PowerTables& power;
  SimTime now;
};

PoolId pool_of(const Fleet& fleet, AgreementId agreement, NodeModelId model);
std::uint32_t gpus_per_node(const Fleet& fleet, NodeId node);
/// GPUs of the largest server type of a site: what comes in multiples of it is whole nodes of any.
std::int64_t largest_node(const Fleet& fleet, SiteId site);

/// Takes `count` free nodes, appending them to `nodes`. REQUIRES: the pool has them.
void claim_nodes(Machines machines, const ClaimFrom& from, std::int64_t count, const Claim& claim,
                 std::vector<NodeId>& nodes);
/// Gives nodes back. One that waits to change hands goes to its new agreement at once.
void release_nodes(Machines machines, const Claim& claim, const NodeId* first, const NodeId* last);
/// Nodes, or parts of them, that were taken from their pool's `free` begin to work.
void claim_parts(Machines machines, const Claim& claim, std::span<const NodePart> parts);
/// Gives them back; as `release_nodes`.
void release_parts(Machines machines, const Claim& claim, std::span<const NodePart> parts);

/// Orders a node to another agreement. Without a move it goes now when it is empty, else when its
/// work ends; with one it is parked as soon as it is empty and the move takes over.
void send_node(Machines machines, NodeId node, const Departure& departure);
/// Takes back the order: a node that holds work works on, a parked one is free again.
/// REQUIRES: it has not changed agreement.
void call_back(Machines machines, NodeId node);
/// A parked node goes over to its destination, still in transfer.
void change_agreement(Machines machines, NodeId node, GpuState state);
/// A node in transfer becomes `moving` or `accepted`.
void set_stage_state(Machines machines, NodeId node, GpuState state);
/// The transfer of a node is over: it is free for its tenant.
void arrive(Machines machines, NodeId node);
/// Whether a node counts as delivered to its tenant.
bool is_delivered(const Fleet& fleet, NodeId node);
/// Powers the nodes of a rack.
void energise_rack(Machines machines, RackId id);

}  // namespace colossim
