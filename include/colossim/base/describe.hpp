// What one says once about a field: its name, rule and meaning. Readers, writers and manuals derive
// from it.
#pragma once

#include <limits>
#include <string_view>

namespace colossim {

/// What a field must satisfy. Bounds are in base units and apply to every number the field holds.
struct Rule {
  bool is_required = false;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;      // `low` itself is not allowed
  std::string_view refers_to;  // the section or catalog a Ref must be found in
  bool is_choice = false;      // a setting of the run (seed, start): needs no source
  std::string_view words;      // the words a text may be, separated by one space

  [[nodiscard]] constexpr Rule positive() const {
    Rule rule = *this;
    rule.low = 0;
    rule.above_low = true;
    return rule;
  }
  [[nodiscard]] constexpr Rule non_negative() const { return within(0, high); }
  [[nodiscard]] constexpr Rule fraction() const { return within(0, 1); }
  [[nodiscard]] constexpr Rule within(double lowest, double highest) const {
    Rule rule = *this;
    rule.low = lowest;
    rule.high = highest;
    return rule;
  }
  [[nodiscard]] constexpr Rule up_to(double highest) const {
    Rule rule = *this;
    rule.high = highest;
    return rule;
  }
  [[nodiscard]] constexpr Rule to(std::string_view section) const {
    Rule rule = *this;
    rule.refers_to = section;
    return rule;
  }
  [[nodiscard]] constexpr Rule one_of(std::string_view allowed) const {
    Rule rule = *this;
    rule.words = allowed;
    return rule;
  }
  [[nodiscard]] constexpr Rule choice() const {
    Rule rule = *this;
    rule.is_choice = true;
    return rule;
  }
};

// The greatest amounts that still make sense; a slip of a prefix should not overflow the books.
inline constexpr double most_power = 1e11;      // W: a tenth of the world's electricity is 300 GW
inline constexpr double most_money = 1e12;      // USD
inline constexpr double most_money_rate = 1e5;  // USD/s: 3 trillion USD a year

inline constexpr Rule required{.is_required = true};
inline constexpr Rule optional{};

/// Base of described structs that have nothing to set.
struct NoParameters {
  template <class Visitor>
  void describe(Visitor& /*v*/) {}
};

// A described struct offers
//   static constexpr std::string_view doc = "...";
//   static constexpr std::string_view kind = "lease";      // only when it is one of several kinds
//   template <class Visitor> void describe(Visitor& v);    // one v.field(name, member, rule, doc)
//   per field
// and its default member values are the defaults of optional fields.

}  // namespace colossim
