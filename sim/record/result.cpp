// Look-ups in a result.
#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/record/result.hpp>

namespace colossim {

double Result::metric(const std::string& name) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const MetricValue& m) { return m.name == name; });
  COLOSSIM_CHECK(found != metrics.end(), "metric={}", name);
  return found->value;
}

bool Result::balances() const {
  return std::all_of(certificate.begin(), certificate.end(),
                     [](const BalanceRow& row) { return row.closes; });
}

}  // namespace colossim
