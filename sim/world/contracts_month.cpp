// What contracts owe for a month, from the meters and once more from the nodes' stamps.
#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/world/contracts.hpp>

namespace colossim {

namespace {

GpuTime gpu_time(Int128 gpu_ns) {
  return GpuTime{to_double(gpu_ns) * 1e-9};
}

/// Revenue of a party's services at a site so far [USD].
double revenue_of(const MeteredWorld& world, PartyId party, SiteId site) {
  double usd = 0;
  for (const ServiceIncome& income : world.books.incomes) {
    const bool counts = income.tenant == party && (!site.exists() || income.site == site);
    if (counts) usd += income_total(income, world.services[income.service]).base();
  }
  return usd;
}

/// Used GPU-time of a party on all of its agreements at a site.
Int128 used_by(const Fleet& fleet, PartyId party, SiteId site) {
  Int128 used = 0;
  for (const Agreement& agreement : fleet.agreements) {
    if (agreement.tenant == party && agreement.site == site) used += agreement.meter.used_time();
  }
  return used;
}

/// Which of the two measurements is read.
enum class Path : std::uint8_t { meter, audit };

BillingMonth marks(const Contract& contract, const MeteredWorld& world, SimTime now, Path path) {
  BillingMonth at{.began = now};
  at.revenue_usd = revenue_of(world, contract.holder, contract.site);
  if (!contract.agreement.exists()) return at;
  const Agreement& agreement = world.fleet.agreements[contract.agreement];
  const bool audit = path == Path::audit;
  at.used = audit ? agreement.audit.used_time : agreement.meter.used_time();
  at.delivered = audit ? contract.audited_at_end.value_or(agreement.audit.delivered_time)
                       : contract.delivered_at_end.value_or(agreement.meter.delivered_time());
  at.due = contract.due_time;
  at.curtailed = agreement.curtailed;
  at.energy_usd = agreement.energy_usd;
  at.used_by_holder = used_by(world.fleet, contract.holder, contract.site);
  return at;
}

ContractMonth since(const Contract& contract, const BillingMonth& began, const BillingMonth& now) {
  ContractMonth month;
  month.index = began.index;
  month.whole_months = began.whole_months;
  month.elapsed =
      (std::min(now.began, std::max(contract.end, began.began)) - began.began).quantity();
  month.promised = GpuCount{static_cast<double>(contract.asked)};
  month.committed = gpu_time(now.due - began.due);
  month.delivered = gpu_time(now.delivered - began.delivered);
  month.used = gpu_time(now.used - began.used);
  month.curtailed = GpuTime{std::min(now.curtailed - began.curtailed, month.used.base())};
  month.energy_cost = Dollars{now.energy_usd - began.energy_usd};
  const Int128 holder_used = now.used_by_holder - began.used_by_holder;
  const double share =
      !contract.agreement.exists() ? 1
      : holder_used > 0 ? std::min(1.0, to_double(now.used - began.used) / to_double(holder_used))
                        : 0;
  month.revenue = Dollars{share * (now.revenue_usd - began.revenue_usd)};
  month.market = GpuPrice{began.market};
  month.price_factor = began.price_factor;
  return month;
}

std::vector<Due> dues_of(const ContractSpec& spec, const ContractMonth& month) {
  return std::visit(
      [&](const auto& kind) {
        if constexpr (requires { dues(kind, month); }) {
          return dues(kind, month);
        } else {
          return std::vector<Due>{};
        }
      },
      spec);
}

/// Books one amount: from what was paid ahead, in units, or in cash.
void settle_due(Contract& contract, Books& books, const ContractTables& tables, const Due& due,
                std::pair<SimTime, Money> step) {
  const auto [now, amount] = step;
  if (amount == Money{}) return;
  const PartyId payer = due.payer == Side::holder ? contract.holder : contract.grantor;
  const PartyId payee = due.payer == Side::holder ? contract.grantor : contract.holder;
  if (const auto* swap = std::get_if<EquitySwapSpec>(&contract.spec)) {
    const auto path = std::find_if(tables.equities.begin(), tables.equities.end(),
                                   [&](const PricePath& p) { return p.name == swap->equity.name; });
    contract.units.units += units_for(amount.quantity(), Dollars{path->price}, swap->discount);
    contract.units.cost += amount;
    post_in_kind(books, {now, payer, due.expense, payee, due.income, contract.cause, amount},
                 {Account::capital, Account::units});
    return;
  }
  Money rest = amount;
  if (due.expense == Account::lease_cost && contract.prepaid_left > Money{} && amount > Money{}) {
    const Money ahead = std::min(amount, contract.prepaid_left);
    contract.prepaid_left -= ahead;
    contract.month_ahead += ahead;
    rest -= ahead;
    post_in_kind(books, {now, payer, due.expense, payee, due.income, contract.cause, ahead},
                 {Account::prepaid, Account::deferred});
  }
  settle_payment(books, {now, payer, due.expense, payee, due.income, contract.cause, rest});
}

void post_rows(Contract& contract, Books& books, const ContractTables& tables,
               const ContractMonth& month, SimTime now) {
  const std::vector<Due> due = dues_of(contract.spec, month);
  if (contract.rows.empty()) contract.rows.resize(due.size());
  COLOSSIM_CHECK(contract.rows.size() == due.size(), "contract={} rows={} dues={}", contract.name,
                 contract.rows.size(), due.size());
  for (std::size_t i = 0; i < due.size(); ++i) {
    DueRow& row = contract.rows[i];
    row.due = due[i];
    row.month_volume = due[i].volume;
    settle_due(contract, books, tables, due[i], {now, row.month.due(due[i].amount)});
  }
}

/// The month is over for its rows: what was posted is closed, what the audit says is added.
void close_rows(Contract& contract, const ContractMonth& audited) {
  const std::vector<Due> due = dues_of(contract.spec, audited);
  for (std::size_t i = 0; i < contract.rows.size(); ++i) {
    DueRow& row = contract.rows[i];
    row.audited += to_money(due[i].amount);
    row.closed += row.month.posted();
    row.volume += row.month_volume;
    row.month_volume = 0;
    row.month = Accrual{};
  }
}

/// Without nodes nothing is owed once a contract is over: it was closed then.
bool is_settled(const Contract& contract) {
  return contract.state == ContractState::over && !contract.agreement.exists();
}

void set_price_factor(Contract& contract, SimTime now) {
  double factor = 1;
  for (const PriceChange& change : contract.renewals)
    if (change.from <= now) factor *= change.factor;
  contract.month.price_factor = contract.audit.price_factor = factor;
}

bool is_whole_month(const Contract& contract, SimTime now) {
  return now > SimTime{} && now == contract.calendar.at(contract.calendar.date(now)) &&
         static_cast<unsigned>(contract.calendar.date(now).day()) == 1;
}

}  // namespace

int whole_months(const Contract& contract, SimTime now) {
  const Date first = contract.calendar.date(contract.start);
  const Date today = contract.calendar.date(now);
  const int months = (static_cast<int>(today.year()) - static_cast<int>(first.year())) * 12 +
                     static_cast<int>(static_cast<unsigned>(today.month())) -
                     static_cast<int>(static_cast<unsigned>(first.month()));
  return first + Period{months} > today ? months - 1 : months;
}

void advance_due(Contract& contract, SimTime now) {
  const std::int64_t elapsed = (now - contract.due_since).ns();
  contract.due_time += static_cast<Int128>(contract.due_gpus) * elapsed;
  if (contract.state == ContractState::active)
    contract.promised_time += static_cast<Int128>(contract.promised) * elapsed;
  contract.due_since = now;
}

void open_month(Contract& contract, const ContractTables& tables, const MeteredWorld& world,
                SimTime now) {
  advance_due(contract, now);
  const int index = contract.months_opened++;
  contract.month = marks(contract, world, now, Path::meter);
  contract.audit = marks(contract, world, now, Path::audit);
  contract.month.index = contract.audit.index = index;
  contract.month.whole_months = contract.audit.whole_months = whole_months(contract, now);
  set_price_factor(contract, now);
  set_market(contract, tables);
}

void set_market(Contract& contract, const ContractTables& tables) {
  const auto* lease = std::get_if<LeaseSpec>(&contract.spec);
  if (lease == nullptr || !lease->market) return;
  const auto path = std::find_if(tables.markets.begin(), tables.markets.end(),
                                 [&](const PricePath& p) { return p.name == lease->market->name; });
  contract.month.market = contract.audit.market = path->price;
}

void accrue(Contract& contract, Books& books, const ContractTables& tables,
            const MeteredWorld& world, SimTime now) {
  if (is_settled(contract)) return;
  advance_due(contract, now);
  post_rows(contract, books, tables,
            since(contract, contract.month, marks(contract, world, now, Path::meter)), now);
}

void close_month(Contract& contract, Books& books, const ContractTables& tables,
                 const MeteredWorld& world, SimTime now) {
  if (is_settled(contract)) return;
  advance_due(contract, now);
  const bool split = !contract.renewals.empty() && contract.renewals.back().from == now;
  const bool complete =
      split || is_whole_month(contract, now) || contract.state == ContractState::over;
  ContractMonth month = since(contract, contract.month, marks(contract, world, now, Path::meter));
  ContractMonth audited = since(contract, contract.audit, marks(contract, world, now, Path::audit));
  month.complete = audited.complete = complete;
  post_rows(contract, books, tables, month, now);
  close_rows(contract, audited);
  contract.month_ahead = Money{};
  open_month(contract, tables, world, now);
}

void split_month(ContractId id, Handover& handover) {
  Contract& contract = handover.contracts.contracts[id];
  const SimTime now = handover.machines.now;
  if (now == contract.month.began) {
    set_price_factor(contract, now);
    return;
  }
  audit_nodes(handover.machines.fleet, now);
  audit_jobs(handover.jobs, handover.machines.fleet, now);
  close_month(contract, handover.books, handover.contracts, handover.metered(), now);
}

}  // namespace colossim
