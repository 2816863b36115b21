// What the checks of contracts ask again and again: where one stands, when it can be in force, what
// follows it, what it costs at most.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/calendar.hpp>
#include <colossim/contract/contract.hpp>
#include <colossim/scenario/scenario.hpp>

#include "check_context.hpp"

namespace colossim {

/// Options of one contract; no deal has so many.
inline constexpr std::size_t most_options = 100;

/// A contract under check.
struct Deal {
  const std::string& name;
  const ContractSpec& contract;

  [[nodiscard]] std::string path() const { return "contracts." + name; }
  [[nodiscard]] std::string path(std::string_view key) const {
    return fmt::format("contracts.{}.{}", name, key);
  }
  [[nodiscard]] const ContractTerms& terms() const { return terms_of(contract); }
};

/// What the language calls the two sides: `owner` and `tenant`, `seller` and `buyer`, ...
struct SideKeys {
  std::string_view grantor;
  std::string_view holder;
};
SideKeys side_keys(const ContractSpec& contract);

/// The first day a contract may begin, as written or the run's.
Date first_day(const Scenario& scenario, const ContractTerms& terms);
/// `date` and the whole days of `span` after it. No day here is later than the year 3000.
Date later(Date date, Time span);
/// From the first day to the end of the term.
Time term_length(const Scenario& scenario, const ContractTerms& terms);
/// The same with every renewal that may be used, but for `without`.
Time longest_term(const Scenario& scenario, const ContractTerms& terms,
                  const OptionSpec* without = nullptr);

/// Days on which a contract can be in force: from `begin` to the day before `end`.
struct Window {
  Date begin;
  Date end;

  [[nodiscard]] bool holds(Date day) const { return begin <= day && day < end; }
};
/// When a contract that waits for no other can be in force: its term runs from the approval and
/// may be renewed; a sale has no end.
Window window_of(const Scenario& scenario, const ContractSpec& contract);
/// The latest end of a contract that begins on `begin`.
Date latest_end(const ContractSpec& contract, Date begin);

// How spans are told to people: `90 d`, `1 month`.
std::string to_days(Time span);
std::string to_months(Period period);
/// `a, b, c`, at most five of them.
std::string to_list(const std::vector<std::string>& items);

/// A contract that waits for another to end, or to give GPUs back.
struct Succession {
  std::string before;
  std::string after;
  std::string path;  // of the `then`
  double kept = 0;   // share of `before` that goes on beside `after`
  Time wait;         // from the beginning of `before`, at least
  Period vacancy;    // after the end of `before`, at most
};
/// All `then` of options and default clauses, contracts in name order.
std::vector<Succession> successions(const Scenario& scenario);

/// Somebody's claim on somebody else: an arrow of a graph.
struct Arrow {
  std::string from;
  std::string to;
};
/// Circles of arrows, as their rows in order; no arrow is in two.
std::vector<std::vector<std::size_t>> circles(const std::vector<Arrow>& arrows);

/// GPUs a contract speaks of; `all` counts as all of the site's.
GpuCount greatest_share(const Scenario& scenario, const CapacityTerms& terms);

/// An upper bound of what the holder pays over `span` from the start, with indexation, renewals and
/// the expected growth of a market; without what depends on work or energy.
Dollars greatest_fee(const Scenario& scenario, const ContractSpec& contract, Time span);

/// The greatest expectation of a price within `span` from the run's start, base units.
///   log_ou: max(start, mean · e^(drift · t)) · e^(σ² · min(t, 1 / 2κ) / 2)          [models_8_2]
double greatest_expected(const MarketSpec& market, Time span);
double greatest_expected(const EquitySpec& equity, Time span);

/// The contracts check part by part; check_contracts calls all of them.
void check_option_terms(const CheckContext& check);
/// Contracts that wait for another. False when they contradict each other: then nothing can be
/// said about what is in force together.
bool check_successors(const CheckContext& check);
void check_capacity(const CheckContext& check, bool successors_are_sound);
/// A contract about nodes, sized: `all` is a number.
struct SizedDeal {
  const Deal& deal;
  const CapacityTerms& terms;
  double gpus = 0;
  bool waits = false;  // for another contract: nobody knows its first day
};
/// Whole nodes, tranches and the day everything is due.
void check_delivery(const CheckContext& check, const SizedDeal& sized);
void check_payments(const CheckContext& check);

}  // namespace colossim
