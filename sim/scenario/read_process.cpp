// Parsing of distributions and signals, with the CSV files signals come from.
#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

#include <colossim/base/atomic_file.hpp>
#include <colossim/base/did_you_mean.hpp>
#include <colossim/scenario/unit.hpp>

#include "reader.hpp"

namespace colossim {

namespace {

constexpr std::size_t signal_limit = 600'000;              // a year of minutes and some
constexpr std::size_t file_limit = std::size_t{64} << 20;  // bytes

/// Reads the fields of one distribution's map.
struct DistributionFields {
  ReadContext& context;
  const Tree& map;
  const Spot& spot;
  Dimension dimension;

  bool number(std::string_view name, Dimension d, double low, double& out) const {
    const Tree* tree = map.is_map() ? map.find(name) : nullptr;
    if (tree == nullptr) {
      context.report(map.place, spot.path, fmt::format("required key \"{}\" is missing", name));
      return false;
    }
    Spot below = spot.below(std::string{name});
    below.rule = optional.within(low, std::numeric_limits<double>::infinity());
    return parse_quantity(context, *tree, below, d, out);
  }
  /// Where a value has a lower bound, a normal one says at which value its draws are cut.
  bool least_of_normal(double any, DistributionData& out) const {
    if (map.find("min") != nullptr) {
      if (!number("min", dimension, any, out.min.emplace())) return false;
      if (*out.min > any || !spot.rule.above_low) return true;
    } else if (any == -std::numeric_limits<double>::infinity()) {
      return true;
    }
    context.report(map.place, spot.path, "a draw may fall below what this value may be",
                   spot.rule.above_low ? "add `min:`, more than 0" : "add `min:`");
    return false;
  }
  bool read(std::string_view kind, DistributionData& out) const {
    const double any = spot.rule.low;
    std::vector<std::string> known;
    bool good = false;
    if (kind == "uniform") {
      known = {"from", "to", "max"};
      out.kind = DistributionData::Kind::uniform;
      good = number("from", dimension, any, out.a) && number("to", dimension, out.a, out.b);
    } else if (kind == "exponential") {
      known = {"mean", "max"};
      out.kind = DistributionData::Kind::exponential;
      good = number("mean", dimension, std::max(any, 0.0), out.a);
    } else if (kind == "normal") {
      known = {"mean", "sd", "min", "max"};
      out.kind = DistributionData::Kind::normal;
      good = number("mean", dimension, any, out.a) && number("sd", dimension, 0, out.b) &&
             least_of_normal(any, out);
    } else {
      known = {"median", "sigma", "max"};
      out.kind = DistributionData::Kind::lognormal;
      good =
          number("median", dimension, std::max(any, 0.0), out.a) && number("sigma", {}, 0, out.b);
    }
    if (good && map.find("max") != nullptr)
      good = number("max", dimension, out.min.value_or(any), out.max.emplace());
    if (map.is_map()) report_unknown_keys(context, map, spot, known);
    return good;
  }
};

/// `{8 gpu: 60 %, 64 gpu: 40 %}`: values are keys, weights follow.
bool read_choice(ReadContext& context, const Tree& map, const Spot& spot, Dimension dimension,
                 DistributionData& out) {
  out.kind = DistributionData::Kind::choice;
  if (!map.is_map() || map.entries.empty()) {
    context.report(map.place, spot.path,
                   "expected a map of values and weights, such as {8 gpu: 60 %, 64 gpu: 40 %}");
    return false;
  }
  double sum = 0;
  for (const TreeEntry& entry : map.entries) {
    const Tree key{.kind = Tree::Kind::scalar, .place = entry.place, .text = entry.key};
    double value = 0;
    double weight = 0;
    Spot weight_spot = spot;
    weight_spot.rule = optional.positive();
    if (!parse_quantity(context, key, spot, dimension, value)) return false;
    if (!parse_quantity(context, entry.value, weight_spot, Dimension{}, weight)) return false;
    sum += weight;
    out.values.push_back(value);
    out.cumulative_weights.push_back(sum);
  }
  if (sum < 1 - 1e-9 || sum > 1 + 1e-9) {
    context.report(map.place, spot.path,
                   fmt::format("expected weights that sum to 100 %, found {} %", sum * 100));
    return false;
  }
  out.cumulative_weights.back() = 1;
  return true;
}

/// One comma-separated line, cut into cells.
std::vector<std::string_view> cells(std::string_view line) {
  std::vector<std::string_view> result;
  while (true) {
    const std::size_t comma = line.find(',');
    result.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return result;
    line.remove_prefix(comma + 1);
  }
}

struct CsvColumn {
  ReadContext& context;
  const Tree& tree;
  const Spot& spot;
  std::string file;
  std::string column;

