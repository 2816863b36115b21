// The unit table and the number grammar of the scenario language.
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

struct Unit {
  std::string_view name;
  double factor;  // to base units
  Dimension dimension;
  bool prefixes;  // k M G T P (and m, u for time) may stand before it
  std::string_view meaning;
};

constexpr Dimension none{};
constexpr Dimension energy{.energy = 1};
constexpr Dimension time_{.time = 1};
constexpr Dimension power{.energy = 1, .time = -1};
constexpr Dimension temperature{.temperature = 1};

constexpr std::array unit_rows{
    Unit{"%", 0.01, none, false, "hundredth"},
    Unit{"W", 1, power, true, "watt"},
    Unit{"Wh", 3600, energy, true, "watt-hour"},
    Unit{"J", 1, energy, true, "joule"},
    Unit{"s", 1, time_, false, "second"},
    Unit{"ms", 1e-3, time_, false, "millisecond"},
    Unit{"us", 1e-6, time_, false, "microsecond"},
    Unit{"min", 60, time_, false, "minute"},
    Unit{"h", 3600, time_, false, "hour"},
    Unit{"d", 86400, time_, false, "day of 24 h"},
    Unit{"month", 2628000, time_, false,
         "730 h: in rates; a calendar month where a period is asked"},
    Unit{"yr", 31536000, time_, false,
         "8,760 h: in rates; 12 calendar months where a period is asked"},
    Unit{"K", 1, temperature, false, "kelvin (difference)"},
    Unit{"C", 1, temperature, false, "degree Celsius (level)"},
    Unit{"kg", 1, Dimension{.mass = 1}, false, "kilogram"},
    Unit{"t", 1000, Dimension{.mass = 1}, true, "tonne"},
    Unit{"m", 1, Dimension{.length = 1}, false, "metre"},
    Unit{"m3", 1, Dimension{.length = 3}, false, "cubic metre"},
    Unit{"L", 1e-3, Dimension{.length = 3}, true, "litre"},
    Unit{"USD", 1, Dimension{.money = 1}, true, "US dollar, nominal"},
    Unit{"gpu", 1, Dimension{.gpu = 1}, true, "one GPU package"},
    Unit{"gpu-h", 3600, Dimension{.time = 1, .gpu = 1}, true, "GPU-hour"},
    Unit{"rack", 1, Dimension{.rack = 1}, true, "rack"},
    Unit{"user", 1, Dimension{.user = 1}, true, "daily active user"},
    Unit{"request", 1, Dimension{.request = 1}, true, "inference request"},
    Unit{"token", 1, Dimension{.token = 1}, true, "output token"},
    Unit{"flop", 1, Dimension{.flop = 1}, true, "dense floating-point operation"},
    Unit{"B", 1, Dimension{.byte = 1}, true, "byte"},
    Unit{"bit", 0.125, Dimension{.byte = 1}, true, "bit"},
};

struct Prefix {
  char letter;
  double factor;
};
constexpr std::array prefixes{Prefix{'k', 1e3}, Prefix{'M', 1e6}, Prefix{'G', 1e9},
                              Prefix{'T', 1e12}, Prefix{'P', 1e15}};

/// gpus, racks, users, requests and tokens may be plural.
bool named(const Unit& unit, std::string_view text) {
  if (text == unit.name) return true;
  const bool counted = unit.prefixes && unit.name.size() >= 3 && unit.dimension != energy &&
                       unit.name != "USD" && unit.name != "bit" && unit.name != "flop" &&
                       unit.name != "gpu-h";
  return counted && text.size() == unit.name.size() + 1 && text.ends_with('s') &&
         text.starts_with(unit.name);
}

struct Factor {
  double factor = 1;
  Dimension dimension;
};

std::optional<Factor> find_unit(std::string_view text) {
  for (const Unit& unit : unit_rows) {
    if (named(unit, text)) return Factor{unit.factor, unit.dimension};
  }
  if (text.size() < 2) return std::nullopt;
  for (const Prefix& prefix : prefixes) {
    if (text.front() != prefix.letter) continue;
    for (const Unit& unit : unit_rows) {
      if (unit.prefixes && named(unit, text.substr(1)))
        return Factor{unit.factor * prefix.factor, unit.dimension};
    }
  }
  return std::nullopt;
}

