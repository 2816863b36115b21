// 128-bit integers for sums that outgrow 64 bits: GPU-nanoseconds and microwatt-nanoseconds of a
// year.
#pragma once

#include <string>

namespace colossim {

__extension__ typedef __int128 Int128;  // NOLINT: g++ -Wpedantic accepts the type only this way

/// Nearest double (53 bits); exact below 2^53.
constexpr double to_double(Int128 value) {
  return static_cast<double>(value);
}

/// Decimal digits with a leading minus when negative.
std::string to_string(Int128 value);

}  // namespace colossim
