// Price and volume by midpoints.
#include <cmath>

#include <colossim/base/check.hpp>
#include <colossim/model/waterfall.hpp>

namespace colossim {

namespace {

bool has_quantity(const PricedAmount& side) {
  return side.quantity && *side.quantity > 0;
}

bool is_absent(const PricedAmount& side) {
  return side.amount == Money{} && !has_quantity(side);
}

double magnitude(Money amount) {
  return std::abs(static_cast<double>(amount.micro()));
}

/// Both parts from amounts and the ratio of quantities alone, so that no price is formed: a price
/// may be beyond doubles where the parts are not.
DifferenceParts split(const PricedAmount& before, const PricedAmount& after) {
  constexpr double limit = 4.6e18;  // round_to_int takes less than 2^62
  const Money difference = after.amount - before.amount;
  const auto a0 = static_cast<double>(before.amount.micro());
  const auto a1 = static_cast<double>(after.amount.micro());
  const double shrink = *before.quantity / *after.quantity;
  const double growth = *after.quantity / *before.quantity;
  const double price = (a1 * (1 + shrink) - a0 * (1 + growth)) / 2;
  const double volume = (a1 * (1 - shrink) + a0 * (growth - 1)) / 2;
  if (!(std::abs(price) < limit && std::abs(volume) < limit)) return {{}, {}, difference};
  DifferenceParts parts{Money{math::round_to_int(price)}, Money{math::round_to_int(volume)}, {}};
  const Money left = difference - parts.total();
  (magnitude(parts.price) >= magnitude(parts.volume) ? parts.price : parts.volume) += left;
  return parts;
}

}  // namespace

DifferenceParts& DifferenceParts::operator+=(const DifferenceParts& other) {
  price += other.price;
  volume += other.volume;
  unpriced += other.unpriced;
  return *this;
}

DifferenceParts explain_difference(const PricedAmount& before, const PricedAmount& after) {
  for (const PricedAmount* side : {&before, &after}) {
    COLOSSIM_CHECK(!side->quantity || (*side->quantity >= 0 && std::isfinite(*side->quantity)),
                   "quantity={}", *side->quantity);
  }
  if (has_quantity(before) && has_quantity(after)) return split(before, after);
  const Money difference = after.amount - before.amount;
  const bool one_side =
      (is_absent(before) && has_quantity(after)) || (has_quantity(before) && is_absent(after));
  return one_side ? DifferenceParts{{}, difference, {}} : DifferenceParts{{}, {}, difference};
}

}  // namespace colossim
