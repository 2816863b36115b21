// Holds the modules to the table of allowed includes, each library to its home, and the headers to
// an order without cycles.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace colossim::style {

// Shared by the style tests; source_text_test.cpp defines them.
using Tree = std::map<std::string, std::string>;
Tree read_tree(const std::filesystem::path& root);
std::string without_comments(std::string_view text);
std::string one_per_line(const std::vector<std::string>& lines);

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

/// What each module may include besides itself.
const std::map<std::string, Names>& allowed_includes() {
  static const Names below_experiment = {"base",     "engine",   "record", "model", "policy",
                                         "contract", "scenario", "world",  "report"};
  static const Names everything = {"base",     "engine",   "record", "model",  "policy",
                                   "contract", "scenario", "world",  "report", "experiment"};
  static const std::map<std::string, Names> table = {
      {"base", {}},
      {"engine", {"base"}},
      {"record", {"base"}},
      {"model", {"base"}},
      {"policy", {"base", "model"}},
      {"contract", {"base", "record", "model"}},
      {"scenario", {"base", "model", "policy", "contract"}},
      {"world", {"base", "engine", "record", "model", "policy", "contract", "scenario"}},
      {"report", {"base", "record", "model", "contract", "scenario"}},
      {"experiment", below_experiment},
      {"cli", everything},
      {"python", everything},
  };
  return table;
}

struct Include {
  std::string name;  ///< as written, without brackets or quotes
  bool quoted;
};

/// The home of a library: the files it may be included from.
struct Confinement {
  std::string prefix;              ///< how its headers' names begin
  std::vector<std::string> homes;  ///< how the paths of the files that may include it begin
  bool one_cpp;                    ///< whether a single .cpp file may include it
};

/// The first entry whose prefix matches decides.
const std::vector<Confinement>& confinements() {
  static const std::vector<Confinement> table = {
      {"Eigen/", {"include/colossim/model/", "sim/model/"}, false},
      {"unsupported/Eigen/", {"include/colossim/model/", "sim/model/"}, false},
      {"yaml-cpp/", {"sim/scenario/"}, true},
      {"boost/program_options", {"sim/cli/"}, false},
      {"boost/random/sobol", {"sim/experiment/"}, true},
      {"boost/", {"sim/world/topology"}, false},
      {"nlohmann/", {"sim/report/", "sim/cli/"}, false},
      {"sqlite3.h", {"include/colossim/experiment/", "sim/experiment/"}, false},
  };
  return table;
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return text.starts_with(prefix); });
}

bool is_header(const std::string& file) {
  return file.ends_with(".hpp");
}

bool is_product_code(const std::string& file) {
  return (file.starts_with("include/") || file.starts_with("sim/")) &&
         (is_header(file) || file.ends_with(".cpp"));
}

/// The text between the delimiters of an include line, or nothing for any other line.
std::vector<Include> include_on(const std::string& line) {
  std::istringstream words(line);
  std::string rest;
  char hash = ' ';
  if (!(words >> hash) || hash != '#' || !(words >> rest) || !rest.starts_with("include")) {
    return {};
  }
  const auto open = line.find_first_of("<\"");
  const auto close = line.find_first_of(">\"", open == std::string::npos ? open : open + 1);
  if (close == std::string::npos) {
    return {};
  }
  return {{line.substr(open + 1, close - open - 1), line[open] == '"'}};
}

std::vector<Include> includes_of(const std::string& text) {
  std::vector<Include> found;
  std::istringstream lines(without_comments(text));
  for (std::string line; std::getline(lines, line);) {
    const auto include = include_on(line);
    found.insert(found.end(), include.begin(), include.end());
  }
  return found;
}

/// The folder below include/colossim/ or sim/ that holds `file`; empty outside both.
std::string module_of(const std::string& file) {
  for (const std::string root : {"include/colossim/", "sim/"}) {
    const auto slash = file.find('/', root.size());
    if (file.starts_with(root) && slash != std::string::npos) {
      return file.substr(root.size(), slash - root.size());
    }
  }
  return "";
}

/// The path in the repository that an include of `file` means; empty for other people's headers.
std::string target_of(const std::string& file, const Include& include) {
  if (include.name.starts_with("colossim/")) {
    return "include/" + include.name;
  }
  if (!include.quoted) {
    return "";
  }
  if (allowed_includes().contains(include.name.substr(0, include.name.find('/')))) {
    return "sim/" + include.name;
  }
  if (include.name.starts_with("sim/")) {
    return include.name;
  }
  return (fs::path(file).parent_path() / include.name).lexically_normal().generic_string();
}

