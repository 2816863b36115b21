// The Herfindahl–Hirschman index.
#include <numeric>
#include <vector>

#include <colossim/model/concentration.hpp>

namespace colossim {

double market_share(std::span<const double> amounts, std::size_t party) {
  const double sum = std::accumulate(amounts.begin(), amounts.end(), 0.0);
  return sum > 0 ? amounts[party] / sum : 0.0;
}

double herfindahl_index(std::span<const double> amounts) {
  const double sum = std::accumulate(amounts.begin(), amounts.end(), 0.0);
  if (sum <= 0) return 0.0;
  double squares = 0;
  for (const double amount : amounts) squares += (amount / sum) * (amount / sum);
  return squares;
}

ConcentrationChange concentration_change(std::span<const double> amounts,
                                         const ShareTransfer& transfer) {
  std::vector<double> after{amounts.begin(), amounts.end()};
  after[transfer.giver] -= transfer.amount;
  after[transfer.taker] += transfer.amount;
  return {.before = herfindahl_index(amounts), .after = herfindahl_index(after)};
}

}  // namespace colossim
