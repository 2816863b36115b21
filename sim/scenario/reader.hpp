// Turns a tree into described structs, noting every problem instead of stopping at the first.
#pragma once

#include <concepts>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>
#include <colossim/scenario/scenario.hpp>
#include <colossim/scenario/tree.hpp>

#include "leaf_text.hpp"

namespace colossim {

/// A reference to check once everything is read.
struct PendingRef {
  std::string path;
  Place place;
  std::string section;
  std::string name;
};

/// What one reading shares: where problems and notes go.
struct ReadContext {
  const FileNames& files;
  Diagnostics& diagnostics;
  Scenario& scenario;  // receives leaves, sources and marks
  std::filesystem::path folder;
  std::vector<PendingRef> refs;
  std::string topic = "scenario";  // whose `explain` says what its top level has

  void report(Place place, const std::string& path, std::string message,
              std::string hint = {}) const {
    diagnostics.add({files.mark(place), path, std::move(message), std::move(hint)});
  }
};

/// A source that holds for the maps and leaves below it, unless they were written in another file.
struct InheritedSource {
  Provenance provenance;
  std::uint16_t file = 0;
  bool exists = false;
};

/// Where a value stands: its scenario path, its rule and the source it inherits.
struct Spot {
  std::string path;
  Rule rule;
  InheritedSource inherited;

  [[nodiscard]] Spot below(const std::string& name) const {
    return {path.empty() ? name : path + "." + name, rule, inherited};
  }
  [[nodiscard]] Spot item(std::size_t index) const {
    return {fmt::format("{}[{}]", path, index), rule, inherited};
  }
};

template <class T>
concept Described = requires {
  T::doc;
};

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

// Leaves, one overload per type (read_leaf.cpp). Each returns false after reporting why.
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, double& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, std::int64_t& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, bool& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, std::string& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Ref& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Date& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Period& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, GpuShare& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, AnyQuantity& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, WhenRule& out);
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, TraceFile& out);
bool parse_quantity(ReadContext& context, const Tree& tree, const Spot& spot, Dimension dimension,
                    double& out);
bool parse_distribution(ReadContext& context, const Tree& tree, const Spot& spot,
                        Dimension dimension, DistributionData& out);
bool parse_signal(ReadContext& context, const Tree& tree, const Spot& spot, Dimension dimension,
                  SignalData& out);

template <Dimension D>
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Quantity<D>& out) {
  double base = 0;
  if (!parse_quantity(context, tree, spot, D, base)) return false;
  out = Quantity<D>{base};
  return true;
}
template <Dimension D>
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Distribution<D>& out) {
  return parse_distribution(context, tree, spot, D, out.data);
}
template <Dimension D>
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Signal<D>& out) {
  return parse_signal(context, tree, spot, D, out.data);
}
/// A list of leaves is itself one leaf: it has one source.
template <class T>
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, std::vector<T>& out) {
  if (!tree.is_list()) {
    context.report(tree.place, spot.path, fmt::format("expected a list, found {}", tree.describe()),
                   "write [a, b, ...]");
    return false;
  }
  std::vector<T> items(tree.items.size());
  bool good = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    good = parse_leaf(context, tree.items[i], spot.item(i), items[i]) && good;
  }
  if (good) out = std::move(items);
  return good;
}

/// True for leaf types that hold a number and therefore need a source.
template <class T>
inline constexpr bool is_number = true;
template <>
inline constexpr bool is_number<bool> = false;
template <>
inline constexpr bool is_number<std::string> = false;
template <>
inline constexpr bool is_number<Ref> = false;
template <>
inline constexpr bool is_number<Date> = false;
template <>
inline constexpr bool is_number<TraceFile> = false;
template <>
inline constexpr bool is_number<std::vector<Ref>> = false;
template <>
inline constexpr bool is_number<std::vector<std::string>> = false;

/// What values of a leaf type are multiples of, in base units; 0: nothing.
template <class T>
inline constexpr double leaf_grid = 0;
template <>
inline constexpr double leaf_grid<std::int64_t> = 1;
template <>
inline constexpr double leaf_grid<GpuCount> = 1;
template <>
inline constexpr double leaf_grid<GpuShare> = 1;
template <>
inline constexpr double leaf_grid<Distribution<GpuCount::dimension>> = 1;
template <>
inline constexpr double leaf_grid<Period> = (730.0 * units::hour).base();

