// What must hold of a scenario file's bytes before a YAML parser sees them.
#pragma once

#include <optional>
#include <string_view>

#include <colossim/scenario/tree.hpp>

namespace colossim {

/// A problem of the bytes themselves.
struct TextProblem {
  Place place;
  std::string_view message;
  std::string_view hint;
};

/// The first problem that YAML parsers overlook or die of: bytes that are not UTF-8, control
/// characters, a tab that indents, brackets nested deeper than 64, a quote that is not closed on
/// its line (quoted text stays on one line in the scenario language; long text is a block scalar).
/// The YAML library swallows an unclosed quote silently, which is why quotes are followed here.
std::optional<TextProblem> check_text(std::string_view text, std::uint16_t file);

}  // namespace colossim
