// What a finished run says beside its metrics: volumes behind prices, and reclaims.
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

class Quantities {
 public:
  explicit Quantities(const World& world) : world_(world) {}

  std::vector<PricedQuantity> collect() {
    for (std::size_t row = 0; row < world_.books.sites.size(); ++row) site(SiteId{row});
    for (const Contract& contract : world_.contracts.contracts) this->contract(contract);
    for (const ServiceIncome& income : world_.books.incomes) {
      if (!income.price || income.subscription) continue;
      const double tokens = world_.services.services[income.service].served_tokens;
      both({world_.books.outside, income.tenant}, income.cause,
           {Account::operating_cost, Account::service_income}, {tokens, "token"});
    }
    return std::move(rows_);
  }

 private:
  struct Pair {
    PartyId payer;
    PartyId payee;
  };
  struct Accounts {
    Account expense;
    Account income;
  };
  struct Amount {
    double quantity;
    const char* unit;
  };
  void both(Pair parties, std::uint16_t cause, Accounts accounts, Amount amount) {
    if (amount.quantity == 0) return;
    rows_.push_back({parties.payer, cause, accounts.expense, amount.quantity, amount.unit});
    rows_.push_back({parties.payee, cause, accounts.income, amount.quantity, amount.unit});
  }

  void site(SiteId id) {
    const SiteBooks& books = world_.books.sites[id];
    const Feed& feed = world_.power.feeds[id];
    // With several payers the shares are not kept; then the amounts speak alone.
    if (books.payers.size() > 1) return;
    const double mwh = to_double(feed.metered - feed.purchased) * 1e-15 / 3.6e9;
    both({books.owner, books.utility}, books.cause, {Account::energy_cost, Account::energy_income},
         {mwh, "MWh"});
  }

  void contract(const Contract& contract) {
    if (contract.purchase)
      both({contract.holder, contract.grantor}, contract.cause,
           {Account::energy_cost, Account::energy_income},
           {contract.purchase->joule / 3.6e9, "MWh"});
    for (const DueRow& row : contract.rows) {
      const Pair parties = row.due.payer == Side::holder ? Pair{contract.holder, contract.grantor}
                                                         : Pair{contract.grantor, contract.holder};
      both(parties, contract.cause, {row.due.expense, row.due.income},
           {row.volume + row.month_volume, row.due.unit});
    }
  }

  const World& world_;
  std::vector<PricedQuantity> rows_;
};

}  // namespace

std::vector<PricedQuantity> priced_quantities(const World& world) {
  return Quantities{world}.collect();
}

std::vector<DrillRecord> reclaim_drills(const World& world) {
  std::vector<DrillRecord> records;
  for (const Contract& contract : world.contracts.contracts) {
    for (const ReclaimDrill& drill : contract.drills)
      records.push_back({contract.name, drill.option, drill.gpus, drill.back, drill.noticed,
                         drill.effective, drill.first_back, drill.all_back, drill.first_use});
  }
  return records;
}

}  // namespace colossim
