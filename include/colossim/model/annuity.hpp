// For capital cost: spreading a purchase over its life, as an annuity or in the books.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Share of a purchase to pay at the end of each of `years` > 0 years, so that the payments at
/// `annual_rate` > −1 are worth the purchase. 1/n at rate 0.
///   CRF = r·(1 + r)ⁿ / ((1 + r)ⁿ − 1)                                              [models_8_1]
double capital_recovery_factor(double annual_rate, double years);

/// Something bought at age 0 and written off in equal parts.
struct Asset {
  Dollars cost;
  Dollars residual;  // book value from `life` on
  Time life;         // > 0
};

/// Value in the books at `age`: from cost at 0 in a straight line to the residual at `life`.
Dollars book_value(const Asset& asset, Time age);

/// Straight-line depreciation between two ages; nothing before 0 or after `life`.
Dollars depreciation(const Asset& asset, Time from_age, Time to_age);

}  // namespace colossim