/// `unit{/unit}`; the first may be 1.
std::optional<Factor> parse_unit(std::string_view text, std::string& problem) {
  Factor result;
  bool first = true;
  while (true) {
    const std::size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    const bool one = first && part == "1" && slash != std::string_view::npos;
    const auto unit = one ? std::optional<Factor>{Factor{}} : find_unit(part);
    if (!unit) {
      problem = fmt::format("unknown unit \"{}\"", part);
      return std::nullopt;
    }
    result.factor = first ? unit->factor : result.factor / unit->factor;
    result.dimension = first ? unit->dimension : result.dimension - unit->dimension;
    if (slash == std::string_view::npos) return result;
    text.remove_prefix(slash + 1);
    first = false;
  }
}

/// What a report would write for each dimension, the most usual first.
struct Preferred {
  Dimension dimension;
  std::array<std::string_view, 5> names;
};
constexpr std::array preferred{
    Preferred{power, {"MW", "kW", "W", "GW"}},
    Preferred{energy, {"MWh", "kWh", "GWh", "J"}},
    Preferred{time_, {"h", "min", "s", "d", "ms"}},
    Preferred{Dimension{.time = -1}, {"1/h", "1/yr", "%/yr", "%/month", "1/d"}},
    Preferred{temperature, {"C", "K"}},
    Preferred{Dimension{.money = 1}, {"USD", "MUSD", "kUSD", "GUSD"}},
    Preferred{Dimension{.time = -1, .money = 1}, {"MUSD/yr", "USD/h", "MUSD/d", "MUSD/month"}},
    Preferred{Dimension{.energy = -1, .money = 1}, {"USD/MWh", "USD/kWh"}},
    Preferred{Dimension{.energy = -1, .time = 1, .money = 1}, {"USD/kW", "USD/MW"}},
    Preferred{Dimension{.time = -1, .money = 1, .gpu = -1}, {"USD/gpu/h"}},
    Preferred{Dimension{.gpu = 1}, {"gpu"}},
    Preferred{Dimension{.time = -1, .gpu = 1}, {"gpu/d"}},
    Preferred{Dimension{.time = 1, .gpu = 1}, {"gpu-h", "Mgpu-h"}},
    Preferred{Dimension{.user = 1}, {"Muser", "user"}},
    Preferred{Dimension{.time = -1, .user = -1, .request = 1}, {"request/user/d"}},
    Preferred{Dimension{.request = -1, .token = 1}, {"token/request"}},
    Preferred{Dimension{.time = -1, .token = 1}, {"token/s", "Mtoken/s", "Ttoken/d"}},
    Preferred{Dimension{.token = 1}, {"token", "Ttoken"}},
    Preferred{Dimension{.money = 1, .token = -1}, {"USD/Mtoken"}},
    Preferred{Dimension{.time = -1, .flop = 1}, {"Tflop/s", "Pflop/s"}},
    Preferred{Dimension{.byte = 1}, {"GB", "B", "TB", "kB"}},
    Preferred{Dimension{.time = -1, .byte = 1}, {"TB/s", "GB/s"}},
    Preferred{Dimension{.token = -1, .byte = 1}, {"kB/token", "B/token"}},
    Preferred{Dimension{.energy = -1, .length = 3}, {"L/kWh"}},
    Preferred{Dimension{.energy = 1, .temperature = -1}, {"kJ/K", "J/K", "MJ/K"}},
    Preferred{Dimension{.energy = 1, .time = -1, .temperature = -1}, {"MW/K", "kW/K", "W/K"}},
    Preferred{Dimension{.energy = -1, .time = 1, .temperature = 1}, {"K/W", "K/kW"}},
    Preferred{Dimension{.length = 3}, {"m3", "ML", "L"}},
};

/// `unit{/unit}` from base units, with `energy_unit` J or W; empty when the grammar cannot say it.
std::string compound_unit(Dimension d, std::string_view energy_unit) {
  struct Base {
    int exponent;
    std::string_view name;
  };
  const int time = energy_unit == "W" ? d.time + d.energy : d.time;
  const std::array bases{Base{d.energy, energy_unit},
                         Base{d.money, "USD"},
                         Base{d.mass, "kg"},
                         Base{d.flop, "flop"},
                         Base{d.byte, "B"},
                         Base{d.token, "token"},
                         Base{d.request, "request"},
                         Base{d.gpu, "gpu"},
                         Base{d.user, "user"},
                         Base{d.rack, "rack"},
                         Base{d.temperature, "K"},
                         Base{time, "s"},
                         Base{d.length == 3 ? 1 : 0, "m3"},
                         Base{d.length == 3 ? 0 : d.length, "m"}};
  std::string numerator;
  std::string denominator;
  for (const Base& base : bases) {
    if (base.exponent > 1 || (base.exponent == 1 && !numerator.empty())) return {};
    if (base.exponent == 1) numerator = base.name;
    for (int i = base.exponent; i < 0; ++i) denominator += fmt::format("/{}", base.name);
  }
  if (numerator.empty() && denominator.empty()) return {};
  return (numerator.empty() ? "1" : numerator) + denominator;
}

