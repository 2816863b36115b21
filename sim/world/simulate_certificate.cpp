// The balance certificate: every conserved quantity once more, from a path that shares no counter.
#include <cstdlib>
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
    Int128 worst = 0;  // differences of opposite sign must not cancel
    for (const Agreement& agreement : world_.fleet.agreements) {
      states += agreement.meter.total_time();
      members += agreement.audit.member_time;
      used += agreement.meter.used_time();
      held += agreement.audit.used_time;
      const Int128 member_gap = agreement.meter.total_time() - agreement.audit.member_time;
      const Int128 used_gap = agreement.meter.used_time() - agreement.audit.used_time;
      worst += (member_gap < 0 ? -member_gap : member_gap) + (used_gap < 0 ? -used_gap : used_gap);
    }
    Int128 installed = 0;
    for (std::size_t row = 0; row < world_.fleet.rack.size(); ++row)
      installed += gpus_per_node(world_.fleet, NodeId{row});
    exact_gpu_time("GPU-time: sum of states = installed x time", states,
                   installed * (world_.end - SimTime{}).ns());
    exact_gpu_time("GPU-time: state meters = node stamps", members + worst, states);
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
    for (const SiteBooks& site : world_.books.sites) {
      const std::string name = " [" + world_.books.causes[site.cause] + "]";
      payment("Money: energy charge = audit" + name, site.cause, Account::energy_cost,
              Account::energy_income, to_money(Dollars{site.audit.energy_usd}));
      payment("Money: demand charge = audit" + name, site.cause, Account::demand_cost,
              Account::demand_income, to_money(Dollars{site.audit.demand_usd}));
      payment("Money: running cost = closed form" + name, site.cause, Account::operating_cost,
              Account::supply_income, to_money(running_total(site, world_.end)));
      exact_money("Money: depreciation = closed form" + name,
                  posted(site.cause, Account::depreciation),
                  to_money(depreciation_total(site, world_.end)));
    }
    for (const Lease& lease : world_.leases.leases) {
      payment("Money: lease fee = audit [" + world_.books.causes[lease.cause] + "]", lease.cause,
              Account::lease_cost, Account::lease_income, lease.audit_fee);
    }
    for (const ServiceIncome& income : world_.books.incomes) {
      const Money law =
          to_money(income.price * Tokens{world_.services.services[income.service].served_tokens});
      payment("Money: token income = price x tokens [" + world_.books.causes[income.cause] + "]",
              income.cause, Account::operating_cost, Account::service_income, law);
    }
    Money cash;
    for (std::size_t row = 0; row < world_.books.ledger.parties(); ++row)
      cash += world_.books.ledger.balance(PartyId{row}, Account::cash);
    exact_money("Money: cash of all parties = 0", cash, Money{});
  }

  const World& world_;
  std::vector<BalanceRow> rows_;
};

}  // namespace

std::vector<BalanceRow> certify(const World& world) {
  return Certifier{world}.certify();
}

}  // namespace colossim
