// Electricity, running costs, depreciation and service income.
#include <algorithm>

#include <colossim/model/tariff.hpp>
#include <colossim/scenario/values.hpp>
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

void close_hour(PowerBill& bill, Int128 energy, EnergyPrice price) {
  bill.energy_usd += energy_cost({.energy = price}, energy_of(energy - bill.hour_start)).base();
  bill.hour_start = energy;
}

/// `share` of a full month's charge: the first and last month of a run may be partial.
void close_month(PowerBill& bill, PowerPrice price, double share) {
  bill.demand_usd +=
      share *
      demand_cost({.demand = price}, Power{static_cast<double>(bill.month_peak_uw) * 1e-6}).base();
  bill.month_peak_uw = 0;
}

}  // namespace

void settle_payment(Books& books, const Payment& payment) {
  if (books.drops_next_posting && payment.amount != Money{}) {
    books.drops_next_posting = false;
    return;
  }
  pay(books.ledger, payment);
}

void close_power_window(SiteBooks& site, const Feed& feed, SimTime now) {
  const Duration length = now - site.window_began;
  if (length == Duration{}) return;
  close_window(site.meter, feed.metered, length);
  close_window(site.audit, feed.loads_energy, length);
  site.window_began = now;
}

void close_power_hour(Books& books, SiteBooks& site, const Feed& feed, SimTime now) {
  if (now == site.hour_began) return;
  const EnergyPrice price{site.energy_price.at(site.hour_began, site.calendar)};
  const Int128 it = feed.it_energy - site.hour_it_start;
  if (it > 0)
    site.hour_pue_peak = std::max(site.hour_pue_peak,
                                  to_double(feed.metered - site.meter.hour_start) / to_double(it));
  site.hour_it_start = feed.it_energy;
  close_hour(site.meter, feed.metered, price);
  close_hour(site.audit, feed.loads_energy, price);
  const Money due = site.energy.due(Dollars{site.meter.energy_usd});
  settle_payment(books, {now, site.owner, Account::energy_cost, site.utility,
                         Account::energy_income, site.cause, due});
  site.hour_began = now;
}

void close_power_month(Books& books, SiteBooks& site, SimTime now) {
  if (now == site.month_began) return;
  const SimTime next = site.calendar.next_month(site.month_began);
  const Date first = site.calendar.date(site.month_began);
  const SimTime month_start = site.calendar.at(Date{first.year() / first.month() / 1});
  const double share =
      to_double((now - site.month_began).ns()) / to_double((next - month_start).ns());
  close_month(site.meter, site.demand_price, share);
  close_month(site.audit, site.demand_price, share);
  const Money due = site.demand.due(Dollars{site.meter.demand_usd});
  settle_payment(books, {now, site.owner, Account::demand_cost, site.utility,
                         Account::demand_income, site.cause, due});
  site.month_began = now;
}

Dollars running_total(const SiteBooks& site, SimTime now) {
  return site.running * (now - SimTime{}).quantity();
}

Dollars depreciation_total(const SiteBooks& site, SimTime now) {
  Dollars total;
  for (const DepreciatedAsset& each : site.assets) {
    const Time from = std::max(Time{}, (SimTime{} - each.in_service).quantity());
    const Time to = std::max(Time{}, (now - each.in_service).quantity());
    total += depreciation(each.asset, from, to);
  }
  return total;
}

void post_running(Books& books, SiteBooks& site, SimTime now) {
  settle_payment(books,
                 {now, site.owner, Account::operating_cost, books.outside, Account::supply_income,
                  site.cause, site.running_cost.due(running_total(site, now))});
  books.ledger.post({now, site.owner, Account::depreciation, Account::equipment, site.cause,
                     site.depreciation.due(depreciation_total(site, now))});
}

void post_income(Books& books, ServiceIncome& income, const Service& service, SimTime now) {
  const Money due = income.income.due(income.price * Tokens{service.served_tokens});
  settle_payment(books, {now, books.outside, Account::operating_cost, income.tenant,
                         Account::service_income, income.cause, due});
}

}  // namespace colossim
