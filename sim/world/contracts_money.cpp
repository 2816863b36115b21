// Loans, power purchases and the sale of units: money that moves without machines.
#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/model/debt.hpp>
#include <colossim/world/contracts.hpp>

namespace colossim {

namespace {

/// A loan from lender to borrower changes hands in the books: `debt` is the borrower's liability
/// and, on its other side, the lender's claim.
void post_debt(Books& books, const Contract& contract, SimTime now, Account against, Money amount) {
  books.ledger.post({now, contract.holder, against, Account::debt, contract.cause, amount});
  books.ledger.post({now, contract.grantor, Account::debt, against, contract.cause, amount});
}

/// Income less expenses that are cash from running the business: what debt is served from. Sales of
/// assets and units, and interest itself, are none of it.
Money operating_cash(const Ledger& ledger, PartyId party) {
  Money cash;
  for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
    const auto account = static_cast<Account>(a);
    const AccountClass kind = account_class(account);
    const bool counts = kind == AccountClass::income || kind == AccountClass::expense;
    const bool other = account == Account::depreciation || account == Account::interest_cost ||
                       account == Account::interest_income || account == Account::sale_gain ||
                       account == Account::unit_gain || account == Account::default_income ||
                       account == Account::default_loss;
    if (counts && !other) cash -= ledger.balance(party, account);
  }
  return cash;
}

void open_loan(Contract& contract, const FinancingSpec& spec, Books& books, SimTime now) {
  LoanState loan;
  loan.balance = to_money(spec.amount);
  loan.months_left = spec.term.months;
  post_debt(books, contract, now, spec.drawn_before ? Account::capital : Account::cash,
            loan.balance);
  loan.last_operating = operating_cash(books.ledger, contract.holder);
  loan.served = now;
  contract.loan = loan;
}

void pay_interest(Books& books, const Contract& contract, SimTime now, DebtService due,
                  DebtService paid) {
  settle_payment(books, {now, contract.holder, Account::interest_cost, contract.grantor,
                         Account::interest_income, contract.cause, to_money(paid.interest)});
  // Interest that was not paid is owed from now on.
  const Money unpaid = to_money(due.interest) - to_money(paid.interest);
  books.ledger.post(
      {now, contract.holder, Account::interest_cost, Account::debt, contract.cause, unpaid});
  books.ledger.post(
      {now, contract.grantor, Account::debt, Account::interest_income, contract.cause, unpaid});
}

/// Interest for the days since the last service.
Money accrued(const LoanState& state, const FinancingSpec& spec, SimTime now) {
  return to_money((spec.rate * (now - state.served).quantity()) * state.balance.quantity());
}

void pay_accrued(Contract& contract, const FinancingSpec& spec, Books& books, SimTime now) {
  LoanState& state = *contract.loan;
  const Money interest = accrued(state, spec, now);
  settle_payment(books, {now, contract.holder, Account::interest_cost, contract.grantor,
                         Account::interest_income, contract.cause, interest});
  state.interest += interest;
  state.paid += interest;
}

/// The days before the first whole calendar month: the level payments begin after it.
void serve_first_days(Contract& contract, const FinancingSpec& spec, Books& books, SimTime now) {
  pay_accrued(contract, spec, books, now);
  contract.loan->last_operating = operating_cash(books.ledger, contract.holder);
  contract.loan->served = now;
}

/// Whether the month that ends is the one a loan began in, and not on its first day.
bool began_within(const Contract& contract, const LoanState& state) {
  return state.served == contract.start &&
         static_cast<unsigned>(contract.calendar.date(contract.start).day()) != 1;
}

void serve_loan(Contract& contract, const FinancingSpec& spec, Books& books, SimTime now) {
  LoanState& state = *contract.loan;
  if (state.balance <= Money{} || state.months_left <= 0) return;
  if (began_within(contract, state)) return serve_first_days(contract, spec, books, now);
  const Money cash = books.ledger.balance(contract.holder, Account::cash);
  const Money operating = operating_cash(books.ledger, contract.holder);
  const Loan loan{.balance = state.balance.quantity(),
                  .monthly_rate = spec.rate * units::year / 12,
                  .remaining_months = state.months_left};
  const DebtMonth month =
      pay_debt_service(loan, {.cash_flow = (operating - state.last_operating).quantity(),
                              .at_hand = cash.quantity(),
                              .floor = spec.cash_floor});
  pay_interest(books, contract, now, month.due, month.paid);
  const Money principal = std::min(to_money(month.paid.principal), state.balance);
  books.ledger.post(
      {now, contract.holder, Account::debt, Account::cash, contract.cause, principal});
  books.ledger.post(
      {now, contract.grantor, Account::cash, Account::debt, contract.cause, principal});
  state.balance += to_money(month.due.interest) - to_money(month.paid.interest) - principal;
  state.interest += to_money(month.due.interest);
  state.paid += to_money(month.paid.interest) + principal;
  state.months_left -= 1;
  state.shortfall += month.shortfall;
  if (month.coverage)
    state.lowest_dscr = std::min(*month.coverage, state.lowest_dscr.value_or(*month.coverage));
  if (spec.dscr > 0 && breaks_covenant(month.coverage, spec.dscr)) state.breaches += 1;
  state.last_operating = operating;
  state.served = now;
}

void sell_units(Contract& contract, const EquitySwapSpec& spec, const ContractTables& tables,
                Books& books, SimTime now) {
  const Date unlocked = contract.calendar.date(contract.start) + spec.lock_up;
  UnitHolding& units = contract.units;
  const double held = units.units - units.sold;
  if (now < contract.calendar.at(unlocked) || held <= 0) return;
  const auto path = std::find_if(tables.equities.begin(), tables.equities.end(),
                                 [&](const PricePath& p) { return p.name == spec.equity.name; });
  const Money proceeds = to_money(Dollars{held * path->price * (1 - spec.sale_discount)});
  const Money cost = units.cost - units.sold_cost;
  const Money gain = proceeds - cost;
  const auto enter = [&](PartyId party, Account debit, Account credit, Money amount) {
    const bool reversed = amount < Money{};
    books.ledger.post({now, party, reversed ? credit : debit, reversed ? debit : credit,
                       contract.cause, reversed ? -amount : amount});
  };
  enter(contract.grantor, Account::cash, Account::units, cost);
  enter(contract.grantor, Account::cash, Account::unit_gain, gain);
  enter(books.outside, Account::units, Account::cash, proceeds);
  units.sold = units.units;
  units.sold_cost = units.cost;
  units.proceeds += proceeds;
}

/// Everything that is owed is paid at once, with the interest since the last service.
void repay(Contract& contract, const FinancingSpec& spec, Books& books, SimTime now) {
  pay_accrued(contract, spec, books, now);
  LoanState& state = *contract.loan;
  state.paid += state.balance;
  books.ledger.post(
      {now, contract.holder, Account::debt, Account::cash, contract.cause, state.balance});
  books.ledger.post(
      {now, contract.grantor, Account::cash, Account::debt, contract.cause, state.balance});
  state.balance = Money{};
}

void pay_upfront(Contract& contract, const LicenseSpec& spec, Books& books, SimTime now) {
  contract.upfront = to_money(spec.upfront);
  settle_payment(books, {now, contract.holder, Account::license_cost, contract.grantor,
                         Account::license_income, contract.cause, contract.upfront});
}

std::int64_t volume_uw(const PowerPurchaseSpec& spec) {
  return static_cast<std::int64_t>(spec.volume.base() * 1e6);
}

/// The purchase's part of what the site bought outside the utility.
double part_of(const PowerPurchaseSpec& spec, const Feed& feed) {
  return static_cast<double>(volume_uw(spec)) / static_cast<double>(feed.purchased_uw);
}

Dollars month_cost(const Contract& contract, double joule, SimTime now) {
  const auto& spec = std::get<PowerPurchaseSpec>(contract.spec);
  const SimTime to = std::max(std::min(now, contract.end), contract.purchase->month_began);
  return purchase_cost(spec, Energy{joule}, (to - contract.purchase->month_began).quantity());
}

void note_purchased(Contract& contract, const Feed& feed) {
  const auto& spec = std::get<PowerPurchaseSpec>(contract.spec);
  PurchaseState& state = *contract.purchase;
  const double part = part_of(spec, feed);
  state.month_joule += part * to_double(feed.purchased - state.hour_start) * 1e-15;
  state.audit_month_joule +=
      part * to_double(feed.loads_purchased - state.audit_hour_start) * 1e-15;
  state.hour_start = feed.purchased;
  state.audit_hour_start = feed.loads_purchased;
}

/// What a site buys outside the utility changes: until now its purchases had their shares of less
/// or more.
Feed& change_purchased(Contract& contract, ContractTables& tables, Machines machines,
                       std::int64_t direction) {
  Feed& feed = machines.power.feeds[contract.site];
  advance_activities(machines.power, contract.site, machines.now);
  advance_meters(feed, machines.now);
  for (Contract& each : tables.contracts) {
    if (each.purchase && each.site == contract.site && each.state != ContractState::over)
      note_purchased(each, feed);
  }
  const auto& spec = std::get<PowerPurchaseSpec>(contract.spec);
  feed.purchased_uw += direction * volume_uw(spec);
  return feed;
}

}  // namespace

