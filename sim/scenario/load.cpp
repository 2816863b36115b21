// load(): compose, read, resolve references, check; all problems at once.
#include <algorithm>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/scenario/scenario_files.hpp>

#include "check.hpp"
#include "compose.hpp"
#include "reader.hpp"

namespace colossim {

namespace {

template <class Map>
std::vector<std::string> names(const Map& map) {
  std::vector<std::string> result;
  for (const auto& [name, value] : map) result.push_back(name);
  return result;
}

std::vector<std::string> section_names(const Scenario& scenario, const std::string& section) {
  const Catalog& catalog = scenario.catalog;
  if (section == "parties") return names(scenario.parties);
  if (section == "sites") return names(scenario.sites);
  if (section == "markets") return names(scenario.markets);
  if (section == "equities") return names(scenario.equities);
  if (section == "contracts") return names(scenario.contracts);
  if (section == "transfers") return names(catalog.transfers);
  if (section == "gpus") return names(catalog.gpus);
  if (section == "nodes") return names(catalog.nodes);
  if (section == "branches") return names(catalog.branches);
  if (section == "models") return names(catalog.models);
  if (section == "shapes") return names(catalog.shapes);
  if (section == "chillers") return names(catalog.chillers);
  return names(catalog.sources);
}

/// Hints cost a comparison with every known name: past the diagnostics that are shown they are left
/// out.
void check_references(const ReadContext& context) {
  constexpr std::size_t hinted = 100;
  std::map<std::string, std::vector<std::string>> known;
  std::size_t missing = 0;
  for (const PendingRef& ref : context.refs) {
    const auto [names_in, is_new] = known.try_emplace(ref.section);
    if (is_new) names_in->second = section_names(context.scenario, ref.section);
    const std::vector<std::string>& candidates = names_in->second;  // in order: they come from maps
    if (std::binary_search(candidates.begin(), candidates.end(), ref.name)) continue;
    context.report(ref.place, ref.path,
                   fmt::format("there is no \"{}\" in {}", ref.name, ref.section),
                   ++missing <= hinted ? did_you_mean(ref.name, candidates) : "");
  }
}

/// The seed must be known before parameters are drawn.
void read_seed(ReadContext& context, const Tree& root, std::string_view key, std::int64_t& out) {
  const Tree* tree = root.find(key);
  if (tree != nullptr && tree->is_map()) tree = tree->find("value");
  if (tree == nullptr || !tree->is_scalar()) return;
  Diagnostics ignored;  // the real reading reports
  ReadContext quiet{context.files, ignored, context.scenario, {}, {}};
  parse_leaf(quiet, *tree, {std::string{key}, optional, {}}, out);
}

}  // namespace

struct ScenarioFiles::Text {
  LoadOptions options;
  Composition composition;
};

ScenarioFiles::ScenarioFiles(const std::filesystem::path& file, const LoadOptions& options) {
  Diagnostics diagnostics;
  auto composition = compose(file, options, diagnostics);
  if (!composition) throw ScenarioError{diagnostics.take()};
  text_ = std::make_shared<const Text>(Text{options, std::move(*composition)});
}

Scenario ScenarioFiles::load(const std::vector<Override>& more) const {
  Diagnostics diagnostics;
  const Composition composition = change(text_->composition, text_->options, more, diagnostics);
  Scenario scenario;
  ReadContext context{composition.files, diagnostics, scenario, composition.folder, {}};
  read_seed(context, composition.tree, "seed", scenario.seed);
  read_seed(context, composition.tree, "replication", scenario.replication);
  read_struct(context, composition.tree, {}, scenario);
  check_references(context);
  if (!diagnostics.empty() && !composition.catalog_sought.empty()) {
    // What follows from the missing catalog would only hide it.
    throw ScenarioError{{{{},
                          "",
                          fmt::format("no catalog was found; looked in {}",
                                      fmt::join(composition.catalog_sought, ", ")),
                          "give --catalog DIR"}}};
  }
  if (diagnostics.empty()) {
    check_meaning(scenario, diagnostics);
    if (diagnostics.empty()) read_traces(scenario, diagnostics);
    for (const auto& check : text_->options.checks) {
      for (Diagnostic& problem : check(scenario)) diagnostics.add(std::move(problem));
    }
  }
  if (!diagnostics.empty()) throw ScenarioError{diagnostics.take()};
  return scenario;
}

std::optional<std::string> ScenarioFiles::text_at(const std::string& path) const {
  Diagnostics ignored;  // `load` reports
  const Composition composition = change(text_->composition, text_->options, {}, ignored);
  return colossim::text_at(composition.tree, path);
}

Scenario load(const std::filesystem::path& file, const LoadOptions& options) {
  return ScenarioFiles{file, options}.load({});
}

Mark Scenario::mark_at(const std::string& path) const {
  std::string written = path;
  auto found = marks.find(written);
  while (found == marks.end() && !written.empty()) {
    const auto dot = written.find_last_of(".[");
    written = dot == std::string::npos ? "" : written.substr(0, dot);
    found = marks.find(written);
  }
  return found == marks.end() ? Mark{} : found->second;
}

std::vector<std::string> unsourced(const Scenario& scenario) {
  std::vector<std::string> paths;
  for (const auto& [path, leaf] : scenario.leaves) {
    if (leaf.needs_source && leaf.provenance.source.empty()) paths.push_back(path);
  }
  return paths;
}

}  // namespace colossim
