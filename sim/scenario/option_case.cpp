// From contract terms to the valuation law.
#include <algorithm>
#include <cmath>

#include <colossim/scenario/fleet.hpp>
#include <colossim/scenario/option_case.hpp>
#include <colossim/scenario/transfer.hpp>

namespace colossim {

namespace {

int months_in(Time time) {
  return static_cast<int>(std::ceil(time / (730.0 * units::hour) - 1e-9));
}

double promised_gpus(const Scenario& scenario, const CapacityTerms& terms) {
  if (!terms.gpus.all) return terms.gpus.count.base();
  return static_cast<double>(gpu_count(scenario, scenario.sites.at(terms.site.name)));
}

/// Nodes that hold this part of a site's GPUs.
double node_count(const Scenario& scenario, const std::string& site, double share) {
  double nodes = 0;
  for (const auto& [hall_name, hall] : scenario.sites.at(site).halls) {
    for (const auto& [name, group] : hall.racks)
      nodes += static_cast<double>(group.count) * static_cast<double>(group.nodes);
  }
  return share * nodes;
}

/// One pass through the stages, at its mean.
struct Passage {
  Time time;
  Dollars cost_per_node;

  Passage& operator+=(const Passage& other) {
    time += other.time;
    cost_per_node += other.cost_per_node;
    return *this;
  }
};

Passage passage(const Scenario& scenario, const std::optional<Ref>& kind) {
  if (!kind) return {};
  const TransferSpec& transfer = scenario.catalog.transfers.at(kind->name);
  constexpr int draws = 1000;
  Stream stream{StreamName{.path = "transfers." + kind->name, .purpose = "mean"}};
  Passage sum{transfer.drain.requests, {}};
  for (auto stage = Stage::export_data; stage < Stage::done;
       stage = static_cast<Stage>(static_cast<std::size_t>(stage) + 1)) {
    const StageSpec& spec = stage_of(transfer, stage);
    Time total;
    for (int i = 0; i < draws; ++i) total += spec.duration.sample(stream);
    sum.time += total / draws;
    sum.cost_per_node += spec.cost;
  }
  return sum;
}

/// What lies between the owner's use of the option and full rent from the market.
Dollars switching_cost(const Scenario& scenario, const LeaseSpec& lease, const OptionSpec& option,
                       const LeaseOption& law, GpuPrice market) {
  Passage way = passage(scenario, lease.transfer);
  if (lease.liability.transfer == "tenant") way.cost_per_node = {};
  if (const Ref* next = successor_of(option)) {
    const CapacityTerms* terms = capacity_of(scenario.contracts.at(next->name));
    if (terms != nullptr) {
      Passage there = passage(scenario, terms->transfer);
      if (terms->liability.transfer == "tenant") there.cost_per_node = {};
      way += there;
      if (terms->closing) way.time += terms->closing->delay;
      if (terms->ramp) way.time += 0.5 * (law.share * law.gpus / *terms->ramp);
    }
  }
  const double all = static_cast<double>(gpu_count(scenario, scenario.sites.at(lease.site.name)));
  const double nodes = node_count(scenario, lease.site.name, law.share * law.gpus.base() / all);
  return nodes * way.cost_per_node + market * (law.share * law.gpus * way.time);
}

/// What an hour costs in each month of the term, by the contract: indexed and reduced.
std::vector<GpuPrice> prices_of(const LeaseSpec& lease, GpuCount gpus) {
  std::vector<GpuPrice> prices;
  ContractMonth month;
  month.promised = gpus;
  for (int k = 0; k < lease.term.months; ++k) {
    month.index = month.whole_months = k;
    prices.push_back(lease_price(lease, month));
  }
  return prices;
}

}  // namespace

std::optional<OptionCase> option_case(const Scenario& scenario, const std::string& contract,
                                      const std::string& option) {
  const ContractSpec& deal = scenario.contracts.at(contract);
  const OptionSpec& spec = terms_of(deal).options.at(option);
  const auto* lease = std::get_if<LeaseSpec>(&deal);
  const ValuationTerms* valuation = valuation_of(spec);
  if (lease == nullptr || valuation == nullptr) return std::nullopt;
  const auto& market =
      std::get<LogOuSpec<GpuPrice::dimension>>(scenario.markets.at(valuation->market.name));
  const OptionTerms& terms = terms_of(spec);
  OptionCase found{.contract = contract,
                   .option = option,
                   .holder = terms.by.name,
                   .market = valuation->market.name,
                   .law = {},
                   .outlook = {.now = market.start,
                               .market = {.mean = market.mean,
                                          .motion = {.reversion = market.reversion,
                                                     .volatility = market.volatility,
                                                     .drift = market.drift}},
                               .annual_rate = valuation->rate},
                   .seed = static_cast<std::uint64_t>(scenario.seed),
                   .path = "contracts." + contract + ".options." + option,
                   .fit_paths = static_cast<int>(valuation->paths)};
  LeaseOption& law = found.law;
  law.holder = terms.by == lease->grantor ? OptionHolder::owner : OptionHolder::tenant;
  law.gpus = GpuCount{promised_gpus(scenario, *lease)};
  if (const auto* reclaim = std::get_if<ReclaimSpec>(&spec)) law.share = reclaim->share;
  law.term_months = lease->term.months;
  law.monthly_prices = prices_of(*lease, law.gpus);
  law.lease_price = law.monthly_prices.back();
  law.notice_months = months_in(terms.notice);
  law.first_decision = std::max(1, months_in(terms.after));  // months begin with a decision
  law.last_decision = std::max(law.first_decision, law.term_months - law.notice_months - 1);
  law.fee_months = terms.fee / law.billed_month;
  if (law.holder == OptionHolder::owner)
    law.switching_cost = switching_cost(scenario, *lease, spec, law, market.mean);
  return found;
}

std::vector<OptionCase> option_cases(const Scenario& scenario) {
  std::vector<OptionCase> cases;
  for (const auto& [contract, deal] : scenario.contracts) {
    for (const auto& [option, spec] : terms_of(deal).options)
      if (auto found = option_case(scenario, contract, option)) cases.push_back(std::move(*found));
  }
  return cases;
}

}  // namespace colossim
