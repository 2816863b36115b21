// For the right to end a lease early: what it is worth, and at which market price to use it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <colossim/base/random.hpp>
#include <colossim/model/rental_market.hpp>

namespace colossim {

/// Who may end the lease.
enum class OptionHolder : std::uint8_t {
  owner,   // reclaims the GPUs and lets them at the market: wants a high price
  tenant,  // leaves and rents at the market: wants a low price
};

/// The right to leave a lease at one of several months, once and for good. Months are numbered from
/// the start of the lease, month 0; one is a twelfth of a year. A decision at month m (on the price
/// of that moment) takes effect at m + notice. From then to the end of the term each month's fee is
/// replaced by the market price of the month's start, paid, as the fee, at the month's end.
struct LeaseOption {
  OptionHolder holder = OptionHolder::owner;
  GpuCount gpus;                            // under the lease
  double share = 1;                         // of them that may be ended, in [0, 1]
  GpuPrice lease_price;                     // paid in full to the end of the term
  std::vector<GpuPrice> monthly_prices;     // instead, by month of the term; empty: the same always
  Time billed_month = 730.0 * units::hour;  // hours in a month's fee
  int term_months = 36;                     // > 0
  int first_decision = 3;                   // month ≥ 0: the end of the lock-in
  int last_decision = 32;                   // month ≥ first_decision
  int decide_every = 1;                     // months > 0
  int notice_months = 3;                    // ≥ 0
  double fee_months = 0.5;  // what the holder pays at effect, in fees of the share then
  Dollars switching_cost;   // of the whole share: drain, wipe, tests, lost ramp; also at effect
};

/// What the holder expects of the market, in the real-world measure.
struct PriceOutlook {
  GpuPrice now;               // price at month 0, > 0
  RentalMarket market;        // its time 0 is month 0
  double annual_rate = 0.12;  // effective, > −1
};

/// Random price paths. Fitting and valuing use separate ones, so the value has no hindsight.
struct OptionSampling {
  int fit_paths = 20'000;
  int value_paths = 50'000;
  StreamName stream = {};  // the purpose is set here
};

/// When to use the option: by decision month, the market price from which ending the lease is worth
/// more than waiting.
struct ExerciseBoundary {
  struct Month {
    int month = 0;
    std::optional<GpuPrice> price;  // none: not at any price seen
  };
  OptionHolder holder = OptionHolder::owner;
  std::vector<Month> months;  // ascending

  /// Whether to give notice in `month` at `price`: at or above the boundary for an owner, at or
  /// below it for a tenant. Never in a month without decision.
  [[nodiscard]] bool exercises(int month, GpuPrice price) const;
};

/// The option at month 0, for the share of the GPUs that may be ended.
struct OptionValue {
  Dollars value;           // npv_with − npv_without
  Dollars standard_error;  // of value
  Dollars low;             // 95 % interval of value
  Dollars high;
  double exercise_probability = 0;
  std::optional<double> mean_exercise_month;  // of the decision, if it is ever exercised
  Dollars npv_without;  // the lease kept to its end: + for an owner, − for a tenant
  Dollars npv_with;
};

/// Gain of the holder [USD at month 0] from ending the lease by a decision in `month` when the
/// price is `price` then, with all later prices at their expectations.             [models_8_3]
///   ± Σ_{k > m + notice} DF(k)·hours·gpus·share·(E[p_{k−1} | p] − lease) − DF(m + notice)·cost
Dollars exercise_value(const LeaseOption& option, const PriceOutlook& outlook, int month,
                       GpuPrice price);

/// The boundary by least squares Monte Carlo: backwards from the last decision, the gain of ending
/// now over going on is fitted, over the paths on which ending gains anything, by a cubic in the
/// logarithm of the price; the boundary is where the fitted gains beyond it add up to the most.
/// Only the present price enters a decision.                        [longstaff2001] [models_8_4]
ExerciseBoundary fit_boundary(const LeaseOption& option, const PriceOutlook& outlook,
                              const OptionSampling& sampling);

/// Worth of following `boundary` on fresh paths: whatever the boundary is, not more than the worth
/// of the best one, but for the sampling error. The discounted sum of the prices at the decision
/// months, whose expectation is known, serves as a control variate.                [models_8_4]
OptionValue value_of_boundary(const LeaseOption& option, const PriceOutlook& outlook,
                              const ExerciseBoundary& boundary, const OptionSampling& sampling);

/// Worth of the option when it is used optimally: fits a boundary and values it. With the default
/// paths within about 0.6 % (95 %) for the case of [models_10] V33.
OptionValue option_value(const LeaseOption& option, const PriceOutlook& outlook,
                         const OptionSampling& sampling);

}  // namespace colossim
