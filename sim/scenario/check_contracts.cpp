// Contradictions within a contract: sides, dates, prices and amounts. What contracts do to each
// other is in check_capacity.cpp, check_payments.cpp and check_successors.cpp.
#include <algorithm>
#include <vector>

#include <colossim/scenario/unit.hpp>

#include "contract_facts.hpp"

namespace colossim {

namespace {

constexpr std::size_t most_contracts = 1000;

void check_sides(const CheckContext& check, const Deal& deal) {
  const ContractParties parties = parties_of(deal.contract);
  if (parties.grantor != parties.holder) return;
  const SideKeys keys = side_keys(deal.contract);
  check.report(deal.path(keys.holder),
               fmt::format("expected another party than the {}, {}; found "
                           "{} on both sides",
                           keys.grantor, check.at(deal.path(keys.grantor)), parties.holder.name));
}

void check_dates(const CheckContext& check, const Deal& deal) {
  const ContractTerms& terms = deal.terms();
  const Date first = first_day(check.scenario, terms);
  const Date last = later(check.scenario.start, check.scenario.duration);
  const double day = static_cast<double>(days_between(check.scenario.start, first));
  if (day < 0 || day * units::day >= check.scenario.duration) {
    check.report(deal.path("start"),
                 fmt::format("expected a day within the run, {} to {}, found {}",
                             to_string(check.scenario.start), to_string(last), to_string(first)));
  }
}

/// Reports unless exactly one of the fields is given. `given` holds their names.
void check_one_of(const CheckContext& check, const Deal& deal, const std::vector<const char*>& all,
                  const std::vector<const char*>& given) {
  if (given.size() == 1) return;
  const std::string expected = fmt::format("expected exactly one of {}", fmt::join(all, ", "));
  if (given.empty()) {
    check.report(deal.path(), expected + ", found none");
    return;
  }
  check.report(deal.path(given[1]),
               fmt::format("{}; there is also {}", expected, check.at(deal.path(given[0]))));
}

/// Tiers in any order: the lower the availability, the more is credited.
void check_service_level(const CheckContext& check, const Deal& deal, const ServiceLevelSpec& sla) {
  if (sla.tiers.empty())
    check.report(deal.path("sla.tiers"), "expected at least one tier, found none");
  std::vector<std::size_t> rows(sla.tiers.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return sla.tiers[a].below > sla.tiers[b].below;
  });
  const auto path = [&](std::size_t row, const char* key) {
    return deal.path(fmt::format("sla.tiers[{}].{}", row, key));
  };
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const CreditTierSpec& upper = sla.tiers[rows[i - 1]];
    const CreditTierSpec& lower = sla.tiers[rows[i]];
    if (lower.below == upper.below) {
      check.report(path(rows[i], "below"), fmt::format("expected tiers that differ; {} is the same",
                                                       check.at(path(rows[i - 1], "below"))));
    } else if (lower.credit < upper.credit) {
      check.report(path(rows[i], "credit"),
                   fmt::format("expected at least the {:.4g} % of {}, as less was available; found "
                               "{:.4g} %",
                               100 * upper.credit, check.at(path(rows[i - 1], "credit")),
                               100 * lower.credit));
    }
  }
}

void check_prepayment(const CheckContext& check, const Deal& deal, const LeaseSpec& lease) {
  if (lease.market || !(lease.price || lease.fee)) return;  // no bound can be computed
  const Time term = longest_term(check.scenario, lease);
  const Dollars whole = greatest_fee(check.scenario, deal.contract, term);
  if (lease.prepayment <= whole) return;
  check.report(deal.path("prepayment"),
               fmt::format("expected at most the fee of the whole term, {:.6g} USD by {} and {}; "
                           "found {:.6g} USD",
                           whole.base(), check.at(deal.path(lease.price ? "price" : "fee")),
                           check.at(deal.path("term")), lease.prepayment.base()));
}

/// The rules of each kind.
struct KindCheck {
  const CheckContext& check;
  const Deal& deal;

  void operator()(const LeaseSpec& lease) const {
    std::vector<const char*> given;
    if (lease.price) given.push_back("price");
    if (lease.fee) given.push_back("fee");
    if (lease.market) given.push_back("market");
    check_one_of(check, deal, {"price", "fee", "market"}, given);
    amount(given.empty() ? "price" : given.front());
    if (lease.reduced && lease.reduced->period > lease.term) {
      check.report(
          deal.path("reduced.for"),
          fmt::format("expected at most the term of {}, {}; found {}", to_months(lease.term),
                      check.at(deal.path("term")), to_months(lease.reduced->period)));
    }
    if (lease.sla) check_service_level(check, deal, *lease.sla);
    check_prepayment(check, deal, lease);
  }

  void operator()(const AssetSaleSpec& sale) const {
    std::vector<const char*> given;
    if (sale.price) given.push_back("price");
    if (sale.unit_price) given.push_back("unit_price");
    check_one_of(check, deal, {"price", "unit_price"}, given);
    const Ref& operates = sale.operator_party.value_or(sale.holder);
    if (operates != sale.grantor && operates != sale.holder) {
      check.report(deal.path("operator"),
                   fmt::format("expected the seller {} or the buyer {}, "
                               "found {}",
                               sale.grantor.name, sale.holder.name, operates.name));
    }
    if (sale.operating_fee > MoneyRate{} && operates == sale.holder) {
      check.report(
          deal.path("operating_fee"),
          fmt::format("the buyer operates the nodes itself: {}", check.at(deal.path("operator"))),
          fmt::format("say `operator: {}`, or drop the fee", sale.grantor.name));
    }
    amount(given.empty() ? "price" : given.front());
  }

