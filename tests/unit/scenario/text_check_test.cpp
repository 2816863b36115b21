// Checks the pass over a scenario's bytes: encoding, control characters, tabs, quotes and brackets.
#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/scenario/text_check.hpp>

using namespace colossim;

namespace {

/// `line:column message` of the first problem; empty when there is none.
std::string problem_of(std::string_view text) {
  const auto problem = check_text(text, 3);
  if (!problem) return {};
  CHECK(problem->place.file == 3);
  CHECK_FALSE(problem->hint.empty());
  return fmt::format("{}:{} {}", problem->place.line, problem->place.column, problem->message);
}

std::string not_utf8(std::string_view place) {
  return fmt::format("{} the file is not UTF-8 text", place);
}

/// Whether the text of `bytes` between two letters is accepted.
bool accepts(std::string_view bytes) {
  return problem_of(fmt::format("a: x{}y\n", bytes)).empty();
}

}  // namespace

TEST_CASE("plain scenarios pass") {
  CHECK(problem_of("").empty());
  CHECK(problem_of("a: 1\n").empty());
  CHECK(problem_of("a: 1").empty());
  CHECK(problem_of("a:\r\n  b: 'x'\r\n").empty());
  CHECK(problem_of("a: [1, {b: \"c\"}] # end\n").empty());
  CHECK(problem_of("\xEF\xBB\xBF"
                   "a: 1\n")
            .empty());  // a byte order mark
}

