// Waterfalls from ledgers.
#include <optional>
#include <set>
#include <tuple>

#include <colossim/base/check.hpp>

#include "paired_runs.hpp"

namespace colossim {

namespace {

bool is_profit_and_loss(Account account) {
  const AccountClass kind = account_class(account);
  return kind == AccountClass::income || kind == AccountClass::expense;
}

std::optional<PartyId> find_party(const Result& result, const std::string& party) {
  for (std::size_t row = 0; row < result.parties.size(); ++row) {
    if (result.parties[row] == party) return PartyId{row};
  }
  return std::nullopt;
}

/// Profit from the balances alone: the other path of the check.
Money ledger_profit(const Result& result, const std::string& party) {
  Money profit;
  const auto id = find_party(result, party);
  for (std::size_t a = 0; id && a < static_cast<std::size_t>(Account::count); ++a) {
    const auto account = static_cast<Account>(a);
    if (is_profit_and_loss(account)) profit -= result.ledger.balance(*id, account);
  }
  return profit;
}

void add_amounts(EarnedByCause& earned, const Result& result, PartyId party) {
  const std::size_t causes = result.causes.size();
  std::vector<std::optional<Money>> amounts(static_cast<std::size_t>(Account::count) * causes);
  const auto enter = [&](Account account, std::uint16_t cause, Money amount) {
    if (!is_profit_and_loss(account)) return;
    std::optional<Money>& sum = amounts[static_cast<std::size_t>(account) * causes + cause];
    sum = sum.value_or(Money{}) + amount;
  };
  for (const Posting& posting : result.ledger.journal()) {
    if (posting.party != party) continue;
    enter(posting.debit, posting.cause, -posting.amount);
    enter(posting.credit, posting.cause, posting.amount);
  }
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    if (!amounts[i]) continue;
    // Two causes may carry one name: they are one.
    earned[{static_cast<Account>(i / causes), result.causes[i % causes]}].earned.amount +=
        *amounts[i];
  }
}

/// Hours are known while all quantities of a sum have them. To be called before the quantity grows.
void add_hours(PricedAmount& sum, const std::optional<LadderHours>& hours) {
  if (!sum.quantity) {
    sum.hours = hours;
  } else if (sum.hours && hours) {
    *sum.hours += *hours;
  } else {
    sum.hours.reset();
  }
}

void add_quantities(EarnedByCause& earned, const Result& result, PartyId party) {
  std::set<std::pair<Account, std::string>> unusable;
  for (const PricedQuantity& row : result.volumes) {
    if (row.party != party || !is_profit_and_loss(row.account)) continue;
    const std::pair key{row.account, result.causes[row.cause]};
    EarnedAmount& each = earned[key];
    if (each.earned.quantity && each.unit != row.unit) unusable.insert(key);
    each.unit = row.unit;
    add_hours(each.earned, row.hours);
    each.earned.quantity = each.earned.quantity.value_or(0) + row.quantity;
  }
  // Refunds may leave less than nothing: that is no quantity either.
  for (const auto& [key, each] : earned) {
    if (each.earned.quantity.value_or(0) < 0) unusable.insert(key);
  }
  for (const auto& key : unusable) earned[key] = {{.amount = earned[key].earned.amount}, {}};
}

/// Causes of one account and unit that one side has and the other has not.
struct Replaced {
  PricedAmount before;
  PricedAmount after;
  std::string old_causes;
  std::string new_causes;

  void add(const std::string& cause, const PricedAmount& earned, bool is_new) {
    PricedAmount& side = is_new ? after : before;
    side.amount += earned.amount;
    add_hours(side, earned.hours);
    side.quantity = side.quantity.value_or(0) + earned.quantity.value_or(0);
    std::string& causes = is_new ? new_causes : old_causes;
    causes += (causes.empty() ? "" : " + ") + cause;
  }
  [[nodiscard]] std::string causes() const {
    if (old_causes.empty()) return new_causes;
    return new_causes.empty() ? old_causes : old_causes + " -> " + new_causes;
  }
};

class Explainer {
 public:
  Explainer(const EarnedByCause& base, const EarnedByCause& other) : base_(base), other_(other) {
    for (const auto& [key, before] : base_) {
      const auto after = other_.find(key);
      if (after == other_.end()) {
        one_sided(key, before, false);
      } else {
        both(key, before, after->second);
      }
    }
    for (const auto& [key, after] : other_) {
      if (!base_.contains(key)) one_sided(key, after, true);
    }
    for (const auto& [key, each] : replaced_)
      add_row(key.first, each.causes(), key.second, explain_difference(each.before, each.after));
  }

  std::vector<WaterfallRow> take() { return std::move(rows_); }

 private:
  using Key = std::pair<Account, std::string>;

