// Visitors that print fields instead of reading them.
#include <algorithm>
#include <functional>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include <colossim/scenario/explain.hpp>
#include <colossim/scenario/metrics.hpp>
#include <colossim/scenario/study.hpp>
#include <colossim/scenario/unit.hpp>

#include "compose.hpp"
#include "reader.hpp"

namespace colossim {

namespace {

template <class T>
struct TypeText {
  static std::string text() { return "a map"; }
};
template <>
struct TypeText<double> {
  static std::string text() { return "a number or %"; }
};
template <>
struct TypeText<std::int64_t> {
  static std::string text() { return "a whole number"; }
};
template <>
struct TypeText<bool> {
  static std::string text() { return "true or false"; }
};
template <>
struct TypeText<std::string> {
  static std::string text() { return "text"; }
};
template <>
struct TypeText<TraceFile> {
  static std::string text() { return "the name of a file"; }
};
template <>
struct TypeText<Ref> {
  static std::string text() { return "a name"; }
};
template <>
struct TypeText<Date> {
  static std::string text() { return "a date"; }
};
template <>
struct TypeText<Period> {
  static std::string text() { return "calendar months or yr"; }
};
template <>
struct TypeText<WhenRule> {
  static std::string text() { return "METRIC < (or >) THRESHOLD for DURATION"; }
};
template <>
struct TypeText<GpuShare> {
  static std::string text() { return "gpu, or all"; }
};
template <>
struct TypeText<AnyQuantity> {
  static std::string text() { return "the metric's unit"; }
};
template <Dimension D>
struct TypeText<Quantity<D>> {
  static std::string text() { return fmt::format("{}", fmt::join(legal_units(D), ", ")); }
};
template <Dimension D>
struct TypeText<Distribution<D>> {
  static std::string text() {
    return fmt::format("{}, or a distribution", fmt::join(legal_units(D), ", "));
  }
};
template <Dimension D>
struct TypeText<Signal<D>> {
  static std::string text() {
    return fmt::format("{}, or a signal", fmt::join(legal_units(D), ", "));
  }
};
template <class T>
struct TypeText<std::optional<T>> : TypeText<T> {};
template <class T>
struct TypeText<std::vector<T>> {
  static std::string text() { return "a list of " + TypeText<T>::text(); }
};
template <class T>
struct TypeText<std::map<std::string, T>> {
  static std::string text() { return "names, each with " + TypeText<T>::text(); }
};
template <>
struct TypeText<AnyDistribution> {
  static std::string text() { return "a distribution, of numbers with any unit or of texts"; }
};
template <class... Kinds>
struct TypeText<std::variant<Kinds...>> {
  static std::string text() {
    const std::vector<std::string_view> kinds{Kinds::kind...};
    return fmt::format("a map with kind: {}", fmt::join(kinds, " | "));
  }
};

template <class T>
std::string default_text(const T& /*value*/) {
  return "";
}
std::string default_text(const double& value) {
  return to_text(value, {});
}
std::string default_text(const std::int64_t& value) {
  return fmt::format("{}", value);
}
std::string default_text(const bool& value) {
  return value ? "true" : "false";
}
std::string default_text(const std::string& value) {
  return value;
}
std::string default_text(const Period& value) {
  return fmt::format("{} month", value.months);
}
std::string default_text(const GpuShare& value) {
  return value.all ? "all" : "";
}
template <Dimension D>
std::string default_text(const Quantity<D>& value) {
  return to_text(value.base(), D);
}

template <class T>
inline constexpr Dimension dimension_of{};
template <Dimension D>
inline constexpr Dimension dimension_of<Quantity<D>> = D;
template <Dimension D>
inline constexpr Dimension dimension_of<Distribution<D>> = D;
template <Dimension D>
inline constexpr Dimension dimension_of<Signal<D>> = D;
template <class T>
inline constexpr Dimension dimension_of<std::optional<T>> = dimension_of<T>;

/// `; at least 0 MW, at most 100 GW`, or nothing when any value goes.
std::string range_text(const Rule& rule, Dimension dimension) {
  std::string text;
  if (rule.low > -std::numeric_limits<double>::infinity()) {
    text = fmt::format("{} {}", rule.above_low ? "more than" : "at least",
                       to_text(rule.low, dimension));
  }
  if (rule.high < std::numeric_limits<double>::infinity()) {
    text += fmt::format("{}at most {}", text.empty() ? "" : ", ", to_text(rule.high, dimension));
  }
  return text.empty() ? text : "; " + text;
}

/// Prints one line per field: name, what it takes, default and meaning.
class Explainer {
 public:
  template <class T>
  void field(std::string_view name, const T& member, Rule rule, std::string_view doc) {
    std::string note = rule.is_required ? "required" : "";
    if (!rule.is_required) {
      const std::string value = default_text(member);
      note = value.empty() ? "optional" : "default " + value;
    }
    std::string words{rule.words};
    for (std::size_t at = words.find(' '); at != std::string::npos; at = words.find(' ', at + 3))
      words.replace(at, 1, " | ");
    const std::string section = !words.empty()           ? ": " + words
                                : rule.refers_to.empty() ? ""
                                                         : fmt::format(" of {}", rule.refers_to);
    text_ += fmt::format("  {:<20} {}\n  {:<20}   {}{}; {}{}\n", name, doc, "", TypeText<T>::text(),
                         section, note, range_text(rule, dimension_of<T>));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// Prints the values of a catalog entry.
class ValuePrinter {
 public:
  template <class T>
  void field(std::string_view name, const T& member, Rule /*rule*/, std::string_view doc) {
    const std::string value = default_text(member);
    if constexpr (std::is_same_v<T, Ref>) {
      text_ += fmt::format("  {:<20} {:<22} {}\n", name, member.name, doc);
    } else if (!value.empty()) {
      text_ += fmt::format("  {:<20} {:<22} {}\n", name, value, doc);
    } else if constexpr (std::is_same_v<T, std::map<std::string, ReplicaSpec>>) {
      print_replicas(member);
    } else if constexpr (std::is_same_v<T, StageSpec>) {
      text_ += fmt::format("  {:<20} {:<22} {}\n", name, leaf_text(member.duration), doc);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  void print_replicas(const std::map<std::string, ReplicaSpec>& replicas) {
    for (const auto& [gpu, replica] : replicas) {
      text_ += fmt::format("  on {:<17} {} GPUs per replica, t0 {:.4g} ms, t1 {:.4g} ms\n", gpu,
                           replica.gpus, replica.t0.in(units::millisecond),
                           replica.t1.in(units::millisecond));
    }
  }
  std::string text_;
};

struct Topic {
  std::string name;
  std::string_view doc;
  std::function<std::string()> fields;
};

template <class T>
Topic topic(std::string name) {
  return {std::move(name), T::doc, [] {
            Explainer explainer;
            T{}.describe(explainer);
            return explainer.take();
          }};
}

Topic distribution_topic() {
  return {
      "distribution",
      "A value that is drawn: a parameter once per run, sizes and times of jobs and stages each "
      "time.",
      [] {
        return std::string{
            "  uniform              {from: 1 h, to: 3 h}\n"
            "  exponential          {mean: 2 h}\n"
            "  normal               {mean: 4 h, sd: 1 h, min: 10 min}; min and max are required "
            "where "
            "the value has bounds\n"
            "  lognormal            {median: 4 h, sigma: 1}; sigma is that of the logarithm\n"
            "  choice               {8 gpu: 70 %, 64 gpu: 30 %}: values and weights\n"
            "Draws beyond `min` and `max` (of all but choice) are cut to them, not drawn again. "
            "--set reaches a\nparameter: jobs.J.runtime.lognormal.median='4 h'.\n"};
      }};
}

std::vector<Topic> contract_topics() {
  return {topic<LeaseSpec>("lease"),
          topic<AssetSaleSpec>("asset_sale"),
          topic<RevenueShareSpec>("revenue_share"),
          topic<EquitySwapSpec>("equity_swap"),
          topic<PowerPurchaseSpec>("power_purchase"),
          topic<FinancingSpec>("financing"),
          topic<LicenseSpec>("license"),
          topic<ReducedFeeSpec>("reduced"),
          topic<ServiceLevelSpec>("sla"),
          topic<CreditTierSpec>("tiers"),
          topic<TrancheSpec>("tranches"),
          topic<DeliverySpec>("delivery"),
          topic<LiabilitySpec>("liability"),
          topic<ClosingSpec>("closing"),
          topic<DefaultSpec>("default"),
          topic<ExitSpec>("exit"),
          topic<ReclaimSpec>("reclaim"),
          topic<RenewalSpec>("renewal"),
          topic<StepDownSpec>("step_down"),
          topic<NeverSpec>("never"),
          topic<OnDateSpec>("date"),
          topic<OnRuleSpec>("rule"),
          topic<OnValueSpec>("value"),
          topic<ValuationSpec>("valuation"),
          topic<PriceSignalSpec<GpuPrice::dimension>>("price_signal"),
          topic<LogOuSpec<GpuPrice::dimension>>("log_ou"),
          topic<RandomWalkSpec<GpuPrice::dimension>>("random_walk"),
          topic<KeepSpec>("keep"),
          topic<HarvestIdleSpec>("harvest_idle"),
          topic<ReclaimOnSurgeSpec>("reclaim_on_surge"),
          topic<PriceThresholdSpec>("price_threshold")};
}

std::vector<Topic> topics() {
  std::vector<Topic> all{topic<Scenario>("scenario"),
                         topic<PartySpec>("parties"),
                         topic<SiteSpec>("sites"),
                         topic<HallSpec>("halls"),
                         topic<RackGroupSpec>("racks"),
                         topic<PowerSpec>("power"),
                         topic<BranchSpec>("branch"),
                         topic<CoolingSpec>("cooling"),
                         topic<LoopSpec>("loop"),
                         topic<TowerSpec>("tower"),
                         topic<DryCoolerSpec>("dry_cooler"),
                         topic<ChillerPlantSpec>("chiller"),
                         topic<TariffSpec>("tariff"),
                         topic<AssetsSpec>("assets"),
                         topic<ResidualSpec>("residual"),
                         topic<OperatingSpec>("operating"),
                         topic<PoolSpec>("pools"),
                         topic<BatchSpec>("batch"),
                         topic<TraceSpec>("trace"),
                         topic<ElasticSpec>("elastic"),
                         topic<LasSpec>("las"),
                         topic<FairShareSpec>("fair_share"),
                         topic<QuotaSpec>("quota"),
                         topic<TrainingSpec>("training"),
                         topic<ServiceSpec>("services"),
                         topic<DemandSpec>("users"),
                         topic<StandingSpec>("standing"),
                         topic<TransferSpec>("transfer"),
                         topic<DrainSpec>("drain"),
                         topic<StageSpec>("stage"),
                         topic<ClaimSpec>("claims"),
                         topic<ExpectSpec>("expect"),
                         topic<ReadingSpec>("readings"),
                         topic<RecordSpec>("record"),
                         topic<Catalog>("catalog"),
                         topic<GpuSpec>("gpus"),
                         topic<NodeSpec>("nodes"),
                         topic<BranchKindSpec>("branches"),
                         topic<ModelSpec>("models"),
                         topic<ReplicaSpec>("replica"),
                         topic<ShapeSpec>("shapes"),
                         topic<ChillerSpec>("chillers"),
                         topic<SourceSpec>("sources"),
                         topic<SyntheticWeatherSpec>("synthetic"),
                         topic<SignalWeatherSpec>("signal"),
                         topic<StudySpec>("study"),
                         topic<AxisSpec>("axes"),
                         topic<RangeSpec>("range"),
                         topic<LinspaceSpec>("linspace"),
                         topic<StopSpec>("stop"),
                         distribution_topic()};
  for (Topic& each : contract_topics()) all.push_back(std::move(each));
  return all;
}

template <class T>
void add_entries(const std::map<std::string, T>& entries, std::vector<ListRow>& rows) {
  for (const auto& [name, entry] : entries) {
    ValuePrinter printer;
    const_cast<T&>(entry).describe(printer);  // NOLINT: one describe() serves readers and writers
    std::string values = printer.take();
    rows.push_back({name, std::move(values)});
  }
}

/// Calls `use(kind, entries)` for each catalog section.
template <class Use>
void each_catalog(const Catalog& catalog, Use use) {
  use("gpus", catalog.gpus);
  use("nodes", catalog.nodes);
  use("branches", catalog.branches);
  use("models", catalog.models);
  use("shapes", catalog.shapes);
  use("chillers", catalog.chillers);
  use("transfers", catalog.transfers);
  use("sources", catalog.sources);
}

/// Whether `name` is a metric of `pattern`: `site.barn.pue`, or its end `pue`, of
/// `site.<site>.pue`.
bool matches(const std::string& pattern, std::string_view name) {
  const std::size_t open = pattern.find('<');
  const std::size_t close = pattern.find('>');
  const std::string_view head =
      std::string_view{pattern}.substr(0, std::min(open, pattern.find("total|")));
  const std::string_view tail = std::string_view{pattern}.substr(close + 2);
  return pattern == name || tail == name ||
         (name.starts_with(head) && name.ends_with(pattern.substr(close + 1)));
}

}  // namespace

std::vector<std::string> list_kinds() {
  return {"gpus",      "nodes",        "branches",  "models",  "shapes",     "chillers",
          "transfers", "sources",      "contracts", "options", "exercise",   "markets",
          "equities",  "reallocation", "jobs",      "queues",  "placements", "weather",
          "rejection", "units",        "metrics",   "topics"};
}

std::optional<std::vector<ListRow>> list_rows(std::string_view kind, const Catalog& catalog) {
  std::vector<ListRow> rows;
  const auto add_kinds = [&]<class... Kinds>(const std::variant<Kinds...>* /*type*/) {
    (rows.push_back({std::string{Kinds::kind}, std::string{Kinds::doc}}), ...);
  };
  each_catalog(catalog, [&](std::string_view name, const auto& entries) {
    if (name == kind) add_entries(entries, rows);
  });
  if (kind == "contracts") add_kinds(static_cast<const ContractSpec*>(nullptr));
  if (kind == "options") add_kinds(static_cast<const OptionSpec*>(nullptr));
  if (kind == "exercise") add_kinds(static_cast<const ExerciseSpec*>(nullptr));
  if (kind == "markets" || kind == "equities") add_kinds(static_cast<const MarketSpec*>(nullptr));
  if (kind == "reallocation") add_kinds(static_cast<const ReallocationSpec*>(nullptr));
  if (kind == "jobs") add_kinds(static_cast<const JobSpec*>(nullptr));
  if (kind == "weather")
    add_kinds(static_cast<const std::variant<SyntheticWeatherSpec, SignalWeatherSpec>*>(nullptr));
  if (kind == "rejection") add_kinds(static_cast<const RejectionSpec*>(nullptr));
  if (kind == "queues") add_kinds(static_cast<const QueueSpec*>(nullptr));
  if (kind == "placements") add_kinds(static_cast<const PlacementSpec*>(nullptr));
  if (kind == "units") {
    for (const UnitRow& unit : unit_table()) rows.push_back({unit.name, unit.meaning});
  }
  if (kind == "metrics") {
    for (const MetricDefinition& metric : metric_patterns())
      rows.push_back({metric.name, fmt::format("[{}] {}", metric.unit, metric.doc)});
  }
  if (kind == "topics") {
    for (const Topic& each : topics()) rows.push_back({each.name, std::string{each.doc}});
  }
  const std::vector<std::string> kinds = list_kinds();
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return std::nullopt;
  return rows;
}

std::optional<std::string> explain(std::string_view name, const Catalog& catalog) {
  for (const Topic& each : topics()) {
    if (each.name == name) return fmt::format("{}: {}\n{}", name, each.doc, each.fields());
  }
  std::optional<std::string> found;
  each_catalog(catalog, [&](std::string_view kind, const auto& entries) {
    const auto entry = entries.find(std::string{name});
    if (entry == entries.end() || found) return;
    std::vector<ListRow> rows;
    add_entries(std::map<std::string, std::remove_cvref_t<decltype(entry->second)>>{*entry}, rows);
    found = fmt::format("{} (catalog {})\n{}", name, kind, rows.front().text);
  });
  if (found) return found;
  for (const MetricDefinition& metric : metric_patterns()) {
    if (matches(metric.name, name))
      return fmt::format("{} [{}]: {}\n", metric.name, metric.unit, metric.doc);
  }
  const auto rows = list_rows(name, catalog);
  if (rows) {
    std::string text = fmt::format("{}: `kind:` or name, one of\n", name);
    for (const ListRow& row : *rows) text += fmt::format("  {:<14} {}\n", row.name, row.text);
    return text;
  }
  std::string rows_of_name;
  for (const char* kind : {"units", "queues", "placements"}) {
    const std::vector<ListRow> entries = list_rows(kind, catalog).value_or(std::vector<ListRow>{});
    for (const ListRow& row : entries) {
      if (row.name == name) rows_of_name += fmt::format("{} ({}): {}\n", row.name, kind, row.text);
    }
  }
  if (!rows_of_name.empty()) return rows_of_name;
  return std::nullopt;
}

std::vector<std::string> explainable_names(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const Topic& each : topics()) names.push_back(each.name);
  each_catalog(catalog, [&](std::string_view /*kind*/, const auto& entries) {
    for (const auto& [name, entry] : entries) names.push_back(name);
  });
  return names;
}

Catalog load_catalog(const std::vector<std::filesystem::path>& folders) {
  Diagnostics diagnostics;
  auto composition = compose_catalog(folders, diagnostics);
  if (!composition) throw ScenarioError{diagnostics.take()};
  Scenario scenario;
  ReadContext context{composition->files, diagnostics, scenario, {}, {}};
  read_struct(context, composition->tree, {"catalog", {}, {}}, scenario.catalog);
  if (!diagnostics.empty()) throw ScenarioError{diagnostics.take()};
  return scenario.catalog;
}

}  // namespace colossim
