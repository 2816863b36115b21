// A trace replayed on a whole site, with power, cooling and books, against the same jobs replayed
// by scheduling alone: where no cap binds they are the same to the nanosecond, under every policy.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/base/random.hpp>
#include <colossim/world/replay.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

struct Row {
  std::int64_t submit = 0;  // s
  std::int64_t runtime = 0;
  std::int64_t estimate = 0;
  std::int64_t gpus = 0;
  int tenant = 0;
  std::int64_t priority = 0;
};

/// A week of bursts on 640 GPUs, whole nodes only.
std::vector<Row> draw_rows() {
  Stream stream{StreamName{.seed = 77, .path = "trace"}};
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(stream.next() % n); };
  std::vector<Row> rows;
  std::int64_t now = 0;
  for (int i = 0; i < 250; ++i) {
    if (below(3) > 0) now += below(7000);
    Row row{.submit = now, .runtime = 60 + below(60'000)};
    row.estimate = row.runtime + below(50'000);
    row.gpus = 8 * (1 + (below(4) == 0 ? below(60) : below(8)));
    row.tenant = static_cast<int>(below(3));
    row.priority = below(3);
    rows.push_back(row);
  }
  return rows;
}

std::string trace_text(const std::vector<Row>& rows) {
  std::string text = "id,submit_s,runtime_s,gpus,estimate_s,tenant,priority\n";
  for (std::size_t i = 0; i < rows.size(); ++i)
    text += fmt::format("{},{},{},{},{},t{},{}\n", i, rows[i].submit, rows[i].runtime, rows[i].gpus,
                        rows[i].estimate, rows[i].tenant, rows[i].priority);
  return text;
}

class Ends final : public Observer {
 public:
  void job_ended(const JobRecord& job, const JobTables& /*jobs*/, const Fleet& /*fleet*/) override {
    ends[job.outcome.number] = job.outcome.ended.ns();
  }
  std::map<std::int64_t, std::int64_t> ends;
};

struct Case {
  const char* queue;  // as a scenario says it
  QueueSpec spec;
  const char* placement;
  PlacementSpec placed;
};

std::vector<Case> cases() {
  const std::map<std::string, double> shares{{"t0", 0.5}, {"t1", 0.3}, {"t2", 0.2}};
  return {{"fifo", FifoSpec{}, "rack_local", RackLocalPlacement{}},
          {"first_fit", FirstFitSpec{}, "count", CountPlacement{}},
          {"sjf", SjfSpec{}, "spread", SpreadPlacement{}},
          {"sjf_skip", SjfSkipSpec{}, "best_fit", BestFitPlacement{}},
          {"easy", EasySpec{}, "rack_local", RackLocalPlacement{}},
          {"easy_sjf", EasySjfSpec{}, "consolidate", ConsolidatePlacement{}},
          {"easy_machines", EasyMachinesSpec{}, "first_fit", FirstFitPlacement{}},
          {"conservative", ConservativeSpec{}, "first_fit", FirstFitPlacement{}},
          {"srtf", SrtfSpec{}, "rack_local", RackLocalPlacement{}},
          {"priority", PrioritySpec{}, "rack_local", RackLocalPlacement{}},
          {"{kind: las, thresholds: [20 gpu-h, 200 gpu-h]}",
           LasSpec{{20.0 * units::hour * units::gpu, 200.0 * units::hour * units::gpu}},
           "rack_local", RackLocalPlacement{}},
          {"{kind: fair_share, weights: {t0: 0.5, t1: 0.3, t2: 0.2}, half_life: 5 h}",
           FairShareSpec{shares, 5.0 * units::hour}, "rack_local", RackLocalPlacement{}},
          {"{kind: quota, shares: {t0: 0.5, t1: 0.3, t2: 0.2}}", QuotaSpec{shares, true},
           "rack_local", RackLocalPlacement{}}};
}

std::map<std::int64_t, std::int64_t> alone(const std::vector<Row>& rows, const Case& each) {
  std::map<std::int64_t, std::int64_t> ends;
  std::size_t next = 0;
  replay(
      {.cluster = {.nodes = 80, .gpus_per_node = 8, .nodes_per_rack = 8},
       .queue = each.spec,
       .placement = each.placed,
       .checkpoint = {.every = one_hour,
                      .write = Duration{60 * one_second.ns()},
                      .restart = Duration{300 * one_second.ns()}},
       .accounts = {"log", "t0", "t1", "t2"}},
      [&](ReplayJob& job) {
        if (next == rows.size()) return false;
        const Row& row = rows[next++];
        job = {.submitted = SimTime{row.submit * one_second.ns()},
               .runtime = Duration{row.runtime * one_second.ns()},
               .estimate = Duration{row.estimate * one_second.ns()},
               .gpus = row.gpus,
               .account = static_cast<std::uint32_t>(row.tenant + 1),
               .priority = row.priority};
        return true;
      },
      [&](const JobOutcome& job, std::span<const NodePart>) { ends[job.number] = job.ended.ns(); });
  return ends;
}

std::map<std::int64_t, std::int64_t> on_site(const std::vector<Row>& rows, const Case& each) {
  const test::TemporaryFolder folder;
  write_file(folder.path() / "log.csv", trace_text(rows));
  write_file(folder.path() / "scenario.yaml",
             test::small_site() +
                 fmt::format("pools: {{main: {{site: here, tenant: owner, queue: {}, placement: "
                             "{}}}}}\n"
                             "jobs:\n  log: {{kind: trace, tenant: owner, site: here, on: "
                             "[h100_sxm], trace: log.csv, checkpoint: 1 h, checkpoint_write: 60 s, "
                             "restart: 300 s, activity: 10 %}}\n",
                             each.queue, each.placement));
  LoadOptions options = test::shipped_catalog();
  options.overrides = {{"duration", "12 d"}};
  const Scenario scenario = load(folder.path() / "scenario.yaml", options);
  Ends observer;
  static_cast<void>(simulate(scenario, {.paranoid = true, .observer = &observer}));
  return observer.ends;
}

}  // namespace

TEST_CASE("a trace on a whole site ends job by job as by scheduling alone") {
  const std::vector<Row> rows = draw_rows();
  for (const Case& each : cases()) {
    CAPTURE(each.queue);
    const auto expected = alone(rows, each);
    const auto found = on_site(rows, each);
    const std::int64_t end = 12 * one_day.ns();
    std::size_t wrong = 0;
    std::size_t compared = 0;
    for (const auto& [number, ended] : expected) {
      if (ended > end) continue;
      ++compared;
      const auto job = found.find(number);
      if (job == found.end() || job->second != ended) ++wrong;
    }
    CHECK(compared > 150);
    CHECK_MESSAGE(wrong == 0, wrong, " of ", compared, " jobs end at another time");
  }
}
