// Reading tables that do not fit into memory: lines from a file, fields from a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/random.hpp>

namespace colossim {

/// A line without its end (LF or CRLF). The text lives until the next call of the reader.
struct Line {
  std::string_view text;
  bool too_long = false;  // more than `LineReader::longest_line` bytes; the text is left out
};

/// Reads a regular file line by line through a fixed buffer. A byte order mark at the very start is
/// passed over, and the last line needs no end. A copy goes on from the same line, independently of
/// the original. Errors are std::system_error with the path.
class LineReader {
 public:
  static constexpr std::size_t longest_line = std::size_t{64} << 10;  // bytes

  explicit LineReader(const std::filesystem::path& file);

  /// From now on `content_hash` covers what is read. Before the first `next`.
  void start_hash() { hash_.emplace(); }

  /// The next line, or nothing at the end of the file.
  std::optional<Line> next();
  /// Of the line last returned, from 1.
  [[nodiscard]] std::int64_t number() const { return number_; }
  /// The file's name as it was given, for messages.
  [[nodiscard]] const std::string& name() const;
  /// TextHash of all bytes of the file, once `next` has returned nothing.
  [[nodiscard]] std::uint64_t content_hash() const { return hash_ ? hash_->value() : 0; }

 private:
  struct File;

  /// Appends to the buffer what fits; false at the end of the file.
  bool refill();
  std::optional<Line> take(std::size_t length, std::size_t end_mark);
  Line skip_long_line();

  std::shared_ptr<const File> file_;
  std::int64_t offset_ = 0;  // of the first byte of the file that is not yet in the buffer
  std::string buffer_;
  std::size_t begin_ = 0;  // of the unread bytes in the buffer
  std::size_t end_ = 0;
  std::int64_t number_ = 0;
  std::optional<TextHash> hash_;
};

/// One field of a line. `column` counts bytes from 1 and is where the field starts, quote included.
struct CsvField {
  std::string_view text;
  std::size_t column = 1;
};

/// Why a line has no fields: quotes that do not match.
struct CsvProblem {
  std::size_t column = 1;
  std::string_view message;
};

/// Splits lines at `separator`. With `quotes`, a field may stand in double quotes, in which a
/// doubled quote is one quote [shafranovich2005]; fields never continue on the next line.
class CsvSplitter {
 public:
  explicit CsvSplitter(char separator = ',', bool quotes = true)
      : separator_(separator), quotes_(quotes) {}

  std::optional<CsvProblem> split(std::string_view line);
  /// Of the line last split; they live until the next call and no longer than the line.
  [[nodiscard]] std::span<const CsvField> fields() const { return {fields_.data(), count_}; }

 private:
  void add(std::string_view text, std::size_t column) {
    if (count_ == fields_.size()) fields_.resize(2 * count_ + 16);
    CsvField& field = fields_[count_++];
    field.text = text;
    field.column = column;
  }
  void split_plain(std::string_view line);
  std::optional<CsvProblem> split_quoted(std::string_view line);

  char separator_;
  bool quotes_;
  std::vector<CsvField> fields_;  // the first `count_` are of the line, the rest is kept for others
  std::size_t count_ = 0;
  std::string unquoted_;  // the texts of quoted fields, one after another
};

/// Appends `text` as one field of a comma-separated line, in quotes where it needs them.
void append_csv_field(std::string& out, std::string_view text);

}  // namespace colossim
