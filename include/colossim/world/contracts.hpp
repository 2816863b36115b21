// Contracts at work: their states, deliveries, options, months and what they owe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/base/clone_ptr.hpp>
#include <colossim/base/int128.hpp>
#include <colossim/base/money.hpp>
#include <colossim/base/random.hpp>
#include <colossim/contract/contract.hpp>
#include <colossim/model/option_value.hpp>
#include <colossim/policy/reallocation.hpp>
#include <colossim/record/result.hpp>
#include <colossim/scenario/market.hpp>
#include <colossim/world/books.hpp>
#include <colossim/world/jobs.hpp>
#include <colossim/world/services.hpp>
#include <colossim/world/transfers.hpp>

namespace colossim {

/// A price over time, stepped once a day.
struct PricePath {
  std::string name;
  std::variant<MarketSpec, EquitySpec> spec;
  Stream stream{StreamName{}};
  double price = 0;      // today, base units
  double yesterday = 0;  // on the day before
  double deviation = 0;  // of its logarithm from the trend
};

enum class ContractState : std::uint8_t {
  dormant,  // waits for another contract to end
  pending,  // waits for its first day or an approval
  active,
  ending,  // its nodes are on their way back
  over
};

/// One option of a contract and its use.
struct OptionState {
  std::string name;
  OptionSpec spec;
  PartyId by;
  bool noticed = false;  // notice runs
  SimTime notice_at;
  SimTime effect_at;
  std::optional<SimTime> last_use;  // last notice
  int uses = 0;
  std::int64_t days_true = 0;  // consecutive days its rule held
  ExerciseBoundary boundary;   // of a value exercise
};

/// What the work of a party has lost so far, whatever the cause.
struct WorkLoss {
  double tokens = 0;  // asked for and not served
  double usd = 0;     // of them, at the price of services that have one
  Int128 work = 0;    // GPU·ns at full speed that jobs have to do again
};
WorkLoss work_loss(const ServiceTables& services, const JobTables& jobs, PartyId party,
                   SimTime now);

/// From the owner's notice to the owner's first useful step.
struct ReclaimDrill {
  std::string option;
  SimTime noticed;
  SimTime effective;
  std::int64_t gpus = 0;  // asked back
  std::int64_t back = 0;  // arrived so far
  std::optional<SimTime> first_back;
  std::optional<SimTime> all_back;
  std::optional<SimTime> first_use;   // a job or replica of the owner held a node that came back
  WorkLoss before;                    // the tenant's at effect
  std::optional<WorkLoss> at_return;  // when everything was back
  std::optional<WorkLoss> at_end;     // of the term, or when the next reclaim took effect
  double fee_rate = 0;                // of a GPU at effect [USD/s]
  SimTime term_end;                   // the tenant would have had them until then
  std::vector<NodeId> nodes;          // that came back, until the first use
};

/// A billing month under way: where the meters stood at its beginning.
struct BillingMonth {
  SimTime began;
  int index = 0;
  int whole_months = 0;
  Int128 used = 0;
  Int128 delivered = 0;
  Int128 due = 0;
  double curtailed = 0;  // GPU·s
  double energy_usd = 0;
  double revenue_usd = 0;
  Int128 used_by_holder = 0;  // on all agreements of the holder at the site
  double market = 0;
  double price_factor = 1;  // of the renewals so far
};

/// A renewal changes the price from the first billing month that begins at or after the old end.
struct PriceChange {
  SimTime from;
  double factor = 1;
};

/// One row of what a contract owes: the month's accrual, what past months came to, and the audit's.
struct DueRow {
  Due due;
  Accrual month;
  Money closed;
  Money audited;
  double volume = 0;        // of closed months
  double month_volume = 0;  // of the month so far
};

/// Units of the holder that the owner of an equity swap has.
struct UnitHolding {
  double units = 0;
  Money cost;  // what they were taken for
  double sold = 0;
  Money sold_cost;
  Money proceeds;
};

/// A loan at work. The balance is what the books say.
struct LoanState {
  Money balance;
  int months_left = 0;
  Dollars shortfall;                  // due and not paid in its month, in all
  std::optional<double> lowest_dscr;  // of months with something due
  int breaches = 0;
  Money last_operating;  // cash from the borrower's business up to the last service
  SimTime served;        // when that was
  Money interest;        // so far
  Money paid;            // interest and principal, so far
};

/// A power purchase at work: its share of what the site bought outside the utility.
struct PurchaseState {
  Int128 hour_start = 0;  // of the site's purchased energy [µW·ns]
  Int128 audit_hour_start = 0;
  double month_joule = 0;
  double audit_month_joule = 0;
  double joule = 0;  // of closed months
  Accrual cost;
  double closed_usd = 0;
  double audit_usd = 0;
  SimTime month_began;
};

struct Contract {
  std::string name;
  ContractSpec spec;
  PartyId grantor;
  PartyId holder;
  std::uint16_t cause = 0;
  SiteId site;          // none: it is not about a site
  SiteId billing_site;  // whose calendar months are billed
  Calendar calendar;

