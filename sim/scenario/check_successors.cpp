// Contradictions between contracts that wait for each other: re-letting after an exit, a reclaim or
// a default.
#include <map>
#include <vector>

#include "contract_facts.hpp"

namespace colossim {

namespace {

/// Whether the nodes that come back can go on to the contract that follows.
bool check_pair(const CheckContext& check, const Succession& pair) {
  const Scenario& scenario = check.scenario;
  const std::string before = check.at("contracts." + pair.before);
  const std::string after = check.at("contracts." + pair.after);
  if (pair.before == pair.after) {
    check.report(pair.path, "expected another contract, found itself");
    return false;
  }
  const ContractTerms& terms = terms_of(scenario.contracts.at(pair.after));
  if (terms.start) {
    check.report("contracts." + pair.after + ".start",
                 fmt::format("expected no day of its own: the contract begins when {} starts it; "
                             "found {}",
                             check.at(pair.path), to_string(*terms.start)),
                 "drop it");
    return false;
  }
  const CapacityTerms* old_terms = capacity_of(scenario.contracts.at(pair.before));
  const CapacityTerms* new_terms = capacity_of(scenario.contracts.at(pair.after));
  if (old_terms == nullptr || new_terms == nullptr) {
    check.report(pair.path,
                 fmt::format("expected a contract about nodes to follow one about nodes; {} is not",
                             old_terms == nullptr ? before : after));
    return false;
  }
  if (old_terms->grantor != new_terms->grantor || old_terms->site != new_terms->site) {
    check.report(pair.path, fmt::format("expected a contract by {} about site {}, as {}; {} is by "
                                        "{} about site {}",
                                        old_terms->grantor.name, old_terms->site.name, before,
                                        after, new_terms->grantor.name, new_terms->site.name));
    return false;
  }
  return true;
}

bool check_circles(const CheckContext& check, const std::vector<Succession>& pairs) {
  std::vector<Arrow> arrows;
  for (const Succession& pair : pairs) arrows.push_back({pair.before, pair.after});
  const auto found = circles(arrows);
  for (const std::vector<std::size_t>& circle : found) {
    std::vector<std::string> steps;
    for (const std::size_t row : circle)
      steps.push_back(fmt::format("{} starts {}", check.at(pairs[row].path), pairs[row].after));
    check.report(pairs[circle.front()].path,
                 fmt::format("contracts wait for each other in a circle: {}", to_list(steps)),
                 "one of them must begin by itself");
  }
  return found.empty();
}

}  // namespace

bool check_successors(const CheckContext& check) {
  const std::vector<Succession> pairs = successions(check.scenario);
  bool is_sound = true;
  std::map<std::string, const Succession*> first;  // who starts a contract
  for (const Succession& pair : pairs) {
    is_sound = check_pair(check, pair) && is_sound;
    const Succession& other = *first.emplace(pair.after, &pair).first->second;
    if (other.before == pair.before) continue;
    check.report(pair.path,
                 fmt::format("contracts.{} already waits for contracts.{} by {}; it can "
                             "begin once",
                             pair.after, other.before, check.at(other.path)),
                 "write a contract of its own");
    is_sound = false;
  }
  return is_sound && check_circles(check, pairs);
}

}  // namespace colossim
