// Price and volume by midpoints.
#include <algorithm>
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

/// One side's part of the volume law; an absent side has neither quantity nor hours.
struct Yield {
  double price = 0;     // micro-dollars per unit
  double per_hour = 0;  // units per GPU-hour
};

std::optional<Yield> yield_of(const PricedAmount& side) {
  const double left = side.hours ? side.hours->left() : 0;
  if (!has_quantity(side) || !(left > 0)) return std::nullopt;
  return Yield{static_cast<double>(side.amount.micro()) / *side.quantity, *side.quantity / left};
}

void split_volume(const PricedAmount& before, const PricedAmount& after, DifferenceParts& parts) {
  const bool was = !is_absent(before);
  const bool is = !is_absent(after);
  const std::optional<Yield> old_yield = yield_of(was ? before : after);
  const std::optional<Yield> new_yield = yield_of(is ? after : before);
  if (parts.volume == Money{} || !old_yield || !new_yield) return;
  const LadderHours old_hours = was ? *before.hours : LadderHours{};
  const LadderHours new_hours = is ? *after.hours : LadderHours{};
  const double price = (old_yield->price + new_yield->price) / 2;
  const double per_hour = (old_yield->per_hour + new_yield->per_hour) / 2;
  std::array<double, ladder_parts + 1> exact{};
  for (std::size_t i = 0; i < ladder_parts; ++i)
    exact[i] = price * per_hour * (new_hours.hours[i] - old_hours.hours[i]);
  exact[yield_part] = price * (old_hours.left() + new_hours.left()) / 2 *
                      (new_yield->per_hour - old_yield->per_hour);
  constexpr double limit = 4e17;  // all of them together stay within Money
  for (const double each : exact)
    if (!(std::abs(each) < limit)) return;
  VolumeParts by{};
  for (std::size_t i = 0; i < by.size(); ++i) by[i] = Money{math::round_to_int(exact[i])};
  Money left = parts.volume;
  for (const Money each : by) left -= each;
  *std::max_element(by.begin(), by.end(),
                    [](Money a, Money b) { return magnitude(a) < magnitude(b); }) += left;
  parts.volume_by = by;
}

}  // namespace

DifferenceParts& DifferenceParts::operator+=(const DifferenceParts& other) {
  price += other.price;
  volume += other.volume;
  unpriced += other.unpriced;
  for (std::size_t i = 0; i < volume_by.size(); ++i) volume_by[i] += other.volume_by[i];
  return *this;
}

DifferenceParts explain_difference(const PricedAmount& before, const PricedAmount& after) {
  for (const PricedAmount* side : {&before, &after}) {
    COLOSSIM_CHECK(!side->quantity || (*side->quantity >= 0 && std::isfinite(*side->quantity)),
                   "quantity={}", *side->quantity);
  }
  if (has_quantity(before) && has_quantity(after)) {
    DifferenceParts parts = split(before, after);
    split_volume(before, after, parts);
    return parts;
  }
  const Money difference = after.amount - before.amount;
  const bool one_side =
      (is_absent(before) && has_quantity(after)) || (has_quantity(before) && is_absent(after));
  if (!one_side) return {.unpriced = difference};
  DifferenceParts parts{.volume = difference};
  split_volume(before, after, parts);
  return parts;
}

}  // namespace colossim
