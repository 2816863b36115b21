// The balance certificate: every conserved quantity once more, from a path that shares no counter.
#include <cstdlib>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

constexpr double energy_tolerance = 1e-9;  // relative

class Certifier {
 public:
  explicit Certifier(const World& world) : world_(world) {}

  std::vector<BalanceRow> certify() {
    gpu_time();
    energy();
    purchases();
    money();
    return std::move(rows_);
  }

 private:
  void exact_gpu_time(std::string what, Int128 one, Int128 other) {
    const Int128 residual = one - other;
    rows_.push_back({std::move(what), to_string(one), to_string(other),
                     to_string(residual) + " gpu-ns", residual == 0});
  }
  void exact_money(std::string what, Money one, Money other) {
    const Money residual = one - other;
    rows_.push_back({std::move(what), fmt::format("{}", one.micro()),
                     fmt::format("{}", other.micro()),
                     fmt::format("{} micro-USD", residual.micro()), residual == Money{}});
  }

  void gpu_time() {
    Int128 states = 0;
    Int128 members = 0;
    Int128 used = 0;
    Int128 held = 0;
    Int128 delivered = 0;
    Int128 worst = 0;  // differences of opposite sign must not cancel
    for (const Agreement& agreement : world_.fleet.agreements) {
      states += agreement.meter.total_time();
      members += agreement.audit.member_time;
      used += agreement.meter.used_time();
      held += agreement.audit.used_time;
      const Int128 member_gap = agreement.meter.total_time() - agreement.audit.member_time;
      const Int128 used_gap = agreement.meter.used_time() - agreement.audit.used_time;
      const Int128 delivered_gap =
          agreement.meter.delivered_time() - agreement.audit.delivered_time;
      delivered += delivered_gap < 0 ? -delivered_gap : delivered_gap;
      worst += (member_gap < 0 ? -member_gap : member_gap) + (used_gap < 0 ? -used_gap : used_gap);
    }
    Int128 installed = 0;
    for (std::size_t row = 0; row < world_.fleet.rack.size(); ++row)
      installed += gpus_per_node(world_.fleet, NodeId{row});
    exact_gpu_time("GPU-time: sum of states = installed x time", states,
                   installed * (world_.end - SimTime{}).ns());
    exact_gpu_time("GPU-time: state meters = node stamps", members + worst, states);
    exact_gpu_time("GPU-time: delivered by meters = by node stamps", delivered, 0);
    exact_gpu_time("GPU-time: used by meters = by jobs and replicas", used, held);
  }

  void energy() {
    for (std::size_t row = 0; row < world_.power.feeds.size(); ++row) {
      const Feed& feed = world_.power.feeds[SiteId{row}];
      const double meter = to_double(feed.metered) * 1e-15 / 3.6e9;
      const double loads = to_double(feed.loads_energy) * 1e-15 / 3.6e9;
      const double residual =
          meter > 0 ? to_double(feed.metered - feed.loads_energy) / to_double(feed.metered) : 0;
      rows_.push_back({fmt::format("Energy: meter = loads + losses + plant [{}]",
                                   world_.books.causes[world_.books.sites[SiteId{row}].cause]),
                       fmt::format("{:.6f} MWh", meter), fmt::format("{:.6f} MWh", loads),
                       fmt::format("{:.1e} relative", residual),
                       residual < energy_tolerance && residual > -energy_tolerance});
    }
  }

  /// What purchases delivered, contract by contract, against what the sites bought.
  void purchases() {
    for (std::size_t row = 0; row < world_.power.feeds.size(); ++row) {
      const double bought = to_double(world_.power.feeds[SiteId{row}].purchased) * 1e-15 / 3.6e9;
      double delivered = 0;
      for (const Contract& contract : world_.contracts.contracts)
        if (contract.purchase && contract.site == SiteId{row})
          delivered += contract.purchase->joule / 3.6e9;
      if (bought == 0 && delivered == 0) continue;
      const double residual = bought > 0 ? (delivered - bought) / bought : 1;
      rows_.push_back({fmt::format("Energy: purchases by contract = bought by the site [{}]",
                                   world_.books.causes[world_.books.sites[SiteId{row}].cause]),
                       fmt::format("{:.6f} MWh", delivered), fmt::format("{:.6f} MWh", bought),
                       fmt::format("{:.1e} relative", residual),
                       residual < energy_tolerance && residual > -energy_tolerance});
    }
  }

  /// Debits of one account over the postings of one cause.
  [[nodiscard]] Money posted(std::uint16_t cause, Account account) const {
    Money sum;
    for (const Posting& posting : world_.books.ledger.journal()) {
      if (posting.cause != cause) continue;
      if (posting.debit == account) sum += posting.amount;
      if (posting.credit == account) sum -= posting.amount;
    }
    return sum;
  }
  /// A payment's expense against contract arithmetic; and the payee's income against the payer's
  /// expense.
  void payment(const std::string& what, std::uint16_t cause, Account expense, Account income,
               Money law) {
    const Money paid = posted(cause, expense);
    const Money mirror = -posted(cause, income);
    exact_money(what, paid, paid == mirror ? law : mirror);
  }

