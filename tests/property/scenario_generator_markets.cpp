// What contracts refer to, contracts without nodes, and the policies that watch contracts.
#include <algorithm>
#include <iterator>

#include "contract_generator.hpp"

namespace colossim::test {

void ContractGenerator::add_markets() {
  for (std::int64_t i = dice_.integer(0, 2); i > 0; --i) {
    Market market{Text{"m{}", i}.string};
    const std::string path = price_path("USD/gpu/h", 0.5, 4, market.reverts);
    market_text_ += Text{"  {}: {}\n", market.name, path}.string;
    markets_.push_back(market);
  }
}

void ContractGenerator::add_equities() {
  for (std::int64_t i = dice_.integer(0, 1); i > 0; --i) {
    bool reverts = false;
    equities_.push_back(Text{"e{}", i}.string);
    equity_text_ += Text{"  e{}: {}\n", i, price_path("USD", 5, 500, reverts)}.string;
  }
}

std::string ContractGenerator::price_path(const std::string& unit, double low, double high,
                                          bool& reverts) {
  reverts = dice_.chance(0.5);
  if (reverts)
    return Text{
        "{{kind: log_ou, start: {:.2f} {}, mean: {:.2f} {}, reversion: {:.2f} 1/yr, "
        "volatility: {} %, drift: {} %/yr}}",
        dice_.between(low, high),
        unit,
        dice_.between(low, high),
        unit,
        dice_.between(0.1, 20),
        dice_.integer(0, 300),
        dice_.integer(-40, 40)}
        .string;
  if (dice_.chance(0.5))
    return Text{"{{kind: random_walk, start: {:.2f} {}, growth: {} %/yr, volatility: {} %}}",
                dice_.between(low, high), unit, dice_.integer(-60, 60), dice_.integer(0, 300)}
        .string;
  if (dice_.chance(0.5))
    return Text{"{{kind: signal, price: {:.2f} {}}}", dice_.between(low, high), unit}.string;
  std::string values;
  for (std::int64_t i = 0; i < drawn_.days + 3; ++i)
    values += Text{"{}{:.2f}", i == 0 ? "" : ", ", dice_.between(low, high)}.string;
  return Text{"{{kind: signal, price: {{values: [{}], unit: {}, every: 1 d, begins: {}}}}}", values,
              unit, date_text(drawn_.date(-1))}
      .string;
}

void ContractGenerator::add_transfers() {
  for (std::int64_t i = dice_.integer(0, 2); i > 0; --i) {
    transfers_.push_back(Text{"t{}", i}.string);
    std::string text =
        Text{
            "    t{}: {{array: {}, drain: {{requests: {} min, jobs: {}, "
            "deadline: {} h, write: {} s}}",
            i,
            dice_.integer(1, 4),
            dice_.one_of<int>({0, 1, 10, 120}),
            dice_.word({"finish", "checkpoint", "kill"}),
            dice_.integer(0, 60),
            dice_.one_of<int>({0, 1, 30, 4000})}
            .string;
    for (const char* name : {"export", "sanitize", "repartition", "image", "accept", "fabric_test",
                             "load", "ramp", "repair"})
      if (dice_.chance(0.6)) text += stage(name);
    transfer_text_ += text + "}\n";
  }
}

std::string ContractGenerator::stage(const std::string& name) {
  std::string text = Text{", {}: {{duration: {}", name, duration()}.string;
  if (dice_.chance(0.4)) text += Text{", nodes: {}", dice_.integer(1, 24)}.string;
  if (dice_.chance(0.4)) text += Text{", cost: {} USD", dice_.integer(0, 900)}.string;
  if (name != "repair" && dice_.chance(0.3))
    text += Text{", reject: {} %", dice_.integer(0, dice_.chance(0.1) ? 90 : 30)}.string;
  return text + "}";
}

std::string ContractGenerator::duration() {
  // Whole hours meet other events at one instant.
  const std::int64_t minutes =
      dice_.chance(0.3) ? 60 * dice_.integer(1, 30) : dice_.integer(1, 300);
  switch (dice_.integer(0, 5)) {
    case 0:
    case 1:
      return "0 s";
    case 2:
      return Text{"{} min", minutes}.string;
    case 3:
      return Text{"{{uniform: {{from: 0 s, to: {} min}}}}", minutes}.string;
    case 4:
      return Text{"{{exponential: {{mean: {} min, max: 90 h}}}}", minutes}.string;
    default:
      return Text{"{{choice: {{0 s: 40 %, {} min: 60 %}}}}", minutes}.string;
  }
}

void ContractGenerator::add_money_deal() {
  Deal deal{.name = Text{"c{}", names_++}.string};
  deal.first = dice_.integer(0, dice_.chance(0.5) ? 0 : drawn_.last_day());
  deal.months = dice_.chance(0.6) ? 1 : dice_.integer(1, 60);
  if (dice_.chance(0.2)) deal.delay = dice_.integer(0, std::min<std::int64_t>(200, drawn_.hours));
  deal.lasts = true;
  deal.kind = dice_.word({"power_purchase", "financing", "license"});
  std::string text = Text{"  {}: {{kind: {}", deal.name, deal.kind}.string;
  if (deal.kind == "power_purchase") text += purchase(deal);
  if (deal.kind == "financing") text += loan(deal);
  if (deal.kind == "license") text += license(deal);
  text += terms(deal);
  contract_text_ += text + "}\n";
  deals_.push_back(deal);
}

/// All purchases of a site together fit through its feed.
std::string ContractGenerator::purchase(Deal& deal) {
  const DrawnSite& site = dice_.one_of(drawn_.sites);
  double& sum = purchased_[site.name];
  const double volume = (site.feed - sum) * dice_.between(0.05, 0.95);
  sum += volume;
  deal.holder = site.owner;
  deal.grantor = dice_.chance(0.5) ? "grid" : other_than(site.owner);
  std::string text =
      Text{", supplier: {}, buyer: {}, site: {}, volume: {:.6f} kW, price: {:.2f} USD/MWh",
           deal.grantor,
           deal.holder,
           site.name,
           volume,
           dice_.between(0, 120)}
          .string;
  if (dice_.chance(0.5)) text += Text{", take: {} %", dice_.integer(0, 100)}.string;
  return text;
}

/// Who comes first in the alphabet lends: nobody borrows in a circle.
std::string ContractGenerator::loan(Deal& deal) {
  const auto parties = static_cast<std::int64_t>(drawn_.parties.size());
  const auto borrower = dice_.integer(1, parties - 1);
  deal.holder = drawn_.parties[static_cast<std::size_t>(borrower)];
  deal.grantor = dice_.chance(0.4)
                     ? "grid"
                     : drawn_.parties[static_cast<std::size_t>(dice_.integer(0, borrower - 1))];
  std::string text = Text{", lender: {}, borrower: {}, amount: {:.3f} MUSD, rate: {:.1f} %/yr",
                          deal.grantor, deal.holder, dice_.between(0.1, 60), dice_.between(0, 60)}
                         .string;
  if (dice_.chance(0.3)) text += ", drawn_before: true";
  if (dice_.chance(0.5)) text += Text{", dscr: {:.2f}", dice_.between(0, 3)}.string;
  if (dice_.chance(0.5)) text += Text{", cash_floor: {:.3f} MUSD", dice_.between(0, 9)}.string;
  return text;
}

std::string ContractGenerator::license(Deal& deal) {
  const auto parties = static_cast<std::int64_t>(drawn_.parties.size());
  const auto licensee = dice_.integer(1, parties - 1);
  deal.holder = drawn_.parties[static_cast<std::size_t>(licensee)];
  deal.grantor = drawn_.parties[static_cast<std::size_t>(dice_.integer(0, licensee - 1))];
  std::string text =
      Text{", licensor: {}, licensee: {}, subject: {}, fee: {} kUSD/month", deal.grantor,
           deal.holder, dice_.word({"weights", "data"}), dice_.integer(0, 900)}
          .string;
  if (dice_.chance(0.5)) text += Text{", upfront: {} kUSD", dice_.integer(0, 900)}.string;
  if (dice_.chance(0.5)) text += Text{", royalty: {} %", dice_.integer(0, 100)}.string;
  return text;
}

void ContractGenerator::add_policies() {
  std::int64_t number = 0;
  for (const Deal& deal : deals_) {
    if (deal.site == nullptr || !dice_.chance(0.5)) continue;
    const std::string text = policy(deal);
    if (!text.empty()) policy_text_ += Text{"  p{}: {{{}}}\n", number++, text}.string;
  }
}

std::string ContractGenerator::policy(const Deal& deal) {
  const std::string review = dice_.word({"5 min", "1 h", "5 h", "1 d", "30 h"});
  const std::string common = Text{"contract: {}, review: {}", deal.name, review}.string;
  if (deal.flexible > 0 && dice_.chance(0.8)) {
    std::string text = "kind: harvest_idle, " + common;
    if (dice_.chance(0.6)) text += Text{", keep_free: {} %", dice_.integer(0, 100)}.string;
    return text;
  }
  if (dice_.chance(0.3) || deal.options.empty()) return "kind: keep, " + common;
  const std::string with_option = policy_with_option(deal);
  return with_option.empty() ? "kind: keep, " + common : with_option + ", " + common;
}

std::string ContractGenerator::policy_with_option(const Deal& deal) {
  const Option& option = dice_.one_of(deal.options);
  if (option.kind == "renewal") return {};
  if (option.by == deal.grantor && dice_.chance(0.5)) {
    const std::string threshold = dice_.chance(0.5)
                                      ? Text{"waiting: {} gpu", dice_.integer(1, 90)}.string
                                      : Text{"load: {:.2f}", dice_.between(0.1, 2)}.string;
    return Text{"kind: reclaim_on_surge, option: {}, {}", option.name, threshold}.string;
  }
  if (markets_.empty()) return {};
  return Text{"kind: price_threshold, option: {}, market: {}, {}: {:.2f} USD/gpu/h", option.name,
              dice_.one_of(markets_).name, dice_.word({"above", "below"}), dice_.between(0.5, 4)}
      .string;
}

}  // namespace colossim::test
