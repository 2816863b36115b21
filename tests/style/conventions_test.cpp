// Holds the source to the house's small rules: first lines, forbidden words, the entries of the
// root, and who may see the whole World.
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace colossim::style {

// Shared by the style tests; source_text_test.cpp defines them.
using Tree = std::map<std::string, std::string>;
Tree read_tree(const std::filesystem::path& root);
std::string code_only(std::string_view text);
std::string one_per_line(const std::vector<std::string>& lines);
std::vector<std::size_t> places_of_word(std::string_view text, std::string_view word);

namespace {

using Lines = std::vector<std::string>;

bool is_header(const std::string& file) {
  return file.ends_with(".hpp");
}
bool is_code(const std::string& file) {
  return is_header(file) || file.ends_with(".cpp");
}
bool is_product_code(const std::string& file) {
  return is_code(file) && (file.starts_with("include/") || file.starts_with("sim/"));
}

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

/// "file:line: problem", the form editors understand.
std::string at(const std::string& file, std::string_view text, std::size_t place,
               const std::string& problem) {
  const auto before = text.substr(0, place);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return file + ":" + std::to_string(line) + ": " + problem;
}

Lines beginnings(const Tree& tree) {
  Lines found;
  for (const auto& [file, text] : tree) {
    if (is_code(file) && !text.starts_with("// ")) {
      found.push_back(file + ":1: the first line must say what the file is for: // ...");
    }
    if (is_header(file) && code_only(text).find("#pragma once") == std::string::npos) {
      found.push_back(file + ":1: #pragma once is missing");
    }
  }
  return found;
}

/// Single-spaced, so that `using   namespace` reads as one phrase.
std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (!(c == ' ' && out.ends_with(' '))) {
      out += c;
    }
  }
  return out;
}

Lines namespaces_used(const Tree& tree) {
  Lines found;
  for (const auto& [file, text] : tree) {
    const auto code = squeezed(code_only(text));
    if (!is_product_code(file)) {
      continue;
    }
    for (const auto place : places_of_word(code, "using namespace")) {
      found.push_back(at(file, code, place, "using namespace belongs in tests only"));
    }
  }
  return found;
}

/// Whole words that make a result depend on the machine, the library or the time of day.
Lines unrepeatable_words(const Tree& tree) {
  constexpr std::array<std::string_view, 6> words = {"std::rand",          "std::srand",
                                                     "std::random_device", "system_clock",
                                                     "steady_clock",       "high_resolution_clock"};
  Lines found;
  for (const auto& [file, text] : tree) {
    const auto code = is_product_code(file) ? code_only(text) : "";
    for (const auto word : words) {
      const bool allowed = word == "steady_clock" && file.starts_with("sim/cli/");
      for (const auto place : allowed ? std::vector<std::size_t>{} : places_of_word(code, word)) {
        found.push_back(at(file, code, place, std::string(word) + " is not repeatable"));
      }
    }
  }
  return found;
}

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The qualified name around `place`.
std::string name_around(const std::string& code, std::size_t place) {
  const auto in_name = [&](std::size_t i) { return is_name_char(code[i]) || code[i] == ':'; };
  auto begin = place;
  while (begin > 0 && in_name(begin - 1)) {
    --begin;
  }
  auto end = place;
  while (end < code.size() && in_name(end)) {
    ++end;
  }
  return code.substr(begin, end - begin);
}

/// Families of std names that only a part of the name gives away.
Lines unrepeatable_families(const Tree& tree) {
  Lines found;
  for (const auto& [file, text] : tree) {
    const auto code = is_product_code(file) ? code_only(text) : "";
    for (const std::string_view part : {"_distribution", "unordered_"}) {
      for (auto i = code.find(part); i != std::string::npos; i = code.find(part, i + 1)) {
        const auto name = name_around(code, i);
        const bool standard = name.starts_with("std::") || name.starts_with("::std::");
        const bool family = part == "unordered_" || name.ends_with(part);
        if (standard && family) {
          found.push_back(at(file, code, i, name + " is not repeatable"));
        }
      }
    }
  }
  return found;
}

Lines unfinished_work(const Tree& tree) {
  // In two parts, so that this file is not its own first finding.
  static const std::array<std::string, 3> marks = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X"};
  Lines found;
  for (const auto& [file, text] : tree) {
    for (const auto& mark : marks) {
      for (const auto place :
           file.ends_with(".md") ? std::vector<std::size_t>{} : places_of_word(text, mark)) {
        found.push_back(at(file, text, place, mark + " belongs in an issue"));
      }
    }
  }
  return found;
}

