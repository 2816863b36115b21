// Contradictions in reallocation policies: each can only do what its contract allows.
#include <map>

#include <colossim/base/did_you_mean.hpp>

#include "contract_facts.hpp"

namespace colossim {

namespace {

constexpr std::size_t most_policies = 1000;

struct PolicyCheck {
  const CheckContext& check;
  const std::string& name;
  std::map<std::string, std::string>& taken;  // what policies use, by path: the path of who uses it

  [[nodiscard]] std::string path(std::string_view key) const {
    return fmt::format("reallocation.{}.{}", name, key);
  }

  void operator()(const KeepSpec& policy) const { require_nodes(policy.contract); }

  void operator()(const HarvestIdleSpec& policy) const {
    const std::string contract = "contracts." + policy.contract.name;
    const auto* lease = std::get_if<LeaseSpec>(&check.scenario.contracts.at(policy.contract.name));
    if (lease == nullptr || lease->flexible <= GpuCount{}) {
      check.report(path("contract"),
                   fmt::format("expected a lease with `flexible` GPUs; {} has none to lend",
                               check.at(contract)),
                   "give the lease `flexible: ... gpu`");
      return;
    }
    take(contract + ".flexible", path("contract"));
  }

  void operator()(const ReclaimOnSurgeSpec& policy) const {
    const ReclaimOnSurgeSpec idle;
    if (policy.waiting >= idle.waiting && policy.load >= idle.load) {
      check.report("reallocation." + name,
                   "expected `waiting`, `load` or both: without a threshold "
                   "it never acts");
    }
    if (!require_nodes(policy.contract)) return;
    const OptionSpec* option = find_option(policy.contract, policy.option);
    if (option == nullptr) return;
    const Ref grantor = parties_of(check.scenario.contracts.at(policy.contract.name)).grantor;
    const Ref& by = terms_of(*option).by;
    if (by != grantor) {
      check.report(
          path("option"),
          fmt::format("expected an option of {}, whose demand it watches; {} says {}", grantor.name,
                      check.at(option_path(policy.contract, policy.option) + ".by"), by.name));
    }
  }

  void operator()(const PriceThresholdSpec& policy) const {
    if (policy.above && policy.below) {
      check.report(path("below"), fmt::format("expected one threshold; there is also {}",
                                              check.at(path("above"))));
    } else if (!policy.above && !policy.below) {
      check.report("reallocation." + name, "expected `above` or `below`, found neither");
    }
    if (require_nodes(policy.contract)) find_option(policy.contract, policy.option);
  }

  /// Policies look at idle GPUs: there must be some. False after reporting that there are none.
  bool require_nodes(const Ref& contract) const {
    if (capacity_of(check.scenario.contracts.at(contract.name)) != nullptr) return true;
    check.report(path("contract"), fmt::format("expected a contract about nodes; {} moves none",
                                               check.at("contracts." + contract.name)));
    return false;
  }

  static std::string option_path(const Ref& contract, const std::string& option) {
    return fmt::format("contracts.{}.options.{}", contract.name, option);
  }

  /// The option a policy speaks of, when it exists and can be used at any time.
  const OptionSpec* find_option(const Ref& contract, const std::string& option) const {
    const ContractTerms& terms = terms_of(check.scenario.contracts.at(contract.name));
    const auto found = terms.options.find(option);
    if (found == terms.options.end()) {
      check.report(
          path("option"),
          fmt::format("{} has no option \"{}\"", check.at("contracts." + contract.name), option),
          terms.options.size() > most_options ? "" : did_you_mean(option, names_of(terms.options)));
      return nullptr;
    }
    const std::string place = option_path(contract, option);
    if (std::holds_alternative<RenewalSpec>(found->second)) {
      check.report(path("option"),
                   fmt::format("expected an exit, a reclaim or a step_down; {} is a "
                               "renewal",
                               check.at(place)));
      return nullptr;
    }
    take(place, path("option"));
    return &found->second;
  }

  void take(const std::string& what, const std::string& user) const {
    const auto [entry, is_first] = taken.emplace(what, user);
    if (is_first) return;
    check.report(user,
                 fmt::format("{} is already used by {}", check.at(what), check.at(entry->second)),
                 "let one policy decide");
  }
};

}  // namespace

void check_reallocation(const CheckContext& check) {
  if (check.scenario.reallocation.size() > most_policies) {
    check.report("reallocation", fmt::format("expected at most {} policies, found {}",
                                             most_policies, check.scenario.reallocation.size()));
    return;
  }
  std::map<std::string, std::string> taken;
  for (const auto& [name, policy] : check.scenario.reallocation)
    std::visit(PolicyCheck{check, name, taken}, policy);
}

}  // namespace colossim
