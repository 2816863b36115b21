// Power purchases: energy paid for, taken or not.
#include <algorithm>

#include <colossim/contract/power_purchase.hpp>

namespace colossim {

Dollars purchase_cost(const PowerPurchaseSpec& purchase, Energy taken, Time elapsed) {
  const Energy at_least = purchase.take * (purchase.volume * elapsed);
  return purchase.price * std::max(taken, at_least);
}

}  // namespace colossim
