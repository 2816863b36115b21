// Numbers as people read them.
#pragma once

#include <string>
#include <string_view>

namespace colossim {

/// `1,927.9`: thousands separated, `decimals` digits behind the point.
std::string grouped(double value, int decimals);

/// `2.00 MUSD/d`: three or four significant digits with a k M G T P prefix. Units that cannot take
/// one
/// (%, C, 1, h, ...) are printed plainly.
std::string human(double value, std::string_view unit);

/// Appends `value` with four decimals and no trailing zeros: fast, for CSV columns.
void append_number(std::string& out, double value);

}  // namespace colossim
