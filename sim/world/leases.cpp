// Deliveries and fees of leases.
#include <algorithm>
#include <cmath>

#include <colossim/base/check.hpp>
#include <colossim/model/lease_fee.hpp>
#include <colossim/world/books.hpp>

namespace colossim {

namespace {

GpuTime gpu_time(Int128 gpu_ns) {
  return GpuTime{to_double(gpu_ns) * 1e-9};
}

bool is_candidate(const Fleet& fleet, const Lease& lease, NodeId node) {
  return fleet.agreement[node] == lease.owner_use && !fleet.destination[node].exists() &&
         fleet.use[node] != NodeUse::dark;
}

/// Sends nodes in order until `goal` GPUs are ordered. `empty_only` passes over nodes with work.
void send(Lease& lease, Machines machines, std::int64_t goal, bool empty_only) {
  Fleet& fleet = machines.fleet;
  for (std::uint32_t row = 0; row < fleet.rack.size() && lease.ordered < goal; ++row) {
    const NodeId node{row};
    if (!is_candidate(fleet, lease, node)) continue;
    if (empty_only && fleet.use[node] != NodeUse::free) continue;
    const std::int64_t gpus = gpus_per_node(fleet, node);
    if (lease.ordered + gpus > lease.committed) continue;
    lease.ordered += gpus;
    send_node(machines, node, lease.agreement);
  }
}

struct FeeMonth {
  Int128 used;
  Int128 delivered;
  Duration length;
};

Money month_fee(const Lease& lease, const FeeMonth& month) {
  const GpuTime committed{static_cast<double>(lease.committed) * month.length.quantity().base()};
  return to_money(lease_fee(lease.price, gpu_time(month.used), gpu_time(month.delivered), committed,
                            lease.take_or_pay));
}

}  // namespace

void handle(const TrancheDue& event, LeaseTables& tables, Machines machines, Agenda& agenda) {
  Lease& lease = tables.leases[event.lease];
  if (lease.expired) return;
  const double days = std::floor(static_cast<double>((machines.now - lease.start).ns()) /
                                     static_cast<double>(one_day.ns()) +
                                 0.5) +
                      1;
  const auto goal =
      std::min(lease.committed, static_cast<std::int64_t>(std::floor(lease.gpus_per_day * days)));
  send(lease, machines, goal, true);
  send(lease, machines, goal, false);
  if (lease.ordered < lease.committed)
    agenda.schedule(machines.now + one_day, Phase::supply, event);
}

void handle(const LeaseExpired& event, LeaseTables& tables, Machines machines) {
  Lease& lease = tables.leases[event.lease];
  Fleet& fleet = machines.fleet;
  lease.expired = true;
  GpuMeter& meter = fleet.agreements[lease.agreement].meter;
  meter.advance(machines.now);
  lease.in_term = meter.total_time();
  for (std::uint32_t row = 0; row < fleet.rack.size(); ++row) {
    const NodeId node{row};
    if (fleet.agreement[node] == lease.agreement) send_node(machines, node, lease.owner_use);
    // A node that never came stays with its owner.
    if (fleet.destination[node] == lease.agreement) call_back(machines, node);
  }
}

void accrue_fee(Books& books, Lease& lease, const Fleet& fleet, SimTime now) {
  const GpuMeter& meter = fleet.agreements[lease.agreement].meter;
  const FeeMonth month{meter.used_time() - lease.month_used,
                       meter.total_time() - lease.month_delivered, now - lease.month_began};
  const Money due = lease.month_fee.due(month_fee(lease, month));
  settle_payment(books, {now, lease.tenant, Account::lease_cost, lease.owner, Account::lease_income,
                         lease.cause, due});
}

void close_fee_month(Books& books, Lease& lease, const Fleet& fleet, SimTime now) {
  accrue_fee(books, lease, fleet, now);
  const Agreement& agreement = fleet.agreements[lease.agreement];
  const FeeMonth audited{agreement.audit.used_time - lease.audit_used,
                         agreement.audit.member_time - lease.audit_delivered,
                         now - lease.month_began};
  lease.audit_fee += month_fee(lease, audited);
  lease.audit_used = agreement.audit.used_time;
  lease.audit_delivered = agreement.audit.member_time;
  lease.closed_months += lease.month_fee.posted();
  lease.month_fee = Accrual{};
  lease.month_used = agreement.meter.used_time();
  lease.month_delivered = agreement.meter.total_time();
  lease.month_began = now;
}

void audit_nodes(Fleet& fleet, SimTime now) {
  for (std::uint32_t row = 0; row < fleet.rack.size(); ++row) {
    const NodeId node{row};
    GpuAudit& audit = fleet.agreements[fleet.agreement[node]].audit;
    const std::int64_t gpus = gpus_per_node(fleet, node);
    audit.member_time += static_cast<Int128>(gpus) * (now - fleet.member_since[node]).ns();
    fleet.member_since[node] = now;
    if (fleet.use[node] != NodeUse::service) continue;
    audit.used_time += static_cast<Int128>(gpus) * (now - fleet.held_since[node]).ns();
    fleet.held_since[node] = now;
  }
}

}  // namespace colossim
