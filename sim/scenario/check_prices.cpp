// Contradictions in prices over time: of GPU-hours, equity and energy.
#include <algorithm>

#include <colossim/scenario/unit.hpp>

#include "check_context.hpp"

namespace colossim {

namespace {

template <Dimension D>
void check_price(const CheckContext& check, const std::string& path,
                 const PriceSignalSpec<D>& spec) {
  const Calendar calendar{check.scenario.start, Duration{}};
  if (!spec.price.data.covers(check.scenario.end(), calendar)) {
    check.report(path + ".price", "the signal does not cover the whole run",
                 "add values, `begins:`, or `wrap: year`");
  }
}

template <Dimension D>
void check_price(const CheckContext& check, const std::string& path, const LogOuSpec<D>& spec) {
  if (spec.reversion > Frequency{}) return;
  check.report(path + ".reversion",
               fmt::format("expected more than 0: a price that never returns has no use for {}",
                           check.at(path + ".mean")),
               "say `kind: random_walk`");
}

template <Dimension D>
void check_price(const CheckContext& /*check*/, const std::string& /*path*/,
                 const RandomWalkSpec<D>& /*spec*/) {}

/// Fees are turned into units at this price.
void check_above_zero(const CheckContext& check, const std::string& path,
                      const EquitySpec& equity) {
  const auto* signal = std::get_if<PriceSignalSpec<Dollars::dimension>>(&equity);
  if (signal == nullptr) return;
  const std::vector<double>& values = signal->price.data.values;
  const auto zero = std::find_if(values.begin(), values.end(), [](double p) { return p <= 0; });
  if (zero == values.end()) return;
  check.report(path + ".price",
               fmt::format("expected a price above 0, as fees are paid in units of it; value {} is "
                           "{} USD",
                           zero - values.begin() + 1, *zero));
}

/// Energy may cost less than nothing where the scenario says that it knows.
void check_energy(const CheckContext& check, const std::string& site, const TariffSpec& tariff) {
  const std::string path = "sites." + site + ".tariff.";
  const std::vector<double>& values = tariff.energy.data.values;
  const auto below = std::find_if(values.begin(), values.end(), [](double p) { return p < 0; });
  if (below == values.end() || tariff.negative_prices) return;
  const std::string which = tariff.energy.data.is_constant()
                                ? "at all times"
                                : fmt::format("in value {}", below - values.begin() + 1);
  check.report(path + "energy",
               fmt::format("expected a price of 0 or more, found {} {}",
                           to_text(*below, EnergyPrice::dimension), which),
               fmt::format("say `{}negative_prices: true` when the price does fall below 0", path));
}

}  // namespace

void check_prices(const CheckContext& check) {
  for (const auto& [name, site] : check.scenario.sites) check_energy(check, name, site.tariff);
  for (const auto& [name, market] : check.scenario.markets) {
    std::visit([&, path = "markets." + name](const auto& spec) { check_price(check, path, spec); },
               market);
  }
  for (const auto& [name, equity] : check.scenario.equities) {
    const std::string path = "equities." + name;
    std::visit([&](const auto& spec) { check_price(check, path, spec); }, equity);
    check_above_zero(check, path, equity);
  }
}

}  // namespace colossim
