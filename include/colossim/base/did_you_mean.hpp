// The nearest known name to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace colossim {

/// `did you mean "x"?` for the known name nearest to `found`, or the list of known names when none
/// is near (at most a third of the letters wrong). Empty when nothing is known.
std::string did_you_mean(std::string_view found, std::span<const std::string> known);

}  // namespace colossim
