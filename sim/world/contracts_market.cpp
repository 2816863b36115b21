// Prices over time.
#include <cmath>

#include <colossim/base/math.hpp>
#include <colossim/model/rental_market.hpp>
#include <colossim/world/contracts.hpp>

namespace colossim {

namespace {

struct PriceStep {
  PricePath& path;
  SimTime now;
  const Calendar& calendar;

  template <Dimension D>
  void operator()(const PriceSignalSpec<D>& spec) const {
    path.price = spec.price.data.at(now, calendar);
  }
  template <Dimension D>
  void operator()(const LogOuSpec<D>& spec) const {
    const LogOu motion{
        .reversion = spec.reversion, .volatility = spec.volatility, .drift = spec.drift};
    const double trend = spec.mean.base() * math::exp((spec.drift * (now - SimTime{}).quantity()));
    path.deviation = now == SimTime{} ? math::log(spec.start.base() / spec.mean.base())
                                      : LogOuStep{motion, units::day}(path.deviation, path.stream);
    path.price = trend * math::exp(path.deviation);
  }
  template <Dimension D>
  void operator()(const RandomWalkSpec<D>& spec) const {
    const double years = units::day / units::year;
    if (now != SimTime{})
      path.deviation +=
          (spec.growth * units::year - spec.volatility * spec.volatility / 2) * years +
          spec.volatility * std::sqrt(years) * standard_normal(path.stream);
    path.price = spec.start.base() * math::exp(path.deviation);
  }
};

}  // namespace

void step_prices(ContractTables& tables, SimTime now, const Calendar& calendar) {
  for (auto* paths : {&tables.markets, &tables.equities}) {
    for (PricePath& path : *paths) {
      path.yesterday = path.price;
      std::visit(
          [&](const auto& kind) {
            std::visit(PriceStep{path, now, calendar}, kind);
          },
          path.spec);
    }
  }
  for (Contract& contract : tables.contracts) {
    if (contract.months_opened > 0 && contract.month.began == now) set_market(contract, tables);
  }
}

}  // namespace colossim
