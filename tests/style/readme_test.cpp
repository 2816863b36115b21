// Keeps README.md true: short lines, links and scenario paths that exist, and one fenced command
// each to build and to test.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace colossim::style {

// Shared by the style tests; source_text_test.cpp defines it.
std::string one_per_line(const std::vector<std::string>& lines);

namespace {

using Lines = std::vector<std::string>;
using Exists = std::function<bool(const std::string&)>;

constexpr std::size_t line_limit = 400;
constexpr std::string_view fence = "```";

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

Lines long_lines(const std::string& text) {
  Lines found;
  for (const auto& line : lines_of(text)) {
    if (line.size() > line_limit) {
      found.push_back(line.substr(0, 60) + "...");
    }
  }
  return found;
}

/// The contents of every block fenced with exactly `tag`.
Lines blocks(const std::string& text, const std::string& tag) {
  Lines found;
  bool inside = false;
  bool wanted = false;
  for (const auto& line : lines_of(text)) {
    if (line.starts_with(fence)) {
      inside = !inside;
      wanted = inside && line == std::string(fence) + tag;
      if (wanted) {
        found.emplace_back();
      }
    } else if (wanted) {
      found.back() += line + "\n";
    }
  }
  return found;
}

/// The text outside fenced blocks.
std::string prose(const std::string& text) {
  std::string out;
  bool inside = false;
  for (const auto& line : lines_of(text)) {
    const bool border = line.starts_with(fence);
    inside = inside != border;
    out += inside || border ? "" : line + "\n";
  }
  return out;
}

/// What stands between each `open` and the next `close` on the same line.
Lines between(const std::string& text, std::string_view open, char close) {
  Lines found;
  for (const auto& line : lines_of(text)) {
    for (auto at = line.find(open); at != std::string::npos;) {
      const auto begin = at + open.size();
      const auto end = line.find(close, begin);
      if (end == std::string::npos) {
        break;
      }
      found.push_back(line.substr(begin, end - begin));
      at = line.find(open, end + 1);
    }
  }
  return found;
}

/// `docs/a.md#part "title"` → `docs/a.md`.
std::string path_of_link(const std::string& target) {
  return target.substr(0, target.find_first_of("# \""));
}

bool is_relative_link(const std::string& target) {
  return !target.empty() && target.find("://") == std::string::npos &&
         !target.starts_with("mailto:") && !target.starts_with('#');
}

/// Whether inline code such as `sim/cli/` names one place in the repository.
bool is_repository_path(const std::string& code) {
  constexpr std::string_view not_plain = "*{}<>$ ,|()=:";
  const bool plain = code.find_first_of(not_plain) == std::string::npos;
  bool known = false;
  for (const auto* folder : {"sim/", "scenarios/", "include/", "tests/", "notebooks/", ".ci/"}) {
    known = known || code.starts_with(folder);
  }
  return plain && known;
}

Lines dead_links(const std::string& text, const Exists& exists) {
  Lines found;
  for (const auto& target : between(prose(text), "](", ')')) {
    if (is_relative_link(target) && !exists(path_of_link(target))) {
      found.push_back(target);
    }
  }
  for (const auto& code : between(prose(text), "`", '`')) {
    if (is_repository_path(code) && !exists(code)) {
      found.push_back(code);
    }
  }
  return found;
}

bool is_path_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' ||
         c == '/';
}

/// Every `scenarios/....yaml` in the text, in code blocks too; patterns with `*` are not paths.
Lines scenario_paths(const std::string& text) {
  Lines found;
  constexpr std::string_view folder = "scenarios/";
  for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder, at + 1)) {
    const bool here =
        at == 0 || !is_path_char(text[at - 1]) || (at >= 2 && text.substr(at - 2, 2) == "./");
    const auto first = text.begin() + static_cast<std::ptrdiff_t>(at);
    const std::string path(first, std::find_if_not(first, text.end(), is_path_char));
    const auto end = path.find(".yaml");
    if (here && end != std::string::npos) {
      found.push_back(path.substr(0, end + std::string_view(".yaml").size()));
    }
  }
  return found;
}

