// The table of a comparison.
#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include <colossim/base/calendar.hpp>
#include <colossim/report/compare_text.hpp>

#include "metric_table.hpp"
#include "screen.hpp"

namespace colossim {

namespace {

constexpr std::size_t screen_lines = 50;
constexpr std::size_t name_width = 23;

class Table {
 public:
  Table(const Comparison& comparison, const CompareText& options)
      : comparison_(comparison), options_(options), scenarios_(comparison.scenarios) {}

  std::string draw() {
    header();
    readings();
    party_block("OWNER", comparison_.owner);
    if (!comparison_.tenant.empty()) party_block("TENANT", comparison_.tenant);
    if (scenarios_.size() > 1) gains();
    remarks();
    if (!options_.metrics.empty()) lines_.append(metric_tables(comparison_, options_.metrics));
    conclusions();
    waterfalls();
    if (options_.metrics.empty() && options_.party.empty() && scenarios_.size() == 2)
      lines_.append(
          greatest_differences(comparison_, screen_lines - std::min(screen_lines, lines_.count())));
    return lines_.take();
  }

 private:
  [[nodiscard]] const PartyOutcome* outcome(std::size_t s, const std::string& party) const {
    const auto found = scenarios_[s].parties.find(party);
    return found == scenarios_[s].parties.end() ? nullptr : &found->second;
  }

  template <class Visit>
  void each_outcome(const std::string& party, Visit visit) const {
    for (std::size_t s = 0; s < scenarios_.size(); ++s) {
      if (const PartyOutcome* found = outcome(s, party)) visit(s, *found);
    }
  }

  void header() {
    const Scenario& s = scenarios_.front().scenario;
    const std::string runs =
        comparison_.replications == 1
            ? ""
            : fmt::format("   means of {} replications ± 95 %", comparison_.replications);
    lines_.add("COMPARE  {} + {}   seed {}{}   NPV at {}", to_string(s.start),
               human(s.duration.in(units::day), "d"), s.seed, runs, rates());
    if (!comparison_.fork) return;
    lines_.add("FORK  one past until {} UTC, then in B",
               Calendar{s.start, {}}.text(comparison_.fork->at));
    for (const Override& change : comparison_.fork->changes)
      lines_.add("{}", cut(fmt::format("      {} = {}", change.path, change.value), screen_width));
  }

  /// Who says what instead.
  void readings() {
    for (std::size_t r = 0; r < comparison_.readings.size(); ++r) {
      const ReadingNote& reading = comparison_.readings[r];
      std::string source = reading.source;
      if (!reading.confidence.empty()) source += ", confidence " + reading.confidence;
      lines_.add("{}", cut(fmt::format("  {} {} ({}){}{}", letter(r + 1), reading.name, source,
                                       reading.title.empty() ? "" : ": ", reading.title),
                           screen_width));
      for (const Override& change : reading.changes)
        lines_.add("{}",
                   cut(fmt::format("      {} = {}", change.path, change.value), screen_width));
    }
  }

  /// `plausible`, `off by 1.4`, `other sign`, ...: a verdict in a narrow column.
  static std::string brief(const ClaimResult& claim) {
    if (claim.verdict != Verdict::implausible) return std::string{verdict_name(claim.verdict)};
    return std::isfinite(claim.factor) ? fmt::format("off by {:.1f}", claim.factor) : "other sign";
  }

  /// Which claims are judged alike whoever is right.
  void conclusions() {
    constexpr std::size_t most = 5;
    constexpr std::size_t width = 12;
    const auto& by_scenario = comparison_.conclusions;
    if (by_scenario.empty() || by_scenario.front().empty()) return;
    for (std::size_t first = 0; first < by_scenario.size(); first += most) {
      const std::size_t end = std::min(first + most, by_scenario.size());
      std::string head = fmt::format("{:<40}", "CONCLUSIONS");
      for (std::size_t s = first; s < end; ++s) head += cell(std::string{letter(s)}, width);
      lines_.add("{}", head);
      for (std::size_t c = 0; c < by_scenario.front().size(); ++c) {
        const auto differs = [&](const std::vector<ClaimResult>& judged) {
          return judged[c].verdict != by_scenario.front()[c].verdict;
        };
        const bool depends = std::any_of(by_scenario.begin(), by_scenario.end(), differs);
        std::string row =
            fmt::format("{} {:<38}", depends ? '*' : ' ', cut(by_scenario.front()[c].claim, 37));
        for (std::size_t s = first; s < end; ++s) row += cell(brief(by_scenario[s][c]), width);
        lines_.add("{}", row);
      }
    }
    if (!by_scenario.empty())
      lines_.add("* depends on the source; the others hold for all of them");
  }

