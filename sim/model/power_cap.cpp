// The clock that holds a power cap, and its throughput.
#include <colossim/model/power_cap.hpp>

namespace colossim {

double power_at_clock(double phi, const ClockLaw& law) {
  const double cubic_share = 1.0 - law.linear_share;
  const double dynamic = phi * (law.linear_share + cubic_share * phi * phi);
  return law.static_share + (1.0 - law.static_share) * dynamic;
}

double clock_at_cap(double cap_ratio, const ClockLaw& law) {
  if (cap_ratio >= 1.0) return 1.0;
  if (cap_ratio <= power_at_clock(law.min_clock, law)) return law.min_clock;
  double held = law.min_clock;  // power there ≤ cap
  double over = 1.0;            // power there > cap
  for (;;) {
    const double middle = 0.5 * (held + over);
    if (middle <= held || middle >= over) return held;
    (power_at_clock(middle, law) <= cap_ratio ? held : over) = middle;
  }
}

double throughput_at_clock(double phi, double insensitive_share) {
  return 1.0 / ((1.0 - insensitive_share) / phi + insensitive_share);
}

}  // namespace colossim
