// Contradictions about the nodes of contracts: whether they exist, who has them when, whether they
// are promised twice. When they are due is in check_delivery.cpp.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <colossim/scenario/fleet.hpp>

#include "contract_facts.hpp"

namespace colossim {

namespace {

/// The nodes of a party at a site.
struct Pool {
  Ref site;
  Ref party;
  friend auto operator<=>(const Pool&, const Pool&) = default;
};

/// A contract that begins when another gives GPUs back.
struct Next {
  std::size_t row = 0;
  double kept = 0;  // share of the other that goes on
  Time wait;        // from the beginning of the other, at least
  Period vacancy;   // after its end, at most
};

/// A contract that moves nodes from one pool to another.
struct Grant {
  Deal deal;
  const CapacityTerms& terms;
  Window window;
  double gpus = 0;
  bool is_sized = false;  // `gpus` is known, or being computed
  bool waits = false;     // for another contract
  std::vector<Next> next;

  [[nodiscard]] Pool from() const { return {terms.site, terms.grantor}; }
};

/// The most GPUs of one grant and those that follow it, and which of them these are.
struct Load {
  double gpus = 0;
  std::vector<std::size_t> rows;
};

class CapacityCheck {
 public:
  explicit CapacityCheck(const CheckContext& check) : check_(check) {
    for (const auto& [name, site] : check.scenario.sites)
      installed_[{{name}, site.owner}] = static_cast<double>(gpu_count(check.scenario, site));
    for (const auto& [name, contract] : check.scenario.contracts) {
      if (const CapacityTerms* terms = capacity_of(contract))
        grants_.push_back({{name, contract}, *terms, window_of(check.scenario, contract)});
    }
    link_successors();
    for (std::size_t row = 0; row < grants_.size(); ++row) size(row);
  }

  void check_sources() {
    for (const Grant& grant : grants_) {
      if (!has_source(grant)) {
        report_no_source(grant);
        continue;
      }
      if (const auto* lease = std::get_if<LeaseSpec>(&grant.deal.contract))
        check_flexible(grant, *lease);
    }
  }

  void check_deliveries() const {
    for (const Grant& grant : grants_)
      check_delivery(check_, {grant.deal, grant.terms, grant.gpus, grant.waits});
  }

  /// REQUIRES: successors are sound: each waits for one contract of its own pool, in no circle.
  void check_promises() {
    for (const Grant& grant : grants_) {
      if (!grant.waits) set_windows_after(grant);
    }
    std::map<Pool, std::vector<std::size_t>> promises;
    for (std::size_t row = 0; row < grants_.size(); ++row) {
      if (has_source(grants_[row])) promises[grants_[row].from()].push_back(row);
    }
    for (auto& [pool, rows] : promises) check_promise(pool, std::move(rows));
  }

 private:
  [[nodiscard]] bool has_source(const Grant& grant) const {
    return installed_.count(grant.from()) > 0;
  }

  void link_successors() {
    std::map<std::string, std::size_t> rows;
    for (std::size_t row = 0; row < grants_.size(); ++row) rows[grants_[row].deal.name] = row;
    for (const Succession& pair : successions(check_.scenario)) {
      const auto before = rows.find(pair.before);
      const auto after = rows.find(pair.after);
      if (before == rows.end() || after == rows.end()) continue;
      grants_[after->second].waits = true;
      std::vector<Next>& next = grants_[before->second].next;
      const auto known = std::find_if(next.begin(), next.end(),
                                      [&](const Next& n) { return n.row == after->second; });
      if (known == next.end()) {
        next.push_back({after->second, pair.kept, pair.wait, pair.vacancy});
      } else {
        known->kept = std::max(known->kept, pair.kept);
        known->wait = std::min(known->wait, pair.wait);
        known->vacancy = std::max(known->vacancy, pair.vacancy);
      }
    }
  }

  /// From the earliest a contract can follow another to the latest it can last after it.
  void set_windows_after(const Grant& before) {
    for (const Next& next : before.next) {
      Grant& grant = grants_[next.row];
      const Time delay = grant.terms.closing ? grant.terms.closing->delay : Time{};
      const Date last = later(before.window.end + next.vacancy, delay);
      grant.window = {later(later(before.window.begin, next.wait), delay),
                      latest_end(grant.deal.contract, last)};
      set_windows_after(grant);
    }
  }

  /// All racks of an owner.
  [[nodiscard]] double held(const Pool& pool) const {
    const auto installed = installed_.find(pool);
    return installed == installed_.end() ? 0 : installed->second;
  }

