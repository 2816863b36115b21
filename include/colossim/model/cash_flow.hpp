// For decisions: what payments over months are worth today, what they return, and when they pay
// back.
#pragma once

#include <optional>
#include <vector>

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Payments that settle at whole months, seen by the party whose result they are: positive comes
/// in. A month is a twelfth of a year, whatever its days.
struct CashFlow {
  Dollars at_start;            // at t = 0, the decision date
  std::vector<Dollars> month;  // element k settles at the end of month k + 1
};

/// Worth at t = 0 of one dollar at the end of month `month` ≥ 0; `annual_rate` > −1 is effective.
///   DF = (1 + r)^(−k/12)                                                           [models_8_4]
double discount_factor(double annual_rate, double month);

/// Effective rate of one month: (1 + r)^(1/12) − 1.
double monthly_rate(double annual_rate);

/// Net present value [USD]: at_start + Σ flow_k·DF(k).                              [models_8_4]
Dollars net_present_value(const CashFlow& flow, double annual_rate);

/// The effective annual rate at which the flow is worth nothing. Exactly one such rate exists when
/// the flow changes its sign exactly once (zeros do not count); otherwise none is returned, nor for
/// a rate outside −1 + 1e-260 to 1e260.                                             [models_8_4]
std::optional<double> internal_rate_of_return(const CashFlow& flow);

/// Month at whose end what was put in is back: the first month, 0 being the start, at which the
/// running total is not negative after it has been. 0 when it never is negative (nothing was ever
/// at stake), none when it never recovers. A later relapse is not looked at. A total within 1e-12
/// of all money moved so far counts as zero.                                        [models_8_4]
std::optional<int> payback_month(const CashFlow& flow);

/// The same with every payment discounted to t = 0.
std::optional<int> discounted_payback_month(const CashFlow& flow, double annual_rate);

/// A present value that is linear in what a useful GPU-hour is worth to its user:
///   NPV(λ) = at_zero + λ·useful                                                    [models_8_4]
struct ValueLine {
  Dollars at_zero;  // NPV when own work is worth nothing
  GpuTime useful;   // Σ useful GPU-time·DF
};

/// λ* [USD/gpu/h] at which `a` and `b` are worth the same: above it the one with more useful
/// GPU-time is ahead. Negative when that one is ahead at any λ ≥ 0. None when both have the same
/// useful GPU-time. Against an empty line it is where `a` breaks even.
///   λ* = (b.at_zero − a.at_zero) / (a.useful − b.useful)                           [models_8_4]
std::optional<GpuPrice> break_even_value(const ValueLine& a, const ValueLine& b = {});

}  // namespace colossim
