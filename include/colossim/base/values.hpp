// Leaf types of the scenario language beyond quantities: references, distributions, signals.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/base/quantity.hpp>
#include <colossim/base/random.hpp>

namespace colossim {

/// The name of another entry: a party, a site, a catalog entry. Which kind is said by the field's
/// rule.
struct Ref {
  std::string name;
  friend auto operator<=>(const Ref&, const Ref&) = default;
};

/// A value of any dimension, for claims and expectations whose metric decides what is legal.
struct AnyQuantity {
  double base = 0;
  Dimension dimension;
};

/// A rule on one metric: `utilization.tenant < 60 % for 30 d`. It holds once the metric has been
/// below (or above) the threshold all of the time for so long.
struct WhenRule {
  std::string metric;
  bool below = true;
  AnyQuantity threshold;
  Duration hold;
};

/// How many GPUs a contract covers: `all` of the owner's at the site, or a number.
struct GpuShare {
  bool all = true;
  GpuCount count;
};

/// A distribution in base units. A process (per job, per stage) keeps it and samples; a parameter
/// draws from it once per replication when the scenario is read.
struct DistributionData {
  enum class Kind : std::uint8_t { constant, uniform, exponential, normal, lognormal, choice };
  Kind kind = Kind::constant;
  double a = 0;  // constant: value · uniform: from · exponential, normal: mean · lognormal: median
  double b = 0;  // uniform: to · normal: standard deviation · lognormal: sigma of the logarithm
  std::optional<double> min;               // normal: lesser draws are raised to this
  std::optional<double> max;               // greater draws are cut to this
  std::vector<double> values;              // choice
  std::vector<double> cumulative_weights;  // choice; the last is 1

  [[nodiscard]] double sample(Stream& stream) const;
  /// A value, not below `min` nor above `max`.
  [[nodiscard]] double bounded(double value) const;
  /// The least and greatest value a sample can take; infinity when unbounded.
  [[nodiscard]] double least() const;
  [[nodiscard]] double greatest() const;
};

/// A distribution of a dimension. `Dimension{}` is a distribution of pure numbers.
template <Dimension D>
struct Distribution {
  DistributionData data;
  [[nodiscard]] auto sample(Stream& stream) const { return quantity_of<D>(data.sample(stream)); }
};

/// A step function of time in base units: a constant, or values on a regular grid.
struct SignalData {
  std::vector<double> values;  // one value is a constant
  Duration every = one_hour;
  bool wraps_year = false;     // the grid starts on 1 January and repeats each year
  bool local = false;          // the grid is in the site's local time, else UTC
  std::optional<Date> begins;  // of the first value when the signal does not wrap

  [[nodiscard]] bool is_constant() const { return values.size() == 1; }
  /// The value at `t`; `calendar` is the site's.
  [[nodiscard]] double at(SimTime t, const Calendar& calendar) const;
  /// False when some instant before `end` has no value.
  [[nodiscard]] bool covers(SimTime end, const Calendar& calendar) const;
};

template <Dimension D>
struct Signal {
  SignalData data;
  [[nodiscard]] auto at(SimTime t, const Calendar& calendar) const {
    return quantity_of<D>(data.at(t, calendar));
  }
};

}  // namespace colossim
