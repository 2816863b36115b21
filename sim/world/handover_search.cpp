// The exact search for divisions of a site: a knapsack along the line of racks, counted in racks.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include <colossim/base/check.hpp>

#include "handover_line.hpp"

namespace colossim {

namespace {

using Costs = std::vector<DivisionCost>;  // by number of units that go
using Front = std::vector<Costs>;         // by state

constexpr double most_work = 1.5e9;  // additions: a few seconds
constexpr double most_memory = 4e8;  // bytes

void lower(DivisionCost& value, DivisionCost other) {
  value = std::min(value, other);
}

/// The least of `costs` over the `width` places k, k − step, k − 2·step, ... by doubling.
Costs window_least(Costs costs, std::size_t width, std::size_t step) {
  costs.resize(costs.size() + (width - 1) * step, unreachable);
  for (std::size_t covered = 1; covered < width;) {
    const std::size_t more = std::min(covered, width - covered);
    for (std::size_t k = costs.size(); k-- > more * step;) lower(costs[k], costs[k - more * step]);
    covered += more;
  }
  return costs;
}

/// The walk along one section, up to `limit` units.
class SectionWalk {
 public:
  SectionWalk(const Section& section, std::size_t limit) : section_(section), limit_(limit) {
    const auto root = std::sqrt(static_cast<double>(section.stretches.size()));
    spacing_ = std::max<std::size_t>(1, static_cast<std::size_t>(root));
  }

  /// Costs by state behind the last rack. Keeps a front every `spacing_` stretches for `trace`.
  const Front& run() {
    front_ = {Costs{0}};
    for (std::size_t i = 0; i < section_.stretches.size(); ++i) {
      if (i % spacing_ == 0) kept_.push_back(front_);
      front_ = advance(section_.stretches[i], front_);
    }
    return front_;
  }

  /// Writes who goes on the way to `units` units in the final state `state`; the divided rack gets
  /// `residual` GPUs.
  void trace(std::uint32_t state, std::size_t units, const HandoverSite& site,
             std::int64_t residual, std::vector<std::int64_t>& handed) const {
    for (std::size_t block = kept_.size(); block-- > 0;) {
      const std::size_t begin = block * spacing_;
      const std::size_t end = std::min(begin + spacing_, section_.stretches.size());
      std::vector<Front> fronts{kept_[block]};
      for (std::size_t i = begin; i < end; ++i)
        fronts.push_back(advance(section_.stretches[i], fronts.back()));
      for (std::size_t i = end; i-- > begin;) {
        const Stretch& stretch = section_.stretches[i];
        const Step step = step_back(stretch, fronts[i - begin], state, units,
                                    fronts[i - begin + 1][state][units]);
        place(stretch, step, site, residual, handed);
        state = step.from;
        units -= step.whole * static_cast<std::size_t>(stretch.step);
      }
    }
  }

  [[nodiscard]] static double work(const Section& section, std::size_t limit) {
    double sum = 0;
    std::size_t reach = 0;
    for (const Stretch& stretch : section.stretches) {
      reach = std::min(limit, reach + stretch.count * static_cast<std::size_t>(stretch.step));
      std::size_t passes = 0;
      for (const StretchMove& move : stretch.moves)
        passes += move.sources.size() + std::bit_width(move.high - move.low + 1) + 1;
      sum += static_cast<double>(passes) * static_cast<double>(reach + 1);
    }
    return sum;
  }
  [[nodiscard]] static double memory(const Section& section, std::size_t limit) {
    std::uint32_t states = 1;
    for (const Stretch& stretch : section.stretches) states = std::max(states, stretch.states);
    return 16.0 * std::sqrt(static_cast<double>(section.stretches.size())) * states *
           static_cast<double>(limit + 1);
  }

 private:
  struct Step {
    std::string_view blocks;
    std::size_t whole = 0;
    std::uint32_t from = 0;
  };

