// A study from its file: the scenario language's reader without a scenario.
#include <algorithm>
#include <array>

#include <colossim/base/atomic_file.hpp>
#include <colossim/scenario/study.hpp>
#include <colossim/scenario/unit.hpp>

#include "reader.hpp"

namespace colossim {

/// The reader finds these two by the type of the leaf.
bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, AnyDistribution& out);
std::string leaf_text(const AnyDistribution& leaf);

namespace {

constexpr std::size_t file_limit = std::size_t{4} << 20;  // bytes

/// The first number of a distribution, whose unit is that of all; null when there is none.
const std::string* first_number(const Tree& tree) {
  if (!tree.is_map() || tree.entries.size() != 1) return nullptr;
  const Tree& fields = tree.entries.front().value;
  if (!fields.is_map() || fields.entries.empty()) return nullptr;
  if (tree.entries.front().key == "choice") return &fields.entries.front().key;
  constexpr std::array names{"from", "mean", "median"};
  for (const char* name : names) {
    const Tree* found = fields.find(name);
    if (found != nullptr && found->is_scalar()) return &found->text;
  }
  return nullptr;
}

/// The entries of a choice whose first is no number; null when there is none.
const Tree* choice_of_texts(const Tree& tree) {
  const std::string* first = first_number(tree);
  std::string problem;
  const bool is_choice = first != nullptr && tree.entries.front().key == "choice";
  return is_choice && !parse_measured(*first, problem) ? &tree.entries.front().value : nullptr;
}

/// What the described fields alone do not say.
class StudyCheck {
 public:
  StudyCheck(const Study& study, Diagnostics& diagnostics)
      : study_(study), spec_(study.spec), diagnostics_(diagnostics) {}

  void run() {
    constexpr std::array reserved{"run", "point", "replicate", "status", "key"};
    for (const auto& [name, axis] : spec_.axes) {
      const std::string path = "axes." + name;
      if (std::find(reserved.begin(), reserved.end(), name) != reserved.end())
        report(path, "this is the name of a column every results file has", "call it otherwise");
      const int given = int{axis.list.has_value()} + int{axis.range.has_value()} +
                        int{axis.linspace.has_value()} + int{axis.distribution.has_value()};
      if (given != 1)
        report(path, fmt::format("expected one of list, range, linspace and distribution, found {}",
                                 given));
      if (axis.list && axis.list->empty()) report(path + ".list", "expected values, found none");
      if (axis.distribution && spec_.sampling == "grid")
        report(path + ".distribution", "a grid has no point of a distribution",
               "sampling: lhs or sobol");
    }
    check_paths();
    check_sampling();
    check_zip();
    if (spec_.metrics.empty()) report("metrics", "expected names, found none");
  }

 private:
  void report(const std::string& path, std::string message, std::string hint = {}) {
    diagnostics_.add(study_.problem(path, std::move(message), std::move(hint)));
  }

  void check_paths() {
    for (const auto& [name, axis] : spec_.axes) {
      const std::string path = "axes." + name + ".path";
      if (axis.path == "replication") report(path, "replicates count these", "`replicates: N`");
      for (const auto& [other, second] : spec_.axes) {
        if (other != name && is_within(axis.path, second.path))
          report(path, fmt::format("{} changes {} as well", other, axis.path),
                 "one axis for both, or two below them");
      }
    }
  }

  /// Whether a path is another or lies below it.
  static bool is_within(const std::string& path, const std::string& above) {
    return path.starts_with(above) &&
           (path.size() == above.size() || path[above.size()] == '.' || path[above.size()] == '[');
  }

  void check_sampling() {
    const bool is_grid = spec_.sampling == "grid";
    if (is_grid && spec_.points)
      report("points", "a grid has as many points as its axes make", "sampling: lhs or sobol");
    if (is_grid && spec_.seed)
      report("seed", "a grid draws nothing", "the seed of the runs is the scenario's");
    if (!is_grid && !spec_.points)
      report("sampling", fmt::format("{} needs `points:`", spec_.sampling));
    if (!is_grid && spec_.axes.empty())
      report("sampling", fmt::format("{} needs `axes:`", spec_.sampling));
    if (spec_.stop && spec_.stop->least > spec_.replicates)
      report("stop.least", fmt::format("expected at most the {} replicates", spec_.replicates),
             "`replicates:` is the most that a point may take");
  }

