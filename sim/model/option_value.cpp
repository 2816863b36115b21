// Least squares Monte Carlo for options on leases.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include <Eigen/Dense>

#include <colossim/base/math.hpp>
#include <colossim/model/cash_flow.hpp>
#include <colossim/model/option_value.hpp>

namespace colossim {

namespace {

constexpr Time month_length = units::year / 12.0;

/// +1 for a holder who gains by a high price, −1 for one who gains by a low one.
double direction(OptionHolder holder) {
  return holder == OptionHolder::owner ? 1.0 : -1.0;
}

Time start_of(int month) {
  return month * month_length;
}

/// Fee of the share for a month of the term, 1 to its end.
Dollars monthly_fee(const LeaseOption& option, int month) {
  const GpuPrice price = option.monthly_prices.empty()
                             ? option.lease_price
                             : option.monthly_prices.at(static_cast<std::size_t>(month - 1));
  return price * (option.share * option.gpus * option.billed_month);
}

std::vector<int> decision_months(const LeaseOption& option) {
  std::vector<int> months;
  for (int m = option.first_decision; m <= option.last_decision; m += option.decide_every) {
    months.push_back(m);
  }
  return months;
}

/// `exercise_value` of one decision month as a function of x = ln(p/trend), in dollars:
///   ± (Σ rent·e^(kept·x) − fees) − cost
class ExerciseLaw {
 public:
  ExerciseLaw(const LeaseOption& option, const PriceOutlook& outlook, int month)
      : direction_(direction(option.holder)) {
    const int effect = month + option.notice_months;
    const PricePoint on_trend{trend_price(outlook.market, start_of(month)), start_of(month)};
    const GpuTime billed = option.share * option.gpus * option.billed_month;
    for (int k = effect + 1; k <= option.term_months; ++k) {
      const double discount = discount_factor(outlook.annual_rate, k);
      const Time ahead = start_of(k - 1 - month);
      const Dollars rent = billed * expected_price(outlook.market, on_trend, ahead);
      rents_.push_back({.at_trend = discount * rent.in(units::usd),
                        .kept = persistence(outlook.market.motion, ahead)});
      fees_ += discount * monthly_fee(option, k).in(units::usd);
    }
    const int paid_last = std::clamp(effect, 1, option.term_months);
    const Dollars cost = option.fee_months * monthly_fee(option, paid_last) + option.switching_cost;
    cost_ = discount_factor(outlook.annual_rate, effect) * cost.in(units::usd);
  }

  double operator()(double x) const {
    double rents = 0;
    for (const Rent& rent : rents_) rents += rent.at_trend * math::exp(rent.kept * x);
    return direction_ * (rents - fees_) - cost_;
  }

 private:
  struct Rent {
    double at_trend;  // discounted expected rent of a month if the price is at its trend now
    double kept;      // of a deviation, when the month's rent is fixed
  };
  double direction_;
  std::vector<Rent> rents_;
  double fees_ = 0;
  double cost_ = 0;
};

/// Deviations of the log price from its trend at the decision months, one path after the other.
class DeviationPaths {
 public:
  DeviationPaths(const LeaseOption& option, const PriceOutlook& outlook, const StreamName& name)
      : start_(math::log(outlook.now / outlook.market.mean)),
        first_(outlook.market.motion, start_of(option.first_decision)),
        next_(outlook.market.motion, start_of(option.decide_every)),
        stream_(name) {}

  void draw(std::span<double> deviations) {
    double x = start_;
    for (std::size_t d = 0; d < deviations.size(); ++d) {
      x = d == 0 ? first_(x, stream_) : next_(x, stream_);
      deviations[d] = x;
    }
  }

 private:
  double start_;
  LogOuStep first_;
  LogOuStep next_;
  Stream stream_;
};

StreamName for_purpose(StreamName name, std::string_view purpose) {
  name.purpose = purpose;
  return name;
}

/// A cubic in one variable, fitted by least squares; a constant when there are few points.
class Cubic {
 public:
  Cubic(std::span<const double> x, std::span<const double> y) {
    constexpr std::size_t few = 64;
    const auto n = static_cast<double>(x.size());
    centre_ = std::accumulate(x.begin(), x.end(), 0.0) / n;
    double squares = 0;
    for (const double each : x) squares += (each - centre_) * (each - centre_);
    const double spread = std::sqrt(squares / n);
    if (x.size() >= few && spread > 0) per_spread_ = 1.0 / spread;
    Eigen::Matrix4d normal = Eigen::Matrix4d::Zero();
    Eigen::Vector4d right = Eigen::Vector4d::Zero();
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Eigen::Vector4d basis = powers(x[i]);
      normal += basis * basis.transpose();
      right += y[i] * basis;
    }
    if (per_spread_ == 0) {
      coefficients_ = {right[0] / n, 0, 0, 0};
    } else {
      coefficients_ = normal.ldlt().solve(right);
    }
  }