  [[nodiscard]] Front advance(const Stretch& stretch, const Front& before) const {
    const auto step = static_cast<std::size_t>(stretch.step);
    const std::size_t reach = before.front().size();
    const std::size_t longer = std::min(limit_ + 1, reach + stretch.count * step);
    Front after(stretch.states, Costs(longer, unreachable));
    for (const StretchMove& move : stretch.moves) {
      Costs least(reach, unreachable);
      for (const StretchMove::Source& source : move.sources) {
        const Costs& from = before[source.state];
        for (std::size_t k = 0; k < reach; ++k) lower(least[k], from[k] + source.add);
      }
      if (move.high > move.low)
        least = window_least(std::move(least), move.high - move.low + 1, step);
      Costs& to = after[move.to];
      const std::size_t shift = move.low * step;
      for (std::size_t k = shift; k < std::min(longer, shift + least.size()); ++k)
        lower(to[k], least[k - shift]);
    }
    return after;
  }

  /// The first way, in the order of the moves, in which `cost` came about.
  [[nodiscard]] static Step step_back(const Stretch& stretch, const Front& before,
                                      std::uint32_t state, std::size_t units, DivisionCost cost) {
    const auto step = static_cast<std::size_t>(stretch.step);
    for (const StretchMove& move : stretch.moves) {
      if (move.to != state) continue;
      for (std::size_t whole = move.low; whole <= move.high; ++whole) {
        if (whole * step > units || units - whole * step >= before.front().size()) continue;
        for (const StretchMove::Source& source : move.sources) {
          const DivisionCost earlier = before[source.state][units - whole * step];
          if (earlier < unreachable && earlier + source.add == cost)
            return {move.blocks, whole, source.state};
        }
      }
    }
    COLOSSIM_CHECK(false, "state={} units={} cost={}", state, units, cost);
  }

  void place(const Stretch& stretch, const Step& step, const HandoverSite& site,
             std::int64_t residual, std::vector<std::int64_t>& handed) const {
    std::size_t rack = stretch.first;
    const bool divides = step.blocks.find('P') != std::string_view::npos;
    for (const char block : step.blocks) {
      std::size_t count = 1;
      if (block == 'G') count = step.whole;
      if (block == 'S') count = stretch.count - step.whole - (divides ? 1 : 0);
      for (; count > 0; --count, ++rack) {
        const std::uint32_t row = section_.line[rack];
        if (block == 'G') handed[row] = site.racks[row].gpus;
        if (block == 'P') handed[row] = residual;
      }
    }
  }

  const Section& section_;
  std::size_t limit_;
  std::size_t spacing_ = 1;
  std::vector<Front> kept_;
  Front front_;
};

/// Least costs of all numbers of GPUs up to a limit: the sections' walks, combined.
class Search {
 public:
  Search(const HandoverSite& site, const SearchTerms& terms) : site_(site) {
    line_ = search_line(site, terms);
    for (const Section& section : line_.sections) unit_ = std::gcd(unit_, section.unit);
  }
  Search(const Search&) = delete;  // the walks look at the line
  Search& operator=(const Search&) = delete;
  ~Search() = default;

  /// False, without having begun, when it would take too long.
  bool run(std::int64_t limit) {
    if (!line_.complete || work(limit) > most_work) return false;
    const auto cells = static_cast<std::size_t>(limit / unit_) + 1;
    tables_.assign(1, Front(line_.kinds.size() + 1, Costs(cells, unreachable)));
    tables_.front().front().front() = 0;
    for (const Section& section : line_.sections) {
      walks_.emplace_back(section, units(section, limit));
      ends_.push_back(walks_.back().run());
      tables_.push_back(joined(section, tables_.back(), ends_.back()));
    }
    return true;
  }

  [[nodiscard]] DivisionCost least(std::int64_t gpus) const { return best(gpus).cost; }

  [[nodiscard]] std::vector<std::int64_t> division(std::int64_t gpus) const {
    Best goal = best(gpus);
    COLOSSIM_CHECK(goal.cost < unreachable, "gpus={}", gpus);
    std::vector<std::int64_t> handed(site_.racks.size());
    for (std::size_t i = walks_.size(); i-- > 0;) {
      const Joint joint = joint_of(i, goal);
      walks_[i].trace(joint.state, joint.units, site_, goal.residual, handed);
      goal.cell -= joint.units * stride(line_.sections[i]);
      goal.cost = tables_[i][joint.table][goal.cell];
      goal.table = joint.table;
    }
    return handed;
  }