TEST_CASE("well-formed UTF-8 passes up to the last character") {
  for (const std::string_view bytes :
       {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"}) {
    CAPTURE(bytes);
    CHECK(accepts(bytes));
  }
}

TEST_CASE("malformed UTF-8 is refused") {
  for (const std::string_view bytes : {"\x80",              // a continuation without a lead
                                       "\xC3",              // a lead without its continuation
                                       "\xE2\x82",          // two of three
                                       "\xF0\x9F\x98",      // three of four
                                       "\xC0\xAF",          // overlong
                                       "\xC1\xBF",          // overlong
                                       "\xE0\x9F\xBF",      // overlong
                                       "\xF0\x8F\xBF\xBF",  // overlong
                                       "\xED\xA0\x80",      // a surrogate
                                       "\xF4\x90\x80\x80",  // beyond U+10FFFF
                                       "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    CAPTURE(static_cast<int>(static_cast<unsigned char>(bytes[0])));
    CHECK(problem_of(fmt::format("a: 1\nb: x{}y\n", bytes)) == not_utf8("2:5"));
  }
  CHECK(problem_of("a: \xE2\x82") == not_utf8("1:4"));  // cut at the end of the file
}

TEST_CASE("malformed UTF-8 is refused in quotes and comments too") {
  CHECK(problem_of("# \xFF\n") == not_utf8("1:3"));
  CHECK(problem_of("a: '\xFF'\n") == not_utf8("1:5"));
  CHECK(problem_of("a: \"\xFF\"\n") == not_utf8("1:5"));
}

TEST_CASE("what follows a backslash in a quote is checked like every other byte") {
  CHECK(problem_of("a: \"\\\xFF\"\n") == not_utf8("1:6"));
  CHECK(problem_of("a: \"\\\x01\"\n").find("control character") != std::string::npos);
  CHECK(problem_of("a: \"\\\xC3\xA9\"\n").empty());  // an accented letter, well-formed
}

TEST_CASE("columns count characters, not bytes") {
  CHECK(problem_of("\xC3\xA9: \xE2\x82\xAC\xFF") == not_utf8("1:5"));
}

TEST_CASE("control characters are refused") {
  for (const char c : {'\x01', '\x07', '\x0B', '\x0C', '\x1B', '\x7F'}) {
    CAPTURE(static_cast<int>(c));
    CHECK(problem_of(std::string{"a: x"} + c) ==
          "1:5 the file holds a control character: it is not a text file");
  }
  CHECK_FALSE(problem_of(std::string_view{"a\0b", 3}).empty());
  CHECK(problem_of("a: x\ty\n").empty());
}

TEST_CASE("a tab that indents is refused, others pass") {
  CHECK(problem_of("a:\n\tb: 1\n") == "2:1 a tab indents this line");
  CHECK(problem_of("a:\n  \tb: 1\n") == "2:3 a tab indents this line");
  CHECK(problem_of("a:\t1\n").empty());
  CHECK(problem_of("a: 1\t# note\n").empty());
}

TEST_CASE("an unclosed quote is found where it opens") {
  CHECK(problem_of("a: 1\nb: \"x\nc: 2\n") == "2:4 this quote is not closed on its line");
  CHECK(problem_of("a: 1\nb: 'x\nc: 'y'\n") == "2:4 this quote is not closed on its line");
  CHECK(problem_of("a: \"x") == "1:4 this quote is never closed");
  CHECK(problem_of("a: 'it''s") == "1:4 this quote is never closed");
  CHECK(problem_of("a: [1, \"x]\n") == "1:8 this quote is not closed on its line");
  CHECK(problem_of("- 'x\n") == "1:3 this quote is not closed on its line");
  CHECK(problem_of("\"a: 1\n") == "1:1 this quote is not closed on its line");
  CHECK(problem_of("{a: 1, 'b: 2}\n") == "1:8 this quote is not closed on its line");
  CHECK(problem_of("a: \"x\\\"\n") == "1:4 this quote is not closed on its line");
  CHECK(problem_of("a: \"x\\") == "1:4 this quote is never closed");
}

TEST_CASE("closed quotes pass, with escapes and the other kind inside") {
  for (const std::string_view text :
       {"a: \"x\"\n", "a: 'x'\n", "a: ''\n", "a: 'it''s'\n", "a: \"say \\\"x\\\"\"\n",
        "a: \"it's\"\n", "a: 'say \"x'\n", "a: \"x\\\\\"\n", "\"a\": 'b'\n", "['a', \"b\"]\n",
        "{\"a\":\"b\"}\n", "a: '# no comment'\n", "a: '[[['\n"}) {
    CAPTURE(text);
    CHECK(problem_of(text).empty());
  }
}

TEST_CASE("a quote inside a plain scalar is a letter") {
  for (const std::string_view text :
       {"a: it's fine\n", "a: 19\" rack\n", "a: tenants' books\n", "it's: 1\n", "- that's it\n",
        "[it's, 19\"]\n", "a: x 'y z\n"}) {
    CAPTURE(text);
    CHECK(problem_of(text).empty());
  }
}

TEST_CASE("an indicator inside a plain scalar opens no quote after it") {
  for (const std::string_view text :
       {"a: the-'90s\n", "a: at 12:'30\n", "a: he said, 'fine\n", "a: six - 'seven\n"}) {
    CAPTURE(text);
    CHECK(problem_of(text).empty());
  }
}

TEST_CASE("quotes, tabs and brackets in comments do not count") {
  CHECK(problem_of("# it's \"fine\na: 1 # don't [\n  # 'x\n").empty());
  std::string text = "# ";
  text.append(100, '[');
  CHECK(problem_of(text + "\na: 1\n").empty());
}

TEST_CASE("a number sign within a word starts no comment") {
  CHECK(problem_of("a: b#c\nd: \"x\n") == "2:4 this quote is not closed on its line");
  CHECK(problem_of("a: [b#c, \"x]\n") == "1:10 this quote is not closed on its line");
}

TEST_CASE("brackets may nest 64 deep and no deeper") {
  const auto nested = [](std::size_t depth, char open, char close) {
    return "a: " + std::string(depth, open) + std::string(depth, close) + "\n";
  };
  CHECK(problem_of(nested(64, '[', ']')).empty());
  CHECK(problem_of(nested(65, '[', ']')) == "1:68 brackets are nested deeper than 64");
  CHECK(problem_of(nested(65, '{', '}')) == "1:68 brackets are nested deeper than 64");
  CHECK_FALSE(problem_of(std::string(1'000'000, '[')).empty());
}

TEST_CASE("brackets that are closed do not add up") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "- [1, {a: 2}]\n";
  CHECK(problem_of(text).empty());
}

TEST_CASE("brackets inside plain scalars do not nest") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "- from the range [0, 1)\n";
  CHECK(problem_of(text).empty());
}