  /// GPUs of a grant. `all` never counts more than the site has: what is sold and leased back would
  /// count twice.
  double size(std::size_t row) {
    Grant& grant = grants_[row];
    if (grant.is_sized) return grant.gpus;
    grant.is_sized = true;
    const double most = greatest_share(check_.scenario, grant.terms).base();
    grant.gpus = grant.terms.gpus.all ? std::min(most, held(grant.from())) : most;
    return grant.gpus;
  }

  void report_no_source(const Grant& grant) {
    const std::string& site = grant.terms.site.name;
    check_.report(
        grant.deal.path(side_keys(grant.deal.contract).grantor),
        fmt::format("{} has no nodes to give at site {}: it does not own it, {} does by {}",
                    grant.terms.grantor.name, site, check_.scenario.sites.at(site).owner.name,
                    check_.at("sites." + site + ".owner")));
  }

  void check_flexible(const Grant& grant, const LeaseSpec& lease) {
    const double most = held(grant.from());
    if (grant.gpus + lease.flexible.base() <= most || lease.flexible <= GpuCount{}) return;
    check_.report(
        grant.deal.path("flexible"),
        fmt::format("expected at most {}, what the {} GPUs that {} has leave beside the "
                    "{} of {}; found {}",
                    std::max(0.0, most - grant.gpus), most, grant.terms.grantor.name, grant.gpus,
                    check_.at(grant.deal.path("gpus")), lease.flexible.base()));
  }

  /// What a grant and those that wait for it can claim together on a day. One that ended and one
  /// that followed it share GPUs; after a reclaim the rest goes on beside it.
  Load load(std::size_t row, Date day) const {
    const Grant& grant = grants_[row];
    const bool is_on = grant.window.holds(day);
    Load most;
    if (is_on) most = {grant.gpus, {row}};
    for (const Next& next : grant.next) {
      Load following = load(next.row, day);
      if (is_on && next.kept > 0) {
        following.gpus += next.kept * grant.gpus;
        following.rows.push_back(row);
      }
      if (following.gpus > most.gpus) most = std::move(following);
    }
    return most;
  }

  void check_promise(const Pool& pool, std::vector<std::size_t> rows) {
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
      return grants_[a].window.begin < grants_[b].window.begin;
    });
    const double most = held(pool);
    for (const std::size_t row : rows) {
      Load sum;
      for (const std::size_t other : rows) {
        if (grants_[other].waits) continue;  // counted with the one it waits for
        Load part = load(other, grants_[row].window.begin);
        sum.gpus += part.gpus;
        sum.rows.insert(sum.rows.end(), part.rows.begin(), part.rows.end());
      }
      if (sum.gpus <= most * (1 + 1e-12)) continue;
      report_promised_twice(pool, most, sum);
      return;
    }
  }

  /// At the contract that begins last, with the places of the others.
  void report_promised_twice(const Pool& pool, double most, Load sum) {
    const auto order = [&](std::size_t row) {
      return std::make_tuple(grants_[row].window.begin, row);
    };
    std::sort(sum.rows.begin(), sum.rows.end(),
              [&](std::size_t a, std::size_t b) { return order(a) < order(b); });
    const Grant& last = grants_[sum.rows.back()];
    std::vector<std::string> others;
    for (std::size_t i = 0; i + 1 < sum.rows.size(); ++i)
      others.push_back(check_.at(grants_[sum.rows[i]].deal.path("gpus")));
    const std::string whose =
        installed_.count(pool) > 0
            ? fmt::format("{:.0f} GPUs of site {}", most, pool.site.name)
            : fmt::format("{:.0f} GPUs {} has at site {}", most, pool.party.name, pool.site.name);
    const std::string together =
        others.empty() ? "" : fmt::format(" together with {}", to_list(others));
    check_.report(last.deal.path("gpus"),
                  fmt::format("expected at most the {}, found {:.0f}{}", whose, sum.gpus, together),
                  "each GPU can be promised once");
  }

  const CheckContext& check_;
  std::map<Pool, double> installed_;  // GPUs of owners
  std::vector<Grant> grants_;         // by name
};

}  // namespace

void check_capacity(const CheckContext& check, bool successors_are_sound) {
  CapacityCheck checker{check};
  checker.check_sources();
  if (successors_are_sound) checker.check_promises();
  checker.check_deliveries();
}

}  // namespace colossim