  void money() {
    for (const SiteBooks& site : world_.books.sites) site_money(site);
    for (const Contract& contract : world_.contracts.contracts) contract_money(contract);
    for (const ServiceIncome& income : world_.books.incomes) {
      const Money law = to_money(income_total(income, world_.services.services[income.service]));
      payment("Money: service income = price x volume [" + world_.books.causes[income.cause] + "]",
              income.cause, Account::operating_cost, Account::service_income, law);
    }
    Money cash;
    Money opening;
    for (std::size_t row = 0; row < world_.books.ledger.parties(); ++row)
      cash += world_.books.ledger.balance(PartyId{row}, Account::cash);
    for (const Money amount : world_.books.opening_cash) opening += amount;
    exact_money("Money: cash of all parties = what they began with", cash, opening);
  }

  void site_money(const SiteBooks& site) {
    const std::string name = " [" + world_.books.causes[site.cause] + "]";
    Money energy;
    Money demand;
    for (const PowerPayer& payer : site.payers) {
      energy += to_money(Dollars{payer.audit.energy_usd});
      demand += to_money(Dollars{payer.audit.demand_usd});
    }
    payment("Money: energy charge = audit" + name, site.cause, Account::energy_cost,
            Account::energy_income, energy);
    payment("Money: demand charge = audit" + name, site.cause, Account::demand_cost,
            Account::demand_income, demand);
    Money running;
    Money written_off;
    for (const PartyAccrual& each : site.parties) {
      running += to_money(running_total(site, each.party, world_.end));
      written_off += to_money(depreciation_total(site, each.party, world_.end));
    }
    const SiteId id{static_cast<std::size_t>(&site - &world_.books.sites[SiteId{0}])};
    running += to_money(water_total(site, world_.cooling[id].water_l));
    const Money paid =
        posted(site.cause, Account::operating_cost) + posted(site.cause, Account::water_cost);
    exact_money("Money: running cost and water = closed form" + name, paid, running);
    exact_money("Money: suppliers' income = running cost and water" + name,
                -posted(site.cause, Account::supply_income), paid);
    exact_money("Money: equipment bought = its list price" + name,
                posted(site.equipment_cause, Account::equipment),
                to_money(equipment_total(site, world_.end)));
    exact_money("Money: depreciation = closed form" + name,
                posted(site.cause, Account::depreciation), written_off);
  }

  /// Account by account, what the contract's rows come to by the audit against what was posted.
  void contract_money(const Contract& contract) {
    const std::string name = " [" + world_.books.causes[contract.cause] + "]";
    if (contract.purchase) {
      payment("Money: energy purchase = audit" + name, contract.cause, Account::energy_cost,
              Account::energy_income, to_money(Dollars{contract.purchase->audit_usd}));
      return;
    }
    if (contract.loan) {
      payment("Money: interest = loan" + name, contract.cause, Account::interest_cost,
              Account::interest_income, contract.loan->interest);
      exact_money("Money: debt = loan" + name, debt_of(contract), contract.loan->balance);
      return;
    }
    std::map<std::pair<Account, Account>, Money> law;
    for (const DueRow& row : contract.rows) law[{row.due.expense, row.due.income}] += row.audited;
    law[{Account::transfer_cost, Account::transfer_income}] += contract.transfer_cost;
    if (contract.upfront != Money{})
      law[{Account::license_cost, Account::license_income}] += contract.upfront;
    law[{Account::default_loss, Account::default_income}] += contract.default_loss;
    for (const auto& [accounts, amount] : law) {
      if (amount == Money{} && posted(contract.cause, accounts.first) == Money{}) continue;
      payment(fmt::format("Money: {} = audit{}", colossim::name(accounts.first), name),
              contract.cause, accounts.first, accounts.second, amount);
    }
    sale_money(contract, name);
  }

  /// What the borrower owes under this contract.
  [[nodiscard]] Money debt_of(const Contract& contract) const {
    Money owed;
    for (const Posting& posting : world_.books.ledger.journal()) {
      if (posting.cause != contract.cause || posting.party != contract.holder) continue;
      if (posting.credit == Account::debt) owed += posting.amount;
      if (posting.debit == Account::debt) owed -= posting.amount;
    }
    return owed;
  }

  /// A sale: the seller's cash is the buyer's, and equals price per GPU by GPUs owned.
  void sale_money(const Contract& contract, const std::string& name) {
    const auto* sale = std::get_if<AssetSaleSpec>(&contract.spec);
    if (sale == nullptr || contract.sold_gpus == 0) return;
    std::int64_t owned = 0;
    for (std::size_t row = 0; row < world_.fleet.rack.size(); ++row) {
      const NodeId node{row};
      if (world_.fleet.owner[node] == contract.holder &&
          world_.fleet.agreement[node] == contract.agreement)
        owned += gpus_per_node(world_.fleet, node);
    }
    const Money law = to_money(sale_price(*sale, GpuCount{static_cast<double>(owned)},
                                          GpuCount{static_cast<double>(contract.asked)}));
    exact_money("Money: sale price = GPUs owned x price" + name, contract.sold_for, law);
  }

  const World& world_;
  std::vector<BalanceRow> rows_;
};

}  // namespace

std::vector<BalanceRow> certify(const World& world) {
  return Certifier{world}.certify();
}

}  // namespace colossim
