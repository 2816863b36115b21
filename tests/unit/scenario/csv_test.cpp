// Lines and fields of tables, and numbers in them.
#include <doctest/doctest.h>

#include <colossim/base/utf8.hpp>
#include <colossim/scenario/csv.hpp>
#include <colossim/scenario/decimal.hpp>

#include "../../support/tables.hpp"

using namespace colossim;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  const test::TemporaryFile file{text};
  LineReader reader{file.path()};
  std::vector<std::string> lines;
  while (const auto line = reader.next())
    lines.emplace_back(line->too_long ? "(too long)" : line->text);
  return lines;
}

/// `column:text` of each field, or `column!problem`.
std::vector<std::string> fields_of(const std::string& line, CsvSplitter splitter = CsvSplitter{}) {
  if (const auto problem = splitter.split(line))
    return {std::to_string(problem->column) + "!" + std::string{problem->message}};
  std::vector<std::string> texts;
  for (const CsvField& field : splitter.fields())
    texts.push_back(std::to_string(field.column) + ":" + std::string{field.text});
  return texts;
}

using Texts = std::vector<std::string>;

std::string shortest(Duration time) {
  std::string text;
  append_seconds(text, time);
  return text;
}

}  // namespace

TEST_CASE("lines end with LF, CRLF or the file, and a byte order mark is passed over") {
  CHECK(lines_of("a\nb\r\n\nc") == Texts{"a", "b", "", "c"});
  CHECK(lines_of("\xEF\xBB\xBF"
                 "a\n") == Texts{"a"});
  CHECK(lines_of("").empty());
  CHECK(lines_of("\n") == Texts{""});
}

TEST_CASE("a line of the greatest length passes, one byte more does not") {
  const std::string longest(LineReader::longest_line, 'x');
  CHECK(lines_of(longest + "\r\nb\n") == Texts{longest, "b"});
  CHECK(lines_of(longest + "x\nb\n") == Texts{"(too long)", "b"});
  CHECK(lines_of(longest + "x") == Texts{"(too long)"});
  CHECK(lines_of("a\n" + std::string(1'000'000, 'x') + "\nb") == Texts{"a", "(too long)", "b"});
  CHECK(lines_of(std::string(1'000'000, 'x')) == Texts{"(too long)"});
}

TEST_CASE("lines across the ends of the buffer are whole") {
  std::string text;
  Texts expected;
  for (std::size_t i = 0; i < 4'000; ++i) {
    expected.emplace_back(i * 7919 % 400, static_cast<char>('a' + i % 26));
    text += expected.back() + (i % 3 == 0 ? "\r\n" : "\n");
  }
  CHECK(lines_of(text) == expected);
}

