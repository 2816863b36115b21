// Runs reduced to what is compared.
#include "paired_runs.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <set>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

/// A metric that some runs do not report.
double metric_or_zero(const Result& result, const std::string& name) {
  const auto found = std::find_if(result.metrics.begin(), result.metrics.end(),
                                  [&](const MetricValue& m) { return m.name == name; });
  return found == result.metrics.end() ? 0 : found->value;
}

/// Fees less credits, and what running own work costs: the numerator of the cash cost of a useful
/// GPU-hour. Without interest, tax, depreciation and losses. [models_8_4]
bool is_running_cost(Account account) {
  constexpr Account accounts[] = {
      Account::lease_cost,  Account::share_cost,   Account::license_cost,   Account::energy_cost,
      Account::demand_cost, Account::water_cost,   Account::operating_cost, Account::transfer_cost,
      Account::fee_cost,    Account::credit_income};
  return std::find(std::begin(accounts), std::end(accounts), account) != std::end(accounts);
}

PartyRun party_run(const Result& result, std::size_t row, const PartyStatement& statement) {
  PartyRun run;
  for (std::size_t a = 0; a < static_cast<std::size_t>(Account::count); ++a) {
    const auto account = static_cast<Account>(a);
    const Money balance = result.ledger.balance(PartyId{row}, account);
    if (account_class(account) == AccountClass::income) run.revenue -= balance;
    if (account_class(account) == AccountClass::expense) run.cost += balance;
    if (is_running_cost(account)) run.running_cost += balance;
  }
  run.work_income = -result.ledger.balance(PartyId{row}, Account::service_income);
  const std::string& party = result.parties[row];
  run.cash = statement.total_cash();
  const auto metric = [&](const char* name) {
    return metric_or_zero(result, "party." + party + "." + name);
  };
  run.own_work = metric("own_work");
  run.own_work_worth = metric("npv_with_own_work") - metric("npv");
  run.own_hours = metric("own_work_hours_discounted") / gpu_hour;
  run.residual = metric("residual_value");
  run.useful = metric_or_zero(result, "ladder." + party + ".useful") / gpu_hour;
  run.installed = metric_or_zero(result, "ladder." + party + ".installed") / gpu_hour;
  run.flow = statement.flow;
  run.earned = earned_by_cause(result, party);
  return run;
}

/// Shared by the threads of one `run_parallel`.
class Queue {
 public:
  Queue(std::size_t count, const CompareOptions& options,
        const std::function<void(std::size_t)>& work)
      : options_(options), work_(work), failures_(count) {}

  /// Indices are handed out in order, so all below one that failed have begun.
  void drain() {
    for (std::size_t i = next_++; i < failures_.size() && !failed_; i = next_++) {
      try {
        work_(i);
        report();
      } catch (...) {
        failures_[i] = std::current_exception();
        failed_ = true;
      }
    }
  }
  void rethrow() const {
    for (const std::exception_ptr& failure : failures_) {
      if (failure) std::rethrow_exception(failure);
    }
  }

 private:
  void report() {
    if (!options_.progress) return;
    const std::lock_guard lock{reporting_};
    options_.progress(++done_, failures_.size());
  }

  const CompareOptions& options_;
  const std::function<void(std::size_t)>& work_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::vector<std::exception_ptr> failures_;
  std::mutex reporting_;
  std::size_t done_ = 0;
};

std::string first_site_owner(const Scenario& scenario) {
  return scenario.sites.empty() ? "" : scenario.sites.begin()->second.owner.name;
}

}  // namespace

ValueLine PartyRun::value_line() const {
  return {net_present_value(flow, rate) + Dollars{residual}, GpuTime{own_hours * gpu_hour}};
}

double PartyRun::npv() const {
  return net_present_value(flow, rate).base() + own_work_worth + residual;
}

