// For explaining a difference between two runs: how much of it is price, how much volume.
#pragma once

#include <optional>

#include <colossim/base/money.hpp>

namespace colossim {

/// What was paid, and for how much of something where that is known.
struct PricedAmount {
  Money amount;  // of either sign
  std::optional<double>
      quantity;  // finite and ≥ 0, in a unit that both sides of a difference share
};

/// A difference in parts that add up to it exactly.
struct DifferenceParts {
  Money price;     // the same quantity at another price
  Money volume;    // another quantity at the same price
  Money unpriced;  // of amounts that are no price times a quantity

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
DifferenceParts explain_difference(const PricedAmount& before, const PricedAmount& after);

}  // namespace colossim
