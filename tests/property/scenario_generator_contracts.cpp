// Who deals with whom about which GPUs, and what each kind of contract states.
#include <algorithm>
#include <chrono>

#include "contract_generator.hpp"

namespace colossim::test {

namespace {

constexpr Date never = std::chrono::year{2900} / 1 / 1;

std::string section(const std::string& name, const std::string& body) {
  return body.empty() ? "" : name + ":\n" + body;
}

}  // namespace

std::string ContractGenerator::text() {
  add_markets();
  add_equities();
  add_transfers();
  const std::int64_t deals = dice_.chance(0.15) ? 0 : dice_.integer(1, 4);
  for (std::int64_t i = 0; i < deals; ++i) add_capacity_deal();
  const std::int64_t money_deals = dice_.chance(0.4) ? dice_.integer(1, 3) : 0;
  for (std::int64_t i = 0; i < money_deals; ++i) add_money_deal();
  add_policies();
  return section("markets", market_text_) + section("equities", equity_text_) +
         section("catalog", section("  transfers", transfer_text_)) +
         section("contracts", contract_text_) + section("reallocation", policy_text_);
}

void ContractGenerator::add_capacity_deal() {
  Deal deal{.name = Text{"c{}", names_}.string};
  deal.first = dice_.integer(0, dice_.chance(0.5) ? 0 : drawn_.last_day());
  deal.months = dice_.chance(drawn_.days > 28 ? 0.5 : 0.75) ? 1 : dice_.integer(1, 36);
  if (dice_.chance(0.2)) deal.delay = dice_.integer(0, std::min<std::int64_t>(200, drawn_.hours));
  deal.lasts = dice_.chance(0.6);
  choose_sides(deal);
  if (!choose_gpus(deal)) return;
  ++names_;
  write_capacity(deal);
}

void ContractGenerator::choose_sides(Deal& deal) {
  deal.site = &dice_.one_of(drawn_.sites);
  deal.grantor = deal.site->owner;
  deal.holder = other_than(deal.grantor);
  std::vector<std::string> kinds{"lease", "lease", "lease", "asset_sale", "revenue_share"};
  if (!equities_.empty()) kinds.emplace_back("equity_swap");
  deal.kind = dice_.one_of(kinds);
  if (deal.kind == "asset_sale") deal.lasts = true;
}

bool ContractGenerator::choose_gpus(Deal& deal) {
  const DrawnSite& site = *deal.site;
  Claim claim{&site, opens(deal), deal.lasts ? never : ends(deal), 0};
  const std::int64_t free = free_gpus(claim);
  if (free < site.step) return false;
  const std::int64_t most =
      dice_.chance(0.3) ? std::max<std::int64_t>(1, free / site.step / 8) : free / site.step;
  deal.gpus = site.step * dice_.integer(1, most);
  deal.all = free == site.all_gpus && dice_.chance(0.4);
  if (deal.all) deal.gpus = free;
  claim.gpus = deal.gpus;
  claims_.push_back(claim);
  return true;
}

/// What is promised to nobody while `wanted` lasts.
std::int64_t ContractGenerator::free_gpus(const Claim& wanted) const {
  std::int64_t gpus = wanted.site->all_gpus;
  for (const Claim& other : claims_) {
    const bool overlaps =
        other.site == wanted.site && other.begin < wanted.end && wanted.begin < other.end;
    if (overlaps) gpus -= other.gpus;
  }
  return gpus;
}

Date ContractGenerator::opens(const Deal& deal) const {
  return drawn_.date(deal.first + deal.delay / 24);
}

Date ContractGenerator::ends(const Deal& deal) const {
  if (deal.kind == "asset_sale") return never;
  // The term runs from the approval.
  return drawn_.date(deal.first + (deal.delay + 23) / 24) + Period{static_cast<int>(deal.months)};
}

std::string ContractGenerator::other_than(const std::string& party) {
  std::vector<std::string> others = drawn_.parties;
  std::erase(others, party);
  return dice_.one_of(others);
}

void ContractGenerator::write_capacity(Deal& deal) {
  const bool sale_words = deal.kind == "asset_sale";
  std::string text = Text{"  {}: {{kind: {}, {}: {}, {}: {}, site: {}, gpus: {}",
                          deal.name,
                          deal.kind,
                          sale_words ? "seller" : "owner",
                          deal.grantor,
                          sale_words ? "buyer" : "tenant",
                          deal.holder,
                          deal.site->name,
                          deal.all ? "all" : Text{"{} gpu", deal.gpus}.string}
                         .string;
  if (deal.kind == "lease") text += lease(deal);
  if (deal.kind == "asset_sale") text += sale(deal);
  if (deal.kind == "revenue_share") text += share(deal);
  if (deal.kind == "equity_swap") text += swap();
  text += delivery(deal);
  text += terms(deal);
  contract_text_ += text + "}\n";
  deals_.push_back(deal);
}

/// A contract of the same grantor that waits for this one.
std::string ContractGenerator::follow(Deal& before, std::int64_t most) {
  if (!before.follower.empty() && before.follower_gpus <= most && dice_.chance(0.5))
    return before.follower;
  Deal deal{.name = Text{"c{}", names_}.string};
  deal.grantor = before.grantor;
  deal.holder = other_than(deal.grantor);
  deal.kind = dice_.word({"lease", "lease", "asset_sale", "revenue_share"});
  deal.site = before.site;
  deal.gpus = deal.site->step * dice_.integer(1, most / deal.site->step);
  deal.all = before.all && most == before.gpus && dice_.chance(0.4);
  if (deal.all) deal.gpus = before.gpus;
  deal.waits = true;
  deal.lasts = true;
  deal.depth = before.depth + 1;
  deal.months = dice_.integer(1, 3);
  if (dice_.chance(0.2)) deal.delay = dice_.integer(0, 60);
  ++names_;
  write_capacity(deal);
  before.follower = deal.name;
  before.follower_gpus = deal.gpus;
  return deal.name;
}

std::string ContractGenerator::lease(Deal& deal) {
  const std::int64_t cents = dice_.integer(0, 400);
  std::string text;
  if (!markets_.empty() && dice_.chance(0.25)) {
    text = ", market: " + dice_.one_of(markets_).name;
  } else if (dice_.chance(0.3)) {
    text = Text{", fee: {:.2f} USD/month", static_cast<double>(cents * deal.gpus) * 7.3}.string;
    deal.priced = true;
  } else {
    text = Text{", price: {:.2f} USD/gpu/h", static_cast<double>(cents) / 100}.string;
    deal.priced = true;
  }
  if (dice_.chance(0.2) && deal.priced) {
    // A month has at least 28 days.
    const auto months = static_cast<double>(deal.months);
    const double whole = static_cast<double>(cents * deal.gpus) / 100 * 28 * 24 * months;
    text += Text{", prepayment: {:.2f} USD", whole * dice_.between(0, 0.9)}.string;
  }
  if (dice_.chance(0.25)) {
    const std::int64_t most = (deal.site->all_gpus - deal.gpus) / deal.site->step;
    deal.flexible = most > 0 ? deal.site->step * dice_.integer(1, most) : 0;
    if (deal.waits) deal.flexible = 0;
    if (deal.flexible > 0) text += Text{", flexible: {} gpu", deal.flexible}.string;
  }
  return text + lease_extras(deal);
}

std::string ContractGenerator::lease_extras(const Deal& deal) {
  std::string text;
  if (dice_.chance(0.7)) text += Text{", take_or_pay: {} %", dice_.integer(0, 100)}.string;
  if (dice_.chance(0.2))
    text += Text{", reduced: {{share: {} %, for: {} month}}", dice_.integer(0, 100),
                 dice_.integer(1, deal.months)}
                .string;
  if (dice_.chance(0.2)) text += Text{", indexation: {} %/yr", dice_.integer(-20, 20)}.string;
  if (dice_.chance(0.3)) text += ", power: net";
  if (dice_.chance(0.25)) text += service_level();
  return text;
}

/// The lower the availability, the more is credited.
std::string ContractGenerator::service_level() {
  std::int64_t below = dice_.integer(90, 100);
  std::int64_t credit = dice_.integer(1, 20);
  std::string tiers;
  for (std::int64_t i = dice_.integer(1, 3); i > 0; --i) {
    tiers +=
        Text{"{}{{below: {} %, credit: {} %}}", tiers.empty() ? "" : ", ", below, credit}.string;
    below -= dice_.integer(1, 30);
    credit = std::min<std::int64_t>(100, credit + dice_.integer(0, 40));
  }
  return Text{", sla: {{tiers: [{}], cap: {} %}}", tiers, dice_.integer(0, 100)}.string;
}

std::string ContractGenerator::sale(const Deal& deal) {
  std::string text =
      dice_.chance(0.5)
          ? Text{", unit_price: {} USD/gpu", dice_.integer(0, 50'000)}.string
          : Text{", price: {:.3f} MUSD", static_cast<double>(deal.gpus) * dice_.between(0, 0.05)}
                .string;
  for (const char* part : {"network", "cooling", "building", "power_contract"})
    if (dice_.chance(0.4)) text += Text{", {}: {}", part, dice_.chance(0.6)}.string;
  if (dice_.chance(0.5)) {
    const bool stays = dice_.chance(0.6);
    text += ", operator: " + (stays ? deal.grantor : deal.holder);
    if (stays && dice_.chance(0.5))
      text += Text{", operating_fee: {} kUSD/month", dice_.integer(0, 300)}.string;
  }
  if (dice_.chance(0.5)) text += Text{", life: {} month", dice_.integer(1, 90)}.string;
  return text;
}

std::string ContractGenerator::share(const Deal& deal) {
  const bool earns =
      std::any_of(drawn_.services.begin(), drawn_.services.end(), [&](const DrawnService& service) {
        return service.earns && service.tenant == deal.holder && service.site == deal.site->name;
      });
  std::string text = Text{", share: {} %", dice_.integer(0, 100)}.string;
  const std::int64_t floor = !earns || dice_.chance(0.5) ? dice_.integer(1, 500) : 0;
  if (floor > 0) text += Text{", floor: {} kUSD/month", floor}.string;
  if (dice_.chance(0.5))
    text += Text{", cap: {} kUSD/month", floor + dice_.integer(0, 2000)}.string;
  return text;
}

std::string ContractGenerator::swap() {
  std::string text =
      Text{", price: {:.2f} USD/gpu/h, equity: {}", dice_.between(0, 4), dice_.one_of(equities_)}
          .string;
  if (dice_.chance(0.5)) text += Text{", discount: {} %", dice_.integer(0, 60)}.string;
  if (dice_.chance(0.7)) text += Text{", lock_up: {} month", dice_.integer(0, 2)}.string;
  if (dice_.chance(0.5)) text += Text{", sale_discount: {} %", dice_.integer(0, 60)}.string;
  return text;
}

}  // namespace colossim::test