 private:
  /// A cell of the last table, and how many GPUs of the divided rack go besides.
  struct Best {
    DivisionCost cost = unreachable;
    std::size_t table = 0;
    std::size_t cell = 0;
    std::int64_t residual = 0;
  };
  /// How a cell came about: a cell of the table before and a final state of the section.
  struct Joint {
    std::size_t table = 0;
    std::uint32_t state = 0;
    std::size_t units = 0;
  };

  [[nodiscard]] std::size_t stride(const Section& section) const {
    return static_cast<std::size_t>(section.unit / unit_);
  }
  [[nodiscard]] std::size_t units(const Section& section, std::int64_t limit) const {
    std::int64_t gpus = 0;
    for (const std::uint32_t rack : section.line) gpus += site_.racks[rack].gpus;
    return static_cast<std::size_t>(std::min(limit, gpus) / section.unit);
  }
  [[nodiscard]] double work(std::int64_t limit) const {
    double sum = 0;
    double memory = 0;
    double cells = 1;
    const std::int64_t limit_cells = limit / unit_ + 1;
    const auto most_cells = static_cast<double>(limit_cells);
    for (const Section& section : line_.sections) {
      const std::size_t most = units(section, limit);
      sum += SectionWalk::work(section, most);
      sum += cells * static_cast<double>(most + 1) *
             static_cast<double>(section.divided_kind.size() + line_.kinds.size());
      cells = std::min(most_cells, cells * static_cast<double>(most + 1));
      memory += SectionWalk::memory(section, most);
    }
    return memory > most_memory ? 2 * most_work : sum;
  }

  /// Table 0: no rack divided so far; table i: a rack of kind i − 1.
  [[nodiscard]] Front joined(const Section& section, const Front& before, const Front& end) const {
    const std::size_t wide = stride(section);
    const std::size_t cells = before.front().size();
    Front after(before.size(), Costs(cells, unreachable));
    for (std::size_t table = 0; table < before.size(); ++table) {
      for (std::size_t state = 0; state < end.size(); ++state) {
        const std::uint32_t divided = section.divided_kind[state];
        if (divided != 0 && table != 0) continue;
        Costs& to = after[std::max<std::size_t>(divided, table)];
        for (std::size_t cell = 0; cell < cells; ++cell) {
          if (before[table][cell] >= unreachable) continue;
          for (std::size_t k = 0; k < end[state].size() && cell + k * wide < cells; ++k)
            lower(to[cell + k * wide], before[table][cell] + end[state][k]);
        }
      }
    }
    for (Costs& costs : after) {
      for (DivisionCost& cost : costs) lower(cost, unreachable);
    }
    return after;
  }

  [[nodiscard]] Joint joint_of(std::size_t i, const Best& goal) const {
    const Section& section = line_.sections[i];
    const std::size_t wide = stride(section);
    for (std::uint32_t state = 0; state < ends_[i].size(); ++state) {
      const std::uint32_t divided = section.divided_kind[state];
      if (divided != 0 && divided != goal.table) continue;
      const std::size_t table = divided != 0 ? 0 : goal.table;
      const Costs& costs = ends_[i][state];
      for (std::size_t k = 0; k < costs.size() && k * wide <= goal.cell; ++k) {
        const DivisionCost earlier = tables_[i][table][goal.cell - k * wide];
        if (earlier < unreachable && costs[k] < unreachable && earlier + costs[k] == goal.cost)
          return {table, state, k};
      }
    }
    COLOSSIM_CHECK(false, "section={} cell={} cost={}", i, goal.cell, goal.cost);
  }

  [[nodiscard]] Best best(std::int64_t gpus) const {
    Best least;
    const auto consider = [&](std::size_t table, std::int64_t residual) {
      const std::int64_t whole = gpus - residual;
      const auto cell = static_cast<std::size_t>(whole / unit_);
      if (whole < 0 || whole % unit_ != 0 || cell >= tables_.back()[table].size()) return;
      const DivisionCost cost = tables_.back()[table][cell];
      if (cost < least.cost) least = {cost, table, cell, residual};
    };
    consider(0, 0);
    for (std::size_t kind = 0; kind < line_.kinds.size(); ++kind) {
      const RackKind& rack = line_.kinds[kind];
      for (std::int64_t part = rack.gpus_per_node; part < rack.gpus; part += rack.gpus_per_node)
        consider(kind + 1, part);
    }
    return least;
  }