  bool fail(std::size_t line, std::string message) const {
    context.diagnostics.add({{file, static_cast<int>(line), 1}, spot.path, std::move(message), ""});
    return false;
  }
  bool read(std::string_view text, double factor, std::vector<double>& out) const {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::size_t index = std::string_view::npos;
    for (std::size_t line_number = 1; !text.empty(); ++line_number) {
      const std::size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty()) continue;
      const std::vector<std::string_view> row = cells(line);
      if (line_number == 1) {
        const auto found = std::find(row.begin(), row.end(), column);
        if (found == row.end()) {
          return fail(
              1,
              fmt::format("expected a column \"{}\"; {}", column,
                          did_you_mean(column, std::vector<std::string>(row.begin(), row.end()))));
        }
        index = static_cast<std::size_t>(found - row.begin());
        continue;
      }
      const auto value = index < row.size() ? parse_number(row[index]) : std::nullopt;
      if (!value)
        return fail(line_number, fmt::format("expected a number in column \"{}\"", column));
      if (out.size() >= signal_limit)
        return fail(line_number, "the signal has more than 600,000 values");
      out.push_back(*value * factor);
    }
    return true;
  }
};

/// Resolves a path of the scenario; it must stay below the first file's folder, links followed.
std::optional<std::filesystem::path> resolve_path(const ReadContext& context, const Tree& tree,
                                                  const Spot& spot) {
  namespace fs = std::filesystem;
  const fs::path path = context.folder / tree.text;
  const fs::path relative =
      fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(context.folder));
  if (relative.empty() || *relative.begin() == ".." || fs::path{tree.text}.is_absolute()) {
    context.report(tree.place, spot.path,
                   fmt::format("{} lies outside the scenario's folder", tree.describe()),
                   "copy the file below it");
    return std::nullopt;
  }
  return path;
}

/// A signal given as a map.
class SignalMap {
 public:
  SignalMap(ReadContext& context, const Tree& map, const Spot& spot, Dimension dimension)
      : context_(context), map_(map), spot_(spot), dimension_(dimension) {}

  bool read(SignalData& out) {
    report_unknown_keys(context_, map_, spot_,
                        {"file", "column", "values", "unit", "every", "zone", "wrap", "begins"});
    return read_timing(out) && read_values(out) && in_bounds(out) && fills_year(out);
  }

