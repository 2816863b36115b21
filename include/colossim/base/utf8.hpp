// Whether bytes from outside are text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace colossim {

/// Bytes of the UTF-8 character at the front of `text`, which is not empty; 0 when it is malformed,
/// overlong or a surrogate [yergeau2003]. A NUL is a character of one byte.
std::size_t character_bytes(std::string_view text);

/// Where the first byte stands that a line of text cannot hold: of a malformed, overlong or
/// surrogate sequence [yergeau2003], or a control character other than a tab. `npos` when there is
/// none.
std::size_t find_not_text(std::string_view text);
/// What such a byte at the front of `rest` is called.
std::string_view not_text_problem(std::string_view rest);

/// `text` in quotes for a message: at most 60 bytes, cut between characters, control characters and
/// malformed bytes as `?`.
std::string shown(std::string_view text);

}  // namespace colossim
