// Residual values month by month.
#include <algorithm>
#include <cmath>

#include <colossim/base/check.hpp>
#include <colossim/model/cash_flow.hpp>
#include <colossim/model/residual_value.hpp>

namespace colossim {

namespace {

constexpr Time month_length = units::year / 12.0;

}  // namespace

std::size_t residual_months(Time life_left) {
  return life_left > Time{} ? static_cast<std::size_t>(std::ceil(life_left / month_length)) : 0;
}

Dollars residual_value(const ResidualOutlook& outlook) {
  const std::size_t months = residual_months(outlook.life_left);
  COLOSSIM_CHECK(outlook.prices.size() >= months, "months={} prices={}", months,
                 outlook.prices.size());
  Dollars worth;
  Time left = outlook.life_left;
  for (std::size_t k = 0; k < months; ++k) {
    const GpuTime hours = outlook.gpus * std::min(left, month_length);
    left -= month_length;
    const double discount = discount_factor(outlook.annual_rate, static_cast<double>(k + 1));
    const GpuPrice margin = outlook.useful * outlook.prices[k] - outlook.running;
    worth += discount * (hours * std::max(margin, GpuPrice{}));
  }
  return worth;
}

}  // namespace colossim
