// Options of contracts and the policies that watch them.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/world/contracts.hpp>

namespace colossim {

namespace {

/// The contract that follows when an option ends or shrinks this one.
const Ref* successor_after(const OptionState& option) {
  return successor_of(option.spec);
}

Duration every_of(const OptionSpec& spec) {
  if (const auto* reclaim = std::get_if<ReclaimSpec>(&spec)) return to_duration(reclaim->every);
  if (const auto* step = std::get_if<StepDownSpec>(&spec)) return to_duration(step->every);
  return Duration{};
}

double share_of(const OptionSpec& spec) {
  if (const auto* reclaim = std::get_if<ReclaimSpec>(&spec)) return reclaim->share;
  if (const auto* step = std::get_if<StepDownSpec>(&spec)) return step->share;
  return 1;
}

/// Present fee per time if everything promised is used [USD/s].
double fee_rate(const Contract& contract) {
  ContractMonth month;
  month.index = contract.month.index;
  month.whole_months = contract.month.whole_months;
  month.elapsed = 1.0 * units::second;
  month.promised = GpuCount{static_cast<double>(contract.asked)};
  month.committed = month.delivered = month.used = GpuTime{static_cast<double>(contract.promised)};
  month.market = GpuPrice{contract.month.market};
  month.price_factor = contract.month.price_factor;
  const auto first = [&](const auto& spec) {
    if constexpr (requires { dues(spec, month); }) {
      const std::vector<Due> due = dues(spec, month);
      return due.empty() ? 0.0 : due.front().amount.base();
    } else {
      return 0.0;
    }
  };
  return std::visit(first, contract.spec);
}

std::int64_t node_multiple(const Fleet& fleet, SiteId site, double gpus) {
  const std::int64_t unit = largest_node(fleet, site);
  return static_cast<std::int64_t>(std::floor(gpus / static_cast<double>(unit) + 1e-9)) * unit;
}

/// A share of the GPUs goes back to the owner.
std::int64_t shrink(ContractId id, double share, Handover& handover) {
  Contract& contract = handover.contracts.contracts[id];
  const std::int64_t gpus =
      std::min(contract.promised, node_multiple(handover.machines.fleet, contract.site,
                                                share * static_cast<double>(contract.asked)));
  advance_due(contract, handover.machines.now);
  contract.promised -= gpus;
  contract.due_gpus = std::min(contract.due_gpus, contract.promised);
  const std::int64_t most = contract.promised + contract.flexible_out;
  if (contract.ordered > most) return_nodes(id, contract.ordered - most, handover);
  return gpus;
}

void renew(Contract& contract, const RenewalSpec& spec) {
  contract.renewals.push_back({contract.end, spec.price_factor});
  const Date last = contract.calendar.date(contract.end);
  contract.end =
      contract.calendar.at(last + spec.term) + contract.calendar.time_of_day(contract.end);
}

Money pay_fee(const Contract& contract, const OptionState& option, double usd_per_second,
              Handover& handover) {
  const Money fee = to_money(Dollars{terms_of(option.spec).fee.base() * usd_per_second});
  const PartyId other = option.by == contract.grantor ? contract.holder : contract.grantor;
  settle_payment(handover.books, {handover.machines.now, option.by, Account::fee_cost, other,
                                  Account::fee_income, contract.cause, fee});
  return fee;
}

std::string kind_of(const OptionSpec& option) {
  return std::visit(
      [](const auto& spec) { return std::string{std::remove_cvref_t<decltype(spec)>::kind}; },
      option);
}

/// What the tenant loses from now on counts for this reclaim, no longer for the one before.
void open_drill(Contract& contract, const OptionState& option, double fee_rate,
                const Handover& handover) {
  const WorkLoss loss =
      work_loss(handover.services, handover.jobs, contract.holder, handover.machines.now);
  if (!contract.drills.empty() && !contract.drills.back().at_end)
    contract.drills.back().at_end = loss;
  contract.drills.push_back({.option = option.name,
                             .noticed = option.notice_at,
                             .effective = handover.machines.now,
                             .before = loss,
                             .fee_rate = fee_rate,
                             .term_end = contract.end});
}

}  // namespace

bool is_open(const Contract& contract, const OptionState& option, SimTime now) {
  if (contract.state != ContractState::active || option.noticed) return false;
  const OptionTerms& terms = terms_of(option.spec);
  if (now < contract.start + to_duration(terms.after)) return false;
  const SimTime effect = now + to_duration(terms.notice);
  const bool renewal = std::holds_alternative<RenewalSpec>(option.spec);
  if (renewal ? effect > contract.end : effect >= contract.end) return false;
  if (option.uses == 0) return true;
  const Duration every = every_of(option.spec);
  return every > Duration{} && now >= *option.last_use + every;
}

void give_notice(ContractId id, std::size_t row, Handover& handover) {
  Contract& contract = handover.contracts.contracts[id];
  OptionState& option = contract.options[row];
  const SimTime now = handover.machines.now;
  if (!is_open(contract, option, now)) return;
  option.noticed = true;
  option.notice_at = now;
  option.effect_at = now + to_duration(terms_of(option.spec).notice);
  option.last_use = now;
  option.uses += 1;
  handover.agenda.schedule(
      option.effect_at, Phase::supply,
      OptionEffective{id, static_cast<std::uint32_t>(row), contract.generation});
}

void handle(const OptionEffective& event, Handover& handover) {
  Contract& contract = handover.contracts.contracts[event.contract];
  const bool stale = event.generation != contract.generation;
  if (stale || contract.state != ContractState::active) return;
  OptionState& option = contract.options[event.option];
  option.noticed = false;
  const SimTime now = handover.machines.now;
  const double rate = fee_rate(contract);
  const auto before = static_cast<double>(std::max<std::int64_t>(contract.promised, 1));
  OptionUseRecord use{.option = option.name,
                      .kind = kind_of(option.spec),
                      .by = terms_of(option.spec).by.name,
                      .noticed = option.notice_at,
                      .effective = now};
  if (const auto* renewal = std::get_if<RenewalSpec>(&option.spec)) {
    use.fee = pay_fee(contract, option, rate, handover);
    contract.uses.push_back(use);
    renew(contract, *renewal);
    return;
  }
  const Ref* successor = successor_after(option);
  if (std::holds_alternative<ExitSpec>(option.spec)) {
    use.gpus = contract.promised;
    use.fee = pay_fee(contract, option, rate, handover);
    end_contract(event.contract, fmt::format("ended by option {}", option.name), handover);
  } else {
    const bool reclaim = std::holds_alternative<ReclaimSpec>(option.spec);
    if (reclaim) open_drill(contract, option, rate / before, handover);
    use.gpus = shrink(event.contract, share_of(option.spec), handover);
    if (reclaim) contract.drills.back().gpus = use.gpus;
    use.fee = pay_fee(contract, option, rate * static_cast<double>(use.gpus) / before, handover);
    if (contract.promised == 0)
      end_contract(event.contract, fmt::format("ended by option {}", option.name), handover);
  }
  contract.uses.push_back(use);
  start_successor(contract, successor, Duration{}, handover);
}

namespace {

/// Values of the metrics that rules name, for the day that ended.
class DayMetrics {
 public:
  explicit DayMetrics(const Handover& handover) : handover_(handover) {}

