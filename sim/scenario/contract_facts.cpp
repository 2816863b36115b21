// Windows, shares and upper bounds of contracts.
#include "contract_facts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <colossim/base/math.hpp>
#include <colossim/scenario/fleet.hpp>

namespace colossim {

namespace {

constexpr Date end_of_days = std::chrono::year{3000} / 1 / 1;
constexpr Period most_months{12'000};

Time days_from(Date from, Date to) {
  return static_cast<double>(days_between(from, to)) * units::day;
}

/// A renewal that is never used prolongs nothing.
const RenewalSpec* usable_renewal(const OptionSpec& option) {
  const auto* renewal = std::get_if<RenewalSpec>(&option);
  const bool is_used = renewal != nullptr && !std::holds_alternative<NeverSpec>(renewal->exercise);
  return is_used ? renewal : nullptr;
}

Period longest_period(const ContractTerms& terms, const OptionSpec* without = nullptr) {
  Period period = terms.term;
  for (const auto& [name, option] : terms.options) {
    const RenewalSpec* renewal = usable_renewal(option);
    if (renewal != nullptr && &option != without) period.months += renewal->term.months;
  }
  return std::min(period, most_months);
}

/// What renewals may multiply the price by.
double renewal_factor(const ContractTerms& terms) {
  double factor = 1;
  for (const auto& [name, option] : terms.options) {
    if (const RenewalSpec* renewal = usable_renewal(option))
      factor *= std::max(1.0, renewal->price_factor);
  }
  return factor;
}

template <Dimension D>
double expected(const PriceSignalSpec<D>& spec, Time /*span*/) {
  return *std::max_element(spec.price.data.values.begin(), spec.price.data.values.end());
}
template <Dimension D>
double expected(const LogOuSpec<D>& spec, Time span) {
  const double mean = spec.mean.base() * math::exp(std::max(0.0, spec.drift * span));
  const double years = spec.reversion > Frequency{}
                           ? std::min(span, 0.5 / spec.reversion).in(units::year)
                           : span.in(units::year);
  return std::max(spec.start.base(), mean) *
         math::exp(spec.volatility * spec.volatility * years / 2);
}
template <Dimension D>
double expected(const RandomWalkSpec<D>& spec, Time span) {
  return spec.start.base() * math::exp(std::max(0.0, spec.growth * span));
}

template <Dimension D>
double least(const PriceSignalSpec<D>& spec) {
  return *std::min_element(spec.price.data.values.begin(), spec.price.data.values.end());
}
template <Dimension D>
double least(const LogOuSpec<D>& spec) {
  return std::min(spec.start, spec.mean).base();
}
template <Dimension D>
double least(const RandomWalkSpec<D>& spec) {
  return spec.start.base();
}

/// How much a unit may be worth more when it is sold than when it is issued.
double unit_gain(const EquitySpec& equity, Time span) {
  const double low = std::visit([](const auto& spec) { return least(spec); }, equity);
  return low > 0 ? greatest_expected(equity, span) / low : 1;
}

/// The bound for each kind of contract.
struct FeeBound {
  const Scenario& scenario;
  Time span;

  [[nodiscard]] GpuCount gpus(const CapacityTerms& terms) const {
    return greatest_share(scenario, terms);
  }
  Dollars operator()(const LeaseSpec& lease) const {
    const double years = std::floor(span.in(units::year));
    const double growth = math::pow(std::max(1.0, 1 + lease.indexation * units::year), years);
    const GpuCount most = gpus(lease) + lease.flexible;
    MoneyRate rate;
    if (lease.price) rate = *lease.price * most;
    if (lease.fee) rate = *lease.fee;
    if (lease.market)
      rate = GpuPrice{greatest_expected(scenario.markets.at(lease.market->name), span)} * most;
    return growth * renewal_factor(lease) * (rate * span);
  }
  Dollars operator()(const AssetSaleSpec& sale) const {
    const Dollars paid = sale.unit_price ? *sale.unit_price * gpus(sale) : Dollars{};
    return paid + sale.price.value_or(Dollars{}) + sale.operating_fee * span;
  }
  Dollars operator()(const RevenueShareSpec& share) const {
    return renewal_factor(share) * (share.floor * span);
  }
  Dollars operator()(const EquitySwapSpec& swap) const {
    const double gain = unit_gain(scenario.equities.at(swap.equity.name), span);
    return gain / (1 - swap.discount) * renewal_factor(swap) * (swap.price * gpus(swap) * span);
  }
  Dollars operator()(const PowerPurchaseSpec& purchase) const {
    return purchase.price * (purchase.volume * span);
  }
  Dollars operator()(const FinancingSpec& loan) const {
    return (1 + loan.rate * span) * loan.amount;
  }
  Dollars operator()(const LicenseSpec& license) const {
    return license.upfront + license.fee * span;
  }
};

struct KeysOf {
  SideKeys operator()(const CapacityTerms& /*terms*/) const { return {"owner", "tenant"}; }
  SideKeys operator()(const AssetSaleSpec& /*sale*/) const { return {"seller", "buyer"}; }
  SideKeys operator()(const PowerPurchaseSpec& /*purchase*/) const { return {"supplier", "buyer"}; }
  SideKeys operator()(const FinancingSpec& /*loan*/) const { return {"lender", "borrower"}; }
  SideKeys operator()(const LicenseSpec& /*license*/) const { return {"licensor", "licensee"}; }
};

}  // namespace

SideKeys side_keys(const ContractSpec& contract) {
  return std::visit(KeysOf{}, contract);
}

Date first_day(const Scenario& scenario, const ContractTerms& terms) {
  return terms.start.value_or(scenario.start);
}

Date later(Date date, Time span) {
  const double days = std::floor(span.in(units::day));
  if (days > static_cast<double>(days_between(date, end_of_days))) return end_of_days;
  return Date{std::chrono::sys_days{date} + std::chrono::days{static_cast<int>(days)}};
}

Time term_length(const Scenario& scenario, const ContractTerms& terms) {
  const Date first = first_day(scenario, terms);
  return days_from(first, first + terms.term);
}

Time longest_term(const Scenario& scenario, const ContractTerms& terms, const OptionSpec* without) {
  const Date first = first_day(scenario, terms);
  return days_from(first, first + longest_period(terms, without));
}

Date latest_end(const ContractSpec& contract, Date begin) {
  if (std::holds_alternative<AssetSaleSpec>(contract)) return end_of_days;
  return std::min(end_of_days, begin + longest_period(terms_of(contract)));
}

Window window_of(const Scenario& scenario, const ContractSpec& contract) {
  const ContractTerms& terms = terms_of(contract);
  const Time delay = terms.closing ? terms.closing->delay : Time{};
  const Date begin = later(first_day(scenario, terms), delay);
  const double days = delay.in(units::day);
  const bool ends_at_midnight = days == std::floor(days);
  const Date last = latest_end(contract, begin);
  return {begin, ends_at_midnight ? last : later(last, units::day)};
}

std::string to_days(Time span) {
  return fmt::format("{:.6g} d", span.in(units::day));
}

std::string to_months(Period period) {
  return fmt::format("{} month{}", period.months, period.months == 1 ? "" : "s");
}

std::string to_list(const std::vector<std::string>& items) {
  constexpr std::size_t shown = 5;
  const std::size_t count = std::min(shown, items.size());
  const auto end = items.begin() + static_cast<std::ptrdiff_t>(count);
  const std::string rest =
      items.size() > shown ? fmt::format(" and {} more", items.size() - shown) : "";
  return fmt::format("{}{}", fmt::join(items.begin(), end, ", "), rest);
}

std::vector<Succession> successions(const Scenario& scenario) {
  std::vector<Succession> all;
  for (const auto& [name, contract] : scenario.contracts) {
    const Deal deal{name, contract};
    for (const auto& [option_name, option] : deal.terms().options) {
      const Ref* then = successor_of(option);
      if (then == nullptr) continue;
      const auto* reclaim = std::get_if<ReclaimSpec>(&option);
      const OptionTerms& terms = terms_of(option);
      all.push_back({name,
                     then->name,
                     deal.path(fmt::format("options.{}.then", option_name)),
                     reclaim != nullptr ? 1 - reclaim->share : 0,
                     terms.after + terms.notice,
                     {}});
    }
    const auto& clause = deal.terms().default_clause;
    if (clause && clause->then) {
      all.push_back({name, clause->then->name, deal.path("default.then"), 0,
                     28.0 * clause->vacancy.months * units::day, clause->vacancy});
    }
  }
  return all;
}

std::vector<std::vector<std::size_t>> circles(const std::vector<Arrow>& arrows) {
  std::map<std::string, std::vector<std::size_t>> leaving;
  for (std::size_t i = 0; i < arrows.size(); ++i) leaving[arrows[i].from].push_back(i);
  std::vector<std::vector<std::size_t>> found;
  std::vector<bool> used(arrows.size());
  for (std::size_t first = 0; first < arrows.size(); ++first) {
    if (used[first]) continue;
    std::map<std::string, std::size_t> reached_by;  // the arrow that led there
    std::vector<std::string> open{arrows[first].to};
    for (std::size_t next = 0; next < open.size(); ++next) {  // nearest first
      for (const std::size_t arrow : leaving[open[next]]) {
        const std::string& to = arrows[arrow].to;
        if (used[arrow] || to == arrows[first].to) continue;
        if (reached_by.emplace(to, arrow).second) open.push_back(to);
      }
    }
    const std::string& home = arrows[first].from;
    if (home != arrows[first].to && reached_by.count(home) == 0) continue;
    std::vector<std::size_t> circle;
    for (std::string at = home; at != arrows[first].to; at = arrows[circle.back()].from)
      circle.push_back(reached_by.at(at));
    circle.push_back(first);
    std::reverse(circle.begin(), circle.end());
    for (const std::size_t arrow : circle) used[arrow] = true;
    found.push_back(std::move(circle));
  }
  return found;
}

GpuCount greatest_share(const Scenario& scenario, const CapacityTerms& terms) {
  if (!terms.gpus.all) return terms.gpus.count;
  return GpuCount{static_cast<double>(gpu_count(scenario, scenario.sites.at(terms.site.name)))};
}

Dollars greatest_fee(const Scenario& scenario, const ContractSpec& contract, Time span) {
  return std::visit(FeeBound{scenario, span}, contract);
}

double greatest_expected(const MarketSpec& market, Time span) {
  return std::visit([&](const auto& spec) { return expected(spec, span); }, market);
}

double greatest_expected(const EquitySpec& equity, Time span) {
  return std::visit([&](const auto& spec) { return expected(spec, span); }, equity);
}

}  // namespace colossim
