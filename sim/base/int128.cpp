// Decimal output of 128-bit integers, which no standard stream offers.
#include <algorithm>

#include <colossim/base/int128.hpp>

namespace colossim {

std::string to_string(Int128 value) {
  const bool negative = value < 0;
  std::string digits;
  do {
    const int digit = static_cast<int>(value % 10);
    digits.push_back(static_cast<char>('0' + (negative ? -digit : digit)));
    value /= 10;
  } while (value != 0);
  if (negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace colossim
