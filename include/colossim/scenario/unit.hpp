// Numbers with units as users write them: `62 USD/MWh`, `95 %`, `2.35 USD/gpu/h`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/base/quantity.hpp>

namespace colossim {

/// A parsed value: base units and dimension. `has_unit` is false for a bare number.
struct Measured {
  double base = 0;
  Dimension dimension;
  bool has_unit = false;
};

/// Parses `number [unit{/unit}]`. Returns nothing and sets `problem` (what was expected and found)
/// when the text is not one: leading zeros, not-a-number, infinity and overflow are refused.
std::optional<Measured> parse_measured(std::string_view text, std::string& problem);

/// A plain decimal number; nothing when `text` is anything else.
std::optional<double> parse_number(std::string_view text);

/// Whole calendar months such as `36 month` or `3 yr`, at most a billion; nothing when `text` is
/// anything else.
std::optional<Period> parse_period(std::string_view text);

/// What follows the number: `USD/MWh` of `62 USD/MWh`; empty when nothing does.
std::string unit_of(std::string_view text);

/// One of a unit, in base units; 1 of no unit. REQUIRES: a unit.
double unit_factor(const std::string& unit);

/// `value` in the most readable legal unit whose text reads back to the same bits.
std::string to_text(double base, Dimension dimension);

/// The unit in which values of a dimension are written as they are stored.
std::string stored_unit(Dimension dimension);

/// Units one may write for a dimension, the most usual first: `W, kW, MW, GW`.
std::vector<std::string> legal_units(Dimension dimension);

/// A row of the unit table, for `colossim list units`.
struct UnitRow {
  std::string name;
  std::string meaning;
};
std::vector<UnitRow> unit_table();

}  // namespace colossim