bool may_include(const std::string& from, const std::string& to) {
  const auto row = allowed_includes().find(from);
  return from == to || (row != allowed_includes().end() && row->second.contains(to));
}

std::string stranger(const std::string& file) {
  return file + ": '" + module_of(file) + "' is not a module of design.md";
}

std::string climber(const std::string& file, const Include& include) {
  return file + ": " + module_of(file) + " must not include " + include.name;
}

std::vector<std::string> layer_violations(const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [file, text] : tree) {
    if (!is_product_code(file)) {
      continue;
    }
    const auto module = module_of(file);
    if (!allowed_includes().contains(module)) {
      found.push_back(stranger(file));
      continue;
    }
    for (const auto& include : includes_of(text)) {
      const auto target = target_of(file, include);
      if (!target.empty() && !may_include(module, module_of(target))) {
        found.push_back(climber(file, include));
      }
    }
  }
  return found;
}

/// Which library of the table an include belongs to; null when to none.
const Confinement* confinement_of(const Include& include) {
  const auto& table = confinements();
  const auto row = std::find_if(table.begin(), table.end(), [&](const Confinement& entry) {
    return include.name.starts_with(entry.prefix);
  });
  return row == table.end() ? nullptr : &*row;
}

bool is_home(const Confinement& library, const std::string& file) {
  return starts_with_any(file, library.homes) && !(library.one_cpp && is_header(file));
}

std::vector<std::string> library_violations(const Tree& tree) {
  std::vector<std::string> found;
  std::map<std::string, Names> users;
  for (const auto& [file, text] : tree) {
    for (const auto& include : is_product_code(file) ? includes_of(text) : std::vector<Include>{}) {
      const auto* library = confinement_of(include);
      if (library == nullptr) {
        continue;
      }
      if (!is_home(*library, file)) {
        found.push_back(file + ": <" + include.name + "> is confined to " + library->homes.back());
      } else if (library->one_cpp && users[library->prefix].insert(file).second &&
                 users[library->prefix].size() > 1) {
        found.push_back(file + ": a second file that includes <" + include.name + ">");
      }
    }
  }
  return found;
}

/// Looks for include cycles depth first; each header is entered once.
class CycleFinder {
 public:
  explicit CycleFinder(const Tree& tree) : tree_(tree) {}

  std::vector<std::string> run() {
    for (const auto& [file, text] : tree_) {
      if (is_header(file)) {
        enter(file);
      }
    }
    return found_;
  }

 private:
  void enter(const std::string& file) {
    const auto open = std::find(path_.begin(), path_.end(), file);
    if (open != path_.end()) {
      report(open);
      return;
    }
    const auto entry = tree_.find(file);
    if (entry == tree_.end() || !entered_.insert(file).second) {
      return;
    }
    path_.push_back(file);
    for (const auto& include : includes_of(entry->second)) {
      enter(target_of(file, include));
    }
    path_.pop_back();
  }

  void report(std::vector<std::string>::const_iterator first) {
    std::string cycle;
    for (auto file = first; file != path_.cend(); ++file) {
      cycle += *file + " -> ";
    }
    found_.push_back(cycle + *first);
  }

  const Tree& tree_;
  Names entered_;
  std::vector<std::string> path_;
  std::vector<std::string> found_;
};

std::string layers(const Tree& tree) {
  return one_per_line(layer_violations(tree));
}
std::string libraries(const Tree& tree) {
  return one_per_line(library_violations(tree));
}
std::string cycles(const Tree& tree) {
  return one_per_line(CycleFinder(tree).run());
}

}  // namespace

TEST_CASE("every module includes only what the design allows") {
  CHECK(layers(read_tree(COLOSSIM_SOURCE_DIR)) == "");
}

TEST_CASE("every library stays in its home") {
  CHECK(libraries(read_tree(COLOSSIM_SOURCE_DIR)) == "");
}

TEST_CASE("headers do not include each other in a circle") {
  CHECK(cycles(read_tree(COLOSSIM_SOURCE_DIR)) == "");
}