/// `{value: ..., source: ..., confidence: ..., note: ..., low: ..., high: ...}` or the bare value.
struct Annotated {
  const Tree* value = nullptr;
  const Tree* low = nullptr;
  const Tree* high = nullptr;
  Provenance provenance;
};
struct Ordered {
  double low = 0;
  double value = 0;
  double high = 0;
};
void check_order(ReadContext& context, const Annotated& annotated, const Spot& spot,
                 Ordered ordered);
/// A leaf as a number, for comparing `low`, value and `high`; 0 for what has no order.
template <class T>
double magnitude(const T& leaf) {
  if constexpr (requires { leaf.base(); }) {
    return leaf.base();
  } else if constexpr (std::is_arithmetic_v<T>) {
    return static_cast<double>(leaf);
  } else if constexpr (requires { leaf.months; }) {
    return leaf.months;
  } else if constexpr (requires {
                         leaf.data.values;
                         leaf.data.is_constant();
                       }) {
    return leaf.data.is_constant() ? leaf.data.values.front() : 0;
  } else {
    return 0;
  }
}
Annotated unwrap(ReadContext& context, const Tree& tree, const Spot& spot);
/// Reads `source:` and `confidence:` of a map, when it has them.
InheritedSource source_of(ReadContext& context, const Tree& map, const Spot& spot);
void report_unknown_keys(ReadContext& context, const Tree& map, const Spot& spot,
                         const std::vector<std::string>& known);
bool valid_name(ReadContext& context, const TreeEntry& entry, const Spot& spot);

template <class T>
void read_value(ReadContext& context, const Tree& tree, const Spot& spot, T& out);

/// The visitor that reads one map.
class StructReader {
 public:
  StructReader(ReadContext& context, const Tree& map, Spot spot)
      : context_(context), map_(map), spot_(std::move(spot)) {
    const InheritedSource own = source_of(context_, map_, spot_);
    if (own.exists) spot_.inherited = own;
  }

  template <class T>
  void field(std::string_view name, T& member, Rule rule, std::string_view /*doc*/) {
    known_.emplace_back(name);
    Spot spot = spot_.below(known_.back());
    spot.rule = rule;
    const Tree* tree = map_.find(name);
    if (tree == nullptr || tree->is_null()) {
      if (rule.is_required) {
        context_.report(tree == nullptr ? map_.place : tree->place, spot.path,
                        fmt::format("required key \"{}\" is missing", name),
                        fmt::format("see `colossim explain {}`", explain_name()));
      }
      return;
    }
    read_value(context_, *tree, spot, member);
  }

  void finish(bool has_kind) {
    if (has_kind) known_.emplace_back("kind");
    report_unknown_keys(context_, map_, spot_, known_);
  }

 private:
  [[nodiscard]] std::string explain_name() const {
    const auto dot = spot_.path.find('.');
    return spot_.path.empty() ? context_.topic : spot_.path.substr(0, dot);
  }

  ReadContext& context_;
  const Tree& map_;
  Spot spot_;
  std::vector<std::string> known_;
};

template <Described T>
void read_struct(ReadContext& context, const Tree& tree, const Spot& spot, T& out) {
  if (!tree.is_map()) {
    context.report(tree.place, spot.path, fmt::format("expected a map, found {}", tree.describe()),
                   "indent its keys below it");
    return;
  }
  StructReader reader{context, tree, spot};
  out.describe(reader);
  reader.finish(requires { T::kind; });
}

template <class... Kinds>
void read_kind(ReadContext& context, const Tree& tree, const Spot& spot,
               std::variant<Kinds...>& out) {
  // `queue: easy` is short for `queue: {kind: easy}`.
  const Tree* kind = tree.is_map() ? tree.find("kind") : &tree;
  const std::vector<std::string> kinds{std::string{Kinds::kind}...};
  if (kind == nullptr || !kind->is_scalar()) {
    context.report(tree.place, spot.path,
                   fmt::format("expected a map with `kind:`, one of: {}", fmt::join(kinds, ", ")));
    return;
  }
  bool found = false;
  const auto try_kind = [&]<class T>(T fresh) {
    if (kind->text != T::kind) return;
    found = true;
    read_struct(context, tree.is_map() ? tree : Tree{.kind = Tree::Kind::map, .place = tree.place},
                spot, fresh);
    out = std::move(fresh);
  };
  (try_kind(Kinds{}), ...);
  if (!found) {
    context.report(kind->place, tree.is_map() ? spot.path + ".kind" : spot.path,
                   fmt::format("unknown kind \"{}\"", kind->text),
                   fmt::format("known: {}", fmt::join(kinds, ", ")));
  }
}

