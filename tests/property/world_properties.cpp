// Recounts over nodes, parties and sites.
#include "world_properties.hpp"

#include <cmath>

#include <fmt/format.h>

namespace colossim::test {

namespace {

/// GPUs by how they stand to one contract.
struct Recount {
  std::int64_t resting = 0;    // under the agreement, bound nowhere
  std::int64_t delivered = 0;  // under the agreement
  std::int64_t owned = 0;      // of these, the holder's own
};

Recount recount(const Fleet& fleet, const Contract& contract) {
  Recount sum;
  for (std::size_t row = 0; row < fleet.rack.size(); ++row) {
    const NodeId node{row};
    if (fleet.agreement[node] != contract.agreement) continue;
    const std::int64_t gpus = gpus_per_node(fleet, node);
    const bool bound = fleet.destination[node].exists() || fleet.move[node].exists();
    if (!bound) sum.resting += gpus;
    if (is_delivered(fleet, node)) sum.delivered += gpus;
    if (fleet.owner[node] == contract.holder) sum.owned += gpus;
  }
  return sum;
}

void check_sale(const Contract& contract, const Recount& there, std::vector<std::string>& out) {
  if (there.delivered != there.owned)
    out.push_back(fmt::format("{}: {} GPUs delivered to the buyer, {} its own", contract.name,
                              there.delivered, there.owned));
}

void check_lease(const Fleet& fleet, const Contract& contract, const Recount& there,
                 std::vector<std::string>& out) {
  const std::int64_t most = contract.promised + contract.flexible_out;
  const std::int64_t beyond = contract.ordered - most;
  // A node cannot be halved to meet a promise.
  if (contract.state == ContractState::active && beyond >= largest_node(fleet, contract.site))
    out.push_back(
        fmt::format("{}: {} GPUs ordered, {} promised", contract.name, contract.ordered, most));
  const bool ended =
      contract.state == ContractState::ending || contract.state == ContractState::over;
  if (ended && there.resting > 0)
    out.push_back(fmt::format("{}: it ended and kept {} GPUs", contract.name, there.resting));
  if (ended && contract.prepaid_left != Money{})
    out.push_back(fmt::format("{}: it ended and kept a prepayment", contract.name));
}

/// Accounts whose balance has one sign for every party inside the model.
void check_signs(const Ledger& ledger, PartyId party, std::vector<std::string>& out) {
  const auto expect = [&](Account account, bool good) {
    if (!good)
      out.push_back(fmt::format("party {}: {} of {} micro-USD", party.row(), name(account),
                                ledger.balance(party, account).micro()));
  };
  constexpr Money rounding{-100};  // of shares of holdings, a micro-dollar each
  expect(Account::equipment, ledger.balance(party, Account::equipment) >= rounding);
  expect(Account::units, ledger.balance(party, Account::units) >= Money{});
  expect(Account::prepaid, ledger.balance(party, Account::prepaid) >= Money{});
  expect(Account::deferred, ledger.balance(party, Account::deferred) <= Money{});
}

}  // namespace

std::vector<std::string> contract_problems(const World& world) {
  std::vector<std::string> out;
  for (const Contract& contract : world.contracts.contracts) {
    if (!contract.agreement.exists()) continue;
    const Recount there = recount(world.fleet, contract);
    if (std::holds_alternative<AssetSaleSpec>(contract.spec)) {
      check_sale(contract, there, out);
    } else {
      check_lease(world.fleet, contract, there, out);
    }
    const bool negative = contract.ordered < 0 || contract.promised < 0 ||
                          contract.flexible_out < 0 || contract.prepaid_left < Money{};
    if (negative) out.push_back(contract.name + ": less than nothing is promised or left");
  }
  return out;
}

std::vector<std::string> book_problems(const Ledger& ledger) {
  std::vector<std::string> out;
  Money debts;
  Money prepaid;
  for (std::size_t row = 0; row < ledger.parties(); ++row) {
    const PartyId party{row};
    const bool outside = row + 1 == ledger.parties();
    if (!outside) check_signs(ledger, party, out);
    debts += ledger.balance(party, Account::debt);
    prepaid += ledger.balance(party, Account::prepaid) + ledger.balance(party, Account::deferred);
    Money all;
    for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a)
      all += ledger.balance(party, static_cast<Account>(a));
    if (all != Money{}) out.push_back(fmt::format("party {}: debits are not credits", row));
  }
  if (debts != Money{}) out.emplace_back("what is owed is not what is claimed");
  if (prepaid != Money{}) out.emplace_back("what was paid ahead is not what was received ahead");
  return out;
}

std::vector<std::string> site_problems(const World& world) {
  std::vector<std::string> out;
  for (std::size_t row = 0; row < world.books.sites.size(); ++row) {
    const SiteId site{row};
    double shares = 0;
    for (const RunningShare& each : world.books.sites[site].running_shares) {
      if (each.to != SimTime::never()) continue;
      shares += each.share;
      if (each.share < -1e-12) out.push_back(fmt::format("site {}: a negative share", row));
    }
    if (std::abs(shares - 1) > 1e-9)
      out.push_back(fmt::format("site {}: {} of running costs is borne", row, shares));
    double purchased = 0;
    for (const Contract& contract : world.contracts.contracts)
      if (contract.purchase && contract.site == site) purchased += contract.purchase->joule;
    const double through = to_double(world.power.feeds[site].purchased) * 1e-15;
    if (std::abs(purchased - through) > 1e-9 * through)
      out.push_back(
          fmt::format("site {}: {} J bought, {} J by contracts", row, through, purchased));
  }
  return out;
}

}  // namespace colossim::test
