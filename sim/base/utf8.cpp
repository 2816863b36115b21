// Plain ASCII is passed eight bytes at a time; the rest is decoded.
#include <cstdint>
#include <cstring>

#include <colossim/base/utf8.hpp>

namespace colossim {

namespace {

constexpr std::uint64_t each_byte = 0x0101010101010101U;

/// Whether all eight bytes are within 0x20..0x7e: subtracting 0x20 sets the top bit of the first
/// that is less, adding one that of 0x7f, and bytes from 0x80 have it set.
bool is_plain_word(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return (((word - each_byte * 0x20) | (word + each_byte) | word) & (each_byte << 7)) == 0;
}

/// A tab is text.
bool is_control(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && byte != '\t') || value == 0x7f;
}

/// The range the second byte of a sequence must lie in: it excludes overlong forms, surrogates and
/// what is beyond U+10FFFF.
bool is_second_byte(unsigned char lead, unsigned char second) {
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high;
}

}  // namespace

std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead > 0xF4 || length == 0 || length > text.size()) return 0;
  if (!is_second_byte(lead, static_cast<unsigned char>(text[1]))) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80) return 0;
  }
  return length;
}

std::size_t find_not_text(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (at + 8 <= text.size() && is_plain_word(text.data() + at)) {
      at += 8;
      continue;
    }
    // The end of a plain line: its last eight bytes overlap what was passed.
    if (at + 8 > text.size() && text.size() >= 8 && is_plain_word(text.data() + text.size() - 8))
      break;
    const std::size_t length = character_bytes(text.substr(at));
    if (length == 0 || is_control(text[at])) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::string_view not_text_problem(std::string_view rest) {
  if (rest.front() == '\0') return "the line holds a NUL byte";
  if (rest.starts_with("\x1f\x8b"))
    return "the line holds a control character, with which gzip begins: unpack the file first";
  return is_control(rest.front()) ? "the line holds a control character"
                                  : "the line is not UTF-8 text";
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string out = "\"";
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = character_bytes(text.substr(at));
    if (at + length > longest || at >= longest) break;
    if (length == 0 || is_control(text[at]) || text[at] == '\t') {
      out += '?';
    } else {
      out += text.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return out + (at < text.size() ? "...\"" : "\"");
}

}  // namespace colossim
