// The decision table.
#include <colossim/report/compare_text.hpp>

#include "screen.hpp"

namespace colossim {

namespace {

constexpr std::size_t strategy_width = 23;

class StrategyTable {
 public:
  StrategyTable(const DecisionTable& table, bool colour) : table_(table), colour_(colour) {}

  std::string draw() {
    lines_.add("DECIDE  {} strategies, {} worlds x {} replications; NPV against {}",
               table_.rows.size(), table_.worlds.size(), table_.replications,
               table_.rows.front().strategy);
    worlds();
    block("OWNER", table_.owner, &DecisionRow::owner);
    if (!table_.tenant.empty()) block("TENANT", table_.tenant, &DecisionRow::tenant);
    lines_.add(
        "P5: least value at or below which 5 % of the weight lies. Regret: the best strategy's "
        "NPV in");
    lines_.add("the same world and replication less this one's; its mean, and the greatest.");
    return lines_.take();
  }

 private:
  void worlds() {
    for (const DecisionWorld& world : table_.worlds) {
      lines_.add("  {:<20}{:>6.1f} %", cut(world.name, 19), 100 * world.weight);
      for (const Override& change : world.changes)
        lines_.add("      {} = {}", cut(change.path, 60), cut(change.value, 31));
      for (const std::string& skipped : world.skipped)
        lines_.add("      not in {}", cut(skipped, 80));
    }
  }

  void block(std::string_view role, const std::string& party,
             StrategyOutcome DecisionRow::*outcome) {
    double largest = 0;
    for (const DecisionRow& row : table_.rows) {
      const StrategyOutcome& o = row.*outcome;
      largest = std::max({largest, std::abs(o.mean), std::abs(o.low), o.greatest_regret});
    }
    const MoneyUnit unit = MoneyUnit::of(largest);
    lines_.add("{}{:>13}{:>13}{:>13}{:>16}{:>16}", heading(role, party, unit, strategy_width),
               "E[NPV]", "P5", "P(NPV < 0)", "mean regret", "greatest regret");
    for (std::size_t s = 0; s < table_.rows.size(); ++s) {
      const StrategyOutcome& o = table_.rows[s].*outcome;
      lines_.add("{}{}{}{:>11.1f} %{}{}", tagged(s, table_.rows[s].strategy, strategy_width),
                 money(o.mean, unit, true), money(o.low, unit, true), 100 * o.loss_probability,
                 cell(amount_text(o.expected_regret, unit, 16), 16),
                 cell(amount_text(o.greatest_regret, unit, 16), 16));
    }
  }

  [[nodiscard]] std::string money(double usd, MoneyUnit unit, bool gain) const {
    return coloured(cell(amount_text(usd, unit, 13), 13), usd, colour_ && gain);
  }

  const DecisionTable& table_;
  bool colour_;
  Lines lines_;
};

}  // namespace

std::string decision_text(const DecisionTable& table, bool colour) {
  return StrategyTable{table, colour}.draw();
}

}  // namespace colossim