  /// `12 %/yr`, or one rate for each side.
  [[nodiscard]] std::string rates() const {
    std::vector<std::string> texts;
    for (const std::string* party : {&comparison_.owner, &comparison_.tenant}) {
      if (const PartyOutcome* found = outcome(0, *party))
        texts.push_back(fmt::format("{:.4g} %", found->rate * 100));
    }
    if (texts.size() == 2 && texts[0] == texts[1]) texts.pop_back();
    return fmt::format("{}/yr", fmt::join(texts, ", "));
  }

  void party_block(std::string_view role, const std::string& party) {
    double largest = 0;
    each_outcome(party, [&](std::size_t, const PartyOutcome& p) {
      for (const double usd : {p.revenue, p.cost, p.profit, p.cash, p.npv})
        largest = std::max(largest, std::abs(usd));
    });
    const MoneyUnit unit = MoneyUnit::of(largest);
    lines_.add("{}{:>11}{:>11}{:>11}{:>11}{:>11}{:>13}{:>9}",
               heading(role, party, unit, name_width), "revenue", "cost", "profit", "cash", "NPV",
               "useful", "USD each");
    each_outcome(party, [&](std::size_t s, const PartyOutcome& p) {
      std::string row = tagged(s, scenarios_[s].name, name_width);
      for (const double usd : {p.revenue, p.cost, p.profit, p.cash, p.npv})
        row += cell(amount_text(usd, unit, 11), 11);
      const auto cost = p.cost_per_useful();
      lines_.add("{}{:>13}{:>9}", row, human(p.useful, "gpu-h"), cost ? grouped(*cost, 3) : "-");
    });
  }

  [[nodiscard]] std::string gain_cell(const Estimate& gain, MoneyUnit unit) const {
    constexpr std::size_t width = 17;
    return coloured(cell(estimate_text(gain, unit, width - 1), width), gain.value, options_.colour);
  }

  /// Who is better off than in the base by more than the interval.
  static std::string winners(const PartyOutcome& owner, const PartyOutcome& tenant) {
    const auto gains = [](const Estimate& gain) { return gain.value > gain.half_width; };
    if (gains(owner.npv_gain)) return gains(tenant.npv_gain) ? "both" : "owner";
    return gains(tenant.npv_gain) ? "tenant" : "nobody";
  }

  void gains() {
    double largest = 0;
    for (const std::string* party : {&comparison_.owner, &comparison_.tenant}) {
      each_outcome(*party, [&](std::size_t, const PartyOutcome& p) {
        largest = std::max({largest, std::abs(p.profit_gain.value), std::abs(p.npv_gain.value)});
      });
    }
    const MoneyUnit unit = MoneyUnit::of(largest);
    lines_.add("{:<{}}{:>17}{:>17}{:>17}{:>17}{:>8}", fmt::format("AGAINST A, {}", unit.name),
               name_width, "owner's profit", "NPV", "tenant's profit", "NPV", "gains");
    for (std::size_t s = 1; s < scenarios_.size(); ++s) {
      const PartyOutcome* owner = outcome(s, comparison_.owner);
      const PartyOutcome* tenant = outcome(s, comparison_.tenant);
      const PartyOutcome none;
      std::string row = tagged(s, scenarios_[s].name, name_width);
      for (const PartyOutcome* p : {owner, tenant}) {
        row += p == nullptr ? cell("-", 17) + cell("-", 17)
                            : gain_cell(p->profit_gain, unit) + gain_cell(p->npv_gain, unit);
      }
      lines_.add("{}{:>8}", row,
                 winners(owner != nullptr ? *owner : none, tenant != nullptr ? *tenant : none));
    }
  }

