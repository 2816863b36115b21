// Checks the YAML subset of scenarios: what becomes of it, what is refused, and where.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/scenario/tree.hpp>

using namespace colossim;

namespace {

/// What a text parses to.
struct Parsed {
  std::optional<Tree> tree;
  std::vector<Diagnostic> diagnostics;
};

Parsed parse(const std::string& text) {
  FileNames files;
  files.add("base.yaml");
  const std::uint16_t file = files.add("test.yaml");
  Diagnostics diagnostics;
  Parsed parsed;
  parsed.tree = parse_yaml(text, file, files, diagnostics);
  parsed.diagnostics = diagnostics.take();
  return parsed;
}

/// The tree of a text that must be legal.
Tree tree_of(const std::string& text) {
  Parsed parsed = parse(text);
  CAPTURE(text);
  CAPTURE((parsed.diagnostics.empty() ? "" : parsed.diagnostics[0].text()));
  REQUIRE(parsed.tree.has_value());
  CHECK(parsed.diagnostics.empty());
  return *parsed.tree;
}

/// `line:column message` of a text that must not be legal.
std::string problem_of(const std::string& text) {
  const Parsed parsed = parse(text);
  if (parsed.tree) return {};
  CAPTURE(text);
  REQUIRE(parsed.diagnostics.size() == 1);
  const Diagnostic& found = parsed.diagnostics[0];
  CHECK(found.mark.file == "test.yaml");
  CHECK_FALSE(found.hint.empty());
  return fmt::format("{}:{} {}", found.mark.line, found.mark.column, found.message);
}

std::string at(const Place& place) {
  CHECK(place.file == 1);
  return fmt::format("{}:{}", place.line, place.column);
}

const Tree& child(const Tree& tree, std::string_view key) {
  const Tree* found = tree.find(key);
  CAPTURE(key);
  REQUIRE(found != nullptr);
  return *found;
}

/// `depth` lists, one in the other, as indented blocks.
std::string nested_blocks(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += "- ";
  return text + "x\n";
}

}  // namespace

TEST_CASE("maps keep the order of the text and are looked up by key") {
  const Tree tree = tree_of("b: 1\na: 2\nc:\n  d: [3, four]\n");
  REQUIRE(tree.is_map());
  REQUIRE(tree.entries.size() == 3);
  CHECK(tree.entries[0].key == "b");
  CHECK(tree.entries[1].key == "a");
  CHECK(child(tree, "a").text == "2");
  const Tree& list = child(child(tree, "c"), "d");
  REQUIRE(list.is_list());
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[1].text == "four");
  CHECK(tree.find("d") == nullptr);
}

TEST_CASE("every node knows where it was written") {
  const Tree tree = tree_of("a: 1\nbb:\n  c: x\n  d: [10, 'y']\n");
  CHECK(at(tree.place) == "1:1");
  CHECK(at(tree.entries[0].place) == "1:1");
  CHECK(at(tree.entries[0].value.place) == "1:4");
  CHECK(at(tree.entries[1].place) == "2:1");
  const Tree& inner = tree.entries[1].value;
  CHECK(at(inner.place) == "3:3");
  CHECK(at(inner.entries[0].value.place) == "3:6");
  CHECK(at(inner.entries[1].place) == "4:3");
  const Tree& list = inner.entries[1].value;
  CHECK(at(list.place) == "4:6");
  CHECK(at(list.items[0].place) == "4:7");
  CHECK(at(list.items[1].place) == "4:11");
}

TEST_CASE("nothing is written in five ways") {
  for (const std::string text : {"a:\n", "a: ~\n", "a: null\n", "{a: }\n", "{a}\n"}) {
    CAPTURE(text);
    const Tree tree = tree_of(text);
    CHECK(child(tree, "a").is_null());
    CHECK(child(tree, "a").describe() == "nothing");
  }
  CHECK(tree_of("").is_null());
  CHECK(tree_of("# only a comment\n").is_null());
}

TEST_CASE("a quoted scalar is text, also when it looks like something else") {
  const Tree tree = tree_of("a: \"5\"\nb: '~'\nc: \"null\"\nd: ''\ne: 5\nf: 'it''s'\n");
  for (const std::string_view key : {"a", "b", "c", "d", "f"}) {
    CAPTURE(key);
    CHECK(child(tree, key).is_scalar());
    CHECK(child(tree, key).quoted);
  }
  CHECK(child(tree, "b").text == "~");
  CHECK(child(tree, "d").text.empty());
  CHECK(child(tree, "f").text == "it's");
  CHECK_FALSE(child(tree, "e").quoted);
}

TEST_CASE("a plain scalar keeps its text as written") {
  const Tree tree = tree_of("a: 62 USD/MWh\nb: 010\nc: it's fine # note\nd: yes\ne: http://x/y\n");
  CHECK(child(tree, "a").text == "62 USD/MWh");
  CHECK(child(tree, "b").text == "010");
  CHECK(child(tree, "c").text == "it's fine");
  CHECK(child(tree, "d").text == "yes");
  CHECK(child(tree, "e").text == "http://x/y");
}

TEST_CASE("escapes, accents and line ends of other systems are understood") {
  const Tree tree = tree_of("a: \"x\\ny\\u00e9\"\r\n\xC3\xA9: \xE2\x82\xAC\r\n");
  CHECK(child(tree, "a").text == "x\ny\xC3\xA9");
  CHECK(child(tree, "\xC3\xA9").text == "\xE2\x82\xAC");
}

TEST_CASE("a block of text keeps its lines") {
  const Tree tree = tree_of("a: |\n  one\n  two\nb: >\n  three\n  four\n");
  CHECK(child(tree, "a").text == "one\ntwo\n");
  CHECK(child(tree, "b").text == "three four\n");
}

