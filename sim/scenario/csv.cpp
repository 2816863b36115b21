// The file is read with pread, so that copies of a reader share the descriptor but not the place.
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <colossim/scenario/csv.hpp>

namespace colossim {

namespace {

static_assert(std::endian::native == std::endian::little);  // places_of numbers bytes so
constexpr std::size_t buffer_bytes = std::size_t{256} << 10;
static_assert(buffer_bytes > 2 * LineReader::longest_line);

constexpr std::uint64_t each_byte = 0x0101010101010101U;

/// Bit i is set when byte i of `word` equals the bytes of `wanted`. Eight bytes at a time, because
/// a branch per byte would cost more than all else that is done to a row.
std::uint64_t equal_bytes(std::uint64_t word, std::uint64_t wanted) {
  constexpr std::uint64_t low_bits = 0x7f * each_byte;
  const std::uint64_t differs = word ^ wanted;
  // The top bit of each byte that is zero; no carry crosses from byte to byte.
  const std::uint64_t zeros = ~(((differs & low_bits) + low_bits) | differs | low_bits);
  // The product moves the eight bits next to each other.
  return ((zeros >> 7) * 0x0102040810204080U) >> 56;
}

/// Bit i is set when byte i of `text`, at most 64 bytes, is `c`.
std::uint64_t places_of(char c, std::string_view text) {
  const std::uint64_t wanted = each_byte * static_cast<unsigned char>(c);
  std::uint64_t places = 0;
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    places |= equal_bytes(word, wanted) << at;
  }
  if (at < text.size()) {
    word = ~wanted;  // no byte behind the text is `c`
    std::memcpy(&word, text.data() + at, text.size() - at);
    places |= equal_bytes(word, wanted) << at;
  }
  return places;
}

}  // namespace

struct LineReader::File {
  explicit File(std::string path) : name(std::move(path)) {
    descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) fail(errno);
    struct stat facts {};
    // Not blocking: a pipe without a writer would never open. Pipes and devices have no places to
    // come back to, and a device may never end.
    int error = ::fstat(descriptor, &facts) == 0 ? 0 : errno;
    const bool is_pipe = error == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
    if (is_pipe) error = ESPIPE;
    if (error == 0 && S_ISDIR(facts.st_mode)) error = EISDIR;
    if (error == 0) return;
    ::close(descriptor);
    if (is_pipe)
      throw std::system_error(
          error, std::generic_category(),
          fmt::format("cannot read {}: a file is needed, no pipe or device", name));
    fail(error);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(descriptor); }

  [[noreturn]] void fail(int error) const {
    throw std::system_error(error, std::generic_category(), fmt::format("cannot read {}", name));
  }

  std::string name;
  int descriptor = -1;
};

LineReader::LineReader(const std::filesystem::path& file)
    : file_(std::make_shared<const File>(file.string())) {}

const std::string& LineReader::name() const {
  return file_->name;
}

bool LineReader::refill() {
  buffer_.resize(buffer_bytes);
  std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
  end_ -= std::exchange(begin_, 0);
  ::ssize_t count = -1;
  do {
    count = ::pread(file_->descriptor, buffer_.data() + end_, buffer_bytes - end_, offset_);
  } while (count < 0 && errno == EINTR);
  if (count < 0) file_->fail(errno);
  const auto bytes = static_cast<std::size_t>(count);
  if (hash_) hash_->add({buffer_.data() + end_, bytes});
  if (offset_ == 0 && std::string_view{buffer_.data(), bytes}.starts_with("\xEF\xBB\xBF"))
    begin_ = 3;
  offset_ += count;
  end_ += bytes;
  return bytes > 0;
}

/// A line of `length` bytes at the front of the buffer, and its end.
std::optional<Line> LineReader::take(std::size_t length, std::size_t end_mark) {
  std::string_view text{buffer_.data() + begin_, length};
  begin_ += length + end_mark;
  ++number_;
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.size() > longest_line) return Line{.text = {}, .too_long = true};
  return Line{.text = text};
}

/// Drops the rest of the line from the buffer and the file.
Line LineReader::skip_long_line() {
  ++number_;
  do {
    const void* found = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
    if (found != nullptr) {
      begin_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
      break;
    }
    begin_ = end_;
  } while (refill());
  return Line{.text = {}, .too_long = true};
}

std::optional<Line> LineReader::next() {
  while (true) {
    const char* front = buffer_.data() + begin_;
    const void* found = std::memchr(front, '\n', end_ - begin_);
    if (found != nullptr)
      return take(static_cast<std::size_t>(static_cast<const char*>(found) - front), 1);
    if (end_ - begin_ > longest_line + 1) return skip_long_line();
    if (refill()) continue;
    if (begin_ == end_) return std::nullopt;
    return take(end_ - begin_, 0);
  }
}

std::optional<CsvProblem> CsvSplitter::split(std::string_view line) {
  count_ = 0;
  if (quotes_ && line.find('"') != std::string_view::npos) return split_quoted(line);
  split_plain(line);
  return std::nullopt;
}

void CsvSplitter::split_plain(std::string_view line) {
  std::size_t begin = 0;
  for (std::size_t block = 0; block < line.size(); block += 64) {
    for (std::uint64_t found = places_of(separator_, line.substr(block, 64)); found != 0;
         found &= found - 1) {
      const std::size_t at = block + static_cast<std::size_t>(std::countr_zero(found));
      add(line.substr(begin, at - begin), begin + 1);
      begin = at + 1;
    }
  }
  add(line.substr(begin), begin + 1);
}

std::optional<CsvProblem> CsvSplitter::split_quoted(std::string_view line) {
  unquoted_.clear();
  unquoted_.reserve(line.size());  // it never grows beyond, so the views into it stay good
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = at;
    if (at == line.size() || line[at] != '"') {
      at = std::min(line.find(separator_, begin), line.size());
      const std::string_view text = line.substr(begin, at - begin);
      if (const std::size_t quote = text.find('"'); quote != std::string_view::npos)
        return CsvProblem{begin + quote + 1, "a quote inside a field that does not begin with one"};
      add(text, begin + 1);
    } else {
      const std::size_t from = unquoted_.size();
      for (++at; at < line.size(); ++at) {
        if (line[at] == '"' && !line.substr(at + 1).starts_with('"')) break;
        if (line[at] == '"') ++at;
        unquoted_ += line[at];
      }
      if (at == line.size()) return CsvProblem{begin + 1, "a quote is not closed on its line"};
      if (++at < line.size() && line[at] != separator_)
        return CsvProblem{at + 1, "text behind a closing quote"};
      add(std::string_view{unquoted_}.substr(from), begin + 1);
    }
    if (at == line.size()) return std::nullopt;
    ++at;
  }
}

void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace colossim
