// Electricity, running costs, depreciation, taxes and service income.
#include <algorithm>

#include <colossim/base/values.hpp>
#include <colossim/model/tariff.hpp>
#include <colossim/world/books.hpp>

namespace colossim {

namespace {

/// µW·ns to energy: one is a femtojoule.
Energy energy_of(Int128 femtojoules) {
  return Energy{to_double(femtojoules) * 1e-15};
}

void close_window(PowerBill& bill, Int128 energy, Duration length) {
  const auto mean = static_cast<std::int64_t>((energy - bill.window_start) / length.ns());
  // A run may end inside a half hour: its energy counts, its mean is no half-hour mean.
  if (length >= 30 * one_minute) bill.month_peak_uw = std::max(bill.month_peak_uw, mean);
  bill.window_start = energy;
}

/// The utility's charge for the hour's energy that was not bought elsewhere [USD].
double close_hour(PowerBill& bill, Int128 energy, Int128 purchased, EnergyPrice price) {
  const Int128 grid = energy - bill.hour_start - (purchased - bill.hour_purchased);
  const double usd = energy_cost({.energy = price}, energy_of(grid)).base();
  bill.energy_usd += usd;
  bill.hour_start = energy;
  bill.hour_purchased = purchased;
  return usd;
}

/// `share` of a full month's charge: the first and last month of a run may be partial.
double close_month(PowerBill& bill, PowerPrice price, double share) {
  const double usd =
      share *
      demand_cost({.demand = price}, Power{static_cast<double>(bill.month_peak_uw) * 1e-6}).base();
  bill.demand_usd += usd;
  bill.month_peak_uw = 0;
  return usd;
}

/// Joules each agreement of a site drew in the hour: its work's energy, and idle draw by powered
/// GPU-time. Work of a tenant with several agreements is split by used GPU-time.
class HourShares {
 public:
  HourShares(PowerTables& power, Fleet& fleet, SiteId site)
      : power_(power), fleet_(fleet), site_(site), joule_(fleet.agreements.size()) {}

  /// Notes energy and losses to caps with the agreements; returns their shares of the whole.
  std::vector<double> close() {
    spread_work();
    double total = 0;
    for (std::size_t row = 0; row < joule_.size(); ++row) {
      Agreement& agreement = fleet_.agreements[AgreementId{row}];
      if (agreement.site != site_) continue;
      agreement.hour_used = agreement.meter.used_time();
      agreement.hour_powered = powered(agreement);
      agreement.energy_joule += joule_[row];
      total += joule_[row];
    }
    for (double& joule : joule_) joule = total > 0 ? joule / total : 0;
    return std::move(joule_);
  }

 private:
  static Int128 powered(const Agreement& agreement) {
    return agreement.meter.total_time() - agreement.meter.time(GpuState::dark);
  }

  void spread_work() {
    double idle = 0;
    for (const ActivityId id : power_.by_site[site_.row()]) {
      Activity& activity = power_.activities[id];
      const double joule = to_double(activity.energy - activity.hour_energy) * 1e-15;
      const double lost = to_double(activity.curtailed - activity.hour_curtailed) * 1e-9 /
                          static_cast<double>(full_speed);
      activity.hour_energy = activity.energy;
      activity.hour_curtailed = activity.curtailed;
      if (activity.is_base) {
        idle += joule;
      } else if (joule > 0) {
        spread(activity.tenant, joule, lost,
               [](const Agreement& a) { return to_double(a.meter.used_time() - a.hour_used); });
      }
    }
    spread(PartyId{}, idle, 0,
           [](const Agreement& a) { return to_double(powered(a) - a.hour_powered); });
  }

  /// Over the agreements of a tenant (of all when none) by a weight.
  template <class Weight>
  void spread(PartyId tenant, double joule, double lost, Weight weight) {
    const auto concerns = [&](const Agreement& agreement) {
      return agreement.site == site_ && (!tenant.exists() || agreement.tenant == tenant);
    };
    double sum = 0;
    for (const Agreement& agreement : fleet_.agreements)
      if (concerns(agreement)) sum += weight(agreement);
    if (sum <= 0) return;
    for (std::size_t row = 0; row < joule_.size(); ++row) {
      Agreement& agreement = fleet_.agreements[AgreementId{row}];
      if (!concerns(agreement)) continue;
      const double share = weight(agreement) / sum;
      joule_[row] += joule * share;
      agreement.curtailed += lost * share;
    }
  }