  double operator()(double x) const { return coefficients_.dot(powers(x)); }

 private:
  [[nodiscard]] Eigen::Vector4d powers(double x) const {
    const double z = (x - centre_) * per_spread_;
    return {1.0, z, z * z, z * z * z};
  }

  double centre_ = 0;
  double per_spread_ = 0;  // 0: every x is the same to the fit
  Eigen::Vector4d coefficients_ = Eigen::Vector4d::Zero();
};

/// The paths on which ending the lease gains anything, the most tempting price first.
struct InTheMoney {
  std::vector<std::size_t> path;
  std::vector<double> deviation;
  std::vector<double> gain;  // of ending the lease
};

InTheMoney in_the_money(const ExerciseLaw& law, std::span<const double> deviations,
                        double direction_of_gain) {
  std::vector<std::size_t> order(deviations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return direction_of_gain * deviations[a] > direction_of_gain * deviations[b];
  });
  InTheMoney found;
  for (const std::size_t path : order) {
    const double gain = law(deviations[path]);
    if (gain <= 0) break;
    found.path.push_back(path);
    found.deviation.push_back(deviations[path]);
    found.gain.push_back(gain);
  }
  return found;
}

/// How many of the most tempting paths should end the lease: as many as add up to the largest
/// fitted advantage over going on.
std::size_t best_number(const InTheMoney& tempted, std::span<const double> going_on) {
  std::vector<double> advantage;
  for (std::size_t i = 0; i < tempted.path.size(); ++i) {
    advantage.push_back(tempted.gain[i] - going_on[tempted.path[i]]);
  }
  if (advantage.empty()) return 0;
  const Cubic fitted{tempted.deviation, advantage};
  double total = 0;
  double best_total = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < tempted.deviation.size(); ++i) {
    total += fitted(tempted.deviation[i]);
    if (total > best_total) {
      best_total = total;
      best = i + 1;
    }
  }
  return best;
}

/// Sums over paths of a value and of a control whose expectation is known.
class ControlledMean {
 public:
  void add(double value, double control) {
    ++n_;
    value_ += value;
    control_ += control;
    value_value_ += value * value;
    value_control_ += value * control;
    control_control_ += control * control;
  }

  struct Estimate {
    double mean;
    double standard_error;
  };

  [[nodiscard]] Estimate estimate(double expected_control) const {
    const double mean = value_ / n_;
    const double control = control_ / n_;
    const double variance = value_value_ / n_ - mean * mean;
    const double covariance = value_control_ / n_ - mean * control;
    const double control_variance = control_control_ / n_ - control * control;
    const double rounding = 1e-12 * control * control;
    const double slope = control_variance > rounding ? covariance / control_variance : 0.0;
    const double left = std::max(0.0, variance - slope * covariance);
    return {mean - slope * (control - expected_control), std::sqrt(left / n_)};
  }

 private:
  double n_ = 0;
  double value_ = 0;
  double control_ = 0;
  double value_value_ = 0;
  double value_control_ = 0;
  double control_control_ = 0;
};

/// One decision month, ready for valuing a path.
struct Decision {
  int month;
  ExerciseLaw law;
  double tempting_from;  // exercise when direction·x is at least this
  double weight;         // discounted trend: the control is Σ weight·e^x
};

std::vector<Decision> decisions_at(const LeaseOption& option, const PriceOutlook& outlook,
                                   const ExerciseBoundary& boundary) {
  std::vector<Decision> decisions;
  for (const int month : decision_months(option)) {
    const GpuPrice trend = trend_price(outlook.market, start_of(month));
    double from = std::numeric_limits<double>::infinity();
    for (const ExerciseBoundary::Month& each : boundary.months) {
      if (each.month == month && each.price) {
        from = direction(option.holder) * math::log(*each.price / trend);
      }
    }
    const double discount = discount_factor(outlook.annual_rate, month);
    decisions.push_back({.month = month,
                         .law = {option, outlook, month},
                         .tempting_from = from,
                         .weight = discount * (trend / outlook.market.mean)});
  }
  return decisions;
}

/// Index of the first decision at which the path ends the lease.
std::optional<std::size_t> exercised_at(const std::vector<Decision>& decisions,
                                        std::span<const double> deviations,
                                        double direction_of_gain) {
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    if (direction_of_gain * deviations[d] >= decisions[d].tempting_from) return d;
  }
  return std::nullopt;
}

double control_of(const std::vector<Decision>& decisions, std::span<const double> deviations) {
  double sum = 0;
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    sum += decisions[d].weight * math::exp(deviations[d]);
  }
  return sum;
}

