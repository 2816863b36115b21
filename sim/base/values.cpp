// Sampling of distributions and look-up in signals.
#include <algorithm>
#include <limits>

#include <colossim/base/check.hpp>
#include <colossim/base/values.hpp>

namespace colossim {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

double DistributionData::sample(Stream& stream) const {
  double value = a;
  switch (kind) {
    case Kind::constant:
      break;
    case Kind::uniform:
      value = uniform_between(stream, a, b);
      break;
    case Kind::exponential:
      value = exponential(stream, a);
      break;
    case Kind::lognormal:
      value = lognormal(stream, a, b);
      break;
    case Kind::normal:
      value = a + b * standard_normal(stream);
      break;
    case Kind::choice:
      value = values[pick(stream, cumulative_weights)];
      break;
  }
  return bounded(value);
}

double DistributionData::bounded(double value) const {
  if (min) value = std::max(value, *min);
  return max ? std::min(value, *max) : value;
}

double DistributionData::least() const {
  switch (kind) {
    case Kind::constant:
    case Kind::uniform:
      return a;
    case Kind::exponential:
    case Kind::lognormal:
      return 0;
    case Kind::normal:
      return min.value_or(-infinity);
    case Kind::choice:
      break;
  }
  return *std::min_element(values.begin(), values.end());
}

double DistributionData::greatest() const {
  double greatest = infinity;
  if (kind == Kind::constant) greatest = a;
  if (kind == Kind::uniform) greatest = b;
  if (kind == Kind::choice) greatest = *std::max_element(values.begin(), values.end());
  return max ? std::min(greatest, *max) : greatest;
}

double SignalData::at(SimTime t, const Calendar& calendar) const {
  if (is_constant()) return values.front();
  const Calendar zone = local ? calendar : Calendar{calendar.start(), Duration{}};
  std::int64_t index = 0;
  if (wraps_year) {
    const std::int64_t into_hour = zone.time_of_day(t).ns() % one_hour.ns();
    const std::int64_t into_year = zone.hour_of_year(t) * one_hour.ns() + into_hour;
    index = into_year / every.ns() % static_cast<std::int64_t>(values.size());
  } else {
    index = (t - zone.at(begins.value_or(zone.start()))).ns() / every.ns();
  }
  COLOSSIM_CHECK(index >= 0 && index < static_cast<std::int64_t>(values.size()), "index={} size={}",
                 index, values.size());
  return values[static_cast<std::size_t>(index)];
}

bool SignalData::covers(SimTime end, const Calendar& calendar) const {
  if (is_constant() || wraps_year) return true;
  const Calendar zone = local ? calendar : Calendar{calendar.start(), Duration{}};
  const SimTime first = zone.at(begins.value_or(zone.start()));
  const SimTime last = first + static_cast<std::int64_t>(values.size()) * every;
  return first <= SimTime{} && last >= end;
}

}  // namespace colossim
