// Sending nodes to a contract's holder and back, array by array.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/world/contracts.hpp>

namespace colossim {

namespace {

/// Nodes of one array that may be sent, and how many of them hold work.
struct Candidates {
  std::vector<NodeId> nodes;
  std::size_t busy = 0;
};

bool may_leave(const Fleet& fleet, NodeId node, AgreementId from) {
  return fleet.agreement[node] == from && !fleet.destination[node].exists() &&
         fleet.use[node] != NodeUse::dark && fleet.use[node] != NodeUse::transfer;
}

/// The arrays of a contract with their candidates, those without work first.
std::vector<Candidates> arrays_of(const Contract& contract, const Fleet& fleet, AgreementId from) {
  std::vector<Candidates> arrays;
  std::size_t racks = 0;
  for (const RackId rack : contract.order) {
    if (racks++ % static_cast<std::size_t>(contract.array) == 0) arrays.emplace_back();
    for (std::uint32_t i = 0; i < fleet.racks[rack].nodes; ++i) {
      const NodeId node{fleet.racks[rack].first_node + i};
      if (!may_leave(fleet, node, from)) continue;
      arrays.back().nodes.push_back(node);
      if (fleet.use[node] != NodeUse::free) ++arrays.back().busy;
    }
  }
  std::stable_sort(arrays.begin(), arrays.end(),
                   [](const Candidates& a, const Candidates& b) { return a.busy < b.busy; });
  return arrays;
}

/// One order to move nodes of a contract.
class Sending {
 public:
  Sending(ContractId id, Handover& handover, bool returning)
      : contract_(handover.contracts.contracts[id]),
        id_(id),
        handover_(handover),
        returning_(returning),
        from_(returning ? contract_.agreement : contract_.source),
        to_(returning ? contract_.source : contract_.agreement) {}

  /// Sends at most `gpus`; returns how many were.
  std::int64_t send(std::int64_t gpus, bool idle_only) {
    left_ = gpus;
    if (!contract_.crew.exists()) {
      send_singly(true);
      if (!idle_only) send_singly(false);
      return gpus - left_;
    }
    for (const Candidates& array : arrays_of(contract_, handover_.machines.fleet, from_)) {
      if (left_ <= 0 || (idle_only && array.busy == array.nodes.size() && array.busy > 0)) break;
      send_array(array, idle_only);
    }
    return gpus - left_;
  }

 private:
  bool take(NodeId node) {
    const std::int64_t gpus = gpus_per_node(handover_.machines.fleet, node);
    if (gpus > left_) return false;
    left_ -= gpus;
    return true;
  }

  /// Without stages nodes go one by one: idle ones, then those with work, in the contract's order.
  void send_singly(bool idle) {
    Fleet& fleet = handover_.machines.fleet;
    for (const RackId rack : contract_.order) {
      for (std::uint32_t i = 0; i < fleet.racks[rack].nodes && left_ > 0; ++i) {
        const NodeId node{fleet.racks[rack].first_node + i};
        if (!may_leave(fleet, node, from_) || (fleet.use[node] == NodeUse::free) != idle) continue;
        if (take(node))
          send_node(handover_.machines, node, {to_, MoveId{}, handover_.machines.now});
      }
    }
  }

  void send_array(const Candidates& array, bool idle_only) {
    Fleet& fleet = handover_.machines.fleet;
    std::vector<NodeId> nodes;
    for (const NodeId node : array.nodes) {
      if (idle_only && fleet.use[node] != NodeUse::free) continue;
      if (take(node)) nodes.push_back(node);
    }
    if (nodes.empty()) return;
    const std::string path = "contracts." + contract_.name;
    const MoveId move = open_move(handover_.transfers, terms(),
                                  {.seed = handover_.contracts.seed,
                                   .path = path,
                                   .purpose = "transfer",
                                   .ordinal = contract_.moves_opened++,
                                   .replication = handover_.contracts.replication},
                                  handover_.machines.now);
    const DrainSpec& drain = handover_.transfers.crews[contract_.crew].spec.drain;
    const SimTime vacated = handover_.machines.now + to_duration(drain.requests);
    handover_.transfers.moves[move].nodes = nodes;
    for (const NodeId node : nodes) send_node(handover_.machines, node, {to_, move, vacated});
    begin_drain(move, handover_.transfers, handover_.machines, handover_.agenda);
  }