TEST_CASE("an include that climbs a layer is found, in brackets, quotes or by a relative path") {
  CHECK(layers({{"sim/base/a.cpp", "#include <colossim/engine/x.hpp>\n"}}) ==
        "sim/base/a.cpp: base must not include colossim/engine/x.hpp\n");
  CHECK(layers({{"sim/report/a.cpp", "  #  include \"world/x.hpp\"\n"}}) ==
        "sim/report/a.cpp: report must not include world/x.hpp\n");
  CHECK(layers({{"sim/model/a.cpp", "#include \"../engine/x.hpp\"\n"}}) ==
        "sim/model/a.cpp: model must not include ../engine/x.hpp\n");
  CHECK(layers({{"include/colossim/world/a.hpp", "#include <colossim/cli/x.hpp>\n"}}) != "");
}

TEST_CASE("allowed, own, foreign and commented includes pass") {
  CHECK(layers({{"sim/world/a.cpp",
                 "#include \"tables.hpp\"\n#include <vector>\n#include <colossim/world/a.hpp>\n"
                 "#include <colossim/scenario/a.hpp>\n// #include <colossim/report/a.hpp>\n"},
                {"sim/cli/a.cpp", "#include <colossim/experiment/a.hpp>\n"},
                {"tests/unit/a.cpp", "#include <colossim/world/a.hpp>\n"}}) == "");
}

TEST_CASE("a file outside every module is found") {
  CHECK(layers({{"sim/util/a.cpp", ""}, {"sim/b.cpp", ""}}) ==
        "sim/b.cpp: '' is not a module of design.md\n"
        "sim/util/a.cpp: 'util' is not a module of design.md\n");
}

TEST_CASE("a library away from home is found") {
  CHECK(libraries({{"sim/world/a.cpp", "#include <Eigen/Dense>\n"}}) ==
        "sim/world/a.cpp: <Eigen/Dense> is confined to sim/model/\n");
  CHECK(libraries({{"include/colossim/scenario/a.hpp", "#include <yaml-cpp/yaml.h>\n"}}) != "");
  CHECK(libraries({{"sim/world/build.cpp", "#include <boost/graph/a.hpp>\n"}}) != "");
  CHECK(libraries({{"sim/scenario/a.hpp", "#include <yaml-cpp/yaml.h>\n"}}) != "");
  CHECK(libraries({{"sim/world/a.cpp", "#include <nlohmann/json.hpp>\n"}}) != "");
  CHECK(libraries({{"sim/report/a.cpp", "#include <boost/program_options.hpp>\n"}}) != "");
}

TEST_CASE("a second user of a library with one home file is found") {
  const std::string yaml = "#include <yaml-cpp/yaml.h>\n#include <yaml-cpp/mark.h>\n";
  CHECK(libraries({{"sim/scenario/a.cpp", yaml}}) == "");
  CHECK(libraries({{"sim/scenario/a.cpp", yaml}, {"sim/scenario/b.cpp", yaml}}) ==
        "sim/scenario/b.cpp: a second file that includes <yaml-cpp/yaml.h>\n");
}

TEST_CASE("libraries at home pass") {
  CHECK(libraries({{"sim/model/a.cpp", "#include <Eigen/Dense>\n"},
                   {"sim/world/topology.cpp", "#include <boost/graph/adjacency_list.hpp>\n"},
                   {"sim/cli/a.cpp", "#include <boost/program_options.hpp>\n"},
                   {"sim/report/a.cpp", "#include <nlohmann/json.hpp>\n"},
                   {"tests/oracle/a.cpp", "#include <Eigen/Dense>\n"}}) == "");
}

TEST_CASE("a circle of headers is found and named") {
  const Tree circle = {{"include/colossim/base/a.hpp", "#include <colossim/base/b.hpp>\n"},
                       {"include/colossim/base/b.hpp", "#include <colossim/base/a.hpp>\n"}};
  CHECK(cycles(circle) ==
        "include/colossim/base/a.hpp -> include/colossim/base/b.hpp -> "
        "include/colossim/base/a.hpp\n");
  CHECK(cycles({{"sim/world/a.hpp", "#include \"a.hpp\"\n"}}) ==
        "sim/world/a.hpp -> sim/world/a.hpp\n");
}

TEST_CASE("a diamond of headers is no circle") {
  CHECK(cycles({{"sim/world/a.hpp", "#include \"b.hpp\"\n#include \"c.hpp\"\n"},
                {"sim/world/b.hpp", "#include \"d.hpp\"\n"},
                {"sim/world/c.hpp", "#include \"d.hpp\"\n"},
                {"sim/world/d.hpp", "#include <vector>\n"}}) == "");
}

}  // namespace colossim::style