/// Whether the `/` at `place` begins a path rather than continuing one, a URL or a unit.
bool begins_path(std::string_view text, std::size_t place) {
  return place == 0 || (!is_name_char(text[place - 1]) && !is_one_of(text[place - 1], "./-~}*>)$"));
}

Lines machine_paths(const Tree& tree) {
  Lines found;
  for (const auto& [file, text] : tree) {
    for (const std::string folder : {"home", "root", "Users", "work", "mnt"}) {
      const auto path = "/" + folder + "/";
      for (auto i = text.find(path); i != std::string::npos; i = text.find(path, i + 1)) {
        if (begins_path(text, i)) {
          found.push_back(at(file, text, i, path + "... is a path of one machine"));
        }
      }
    }
  }
  return found;
}

bool may_be_in_root(const std::string& entry) {
  static const std::set<std::string> agreed = {
      "CMakeLists.txt",    "sim",     "scenarios",    "include", "tests", "notebooks", "README.md",
      "CMakePresets.json", "LICENSE", "CHANGELOG.md", "build",   "out"};
  return entry.starts_with('.') || agreed.contains(entry);
}

Lines strangers_in_root(const Lines& entries) {
  Lines found;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(found),
               [](const std::string& entry) { return !may_be_in_root(entry); });
  return found;
}

Lines entries_of(const std::filesystem::path& folder) {
  Lines names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool may_see_whole_world(const std::string& file) {
  for (const std::string folder : {"sim/world/", "include/colossim/world/"}) {
    for (const std::string stem : {"dispatch", "build", "invariants", "simulate", "settle"}) {
      if (file.starts_with(folder + stem)) {
        return true;
      }
    }
  }
  return false;
}

/// Drops `word` (and blanks before it) from the end of `code`; false when it does not end so.
bool drop_tail(std::string_view& code, std::string_view word) {
  const auto last = code.find_last_not_of(" \n");
  code = code.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (!code.ends_with(word)) {
    return false;
  }
  code.remove_suffix(word.size());
  return true;
}

/// Whether the `World` at `place` is the type of a reference or pointer parameter.
bool is_world_parameter(std::string_view code, std::size_t place) {
  auto after = code.substr(place + std::string_view("World").size());
  const auto mark = after.find_first_not_of(" \n");
  after = mark == std::string_view::npos ? std::string_view{} : after.substr(mark);
  if (!after.starts_with('&') && !after.starts_with('*') && !after.starts_with("const")) {
    return false;
  }
  auto before = code.substr(0, place);
  drop_tail(before, "colossim::");
  drop_tail(before, "const");
  if (drop_tail(before, ",")) {
    return true;
  }
  return drop_tail(before, "(") && !drop_tail(before, "for");
}

Lines whole_world_takers(const Tree& tree) {
  Lines found;
  for (const auto& [file, text] : tree) {
    if (!is_product_code(file) || may_see_whole_world(file)) {
      continue;
    }
    const auto code = code_only(text);
    for (const auto place : places_of_word(code, "World")) {
      if (is_world_parameter(code, place)) {
        found.push_back(at(file, code, place, "a function here takes the tables it needs"));
      }
    }
  }
  return found;
}

using Rule = Lines (*)(const Tree&);

std::string broken(Rule rule, const Tree& tree) {
  return one_per_line(rule(tree));
}
std::string broken_here(Rule rule) {
  return broken(rule, read_tree(COLOSSIM_SOURCE_DIR));
}

}  // namespace

TEST_CASE("every file says what it is for, every header is included once") {
  CHECK(broken_here(beginnings) == "");
  CHECK(broken(beginnings, {{"sim/base/a.cpp", "#include <x>\n// late\n"}}) ==
        "sim/base/a.cpp:1: the first line must say what the file is for: // ...\n");
  CHECK(broken(beginnings, {{"sim/base/a.hpp", "// for\n// #pragma once\n"}}) ==
        "sim/base/a.hpp:1: #pragma once is missing\n");
  CHECK(broken(beginnings, {{"sim/base/a.hpp", "// for\n#pragma once\n"}}) == "");
}