TEST_CASE("duplicate keys are refused at the second") {
  CHECK(problem_of("a: 1\nb: 2\na: 3\n") == "3:1 duplicate key \"a\"");
  CHECK(problem_of("x:\n  a: 1\n  'a': 2\n") == "3:3 duplicate key \"a\"");
  CHECK(problem_of("{a: 1, a: 1}\n") == "1:8 duplicate key \"a\"");
  CHECK(problem_of("x: {a: 1}\ny: {a: 1}\n").empty());
}

TEST_CASE("anchors and aliases are refused") {
  const std::string message = "anchors and aliases are not part of the scenario language";
  for (const std::string text :
       {"a: &x 1\n", "a: &x {b: 1}\n", "a: &x [1]\n", "a: &x\n", "&x a: 1\n", "a: &x 1\nb: *x\n"}) {
    CHECK(problem_of(text).find(message) != std::string::npos);
  }
  CHECK(problem_of("a: 1\nb: &x 1\n").starts_with("2:4 "));
  CHECK_FALSE(problem_of("a: *x\n").empty());
  CHECK(tree_of("<<: {a: 1}\n").entries[0].key == "<<");  // no merge: a key like any other
}

TEST_CASE("tags are refused") {
  for (const std::string text : {"a: !!str 5\n", "a: !mine 5\n", "a: !!map {b: 1}\n",
                                 "a: !!seq [1]\n", "!!str a: 1\n", "a: !<tag:x> 5\n"}) {
    CHECK(problem_of(text).find("is not part of the scenario language") != std::string::npos);
  }
  CHECK(problem_of("a: !!str 5\n").starts_with("1:4 tag "));
}

TEST_CASE("a lone exclamation mark is a tag and refused") {
  CHECK_FALSE(problem_of("a: ! 5\n").empty());
  CHECK_FALSE(problem_of("a: ! [5]\n").empty());
}

TEST_CASE("a second document is refused, the marks of the first are not") {
  CHECK(tree_of("---\na: 1\n").is_map());
  CHECK(tree_of("---\na: 1\n...\n").is_map());
  CHECK(problem_of("a: 1\n---\nb: 2\n").find("a second document starts here") != std::string::npos);
  CHECK_FALSE(problem_of("a: 1\n...\nb: 2\n").empty());
}

TEST_CASE("maps and lists may nest 64 deep and no deeper") {
  CHECK(problem_of(nested_blocks(64)).empty());
  CHECK(problem_of(nested_blocks(65)).find("nested deeper than 64") != std::string::npos);
  CHECK(problem_of(nested_blocks(100'000)).find("nested deeper than 64") != std::string::npos);
  CHECK(problem_of(std::string(65, '[') + std::string(65, ']')).find("deeper than 64") !=
        std::string::npos);
}

TEST_CASE("a file has at most 200,000 values") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "- 1\n";
  CHECK(tree_of(text).items.size() == 100'000);
  text += text + "- 1\n";
  CHECK(problem_of(text).find("more than 200,000 values") != std::string::npos);
}

TEST_CASE("keys must be plain text") {
  CHECK_FALSE(problem_of("? [a]\n: 1\n").empty());
  CHECK_FALSE(problem_of("{[a]: 1}\n").empty());
  CHECK_FALSE(problem_of(": 1\n").empty());
  CHECK_FALSE(problem_of("~: 1\n").empty());
}

TEST_CASE("what is not YAML is refused with its line") {
  CHECK(problem_of("a: 1\nb: [1, 2\n").find("not valid YAML") != std::string::npos);
  CHECK(problem_of("a: 1\n b: 2\n").starts_with("2:"));
  CHECK(problem_of("a: b: c\n").starts_with("1:"));
  CHECK(problem_of("a: 1\nb\nc: 3\n").find("not valid YAML") != std::string::npos);
  CHECK(problem_of("a: 1\nb: \"x\n") == "2:4 this quote is not closed on its line");
  CHECK(problem_of("a:\n\tb: 1\n") == "2:1 a tab indents this line");
}

TEST_CASE("text behind a complete document is not swallowed") {
  for (const std::string text : {"[1, 2] 3\n", "{a: 1} b\n", "a: [1] 2\n", "a: 1\n]\n", "[1]]\n",
                                 "a: 'x' y\n", "a: {b: 1}}\n", "- 1\nb: 2\n"}) {
    CAPTURE(text);
    CHECK_FALSE(problem_of(text).empty());
  }
}

TEST_CASE("descriptions name what was found and cut long text") {
  CHECK(tree_of("{}").describe() == "a map");
  CHECK(tree_of("[]").describe() == "a list");
  CHECK(tree_of("five").describe() == "\"five\"");
  CHECK(tree_of(std::string(61, 'x')).describe() == "\"" + std::string(60, 'x') + "...\"");
}

TEST_CASE("diagnostics beyond a hundred are counted") {
  Diagnostics diagnostics;
  CHECK(diagnostics.empty());
  for (int i = 0; i < 103; ++i) diagnostics.add({.message = "m"});
  const std::vector<Diagnostic> all = diagnostics.take();
  REQUIRE(all.size() == 101);
  CHECK(all.back().message == "and 3 more");
  CHECK(diagnostics.empty());
}

TEST_CASE("a place becomes a mark of its file") {
  FileNames files;
  const std::uint16_t file = files.add("a.yaml");
  const Mark mark = files.mark({file, 3, 4});
  CHECK(mark.file == "a.yaml");
  CHECK(mark.line == 3);
  CHECK(mark.column == 4);
  CHECK(files.mark({7, 1, 1}).file.empty());
}