double expected_control(const LeaseOption& option, const PriceOutlook& outlook) {
  double sum = 0;
  for (const int month : decision_months(option)) {
    const PricePoint now{.price = outlook.now, .at = {}};
    sum += discount_factor(outlook.annual_rate, month) *
           (expected_price(outlook.market, now, start_of(month)) / outlook.market.mean);
  }
  return sum;
}

/// What the fees of the whole term are worth to the holder.
Dollars worth_of_fees(const LeaseOption& option, double annual_rate) {
  Dollars payments;
  for (int k = 1; k <= option.term_months; ++k)
    payments += discount_factor(annual_rate, k) * monthly_fee(option, k);
  return direction(option.holder) * payments;
}

/// Turns the sampled mean of the gain into the answer.
OptionValue option_value_of(const ControlledMean::Estimate& gain, Dollars npv_without) {
  constexpr double normal_95 = 1.959964;  // two-sided 95 % quantile of the standard normal
  OptionValue result;
  result.value = gain.mean * units::usd;
  result.standard_error = gain.standard_error * units::usd;
  result.low = result.value - normal_95 * result.standard_error;
  result.high = result.value + normal_95 * result.standard_error;
  result.npv_without = npv_without;
  result.npv_with = npv_without + result.value;
  return result;
}

}  // namespace

bool ExerciseBoundary::exercises(int month, GpuPrice price) const {
  for (const Month& each : months) {
    if (each.month != month || !each.price) continue;
    return holder == OptionHolder::owner ? price >= *each.price : price <= *each.price;
  }
  return false;
}

Dollars exercise_value(const LeaseOption& option, const PriceOutlook& outlook, int month,
                       GpuPrice price) {
  const GpuPrice trend = trend_price(outlook.market, start_of(month));
  return ExerciseLaw{option, outlook, month}(math::log(price / trend)) * units::usd;
}

ExerciseBoundary fit_boundary(const LeaseOption& option, const PriceOutlook& outlook,
                              const OptionSampling& sampling) {
  const std::vector<int> months = decision_months(option);
  const auto paths = static_cast<std::size_t>(sampling.fit_paths);
  std::vector<std::vector<double>> deviations(months.size(), std::vector<double>(paths));
  DeviationPaths source{option, outlook, for_purpose(sampling.stream, "option fit")};
  std::vector<double> drawn(months.size());
  for (std::size_t i = 0; i < paths; ++i) {
    source.draw(drawn);
    for (std::size_t d = 0; d < months.size(); ++d) deviations[d][i] = drawn[d];
  }

  ExerciseBoundary boundary{.holder = option.holder, .months = {}};
  std::vector<double> going_on(paths, 0.0);
  for (std::size_t d = months.size(); d-- > 0;) {
    const ExerciseLaw law{option, outlook, months[d]};
    const InTheMoney tempted = in_the_money(law, deviations[d], direction(option.holder));
    const std::size_t ending = best_number(tempted, going_on);
    ExerciseBoundary::Month found{.month = months[d], .price = {}};
    if (ending > 0) {
      found.price = trend_price(outlook.market, start_of(months[d])) *
                    math::exp(tempted.deviation[ending - 1]);
    }
    for (std::size_t i = 0; i < ending; ++i) going_on[tempted.path[i]] = tempted.gain[i];
    boundary.months.push_back(found);
  }
  std::reverse(boundary.months.begin(), boundary.months.end());
  return boundary;
}

OptionValue value_of_boundary(const LeaseOption& option, const PriceOutlook& outlook,
                              const ExerciseBoundary& boundary, const OptionSampling& sampling) {
  const std::vector<Decision> decisions = decisions_at(option, outlook, boundary);
  DeviationPaths source{option, outlook, for_purpose(sampling.stream, "option value")};
  std::vector<double> deviations(decisions.size());
  ControlledMean gains;
  int exercised = 0;
  double months_waited = 0;
  for (int i = 0; i < sampling.value_paths; ++i) {
    source.draw(deviations);
    const auto at = exercised_at(decisions, deviations, direction(option.holder));
    gains.add(at ? decisions[*at].law(deviations[*at]) : 0.0, control_of(decisions, deviations));
    if (!at) continue;
    ++exercised;
    months_waited += decisions[*at].month;
  }
  OptionValue result = option_value_of(gains.estimate(expected_control(option, outlook)),
                                       worth_of_fees(option, outlook.annual_rate));
  result.exercise_probability = static_cast<double>(exercised) / sampling.value_paths;
  if (exercised > 0) result.mean_exercise_month = months_waited / exercised;
  return result;
}

OptionValue option_value(const LeaseOption& option, const PriceOutlook& outlook,
                         const OptionSampling& sampling) {
  const ExerciseBoundary boundary = fit_boundary(option, outlook, sampling);
  return value_of_boundary(option, outlook, boundary, sampling);
}

}  // namespace colossim