  PowerTables& power_;
  Fleet& fleet_;
  SiteId site_;
  std::vector<double> joule_;
};

/// Splits an amount over the payers of a site by their agreements' shares; the owner pays the rest.
template <class Pay>
void split_over(std::vector<PowerPayer>& payers, const std::vector<double>& shares, Pay pay) {
  double rest = 1;
  for (std::size_t i = 1; i < payers.size(); ++i) {
    const double share = shares[payers[i].agreement.row()];
    rest -= share;
    pay(payers[i], share);
  }
  pay(payers.front(), rest);
}

PartyAccrual& accrual_of(SiteBooks& site, PartyId party) {
  for (PartyAccrual& each : site.parties) {
    if (each.party == party) return each;
  }
  site.parties.push_back({party, {}, {}});
  return site.parties.back();
}

Time age_at(const Holding& holding, SimTime t) {
  return (t - holding.in_service).quantity();
}

}  // namespace

void settle_payment(Books& books, const Payment& payment) {
  if (books.drops_next_posting && payment.amount != Money{}) {
    books.drops_next_posting = false;
    return;
  }
  pay(books.ledger, payment);
}

void post_in_kind(Books& books, const Payment& payment, InKind kind) {
  const auto enter = [&](PartyId party, Account debit, Account credit) {
    const bool refund = payment.amount < Money{};
    if (refund) std::swap(debit, credit);
    books.ledger.post({payment.time, party, debit, credit, payment.cause,
                       refund ? -payment.amount : payment.amount});
  };
  enter(payment.payer, payment.expense, kind.paid_from);
  enter(payment.payee, kind.received_in, payment.income);
}

void close_power_window(SiteBooks& site, const Feed& feed, SimTime now) {
  const Duration length = now - site.window_began;
  if (length == Duration{}) return;
  close_window(site.meter, feed.metered, length);
  close_window(site.audit, feed.loads_energy, length);
  site.window_began = now;
}

void close_power_hour(Books& books, SiteId id, PowerTables& power, Fleet& fleet, SimTime now) {
  SiteBooks& site = books.sites[id];
  if (now == site.hour_began) return;
  const Feed& feed = power.feeds[id];
  for (Agreement& agreement : fleet.agreements) {
    if (agreement.site == id) agreement.meter.advance(now);
  }
  const EnergyPrice price{site.energy_price.at(site.hour_began, site.calendar)};
  const Int128 it = feed.it_energy - site.hour_it_start;
  if (it > 0) {
    site.pue_joule += to_double(feed.metered - site.meter.hour_start) * 1e-15;
    site.hour_pue_peak = std::max(site.hour_pue_peak,
                                  to_double(feed.metered - site.meter.hour_start) / to_double(it));
  }
  site.hour_it_start = feed.it_energy;
  const double usd = close_hour(site.meter, feed.metered, feed.purchased, price);
  const double audited = close_hour(site.audit, feed.loads_energy, feed.loads_purchased, price);
  site.hour_usd = usd;
  const std::vector<double> shares = HourShares{power, fleet, id}.close();
  for (std::size_t row = 0; row < shares.size(); ++row) {
    Agreement& agreement = fleet.agreements[AgreementId{row}];
    if (agreement.site == id) agreement.hour_share = shares[row];
    if (agreement.site == id) agreement.energy_usd += usd * shares[row];
  }
  split_over(site.payers, shares, [&](PowerPayer& payer, double share) {
    payer.meter.energy_usd += usd * share;
    payer.audit.energy_usd += audited * share;
    payer.month_energy_usd += usd * share;
    settle_payment(books,
                   {now, payer.party, Account::energy_cost, site.utility, Account::energy_income,
                    site.cause, payer.energy.due(Dollars{payer.meter.energy_usd})});
  });
  site.hour_began = now;
}

namespace {

/// Each agreement's part of the demand charge: who drew more of the month's energy bears more of
/// its peak.
void spread_demand(Fleet& fleet, SiteId site, double usd) {
  double all = 0;
  for (const Agreement& agreement : fleet.agreements)
    if (agreement.site == site) all += agreement.energy_joule - agreement.month_joule;
  for (Agreement& agreement : fleet.agreements) {
    if (agreement.site != site) continue;
    if (all > 0)
      agreement.energy_usd += usd * (agreement.energy_joule - agreement.month_joule) / all;
    agreement.month_joule = agreement.energy_joule;
  }
}

}  // namespace

void close_power_month(Books& books, SiteId id, Fleet& fleet, SimTime now) {
  SiteBooks& site = books.sites[id];
  if (now == site.month_began) return;
  const SimTime next = site.calendar.next_month(site.month_began);
  const Date first = site.calendar.date(site.month_began);
  const SimTime month_start = site.calendar.at(Date{first.year() / first.month() / 1});
  const double part =
      to_double((now - site.month_began).ns()) / to_double((next - month_start).ns());
  const double usd = close_month(site.meter, site.demand_price, part);
  const double audited = close_month(site.audit, site.demand_price, part);
  spread_demand(fleet, id, usd);
  double energy = 0;
  for (const PowerPayer& payer : site.payers) energy += payer.month_energy_usd;
  for (PowerPayer& payer : site.payers) {
    // Who drew more of the month's energy bears more of its peak.
    const double share = energy != 0                ? payer.month_energy_usd / energy
                         : payer.agreement.exists() ? 0.0
                                                    : 1.0;
    payer.meter.demand_usd += usd * share;
    payer.audit.demand_usd += audited * share;
    payer.month_energy_usd = 0;
    settle_payment(books,
                   {now, payer.party, Account::demand_cost, site.utility, Account::demand_income,
                    site.cause, payer.demand.due(Dollars{payer.meter.demand_usd})});
  }
  site.month_began = now;
}

Dollars running_total(const SiteBooks& site, PartyId party, SimTime now) {
  Dollars total;
  for (const RunningShare& each : site.running_shares) {
    if (each.party != party || each.from >= now) continue;
    total += each.share * (site.running * (std::min(now, each.to) - each.from).quantity());
  }
  return total;
}

Dollars depreciation_total(const SiteBooks& site, PartyId party, SimTime now) {
  Dollars total;
  for (const Holding& each : site.holdings) {
    if (each.owner != party || each.from >= now) continue;
    const SimTime to = std::min(now, each.to);
    total += depreciation(each.asset, std::max(Time{}, age_at(each, each.from)),
                          std::max(Time{}, age_at(each, to)));
  }
  return total;
}

Dollars water_total(const SiteBooks& site, double water_l) {
  return site.water_price * (water_l * 1e-3);
}

namespace {

/// In service before the run, or on its first day: it belongs to the opening.
bool is_opening(const Holding& holding) {
  return holding.from == SimTime{} && holding.in_service < SimTime{} + one_day;
}

/// Bought by its first owner in the run, by `now`.
bool is_bought(const Holding& holding, SimTime now) {
  return holding.from == SimTime{} && !is_opening(holding) && holding.in_service <= now;
}

}  // namespace

void buy_equipment(Books& books, SiteBooks& site, SimTime now) {
  for (Holding& each : site.holdings) {
    if (each.is_paid || !is_bought(each, now)) continue;
    each.is_paid = true;
    const Money price = to_money(each.asset.cost);
    books.ledger.post(
        {now, each.owner, Account::equipment, Account::cash, site.equipment_cause, price});
    books.ledger.post(
        {now, books.outside, Account::cash, Account::supply_income, site.equipment_cause, price});
  }
}

Dollars equipment_total(const SiteBooks& site, SimTime now) {
  Dollars total;
  for (const Holding& each : site.holdings)
    if (is_bought(each, now)) total += to_money(each.asset.cost).quantity();
  return total;
}

void post_running(Books& books, SiteBooks& site, SimTime now) {
  buy_equipment(books, site, now);
  for (const RunningShare& each : site.running_shares) accrual_of(site, each.party);
  for (const Holding& each : site.holdings) accrual_of(site, each.owner);
  for (PartyAccrual& each : site.parties) {
    settle_payment(books,
                   {now, each.party, Account::operating_cost, books.outside, Account::supply_income,
                    site.cause, each.running.due(running_total(site, each.party, now))});
    books.ledger.post({now, each.party, Account::depreciation, Account::equipment, site.cause,
                       each.depreciation.due(depreciation_total(site, each.party, now))});
  }
}

void post_water(Books& books, SiteBooks& site, double water_l, SimTime now) {
  settle_payment(books,
                 {now, site.owner, Account::water_cost, books.outside, Account::supply_income,
                  site.cause, site.water.due(water_total(site, water_l))});
}

Dollars sell_share(SiteBooks& site, std::size_t row, double share, SimTime now) {
  Holding sold = site.holdings[row];
  const Dollars value = share * book_value(sold.asset, age_at(sold, now));
  site.holdings[row].to = now;
  if (share < 1) {
    Holding rest = sold;
    rest.from = now;
    rest.asset.cost = (1 - share) * sold.asset.cost;
    rest.asset.residual = (1 - share) * sold.asset.residual;
    rest.gpus = sold.gpus - math::round_to_int(share * static_cast<double>(sold.gpus));
    site.holdings.push_back(rest);
  }
  return value;
}

void post_opening(Books& books) {
  for (std::size_t row = 0; row < books.opening_cash.size(); ++row)
    books.ledger.post({SimTime{}, PartyId{row}, Account::cash, Account::capital, books.tax_cause,
                       books.opening_cash[row]});
  for (const SiteBooks& site : books.sites) {
    for (const Holding& each : site.holdings) {
      if (!is_opening(each)) continue;
      books.ledger.post(
          {SimTime{}, each.owner, Account::equipment, Account::capital, site.cause,
           to_money(book_value(each.asset, std::max(Time{}, age_at(each, SimTime{}))))});
    }
  }
}

Dollars income_total(const ServiceIncome& income, const Service& service) {
  Dollars total;
  if (income.price) total += *income.price * Tokens{service.served_tokens};
  if (income.subscription)
    total += *income.subscription * Quantity<Dimension{.time = 1, .user = 1}>{service.user_seconds};
  return total;
}

void post_income(Books& books, ServiceIncome& income, const Service& service, SimTime now) {
  const Money due = income.income.due(income_total(income, service));
  settle_payment(books, {now, books.outside, Account::operating_cost, income.tenant,
                         Account::service_income, income.cause, due});
}

void post_taxes(Books& books, SimTime now) {
  for (std::size_t row = 0; row < books.tax_rates.size(); ++row) {
    if (books.tax_rates[row] == 0) continue;
    const PartyId party{row};
    Money profit;
    for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
      const auto account = static_cast<Account>(a);
      const AccountClass kind = account_class(account);
      const bool counts = kind == AccountClass::income || kind == AccountClass::expense;
      if (counts && account != Account::tax_cost) profit -= books.ledger.balance(party, account);
    }
    const Dollars due = books.tax_rates[row] * std::max(Money{}, profit).quantity();
    settle_payment(books, {now, party, Account::tax_cost, books.outside, Account::tax_income,
                           books.tax_cause, books.taxes[row].due(due)});
  }
}

void audit_nodes(Fleet& fleet, SimTime now) {
  for (std::uint32_t row = 0; row < fleet.rack.size(); ++row) {
    const NodeId node{row};
    GpuAudit& audit = fleet.agreements[fleet.agreement[node]].audit;
    const auto gpus = static_cast<Int128>(gpus_per_node(fleet, node));
    audit.member_time += gpus * (now - fleet.member_since[node]).ns();
    fleet.member_since[node] = now;
    if (is_delivered(fleet, node))
      audit.delivered_time += gpus * (now - fleet.delivered_since[node]).ns();
    fleet.delivered_since[node] = now;
    if (fleet.use[node] != NodeUse::service) continue;
    audit.used_time += gpus * (now - fleet.held_since[node]).ns();
    fleet.held_since[node] = now;
  }
}

}  // namespace colossim