  /// What a reader must know before believing the gains.
  void remarks() {
    after_the_run();
    for (const std::string* party : {&comparison_.owner, &comparison_.tenant}) unpaid_work(*party);
    for (const std::string* party : {&comparison_.owner, &comparison_.tenant}) break_even(*party);
    lone_draws();
  }

  /// Jobs that were to be paired by their random numbers, and are not: a misspelt name, perhaps.
  void lone_draws() {
    const auto draws_in = [](const Scenario& scenario, const std::string& drawn) {
      return std::any_of(scenario.jobs.begin(), scenario.jobs.end(), [&](const auto& job) {
        const auto* batch = std::get_if<BatchSpec>(&job.second);
        return batch != nullptr && batch->draws_as.value_or(job.first) == drawn;
      });
    };
    for (std::size_t s = 0; s < scenarios_.size(); ++s) {
      for (const auto& [name, job] : scenarios_[s].scenario.jobs) {
        const auto* batch = std::get_if<BatchSpec>(&job);
        if (batch == nullptr || !batch->draws_as) continue;
        std::size_t drawing = 0;
        for (const ComparedScenario& other : scenarios_)
          drawing += draws_in(other.scenario, *batch->draws_as) ? 1 : 0;
        if (drawing == 1)
          lines_.add("  {} of {} draws as {}, and nothing else here does", name, letter(s),
                     *batch->draws_as);
      }
    }
  }

  /// Over how long a year's deal is judged.
  void after_the_run() {
    std::string with;
    std::string without;
    for (std::size_t s = 0; s < scenarios_.size(); ++s) {
      const auto& sites = scenarios_[s].scenario.sites;
      const bool states = std::any_of(sites.begin(), sites.end(), [](const auto& site) {
        return site.second.assets.residual.has_value();
      });
      (states ? with : without) += fmt::format(" {}", letter(s));
    }
    if (with.empty()) return;
    lines_.add("  NPV counts what owned nodes earn after the run{}",
               without.empty() ? "" : " in" + with + ", not in" + without);
  }

  /// Work that costs and brings nothing makes every deal that ends it look good.
  void unpaid_work(const std::string& party) {
    std::string where;
    each_outcome(party, [&](std::size_t s, const PartyOutcome& p) {
      if (p.useful > 0 && p.work_income == 0 && p.own_work == 0)
        where += fmt::format(" {}", letter(s));
    });
    if (!where.empty())
      lines_.add("  what the work of {} brings is not modelled in{}", party, where);
  }

  /// The worth of a useful GPU-hour that decides, and beside it what one costs elsewhere.
  void break_even(const std::string& party) {
    std::string values;
    std::optional<double> elsewhere;
    each_outcome(party, [&](std::size_t s, const PartyOutcome& p) {
      if (p.elsewhere) elsewhere = p.elsewhere;
      if (p.break_even && *p.break_even > 0)
        values += fmt::format("   {} {}", letter(s), grouped(*p.break_even, 3));
    });
    if (values.empty()) return;
    std::string head =
        fmt::format("  as good as A for {} when an hour of its own jobs is worth, USD", party);
    if (elsewhere) head += fmt::format(" (elsewhere {})", grouped(*elsewhere, 3));
    const bool wraps = head.size() + values.size() > screen_width;
    lines_.add("{}:{}{}", head, wraps ? "\n" : "", values);
  }

  struct Columns {
    std::size_t label;
    std::size_t width;
    std::size_t begin;
    std::size_t end;
  };

  [[nodiscard]] const Waterfall* waterfall(std::size_t s, const std::string& party) const {
    for (const Waterfall& each : scenarios_[s].waterfalls) {
      if (each.party == party) return &each;
    }
    return nullptr;
  }

