// A trace map from its file: the scenario language's reader without a scenario.
#include <algorithm>

#include <colossim/base/atomic_file.hpp>
#include <colossim/base/did_you_mean.hpp>
#include <colossim/scenario/trace_map.hpp>

#include "compose.hpp"
#include "date_format.hpp"
#include "reader.hpp"

namespace colossim {

namespace {

constexpr std::size_t file_limit = std::size_t{1} << 20;

/// The sources a map names must exist, as those of a scenario must.
void check_sources(const ReadContext& context,
                   const std::vector<std::filesystem::path>& catalog_folders) {
  if (context.refs.empty()) return;
  std::vector<std::string> known;
  if (const auto catalog = compose_catalog(catalog_folders, context.diagnostics)) {
    const Tree* sources = catalog->tree.find("sources");
    if (sources != nullptr) {
      for (const TreeEntry& entry : sources->entries) known.push_back(entry.key);
    }
  }
  for (const PendingRef& ref : context.refs) {
    if (std::find(known.begin(), known.end(), ref.name) != known.end()) continue;
    context.report(ref.place, ref.path, fmt::format("there is no \"{}\" in sources", ref.name),
                   did_you_mean(ref.name, known));
  }
}

/// What the described fields alone do not say.
class MapCheck {
 public:
  MapCheck(const ReadContext& context, const Tree& tree) : context_(context), tree_(tree) {}

  void run(const TraceMapSpec& map) const {
    if (!map.runtime && !(map.start && map.end))
      report("runtime", "expected `runtime:`, or `start:` and `end:`");
    if (map.gpus.has_value() == map.nodes.has_value())
      report(map.gpus ? "nodes" : "gpus", "expected one of `gpus:` and `nodes:`");
    check_format("submit", &map.submit);
    check_format("start", map.start ? &*map.start : nullptr);
    check_format("end", map.end ? &*map.end : nullptr);
    for (const auto* span : {&map.runtime, &map.estimate}) {
      if (*span && (*span)->format) report("runtime", "a span has no date: remove `format:`");
    }
    if (map.start && map.end && map.start->format.has_value() != map.end->format.has_value())
      report("end", "expected dates in both start and end, or numbers in both");
    if (map.columns) check_columns(*map.columns);
  }

 private:
  void report(const std::string& key, std::string message, std::string hint = {}) const {
    const Tree* value = tree_.find(key);
    context_.report(value == nullptr ? tree_.place : value->place, key, std::move(message),
                    std::move(hint));
  }
  void check_format(const std::string& key, const TimeColumnSpec* time) const {
    if (time == nullptr || !time->format) return;
    if (const auto problem = DateFormat::problem_of(*time->format)) report(key, *problem);
  }
  void check_columns(std::vector<std::string> names) const {
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) report("columns", fmt::format("\"{}\" is there twice", *twice));
  }

  const ReadContext& context_;
  const Tree& tree_;
};

}  // namespace

TraceMapSpec load_trace_map(const std::filesystem::path& file,
                            const std::vector<std::filesystem::path>& catalog_folders) {
  const std::string text = read_file(file, file_limit);
  Diagnostics diagnostics;
  FileNames names;
  const auto tree = parse_yaml(text, names.add(file.string()), names, diagnostics);
  TraceMapSpec map;
  if (tree) {
    Scenario notes;  // the reader notes places and sources there
    ReadContext context{names, diagnostics, notes, file.parent_path(), {}};
    read_struct(context, *tree, {}, map);
    if (diagnostics.empty()) MapCheck{context, *tree}.run(map);
    check_sources(context, catalog_folders);
  }
  if (!diagnostics.empty()) throw ScenarioError{diagnostics.take()};
  return map;
}

}  // namespace colossim