  void both(const Key& key, const EarnedAmount& before, const EarnedAmount& after) {
    const bool same_unit = !before.unit.empty() && before.unit == after.unit;
    const DifferenceParts parts = same_unit ? explain_difference(before.earned, after.earned)
                                            : explain_difference({.amount = before.earned.amount},
                                                                 {.amount = after.earned.amount});
    add_row(key.first, key.second, same_unit ? before.unit : "", parts);
  }

  void one_sided(const Key& key, const EarnedAmount& each, bool is_new) {
    if (!each.unit.empty()) {
      replaced_[{key.first, each.unit}].add(key.second, each.earned, is_new);
      return;
    }
    const PricedAmount amount{.amount = each.earned.amount};
    add_row(key.first, key.second, "",
            is_new ? explain_difference({}, amount) : explain_difference(amount, {}));
  }

  void add_row(Account account, const std::string& cause, const std::string& unit,
               const DifferenceParts& parts) {
    if (parts.price == Money{} && parts.volume == Money{} && parts.unpriced == Money{}) return;
    rows_.push_back({group_of(account), account, cause, unit, parts});
  }

  const EarnedByCause& base_;
  const EarnedByCause& other_;
  std::map<std::pair<Account, std::string>, Replaced> replaced_;  // by account and unit
  std::vector<WaterfallRow> rows_;
};

}  // namespace

WaterfallGroup group_of(Account account) {
  using Group = WaterfallGroup;
  constexpr std::pair<Account, Group> table[] = {
      {Account::lease_income, Group::trade},
      {Account::lease_cost, Group::trade},
      {Account::share_income, Group::trade},
      {Account::share_cost, Group::trade},
      {Account::license_income, Group::trade},
      {Account::license_cost, Group::trade},
      {Account::service_income, Group::work},
      {Account::sale_gain, Group::sale},
      {Account::unit_gain, Group::sale},
      {Account::energy_income, Group::energy},
      {Account::energy_cost, Group::energy},
      {Account::demand_income, Group::energy},
      {Account::demand_cost, Group::energy},
      {Account::water_cost, Group::water},
      {Account::operating_cost, Group::operating},
      {Account::supply_income, Group::operating},
      {Account::credit_income, Group::sla},
      {Account::credit_cost, Group::sla},
      {Account::transfer_income, Group::transfer},
      {Account::transfer_cost, Group::transfer},
      {Account::fee_income, Group::fees},
      {Account::fee_cost, Group::fees},
      {Account::interest_income, Group::financing},
      {Account::interest_cost, Group::financing},
      {Account::tax_income, Group::tax},
      {Account::tax_cost, Group::tax},
      {Account::depreciation, Group::depreciation},
      {Account::default_loss, Group::default_loss},
      {Account::default_income, Group::default_loss},
  };
  for (const auto& [each, group] : table) {
    if (each == account) return group;
  }
  return Group::other;
}

EarnedByCause earned_by_cause(const Result& result, const std::string& party) {
  EarnedByCause earned;
  const auto id = find_party(result, party);
  if (!id) return earned;
  add_amounts(earned, result, *id);
  add_quantities(earned, result, *id);
  return earned;
}

Money profit_of(const EarnedByCause& earned) {
  Money profit;
  for (const auto& [key, each] : earned) profit += each.earned.amount;
  return profit;
}

Waterfall explain_earnings(const EarnedByCause& base, const EarnedByCause& other,
                           const std::string& party) {
  Waterfall waterfall{party, profit_of(other) - profit_of(base), Explainer{base, other}.take()};
  Money explained;
  for (const WaterfallRow& row : waterfall.rows) explained += row.parts.total();
  COLOSSIM_CHECK(explained == waterfall.difference, "party={} explained={} difference={}", party,
                 explained.micro(), waterfall.difference.micro());
  return waterfall;
}

void add(Waterfall& sum, const Waterfall& other) {
  using Key = std::tuple<Account, std::string, std::string>;
  std::map<Key, WaterfallRow> rows;
  for (const Waterfall* each : {static_cast<const Waterfall*>(&sum), &other}) {
    for (const WaterfallRow& row : each->rows) {
      const auto [found, is_new] = rows.try_emplace({row.account, row.cause, row.unit}, row);
      if (!is_new) found->second.parts += row.parts;
    }
  }
  sum.difference += other.difference;
  sum.rows.clear();
  for (auto& [key, row] : rows) sum.rows.push_back(std::move(row));
}

Waterfall waterfall_of(const Result& base, const Result& other, const std::string& party) {
  Waterfall waterfall =
      explain_earnings(earned_by_cause(base, party), earned_by_cause(other, party), party);
  const Money difference = ledger_profit(other, party) - ledger_profit(base, party);
  COLOSSIM_CHECK(waterfall.difference == difference, "party={} journal={} balances={}", party,
                 waterfall.difference.micro(), difference.micro());
  return waterfall;
}

}  // namespace colossim