  /// Mean over replications.
  [[nodiscard]] double usd(Money sum) const {
    return sum.quantity().base() / static_cast<double>(comparison_.replications);
  }

  /// Parties with a difference: the owner, the tenant, then the others, the largest first.
  [[nodiscard]] std::vector<std::string> parties_by_difference() const {
    std::map<std::string, double> largest;
    for (const ComparedScenario& scenario : scenarios_) {
      for (const Waterfall& each : scenario.waterfalls)
        largest[each.party] = std::max(largest[each.party], std::abs(usd(each.difference)));
    }
    std::vector<std::tuple<bool, bool, double, std::string>> order;
    order.reserve(largest.size());
    for (const auto& [party, size] : largest)
      order.emplace_back(party != comparison_.owner, party != comparison_.tenant, -size, party);
    std::sort(order.begin(), order.end());
    std::vector<std::string> parties;
    parties.reserve(order.size());
    for (const auto& each : order) parties.push_back(std::get<std::string>(each));
    return parties;
  }

  /// All that fit on the screen, at least one; a party that was asked for alone.
  void waterfalls() {
    const bool asked = !options_.party.empty();
    bool first = true;
    for (const std::string& party :
         asked ? std::vector<std::string>{options_.party} : parties_by_difference()) {
      const Lines block = waterfall_block(party);
      if (!first && lines_.count() + block.count() > screen_lines) return;
      lines_.append(block);
      first = false;
    }
  }

  [[nodiscard]] Lines waterfall_block(const std::string& party) const {
    constexpr std::size_t most = 9;
    Lines block;
    for (std::size_t s = 1; s < scenarios_.size(); s += most) {
      const std::size_t end = std::min(s + most, scenarios_.size());
      const std::size_t width = end - s < most ? 10 : 9;
      waterfall_columns(block, party, {screen_width - width * (width == 9 ? 9 : 8), width, s, end});
    }
    return block;
  }

  void waterfall_columns(Lines& block, const std::string& party, const Columns& columns) const {
    double largest = 0;
    for (std::size_t s = columns.begin; s < columns.end; ++s) {
      const Waterfall* each = waterfall(s, party);
      for (std::size_t g = 0; each != nullptr && g < group_count; ++g)
        largest =
            std::max(largest, std::abs(usd(each->step(static_cast<WaterfallGroup>(g)).amount)));
    }
    const MoneyUnit unit = MoneyUnit::of(largest);
    const bool alone = scenarios_.size() == 2;
    std::string head = heading("WHY", party, unit, columns.label);
    for (std::size_t s = columns.begin; s < columns.end; ++s)
      head += fmt::format("{:>{}}", fmt::format("{} - A", letter(s)), columns.width);
    block.add("{}{}", head, alone ? "     of it: by price     by volume     the rest" : "");
    for (std::size_t g = 0; g < group_count; ++g) {
      waterfall_row(block, party, static_cast<WaterfallGroup>(g), {columns, unit});
      const bool in_detail = alone || !options_.party.empty();
      const auto group = static_cast<WaterfallGroup>(g);
      if (in_detail && (group == WaterfallGroup::volume || group == WaterfallGroup::work))
        volume_rows(block, party, group, {columns, unit});
    }
    std::string row = fmt::format("  {:<{}}", "profit", columns.label - 2);
    for (std::size_t s = columns.begin; s < columns.end; ++s) {
      const Waterfall* each = waterfall(s, party);
      row += step_cell(each == nullptr ? 0 : usd(each->difference), unit, columns.width);
    }
    block.add("{}", row);
  }

  struct StepLayout {
    Columns columns;
    MoneyUnit unit;
  };

