// Contradictions between contracts about money and power: payments in a circle, power sold beyond
// the feed.
#include <algorithm>
#include <map>
#include <vector>

#include <colossim/scenario/unit.hpp>

#include "contract_facts.hpp"

namespace colossim {

namespace {

/// Arrows between parties, each with the contract that draws it.
struct PaymentGraph {
  std::vector<Arrow> arrows;
  std::vector<std::string> contracts;

  void add(const Ref& from, const Ref& to, const std::string& contract) {
    if (from == to) return;  // reported with the contract
    arrows.push_back({from.name, to.name});
    contracts.push_back(contract);
  }
};

void check_circles(const CheckContext& check, const PaymentGraph& graph, const char* verb) {
  for (const std::vector<std::size_t>& circle : circles(graph.arrows)) {
    std::vector<std::string> steps;
    for (const std::size_t row : circle) {
      steps.push_back(fmt::format("{} {} {} by {}", graph.arrows[row].from, verb,
                                  graph.arrows[row].to,
                                  check.at("contracts." + graph.contracts[row])));
    }
    check.report("contracts." + graph.contracts[circle.front()],
                 fmt::format("circular payment: {}", to_list(steps)),
                 "write the balance as one contract");
  }
}

void check_circular_payments(const CheckContext& check) {
  PaymentGraph loans;
  PaymentGraph royalties;
  for (const auto& [name, contract] : check.scenario.contracts) {
    if (const auto* loan = std::get_if<FinancingSpec>(&contract))
      loans.add(loan->lender, loan->borrower, name);
    const auto* license = std::get_if<LicenseSpec>(&contract);
    if (license != nullptr && license->royalty > 0)
      royalties.add(license->licensee, license->licensor, name);
  }
  check_circles(check, loans, "lends to");
  check_circles(check, royalties, "pays a royalty to");
}

struct Purchase {
  std::string name;
  Power volume;
  Window window;
};

/// The day each purchase begins is when most of them can overlap.
void check_volumes(const CheckContext& check, const std::string& site,
                   std::vector<Purchase> purchases) {
  const Power feed = check.scenario.sites.at(site).power.feed;
  std::stable_sort(purchases.begin(), purchases.end(), [](const Purchase& a, const Purchase& b) {
    return a.window.begin < b.window.begin;
  });
  for (std::size_t last = 0; last < purchases.size(); ++last) {
    Power sum = purchases[last].volume;
    std::vector<std::string> others;
    for (std::size_t i = 0; i < last; ++i) {
      if (!purchases[i].window.holds(purchases[last].window.begin)) continue;
      sum += purchases[i].volume;
      others.push_back(check.at(fmt::format("contracts.{}.volume", purchases[i].name)));
    }
    if (sum <= feed) continue;
    const std::string together =
        others.empty() ? "" : fmt::format(" together with {}", to_list(others));
    check.report(fmt::format("contracts.{}.volume", purchases[last].name),
                 fmt::format("expected at most {}, what {} carries; found {}{}",
                             to_text(feed.base(), Power::dimension),
                             check.at(fmt::format("sites.{}.power.feed", site)),
                             to_text(sum.base(), Power::dimension), together));
    return;
  }
}

}  // namespace

void check_payments(const CheckContext& check) {
  check_circular_payments(check);
  std::map<std::string, std::vector<Purchase>> by_site;
  for (const auto& [name, contract] : check.scenario.contracts) {
    if (const auto* purchase = std::get_if<PowerPurchaseSpec>(&contract)) {
      by_site[purchase->site.name].push_back(
          {name, purchase->volume, window_of(check.scenario, contract)});
    }
  }
  for (auto& [site, purchases] : by_site) check_volumes(check, site, std::move(purchases));
}

}  // namespace colossim
