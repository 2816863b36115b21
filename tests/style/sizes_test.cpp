// Keeps files under 600 lines and functions under 70.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace colossim::style {

// Shared by the style tests; source_text_test.cpp and function_scanner_test.cpp define them.
using Tree = std::map<std::string, std::string>;
Tree read_tree(const std::filesystem::path& root);
std::string one_per_line(const std::vector<std::string>& lines);
std::vector<std::string> functions_over(int limit, const std::string& text);

namespace {

constexpr int file_limit = 600;
constexpr int file_wish = 400;
constexpr int function_limit = 70;

int lines_in(const std::string& text) {
  const auto newlines = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  return newlines + (text.empty() || text.ends_with('\n') ? 0 : 1);
}

bool is_code(const std::string& file) {
  return file.ends_with(".hpp") || file.ends_with(".cpp");
}

/// People write these; goldens and data may be as long as they are.
bool is_written(const std::string& file) {
  return (file.starts_with("include/") || file.starts_with("sim/") || file.starts_with("tests/")) &&
         !file.starts_with("tests/golden/") && !file.ends_with(".yaml") && !file.ends_with(".md");
}

std::vector<std::string> files_over(int limit, const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [file, text] : tree) {
    if (is_written(file) && lines_in(text) > limit) {
      found.push_back(file + ": " + std::to_string(lines_in(text)) + " lines, limit " +
                      std::to_string(limit));
    }
  }
  return found;
}

std::string located(const std::string& file, const std::string& problem) {
  return file + ":" + problem;
}

std::vector<std::string> long_functions(int limit, const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [file, text] : tree) {
    const auto functions = is_code(file) ? functions_over(limit, text) : std::vector<std::string>{};
    for (const auto& function : functions) {
      found.push_back(located(file, function));
    }
  }
  return found;
}

}  // namespace

TEST_CASE("no file is longer than 600 lines") {
  const auto tree = read_tree(COLOSSIM_SOURCE_DIR);
  const auto long_files = files_over(file_wish, tree);
  WARN_MESSAGE(long_files.empty(), "longer than we like:\n" << one_per_line(long_files));
  CHECK(one_per_line(files_over(file_limit, tree)) == "");
}

TEST_CASE("no function is longer than 70 lines") {
  CHECK(one_per_line(long_functions(function_limit, read_tree(COLOSSIM_SOURCE_DIR))) == "");
}

TEST_CASE("a long file and a long function are found") {
  const Tree tree = {{"sim/base/a.cpp", "void f() {\n\n\n}\n"}, {"tests/golden/b.txt", "\n\n\n"}};
  CHECK(one_per_line(files_over(3, tree)) == "sim/base/a.cpp: 4 lines, limit 3\n");
  CHECK(files_over(4, tree).empty());
  CHECK(one_per_line(long_functions(3, tree)) == "sim/base/a.cpp:1: f has 4 lines, limit 3\n");
  CHECK(long_functions(4, tree).empty());
}

}  // namespace colossim::style
