// A scenario: typed, complete and checked. `load` makes one from text, `save` turns it back into
// text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/base/diagnostic.hpp>
#include <colossim/contract/contract.hpp>
#include <colossim/policy/reallocation.hpp>
#include <colossim/scenario/catalog.hpp>
#include <colossim/scenario/market.hpp>
#include <colossim/scenario/site.hpp>
#include <colossim/scenario/work.hpp>

namespace colossim {

struct PartySpec {
  static constexpr std::string_view doc = "Who owns, rents, uses or sells.";
  std::string title;
  double discount = 0.12;
  double tax = 0;
  Dollars cash;
  GpuPrice internal_value;
  std::optional<GpuPrice> alternative;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("title", title, optional, "full name for reports");
    v.field("discount", discount, optional.within(0, 1),
            "effective annual rate its cash flows are discounted at");
    v.field("tax", tax, optional.within(0, 0.9), "on profit of the run; 0 switches it off");
    v.field("cash", cash, optional.within(0, most_money), "what it has in cash on the first day");
    v.field("internal_value", internal_value, optional.within(0, 1),
            "what a useful GPU-hour of its own jobs is worth to it; no money flows");
    v.field("alternative", alternative, optional.within(0, 1),
            "what a GPU-hour costs it elsewhere: the tenant's alternative to the deal");
  }
};

struct RecordSpec {
  static constexpr std::string_view doc = "What is written along the way.";
  Time every = 1.0 * units::hour;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("every", every, optional.within(60, 31 * 86400.0).choice(),
            "grid of series.csv: mean, min and max per interval");
  }
};

/// What a claim is tested on is `metric`, over `over`, set against the same of another scenario's
/// run. A number computed outside stands in `check`, its arithmetic in the leaf's note.
/// [models_8_4]
struct ClaimSpec {
  static constexpr std::string_view doc =
      "A number from the press, and what tests it; what nothing tests is untestable.";
  std::string claim;
  std::optional<std::vector<AnyQuantity>> says;
  std::optional<std::string> metric;
  std::optional<std::string> over;
  std::optional<std::string> against;
  std::optional<std::string> as;
  std::optional<GpuCount> scale;
  std::optional<AnyQuantity> check;
  std::optional<std::string> about;
  std::optional<bool> assumed;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("claim", claim, required, "the claim in our words");
    v.field("says", says, optional, "the claimed range [low, high]");
    v.field("metric", metric, optional, "the metric that tests it; see `colossim list metrics`");
    v.field("over", over, optional, "a metric that `metric` is divided by");
    v.field("against", against, optional,
            "a scenario file beside this one: its run has the same seed and is set against this");
    v.field("as", as, optional.one_of("difference ratio"),
            "with `against`: this run less, or divided by, the other");
    v.field("scale", scale, optional.positive(),
            "GPUs the claim speaks of: the site's value is scaled to them");
    v.field("check", check, optional,
            "in place of a metric, a number computed outside: {value, note} with its arithmetic");
    v.field("about", about, optional,
            "what the number is: claims about one thing contradict each other when they differ by "
            "more than a factor of 1.25");
    v.field("assumed", assumed, optional, "the number is an input of this scenario");
  }
};

struct ExpectSpec {
  static constexpr std::string_view doc = "A bound for CI: a run that violates it exits with 1.";
  std::string metric;
  std::optional<AnyQuantity> at_least;
  std::optional<AnyQuantity> at_most;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("metric", metric, required, "see `colossim list metrics`");
    v.field("at_least", at_least, optional.choice(), "lower bound");
    v.field("at_most", at_most, optional.choice(), "upper bound");
  }
};

/// Another reading of what is known: the scenario as another source tells it. Its `source:` and
/// `confidence:` stand beside `set`.
struct ReadingSpec {
  static constexpr std::string_view doc =
      "The scenario as another source tells it; `colossim compare FILE --readings` shows which "
      "conclusions depend on it.";
  static constexpr bool keeps_source = true;
  std::string title;
  double weight = 1;
  std::vector<std::string> set;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("title", title, optional, "what it says, in one line");
    v.field("weight", weight, optional.positive().up_to(1e6).choice(),
            "in a decision table, where the scenario as written has 1");
    v.field("set", set, required, "what it changes: a list of `path=value`, as with --set");
  }
};