Lines missing_scenarios(const std::string& text, const Exists& exists) {
  Lines found = scenario_paths(text);
  found.erase(std::remove_if(found.begin(), found.end(), exists), found.end());
  return found;
}

std::string readme() {
  std::ifstream in(std::string(COLOSSIM_SOURCE_DIR) + "/README.md", std::ios::binary);
  REQUIRE_MESSAGE(in.good(), "README.md is missing");
  return {std::istreambuf_iterator<char>(in), {}};
}

bool exists_here(const std::string& path) {
  return std::filesystem::exists(std::filesystem::path(COLOSSIM_SOURCE_DIR) / path);
}

bool never(const std::string& /*path*/) {
  return false;
}

}  // namespace

TEST_CASE("the README has no line longer than 400 characters") {
  const auto text = readme();
  CHECK(one_per_line(long_lines(text)) == "");
}

TEST_CASE("every link and path in the README leads somewhere") {
  const auto text = readme();
  CHECK(one_per_line(dead_links(text, exists_here)) == "");
}

TEST_CASE("every scenario the README mentions exists") {
  const auto text = readme();
  CHECK(one_per_line(missing_scenarios(text, exists_here)) == "");
}

TEST_CASE("the README has one command to build and run, and one to test") {
  const auto text = readme();
  REQUIRE(blocks(text, "sh main").size() == 1);
  REQUIRE(blocks(text, "sh test").size() == 1);
  CHECK(blocks(text, "sh main").front().size() > 1);
  CHECK(blocks(text, "sh test").front().size() > 1);
}

TEST_CASE("the policy the README shows is the one the tests compile") {
  const auto shown = blocks(readme(), "cpp policy");
  REQUIRE(shown.size() == 1);
  std::ifstream in(std::string(COLOSSIM_SOURCE_DIR) + "/tests/unit/policy/largest_first.hpp",
                   std::ios::binary);
  const std::string compiled{std::istreambuf_iterator<char>(in), {}};
  CHECK(compiled.find(shown.front()) != std::string::npos);
}

TEST_CASE("a long line is found") {
  CHECK(long_lines(std::string(400, 'a') + "\nb\n").empty());
  CHECK(long_lines("b\n" + std::string(401, 'a')).size() == 1);
}

TEST_CASE("a fenced block is found by its whole tag") {
  const std::string text = "a\n```sh main\nx\ny\n```\n```sh mainly\nz\n```\n```sh\n```sh main\n";
  CHECK(one_per_line(blocks(text, "sh main")) == "x\ny\n\n");
  CHECK(blocks(text, "sh test").empty());
}

TEST_CASE("dead links and dead paths are found in prose, not in code blocks") {
  const std::string text =
      "[a](sim/a.md#part) ![b](b.png \"t\") [c](https://x.y) [d](#e) `sim/x.cpp` `sim/*.cpp` "
      "`f()`\n"
      "```sh\n[e](e.md) `sim/y.cpp`\n```\n";
  CHECK(one_per_line(dead_links(text, never)) == "sim/a.md#part\nb.png \"t\"\nsim/x.cpp\n");
  CHECK(dead_links(text, [](const std::string& path) {
          return path == "sim/a.md" || path == "b.png" || path == "sim/x.cpp";
        }).empty());
}

TEST_CASE("a missing scenario is found, in code blocks too") {
  const std::string text =
      "run scenarios/a.yaml.\n```sh\nrun ./scenarios/b/c.yaml\n```\nscenarios/*.yaml "
      "my/scenarios/d.yaml";
  CHECK(one_per_line(missing_scenarios(text, never)) == "scenarios/a.yaml\nscenarios/b/c.yaml\n");
}

}  // namespace colossim::style
