// Prices over time: of rented GPU-hours and of equity.
#pragma once

#include <variant>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>

namespace colossim {

template <Dimension D>
struct PriceSignalSpec {
  static constexpr std::string_view kind = "signal";
  static constexpr std::string_view doc =
      "A given path: a constant (also drawn from a distribution, once per replication) or values.";
  Signal<D> price;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("price", price, required.within(0, 1e7), "over time");
  }
};

template <Dimension D>
struct LogOuSpec {
  static constexpr std::string_view kind = "log_ou";
  static constexpr std::string_view doc =
      "The logarithm returns to that of the mean: d ln p = reversion (ln mean - ln p) dt + "
      "volatility dW; the mean drifts. [models_8_2]";
  Quantity<D> start;
  Quantity<D> mean;
  Frequency reversion{0.7 / 31536000};
  double volatility = 0.45;
  Frequency drift;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("start", start, required.positive().up_to(1e7), "price on the first day");
    v.field("mean", mean, required.positive().up_to(1e7), "what it returns to, on the first day");
    v.field("reversion", reversion, optional.within(0, 1e-5), "speed of return");
    v.field("volatility", volatility, optional.within(0, 5),
            "of the logarithm, per root of a year");
    v.field("drift", drift, optional.within(-1e-7, 1e-7), "growth of the mean's logarithm");
  }
};

template <Dimension D>
struct RandomWalkSpec {
  static constexpr std::string_view kind = "random_walk";
  static constexpr std::string_view doc =
      "Geometric Brownian motion: the expected price grows at a rate.";
  Quantity<D> start;
  Frequency growth;
  double volatility = 0.4;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("start", start, required.positive().up_to(1e7), "price on the first day");
    v.field("growth", growth, optional.within(-1e-7, 1e-7), "of the expected price");
    v.field("volatility", volatility, optional.within(0, 5),
            "of the logarithm, per root of a year");
  }
};

template <Dimension D>
using PriceSpec = std::variant<PriceSignalSpec<D>, LogOuSpec<D>, RandomWalkSpec<D>>;

/// What a GPU rents for elsewhere.
using MarketSpec = PriceSpec<GpuPrice::dimension>;
/// What a unit of a party's equity costs.
using EquitySpec = PriceSpec<Dollars::dimension>;

}  // namespace colossim
