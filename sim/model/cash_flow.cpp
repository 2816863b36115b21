// Present values, internal rates of return and payback.
#include <cmath>
#include <cstddef>

#include <colossim/base/math.hpp>
#include <colossim/model/cash_flow.hpp>

namespace colossim {

namespace {

constexpr double months_per_year = 12.0;

bool differ_in_sign(double a, double b) {
  return (a > 0 && b < 0) || (a < 0 && b > 0);
}

/// The payments from the first to the last that is not zero.
std::vector<double> payments(const CashFlow& flow) {
  std::vector<double> all = {flow.at_start.in(units::usd)};
  for (const Dollars amount : flow.month) all.push_back(amount.in(units::usd));
  while (!all.empty() && all.back() == 0) all.pop_back();
  auto first = all.begin();
  while (first != all.end() && *first == 0) ++first;
  all.erase(all.begin(), first);
  return all;
}

int sign_changes(const std::vector<double>& amounts) {
  int changes = 0;
  double last = 0;
  for (const double amount : amounts) {
    if (differ_in_sign(last, amount)) ++changes;
    if (amount != 0) last = amount;
  }
  return changes;
}

/// Has the sign of Σ amount_k·v^k with v = e^(−force): worth at the first payment, or at the last
/// one when v > 1, so that no power overflows.
double worth_sign(const std::vector<double>& amounts, double force) {
  const double step = math::exp(-std::abs(force));
  double total = 0;
  if (force >= 0) {
    for (std::size_t k = amounts.size(); k-- > 0;) total = total * step + amounts[k];
  } else {
    for (const double amount : amounts) total = total * step + amount;
  }
  return total;
}

/// Halves a bracket of the sign change until no double is between its ends.
double bisect_force(const std::vector<double>& amounts, double low, double high) {
  const double sign_at_low = worth_sign(amounts, low);
  while (true) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) return middle;
    (differ_in_sign(worth_sign(amounts, middle), sign_at_low) ? high : low) = middle;
  }
}

std::optional<int> payback(const CashFlow& flow, double annual_rate) {
  constexpr double rounding = 1e-12;
  double total = flow.at_start.in(units::usd);
  double moved = std::abs(total);
  bool was_negative = total < 0;
  for (std::size_t k = 0; k < flow.month.size(); ++k) {
    const double discount = discount_factor(annual_rate, static_cast<double>(k + 1));
    const double amount = flow.month[k].in(units::usd)*discount;
    total += amount;
    moved += std::abs(amount);
    const bool is_negative = total < -rounding * moved;
    if (was_negative && !is_negative) return static_cast<int>(k + 1);
    was_negative = is_negative;
  }
  return was_negative ? std::nullopt : std::optional(0);
}

}  // namespace

double discount_factor(double annual_rate, double month) {
  return math::pow(1.0 + annual_rate, -month / months_per_year);
}

double monthly_rate(double annual_rate) {
  return math::pow(1.0 + annual_rate, 1.0 / months_per_year) - 1.0;
}

Dollars net_present_value(const CashFlow& flow, double annual_rate) {
  Dollars total = flow.at_start;
  for (std::size_t k = 0; k < flow.month.size(); ++k) {
    total += discount_factor(annual_rate, static_cast<double>(k + 1)) * flow.month[k];
  }
  return total;
}

std::optional<double> internal_rate_of_return(const CashFlow& flow) {
  const std::vector<double> amounts = payments(flow);
  if (sign_changes(amounts) != 1) return std::nullopt;
  // The monthly force of interest: ln(1 + r)/12. By the rule of signs it has one root.
  // [polya_szego1976]
  constexpr double widest = 50.0;
  const double at_low = worth_sign(amounts, -widest);
  if (!differ_in_sign(at_low, worth_sign(amounts, widest))) return std::nullopt;
  const double force = bisect_force(amounts, -widest, widest);
  return math::exp(months_per_year * force) - 1.0;
}

std::optional<int> payback_month(const CashFlow& flow) {
  return payback(flow, 0.0);
}

std::optional<int> discounted_payback_month(const CashFlow& flow, double annual_rate) {
  return payback(flow, annual_rate);
}

std::optional<GpuPrice> break_even_value(const ValueLine& a, const ValueLine& b) {
  const GpuTime more_useful = a.useful - b.useful;
  if (more_useful == GpuTime{}) return std::nullopt;
  return (b.at_zero - a.at_zero) / more_useful;
}

}  // namespace colossim