  void operator()(const RevenueShareSpec& share) const {
    if (share.floor > share.cap) {
      check.report(
          deal.path("floor"),
          fmt::format("expected at most the cap, {} of {}, found {}",
                      to_text(share.cap.base(), MoneyRate::dimension), check.at(deal.path("cap")),
                      to_text(share.floor.base(), MoneyRate::dimension)));
    }
    const auto& services = check.scenario.services;
    const bool earns = std::any_of(services.begin(), services.end(), [&](const auto& entry) {
      const ServiceSpec& service = entry.second;
      return service.tenant == share.holder && service.site == share.site &&
             (service.revenue || service.subscription);
    });
    if (!earns && share.floor <= MoneyRate{}) {
      check.report(deal.path("share"),
                   fmt::format("{} has no service with `revenue` or `subscription` at site {}: a "
                               "share of nothing is nothing",
                               share.holder.name, share.site.name),
                   "give such a service, or a `floor`");
    }
    amount("floor");
  }

  void operator()(const EquitySwapSpec& /*swap*/) const { amount("price"); }

  void operator()(const PowerPurchaseSpec& purchase) const {
    const Ref& owner = check.scenario.sites.at(purchase.site.name).owner;
    if (purchase.buyer != owner) {
      check.report(
          deal.path("buyer"),
          fmt::format("expected {}, who owns site {} and pays for its power, {}; found {}",
                      owner.name, purchase.site.name,
                      check.at("sites." + purchase.site.name + ".owner"), purchase.buyer.name));
    }
    if (purchase.price < EnergyPrice{}) {
      check.report(
          deal.path("price"),
          fmt::format("expected a price of 0 or more, found {}: nobody pays for its energy "
                      "to be taken year in, year out",
                      to_text(purchase.price.base(), EnergyPrice::dimension)),
          "prices that fall below zero for hours belong in the site's tariff");
    }
    if (purchase.volume < units::watt)
      check.report(deal.path("volume"), "expected at least 1 W, found less");
    amount("price");
  }

  void operator()(const FinancingSpec& /*loan*/) const { amount("amount"); }

  void operator()(const LicenseSpec& license) const {
    const auto is_written = [&](const char* key) {
      return check.scenario.marks.count(deal.path(key)) > 0;
    };
    const bool is_paid =
        license.upfront > Dollars{} || license.fee > MoneyRate{} || license.royalty > 0;
    if (!is_paid && !is_written("upfront") && !is_written("fee") && !is_written("royalty")) {
      check.report(
          deal.path(), "expected something to be paid for the licence, found nothing",
          "give `upfront`, `fee` or `royalty`; a licence for nothing says `fee: 0 USD/month`");
    }
    amount(license.fee > MoneyRate{} ? "fee" : "upfront");
  }

  void amount(const char* key) const {
    const Time span = check.scenario.duration;
    check_amount(check, deal.path(key), greatest_fee(check.scenario, deal.contract, span).base());
  }
};

/// Every node may pass every stage on its way there, and on its way back.
void check_transfer_cost(const CheckContext& check, const Deal& deal, const CapacityTerms& terms) {
  if (!terms.transfer) return;
  const TransferSpec& transfer = check.scenario.catalog.transfers.at(terms.transfer->name);
  Dollars per_node;
  for (const StageSpec* stage :
       {&transfer.export_data, &transfer.sanitize, &transfer.repartition, &transfer.image,
        &transfer.accept, &transfer.fabric_test, &transfer.load, &transfer.ramp, &transfer.repair})
    per_node += stage->cost;
  const double nodes = greatest_share(check.scenario, terms).base();
  check_amount(check, deal.path("transfer"), (2 * nodes * per_node).base());
}

void check_contract(const CheckContext& check, const Deal& deal) {
  check_sides(check, deal);
  check_dates(check, deal);
  if (deal.terms().options.size() > most_options)
    check.report(deal.path("options"), fmt::format("expected at most {} options", most_options));
  std::visit(KindCheck{check, deal}, deal.contract);
  if (const CapacityTerms* terms = capacity_of(deal.contract))
    check_transfer_cost(check, deal, *terms);
  const std::optional<ClosingSpec>& closing = deal.terms().closing;
  if (closing && closing->share_cap < 1 && capacity_of(deal.contract) == nullptr) {
    check.report(deal.path("closing.share_cap"),
                 fmt::format("{} moves no GPUs that a cap could hold", check.at(deal.path())),
                 "drop it, or put it on the contract that moves them");
  }
}

}  // namespace

void check_contracts(const CheckContext& check) {
  if (check.scenario.contracts.size() > most_contracts) {
    check.report("contracts", fmt::format("expected at most {} contracts, found {}", most_contracts,
                                          check.scenario.contracts.size()));
    return;
  }
  for (const auto& [name, contract] : check.scenario.contracts)
    check_contract(check, {name, contract});
  check_option_terms(check);
  const bool are_sound = check_successors(check);
  check_capacity(check, are_sound);
  check_payments(check);
}

}  // namespace colossim
