// What is owed and when it is posted: electricity, leases, running costs, depreciation, service
// income.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/base/int128.hpp>
#include <colossim/base/money.hpp>
#include <colossim/model/annuity.hpp>
#include <colossim/record/ledger.hpp>
#include <colossim/scenario/site.hpp>
#include <colossim/world/fleet.hpp>
#include <colossim/world/ids.hpp>
#include <colossim/world/services.hpp>

namespace colossim {

/// One side of the electricity bill: energy of the present window, hour and month, and what it cost
/// so far. It is kept twice, from the meter and from the sum of loads, and the certificate
/// compares.
struct PowerBill {
  Int128 window_start = 0;  // µW·ns at the start of the half hour
  Int128 hour_start = 0;
  std::int64_t month_peak_uw = 0;  // highest half-hour mean of the month
  double energy_usd = 0;
  double demand_usd = 0;  // of closed months
};

/// Something depreciated straight-line from a day on.
struct DepreciatedAsset {
  Asset asset;
  SimTime in_service;  // may lie before the run
};

struct SiteBooks {
  SiteId site;
  PartyId owner;
  PartyId utility;
  Calendar calendar;
  SignalData energy_price;  // USD/J
  PowerPrice demand_price;
  MoneyRate running;  // staff and maintenance
  std::vector<DepreciatedAsset> assets;
  std::uint16_t cause = 0;

  PowerBill meter;
  PowerBill audit;
  SimTime window_began;
  SimTime hour_began;
  SimTime month_began;
  Accrual energy;
  Accrual demand;
  Accrual running_cost;
  Accrual depreciation;
  double hour_pue_peak = 0;
  Int128 hour_it_start = 0;
};

/// A lease: deliveries, the month's fee, and its audit.
struct Lease {
  std::string name;
  AgreementId agreement;
  AgreementId owner_use;  // where nodes come from and return to
  PartyId owner;
  PartyId tenant;
  SiteId site;
  GpuPrice price;
  double take_or_pay = 1;
  std::int64_t committed = 0;  // GPUs
  double gpus_per_day = 0;
  SimTime start;
  SimTime end;
  std::uint16_t cause = 0;
  std::int64_t ordered = 0;  // GPUs sent so far, delivered or waiting
  bool expired = false;
  Int128 in_term = 0;  // delivered when it expired

  Int128 month_used = 0;  // meter at the start of the month
  Int128 month_delivered = 0;
  SimTime month_began;
  Accrual month_fee;
  Money closed_months;    // fees of past months
  Int128 audit_used = 0;  // the same from the nodes' stamps
  Int128 audit_delivered = 0;
  Money audit_fee;
};

struct LeaseTables {
  Column<LeaseId, Lease> leases;
};

struct ServiceIncome {
  ServiceId service;
  PartyId tenant;
  TokenPrice price;
  Accrual income;
  std::uint16_t cause = 0;
};

struct Books {
  Ledger ledger;
  std::vector<std::string> causes;
  Column<SiteId, SiteBooks> sites;
  std::vector<ServiceIncome> incomes;
  PartyId outside;                  // customers, staff and suppliers
  bool drops_next_posting = false;  // fault injection for the certificate's own test
};

/// Posts a payment (or, under fault injection, loses it).
void settle_payment(Books& books, const Payment& payment);

/// Closes the half hour, and the hour and month that end with it, of a site's electricity bill.
void close_power_window(SiteBooks& site, const Feed& feed, SimTime now);
void close_power_hour(Books& books, SiteBooks& site, const Feed& feed, SimTime now);
void close_power_month(Books& books, SiteBooks& site, SimTime now);
/// Posts running costs and depreciation up to `now`.
void post_running(Books& books, SiteBooks& site, SimTime now);
/// Posts what customers paid for tokens up to `now`. The service's integrals must stand at `now`.
void post_income(Books& books, ServiceIncome& income, const Service& service, SimTime now);

/// Sends the day's tranche: idle nodes first, then busy ones, which move when their work ends.
void handle(const TrancheDue& event, LeaseTables& tables, Machines machines, Agenda& agenda);
/// All nodes of the lease go back to the owner.
void handle(const LeaseExpired& event, LeaseTables& tables, Machines machines);
/// Posts the fee of the month so far.
void accrue_fee(Books& books, Lease& lease, const Fleet& fleet, SimTime now);
/// Ends the fee month: later use counts for the next. The fleet's audits must stand at `now`.
void close_fee_month(Books& books, Lease& lease, const Fleet& fleet, SimTime now);
/// Moves the audits of all nodes (membership and replicas) to `now`.
void audit_nodes(Fleet& fleet, SimTime now);

/// Running costs and depreciation in closed form over the whole run: the certificate's other path.
Dollars running_total(const SiteBooks& site, SimTime now);
Dollars depreciation_total(const SiteBooks& site, SimTime now);

}  // namespace colossim
