// For market power: how concentrated compute is in the hands of few parties.
#pragma once

#include <cstddef>
#include <span>

namespace colossim {

/// Points of the Herfindahl–Hirschman index when shares are in percent, as competition authorities
/// write it: 10,000 is a monopoly.                                                [rhoades1993]
inline constexpr double index_points = 10'000.0;

/// Share of `amounts[party]` in the sum of all amounts (≥ 0, in any one unit), in [0, 1]; 0 when
/// the sum is 0.
double market_share(std::span<const double> amounts, std::size_t party);

/// Herfindahl–Hirschman index Σ s², from 1/n for n equal parties to 1 for a monopoly; times
/// `index_points` on the scale of 10,000. 0 when the sum of the amounts is 0.     [rhoades1993]
double herfindahl_index(std::span<const double> amounts);

/// `amount` of the giver's goes to the taker, both by their place in the list.
struct ShareTransfer {
  std::size_t giver = 0;
  std::size_t taker = 0;
  double amount = 0;  // 0 to what the giver has
};

/// Concentration before and after a transfer, in [0, 1].
struct ConcentrationChange {
  double before = 0;
  double after = 0;
};

/// What a transfer does to the index. With d = amount / sum it is
///   after − before = 2·d·(s_taker − s_giver + d)                                 [rhoades1993]
ConcentrationChange concentration_change(std::span<const double> amounts,
                                         const ShareTransfer& transfer);

}  // namespace colossim