TEST_CASE("a copy of a reader goes on from the same line, the original too") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
  const test::TemporaryFile file{text};
  LineReader reader{file.path()};
  for (int i = 0; i < 50'000; ++i) reader.next();
  LineReader copy = reader;
  for (int i = 50'000; i < 100'000; ++i) {
    CHECK(reader.next()->text == std::to_string(i));
    if (i == 70'000) CHECK(copy.next()->text == "50000");
  }
  CHECK_FALSE(reader.next());
  CHECK(copy.next()->text == "50001");
  CHECK(copy.number() == 50'002);
}

TEST_CASE("the hash covers all bytes and equals that of the text at once") {
  const std::string text = "\xEF\xBB\xBF# a\r\nb\n" + std::string(300'000, 'x') + "\n\nc";
  const test::TemporaryFile file{text};
  LineReader reader{file.path()};
  reader.start_hash();
  while (reader.next()) {
  }
  CHECK(reader.content_hash() == hash_text(text));
}

TEST_CASE("what is no regular file is an I/O error") {
  CHECK_THROWS_AS(LineReader{"/dev/null"}, std::system_error);
  CHECK_THROWS_AS(LineReader{std::filesystem::temp_directory_path()}, std::system_error);
  CHECK_THROWS_AS(LineReader{"no/such/file.csv"}, std::system_error);
}

TEST_CASE("fields are split at separators and keep their columns") {
  CHECK(fields_of("a,bc,,d") == Texts{"1:a", "3:bc", "6:", "7:d"});
  CHECK(fields_of("") == Texts{"1:"});
  CHECK(fields_of(",") == Texts{"1:", "2:"});
  CHECK(fields_of("a|\"b|c", CsvSplitter{'|', false}) == Texts{"1:a", "3:\"b", "6:c"});
}

TEST_CASE("splitting agrees with a search byte by byte on lines of all lengths") {
  for (std::size_t length = 0; length < 300; ++length) {
    std::string line;
    for (std::size_t i = 0; i < length; ++i)
      line += (i * 31 + length * 17) % 7 == 0 ? ',' : static_cast<char>('+' + (i + length) % 5);
    Texts expected;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= line.size(); ++i) {
      if (i < line.size() && line[i] != ',') continue;
      expected.push_back(std::to_string(begin + 1) + ":" + line.substr(begin, i - begin));
      begin = i + 1;
    }
    CHECK(fields_of(line) == expected);
  }
}

TEST_CASE("quoted fields hold separators and doubled quotes") {
  CHECK(fields_of(R"("a, ""b""",c)") == Texts{R"(1:a, "b")", "12:c"});
  CHECK(fields_of(R"("",x,"y")") == Texts{"1:", "4:x", "6:y"});
}

TEST_CASE("quotes that do not match are located") {
  CHECK(fields_of(R"(a,"b)") == Texts{"3!a quote is not closed on its line"});
  CHECK(fields_of(R"("a"b,c)") == Texts{"4!text behind a closing quote"});
  CHECK(fields_of(R"(a,b"c")") == Texts{"4!a quote inside a field that does not begin with one"});
}

TEST_CASE("a field that is written is read back as it was") {
  for (const std::string text : {"", "a", "a,b", "\"", "a\r", " a ", "\"a\",\""}) {
    std::string line;
    append_csv_field(line, text);
    CsvSplitter splitter;
    REQUIRE_FALSE(splitter.split(line));
    REQUIRE(splitter.fields().size() == 1);
    CHECK(splitter.fields()[0].text == text);
  }
}

TEST_CASE("bytes that are not text are found where they stand") {
  CHECK(find_not_text("plain text, longer than a word") == std::string_view::npos);
  CHECK(find_not_text("12345678\xc3\xa9z\xe2\x82\xac\xf0\x9f\x98\x80") == std::string_view::npos);
  for (std::size_t at = 0; at < 20; ++at) {
    std::string text(20, 'a');
    text[at] = '\0';
    CHECK(find_not_text(text) == at);
    CHECK(not_text_problem(text.substr(at)) == "the line holds a NUL byte");
    text[at] = '\xff';
    CHECK(find_not_text(text) == at);
    CHECK(not_text_problem(text.substr(at)) == "the line is not UTF-8 text");
    for (const char control : {'\x01', '\x1b', '\x1f', '\x7f'}) {
      text[at] = control;
      CHECK(find_not_text(text) == at);
      CHECK(not_text_problem(text.substr(at)) == "the line holds a control character");
    }
    for (const char plain : {'\t', ' ', '~'}) {
      text[at] = plain;
      CHECK(find_not_text(text) == std::string_view::npos);
    }
  }
  for (const std::string bad : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                                "\xf4\x90\x80\x80", "\x80", "\xc3", "\xe2\x82", "\xf5\x80\x80\x80"})
    CHECK(find_not_text("ab" + bad) == 2);
}

TEST_CASE("text in messages is short and free of control characters") {
  CHECK(shown("a\x1b[1mb\xff") == "\"a?[1mb?\"");
  CHECK(shown(std::string(100, 'a')) == "\"" + std::string(60, 'a') + "...\"");
  CHECK(shown(std::string(59, 'a') + "\xc3\xa9") == "\"" + std::string(59, 'a') + "...\"");
}

TEST_CASE("seconds are read exactly to the nanosecond") {
  const auto ns = [](std::string_view text) { return read_seconds(text).value.ns(); };
  CHECK(ns("0") == 0);
  CHECK(ns("4.709164") == 4'709'164'000);
  CHECK(ns("0.000000001") == 1);
  CHECK(ns("123456789.987654321") == 123'456'789'987'654'321);
  CHECK(ns("1000000000") == 1'000'000'000'000'000'000);
  CHECK(ns("007") == 7'000'000'000);
}

TEST_CASE("what is no time says why") {
  using Problem = ReadTime::Problem;
  const auto problem = [](std::string_view text) { return read_seconds(text).problem; };
  for (const char* text :
       {"", ".", "1.", ".5", "1e3", "+1", " 1", "1 ", "1.2.3", "x", "-", "-x", "1,5", "nan", "0x1"})
    CHECK(problem(text) == Problem::not_decimal);
  CHECK(problem("-1") == Problem::negative);
  CHECK(problem("1.0000000000") == Problem::too_precise);
  CHECK(problem("1000000000.000000001") == Problem::too_large);
  CHECK(problem(std::string(400, '9')) == Problem::too_large);
}

TEST_CASE("seconds are written as short as they can be, and read back") {
  CHECK(shortest(Duration{4'709'164'000}) == "4.709164");
  CHECK(shortest(Duration{1'000'000'001}) == "1.000000001");
  CHECK(shortest(Duration{0}) == "0");
  CHECK(shortest(Duration{-1'500'000'000}) == "-1.5");
  for (std::int64_t ns = 1; ns < longest_table_time.ns() / 7; ns = ns * 7 + 3)
    CHECK(read_seconds(shortest(Duration{ns})).value == Duration{ns});
}

TEST_CASE("other programs' decimals are read in billionths") {
  CHECK(read_billionths("-1") == Int128{-1'000'000'000});
  CHECK(read_billionths("1591728061.5") == Int128{1'591'728'061} * 1'000'000'000 + 500'000'000);
  CHECK(read_billionths("0.12345678999") == Int128{123'456'789});
  for (const char* text : {"", "-", "1.", "1e3", "--1", "99999999999999999999"})
    CHECK_FALSE(read_billionths(text));
}