  // Capacity contracts.
  AgreementId agreement;
  AgreementId source;         // where nodes come from and return to
  CrewId crew;                // none: nodes change hands when they are empty
  std::vector<RackId> order;  // in which racks are handed over
  std::int64_t array = 1;     // racks that move together

  ContractState state = ContractState::pending;
  std::string outcome;  // how it ended
  SimTime outcome_at;
  std::vector<OptionUseRecord> uses;  // that took effect
  Generation generation = 0;
  SimTime start;
  SimTime end;
  bool successor = false;     // dormant until another contract starts it
  std::int64_t asked = 0;     // GPUs, as written
  std::int64_t promised = 0;  // now, after cuts, reclaims and step-downs
  std::int64_t ordered = 0;   // under the agreement or on the way there
  std::int64_t flexible_out = 0;
  std::int64_t due_gpus = 0;  // promised and due by the schedule
  SimTime due_since;
  Int128 due_time = 0;
  std::optional<Int128> delivered_at_end;  // GPU·ns; what is there later is not delivered
  std::optional<Int128> audited_at_end;
  Int128 promised_time = 0;
  std::vector<PriceChange> renewals;
  std::uint64_t moves_opened = 0;
  std::vector<OptionState> options;
  std::vector<ReclaimDrill> drills;
  std::vector<DueRow> rows;
  int months_opened = 0;
  BillingMonth month;
  BillingMonth audit;  // the same from the nodes' stamps
  Money prepaid_left;
  Money month_ahead;         // of the month's fee so far, what had been paid ahead
  std::int64_t surplus = 0;  // GPUs on the way that go back when they arrive
  Money transfer_cost;
  Money default_loss;
  std::int64_t arrivals = 0;  // nodes' GPUs delivered through transfers
  Duration transfer_shortest;
  Duration transfer_longest;
  SimTime last_arrival;
  UnitHolding units;
  Money upfront;   // of a licence
  Money sold_for;  // asset sale: price posted
  std::int64_t sold_gpus = 0;
  std::optional<LoanState> loan;
  std::optional<PurchaseState> purchase;
};

/// A reallocation policy at work.
struct Review {
  std::string name;
  ContractId contract;
  std::string option;      // it may use
  std::size_t market = 0;  // row of `markets`, if it watches one
  bool watches_market = false;
  Duration every;
  ClonePtr<ReallocationPolicy> policy{make_policy(KeepSpec{})};
  std::int64_t reviews = 0;
  std::int64_t delivered = 0;  // flexible GPUs handed over
  std::int64_t taken_back = 0;
};

/// Who a contract's arithmetic may ask.
struct MeteredWorld {
  const Fleet& fleet;
  const Books& books;
  const Column<ServiceId, Service>& services;
};

struct ContractTables {
  Column<ContractId, Contract> contracts;
  Column<ReviewId, Review> reviews;
  std::vector<PricePath> markets;
  std::vector<PricePath> equities;
  std::map<std::string, PartyId> parties;
  std::uint64_t seed = 0;
  std::uint64_t replication = 0;
};

/// The tables a change of hands touches.
struct Handover {
  ContractTables& contracts;
  TransferTables& transfers;
  Machines machines;
  Agenda& agenda;
  Books& books;
  const ServiceTables& services;
  JobTables& jobs;

