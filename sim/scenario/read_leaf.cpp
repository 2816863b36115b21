// Parsing of single values: numbers, quantities, dates, periods, references, annotations.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/base/trimmed.hpp>
#include <colossim/scenario/unit.hpp>

#include "reader.hpp"

namespace colossim {

namespace {

bool scalar(const ReadContext& context, const Tree& tree, const Spot& spot,
            std::string_view expected) {
  if (tree.is_scalar()) return true;
  context.report(tree.place, spot.path,
                 fmt::format("expected {}, found {}", expected, tree.describe()));
  return false;
}

bool in_range(const ReadContext& context, Place place, const Spot& spot, Measured value) {
  const Rule& rule = spot.rule;
  const bool low = value.base < rule.low || (rule.above_low && value.base == rule.low);
  if (!low && value.base <= rule.high) return true;
  const std::string bound = low ? fmt::format("{} {}", rule.above_low ? "more than" : "at least",
                                              to_text(rule.low, value.dimension))
                                : fmt::format("at most {}", to_text(rule.high, value.dimension));
  context.report(place, spot.path,
                 fmt::format("expected {}, found {}", bound, to_text(value.base, value.dimension)));
  return false;
}

std::string expected_units(Dimension dimension) {
  const std::vector<std::string> names = legal_units(dimension);
  if (dimension == Dimension{}) return "a number without unit, or a percentage";
  return fmt::format("a number with a unit such as {}", fmt::join(names, ", "));
}

bool is_parameter_distribution(const Tree& tree) {
  constexpr std::array names{"uniform", "exponential", "normal", "lognormal", "choice"};
  return tree.is_map() && tree.entries.size() == 1 &&
         std::find(names.begin(), names.end(), tree.entries.front().key) != names.end();
}

/// A parameter given as a distribution is drawn here, once per replication.
bool draw_parameter(ReadContext& context, const Tree& tree, const Spot& spot, Dimension dimension,
                    double& out) {
  DistributionData distribution;
  Spot unbounded = spot;
  unbounded.rule = optional;
  if (!parse_distribution(context, tree, unbounded, dimension, distribution)) return false;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double least = distribution.least();
  const double greatest = distribution.greatest();
  if (greatest == infinity && spot.rule.high < infinity) {
    context.report(tree.place, spot.path, "a draw may exceed what this value may be", "add `max:`");
    return false;
  }
  if (least == -infinity && spot.rule.low > -infinity) {
    context.report(tree.place, spot.path, "a draw may fall below what this value may be",
                   "add `min:`");
    return false;
  }
  for (const double end : {least, greatest}) {
    if (std::isfinite(end) && !in_range(context, tree.place, spot, {end, dimension, true}))
      return false;
  }
  const Scenario& scenario = context.scenario;
  Stream stream{StreamName{.seed = static_cast<std::uint64_t>(scenario.seed),
                           .path = spot.path,
                           .purpose = "parameter",
                           .replication = static_cast<std::uint64_t>(scenario.replication)}};
  out = distribution.sample(stream);
  return in_range(context, tree.place, spot, {out, dimension, true});
}

void read_confidence(ReadContext& context, const Tree& tree, const Spot& spot, Provenance& out) {
  const bool known =
      tree.is_scalar() && (tree.text == "high" || tree.text == "medium" || tree.text == "low");
  if (known) {
    out.confidence = tree.text;
  } else {
    context.report(tree.place, spot.below("confidence").path,
                   fmt::format("expected high, medium or low, found {}", tree.describe()));
  }
}

void read_source(ReadContext& context, const Tree& tree, const Spot& spot, Provenance& out) {
  if (tree.is_scalar()) {
    out.source = tree.text;
    const bool is_word =
        out.source == "assumption" || out.source == "default" || out.source == "--set";
    if (!is_word) {
      context.refs.push_back({spot.below("source").path, tree.place, "sources", out.source});
    }
    return;
  }
  const Tree* name = tree.is_map() ? tree.find("name") : nullptr;
  if (name == nullptr || !name->is_scalar()) {
    context.report(tree.place, spot.below("source").path,
                   "expected a key of catalog.sources, `assumption`, or {name, confidence}");
    return;
  }
  out.source = name->text;
  out.free_text = true;
  if (const Tree* confidence = tree.find("confidence"))
    read_confidence(context, *confidence, spot.below("source"), out);
  report_unknown_keys(context, tree, spot.below("source"), {"name", "confidence"});
}

}  // namespace

bool parse_quantity(ReadContext& context, const Tree& tree, const Spot& spot, Dimension dimension,
                    double& out) {
  if (is_parameter_distribution(tree)) return draw_parameter(context, tree, spot, dimension, out);
  const std::string expected = expected_units(dimension);
  if (!scalar(context, tree, spot, expected)) return false;
  std::string problem;
  const auto value = parse_measured(tree.text, problem);
  if (tree.quoted || !value) {
    if (tree.quoted) problem = "quoted text is not a number";
    context.report(tree.place, spot.path,
                   fmt::format("expected {}, found {}: {}", expected, tree.describe(), problem));
    return false;
  }
  if (!(value->dimension == dimension)) {
    context.report(tree.place, spot.path,
                   fmt::format("expected {}, found {}", expected, tree.describe()),
                   value->has_unit ? "" : "add the unit");
    return false;
  }
  if (!in_range(context, tree.place, spot, *value)) return false;
  out = value->base;
  return true;
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, double& out) {
  return parse_quantity(context, tree, spot, Dimension{}, out);
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, std::int64_t& out) {
  if (!scalar(context, tree, spot, "a whole number")) return false;
  std::int64_t value = 0;
  const char* end = tree.text.data() + tree.text.size();
  const auto [stop, error] = std::from_chars(tree.text.data(), end, value);
  const bool padded = tree.text.size() > 1 && tree.text[0] == '0';
  if (tree.quoted || error != std::errc{} || stop != end || padded) {
    context.report(tree.place, spot.path,
                   fmt::format("expected a whole number, found {}", tree.describe()));
    return false;
  }
  if (!in_range(context, tree.place, spot, {static_cast<double>(value), {}, false})) return false;
  out = value;
  return true;
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, bool& out) {
  if (!tree.is_scalar() || tree.quoted || (tree.text != "true" && tree.text != "false")) {
    context.report(tree.place, spot.path,
                   fmt::format("expected true or false, found {}", tree.describe()));
    return false;
  }
  out = tree.text == "true";
  return true;
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, std::string& out) {
  if (!tree.is_scalar()) {
    const bool is_free = spot.rule.words.empty();
    context.report(tree.place, spot.path,
                   fmt::format("expected {}{}, found {}",
                               is_free ? "text" : "a word of: ", spot.rule.words, tree.describe()),
                   is_free ? "quote what is meant as text" : "");
    return false;
  }
  const std::string_view words = spot.rule.words;
  if (!words.empty()) {
    std::vector<std::string> known;
    for (std::size_t from = 0; from <= words.size();) {
      const std::size_t to = std::min(words.find(' ', from), words.size());
      known.emplace_back(words.substr(from, to - from));
      from = to + 1;
    }
    if (std::find(known.begin(), known.end(), tree.text) == known.end()) {
      context.report(
          tree.place, spot.path,
          fmt::format("expected one of {}, found {}", fmt::join(known, ", "), tree.describe()),
          did_you_mean(tree.text, known));
      return false;
    }
  }
  out = tree.text;
  return true;
}

/// Traces are large and often shared: unlike the other files of a scenario they may lie anywhere.
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, TraceFile& out) {
  if (!scalar(context, tree, spot, "the name of a file")) return false;
  out.path = context.folder / tree.text;
  return true;
}

