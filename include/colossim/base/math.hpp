// Elementary functions with the same bits on every machine and compiler; use these instead of libm.
#pragma once

#include <cstdint>

/// Elementary functions written with + − × ÷ only (and sqrt, floor, ceil, which IEEE 754 and C
/// round exactly), so that one binary, or two compilers, give one result: libm differs by 1 ulp
/// between machines with and without fused multiply-add. Build with `-ffp-contract=off`.
/// Special values follow C (ISO C17, annex F.10); errno and the exception flags mean nothing here.
namespace colossim::math {

/// e^x, within 0.9 ulp; +inf above 709.78, gradual underflow below −708.39.
double exp(double x);

/// Natural logarithm, within 0.52 ulp; −inf at ±0, NaN for x < 0.
double log(double x);

/// x to the power y, within 0.9 ulp; special values as in C.
double pow(double x, double y);

/// Sine of an angle [rad] with |x| < 2^30, within 0.9 ulp; NaN outside, where C has a value: no
/// law of ours has such an angle.
double sin(double x);

/// Cosine of an angle [rad]; accuracy and range as `sin`.
double cos(double x);

/// Inverse tangent [rad] in [−π/2, π/2], within 1.1 ulp.
double atan(double x);

/// Nearest integer, ties away from zero. Requires |x| < 2^62.
std::int64_t round_to_int(double x);

/// Remainder of the floored division, x − m·floor(x/m), in [0, m): the time of day, the phase of a
/// period. Requires m > 0 and |x| < m·2^52; a remainder that rounds to m becomes 0.
double floor_mod(double x, double m);

}  // namespace colossim::math
