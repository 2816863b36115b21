// What is owed and when it is posted: electricity, running costs, depreciation, service income.
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
  Int128 hour_purchased = 0;       // of it, bought elsewhere
  std::int64_t month_peak_uw = 0;  // highest half-hour mean of the month
  double energy_usd = 0;
  double demand_usd = 0;  // of closed months
};

/// A payer of a site's electricity: the owner, or who bought nodes together with their power.
struct PowerPayer {
  PartyId party;
  AgreementId agreement;  // whose share it pays; none: the owner, who pays the rest
  PowerBill meter;        // only the amounts are used
  PowerBill audit;
  Accrual energy;
  Accrual demand;
  double month_energy_usd = 0;  // for its share of the demand charge
};

/// What something that is written off is part of.
enum class AssetKind : std::uint8_t { nodes, network, cooling, building };

/// Something written off straight-line by its owner between two instants.
struct Holding {
  AssetKind kind = AssetKind::nodes;
  std::uint32_t group = 0;  // of racks, for nodes
  std::int64_t gpus = 0;    // what it stands for: its own, or the site's
  Asset asset;
  SimTime in_service;  // may lie before the run
  SimTime worn_out;    // nodes: the end of their use, whoever owns them
  PartyId owner;
  SimTime from;
  SimTime to = SimTime::never();  // sold
  bool is_paid = false;           // it is in the books: from the opening on, or bought in the run
};

/// A share of a site's staff and maintenance, borne since an instant.
struct RunningShare {
  PartyId party;
  double share = 1;
  SimTime from;
  SimTime to = SimTime::never();
};

/// One party's running total of a site's cost.
struct PartyAccrual {
  PartyId party;
  Accrual running;
  Accrual depreciation;
};

struct SiteBooks {
  PartyId owner;
  PartyId utility;
  Calendar calendar;
  SignalData energy_price;  // USD/J
  PowerPrice demand_price;
  Dollars water_price;  // per m³
  MoneyRate running;    // staff and maintenance
  std::int64_t gpus = 0;
  std::vector<Holding> holdings;
  std::vector<RunningShare> running_shares;
  std::vector<PartyAccrual> parties;
  std::uint16_t cause = 0;
  std::uint16_t equipment_cause = 0;  // of what is bought in the run

  PowerBill meter;
  PowerBill audit;
  std::vector<PowerPayer> payers;  // the owner first
  SimTime window_began;
  SimTime hour_began;
  SimTime month_began;
  Accrual water;
  double hour_usd = 0;  // the whole energy charge of the hour just closed
  double hour_pue_peak = 0;
  double pue_joule = 0;  // drawn in hours with IT power
  Int128 hour_it_start = 0;
};

struct ServiceIncome {
  ServiceId service;
  PartyId tenant;
  SiteId site;
  std::optional<TokenPrice> price;
  std::optional<UserPrice> subscription;
  Accrual income;
  std::uint16_t cause = 0;
};

struct Books {
  Ledger ledger;
  std::vector<std::string> causes;
  Column<SiteId, SiteBooks> sites;
  std::vector<ServiceIncome> incomes;
  std::vector<double> tax_rates;    // by party
  std::vector<Accrual> taxes;       // by party
  std::vector<Money> opening_cash;  // by party
  std::uint16_t tax_cause = 0;
  Calendar calendar;                // of months that no site has: the first site's
  PartyId outside;                  // customers, staff and suppliers
  bool drops_next_posting = false;  // fault injection for the certificate's own test
};

/// Posts a payment (or, under fault injection, loses it).
void settle_payment(Books& books, const Payment& payment);
/// Posts a payment that is not made in cash: the payer's expense is set off against `paid_from`,
/// the payee's income against `received_in`.
struct InKind {
  Account paid_from;
  Account received_in;
};
void post_in_kind(Books& books, const Payment& payment, InKind kind);
/// What parties begin with: cash, and the book value of what they own.
void post_opening(Books& books);

/// Pays for what has come into service since the books were opened.
void buy_equipment(Books& books, SiteBooks& site, SimTime now);
/// What equipment bought up to `now` cost, from its list: the certificate's other path.
Dollars equipment_total(const SiteBooks& site, SimTime now);

/// Closes the half hour, and the hour and month that end with it, of a site's electricity bill.
void close_power_window(SiteBooks& site, const Feed& feed, SimTime now);
/// Also notes each agreement's part of the hour's bill.
void close_power_hour(Books& books, SiteId site, PowerTables& power, Fleet& fleet, SimTime now);
void close_power_month(Books& books, SiteId site, Fleet& fleet, SimTime now);
/// Posts staff, maintenance and depreciation up to `now`.
void post_running(Books& books, SiteBooks& site, SimTime now);
/// Posts the water used so far [litres].
void post_water(Books& books, SiteBooks& site, double water_l, SimTime now);
/// Posts what customers paid up to `now`. The service's integrals must stand at `now`.
void post_income(Books& books, ServiceIncome& income, const Service& service, SimTime now);
/// What customers paid so far [USD].
Dollars income_total(const ServiceIncome& income, const Service& service);
/// Posts each party's tax on its profit so far.
void post_taxes(Books& books, SimTime now);

/// A part of something is sold: `share` of a holding goes to a new owner. Returns its book value.
/// The old owner's depreciation must stand at `now`.
Dollars sell_share(SiteBooks& site, std::size_t holding, double share, SimTime now);

/// Running costs and depreciation of a party in closed form over the whole run: the certificate's
/// other path.
Dollars running_total(const SiteBooks& site, PartyId party, SimTime now);
Dollars depreciation_total(const SiteBooks& site, PartyId party, SimTime now);
Dollars water_total(const SiteBooks& site, double water_l);

/// Moves the audits of all nodes (membership, delivery and replicas) to `now`.
void audit_nodes(Fleet& fleet, SimTime now);

}  // namespace colossim
