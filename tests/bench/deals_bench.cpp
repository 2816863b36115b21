// Contracts: what a million postings cost, each shipped deal for a simulated year, and the nine
// deal structures in one table.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/random.hpp>
#include <colossim/record/ledger.hpp>

#include "runs.hpp"

namespace colossim::bench {

namespace {

namespace fs = std::filesystem;

const fs::path scenarios = fs::path{COLOSSIM_SOURCE_DIR} / "scenarios";

/// Payments between twenty parties: two postings each.
Figures post(std::int64_t postings) {
  constexpr std::uint64_t parties = 20;
  const double before = cpu_time();
  Ledger ledger{parties};
  Stream stream{StreamName{.seed = 1, .path = "bench", .purpose = "postings"}};
  Figures figures;
  for (std::int64_t i = 0; i < postings / 2; ++i) {
    const std::uint64_t draw = stream.next();
    const PartyId payer{draw % parties};
    const PartyId payee{(draw >> 8) % parties};
    pay(ledger,
        {SimTime{} + i * one_minute, payer, Account::lease_cost, payee, Account::lease_income,
         static_cast<std::uint16_t>(draw >> 52), Money{static_cast<std::int64_t>(draw >> 24)}});
  }
  for (std::size_t party = 0; party < parties; ++party)
    figures.hash = figures.hash * 31 + static_cast<std::uint64_t>(
                                           ledger.balance(PartyId{party}, Account::cash).micro());
  figures.seconds = cpu_time() - before;
  figures.events = static_cast<std::uint64_t>(postings);
  return figures;
}

void bench_postings(Effort effort, double calibration) {
  const std::int64_t postings = effort.scaled(1'000'000, 100'000);
  const Figures figures = isolated([&] {
    Figures best = post(postings);
    for (int i = 1; i < effort.repetitions(); ++i) best = least(best, post(postings));
    return best;
  });
  print_row("postings", figures, calibration);
  print_ratio("CPU s per million postings", figures.seconds / static_cast<double>(postings) * 1e6,
              1);
}

/// The slowest and the largest of all deals, per simulated year.
void bench_scenarios(Effort effort, double calibration) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator{scenarios})
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  double slowest = 0;
  double largest = 0;
  for (const fs::path& file : files) {
    const Scenario scenario = load_shipped(file, effort.quick ? "120 d" : "");
    const Figures figures = isolated([&] {
      Figures best = simulate_once(scenario);
      for (int i = 1; i < std::min(3, effort.repetitions()); ++i)
        best = least(best, simulate_once(scenario));
      return best;
    });
    print_row(file.stem().string(), figures, calibration);
    slowest = std::max(slowest, figures.seconds / (scenario.duration / units::year));
    largest = std::max(largest, figures.peak_rss);
  }
  print_ratio("CPU s for a simulated year of the slowest deal", slowest, 4);
  print_ratio("peak MB of the largest deal", largest, 400);
}

void bench_compare(Effort effort, const std::string& executable) {
  std::vector<std::string> arguments{executable, "compare"};
  for (const char* name :
       {"colossus_1", "full_lease", "lease_with_reclaim_1y", "tenant_exit_90_days",
        "partial_transfer", "asset_sale", "revenue_share", "equity_swap", "wind_down"})
    arguments.push_back((scenarios / fmt::format("{}.yaml", name)).string());
  if (effort.quick) arguments.insert(arguments.end(), {"--set", "duration=120 d"});
  const ProgramRun run = run_program(arguments);
  print_ratio("wall s of comparing nine deal structures", run.wall, 40);
}

}  // namespace

void bench_deals(Effort effort, double calibration, const std::string& executable) {
  bench_postings(effort, calibration);
  bench_scenarios(effort, calibration);
  if (!executable.empty()) bench_compare(effort, executable);
}

}  // namespace colossim::bench
