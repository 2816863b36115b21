// How contracts begin and end.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/world/contracts.hpp>

namespace colossim {

namespace {

/// GPUs a party may use, over all sites.
std::int64_t gpus_of(const Fleet& fleet, PartyId party) {
  std::int64_t gpus = 0;
  for (const Agreement& agreement : fleet.agreements)
    if (agreement.tenant == party) gpus += agreement.meter.total();
  return gpus;
}

/// What the regulator allows of a contract's GPUs.
std::int64_t allowed(const Contract& contract, const Fleet& fleet, std::int64_t gpus) {
  const std::optional<ClosingSpec>& closing = terms_of(contract.spec).closing;
  if (!closing || closing->share_cap >= 1) return gpus;
  const double most = closing->share_cap * static_cast<double>([&] {
                        std::int64_t all = 0;
                        for (const Agreement& agreement : fleet.agreements)
                          all += agreement.meter.total();
                        return all;
                      }());
  const auto cap = static_cast<std::int64_t>(std::floor(most)) - gpus_of(fleet, contract.holder);
  return std::clamp<std::int64_t>(cap, 0, gpus);
}

Stream stream_of(const Contract& contract, const ContractTables& tables, std::string_view purpose) {
  const std::string path = "contracts." + contract.name;
  return Stream{StreamName{
      .seed = tables.seed, .path = path, .purpose = purpose, .replication = tables.replication}};
}

/// Approval is pending or refused; true when the contract may begin now.
bool closes(ContractId id, Contract& contract, Handover& handover) {
  const std::optional<ClosingSpec>& closing = terms_of(contract.spec).closing;
  if (!closing) return true;
  const SimTime now = handover.machines.now;
  const SimTime approval = contract.start + to_duration(closing->delay);
  if (now < approval) {
    handover.agenda.schedule(approval, Phase::supply, ContractDue{id, contract.generation});
    return false;
  }
  Stream stream = stream_of(contract, handover.contracts, "approval");
  if (stream.uniform() >= closing->refusal) return true;
  contract.state = ContractState::over;
  conclude(contract, "refused by the regulator", now);
  return false;
}

void prepay(Contract& contract, Books& books, SimTime now) {
  const auto* lease = std::get_if<LeaseSpec>(&contract.spec);
  if (lease == nullptr || lease->prepayment.base() == 0) return;
  contract.prepaid_left = to_money(lease->prepayment);
  books.ledger.post({now, contract.holder, Account::prepaid, Account::cash, contract.cause,
                     contract.prepaid_left});
  books.ledger.post({now, contract.grantor, Account::cash, Account::deferred, contract.cause,
                     contract.prepaid_left});
}

/// What was paid ahead and not used goes back.
void refund_prepaid(Contract& contract, Books& books, SimTime now) {
  books.ledger.post({now, contract.holder, Account::cash, Account::prepaid, contract.cause,
                     contract.prepaid_left});
  books.ledger.post({now, contract.grantor, Account::deferred, Account::cash, contract.cause,
                     contract.prepaid_left});
  contract.prepaid_left = Money{};
}

void schedule_default(ContractId id, const Contract& contract, Handover& handover) {
  const std::optional<DefaultSpec>& clause = terms_of(contract.spec).default_clause;
  if (!clause || clause->hazard.base() == 0) return;
  Stream stream = stream_of(contract, handover.contracts, "default");
  const double seconds = exponential(stream, 1 / clause->hazard.base());
  const double left = (contract.end - handover.machines.now).quantity().base();
  if (seconds < left)
    handover.agenda.schedule(handover.machines.now + to_duration(Time{seconds}), Phase::supply,
                             CounterpartyDefaulted{id, contract.generation});
}

void begin_capacity(ContractId id, Contract& contract, Handover& handover) {
  const CapacityTerms& terms = *capacity_of(contract.spec);
  const Fleet& fleet = handover.machines.fleet;
  const SimTime now = handover.machines.now;
  std::int64_t asked = contract.asked;
  if (terms.gpus.all) {
    asked = fleet.agreements[contract.source].meter.total();
    // What is on its way back to the source counts.
    for (std::uint32_t row = 0; row < fleet.rack.size(); ++row)
      if (fleet.destination[NodeId{row}] == contract.source)
        asked += gpus_per_node(fleet, NodeId{row});
  }
  contract.asked = asked;
  contract.promised = allowed(contract, fleet, asked);
  if (contract.promised < asked)
    contract.promised -= contract.promised % largest_node(fleet, contract.site);
  if (contract.promised < asked)
    conclude(contract,
             fmt::format("cut to {} of {} GPUs by the share cap", contract.promised, asked), now);
  contract.due_since = now;
  handover.agenda.schedule(now, Phase::supply, TrancheDue{id, contract.generation});
  if (terms.delivery) {
    const SimTime last =
        std::max(now, contract.calendar.at(terms.delivery->by + terms.delivery->grace));
    handover.agenda.schedule(last, Phase::supply, DeliveryChecked{id, contract.generation});
  }
}

void begin(ContractId id, Contract& contract, Handover& handover) {
  const SimTime now = handover.machines.now;
  contract.state = ContractState::active;
  contract.start = now;
  const Date first = contract.calendar.date(now);
  contract.end = contract.calendar.at(first + terms_of(contract.spec).term) +
                 contract.calendar.time_of_day(now);
  if (contract.agreement.exists()) {
    prepay(contract, handover.books, now);
    begin_capacity(id, contract, handover);
  } else {
    open_money(contract, handover);
  }
  handover.machines.fleet.capacity_changed = true;
  open_month(contract, handover.contracts, handover.metered(), now);
  schedule_default(id, contract, handover);
  if (!std::holds_alternative<AssetSaleSpec>(contract.spec))
    handover.agenda.schedule(contract.end, Phase::supply, ContractExpired{id, contract.generation});
}

}  // namespace

void handle(const ContractDue& event, Handover& handover) {
  Contract& contract = handover.contracts.contracts[event.contract];
  const bool waits =
      contract.state == ContractState::pending || contract.state == ContractState::dormant;
  if (event.generation != contract.generation || !waits) return;
  if (contract.state == ContractState::dormant) contract.start = handover.machines.now;
  contract.state = ContractState::pending;
  if (closes(event.contract, contract, handover)) begin(event.contract, contract, handover);
}

void conclude(Contract& contract, std::string outcome, SimTime now) {
  contract.outcome = std::move(outcome);
  contract.outcome_at = now;
}

void end_contract(ContractId id, std::string outcome, Handover& handover) {
  Contract& contract = handover.contracts.contracts[id];
  if (contract.agreement.exists())
    accrue(contract, handover.books, handover.contracts, handover.metered(), handover.machines.now);
  contract.generation += 1;
  conclude(contract, std::move(outcome), handover.machines.now);
  contract.state = ContractState::ending;
  for (OptionState& option : contract.options) option.noticed = false;
  if (!contract.agreement.exists()) {
    close_money(contract, handover);
    return;
  }
  contract.end = std::min(contract.end, handover.machines.now);
  // Until the end of its term the tenant would have had what was reclaimed.
  if (!contract.drills.empty() && handover.machines.now >= contract.drills.back().term_end)
    contract.drills.back().at_end =
        work_loss(handover.services, handover.jobs, contract.holder, handover.machines.now);
  contract.due_gpus = 0;
  refund_prepaid(contract, handover.books, handover.machines.now);
  audit_nodes(handover.machines.fleet, handover.machines.now);
  const Agreement& agreement = handover.machines.fleet.agreements[contract.agreement];
  contract.delivered_at_end = agreement.meter.delivered_time();
  contract.audited_at_end = agreement.audit.delivered_time;
  return_nodes(id, contract.ordered, handover);
  contract.flexible_out = 0;
}

void start_successor(const Contract& contract, const Ref* successor, Duration after,
                     Handover& handover) {
  if (successor == nullptr) return;
  for (std::size_t row = 0; row < handover.contracts.contracts.size(); ++row) {
    const Contract& next = handover.contracts.contracts[ContractId{row}];
    if (next.name != successor->name) continue;
    COLOSSIM_CHECK(next.successor, "contract={} successor={}", contract.name, next.name);
    handover.agenda.schedule(handover.machines.now + after, Phase::supply,
                             ContractDue{ContractId{row}, next.generation});
  }
}

void handle(const ContractExpired& event, Handover& handover) {
  Contract& contract = handover.contracts.contracts[event.contract];
  const bool stale = event.generation != contract.generation;
  if (stale || contract.state != ContractState::active) return;
  const auto renews_now = [&](const OptionState& option) {
    return option.noticed && option.effect_at == handover.machines.now &&
           std::holds_alternative<RenewalSpec>(option.spec);
  };
  if (std::any_of(contract.options.begin(), contract.options.end(), renews_now)) {
    handover.agenda.schedule(handover.machines.now, Phase::supply, event);  // behind the renewal
    return;
  }
  if (handover.machines.now < contract.end) {  // it was renewed
    split_month(event.contract, handover);
    handover.agenda.schedule(contract.end, Phase::supply, event);
    return;
  }
  end_contract(event.contract, "expired", handover);
}

void handle(const CounterpartyDefaulted& event, Handover& handover) {
  Contract& contract = handover.contracts.contracts[event.contract];
  const bool stale = event.generation != contract.generation;
  if (stale || contract.state != ContractState::active) return;
  const DefaultSpec& clause = *terms_of(contract.spec).default_clause;
  accrue(contract, handover.books, handover.contracts, handover.metered(), handover.machines.now);
  Money unpaid = -contract.month_ahead;
  for (const DueRow& row : contract.rows)
    if (row.due.payer == Side::holder) unpaid += row.month.posted();
  const Money loss = to_money(clause.loss * unpaid.quantity());
  const SimTime now = handover.machines.now;
  contract.default_loss += loss;
  settle_payment(handover.books, {now, contract.grantor, Account::default_loss, contract.holder,
                                  Account::default_income, contract.cause, loss});
  const Date today = contract.calendar.date(now);
  const Duration vacancy =
      contract.calendar.at(today + clause.vacancy) - contract.calendar.at(today);
  const Ref* successor = clause.then ? &*clause.then : nullptr;
  if (contract.loan) write_off(contract, clause.loss, handover.books, now);
  end_contract(event.contract, "the paying side defaulted", handover);
  start_successor(contract, successor, vacancy, handover);
}

}  // namespace colossim
