// Sections, stretches and moves of the exact handover search.
#include "handover_line.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <tuple>

namespace colossim {

namespace {

using Rows = std::vector<std::uint32_t>;

constexpr std::size_t most_states = 512;
constexpr int most_levels = 12;

/// The minded elements that serve a rack, directly or from above, ascending.
Rows minded_by(const HandoverSite& site, const SearchTerms& terms, std::uint32_t rack) {
  Rows result;
  for (const std::uint32_t direct : site.racks[rack].elements) {
    for (std::optional<std::uint32_t> element = direct; element;
         element = site.elements[*element].parent) {
      if (terms.minds(site.elements[*element])) result.push_back(*element);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

enum class Label : std::uint8_t { go, stay, split };

/// What the walk remembers between two stretches.
struct WalkState {
  std::vector<Label> labels;  // of the open elements
  char side = 'N';            // of the last rack: G, S, P; N before the first
  std::uint32_t divided = 0;  // kind + 1 of the divided rack behind, 0: none yet
  friend auto operator<=>(const WalkState&, const WalkState&) = default;
};

struct Arrangement {
  std::string_view blocks;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

/// The arrangements of `n` racks that can be best: more blocks, or the divided rack apart from
/// where the two parties meet, never make fewer changes.
std::vector<Arrangement> arrangements(std::uint32_t n, bool divides) {
  std::vector<Arrangement> result{{"S", 0, 0}, {"G", n, n}};
  if (n >= 2) {
    for (const std::string_view blocks : {"GS", "SG"}) result.push_back({blocks, 1, n - 1});
  }
  if (!divides) return result;
  if (n == 1) result.push_back({"P", 0, 0});
  if (n >= 2) {
    for (const std::string_view blocks : {"PS", "SP"}) result.push_back({blocks, 0, 0});
    for (const std::string_view blocks : {"PG", "GP"}) result.push_back({blocks, n - 1, n - 1});
  }
  if (n >= 3) {
    for (const std::string_view blocks : {"GPS", "SPG"}) result.push_back({blocks, 1, n - 2});
  }
  return result;
}

DivisionCost changes(char before, std::string_view blocks) {
  const bool joins = before == 'N' || (before == blocks.front() && before != 'P');
  return (joins ? 0 : per_change) + static_cast<DivisionCost>(blocks.size() - 1) * per_change;
}

/// Walks along one section and writes down its stretches.
class Walk {
 public:
  Walk(const HandoverSite& site, const SearchTerms& terms, const std::vector<RackKind>& kinds,
       Section& section)
      : site_(site), terms_(terms), kinds_(kinds), section_(section) {
    locate();
  }

  /// False when too many states are open at once.
  bool run() {
    states_ = {WalkState{}};
    for (std::uint32_t first = 0; first < section_.line.size();) {
      std::uint32_t end = first + 1;
      while (end < section_.line.size() && minded_[end] == minded_[first] &&
             kind_of(end) == kind_of(first) && on_offer(end) == on_offer(first))
        ++end;
      if (!add_stretch(first, end)) return false;
      first = end;
    }
    for (const WalkState& state : states_) section_.divided_kind.push_back(state.divided);
    return true;
  }

 private:
  [[nodiscard]] std::uint32_t kind_of(std::uint32_t place) const {
    const HandoverRack& rack = site_.racks[section_.line[place]];
    const auto found =
        std::lower_bound(kinds_.begin(), kinds_.end(), RackKind{rack.gpus, rack.gpus_per_node});
    return static_cast<std::uint32_t>(found - kinds_.begin());
  }

  [[nodiscard]] bool on_offer(std::uint32_t place) const {
    return site_.racks[section_.line[place]].on_offer;
  }

  /// Minded elements by place, where each ends, and which others contain it.
  void locate() {
    minded_.resize(section_.line.size());
    for (std::uint32_t place = 0; place < section_.line.size(); ++place) {
      minded_[place] = minded_by(site_, terms_, section_.line[place]);
      const Rows& here = minded_[place];
      for (const std::uint32_t element : here) {
        last_[element] = place;
        const auto [around, is_new] = containers_.try_emplace(element, here);
        if (is_new) continue;
        Rows both;
        std::set_intersection(around->second.begin(), around->second.end(), here.begin(),
                              here.end(), std::back_inserter(both));
        around->second = std::move(both);
      }
    }
  }

  bool add_stretch(std::uint32_t first, std::uint32_t end) {
    const RackKind kind = kinds_[kind_of(first)];
    section_.stretches.push_back(
        {.first = first, .count = end - first, .step = kind.gpus / section_.unit});
    elements_ = &minded_[first];
    open_after_.clear();
    const auto stays_open = [&](std::uint32_t element) { return last_.at(element) >= end; };
    std::set_union(open_.begin(), open_.end(), elements_->begin(), elements_->end(),
                   std::back_inserter(open_after_));
    std::erase_if(open_after_, [&](std::uint32_t element) { return !stays_open(element); });
    after_.clear();
    moves_.clear();
    for (std::uint32_t i = 0; i < states_.size() && after_.size() <= most_states; ++i) {
      std::vector<Label> labels;
      label_next(i, labels, 0);
    }
    open_ = open_after_;
    states_.resize(after_.size());
    for (const auto& [state, row] : after_) states_[row] = state;
    section_.stretches.back().states = static_cast<std::uint32_t>(states_.size());
    return after_.size() <= most_states;
  }

  /// Labels the stretch's elements one by one: open ones have theirs, new ones get each in turn.
  void label_next(std::uint32_t from, std::vector<Label>& labels, DivisionCost opened) {
    if (after_.size() > most_states) return;
    if (labels.size() == elements_->size()) return add_moves(from, labels, opened);
    const std::uint32_t element = (*elements_)[labels.size()];
    const auto open = std::lower_bound(open_.begin(), open_.end(), element);
    const bool is_open = open != open_.end() && *open == element;
    for (const Label label : {Label::go, Label::stay, Label::split}) {
      if (is_open && label != states_[from].labels[static_cast<std::size_t>(open - open_.begin())])
        continue;
      if (label == Label::split && !terms_.may_strand) continue;
      labels.push_back(label);
      if (last_fits(labels))
        label_next(from, labels,
                   opened + (label == Label::split && !is_open ? per_shared_element : 0));
      labels.pop_back();
    }
  }
  /// Inside an element that goes or stays as a whole there is nothing left to decide.
  [[nodiscard]] bool last_fits(const std::vector<Label>& labels) const {
    const std::uint32_t last = (*elements_)[labels.size() - 1];
    const auto is_inside = [&](std::uint32_t element, std::uint32_t container) {
      const Rows& around = containers_.at(element);
      return std::binary_search(around.begin(), around.end(), container);
    };
    for (std::size_t i = 0; i + 1 < labels.size(); ++i) {
      if (labels[i] == labels.back()) continue;
      const std::uint32_t other = (*elements_)[i];
      if (labels[i] != Label::split && is_inside(last, other)) return false;
      if (labels.back() != Label::split && is_inside(other, last)) return false;
    }
    return true;
  }

  void add_moves(std::uint32_t from, const std::vector<Label>& labels, DivisionCost opened) {
    const auto has = [&](Label label) {
      return std::find(labels.begin(), labels.end(), label) != labels.end();
    };
    if (has(Label::go) && has(Label::stay)) return;
    const bool must_stay = !on_offer(section_.stretches.back().first);
    if (has(Label::go) && must_stay) return;
    const Stretch& stretch = section_.stretches.back();
    const RackKind kind = kinds_[kind_of(stretch.first)];
    if (has(Label::split)) opened += stretch.count * kind.gpus * per_stranded_gpu;
    const bool forced = has(Label::go) || has(Label::stay) || must_stay;
    const bool divides = terms_.may_strand && !forced && states_[from].divided == 0 &&
                         kind.gpus > kind.gpus_per_node;
    for (const Arrangement& way : arrangements(stretch.count, divides)) {
      if (has(Label::go) && way.low < stretch.count) continue;
      if ((has(Label::stay) || must_stay) && way.high > 0) continue;
      DivisionCost add = opened + changes(states_[from].side, way.blocks);
      std::uint32_t divided = states_[from].divided;
      if (way.blocks.find('P') != std::string_view::npos) {
        divided = kind_of(stretch.first) + 1;
        add += per_shared_element + (has(Label::split) ? 0 : kind.gpus * per_stranded_gpu);
      }
      add_move(from, state_after(from, labels, way.blocks.back(), divided), way, add);
    }
  }
  std::uint32_t state_after(std::uint32_t from, const std::vector<Label>& labels, char side,
                            std::uint32_t divided) {
    WalkState next{.labels = {}, .side = side, .divided = divided};
    for (const std::uint32_t element : open_after_) {
      const auto place = std::lower_bound(elements_->begin(), elements_->end(), element);
      if (place != elements_->end() && *place == element) {
        next.labels.push_back(labels[static_cast<std::size_t>(place - elements_->begin())]);
      } else {
        const auto open = std::lower_bound(open_.begin(), open_.end(), element);
        next.labels.push_back(states_[from].labels[static_cast<std::size_t>(open - open_.begin())]);
      }
    }
    const auto row = static_cast<std::uint32_t>(after_.size());
    return after_.try_emplace(std::move(next), row).first->second;
  }
  /// Moves that differ only in where they come from and what they cost are one.
  void add_move(std::uint32_t from, std::uint32_t to, const Arrangement& way, DivisionCost add) {
    std::vector<StretchMove>& moves = section_.stretches.back().moves;
    const auto key = std::make_tuple(to, way.blocks, way.low);
    const auto [found, is_new] = moves_.try_emplace(key, moves.size());
    if (is_new)
      moves.push_back(
          {.blocks = way.blocks, .to = to, .low = way.low, .high = way.high, .sources = {}});
    std::vector<StretchMove::Source>& sources = moves[found->second].sources;
    if (!sources.empty() && sources.back().state == from) {
      sources.back().add = std::min(sources.back().add, add);
    } else {
      sources.push_back({from, add});
    }
  }

  const HandoverSite& site_;
  const SearchTerms& terms_;
  const std::vector<RackKind>& kinds_;
  Section& section_;

  // Of the whole line.
  std::vector<Rows> minded_;
  std::map<std::uint32_t, std::uint32_t> last_;
  std::map<std::uint32_t, Rows> containers_;

  // Of the walk so far.
  Rows open_;
  std::vector<WalkState> states_;

  // Of the stretch in hand.
  const Rows* elements_ = nullptr;
  Rows open_after_;
  std::map<WalkState, std::uint32_t> after_;
  std::map<std::tuple<std::uint32_t, std::string_view, std::uint32_t>, std::size_t> moves_;
};

/// All racks in the order of the power tree: below one element they stand together.
Rows racks_by_tree(const HandoverSite& site) {
  std::vector<std::pair<Rows, std::uint32_t>> keys(site.racks.size());
  for (std::uint32_t rack = 0; rack < site.racks.size(); ++rack) {
    for (std::optional<std::uint32_t> branch = site.racks[rack].elements.front(); branch;
         branch = site.elements[*branch].parent)
      keys[rack].first.push_back(*branch);
    std::reverse(keys[rack].first.begin(), keys[rack].first.end());
    keys[rack].second = rack;
  }
  std::sort(keys.begin(), keys.end());
  Rows line;
  for (const auto& [path, rack] : keys) line.push_back(rack);
  return line;
}

/// The first rack of each rack's component: racks joined by minded elements.
Rows components(const HandoverSite& site, const SearchTerms& terms) {
  Rows root(site.racks.size());
  std::iota(root.begin(), root.end(), 0U);
  const auto find = [&](std::uint32_t rack) {
    while (root[rack] != rack) rack = root[rack] = root[root[rack]];
    return rack;
  };
  std::vector<std::optional<std::uint32_t>> any(site.elements.size());
  for (std::uint32_t rack = 0; rack < site.racks.size(); ++rack) {
    for (const std::uint32_t element : minded_by(site, terms, rack)) {
      if (!any[element]) any[element] = rack;
      const std::uint32_t a = find(*any[element]);
      const std::uint32_t b = find(rack);
      root[std::max(a, b)] = std::min(a, b);
    }
  }
  for (std::uint32_t rack = 0; rack < site.racks.size(); ++rack) root[rack] = find(rack);
  return root;
}

/// Components whose racks have the same sizes are counted in one unit and walked one after another.
std::vector<Section> sections(const HandoverSite& site, const SearchTerms& terms) {
  const Rows component = components(site, terms);
  std::map<std::uint32_t, std::vector<std::int64_t>> sizes;  // by component
  for (std::uint32_t rack = 0; rack < site.racks.size(); ++rack) {
    std::vector<std::int64_t>& of = sizes[component[rack]];
    const auto place = std::lower_bound(of.begin(), of.end(), site.racks[rack].gpus);
    if (place == of.end() || *place != site.racks[rack].gpus)
      of.insert(place, site.racks[rack].gpus);
  }
  std::map<std::vector<std::int64_t>, std::size_t> by_sizes;
  std::vector<Section> result;
  for (const std::uint32_t rack : racks_by_tree(site)) {
    const std::vector<std::int64_t>& of = sizes.at(component[rack]);
    const auto [found, is_new] = by_sizes.try_emplace(of, result.size());
    if (is_new) {
      result.emplace_back();
      for (const std::int64_t gpus : of) result.back().unit = std::gcd(result.back().unit, gpus);
    }
    result[found->second].line.push_back(rack);
  }
  return result;
}

/// The longest chain of parents.
int levels(const HandoverSite& site) {
  std::vector<int> level(site.elements.size(), 1);
  int most = 0;
  for (std::size_t i = 0; i < level.size(); ++i) {
    if (site.elements[i].parent) level[i] = level[*site.elements[i].parent] + 1;
    most = std::max(most, level[i]);
  }
  return most;
}

}  // namespace

SearchLine search_line(const HandoverSite& site, const SearchTerms& terms) {
  SearchLine line;
  if (site.racks.size() > most_searched_racks || levels(site) > most_levels) return line;
  for (const HandoverRack& rack : site.racks) line.kinds.push_back({rack.gpus, rack.gpus_per_node});
  std::sort(line.kinds.begin(), line.kinds.end());
  line.kinds.erase(std::unique(line.kinds.begin(), line.kinds.end()), line.kinds.end());
  line.sections = sections(site, terms);
  for (Section& section : line.sections) {
    if (!Walk{site, terms, line.kinds, section}.run()) return line;
  }
  line.complete = true;
  return line;
}

}  // namespace colossim
