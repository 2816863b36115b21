// What a finished run says beside its metrics: volumes behind prices, and reclaims.
#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

class Quantities {
 public:
  explicit Quantities(const World& world) : world_(world) {}

  std::vector<PricedQuantity> collect() {
    for (std::size_t row = 0; row < world_.books.sites.size(); ++row) site(SiteId{row});
    for (const Contract& contract : world_.contracts.contracts) this->contract(contract);
    for (const ServiceIncome& income : world_.books.incomes) this->income(income);
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
    std::optional<LadderHours> hours = {};
  };
  void both(Pair parties, std::uint16_t cause, Accounts accounts, const Amount& amount) {
    if (amount.quantity == 0) return;
    const auto row = [&](PartyId party, Account account) {
      rows_.push_back({party, cause, account, amount.quantity, amount.unit, amount.hours});
    };
    row(parties.payer, accounts.expense);
    row(parties.payee, accounts.income);
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
      const double volume = row.volume + row.month_volume;
      both(parties, contract.cause, {row.due.expense, row.due.income},
           {volume, row.due.unit, hours_under(contract, row.due.unit, volume)});
    }
  }

  /// How the GPU-hours under a contract become those that are paid for.
  [[nodiscard]] std::optional<LadderHours> hours_under(const Contract& contract,
                                                       std::string_view unit, double paid) const {
    if (unit != "gpu-h" || !contract.agreement.exists()) return std::nullopt;
    const auto in_hours = [](Int128 gpu_ns) { return to_double(gpu_ns) * 1e-9 / 3600; };
    const GpuMeter& meter = world_.fleet.agreements[contract.agreement].meter;
    const double held = in_hours(meter.total_time());
    const double dark = in_hours(meter.time(GpuState::dark));
    const double delivered = in_hours(contract.delivered_at_end.value_or(meter.delivered_time()));
    LadderHours hours;
    hours[LadderPart::held] = held;
    hours[LadderPart::dark] = -dark;
    hours[LadderPart::in_transfer] = delivered + dark - held;
    hours[LadderPart::idle] = paid - delivered;
    return hours;
  }

  /// With a price per token and a subscription the amount is no one quantity's.
  void income(const ServiceIncome& income) {
    if (income.price && income.subscription) return;
    const Service& service = world_.services.services[income.service];
    const Pair parties{world_.books.outside, income.tenant};
    const Accounts accounts{Account::operating_cost, Account::service_income};
    if (income.subscription) {
      both(parties, income.cause, accounts,
           {service.user_seconds / (730.0 * units::hour).base(), "user-month"});
      return;
    }
    const double useful = to_double(service.useful) * 1e-9;
    LadderHours hours;
    hours[LadderPart::held] = service.held_seconds / 3600;
    hours[LadderPart::stalled] = -service.loading_seconds / 3600;
    hours[LadderPart::wasted] = (useful - service.held_seconds + service.loading_seconds) / 3600;
    both(parties, income.cause, accounts, {service.served_tokens, "token", hours});
  }

  const World& world_;
  std::vector<PricedQuantity> rows_;
};

}  // namespace

std::vector<PricedQuantity> priced_quantities(const World& world) {
  return Quantities{world}.collect();
}

std::vector<FinishedJobs> take_finished(JobTables& jobs) {
  std::vector<FinishedJobs> finished;
  for (JobStream& stream : jobs.streams)
    finished.push_back(
        {stream.name, jobs.queues[stream.queue].accounts, std::move(stream.statistics)});
  return finished;
}

namespace {

WorkLossRecord difference(const WorkLoss& after, const WorkLoss& before) {
  return {after.tokens - before.tokens, after.usd - before.usd,
          to_double(after.work - before.work) * 1e-9 / 3600};
}

DrillRecord record_of(const World& world, const Contract& contract, const ReclaimDrill& drill,
                      std::optional<GpuPrice> alternative) {
  DrillRecord record{contract.name,    drill.option,   drill.gpus,
                     drill.back,       drill.noticed,  drill.effective,
                     drill.first_back, drill.all_back, drill.first_use};
  const WorkLoss at_end =
      drill.at_end.value_or(work_loss(world.services, world.jobs, contract.holder, world.end));
  // What came back after the next reclaim took effect counts there.
  const bool back_in_time =
      drill.at_return && (!drill.at_end || drill.at_return->tokens <= at_end.tokens);
  record.until_back = difference(back_in_time ? *drill.at_return : at_end, drill.before);
  record.until_end = difference(at_end, drill.before);
  const SimTime until = std::min(world.end, drill.term_end);
  const double missing =
      static_cast<double>(drill.gpus) * (until - drill.effective).quantity().base();
  record.missing_gpu_hours = missing / 3600;
  record.fee_saved = missing * drill.fee_rate;
  if (alternative) record.elsewhere = missing * alternative->base();
  return record;
}

}  // namespace

std::vector<DrillRecord> reclaim_drills(const World& world, const Scenario& scenario) {
  std::vector<DrillRecord> records;
  for (const Contract& contract : world.contracts.contracts) {
    const std::string& tenant = parties_of(contract.spec).holder.name;
    for (const ReclaimDrill& drill : contract.drills)
      records.push_back(record_of(world, contract, drill, scenario.parties.at(tenant).alternative));
  }
  return records;
}

}  // namespace colossim
