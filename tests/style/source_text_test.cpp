// Reads the repository's text files and blanks what is not code: the ground the style tests stand
// on.
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace colossim::style {

/// Path below the repository's root → text.
using Tree = std::map<std::string, std::string>;

namespace {

namespace fs = std::filesystem;

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Replaces comments (and, when asked, the inside of literals) by spaces; newlines and columns
/// stay.
class Blanker {
 public:
  Blanker(std::string_view text, bool blank_literals)
      : text_(text), blank_literals_(blank_literals) {}

  std::string run() {
    while (at_ < text_.size()) {
      step();
    }
    return out_;
  }

 private:
  void step() {
    if (text_.substr(at_, 2) == "//") {
      blank_until(text_.find('\n', at_));
    } else if (text_.substr(at_, 2) == "/*") {
      blank_until(end_of("*/", at_ + 2));
    } else if (text_[at_] == '"') {
      take_literal(is_raw() ? raw_end() : quoted_end('"'));
    } else if (text_[at_] == '\'' && !is_digit_separator()) {
      take_literal(quoted_end('\''));
    } else {
      out_ += text_[at_++];
    }
  }

  void blank_until(std::size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; ++at_) {
      out_ += text_[at_] == '\n' ? '\n' : ' ';
    }
  }

  void take_literal(std::size_t end) {
    if (blank_literals_ && end >= at_ + 2) {
      out_ += text_[at_++];
      blank_until(end - 1);
    }
    for (; at_ < end; ++at_) {
      out_ += text_[at_];
    }
  }

  /// One past the next `mark` from `from`, or the end of the text.
  [[nodiscard]] std::size_t end_of(std::string_view mark, std::size_t from) const {
    const auto found = text_.find(mark, from);
    return found == std::string_view::npos ? text_.size() : found + mark.size();
  }

  /// One past the closing quote; an unclosed literal ends with its line.
  [[nodiscard]] std::size_t quoted_end(char quote) const {
    for (auto i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        return i + 1;
      } else if (text_[i] == '\n') {
        return i;
      }
    }
    return text_.size();
  }

  [[nodiscard]] std::size_t raw_end() const {
    const auto open = std::min(text_.find('(', at_), text_.size());
    return end_of(")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"", open);
  }

  [[nodiscard]] bool is_raw() const {
    constexpr std::array<std::string_view, 5> prefixes = {"R", "u8R", "uR", "UR", "LR"};
    return std::find(prefixes.begin(), prefixes.end(), word_before()) != prefixes.end();
  }

  [[nodiscard]] bool is_digit_separator() const {
    const auto word = word_before();
    return !word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0;
  }

  /// The name or number that touches the current character from the left.
  [[nodiscard]] std::string_view word_before() const {
    auto begin = at_;
    while (begin > 0 && (is_name_char(text_[begin - 1]) || text_[begin - 1] == '\'')) {
      --begin;
    }
    return text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  bool blank_literals_;
  std::size_t at_ = 0;
  std::string out_;
};

bool is_text_file(const fs::path& file) {
  constexpr std::array<std::string_view, 8> endings = {".hpp", ".cpp",   ".py", ".sh",
                                                       ".txt", ".cmake", ".md", ".yaml"};
  return std::find(endings.begin(), endings.end(), file.extension().string()) != endings.end();
}

void read_folder(const fs::path& root, const std::string& folder, Tree& tree) {
  if (!fs::is_directory(root / folder)) {
    return;
  }
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    if (entry.is_regular_file() && is_text_file(entry.path())) {
      std::ifstream in(entry.path(), std::ios::binary);
      tree[entry.path().lexically_relative(root).generic_string()] =
          std::string(std::istreambuf_iterator<char>(in), {});
    }
  }
}

}  // namespace

/// The text files in the folders that people write.
Tree read_tree(const fs::path& root) {
  Tree tree;
  for (const auto* folder : {"include", "sim", "tests", "scenarios", "notebooks"}) {
    read_folder(root, folder, tree);
  }
  return tree;
}

/// `text` with comments blanked; every other character keeps its line and column.
std::string without_comments(std::string_view text) {
  return Blanker(text, false).run();
}

/// `text` with comments and the inside of literals blanked.
std::string code_only(std::string_view text) {
  return Blanker(text, true).run();
}

std::string one_per_line(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    text += line + "\n";
  }
  return text;
}

/// Where `word` stands in `text` as a whole word.
std::vector<std::size_t> places_of_word(std::string_view text, std::string_view word) {
  std::vector<std::size_t> places;
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool starts = at == 0 || !is_name_char(text[at - 1]);
    if (starts && (end == text.size() || !is_name_char(text[end]))) {
      places.push_back(at);
    }
  }
  return places;
}

TEST_CASE("comments are blanked and lines keep their numbers") {
  CHECK(without_comments("a // b\nc") == "a     \nc");
  CHECK(without_comments("a /* b\n */ c") == "a     \n    c");
  CHECK(without_comments("a /* open") == "a        ");
}

TEST_CASE("a comment mark inside a literal is no comment") {
  CHECK(without_comments(R"(f("//", '"'); // x)") == R"(f("//", '"');     )");
  CHECK(without_comments(R"(f("\"//");)") == R"(f("\"//");)");
}

TEST_CASE("literals are blanked, their quotes stay") {
  CHECK(code_only(R"(f("{", '}', "");)") == R"(f(" ", ' ', "");)");
  CHECK(code_only(R"(c = '\'';)") == R"(c = '  ';)");
}

TEST_CASE("a raw literal ends at its own delimiter") {
  const std::string raw = "R\"x(a)\" // {)x\" + {";
  CHECK(code_only(raw) == "R\"            \" + {");
  CHECK(code_only("u8R\"({\n})\"") == "u8R\"  \n  \"");
}

TEST_CASE("a digit separator opens no literal") {
  CHECK(code_only("x = 1'000'000; {") == "x = 1'000'000; {");
  CHECK(code_only("x = 0xff'ff + u8'{';") == "x = 0xff'ff + u8' ';");
}

TEST_CASE("an unclosed quote ends with its line") {
  CHECK(code_only("'abc\n{") == "'  c\n{");
}

TEST_CASE("the tree holds this very file") {
  CHECK(read_tree(COLOSSIM_SOURCE_DIR).count("tests/style/source_text_test.cpp") == 1);
}

TEST_CASE("only whole words are found") {
  CHECK(places_of_word("rand brand rand_ (rand)", "rand") == std::vector<std::size_t>{0, 18});
}

}  // namespace colossim::style