/// `METRIC < THRESHOLD for DURATION`.
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, WhenRule& out) {
  const auto fail = [&](const std::string& problem) {
    context.report(tree.place, spot.path,
                   fmt::format("expected a rule such as utilization.tenant < 60 % for 30 d, found "
                               "{}{}",
                               tree.describe(), problem));
    return false;
  };
  if (!tree.is_scalar()) return fail("");
  const std::string& text = tree.text;
  const std::size_t sign = text.find_first_of("<>");
  const std::size_t hold = text.find(" for ");
  if (sign == std::string::npos || hold == std::string::npos || hold < sign || sign == 0)
    return fail("");
  std::string problem;
  const std::string_view view{text};
  const auto threshold = parse_measured(trimmed(view.substr(sign + 1, hold - sign - 1)), problem);
  if (!threshold) return fail(": " + problem);
  const auto duration = parse_measured(trimmed(view.substr(hold + 5)), problem);
  if (!duration) return fail(": " + problem);
  if (!(duration->dimension == Time::dimension) || duration->base < 0 || duration->base > 1e9)
    return fail(": after `for` comes a duration");
  out = {std::string{trimmed(view.substr(0, sign))},
         text[sign] == '<',
         {threshold->base, threshold->dimension},
         to_duration(Time{duration->base})};
  return true;
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Ref& out) {
  if (!scalar(context, tree, spot, "a name")) return false;
  out.name = tree.text;
  context.refs.push_back({spot.path, tree.place, std::string{spot.rule.refers_to}, out.name});
  return true;
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Date& out) {
  if (!scalar(context, tree, spot, "a date")) return false;
  if (const auto date = parse_date(tree.text)) {
    out = *date;
    return true;
  }
  context.report(
      tree.place, spot.path,
      fmt::format("expected a date such as 2026-05-06 (1970 to 2100), found {}", tree.describe()));
  return false;
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, Period& out) {
  if (!scalar(context, tree, spot, "a period such as 36 month or 3 yr")) return false;
  const auto period = parse_period(tree.text);
  if (!period) {
    context.report(tree.place, spot.path,
                   fmt::format("expected whole calendar months such as 36 month or 3 yr, found {}",
                               tree.describe()));
    return false;
  }
  if (period->months < spot.rule.low || period->months > spot.rule.high) {
    context.report(tree.place, spot.path,
                   fmt::format("expected {} to {} months, found {}", spot.rule.low, spot.rule.high,
                               period->months));
    return false;
  }
  out = *period;
  return true;
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, GpuShare& out) {
  if (tree.is_scalar() && tree.text == "all") {
    out = GpuShare{};
    return true;
  }
  double base = 0;
  if (!parse_quantity(context, tree, spot, GpuCount::dimension, base)) return false;
  out = {false, GpuCount{base}};
  return true;
}

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, AnyQuantity& out) {
  if (!scalar(context, tree, spot, "a number with its unit")) return false;
  std::string problem;
  const auto value = parse_measured(tree.text, problem);
  if (tree.quoted || !value) {
    context.report(
        tree.place, spot.path,
        fmt::format("expected a number with its unit, found {}: {}", tree.describe(), problem));
    return false;
  }
  out = {value->base, value->dimension};
  return true;
}