template <class T>
void read_map(ReadContext& context, const Tree& tree, const Spot& spot,
              std::map<std::string, T>& out) {
  if (!tree.is_map()) {
    context.report(tree.place, spot.path,
                   fmt::format("expected a map of names, found {}", tree.describe()));
    return;
  }
  const InheritedSource own = source_of(context, tree, spot);
  for (const TreeEntry& entry : tree.entries) {
    if (entry.key == "source" || entry.key == "confidence") continue;
    if (entry.value.is_null()) {
      context.report(entry.place, spot.below(entry.key).path, "expected an entry, found nothing",
                     "null deletes what a base has; here there is nothing of this name");
      continue;
    }
    if (!valid_name(context, entry, spot)) continue;
    Spot below = spot.below(entry.key);
    if (own.exists) below.inherited = own;
    read_value(context, entry.value, below, out[entry.key]);
  }
  if (spot.rule.is_required && out.empty()) {
    context.report(tree.place, spot.path, "expected at least one entry, found none");
  }
}

template <Described T>
void read_list(ReadContext& context, const Tree& tree, const Spot& spot, std::vector<T>& out) {
  if (!tree.is_list()) {
    context.report(tree.place, spot.path, fmt::format("expected a list, found {}", tree.describe()),
                   "start each entry with a dash");
    return;
  }
  for (std::size_t i = 0; i < tree.items.size(); ++i) {
    read_value(context, tree.items[i], spot.item(i), out.emplace_back());
  }
}

template <class T>
void read_leaf(ReadContext& context, const Tree& tree, const Spot& spot, T& out) {
  const Annotated annotated = unwrap(context, tree, spot);
  if (annotated.value == nullptr) return;
  if (!parse_leaf(context, *annotated.value, spot, out)) return;
  T low = out;
  T high = out;
  const bool has_low = annotated.low == nullptr || parse_leaf(context, *annotated.low, spot, low);
  const bool has_high =
      annotated.high == nullptr || parse_leaf(context, *annotated.high, spot, high);
  if (has_low && has_high)
    check_order(context, annotated, spot, {magnitude(low), magnitude(out), magnitude(high)});
  const std::string text = annotated.value->is_scalar() ? annotated.value->text : leaf_text(out);
  context.scenario.leaves[spot.path] = {text, annotated.provenance,
                                        is_number<T> && !spot.rule.is_choice, leaf_grid<T>};
}

template <class T>
struct Reading {
  static void read(ReadContext& context, const Tree& tree, const Spot& spot, T& out) {
    if constexpr (Described<T>) {
      read_struct(context, tree, spot, out);
    } else {
      read_leaf(context, tree, spot, out);
    }
  }
};
template <class T>
struct Reading<std::vector<T>> {
  static void read(ReadContext& context, const Tree& tree, const Spot& spot, std::vector<T>& out) {
    if constexpr (Described<T>) {
      read_list(context, tree, spot, out);
    } else {
      read_leaf(context, tree, spot, out);
    }
  }
};
template <class T>
struct Reading<std::map<std::string, T>> {
  static void read(ReadContext& context, const Tree& tree, const Spot& spot,
                   std::map<std::string, T>& out) {
    read_map(context, tree, spot, out);
  }
};
template <class... Kinds>
struct Reading<std::variant<Kinds...>> {
  static void read(ReadContext& context, const Tree& tree, const Spot& spot,
                   std::variant<Kinds...>& out) {
    read_kind(context, tree, spot, out);
  }
};
template <class T>
struct Reading<std::optional<T>> {
  static void read(ReadContext& context, const Tree& tree, const Spot& spot,
                   std::optional<T>& out) {
    read_value(context, tree, spot, out.emplace());
  }
};

template <class T>
void read_value(ReadContext& context, const Tree& tree, const Spot& spot, T& out) {
  context.scenario.marks[spot.path] = context.files.mark(tree.place);
  Reading<T>::read(context, tree, spot, out);
}

}  // namespace colossim
