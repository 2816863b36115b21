// Small deals to be computed by hand: one site with round figures, stages of whole hours, and the
// books of a run in micro-dollars.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/math.hpp>
#include <colossim/record/ledger.hpp>

#include "scenarios.hpp"

namespace colossim::test {

inline constexpr std::int64_t dollar = 1'000'000;  // µUSD

/// Dollars in whole micro-dollars.
inline std::int64_t micro(double usd) {
  return math::round_to_int(usd * 1e6);
}

/// Eight racks of two HGX nodes: 128 idle GPUs that cost their owner 16 x 320 kUSD = 5.12 MUSD on
/// the first day, 1 May 2026. Days begin at 00:00 UTC; May has 744 h, June 720. Without demand
/// charge, staff, maintenance or water: tests add what they are about.
inline std::string deal_site(const std::string& duration) {
  return R"(schema: 1
name: deal site
start: 2026-05-01
parties: {bank: {}, owner: {}, rival: {}, tenant: {}, utility: {}}
sites:
  here:
    owner: owner
    utility: utility
    weather: {kind: synthetic}
    power:
      feed: 1 MW
      branches:
        mv: {loss: mv_transformer, rating: 1.25 MW}
        busway: {loss: busway_pdu, rating: 400 kW, count: 2, parent: mv}
    halls:
      hall:
        racks: {hopper: {node: hgx_h100, nodes: 2, count: 8, branch: busway, in_service: 2026-05-01}}
    cooling:
      branch: mv
      liquid: {rejection: {kind: tower}}
      air: {supply: 24 C, rejection: {kind: chiller, chiller: doe2_centrifugal_5_50}}
    tariff: {energy: 50 USD/MWh}
duration: )" +
         duration + "\n";
}

/// The stages `steps` for arrays of two racks (4 nodes, 32 GPUs): 1 to 8 h, 36 h in all, at 1 to 8
/// USD per node, 36 USD in all.
inline std::string hourly_stages() {
  return R"(catalog:
  transfers:
    steps:
      array: 2
      drain: {requests: 25 min, jobs: checkpoint, write: 30 s}
      export: {duration: 1 h, cost: 1 USD}
      sanitize: {duration: 2 h, cost: 2 USD}
      repartition: {duration: 3 h, cost: 3 USD}
      image: {duration: 4 h, cost: 4 USD}
      accept: {duration: 5 h, cost: 5 USD}
      fabric_test: {duration: 6 h, cost: 6 USD}
      load: {duration: 7 h, cost: 7 USD}
      ramp: {duration: 8 h, cost: 8 USD}
      repair: {duration: 9 h, cost: 9 USD}
)";
}

/// A training run that takes `hours` on `gpus` H100 of a tenant: 6 N D = gpus x 989 TFLOP/s x 0.5 x
/// time with N = 1e11.
inline std::string gang(const std::string& name, const std::string& tenant, int gpus, double hours,
                        const std::string& from) {
  const double tokens = gpus * 989e12 * 0.5 * hours * 3600 / (6 * 1e11);
  return "  " + name + ": {kind: training, tenant: " + tenant +
         ", site: here, on: [h100_sxm], gpus: " + std::to_string(gpus) +
         " gpu, parameters: 1e11, tokens: " + std::to_string(tokens) +
         " token, mfu: 0.5, checkpoint: 10 h, from: " + from + "}\n";
}

/// Ten thousand users of a party who pay 20 USD a month (730 h) each, from the first day. They need
/// one node.
inline std::string paying_users(const std::string& tenant) {
  return "services:\n  chat: {tenant: " + tenant +
         ", site: here, model: llm_405b_fp8, on: [h100_sxm], users: {daily: 10 kuser, "
         "requests_per_user: 12 request/user/d, tokens_per_request: 500 token/request, shape: "
         "flat}, subscription: 20 USD/user/month}\n";
}

/// A finished run under --paranoid, its metrics and its books.
class Deal {
 public:
  explicit Deal(const std::string& text, std::vector<Override> overrides = {})
      : result_(simulate(load_text(text, std::move(overrides)), {.paranoid = true})) {}

  [[nodiscard]] double metric(const std::string& name) const { return result_.metric(name); }
  /// A metric of GPU-time or time in (GPU-)hours.
  [[nodiscard]] double hours(const std::string& name) const { return metric(name) / 3600; }
  /// Debits less credits [µUSD]: what was spent is positive, what was earned negative.
  [[nodiscard]] std::int64_t balance(const std::string& party, Account account) const {
    return result_.ledger.balance(id(party), account).micro();
  }
  /// The same over the postings of one cause, such as `contract lease`.
  [[nodiscard]] std::int64_t posted(const std::string& cause, const std::string& party,
                                    Account account) const {
    const PartyId whose = id(party);
    std::int64_t sum = 0;
    for (const Posting& each : result_.ledger.journal()) {
      if (each.party != whose || result_.causes[each.cause] != cause) continue;
      if (each.debit == account) sum += each.amount.micro();
      if (each.credit == account) sum -= each.amount.micro();
    }
    return sum;
  }
  [[nodiscard]] const Result& result() const { return result_; }
  /// How a contract ended; empty when it simply ran.
  [[nodiscard]] std::string outcome(const std::string& contract) const {
    for (const ContractRecord& each : result_.contracts)
      if (each.contract == contract) return each.outcome;
    return {};
  }

 private:
  [[nodiscard]] PartyId id(const std::string& party) const {
    const auto found = std::find(result_.parties.begin(), result_.parties.end(), party);
    REQUIRE(found != result_.parties.end());
    return PartyId{static_cast<std::size_t>(found - result_.parties.begin())};
  }

  Result result_;
};

/// One contract `name` between owner and tenant (or whoever `terms` names) at the site.
inline std::string contract(const std::string& name, const std::string& kind,
                            const std::string& terms) {
  const bool sells = kind == "asset_sale";
  return "  " + name + ": {kind: " + kind +
         (sells ? ", seller: owner, buyer: " : ", owner: owner, tenant: ") +
         "tenant, site: here, " + terms + "}\n";
}

/// The only contract: a lease at 2 USD per GPU-hour.
inline std::string lease_at_two(const std::string& terms) {
  return "contracts:\n" +
         contract("lease", "lease", "price: 2 USD/gpu/h" + (terms.empty() ? "" : ", " + terms));
}

/// Whether two amounts differ by no more than rounding did.
inline bool within(std::int64_t a, std::int64_t b, std::int64_t tolerance) {
  return std::abs(a - b) <= tolerance;
}

}  // namespace colossim::test