  void waterfall_row(Lines& block, const std::string& party, WaterfallGroup group,
                     const StepLayout& layout) const {
    const Columns& columns = layout.columns;
    std::string row = fmt::format("  {:<{}}", name(group), columns.label - 2);
    bool moves = false;
    for (std::size_t s = columns.begin; s < columns.end; ++s) {
      const Waterfall* each = waterfall(s, party);
      const WaterfallStep step = each == nullptr ? WaterfallStep{} : each->step(group);
      moves = moves || step.amount != Money{};
      row += step_cell(usd(step.amount), layout.unit, columns.width);
      const bool split = step.by_price != Money{} || step.by_volume != Money{};
      if (scenarios_.size() == 2 && split && group > WaterfallGroup::trade)
        row += cell(amount_text(usd(step.by_price), layout.unit, 20), 20) +
               cell(amount_text(usd(step.by_volume), layout.unit, 14), 14) +
               cell(amount_text(usd(step.amount - step.by_price - step.by_volume), layout.unit, 13),
                    13);
    }
    if (moves) block.add("{}", row);
  }

  /// Which rungs of the ladder moved the volume.
  void volume_rows(Lines& block, const std::string& party, WaterfallGroup group,
                   const StepLayout& layout) const {
    const bool trade = group == WaterfallGroup::volume;
    const Columns& columns = layout.columns;
    for (std::size_t part = 0; part <= ladder_parts; ++part) {
      std::string row = fmt::format("    of it {:<{}}", volume_part_name(part), columns.label - 10);
      bool moves = false;
      for (std::size_t s = columns.begin; s < columns.end; ++s) {
        const Waterfall* each = waterfall(s, party);
        const Money amount = each == nullptr
                                 ? Money{}
                                 : each->volume_by(trade ? WaterfallGroup::trade : group)[part];
        moves = moves || amount != Money{};
        row += step_cell(usd(amount), layout.unit, columns.width);
      }
      if (moves) block.add("{}", row);
    }
  }

  [[nodiscard]] std::string step_cell(double amount, MoneyUnit unit, std::size_t width) const {
    const std::string text = amount == 0 ? "-" : amount_text(amount, unit, width);
    return coloured(cell(text, width), amount, options_.colour);
  }

  static constexpr auto group_count = static_cast<std::size_t>(WaterfallGroup::count);

  const Comparison& comparison_;
  const CompareText& options_;
  const std::vector<ComparedScenario>& scenarios_;
  Lines lines_;
};

}  // namespace

std::string_view name(WaterfallGroup group) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(WaterfallGroup::count)> names{
      "price", "volume",   "trade", "work",      "sale", "energy",       "water",   "operating",
      "sla",   "transfer", "fees",  "financing", "tax",  "depreciation", "default", "other"};
  return names[static_cast<std::size_t>(group)];
}

WaterfallStep Waterfall::step(WaterfallGroup group) const {
  WaterfallStep step;
  for (const WaterfallRow& row : rows) {
    const bool trade = row.group == WaterfallGroup::trade;
    if (trade && group == WaterfallGroup::price) step.amount += row.parts.price;
    if (trade && group == WaterfallGroup::volume) step.amount += row.parts.volume;
    if (row.group != group) continue;
    step.amount += trade ? row.parts.unpriced : row.parts.total();
    step.by_price += trade ? Money{} : row.parts.price;
    step.by_volume += trade ? Money{} : row.parts.volume;
  }
  return step;
}

std::string_view volume_part_name(std::size_t part) {
  return part == yield_part ? "yield" : ladder_part_names[part];
}

VolumeParts Waterfall::volume_by(WaterfallGroup group) const {
  VolumeParts sum{};
  for (const WaterfallRow& row : rows) {
    if (row.group != group) continue;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += row.parts.volume_by[i];
  }
  return sum;
}

std::optional<double> PartyOutcome::cost_per_useful() const {
  if (useful <= 0) return std::nullopt;
  return running_cost / useful;
}

bool matches(std::string_view pattern, std::string_view text) {
  // A star first stands for nothing and grows by one letter each time what follows does not match;
  // only the last star seen need ever grow.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool matches_metric(std::string_view pattern, std::string_view name) {
  constexpr std::string_view party = "party.";
  return matches(pattern, name) ||
         (name.starts_with(party) && matches(pattern, name.substr(party.size())));
}

std::string compare_text(const Comparison& comparison, const CompareText& options) {
  return Table{comparison, options}.draw();
}

}  // namespace colossim
