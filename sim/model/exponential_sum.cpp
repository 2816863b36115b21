// First zero of a sum of exponentials, by bracketing all its extrema.
#include <algorithm>

#include <colossim/base/math.hpp>
#include <colossim/model/exponential_sum.hpp>

namespace colossim {

namespace {

/// Ascending points in time: at most one zero per extremum, and one more.
struct Points {
  std::array<double, ExponentialSum::max_terms + 2> at{};
  std::size_t size = 0;
  void add(double t) { at[size++] = t; }
};

/// A value with the sign of f(t). Without a constant part, time is counted from the slowest
/// term's decay, so that late signs do not vanish by underflow.
double signed_value(const ExponentialSum& sum, double t) {
  const bool decays_to_zero = sum.constant == 0 && sum.slope == 0 && sum.size > 0;
  const double slowest = decays_to_zero ? sum.terms[0].decay : 0.0;
  double total = sum.constant + sum.slope * t;
  for (std::size_t j = 0; j < sum.size; ++j) {
    total += sum.terms[j].amplitude * math::exp(-(sum.terms[j].decay - slowest) * t);
  }
  return total;
}

/// f + f'/decay with the decay of the fastest term, which drops out.
ExponentialSum without_fastest(const ExponentialSum& sum) {
  const double fastest = sum.terms[sum.size - 1].decay;
  ExponentialSum shorter;
  shorter.constant = sum.constant + sum.slope / fastest;
  shorter.slope = sum.slope;
  for (std::size_t j = 0; j + 1 < sum.size; ++j) {
    const ExponentialTerm& term = sum.terms[j];
    shorter.terms[j] = {term.amplitude * (1.0 - term.decay / fastest), term.decay};
  }
  shorter.size = sum.size - 1;
  return shorter;
}

/// Where the sign changes in (left, right], between which e^(decay·t)·f is monotone; a zero at an
/// end counts as a change there.
std::optional<double> sign_change(const ExponentialSum& sum, double left, double right) {
  const double start = signed_value(sum, left);
  const double end = signed_value(sum, right);
  if (start == 0) return left;
  if (end == 0) return right;
  const bool from_above = start > 0;
  if (from_above == (end > 0)) return std::nullopt;
  constexpr int halvings = 200;
  for (int i = 0; i < halvings; ++i) {
    const double middle = 0.5 * (left + right);
    if (middle <= left || middle >= right) break;
    const double here = signed_value(sum, middle);
    const bool unchanged = from_above ? here > 0 : here < 0;
    (unchanged ? left : right) = middle;
  }
  return right;
}

/// All sign changes in [0, horizon], ascending.
Points sign_changes(const ExponentialSum& sum, double horizon) {
  Points found;
  if (sum.size == 0) {
    const double root = sum.slope == 0 ? -1.0 : -sum.constant / sum.slope;
    if (root >= 0 && root <= horizon) found.add(root);
    return found;
  }
  Points stops = sign_changes(without_fastest(sum), horizon);
  stops.add(horizon);
  double left = 0;
  for (std::size_t i = 0; i < stops.size; ++i) {
    if (const auto root = sign_change(sum, left, stops.at[i])) found.add(*root);
    left = stops.at[i];
  }
  return found;
}

/// Whether each part at its own lowest and highest still leaves the sum on one side of zero.
bool stays_on_one_side(const ExponentialSum& sum, double horizon) {
  double low = sum.constant + std::min(0.0, sum.slope * horizon);
  double high = sum.constant + std::max(0.0, sum.slope * horizon);
  for (std::size_t j = 0; j < sum.size; ++j) {
    low += std::min(0.0, sum.terms[j].amplitude);
    high += std::max(0.0, sum.terms[j].amplitude);
  }
  return low > 0 || high < 0;
}

}  // namespace

double value_at(const ExponentialSum& sum, double t) {
  double total = sum.constant + sum.slope * t;
  for (std::size_t j = 0; j < sum.size; ++j) {
    total += sum.terms[j].amplitude * math::exp(-sum.terms[j].decay * t);
  }
  return total;
}

std::optional<double> first_root(const ExponentialSum& sum, double horizon) {
  if (value_at(sum, 0.0) == 0) return 0.0;
  if (stays_on_one_side(sum, horizon)) return std::nullopt;
  const Points found = sign_changes(sum, horizon);
  return found.size > 0 ? std::optional(found.at[0]) : std::nullopt;
}

}  // namespace colossim
