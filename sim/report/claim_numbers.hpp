// How the numbers of claims are printed: in one unit, without idle digits.
#pragma once

#include <string>

#include <colossim/base/quantity.hpp>
#include <colossim/model/verdict.hpp>

namespace colossim {

/// A unit and what one of it is in base units.
struct ClaimUnit {
  std::string name = "1";
  double factor = 1;
};

/// The unit people expect for a number of a dimension as large as `size` (base units): shares in
/// percent, waits in hours, days or months, growth per month.
ClaimUnit usual_unit(Dimension dimension, double size);

/// `4.1 GUSD`, `220,000 gpu`.
std::string number_text(double base, const ClaimUnit& unit);

/// `2 to 3 MUSD/d`, `1 MUSD to 10 GUSD`, or one number when the ends print alike.
std::string range_text(ClaimBounds range, const ClaimUnit& unit);

}  // namespace colossim