  [[nodiscard]] MoveTerms terms() const {
    const CapacityTerms& capacity = *capacity_of(contract_.spec);
    const auto side = [&](const std::string& word) {
      return word == "owner" ? contract_.grantor : contract_.holder;
    };
    const auto stage = [&] {
      if (capacity.billing_from == "sanitize") return Stage::sanitize;
      if (capacity.billing_from == "accept") return Stage::accept;
      return capacity.billing_from == "load" ? Stage::load : Stage::done;
    };
    return {.contract = id_,
            .crew = contract_.crew,
            .to = to_,
            .returning = returning_,
            .billing_from = stage(),
            .pays_transfer = side(capacity.liability.transfer),
            .pays_failure = side(capacity.liability.failure),
            .cause = contract_.cause};
  }

  Contract& contract_;
  ContractId id_;
  Handover& handover_;
  bool returning_;
  AgreementId from_;
  AgreementId to_;
  std::int64_t left_ = 0;
};

/// GPUs that are due at `now` by the contract's schedule.
std::int64_t scheduled(const Contract& contract, SimTime now) {
  const CapacityTerms& terms = *capacity_of(contract.spec);
  if (terms.ramp) {
    const double days = std::floor(static_cast<double>((now - contract.start).ns()) /
                                       static_cast<double>(one_day.ns()) +
                                   0.5) +
                        1;
    return std::min(contract.promised,
                    static_cast<std::int64_t>(std::floor(terms.ramp->base() * 86400 * days)));
  }
  if (terms.tranches.empty()) return contract.promised;
  std::int64_t gpus = 0;
  for (const TrancheSpec& tranche : terms.tranches) {
    if (contract.calendar.at(tranche.on) <= now)
      gpus += static_cast<std::int64_t>(tranche.gpus.base());
  }
  return std::min(contract.promised, gpus);
}

/// GPUs of a move that are on their way to the holder of a contract.
std::int64_t coming(const Handover& handover, ContractId id, MoveId row) {
  const Move& move = handover.transfers.moves[row];
  if (!move.active || move.terms.contract != id || move.terms.returning) return 0;
  std::int64_t gpus = 0;
  for (const NodeId node : move.nodes) gpus += gpus_per_node(handover.machines.fleet, node);
  return gpus;
}

void note_drills(Contract& contract, const Arrival& arrival, const Handover& handover) {
  const SimTime now = handover.machines.now;
  std::int64_t gpus = arrival.gpus;
  for (ReclaimDrill& drill : contract.drills) {
    if (gpus == 0 || drill.back >= drill.gpus || now < drill.effective) continue;
    const std::int64_t counted = std::min(gpus, drill.gpus - drill.back);
    if (!drill.first_back) drill.first_back = now;
    drill.back += counted;
    if (!drill.first_use)
      drill.nodes.insert(drill.nodes.end(), arrival.nodes.begin(), arrival.nodes.end());
    gpus -= counted;
    if (drill.back < drill.gpus) continue;
    drill.all_back = now;
    drill.at_return = work_loss(handover.services, handover.jobs, contract.holder, now);
  }
}

}  // namespace

WorkLoss work_loss(const ServiceTables& services, const JobTables& jobs, PartyId party,
                   SimTime now) {
  WorkLoss loss;
  for (const Service& service : services.services) {
    if (service.tenant != party) continue;
    const double since = (now - service.since).quantity().base();
    const double lost =
        service.asked_tokens - service.served_tokens + (service.asked - service.served) * since;
    loss.tokens += lost;
    if (service.spec.revenue) loss.usd += (*service.spec.revenue * Tokens{lost}).base();
  }
  for (const JobStream& stream : jobs.streams)
    if (jobs.queues[stream.queue].tenant == party) loss.work += stream.lost;
  return loss;
}

void send_nodes(ContractId id, std::int64_t goal, bool idle_only, Handover& handover) {
  Contract& contract = handover.contracts.contracts[id];
  if (goal <= contract.ordered) return;
  contract.ordered += Sending{id, handover, false}.send(goal - contract.ordered, idle_only);
}

std::int64_t return_nodes(ContractId id, std::int64_t gpus, Handover& handover) {
  Contract& contract = handover.contracts.contracts[id];
  std::int64_t left = gpus;
  // What has not left its owner yet need not come back.
  const std::size_t rows = handover.transfers.moves.size();
  for (std::size_t row = rows; row-- > 0 && left > 0;) {
    const std::int64_t size = coming(handover, id, MoveId{row});
    if (size > 0 && size <= left && cancel_move(MoveId{row}, handover.transfers, handover.machines))
      left -= size;
  }
  Fleet& fleet = handover.machines.fleet;
  for (std::uint32_t row = 0; row < fleet.rack.size() && !contract.crew.exists() && left > 0;
       ++row) {
    const NodeId node{row};
    if (fleet.destination[node] != contract.agreement) continue;
    left -= gpus_per_node(fleet, node);
    call_back(handover.machines, node);
  }
  if (std::holds_alternative<AssetSaleSpec>(contract.spec)) {
    contract.ordered -= gpus - left;  // what was or will be sold stays sold
    return gpus - left;
  }
  // What is on the way goes back when it arrives, before anything that works for the holder.
  std::int64_t on_the_way = 0;
  for (std::size_t row = 0; row < rows; ++row) on_the_way += coming(handover, id, MoveId{row});
  // A cancelled move may have held GPUs that were to go back already: they were counted then.
  const std::int64_t counted = std::max<std::int64_t>(0, contract.surplus - on_the_way);
  contract.surplus -= counted;
  left += counted;
  on_the_way -= contract.surplus;
  const std::int64_t later =
      std::clamp<std::int64_t>(left, 0, std::max<std::int64_t>(on_the_way, 0));
  contract.surplus += later;
  left -= later;
  left -= Sending{id, handover, true}.send(left, false);
  contract.ordered -= gpus - left;
  return gpus - left;
}

namespace {

/// Nodes that changed hands without stages are arrivals too.
std::vector<Arrival> take_arrivals(Handover& handover, SimTime now) {
  std::vector<Arrival> arrivals;
  std::vector<HandedOver> singly;
  std::swap(arrivals, handover.transfers.arrived);
  std::swap(singly, handover.machines.fleet.handed_over);
  for (std::size_t row = 0; row < handover.contracts.contracts.size() && !singly.empty(); ++row) {
    const AgreementId agreement = handover.contracts.contracts[ContractId{row}].agreement;
    Arrival there{.contract = ContractId{row}, .ordered = now};
    Arrival back{.contract = ContractId{row}, .ordered = now, .returning = true};
    for (const HandedOver& each : singly) {
      const bool came = handover.machines.fleet.agreement[each.node] == agreement;
      if (!came && each.from != agreement) continue;
      Arrival& arrival = came ? there : back;
      arrival.gpus += gpus_per_node(handover.machines.fleet, each.node);
      arrival.nodes.push_back(each.node);
    }
    for (Arrival* arrival : {&there, &back})
      if (arrival->gpus > 0) arrivals.push_back(std::move(*arrival));
  }
  return arrivals;
}

void post_costs(Handover& handover, SimTime now) {
  std::vector<StageCost> costs;
  std::swap(costs, handover.transfers.costs);
  for (const StageCost& cost : costs) {
    const Money amount = to_money(Dollars{cost.usd});
    settle_payment(handover.books, {now, cost.payer, Account::transfer_cost, handover.books.outside,
                                    Account::transfer_income, cost.cause, amount});
    for (Contract& contract : handover.contracts.contracts)
      if (contract.cause == cost.cause) contract.transfer_cost += amount;
  }
}

void take_in(const Arrival& arrival, Handover& handover, SimTime now) {
  Contract& contract = handover.contracts.contracts[arrival.contract];
  const Duration took = now - arrival.ordered;
  contract.transfer_longest = std::max(contract.transfer_longest, took);
  if (contract.arrivals == 0 || took < contract.transfer_shortest)
    contract.transfer_shortest = took;
  if (arrival.returning) {
    note_drills(contract, arrival, handover);
    return;
  }
  contract.arrivals += arrival.gpus;
  contract.last_arrival = now;
  // They were asked back while they were on the way.
  const std::int64_t back = std::min(contract.surplus, arrival.gpus);
  if (back > 0) contract.surplus -= Sending{arrival.contract, handover, true}.send(back, false);
}

/// Nodes that came back may be what another contract of the owner waits for.
void send_on(const Arrival& arrival, Handover& handover) {
  if (!arrival.returning) return;
  const AgreementId source = handover.contracts.contracts[arrival.contract].source;
  for (std::size_t row = 0; row < handover.contracts.contracts.size(); ++row) {
    const Contract& other = handover.contracts.contracts[ContractId{row}];
    if (other.source == source && other.state == ContractState::active)
      send_nodes(ContractId{row}, other.due_gpus, false, handover);
  }
}

}  // namespace

void settle_arrivals(Handover& handover, SimTime now) {
  post_costs(handover, now);
  const std::vector<Arrival> arrivals = take_arrivals(handover, now);
  for (const Arrival& arrival : arrivals) take_in(arrival, handover, now);
  for (const Arrival& arrival : arrivals) send_on(arrival, handover);
  for (std::size_t row = 0; row < handover.contracts.contracts.size(); ++row) {
    const ContractId id{row};
    if (std::holds_alternative<AssetSaleSpec>(handover.contracts.contracts[id].spec))
      sell_delivered(id, handover);
  }
}

void note_first_use(ContractTables& tables, const Fleet& fleet, SimTime now) {
  for (Contract& contract : tables.contracts) {
    for (ReclaimDrill& drill : contract.drills) {
      if (drill.first_use) continue;
      const auto works = [&](NodeId node) {
        const NodeUse use = fleet.use[node];
        return fleet.agreement[node] == contract.source &&
               (use == NodeUse::job || use == NodeUse::shared || use == NodeUse::service);
      };
      if (std::none_of(drill.nodes.begin(), drill.nodes.end(), works)) continue;
      drill.first_use = now;
      drill.nodes.clear();
    }
  }
}

void handle(const TrancheDue& event, Handover& handover) {
  Contract& contract = handover.contracts.contracts[event.contract];
  const bool stale = event.generation != contract.generation;
  if (stale || contract.state != ContractState::active) return;
  const SimTime now = handover.machines.now;
  advance_due(contract, now);
  contract.due_gpus = scheduled(contract, now);
  send_nodes(event.contract, contract.due_gpus, false, handover);
  if (contract.ordered < contract.promised || contract.due_gpus < contract.promised)
    handover.agenda.schedule(now + one_day, Phase::supply, event);
}

void handle(const DeliveryChecked& event, Handover& handover) {
  Contract& contract = handover.contracts.contracts[event.contract];
  const bool stale = event.generation != contract.generation;
  if (stale || contract.state != ContractState::active) return;
  GpuMeter& meter = handover.machines.fleet.agreements[contract.agreement].meter;
  const std::int64_t there = meter.total() - meter.gpus(GpuState::moving);
  if (there >= contract.promised) return;
  const CapacityTerms& terms = *capacity_of(contract.spec);
  if (terms.delivery->otherwise == "terminate") {
    end_contract(
        event.contract,
        fmt::format("terminated: {} of {} GPUs delivered in time", there, contract.promised),
        handover);
    return;
  }
  advance_due(contract, handover.machines.now);
  conclude(contract, fmt::format("accepted with {} of {} GPUs", there, contract.promised),
           handover.machines.now);
  contract.promised = there;
  contract.due_gpus = std::min(contract.due_gpus, there);
  if (contract.ordered > there) return_nodes(event.contract, contract.ordered - there, handover);
}

}  // namespace colossim