void open_money(Contract& contract, Handover& handover) {
  Books& books = handover.books;
  const SimTime now = handover.machines.now;
  if (const auto* loan = std::get_if<FinancingSpec>(&contract.spec))
    open_loan(contract, *loan, books, now);
  if (const auto* license = std::get_if<LicenseSpec>(&contract.spec))
    pay_upfront(contract, *license, books, now);
  if (std::holds_alternative<PowerPurchaseSpec>(contract.spec)) {
    const Feed& feed = change_purchased(contract, handover.contracts, handover.machines, 1);
    contract.purchase = PurchaseState{.month_began = now};
    contract.purchase->hour_start = feed.purchased;
    contract.purchase->audit_hour_start = feed.loads_purchased;
  }
}

void close_money(Contract& contract, Handover& handover) {
  const SimTime now = handover.machines.now;
  contract.end = std::min(contract.end, now);
  if (contract.purchase) change_purchased(contract, handover.contracts, handover.machines, -1);
  if (now > contract.month.began)
    close_month(contract, handover.books, handover.contracts, handover.metered(), now);
  contract.state = ContractState::over;
  if (const auto* loan = std::get_if<FinancingSpec>(&contract.spec))
    repay(contract, *loan, handover.books, now);
}

void accrue_loans(ContractTables& tables, Books& books, SimTime now) {
  for (Contract& contract : tables.contracts) {
    if (!contract.loan || contract.loan->balance <= Money{}) continue;
    LoanState& state = *contract.loan;
    const Money interest = accrued(state, std::get<FinancingSpec>(contract.spec), now);
    books.ledger.post(
        {now, contract.holder, Account::interest_cost, Account::debt, contract.cause, interest});
    books.ledger.post(
        {now, contract.grantor, Account::debt, Account::interest_income, contract.cause, interest});
    state.balance += interest;
    state.interest += interest;
    state.served = now;
  }
}

