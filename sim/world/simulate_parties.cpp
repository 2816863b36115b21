// What each party earned, spent and got for it.
#include <algorithm>
#include <cmath>

#include <colossim/base/math.hpp>
#include <colossim/model/cash_flow.hpp>
#include <colossim/model/concentration.hpp>
#include <colossim/model/rental_market.hpp>
#include <colossim/model/residual_value.hpp>
#include <colossim/record/cash_by_month.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

/// Incomes and expenses of a party.
struct Totals {
  Money revenue;
  Money cost;
  Money cash_cost;  // without what is no running payment: depreciation, interest, tax, losses
};

bool is_running_cost(Account account) {
  return account != Account::depreciation && account != Account::interest_cost &&
         account != Account::tax_cost && account != Account::default_loss;
}

Totals totals_of(const Ledger& ledger, PartyId party) {
  Totals totals;
  for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
    const auto account = static_cast<Account>(a);
    const Money balance = ledger.balance(party, account);
    if (account_class(account) == AccountClass::income) totals.revenue -= balance;
    if (account_class(account) == AccountClass::expense) {
      totals.cost += balance;
      if (is_running_cost(account)) totals.cash_cost += balance;
    }
  }
  totals.cash_cost += ledger.balance(party, Account::credit_income);  // credits lower what was paid
  return totals;
}

/// What the capital a party owns costs it over the run, as an annuity [USD].
double capital_cost(const World& world, PartyId party, double rate) {
  double usd = 0;
  for (const SiteBooks& site : world.books.sites) {
    for (const Holding& each : site.holdings) {
      if (each.owner != party || each.from >= world.end) continue;
      const double years = (std::min(each.to, world.end) - each.from).quantity() / units::year;
      const double life = each.asset.life / units::year;
      usd += capital_recovery_factor(rate, life) * each.asset.cost.base() * years;
    }
  }
  return usd;
}

double served_tokens(const World& world, PartyId party) {
  double tokens = 0;
  for (const Service& service : world.services.services)
    if (service.tenant == party) tokens += service.served_tokens;
  return tokens;
}

CashFlow flow_of(const World& world, PartyId party) {
  const ElapsedMonths months{world.books.calendar, world.end};
  const CashByMonth cash = cash_by_month(world.books.ledger, party, months);
  CashFlow flow{cash.at_start.quantity(), {}};
  for (const Money month : cash.month) flow.month.push_back(month.quantity());
  return flow;
}

/// Useful GPU-time of own jobs by month of the run [GPU·s], discounted and in all.
struct UsefulWork {
  double total = 0;
  double discounted = 0;
};

UsefulWork useful_of(const World& world, PartyId party, double rate) {
  UsefulWork work;
  double before = 0;
  for (std::size_t m = 0; m < world.useful_work.size(); ++m) {
    const double month = world.useful_work[m][party.row()] - before;
    before = world.useful_work[m][party.row()];
    work.total += month;
    work.discounted += month * discount_factor(rate, static_cast<double>(m + 1));
  }
  return work;
}

/// Expected prices at the starts of months after the run, base units.
struct Expectation {
  const PricePath& path;
  SimTime end;
  const Calendar& calendar;
  Time ahead;

  template <Dimension D>
  double operator()(const PriceSignalSpec<D>& spec) const {
    return spec.price.data.at(end, calendar);
  }
  template <Dimension D>
  double operator()(const LogOuSpec<D>& spec) const {
    const RentalMarket market{
        .mean = GpuPrice{spec.mean.base()},
        .motion = {
            .reversion = spec.reversion, .volatility = spec.volatility, .drift = spec.drift}};
    return expected_price(market, {GpuPrice{path.price}, (end - SimTime{}).quantity()}, ahead)
        .base();
  }
  template <Dimension D>
  double operator()(const RandomWalkSpec<D>& spec) const {
    return path.price * math::exp(spec.growth * ahead);
  }
};

/// What an installed GPU-hour of a site cost in the run: staff, maintenance and electricity.
GpuPrice running_price(const World& world, SiteId id, double electricity) {
  const SiteBooks& site = world.books.sites[id];
  Int128 powered = 0;
  for (const Agreement& agreement : world.fleet.agreements) {
    if (agreement.site == id)
      powered += agreement.meter.total_time() - agreement.meter.time(GpuState::dark);
  }
  const double gpu_seconds = to_double(powered) * 1e-9;
  const double per_gpu = site.running.base() / static_cast<double>(site.gpus);
  return GpuPrice{per_gpu + (gpu_seconds > 0 ? electricity / gpu_seconds : 0)};
}

/// Worth at the run's end of what a party's nodes earn after it [USD].
double residual_of(const World& world, const Scenario& scenario,
                   const std::map<std::string, double>& values, PartyId party, double rate) {
  Dollars worth;
  std::size_t row = 0;
  for (const auto& [name, spec] : scenario.sites) {
    const SiteId id{row++};
    if (!spec.assets.residual) continue;
    const ResidualSpec& residual = *spec.assets.residual;
    const auto& markets = world.contracts.markets;
    const auto path = std::find_if(markets.begin(), markets.end(), [&](const PricePath& each) {
      return each.name == residual.market.name;
    });
    for (const Holding& each : world.books.sites[id].holdings) {
      if (each.kind != AssetKind::nodes || each.owner != party || each.to != SimTime::never())
        continue;
      ResidualOutlook outlook{
          .gpus = GpuCount{static_cast<double>(each.gpus)},
          .life_left = (each.worn_out - world.end).quantity(),
          .useful = residual.useful,
          .running = running_price(world, id, values.at("site." + name + ".electricity.cost")),
          .prices = {},
          .annual_rate = rate};
      for (std::size_t k = 0; k < residual_months(outlook.life_left); ++k) {
        const Expectation expectation{*path, world.end, world.books.calendar,
                                      static_cast<double>(k) * (units::year / 12.0)};
        outlook.prices.emplace_back(std::visit(
            [&](const auto& kind) { return std::visit(expectation, kind); }, path->spec));
      }
      worth += residual_value(outlook);
    }
  }
  return worth.base();
}