/// Base units of a dimension, for values no preferred unit can hold exactly. GPU-time has a unit of
/// its own.
std::string base_unit(Dimension d) {
  const std::string joules = compound_unit(d, "J");
  return joules.empty() ? compound_unit(d, "W") : joules;
}

const Preferred* find_preferred(Dimension dimension) {
  for (const Preferred& row : preferred) {
    if (row.dimension == dimension) return &row;
  }
  return nullptr;
}

bool reads_back(const std::string& text, double base, Dimension dimension) {
  std::string problem;
  const auto value = parse_measured(text, problem);
  return value && value->base == base && value->dimension == dimension;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
    return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  const bool subnormal = value != 0 && (value < 0 ? -value : value) < 1e-300;
  if (!std::isfinite(value) || subnormal) return std::nullopt;
  return value;
}

std::optional<Measured> parse_measured(std::string_view text, std::string& problem) {
  const std::size_t space = text.find(' ');
  const std::string_view digits = text.substr(0, space);
  const auto number = parse_number(digits);
  if (!number) {
    problem = fmt::format("\"{}\" is not a number", digits);
    return std::nullopt;
  }
  if (space == std::string_view::npos) return Measured{*number, {}, false};
  std::string_view rest = text.substr(space);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const auto unit = parse_unit(rest, problem);
  if (!unit) return std::nullopt;
  const double base = *number * unit->factor;
  if (!std::isfinite(base)) {
    problem = "the number is too large";
    return std::nullopt;
  }
  return Measured{base, unit->dimension, true};
}

std::string to_text(double base, Dimension dimension) {
  if (dimension == Dimension{}) return fmt::format("{}", base);
  if (const Preferred* row = find_preferred(dimension)) {
    for (const std::string_view name : row->names) {
      if (name.empty()) break;
      std::string problem;
      const double factor = parse_unit(name, problem)->factor;
      std::string text = fmt::format("{} {}", base / factor, name);
      const double size = base / factor < 0 ? -base / factor : base / factor;
      if ((base == 0 || (size >= 0.1 && size < 1e5)) && reads_back(text, base, dimension))
        return text;
    }
  }
  return fmt::format("{} {}", base, base_unit(dimension));
}

std::string stored_unit(Dimension dimension) {
  if (const Preferred* row = find_preferred(dimension)) {
    for (const std::string_view name : row->names) {
      if (!name.empty() && reads_back(fmt::format("1 {}", name), 1, dimension))
        return std::string{name};
    }
  }
  return base_unit(dimension);
}

std::vector<std::string> legal_units(Dimension dimension) {
  std::vector<std::string> names;
  if (dimension == Dimension{}) return {"%", "a bare number"};
  if (const Preferred* row = find_preferred(dimension)) {
    for (const std::string_view name : row->names) {
      if (!name.empty()) names.emplace_back(name);
    }
  }
  if (names.empty()) names.push_back(base_unit(dimension));
  return names;
}

std::vector<UnitRow> unit_table() {
  std::vector<UnitRow> rows;
  for (const Unit& unit : unit_rows) {
    const char* prefixed = unit.prefixes ? "; k M G T P before it" : "";
    rows.push_back({std::string{unit.name}, fmt::format("{}{}", unit.meaning, prefixed)});
  }
  return rows;
}

std::optional<Period> parse_period(std::string_view text) {
  const std::size_t space = text.find(' ');
  const auto number = parse_number(text.substr(0, space));
  const std::string_view unit = space == std::string_view::npos ? "" : text.substr(space + 1);
  const int per_unit = unit == "yr" ? 12 : unit == "month" || unit == "months" ? 1 : 0;
  if (!number || per_unit == 0) return std::nullopt;
  const double months = *number * per_unit;
  if (months != std::floor(months) || months < 0 || months > 1e9) return std::nullopt;
  return Period{static_cast<int>(months)};
}

std::string unit_of(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("+-.0123456789eE");
  const std::size_t unit =
      digits == std::string_view::npos ? digits : text.find_first_not_of(' ', digits);
  return unit == std::string_view::npos ? "" : std::string{text.substr(unit)};
}

double unit_factor(const std::string& unit) {
  std::string problem;
  const auto one = parse_measured(unit.empty() ? "1" : "1 " + unit, problem);
  COLOSSIM_CHECK(one.has_value(), "unit={}", unit);
  return one->base;
}

}  // namespace colossim