void write_off(Contract& contract, double share, Books& books, SimTime now) {
  const Money lost = to_money(share * contract.loan->balance.quantity());
  books.ledger.post(
      {now, contract.grantor, Account::default_loss, Account::debt, contract.cause, lost});
  books.ledger.post(
      {now, contract.holder, Account::debt, Account::default_income, contract.cause, lost});
  contract.loan->balance -= lost;
}

void close_purchase_hour(ContractTables& tables, Books& books, Fleet& fleet, SiteId site,
                         const Feed& feed, SimTime now) {
  for (Contract& contract : tables.contracts) {
    if (!contract.purchase || contract.site != site) continue;
    PurchaseState& state = *contract.purchase;
    if (contract.state == ContractState::active) note_purchased(contract, feed);
    const Dollars cost = Dollars{state.closed_usd} + month_cost(contract, state.month_joule, now);
    const Money step = state.cost.due(cost);
    settle_payment(books, {now, contract.holder, Account::energy_cost, contract.grantor,
                           Account::energy_income, contract.cause, step});
    for (Agreement& agreement : fleet.agreements)
      if (agreement.site == site)
        agreement.energy_usd += step.quantity().base() * agreement.hour_share;
  }
}

void close_purchase_month(ContractTables& tables, SiteId site, SimTime now) {
  for (Contract& contract : tables.contracts) {
    if (!contract.purchase || contract.site != site) continue;
    PurchaseState& state = *contract.purchase;
    state.closed_usd += month_cost(contract, state.month_joule, now).base();
    state.audit_usd += month_cost(contract, state.audit_month_joule, now).base();
    state.joule += state.month_joule;
    state.month_joule = state.audit_month_joule = 0;
    state.month_began = now;
  }
}

void close_money_month(ContractTables& tables, Books& books, SimTime now) {
  for (Contract& contract : tables.contracts) {
    if (contract.state == ContractState::dormant || contract.state == ContractState::pending)
      continue;
    if (const auto* swap = std::get_if<EquitySwapSpec>(&contract.spec))
      sell_units(contract, *swap, tables, books, now);
    // A loan that was refused never was.
    if (contract.loan && now > contract.start)
      serve_loan(contract, std::get<FinancingSpec>(contract.spec), books, now);
  }
}

}  // namespace colossim