Annotated unwrap(ReadContext& context, const Tree& tree, const Spot& spot) {
  Annotated annotated;
  annotated.value = &tree;
  if (spot.inherited.exists && spot.inherited.file == tree.place.file) {
    annotated.provenance = spot.inherited.provenance;
    annotated.provenance.inherited = true;
  }
  if (!tree.is_map() || tree.find("value") == nullptr) return annotated;
  annotated.value = tree.find("value");
  Provenance own;
  if (const Tree* source = tree.find("source")) read_source(context, *source, spot, own);
  if (own.source.empty()) own = annotated.provenance;
  if (const Tree* confidence = tree.find("confidence"))
    read_confidence(context, *confidence, spot, own);
  if (const Tree* note = tree.find("note"))
    parse_leaf(context, *note, spot.below("note"), own.note);
  annotated.low = tree.find("low");
  annotated.high = tree.find("high");
  if (annotated.low != nullptr) own.low = annotated.low->text;
  if (annotated.high != nullptr) own.high = annotated.high->text;
  annotated.provenance = own;
  report_unknown_keys(context, tree, spot, {annotation_keys.begin(), annotation_keys.end()});
  return annotated;
}

void check_order(ReadContext& context, const Annotated& annotated, const Spot& spot,
                 Ordered ordered) {
  if (ordered.low <= ordered.value && ordered.value <= ordered.high) return;
  const Tree& culprit = ordered.low > ordered.value ? *annotated.low : *annotated.high;
  context.report(culprit.place, spot.path, "expected low <= value <= high, found another order");
}

InheritedSource source_of(ReadContext& context, const Tree& map, const Spot& spot) {
  const Tree* source = map.find("source");
  if (source == nullptr) {
    if (const Tree* confidence = map.find("confidence"))
      context.report(confidence->place, spot.below("confidence").path,
                     "expected a `source:` beside it");
    return {};
  }
  InheritedSource own{{}, source->place.file, true};
  read_source(context, *source, spot, own.provenance);
  if (const Tree* confidence = map.find("confidence"))
    read_confidence(context, *confidence, spot, own.provenance);
  context.scenario.sources[spot.path] = own.provenance;
  return own;
}

void report_unknown_keys(ReadContext& context, const Tree& map, const Spot& spot,
                         const std::vector<std::string>& known) {
  for (const TreeEntry& entry : map.entries) {
    if (entry.key == "source" || entry.key == "confidence") continue;
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    context.report(entry.place, spot.below(entry.key).path,
                   fmt::format("unknown key \"{}\"", entry.key), did_you_mean(entry.key, known));
  }
}

bool valid_name(ReadContext& context, const TreeEntry& entry, const Spot& spot) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool good = !entry.key.empty() && entry.key.size() <= 64 &&
                    std::all_of(entry.key.begin(), entry.key.end(), legal);
  constexpr std::array words{"value",       "source", "confidence", "uniform",
                             "exponential", "normal", "lognormal",  "choice",
                             "file",        "values", "kind"};
  if (std::find(words.begin(), words.end(), entry.key) != words.end()) {
    context.report(entry.place, spot.path,
                   fmt::format("\"{}\" is a word of the language", entry.key),
                   "choose another name");
    return false;
  }
  if (!good) {
    context.report(entry.place, spot.path, fmt::format("\"{}\" is not a name", entry.key),
                   "names are lower-case letters, digits and _");
  }
  return good;
}

}  // namespace colossim
