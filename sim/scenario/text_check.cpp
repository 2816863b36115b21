// A single pass over the bytes that follows quotes, comments and brackets.
#include <cstddef>

#include <colossim/scenario/text_check.hpp>

namespace colossim {

namespace {

constexpr int depth_limit = 64;

/// Length of the UTF-8 sequence at `i`, 0 when it is malformed.
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 && lead < 0xF5   ? 4
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                                                           : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && byte(i + 1) < 0xA0) return 0;  // overlong
  if (lead == 0xED && byte(i + 1) > 0x9F) return 0;  // surrogates
  if (lead == 0xF0 && byte(i + 1) < 0x90) return 0;  // overlong
  if (lead == 0xF4 && byte(i + 1) > 0x8F) return 0;  // beyond U+10FFFF
  return length;
}

/// Walks the text, keeping line and column, and stops at the first problem.
class Walker {
 public:
  Walker(std::string_view text, std::uint16_t file) : text_(text), here_{file, 1, 1} {}

  std::optional<TextProblem> walk() {
    while (at_ < text_.size()) {
      if (auto problem = step()) return problem;
    }
    if (quote_ != 0) {
      return TextProblem{quote_place_, "this quote is never closed", "close it on the same line"};
    }
    return std::nullopt;
  }

 private:
  std::optional<TextProblem> step() {
    const std::size_t length = utf8_length(text_, at_);
    if (length == 0) return TextProblem{here_, "the file is not UTF-8 text", "save it as UTF-8"};
    const char c = text_[at_];
    const bool control =
        length == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r';
    if (control || c == 0x7f) {
      return TextProblem{here_, "the file holds a control character: it is not a text file",
                         "give a YAML scenario"};
    }
    if (c == '\t' && only_blanks_) {
      return TextProblem{here_, "a tab indents this line", "indent with spaces"};
    }
    std::optional<TextProblem> problem = quote_ != 0 ? inside_quote(c) : outside_quote(c);
    advance(length, c);
    return problem;
  }

  std::optional<TextProblem> inside_quote(char c) {
    if (quote_ == '"' && c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
      advance(1, c);  // the escaped character, whatever it is, ends nothing
    } else if (c == quote_) {
      const bool doubled = quote_ == '\'' && at_ + 1 < text_.size() && text_[at_ + 1] == '\'';
      if (doubled) {
        advance(1, c);
      } else {
        quote_ = 0;
      }
    } else if (c == '\n') {
      return TextProblem{quote_place_, "this quote is not closed on its line", "close it"};
    }
    return std::nullopt;
  }

  std::optional<TextProblem> outside_quote(char c) {
    if (in_comment_) return std::nullopt;
    if (c == '#' && (token_start_ || previous_ == ' ' || previous_ == '\t')) {
      in_comment_ = true;
    } else if ((c == '"' || c == '\'') && token_start_) {
      quote_ = c;
      quote_place_ = here_;
    } else if ((c == '[' || c == '{') && ++depth_ > depth_limit) {
      return TextProblem{here_, "brackets are nested deeper than 64", "flatten the structure"};
    } else if ((c == ']' || c == '}') && depth_ > 0) {
      --depth_;
    }
    return std::nullopt;
  }

  void advance(std::size_t length, char c) {
    at_ += length;
    previous_ = c;
    if (c == '\n') {
      ++here_.line;
      here_.column = 1;
      only_blanks_ = true;
      token_start_ = true;
      in_comment_ = false;
      return;
    }
    ++here_.column;
    const bool blank = c == ' ' || c == '\t' || c == '\r';
    only_blanks_ = only_blanks_ && blank;
    // A quote opens a quoted scalar only where a scalar can begin: after an indicator and blanks.
    const bool indicator = c == ':' || c == '-' || c == ',' || c == '[' || c == '{' || c == '?';
    token_start_ = indicator || (blank && token_start_);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Place here_;
  Place quote_place_;
  int depth_ = 0;
  char quote_ = 0;
  char previous_ = '\n';
  bool only_blanks_ = true;
  bool token_start_ = true;
  bool in_comment_ = false;
};

}  // namespace

std::optional<TextProblem> check_text(std::string_view text, std::uint16_t file) {
  return Walker{text, file}.walk();
}

}  // namespace colossim