TEST_CASE("namespaces are used by name outside the tests") {
  CHECK(broken_here(namespaces_used) == "");
  const std::string text = "\nusing  namespace std;\n// using namespace b\n";
  CHECK(broken(namespaces_used, {{"sim/base/a.cpp", text}}) ==
        "sim/base/a.cpp:2: using namespace belongs in tests only\n");
  CHECK(broken(namespaces_used, {{"tests/unit/a.cpp", text}}) == "");
}

TEST_CASE("nothing in the library depends on hash order, foreign randomness or the clock") {
  CHECK(broken_here(unrepeatable_words) == "");
  CHECK(broken_here(unrepeatable_families) == "");
}

TEST_CASE("each source of unrepeatable results is found") {
  const auto words = [](const std::string& file, const std::string& text) {
    return unrepeatable_words({{file, text}}).size();
  };
  CHECK(words("sim/base/a.cpp", "std::rand(); std::chrono::system_clock::now();") == 2);
  CHECK(words("sim/world/a.cpp", "std::chrono::high_resolution_clock c;") == 1);
  CHECK(words("sim/world/a.cpp", "steady_clock") == 1);
  CHECK(words("sim/cli/a.cpp", "steady_clock") == 0);
  CHECK(words("sim/base/a.cpp", "std::random_shuffle_; // std::rand\n\"system_clock\"") == 0);
  const auto families = [](const std::string& text) {
    return unrepeatable_families({{"include/colossim/base/a.hpp", text}}).size();
  };
  CHECK(families("std::normal_distribution<double> d; std::unordered_map<int, int> m;") == 2);
  CHECK(families("::std::unordered_set<int> s;") == 1);
  CHECK(families("normal_distribution d; bool unordered_ = f(std::x); std::a_distributions b;") ==
        0);
}

TEST_CASE("no unfinished work is left in the source") {
  CHECK(broken_here(unfinished_work) == "");
  CHECK(broken(unfinished_work, {{"sim/base/a.cpp",
                                  "int a;\n// TO"
                                  "DO: later\n"}}) ==
        "sim/base/a.cpp:2: TO"
        "DO belongs in an issue\n");
  CHECK(broken(unfinished_work, {{"tests/cli/a.sh",
                                  "mktemp -d a.XX"
                                  "XXXX\n"}}) == "");
}

TEST_CASE("no file names a path of one machine") {
  CHECK(broken_here(machine_paths) == "");
  CHECK(machine_paths({{"a.sh",
                        "cd /"
                        "home/someone\nx=\"/"
                        "work/main\""}})
            .size() == 2);
  CHECK(broken(machine_paths, {{"a.md", "a/home/b ./work/c $X/root/d https://x.y/mnt/e"}}) == "");
}

TEST_CASE("the root of the repository holds the agreed entries only") {
  CHECK(one_per_line(strangers_in_root(entries_of(COLOSSIM_SOURCE_DIR))) == "");
  CHECK(one_per_line(strangers_in_root({".ci", "sim", "docs", "build", "a.out"})) ==
        "docs\na.out\n");
}

TEST_CASE("only dispatch, build, settle, simulate and the invariants take the whole world") {
  CHECK(broken_here(whole_world_takers) == "");
}

TEST_CASE("a function that takes the whole world is found wherever it hides") {
  const auto takers = [](const std::string& file, const std::string& text) {
    return whole_world_takers({{file, text}}).size();
  };
  CHECK(takers("sim/world/jobs.cpp", "void f(World& w);\nvoid g(int, const World &w);") == 2);
  CHECK(takers("sim/world/jobs.cpp", "void f(\n    const colossim::World& w);") == 1);
  CHECK(takers("sim/experiment/a.cpp", "void f(World const& w, World* v);") == 2);
  CHECK(takers("sim/world/dispatch_jobs.cpp", "void f(World& w);") == 0);
  CHECK(takers("include/colossim/world/build.hpp", "void f(World& w);") == 0);
  CHECK(takers("sim/world/jobs.cpp", "// f(World& w)\nvoid f(World w); World& world();") == 0);
  CHECK(takers("sim/world/jobs.cpp", "for (const World& w : worlds) { World& v = w; }") == 0);
  CHECK(takers("sim/world/jobs.cpp", "void f(TestWorld& w, WorldView& v);") == 0);
}

}  // namespace colossim::style