/// What a party has in claims and units at the end, less what it owes [USD].
double claims_of(const World& world, PartyId party) {
  Money claims;
  for (const Account account : {Account::debt, Account::prepaid, Account::deferred})
    claims += world.books.ledger.balance(party, account);
  double usd = claims.quantity().base();
  for (const Contract& contract : world.contracts.contracts) {
    const auto* swap = std::get_if<EquitySwapSpec>(&contract.spec);
    if (swap == nullptr) continue;
    // Units that were issued below their price cost their issuer more than what they paid for.
    if (contract.holder == party)
      usd -= contract.units.cost.quantity().base() * swap->discount / (1 - swap->discount);
    if (contract.grantor != party) continue;
    for (const PricePath& path : world.contracts.equities) {
      if (path.name == swap->equity.name)
        usd +=
            (contract.units.units - contract.units.sold) * path.price * (1 - swap->sale_discount);
    }
  }
  return usd;
}

/// Both, at the run's start.
double left_at_end(const World& world, const Scenario& scenario,
                   const std::map<std::string, double>& values, PartyId party, double rate) {
  const double months = (world.end - SimTime{}).quantity() / (units::year / 12.0);
  return discount_factor(rate, months) *
         (residual_of(world, scenario, values, party, rate) + claims_of(world, party));
}

/// Index points of the GPUs by tenant.
double concentration(const std::vector<double>& gpus) {
  double all = 0;
  for (const double each : gpus) all += each;
  return all > 0 ? index_points * herfindahl_index(gpus) : 0;
}

}  // namespace

void collect_parties(const World& world, const Scenario& scenario,
                     std::map<std::string, double>& values) {
  std::size_t row = 0;
  for (const auto& [name, party] : scenario.parties) {
    const PartyId id{row++};
    const Totals totals = totals_of(world.books.ledger, id);
    const std::string prefix = "party." + name + ".";
    const double cash_cost = totals.cash_cost.quantity().base();
    const auto per = [](double usd, double amount) { return amount > 0 ? usd / amount : 0; };
    const std::string ladder = "ladder." + name + ".";
    const auto rung = [&](const char* which) { return values.at(ladder + which); };
    const UsefulWork useful = useful_of(world, id, party.discount);
    const double residual = left_at_end(world, scenario, values, id, party.discount);
    const double npv = net_present_value(flow_of(world, id), party.discount).base() + residual;
    const double profit = (totals.revenue - totals.cost).quantity().base();
    values[prefix + "revenue"] = totals.revenue.quantity().base();
    values[prefix + "cost"] = totals.cost.quantity().base();
    values[prefix + "profit"] = profit;
    values[prefix + "cash"] =
        (world.books.ledger.balance(id, Account::cash) - world.books.opening_cash[id.row()])
            .quantity()
            .base();
    values[prefix + "residual_value"] = residual;
    values[prefix + "npv"] = npv;
    values[prefix + "own_work_hours"] = useful.total;
    values[prefix + "own_work_hours_discounted"] = useful.discounted;
    values[prefix + "own_work"] = party.internal_value.base() * useful.total;
    values[prefix + "value"] = profit + party.internal_value.base() * useful.total;
    values[prefix + "npv_with_own_work"] = npv + party.internal_value.base() * useful.discounted;
    values[prefix + "cost_per_contracted_gpu_hour"] = per(cash_cost, rung("contracted"));
    values[prefix + "cost_per_allocated_gpu_hour"] = per(cash_cost, rung("allocated"));
    values[prefix + "cost_per_useful_gpu_hour"] = per(cash_cost, rung("useful"));
    values[prefix + "full_cost_per_useful_gpu_hour"] =
        per(cash_cost + capital_cost(world, id, party.discount), rung("useful"));
    values[prefix + "cost_per_mtoken"] = per(cash_cost, served_tokens(world, id));
    values[prefix + "gpu_share"] = per(rung("installed"), values.at("ladder.total.installed"));
  }
  std::vector<double> before(scenario.parties.size());
  std::vector<double> after(scenario.parties.size());
  for (const Agreement& agreement : world.fleet.agreements)
    after[agreement.tenant.row()] += static_cast<double>(agreement.meter.total());
  for (const SiteBooks& site : world.books.sites)
    before[site.owner.row()] += static_cast<double>(site.gpus);
  values["concentration.before"] = concentration(before);
  values["concentration.after"] = concentration(after);
}

std::vector<double> own_work(const World& world, std::size_t parties, SimTime at) {
  std::vector<double> useful(parties);
  for (std::size_t row = 0; row < world.jobs.streams.size(); ++row) {
    const JobStream& stream = world.jobs.streams[JobStreamId{row}];
    useful[world.jobs.queues[stream.queue].tenant.row()] +=
        to_double(stream.useful + unfinished_progress(world, JobStreamId{row}, at)) * 1e-9;
  }
  return useful;
}

}  // namespace colossim
