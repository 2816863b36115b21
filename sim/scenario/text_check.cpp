// A single pass over the bytes that follows quotes, comments and brackets.
#include <cstddef>

#include <colossim/base/utf8.hpp>
#include <colossim/scenario/text_check.hpp>

namespace colossim {

namespace {

constexpr int depth_limit = 64;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// Walks the text, keeping line and column, and stops at the first problem.
class Walker {
 public:
  Walker(std::string_view text, std::uint16_t file) : text_(text), here_{file, 1, 1} {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark is not part of the text
    start_line();
  }

  std::optional<TextProblem> walk() {
    while (at_ < text_.size()) {
      if (auto problem = step()) return problem;
    }
    if (quote_ != 0) return TextProblem{quote_place_, "this quote is never closed", "close it"};
    return std::nullopt;
  }

 private:
  [[nodiscard]] TextProblem unclosed_quote() const {
    return {quote_place_, "this quote is not closed on its line", "close it"};
  }
  [[nodiscard]] char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\n'; }

  std::optional<TextProblem> step() {
    const std::size_t length = character_bytes(text_.substr(at_));
    if (length == 0) return TextProblem{here_, "the file is not UTF-8 text", "save it as UTF-8"};
    const char c = text_[at_];
    const bool control =
        length == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\n' && !is_blank(c);
    if (control || c == 0x7f) {
      return TextProblem{here_, "the file holds a control character: it is not a text file",
                         "give a YAML scenario"};
    }
    if (c == '\t' && only_blanks_)
      return TextProblem{here_, "a tab indents this line", "indent with spaces"};
    std::optional<TextProblem> problem;
    if (quote_ != 0) {
      problem = inside_quote(c);
    } else if (!in_comment_ && !in_block_ && c != '\n') {
      problem = outside_quote(c);
    }
    advance(length, c);
    return problem;
  }

  std::optional<TextProblem> inside_quote(char c) {
    if (c == '\n') return unclosed_quote();
    if (escaped_) {
      escaped_ = false;  // whatever it is, it ends nothing
    } else if (quote_ == '"' && c == '\\') {
      escaped_ = true;
    } else if (c == quote_ && quote_ == '\'' && next() == '\'') {
      escaped_ = true;  // doubled: stands for itself
    } else if (c == quote_) {
      quote_ = 0;
      in_scalar_ = true;
    }
    return std::nullopt;
  }

  /// `in_scalar_` is set from the first character of a plain scalar to its end; quotes and brackets
  /// inside it are text.
  std::optional<TextProblem> outside_quote(char c) {
    const bool ends_key = c == ':' && (is_blank(next()) || next() == '\n' || depth_ > 0);
    if (c == '#' && (previous_ == '\n' || is_blank(previous_))) {
      in_comment_ = true;
    } else if (ends_key || (depth_ > 0 && c == ',')) {
      in_scalar_ = false;
    } else if ((c == '[' || c == '{') && (depth_ > 0 || !in_scalar_)) {
      in_scalar_ = false;
      if (++depth_ > depth_limit)
        return TextProblem{here_, "brackets are nested deeper than 64", "flatten the structure"};
    } else if ((c == ']' || c == '}') && depth_ > 0) {
      --depth_;
      in_scalar_ = true;  // nothing can begin right behind a closing bracket
    } else if (!in_scalar_) {
      begin_token(c);
    }
    return std::nullopt;
  }

  void begin_token(char c) {
    const bool indicator = (c == '-' || c == '?') && (is_blank(next()) || next() == '\n');
    if (is_blank(c) || indicator) return;
    if (c == '"' || c == '\'') {
      quote_ = c;
      quote_place_ = here_;
    } else if ((c == '|' || c == '>') && depth_ == 0) {
      block_opens_ = true;
      in_scalar_ = true;
    } else {
      in_scalar_ = true;
    }
  }

  void advance(std::size_t length, char c) {
    at_ += length;
    previous_ = c;
    ++here_.column;
    if (c == '\n') {
      ++here_.line;
      start_line();
    } else {
      only_blanks_ = only_blanks_ && is_blank(c);
    }
  }

  /// A block scalar (`|`, `>`) holds every following line that is empty or indented deeper than its
  /// key.
  void start_line() {
    here_.column = 1;
    only_blanks_ = true;
    in_scalar_ = false;
    in_comment_ = false;
    std::size_t end = at_;
    while (end < text_.size() && text_[end] == ' ') ++end;
    const bool empty = end == text_.size() || text_[end] == '\n' || text_[end] == '\r';
    if (block_opens_) {
      block_opens_ = false;
      in_block_ = true;
      block_indent_ = line_indent_;
    }
    if (in_block_ && !empty && end - at_ <= block_indent_) in_block_ = false;
    if (!empty) line_indent_ = end - at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Place here_;
  Place quote_place_;
  int depth_ = 0;
  char quote_ = 0;
  char previous_ = '\n';
  bool escaped_ = false;
  bool only_blanks_ = true;
  bool in_scalar_ = false;
  bool in_comment_ = false;
  bool block_opens_ = false;  // the line ends with the head of a block scalar
  bool in_block_ = false;
  std::size_t line_indent_ = 0;
  std::size_t block_indent_ = 0;
};

}  // namespace

std::optional<TextProblem> check_text(std::string_view text, std::uint16_t file) {
  return Walker{text, file}.walk();
}

}  // namespace colossim