/// Where a number comes from.
struct Provenance {
  std::string source;  // key of catalog.sources, `assumption`, `--set`, or the name given in place
  bool free_text = false;  // the name was given in place: `source: {name: ...}`
  std::string confidence;  // high, medium, low or empty
  std::string note;
  std::string low;  // as written; empty when the leaf has no range
  std::string high;
  bool inherited = false;  // from an enclosing map
};

/// A number of the scenario as the user wrote it.
struct Leaf {
  std::string text;
  Provenance provenance;
  bool needs_source = true;
  double grid = 0;  // what it is a multiple of, in base units: 1 of a count, a month of a period
};

struct Scenario {
  static constexpr std::string_view doc = "The whole scenario.";
  std::int64_t schema = 1;
  std::string name;
  std::string question;
  Date start = std::chrono::year{2026} / 1 / 1;
  Time duration = 365.0 * units::day;
  std::int64_t seed = 1;
  std::int64_t replication = 0;
  RecordSpec record;
  std::map<std::string, PartySpec> parties;
  std::map<std::string, SiteSpec> sites;
  std::map<std::string, MarketSpec> markets;
  std::map<std::string, EquitySpec> equities;
  std::map<std::string, ContractSpec> contracts;
  std::map<std::string, ReallocationSpec> reallocation;
  std::map<std::string, ServiceSpec> services;
  std::map<std::string, PoolSpec> pools;
  std::map<std::string, JobSpec> jobs;
  std::vector<ClaimSpec> claims;
  std::vector<ExpectSpec> expect;
  std::map<std::string, ReadingSpec> readings;
  Catalog catalog;

  // Beside the described fields: what the reader noted.
  std::map<std::string, Leaf> leaves;         // by path, every number
  std::map<std::string, Provenance> sources;  // by path, maps with a `source:` of their own
  std::map<std::string, Mark> marks;          // by path, where each value was written

  /// Where `path`, or the nearest enclosing path that was written, stands.
  [[nodiscard]] Mark mark_at(const std::string& path) const;
  [[nodiscard]] SimTime end() const { return SimTime{} + to_duration(duration); }

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("schema", schema, required.within(1, 1).choice(),
            "version of the scenario language: 1");
    v.field("name", name, required, "one line");
    v.field("question", question, optional, "what the scenario asks");
    v.field("start", start, required, "first day, 00:00 UTC");
    v.field("duration", duration, required.within(3600, 20 * 31536000.0).choice(),
            "length of the run");
    v.field("seed", seed, optional.within(0, 9e15).choice(), "of all random streams");
    v.field("replication", replication, optional.within(0, 1e9).choice(),
            "which independent repetition this is");
    v.field("record", record, optional, "grid of the time series");
    v.field("parties", parties, required, "who takes part");
    v.field("sites", sites, required, "where the racks are");
    v.field("markets", markets, optional, "prices GPU-hours rent for elsewhere");
    v.field("equities", equities, optional, "prices of parties' units");
    v.field("contracts", contracts, optional, "deals between parties");
    v.field("reallocation", reallocation, optional, "what owners do at review times");
    v.field("services", services, optional, "inference deployments");
    v.field("pools", pools, optional, "how tenants share out their nodes");
    v.field("jobs", jobs, optional, "finite work");
    v.field("claims", claims, optional, "numbers from the press to test");
    v.field("expect", expect, optional, "bounds for CI");
    v.field("readings", readings, optional, "what other sources say in place of this");
    v.field("catalog", catalog, optional, "own catalog entries");
  }
};

/// One `--set path=value`.
struct Override {
  std::string path;
  std::string value;
};

/// `path=value`, with blanks around either; nothing when it is no such text.
std::optional<Override> parse_override(std::string_view text);

struct LoadOptions {
  std::vector<Override> overrides;
  std::optional<std::int64_t> seed;
  std::vector<std::filesystem::path> catalog_folders;  // the first that exists is read
  bool catalog_is_explicit = false;  // else `catalog/` beside the file comes first
  std::vector<std::function<std::vector<Diagnostic>(const Scenario&)>> checks;  // of other modules
};

/// Reads, composes, types and checks a scenario. All problems of the user's text are thrown
/// together as one ScenarioError; a file that cannot be opened is a std::system_error.
Scenario load(const std::filesystem::path& file, const LoadOptions& options);

/// The scenario with nothing implicit: every default written out, the catalog inline, parameters
/// drawn. Loading it again gives the same scenario.
std::string save(const Scenario& scenario);

/// Numbers that carry neither a source nor `assumption`, as paths.
std::vector<std::string> unsourced(const Scenario& scenario);

}  // namespace colossim