  void check_zip() {
    std::vector<std::string> used;
    for (std::size_t i = 0; i < spec_.zip.size(); ++i) {
      const std::string path = fmt::format("zip[{}]", i);
      if (spec_.zip[i].size() < 2) report(path, "expected two axes or more");
      for (const std::string& name : spec_.zip[i]) {
        const auto axis = spec_.axes.find(name);
        if (axis == spec_.axes.end()) {
          report(path, fmt::format("there is no axis \"{}\"", name));
        } else if (axis->second.distribution) {
          report(path, fmt::format("{} is a distribution and has no first value", name));
        }
        if (std::find(used.begin(), used.end(), name) != used.end())
          report(path, fmt::format("\"{}\" is zipped twice", name));
        used.push_back(name);
      }
    }
  }

  const Study& study_;
  const StudySpec& spec_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool parse_leaf(ReadContext& context, const Tree& tree, const Spot& spot, AnyDistribution& out) {
  if (const Tree* choice = choice_of_texts(tree)) {
    Tree rows = *choice;  // rows stand for the texts
    for (std::size_t i = 0; i < rows.entries.size(); ++i) {
      out.texts.push_back(rows.entries[i].key);
      rows.entries[i].key = fmt::format("{}", i);
    }
    Tree numbers{.kind = Tree::Kind::map, .place = tree.place};
    numbers.entries.push_back({"choice", tree.entries.front().place, std::move(rows)});
    return parse_distribution(context, numbers, spot, {}, out.data);
  }
  const std::string* number = first_number(tree);
  std::string problem;
  const auto measured = number == nullptr ? std::nullopt : parse_measured(*number, problem);
  if (!measured) {
    context.report(
        tree.place, spot.path,
        fmt::format("expected a distribution of numbers, or a choice between texts, "
                    "found {}",
                    number != nullptr ? fmt::format("\"{}\"", *number) : tree.describe()),
        "such as {uniform: {from: 40 USD/MWh, to: 60 USD/MWh}} or {choice: {easy: 50 %, "
        "fifo: 50 %}}");
    return false;
  }
  out.unit = unit_of(*number);
  out.dimension = measured->dimension;
  return parse_distribution(context, tree, spot, out.dimension, out.data);
}

std::string leaf_text(const AnyDistribution& leaf) {
  return leaf.unit;
}

Diagnostic Study::problem(const std::string& path, std::string message, std::string hint) const {
  Mark mark{file.string()};
  for (std::string written = path; !written.empty();) {
    const auto found = marks.find(written);
    if (found != marks.end()) {
      mark = found->second;
      break;
    }
    const auto dot = written.find_last_of(".[");
    written = dot == std::string::npos ? "" : written.substr(0, dot);
  }
  return {std::move(mark), path, std::move(message), std::move(hint)};
}

Study load_study(const std::filesystem::path& file) {
  return parse_study(file, read_file(file, file_limit));
}

Study parse_study(const std::filesystem::path& file, std::string text) {
  Diagnostics diagnostics;
  FileNames names;
  Study study{.spec = {}, .file = file, .text = std::move(text), .marks = {}};
  const auto tree = parse_yaml(study.text, names.add(file.string()), names, diagnostics);
  if (tree) {
    Scenario notes;  // the reader notes places and sources there
    ReadContext context{names, diagnostics, notes, file.parent_path(), {}, "study"};
    read_struct(context, *tree, {}, study.spec);
    study.marks = std::move(notes.marks);
    if (diagnostics.empty()) StudyCheck{study, diagnostics}.run();
  }
  if (!diagnostics.empty()) throw ScenarioError{diagnostics.take()};
  return study;
}

}  // namespace colossim
