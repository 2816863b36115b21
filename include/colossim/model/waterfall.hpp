// For explaining a difference between two runs: how much of it is price, how much volume, and which
// rungs of the utilization ladder moved the volume.
#pragma once

#include <array>
#include <optional>

#include <colossim/base/ladder.hpp>
#include <colossim/base/money.hpp>

namespace colossim {

/// What was paid, and for how much of something where that is known.
struct PricedAmount {
  Money amount;  // of either sign
  std::optional<double>
      quantity;  // finite and ≥ 0, in a unit that both sides of a difference share
  std::optional<LadderHours> hours;  // of GPUs, behind the quantity
};

/// What moved a volume: GPU-hours by part of the ladder, and last what one hour yields (tokens, or
/// another mix of GPUs).
using VolumeParts = std::array<Money, ladder_parts + 1>;
inline constexpr std::size_t yield_part = ladder_parts;

/// A difference in parts that add up to it exactly.
struct DifferenceParts {
  Money price;              // the same quantity at another price
  Money volume;             // another quantity at the same price
  Money unpriced;           // of amounts that are no price times a quantity
  VolumeParts volume_by{};  // adds up to `volume`, or all zero where the hours are not known

  [[nodiscard]] Money total() const { return price + volume + unpriced; }
  DifferenceParts& operator+=(const DifferenceParts& other);
};

/// Explains `after` − `before`, where p = amount / quantity on each side.
///   price Δp·(q0 + q1)/2, volume Δq·(p0 + p1)/2                                     [models_8_4]
/// The parts are whole micro-dollars and add up exactly: what rounding leaves goes to the larger
/// one (to the price when they are equal). Exchanging the sides changes all signs and nothing else.
/// A side without amount and quantity has the other side's price, so all of it is volume. A
/// difference is not split when a side has an amount and no quantity, or when a part would leave
/// the range of Money (quantities that are many orders of magnitude apart).
///
/// Where both sides know the GPU-hours h = Σ c_s behind their quantity q = k·h (a side that is
/// absent has the other side's k), the volume is split further:
///   part s: p̄·k̄·Δc_s,  yield: p̄·h̄·Δk,  bars are midpoints                          [models_8_4]
/// and what rounding leaves goes to the largest of them.
DifferenceParts explain_difference(const PricedAmount& before, const PricedAmount& after);

}  // namespace colossim