  const HandoverSite& site_;
  SearchLine line_;
  std::int64_t unit_ = 0;
  std::vector<SectionWalk> walks_;
  std::vector<Front> ends_;    // by section: costs by final state
  std::vector<Front> tables_;  // before each section and behind the last
};

constexpr std::uint32_t bit(ElementKind kind) {
  return std::uint32_t{1} << static_cast<unsigned>(kind);
}
struct Scope {
  std::uint32_t minded;
  const char* text;
};
/// What is minded, the most first: the search takes the first that it can follow.
constexpr std::array scopes{
    Scope{bit(ElementKind::power) | bit(ElementKind::coolant) | bit(ElementKind::array),
          "power, coolant, arrays"},
    Scope{bit(ElementKind::power) | bit(ElementKind::coolant), "power, coolant"},
    Scope{bit(ElementKind::power), "power"}};

/// Swaps the parties: what strands is the same from both sides, and the search is shorter for the
/// smaller one.
void swap_parties(const HandoverSite& site, std::vector<std::int64_t>& handed) {
  for (std::size_t rack = 0; rack < handed.size(); ++rack)
    handed[rack] = site.racks[rack].gpus - handed[rack];
}

struct Range {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// The number in the range nearest to `gpus` that can be made, of two the lower one if
/// `prefers_low`. REQUIRES: there is one.
std::int64_t nearest(const Search& search, std::int64_t gpus, Range range, bool prefers_low) {
  for (std::int64_t off = 0;; ++off) {
    for (const std::int64_t number :
         {prefers_low ? gpus - off : gpus + off, prefers_low ? gpus + off : gpus - off}) {
      if (number >= range.low && number <= range.high && search.least(number) < unreachable)
        return number;
    }
  }
}

}  // namespace

std::optional<Division> least_stranded(const HandoverSite& site, std::int64_t gpus) {
  const std::int64_t total = site.gpus();
  const std::int64_t offered = site.gpus_on_offer();
  COLOSSIM_CHECK(gpus >= 0 && gpus <= offered, "gpus={} offered={}", gpus, offered);
  const bool swaps = offered == total && gpus > total - gpus;
  const std::int64_t smaller = swaps ? total - gpus : gpus;
  std::int64_t coarsest = 1;
  for (const HandoverRack& rack : site.racks) coarsest = std::max(coarsest, rack.gpus_per_node);
  const std::int64_t limit = std::min(offered, smaller + coarsest);
  const Range range{!swaps && gpus > 0 ? 1 : 0, limit};
  const auto make = [&](const Search& search, std::int64_t number, const Scope& scope) {
    Division result{search.division(number), scope.text};
    if (swaps) swap_parties(site, result.handed);
    return result;
  };
  // What strands nothing is found sooner, as there are fewer labels to choose from.
  Search clean{site, {.minded = scopes.front().minded, .may_strand = false}};
  if (clean.run(smaller) && clean.least(smaller) < unreachable)
    return make(clean, smaller, scopes.front());
  for (const Scope& scope : scopes) {
    Search search{site, {.minded = scope.minded, .may_strand = true}};
    if (search.run(limit)) return make(search, nearest(search, smaller, range, !swaps), scope);
  }
  return std::nullopt;
}

CleanDivisions clean_divisions(const HandoverSite& site, std::int64_t gpus) {
  const std::int64_t offered = site.gpus_on_offer();
  Search search{site, {.minded = scopes.front().minded, .may_strand = false}};
  CleanDivisions result;
  if (!search.run(offered)) return result;
  const auto make = [&](std::int64_t number) {
    return Division{search.division(number), scopes.front().text};
  };
  std::int64_t below = gpus;
  while (below > 0 && search.least(below) >= unreachable) --below;
  if (below > 0) result.below = make(below);
  std::int64_t above = gpus;
  while (above <= offered && search.least(above) >= unreachable) ++above;
  if (above <= offered) result.above = make(above);
  return result;
}

}  // namespace colossim
