// Random contracts of every kind, with what they refer to: markets, transfers, policies.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <colossim/base/calendar.hpp>

#include "scenario_dice.hpp"
#include "scenario_generator.hpp"

namespace colossim::test {

/// Writes the deals of a drawn scenario as sections of its text.
///
/// No GPU is promised twice: each contract takes of what the site's owner has left for as long as
/// both last. Some wait for another one, some end and make room within the run. Options are used by
/// dates, rules, the market's value or a policy; parties default.
class ContractGenerator {
 public:
  ContractGenerator(Dice& dice, const DrawnScenario& drawn) : dice_(dice), drawn_(drawn) {}

  /// The sections `markets`, `equities`, `catalog`, `contracts` and `reallocation`.
  std::string text();

 private:
  struct Option {
    std::string name;
    std::string kind;
    std::string by;
  };
  struct Deal {
    std::string name;
    std::string kind;
    std::string grantor;
    std::string holder;
    const DrawnSite* site = nullptr;  // none: it moves no nodes
    std::int64_t gpus = 0;
    bool all = false;
    bool waits = false;       // for another contract
    bool lasts = false;       // nothing may count on its end
    std::int64_t first = 0;   // day of the run
    std::int64_t delay = 0;   // hours until its approval
    std::int64_t months = 1;  // without renewals
    std::int64_t flexible = 0;
    int depth = 0;         // contracts before it that it waits for
    bool priced = false;   // by `price` or `fee`
    std::string follower;  // the contract that waits for it
    std::int64_t follower_gpus = 0;
    std::vector<Option> options;
  };
  /// GPUs of a site that are promised for some time.
  struct Claim {
    const DrawnSite* site;
    Date begin;
    Date end;
    std::int64_t gpus;
  };
  struct Market {
    std::string name;
    bool reverts = false;
  };

  // Deals as a whole (scenario_generator_contracts.cpp).
  void add_capacity_deal();
  void choose_sides(Deal& deal);
  bool choose_gpus(Deal& deal);
  void write_capacity(Deal& deal);
  std::string follow(Deal& before, std::int64_t most);
  [[nodiscard]] std::int64_t free_gpus(const Claim& wanted) const;
  [[nodiscard]] Date opens(const Deal& deal) const;
  [[nodiscard]] Date ends(const Deal& deal) const;
  std::string other_than(const std::string& party);
  std::string lease(Deal& deal);
  std::string lease_extras(const Deal& deal);
  std::string service_level();
  std::string sale(const Deal& deal);
  std::string share(const Deal& deal);
  std::string swap();

  // What contracts may carry (scenario_generator_terms.cpp).
  std::string terms(Deal& deal);
  std::string closing(const Deal& deal);
  std::string default_clause(Deal& deal);
  std::string options(Deal& deal);
  std::string option(Deal& deal, Option& option);
  std::string option_kind(const Deal& deal);
  std::string exercise(const Deal& deal, const Option& option, std::int64_t notice_hours);
  std::string rule(const Deal& deal);
  std::string delivery(const Deal& deal);
  std::string tranches(const Deal& deal, std::int64_t& due);
  std::string liability();

  // What they refer to, and contracts without nodes (scenario_generator_markets.cpp).
  void add_markets();
  void add_equities();
  std::string price_path(const std::string& unit, double low, double high, bool& reverts);
  void add_transfers();
  std::string stage(const std::string& name);
  std::string duration();
  void add_money_deal();
  std::string purchase(Deal& deal);
  std::string loan(Deal& deal);
  std::string license(Deal& deal);
  void add_policies();
  std::string policy(const Deal& deal);
  std::string policy_with_option(const Deal& deal);

  Dice& dice_;
  const DrawnScenario& drawn_;
  std::vector<Market> markets_;
  std::vector<std::string> equities_;
  std::vector<std::string> transfers_;
  std::vector<Deal> deals_;
  std::vector<Claim> claims_;
  std::map<std::string, double> purchased_;  // kW by site
  std::int64_t names_ = 0;

  // Sections as they grow.
  std::string market_text_;
  std::string equity_text_;
  std::string transfer_text_;
  std::string contract_text_;
  std::string policy_text_;
};

}  // namespace colossim::test
