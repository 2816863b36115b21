// The life of a run.
#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/world/simulate.hpp>

namespace colossim {

namespace {

void arm(World& world, Fault fault) {
  world.books.drops_next_posting = fault == Fault::lost_posting;
  world.power.drops_next_delta = fault == Fault::lost_delta;
  world.fleet.drops_next_state_change = fault == Fault::lost_state_change;
}

void report_ended_jobs(World& world, Observer* observer) {
  if (observer != nullptr) {
    for (const JobRecord& job : world.jobs.ended) observer->job_ended(job, world.jobs, world.fleet);
  }
  world.jobs.ended.clear();
}

void run_events(World& world, SimTime until, const SimulateOptions& options) {
  while (auto next = world.agenda.next_until(until)) {
    if (options.observer != nullptr) options.observer->dispatching(next->time, next->event);
    dispatch(world, next->event);
    if (!world.jobs.ended.empty()) report_ended_jobs(world, options.observer);
    if (options.paranoid && next->phase == Phase::settle) check_invariants(world);
  }
}

void close_site(World& world, SiteId site) {
  SiteBooks& books = world.books.sites[site];
  advance_activities(world.power, site, world.end);
  advance_meters(world.power.feeds[site], world.end);
  advance_cooling(world.cooling[site], world.end);
  close_power_window(books, world.power.feeds[site], world.end);
  close_power_hour(world.books, site, world.power, world.fleet, world.end);
  close_purchase_hour(world.contracts, world.books, world.fleet, site, world.power.feeds[site],
                      world.end);
  close_power_month(world.books, site, world.fleet, world.end);
  close_purchase_month(world.contracts, site, world.end);
  post_running(world.books, books, world.end);
  post_water(world.books, books, world.cooling[site].water_l, world.end);
}

/// Closes every account at the world's end.
void close_books(World& world) {
  for (Agreement& agreement : world.fleet.agreements) agreement.meter.advance(world.end);
  for (std::size_t row = 0; row < world.power.feeds.size(); ++row) close_site(world, SiteId{row});
  for (Service& service : world.services.services) advance_service(service, world.end);
  for (ServiceIncome& income : world.books.incomes)
    post_income(world.books, income, world.services.services[income.service], world.end);
  audit_nodes(world.fleet, world.end);
  audit_jobs(world.jobs, world.fleet, world.end);
  const MeteredWorld metered{world.fleet, world.books, world.services.services};
  for (Contract& contract : world.contracts.contracts) {
    if (contract.months_opened > 0)
      close_month(contract, world.books, world.contracts, metered, world.end);
  }
  accrue_loans(world.contracts, world.books, world.end);
  post_taxes(world.books, world.end);
}

}  // namespace

void advance(World& world, SimTime until, const SimulateOptions& options) {
  try {
    run_events(world, until, options);
  } catch (const InvariantBroken& broken) {
    throw InvariantBroken{fmt::format("at {} (event {}): {}",
                                      world.calendar.text(world.agenda.now()),
                                      world.agenda.dispatched(), broken.what())};
  }
}

Result finish(World& world, const Scenario& scenario) {
  close_books(world);
  world.useful_work.push_back(own_work(world, scenario.parties.size(), world.end));
  if (world.series.interval_ends().empty() || world.series.interval_ends().back() < world.end)
    world.series.close_interval(world.end);
  Result result;
  result.metrics = collect_metrics(world, scenario);
  result.certificate = certify(world);
  for (const auto& [name, party] : scenario.parties) result.parties.push_back(name);
  result.parties.emplace_back("outside");
  result.causes = world.books.causes;
  result.volumes = priced_quantities(world);
  result.finished = take_finished(world.jobs);
  result.drills = reclaim_drills(world, scenario);
  for (const Contract& contract : world.contracts.contracts)
    result.contracts.push_back(
        {contract.name, contract.outcome, contract.outcome_at, contract.uses});
  result.ledger = std::move(world.books.ledger);
  result.series = std::move(world.series);
  result.events = world.agenda.dispatched();
  for (const BalanceRow& row : result.certificate) {
    COLOSSIM_CHECK(row.closes, "balance does not close: {}: {} against {}, residual {}", row.what,
                   row.one, row.other, row.residual);
  }
  return result;
}

Result simulate(const Scenario& scenario, const SimulateOptions& options) {
  World world = build(scenario);
  arm(world, options.fault);
  try {
    advance(world, world.end, options);
  } catch (const ScenarioError& error) {
    // The world knows paths, not where they were written.
    std::vector<Diagnostic> located = error.diagnostics();
    for (Diagnostic& diagnostic : located) diagnostic.mark = scenario.mark_at(diagnostic.path);
    throw ScenarioError{std::move(located)};
  }
  return finish(world, scenario);
}

}  // namespace colossim