 private:
  bool complain(const Tree& tree, std::string_view key, std::string message) {
    context_.report(tree.place, spot_.below(std::string{key}).path, std::move(message));
    return false;
  }
  bool read_word(std::string_view key, std::string_view yes, std::string_view no, bool& out) {
    const Tree* tree = map_.find(key);
    if (tree == nullptr) return true;
    if (!tree->is_scalar() || (tree->text != yes && tree->text != no)) {
      return complain(*tree, key,
                      fmt::format("expected {} or {}, found {}", yes, no, tree->describe()));
    }
    out = tree->text == yes;
    return true;
  }
  bool read_timing(SignalData& out) {
    if (const Tree* every = map_.find("every")) {
      double seconds = 0;
      Spot spot = spot_.below("every");
      spot.rule = optional.within(60, 366 * 86400.0);
      if (!parse_quantity(context_, *every, spot, Time::dimension, seconds)) return false;
      out.every = to_duration(Time{seconds});
    }
    if (const Tree* begins = map_.find("begins")) {
      if (!parse_leaf(context_, *begins, spot_.below("begins"), out.begins.emplace())) return false;
    }
    return read_word("zone", "local", "utc", out.local) &&
           read_word("wrap", "year", "none", out.wraps_year);
  }
  std::optional<double> unit_factor() {
    const Tree* unit = map_.find("unit");
    if (unit == nullptr) {
      if (dimension_ == Dimension{}) return 1.0;
      complain(map_, "unit",
               fmt::format("required key \"unit\" is missing: one of {}",
                           fmt::join(legal_units(dimension_), ", ")));
      return std::nullopt;
    }
    std::string problem;
    const auto one = parse_measured("1 " + unit->text, problem);
    if (one && one->dimension == dimension_) return one->base;
    complain(*unit, "unit",
             fmt::format("expected a unit such as {}, found {}",
                         fmt::join(legal_units(dimension_), ", "), unit->describe()));
    return std::nullopt;
  }
  bool read_values(SignalData& out) {
    const auto factor = unit_factor();
    if (!factor) return false;
    const Tree* values = map_.find("values");
    const Tree* file = map_.find("file");
    if ((values == nullptr) == (file == nullptr))
      return complain(map_, "file", "expected either `file` or `values`");
    if (file != nullptr && map_.find("every") == nullptr)
      return complain(map_, "every",
                      "required key \"every\" is missing: the step of the file's rows");
    if (file != nullptr) return read_csv(*file, *factor, out);
    std::vector<double> numbers;
    Spot spot = spot_.below("values");
    spot.rule = optional;
    if (!parse_leaf(context_, *values, spot, numbers)) return false;
    for (double& number : numbers) number *= *factor;
    out.values = std::move(numbers);
    return !out.values.empty() || complain(*values, "values", "expected at least one value");
  }
  bool read_csv(const Tree& file, double factor, SignalData& out) {
    const Tree* column = map_.find("column");
    if (!file.is_scalar() || column == nullptr || !column->is_scalar())
      return complain(file, "file", "expected `file: name.csv` and `column: name`");
    const auto path = resolve_path(context_, file, spot_);
    if (!path) return false;
    std::string text;
    try {
      text = read_file(*path, file_limit);
    } catch (const std::system_error& error) {
      return complain(file, "file", fmt::format("cannot be read: {}", error.code().message()));
    }
    const CsvColumn reader{context_, file, spot_, path->string(), column->text};
    return reader.read(text, factor, out.values) &&
           (!out.values.empty() ||
            complain(file, "file", "expected at least one row below the header"));
  }
  /// A year that wraps must be whole, or values would repeat at odd times.
  bool fills_year(const SignalData& out) {
    const std::int64_t covered = static_cast<std::int64_t>(out.values.size()) * out.every.ns();
    if (!out.wraps_year || out.is_constant() || covered == 365 * one_day.ns()) return true;
    return complain(map_, "wrap",
                    fmt::format("expected values for 365 days, found {:.4g} days",
                                static_cast<double>(covered) / static_cast<double>(one_day.ns())));
  }
  bool in_bounds(const SignalData& out) {
    for (const double value : out.values) {
      if (value < spot_.rule.low || value > spot_.rule.high) {
        return complain(map_, "values",
                        fmt::format("{} is out of range", to_text(value, dimension_)));
      }
    }
    return true;
  }

  ReadContext& context_;
  const Tree& map_;
  const Spot& spot_;
  Dimension dimension_;
};

}  // namespace

bool parse_distribution(ReadContext& context, const Tree& tree, const Spot& spot,
                        Dimension dimension, DistributionData& out) {
  if (!tree.is_map()) return parse_quantity(context, tree, spot, dimension, out.a);
  const std::vector<std::string> kinds{"uniform", "exponential", "normal", "lognormal", "choice"};
  if (tree.entries.size() != 1) {
    context.report(tree.place, spot.path,
                   fmt::format("expected one distribution: {}", fmt::join(kinds, ", ")));
    return false;
  }
  const TreeEntry& entry = tree.entries.front();
  if (entry.key == "choice")
    return read_choice(context, entry.value, spot.below("choice"), dimension, out);
  if (std::find(kinds.begin(), kinds.end(), entry.key) == kinds.end()) {
    context.report(entry.place, spot.path, fmt::format("unknown distribution \"{}\"", entry.key),
                   did_you_mean(entry.key, kinds));
    return false;
  }
  const Spot below = spot.below(entry.key);
  const DistributionFields fields{context, entry.value, below, dimension};
  return fields.read(entry.key, out);
}

bool parse_signal(ReadContext& context, const Tree& tree, const Spot& spot, Dimension dimension,
                  SignalData& out) {
  if (tree.is_map()) return SignalMap{context, tree, spot, dimension}.read(out);
  double value = 0;
  if (!parse_quantity(context, tree, spot, dimension, value)) return false;
  out.values = {value};
  return true;
}

}  // namespace colossim