  [[nodiscard]] double value(const Contract& contract, const std::string& metric) const {
    const std::size_t dot = metric.find('.');
    const std::string kind = metric.substr(0, dot);
    const std::string name = metric.substr(dot + 1);
    if (kind == "utilization") return utilization(contract, name);
    if (kind == "price") return path(name).yesterday;  // of the day that ended
    if (kind == "load") return load(name);
    COLOSSIM_CHECK(kind == "waiting", "metric={}", metric);
    return waiting(name, contract);
  }

  [[nodiscard]] const PricePath& path(const std::string& market) const {
    const std::vector<PricePath>& paths = handover_.contracts.markets;
    const auto found = std::find_if(paths.begin(), paths.end(),
                                    [&](const PricePath& each) { return each.name == market; });
    COLOSSIM_CHECK(found != paths.end(), "market={}", market);
    return *found;
  }

 private:
  [[nodiscard]] double utilization(const Contract& contract, const std::string& side) const {
    const AgreementId id = side == "tenant" ? contract.agreement : contract.source;
    const Agreement& agreement = handover_.machines.fleet.agreements[id];
    const double delivered = to_double(agreement.meter.delivered_time() - agreement.day_delivered);
    const double used = to_double(agreement.meter.used_time() - agreement.day_used);
    return delivered > 0 ? used / delivered : 1;  // nothing there: nothing is idle
  }
  [[nodiscard]] double load(const std::string& name) const {
    for (const Service& service : handover_.services.services) {
      if (service.name != name) continue;
      const double asked = service.asked_tokens - service.day_asked;
      const double capacity = service.capacity_tokens - service.day_capacity;
      return capacity > 0 ? asked / capacity : asked > 0 ? 100 : 0;
    }
    COLOSSIM_CHECK(false, "service={}", name);
  }
  [[nodiscard]] double waiting(const std::string& party, const Contract& contract) const {
    const auto found = handover_.contracts.parties.find(party);
    COLOSSIM_CHECK(found != handover_.contracts.parties.end(), "party={}", party);
    return static_cast<double>(waiting_gpus(handover_.jobs, found->second, contract.site));
  }