PartyRuns party_runs(const Scenario& scenario, const Result& result, const Statements& statements) {
  PartyRuns runs;
  for (std::size_t row = 0; row < result.parties.size(); ++row) {
    const auto spec = scenario.parties.find(result.parties[row]);
    if (spec == scenario.parties.end()) continue;
    PartyRun& run = runs[spec->first];
    run = party_run(result, row, statements.parties[row]);
    run.rate = spec->second.discount;
    if (spec->second.alternative) run.elsewhere = spec->second.alternative->base() * gpu_hour;
  }
  return runs;
}

Roles roles(const Scenario& base, const std::vector<const PartyRuns*>& runs,
            const CompareOptions& options) {
  Roles roles{options.owner.empty() ? first_site_owner(base) : options.owner, options.tenant};
  if (!roles.tenant.empty()) return roles;
  std::map<std::string, double> installed;
  for (const PartyRuns* each : runs) {
    for (const auto& [party, run] : *each) installed[party] += run.installed;
  }
  double most = 0;
  for (const auto& [party, gpu_hours] : installed) {
    if (party == roles.owner || gpu_hours <= most) continue;
    most = gpu_hours;
    roles.tenant = party;
  }
  return roles;
}

void require_same_horizon(std::span<const ScenarioSource> sources,
                          const std::vector<Scenario>& scenarios) {
  const auto span_text = [&](std::size_t i) {
    return fmt::format("{} covers {:g} days from {}", sources[i].file.string(),
                       scenarios[i].duration.in(units::day), to_string(scenarios[i].start));
  };
  std::vector<Diagnostic> problems;
  for (std::size_t i = 1; i < scenarios.size(); ++i) {
    if (scenarios[i].start == scenarios[0].start && scenarios[i].duration == scenarios[0].duration)
      continue;
    const bool same_start = scenarios[i].start == scenarios[0].start;
    const std::string path = same_start ? "duration" : "start";
    problems.push_back({scenarios[i].mark_at(path), path,
                        fmt::format("{} and {}", span_text(0), span_text(i)),
                        "compared scenarios start on one day and last as long; --set changes all"});
  }
  if (!problems.empty()) throw ScenarioError{std::move(problems)};
}

void require_parties(const std::vector<Scenario>& scenarios, const CompareOptions& options) {
  std::set<std::string> known;
  for (const Scenario& scenario : scenarios) {
    for (const auto& [name, party] : scenario.parties) known.insert(name);
  }
  const std::vector<std::string> names{known.begin(), known.end()};
  std::vector<Diagnostic> problems;
  const auto require = [&](const char* option, const std::string& party) {
    if (party.empty() || known.contains(party)) return;
    problems.push_back(
        {{option}, "", fmt::format("there is no party \"{}\"", party), did_you_mean(party, names)});
  };
  if (!options.owner.empty() && options.owner == options.tenant)
    problems.push_back({{"--tenant"}, "", "expected another party than --owner", {}});
  require("--owner", options.owner);
  require("--tenant", options.tenant);
  if (!problems.empty()) throw ScenarioError{std::move(problems)};
}

void run_parallel(std::size_t count, const CompareOptions& options,
                  const std::function<void(std::size_t)>& work) {
  const std::size_t wanted =
      options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  Queue queue{count, options, work};
  std::vector<std::thread> helpers;
  helpers.reserve(std::min(wanted, count));
  try {
    while (helpers.size() + 1 < std::min(wanted, count))
      helpers.emplace_back([&queue] { queue.drain(); });
  } catch (const std::system_error&) {
    // No more threads to be had: fewer do.
  }
  queue.drain();
  for (std::thread& helper : helpers) helper.join();
  queue.rethrow();
}

Scenario ReplicationLoader::operator()(const ScenarioSource& source, std::int64_t replication) {
  std::vector<Override> changes = source.options.overrides;
  changes.push_back({"replication", std::to_string(replication)});
  if (source.options.seed) changes.push_back({"seed", std::to_string(*source.options.seed)});
  const std::lock_guard lock{reading_};
  auto files = files_.find(source.file);
  if (files == files_.end()) {
    LoadOptions plain = source.options;
    plain.overrides.clear();
    plain.seed.reset();
    files = files_.emplace(source.file, ScenarioFiles{source.file, plain}).first;
  }
  return files->second.load(changes);
}

}  // namespace colossim
