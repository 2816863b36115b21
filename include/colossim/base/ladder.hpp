// The losses between the rungs of the utilization ladder: what GPU-time becomes on its way to use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace colossim {

/// What somebody holds, and what each rung takes off the one above it.            [models_8_4]
enum class LadderPart : std::uint8_t {
  held,         // all GPUs under a contract, or of a service's replicas
  dark,         // not yet powered
  in_transfer,  // on the way between tenants
  idle,         // delivered and neither used nor paid
  stalled,      // replicas that load
  wasted,       // serving headroom, lost tokens, slowed clocks
  count
};
inline constexpr std::size_t ladder_parts = static_cast<std::size_t>(LadderPart::count);

inline constexpr std::array<std::string_view, ladder_parts> ladder_part_names{
    "held", "dark", "in transfer", "idle", "stalled", "wasted"};

/// GPU-hours by part: `held` positive, the losses negative, so that they add up to what is
/// left.
struct LadderHours {
  std::array<double, ladder_parts> hours{};

  double& operator[](LadderPart part) { return hours[static_cast<std::size_t>(part)]; }
  double operator[](LadderPart part) const { return hours[static_cast<std::size_t>(part)]; }
  [[nodiscard]] double left() const {
    double sum = 0;
    for (const double each : hours) sum += each;
    return sum;
  }
  LadderHours& operator+=(const LadderHours& other) {
    for (std::size_t i = 0; i < ladder_parts; ++i) hours[i] += other.hours[i];
    return *this;
  }
};

}  // namespace colossim