  const Handover& handover_;
};

/// Months since the contract's start when today begins one; a value exercise decides then.
std::optional<int> month_begun(const Contract& contract, SimTime now) {
  const int months = whole_months(contract, now);
  const Date begins = contract.calendar.date(contract.start) + Period{months};
  if (months <= 0 || contract.calendar.date(now) != begins) return std::nullopt;
  return months;
}

bool wants(const Contract& contract, OptionState& option, const DayMetrics& metrics, SimTime now) {
  if (const auto* date = std::get_if<OnDateSpec>(&terms_of(option.spec).exercise))
    return now >= contract.calendar.at(date->on) && option.uses == 0;
  if (const auto* rule = std::get_if<OnRuleSpec>(&terms_of(option.spec).exercise)) {
    const double value = metrics.value(contract, rule->when.metric);
    const bool holds =
        rule->when.below ? value < rule->when.threshold.base : value > rule->when.threshold.base;
    option.days_true = holds && now > contract.start ? option.days_true + 1 : 0;
    return option.days_true * one_day.ns() >= std::max(rule->when.hold, one_day).ns();
  }
  if (const auto* by_value = std::get_if<OnValueSpec>(&terms_of(option.spec).exercise)) {
    const auto month = month_begun(contract, now);
    return month &&
           option.boundary.exercises(*month, GpuPrice{metrics.path(by_value->market.name).price});
  }
  return false;
}

}  // namespace

void check_options(Handover& handover) {
  const DayMetrics metrics{handover};
  const SimTime now = handover.machines.now;
  for (std::size_t row = 0; row < handover.contracts.contracts.size(); ++row) {
    const ContractId id{row};
    Contract& contract = handover.contracts.contracts[id];
    if (contract.state != ContractState::active) continue;
    for (std::size_t i = 0; i < contract.options.size(); ++i)
      if (wants(contract, contract.options[i], metrics, now)) give_notice(id, i, handover);
  }
}

void begin_day(Handover& handover, ServiceTables& services) {
  for (Agreement& agreement : handover.machines.fleet.agreements) {
    agreement.day_delivered = agreement.meter.delivered_time();
    agreement.day_used = agreement.meter.used_time();
  }
  for (Service& service : services.services) {
    service.day_asked = service.asked_tokens;
    service.day_capacity = service.capacity_tokens;
  }
}

namespace {

ReallocationView look(const Review& review, const Handover& handover) {
  const Contract& contract = handover.contracts.contracts[review.contract];
  const Fleet& fleet = handover.machines.fleet;
  ReallocationView view;
  view.idle = fleet.agreements[contract.source].meter.gpus(GpuState::idle);
  view.waiting = waiting_gpus(handover.jobs, contract.grantor, contract.site);
  for (const Service& service : handover.services.services)
    if (service.tenant == contract.grantor && service.site == contract.site)
      view.load = std::max(view.load, service.load);
  view.flexible_out = contract.flexible_out;
  const auto* lease = std::get_if<LeaseSpec>(&contract.spec);
  // Flexible GPUs come after the commitment.
  if (lease != nullptr && contract.ordered >= contract.promised)
    view.flexible_most = static_cast<std::int64_t>(lease->flexible.base());
  if (review.watches_market) view.price = handover.contracts.markets[review.market].price;
  for (const OptionState& option : contract.options)
    if (option.name == review.option)
      view.may_exercise = is_open(contract, option, handover.machines.now);
  return view;
}

void obey(Review& review, const ReallocationCommand& command, Handover& handover) {
  Contract& contract = handover.contracts.contracts[review.contract];
  if (command.deliver > 0) {
    const std::int64_t before = contract.ordered;
    send_nodes(review.contract, contract.ordered + command.deliver, true, handover);
    contract.flexible_out += contract.ordered - before;
    review.delivered += contract.ordered - before;
  }
  if (command.take_back > 0) {
    // A node comes back whole.
    const std::int64_t unit = largest_node(handover.machines.fleet, contract.site);
    const std::int64_t wanted = (command.take_back + unit - 1) / unit * unit;
    const std::int64_t back =
        return_nodes(review.contract, std::min(wanted, contract.flexible_out), handover);
    contract.flexible_out -= back;
    review.taken_back += back;
  }
  if (!command.exercise) return;
  for (std::size_t i = 0; i < contract.options.size(); ++i)
    if (contract.options[i].name == review.option) give_notice(review.contract, i, handover);
}

}  // namespace

void handle(const Reviewed& event, Handover& handover) {
  Review& review = handover.contracts.reviews[event.review];
  const Contract& contract = handover.contracts.contracts[review.contract];
  handover.agenda.schedule(handover.machines.now + review.every, Phase::supply, event);
  if (contract.state != ContractState::active) return;
  review.reviews += 1;
  obey(review, review.policy->decide(look(review, handover)), handover);
}

}  // namespace colossim