  [[nodiscard]] MeteredWorld metered() const { return {machines.fleet, books, services.services}; }
};

// Markets (contracts_market.cpp).

/// Steps every price by a day; a billing month that begins now takes its price.
void step_prices(ContractTables& tables, SimTime now, const Calendar& calendar);

// Months (contracts_month.cpp).

/// Begins the first or next billing month.
void open_month(Contract& contract, const ContractTables& tables, const MeteredWorld& world,
                SimTime now);
/// The price of the market that a lease follows, for the month that begins.
void set_market(Contract& contract, const ContractTables& tables);
/// Posts what the month so far has grown by.
void accrue(Contract& contract, Books& books, const ContractTables& tables,
            const MeteredWorld& world, SimTime now);
/// Ends the month: credits are known, the audit is taken, the next begins. The fleet's audits must
/// stand at `now`.
void close_month(Contract& contract, Books& books, const ContractTables& tables,
                 const MeteredWorld& world, SimTime now);
/// Ends the billing month early: another price holds from now on.
void split_month(ContractId id, Handover& handover);
/// Whole calendar months since the contract began.
int whole_months(const Contract& contract, SimTime now);
/// Brings the GPU-time that was due to `now`.
void advance_due(Contract& contract, SimTime now);

// Deliveries (contracts_deliver.cpp).

/// Sends nodes to the holder until `goal` GPUs are under the agreement or on the way.
void send_nodes(ContractId id, std::int64_t goal, bool idle_only, Handover& handover);
/// Sends GPUs of the agreement back: at most `gpus`, idle ones first.
std::int64_t return_nodes(ContractId id, std::int64_t gpus, Handover& handover);
/// Nodes that reached the buyer since the last settle are sold (contracts_sale.cpp).
void sell_delivered(ContractId id, Handover& handover);
/// Takes the arrivals of the instant in: drills, sales, nodes that came too late.
void settle_arrivals(Handover& handover, SimTime now);
/// Notes when an owner's work first held a node that came back.
void note_first_use(ContractTables& tables, const Fleet& fleet, SimTime now);
void handle(const TrancheDue& event, Handover& handover);
void handle(const DeliveryChecked& event, Handover& handover);

// Beginnings and ends (contracts_life.cpp).

void handle(const ContractDue& event, Handover& handover);
void handle(const ContractExpired& event, Handover& handover);
void handle(const CounterpartyDefaulted& event, Handover& handover);
/// Notes what became of a contract.
void conclude(Contract& contract, std::string outcome, SimTime now);
/// The contract ends; its nodes go back.
void end_contract(ContractId id, std::string outcome, Handover& handover);
/// Starts the contract that follows, `after` a while.
void start_successor(const Contract& contract, const Ref* successor, Duration after,
                     Handover& handover);

// Options and reviews (contracts_options.cpp).

/// Gives notice under an option if it is open.
void give_notice(ContractId id, std::size_t option, Handover& handover);
/// Whether notice may be given now.
bool is_open(const Contract& contract, const OptionState& option, SimTime now);
void handle(const OptionEffective& event, Handover& handover);

/// The marks of the day that begins.
void begin_day(Handover& handover, ServiceTables& services);
/// Rules and value exercises are looked at once a day, on the day that ended.
void check_options(Handover& handover);
void handle(const Reviewed& event, Handover& handover);

// Money without machines (contracts_money.cpp).

/// Debt service and the sale of units, at the end of a month.
void close_money_month(ContractTables& tables, Books& books, SimTime now);
/// Opens a loan, a purchase or a licence.
void open_money(Contract& contract, Handover& handover);
/// At the run's end: interest since the last service is owed.
void accrue_loans(ContractTables& tables, Books& books, SimTime now);
/// A share of what is owed under a loan will never be paid.
void write_off(Contract& contract, double share, Books& books, SimTime now);
/// The services' integrals must stand at now.
void close_money(Contract& contract, Handover& handover);
/// The hour of the power purchases of a site.
void close_purchase_hour(ContractTables& tables, Books& books, Fleet& fleet, SiteId site,
                         const Feed& feed, SimTime now);
void close_purchase_month(ContractTables& tables, SiteId site, SimTime now);

}  // namespace colossim
