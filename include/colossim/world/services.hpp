// Endless work: inference services whose replicas follow demand.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/base/clone_ptr.hpp>
#include <colossim/base/random.hpp>
#include <colossim/model/inference.hpp>
#include <colossim/model/node_power.hpp>
#include <colossim/scenario/work.hpp>
#include <colossim/world/event.hpp>
#include <colossim/world/fleet.hpp>

namespace colossim {

/// How a service uses one server type. It claims units: the nodes of one replica, or one node that
/// hosts several.
struct ServiceType {
  NodeModelId model;
  PoolId pool;
  ActivityId activity;
  std::int64_t nodes_per_unit = 1;
  std::int64_t replicas_per_unit = 1;
  std::int64_t gpus_per_unit = 8;
  ReplicaLaw law;
  double target_load = 0;         // ρ at which TPOT meets the objective or memory is full
  double memory_load = 1;         // ρ at which memory is full
  double unit_rate = 0;           // token/s of one unit at the target load
  std::vector<PowerPoint> power;  // of one GPU by batch
  NodePower node_power;
  double overhead = 1;  // network and storage on top of the node

  struct Cohort {
    SimTime ready;
    std::int64_t units = 0;
  };
  std::vector<NodeId> nodes;     // oldest first; a unit's nodes are neighbours
  std::int64_t ready_units = 0;  // the oldest units serve, the others load
  std::deque<Cohort> loading;
  std::int64_t useful_share = 0;  // of ready GPU-time, in parts of `full_speed`
  std::int64_t window_need = 0;   // most units needed since the window began

  [[nodiscard]] std::int64_t units() const {
    return static_cast<std::int64_t>(nodes.size()) / nodes_per_unit;
  }
};

struct Service {
  std::string name;
  SiteId site;
  PartyId tenant;
  ServiceSpec spec;
  Calendar shape_zone;                            // UTC, or local when the shape says so
  std::array<std::array<double, 24>, 2> shape{};  // [weekend][hour], weekly mean one
  double users = 0;                               // on the first day
  double base_rate = 0;                           // token/s on the first day at shape one
  double log_growth = 0;                          // per second
  SimTime from;
  SimTime until;
  Stream noise{StreamName{}};
  std::vector<ServiceType> types;  // preferred first

  bool stepped = false;         // demand changed since the last settle
  bool touched = false;         // replicas became ready since the last settle
  bool short_of_units = false;  // free nodes did not cover the last need
  bool warm = true;             // the first claims at the run's start load nothing
  SimTime window_end;
  double asked = 0;     // token/s now
  double forecast = 0;  // token/s when a replica claimed now would be ready
  double served = 0;    // token/s now
  double capacity = 0;  // token/s the replicas carry at the objective
  double tpot_s = 0;    // token-weighted mean now
  double load = 0;      // asked / capacity at the objective, at most 1 when served in full

  // Integrals up to `since`.
  SimTime since;
  double user_seconds = 0;  // ∫ users dt
  double asked_tokens = 0;
  double served_tokens = 0;
  double capacity_tokens = 0;  // what the replicas carry at the objective
  double tpot_tokens = 0;      // ∫ served · TPOT
  double replica_seconds = 0;
  double held_seconds = 0;     // GPU·s of replicas
  double loading_seconds = 0;  // of it, of replicas that load
  double day_asked = 0;        // tokens at the start of the day
  double day_capacity = 0;
  double peak_load = 0;
  double peak_saturation = 0;  // highest demand / throughput at saturation
  Int128 useful = 0;           // GPU·ns
};

struct ServiceTables {
  Column<ServiceId, Service> services;
  ClonePtr<Placement> placement{make_fill_gaps()};
};

/// ∫ users dt between two instants, growing without steps [user·s].
double users_between(const Service& service, SimTime from, SimTime to);
/// Demand at `t` without noise [token/s].
double demand_at(const Service& service, SimTime t);
/// GPUs the service still has a reservation for beyond what it holds.
std::int64_t missing_reserve(const Service& service);

void handle(const DemandChanged& event, ServiceTables& tables, Agenda& agenda);
void handle(const ReplicasReady& event, ServiceTables& tables, Machines machines);
/// Claims or returns units after a demand step, then works out load, TPOT and power.
void settle_service(ServiceId id, ServiceTables& tables, Machines machines, Agenda& agenda);
/// Works out load, TPOT and power at the present demand, replicas and cap.
void evaluate_service(Service& service, Machines machines);
/// Moves the integrals of a service to `now`.
void advance_service(Service& service, SimTime now);

}  // namespace colossim
