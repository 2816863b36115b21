// Schedules of public job logs, to the second: two independent programs, the Helios artifact's
// simulator and Batsim computed what is expected. None of it is in the repository.
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <colossim/world/replay.hpp>

#include "public_data.hpp"

namespace colossim::oracle {

namespace {

struct Logged {
  double submit = 0;  // s
  double runtime = 0;
  double estimate = 0;
  std::int64_t size = 0;
  std::string vc;
};

std::vector<Logged> read_log(const std::filesystem::path& file) {
  std::vector<Logged> jobs;
  for (auto& row : read_table(file)) {
    Logged job{.submit = std::stod(row["submit_s"]), .runtime = std::stod(row["runtime_s"])};
    for (const char* size : {"procs", "gpus", "units", "machines"}) {
      if (row.count(size) > 0) job.size = std::stoll(row[size]);
    }
    job.estimate = row.count("estimate_s") > 0 ? std::stod(row["estimate_s"]) : job.runtime;
    job.vc = row["vc"];
    jobs.push_back(std::move(job));
  }
  return jobs;
}

/// Nanoseconds of a time logged with at most six decimals.
std::int64_t ns(double seconds) {
  return std::llround(seconds * 1e6) * 1000;
}

struct Schedule {
  std::vector<JobOutcome> jobs;  // in the order of the log
  std::vector<std::vector<std::uint32_t>> nodes;
  ReplayResult result;
};

Schedule schedule(const ReplaySetup& setup, const std::vector<Logged>& log) {
  Schedule schedule;
  schedule.jobs.resize(log.size());
  schedule.nodes.resize(log.size());
  std::size_t next = 0;
  schedule.result = replay(
      setup,
      [&](ReplayJob& job) {
        if (next == log.size()) return false;
        const Logged& row = log[next++];
        job = {.submitted = SimTime{ns(row.submit)},
               .runtime = Duration{ns(row.runtime)},
               .estimate = Duration{ns(row.estimate)},
               .gpus = row.size};
        return true;
      },
      [&](const JobOutcome& job, std::span<const NodePart> parts) {
        const auto row = static_cast<std::size_t>(job.number - 1);
        schedule.jobs[row] = job;
        for (const NodePart& part : parts) schedule.nodes[row].push_back(part.node);
      });
  return schedule;
}

QueueSpec queue_named(const std::string& name) {
  static const std::map<std::string, QueueSpec> queues = {
      {"fifo", FifoSpec{}},          {"firstfit", FirstFitSpec{}}, {"sjf", SjfSpec{}},
      {"sjfskip", SjfSkipSpec{}},    {"easy", EasySpec{}},         {"easysjf", EasySjfSpec{}},
      {"srtf", SrtfSpec{}},          {"cons", ConservativeSpec{}}, {"fifo-consolidate", FifoSpec{}},
      {"sjf-consolidate", SjfSpec{}}};
  return queues.at(name);
}

std::int64_t second(SimTime t) {
  return t.ns() / one_second.ns();
}

void check_row(const nlohmann::json& row, const Schedule& schedule) {
  const JobStatistics& jobs = schedule.result.statistics;
  const auto near = [&](const char* field, double value, double digits) {
    const double expected = row.at(field).get<double>();
    CHECK_MESSAGE(std::abs(value - expected) <= 0.5 * std::pow(10, -digits) + 1e-9, field, " ",
                  value, " against ", expected);
  };
  CHECK(jobs.jobs() == row["jobs"].get<std::size_t>());
  near("mean_wait", jobs.wait().mean, 6);
  near("mean_jct", jobs.completion().mean, 6);
  near("p50_wait", jobs.wait().median, 6);
  near("p90_wait", jobs.wait().p90, 6);
  near("p99_wait", jobs.wait().p99, 6);
  near("max_wait", jobs.wait().max, 6);
  near("makespan", jobs.makespan().quantity().base(), 6);
  near("utilization", schedule.result.utilization, 8);
  if (row.contains("mean_bsld10")) near("mean_bsld10", jobs.bounded_slowdown().mean, 6);
  if (row.contains("n_waited")) CHECK(jobs.waited() == row["n_waited"].get<std::int64_t>());
  std::string starts;
  for (const JobOutcome& job : schedule.jobs)
    starts += fmt::format("{}\n", second(job.first_start));
  CHECK_MESSAGE(fmt::format("{:08x}", crc32(starts)) == row["start_crc32"].get<std::string>(),
                "CRC-32 of all start times in the order of the log: at least one job starts at "
                "another second");
}

TEST_CASE("pools of units: every start of NASA iPSC and Lublin under eight policies") {
  const auto oracle = public_file("oracles/pool.json");
  if (!oracle) return;
  for (const auto& row : nlohmann::json::parse(std::ifstream{*oracle})) {
    const auto policy = row["policy"].get<std::string>();
    CAPTURE(row["trace"].get<std::string>());
    CAPTURE(policy);
    std::vector<Logged> log = read_log(*public_file("jobs/" + row["source"].get<std::string>()));
    const double scale = row["submit_scale"].get<double>();
    for (Logged& job : log) job.submit = std::floor(job.submit * scale);
    check_row(row, schedule({.cluster = ReplayCluster::pool(row["capacity"].get<std::uint32_t>()),
                             .queue = queue_named(policy),
                             .placement = CountPlacement{},
                             .checkpoint = {.every = Duration{}}},
                            log));
  }
}

TEST_CASE("nodes: every start of Philly's virtual clusters under consolidation, as Helios has it") {
  const auto oracle = public_file("oracles/node_consolidate.json");
  if (!oracle) return;
  const std::vector<Logged> log = read_log(*public_file("jobs/philly_2017_10.csv"));
  for (const auto& row : nlohmann::json::parse(std::ifstream{*oracle})) {
    const auto vc = row["vc"].get<std::string>();
    const auto policy = row["policy"].get<std::string>();
    CAPTURE(vc);
    CAPTURE(policy);
    std::vector<Logged> jobs;
    for (const Logged& job : log) {
      if (job.vc == vc) jobs.push_back(job);
    }
    check_row(row,
              schedule({.cluster = {.nodes = row["nodes"].get<std::uint32_t>(),
                                    .gpus_per_node = row["gpus_per_node"].get<std::uint32_t>()},
                        .queue = queue_named(policy),
                        .placement = ConsolidatePlacement{}},
                       jobs));
  }
}

TEST_CASE("start and end of each of 10,000 Lublin jobs under fifo and easy") {
  const auto lublin = public_file("jobs/lublin_256.csv");
  if (!lublin) return;
  const std::vector<Logged> log = read_log(*lublin);
  for (const char* policy : {"fifo", "easy"}) {
    CAPTURE(policy);
    const auto expected =
        read_table(*public_file(fmt::format("oracles/perjob/lublin_256_{}.csv", policy)));
    const Schedule found = schedule({.cluster = ReplayCluster::pool(256),
                                     .queue = queue_named(policy),
                                     .placement = CountPlacement{}},
                                    log);
    REQUIRE(expected.size() == found.jobs.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const bool same = std::stoll(expected[i].at("start")) == second(found.jobs[i].first_start) &&
                        std::stoll(expected[i].at("end")) == second(found.jobs[i].ended);
      if (!same) ++wrong;
    }
    CHECK(wrong == 0);
  }
}

/// "0-3 7" as 0, 1, 2, 3, 7.
std::vector<std::uint32_t> machines_of(const std::string& text) {
  std::vector<std::uint32_t> machines;
  std::istringstream in{text};
  for (std::string range; in >> range;) {
    const auto dash = range.find('-');
    const auto first = static_cast<std::uint32_t>(std::stoul(range.substr(0, dash)));
    const auto last = dash == std::string::npos
                          ? first
                          : static_cast<std::uint32_t>(std::stoul(range.substr(dash + 1)));
    for (std::uint32_t machine = first; machine <= last; ++machine) machines.push_back(machine);
  }
  return machines;
}

TEST_CASE("easy on named machines: Batsim's own output, every start, end and set of machines") {
  const auto file = public_file("jobs/batsim_medium_late_easy.csv");
  if (!file) return;
  const std::vector<Logged> log = read_log(*file);
  const auto expected = read_table(*file);
  const Schedule found = schedule({.cluster = {.nodes = 32, .gpus_per_node = 1},
                                   .queue = EasyMachinesSpec{},
                                   .placement = FirstFitPlacement{}},
                                  log);
  for (std::size_t i = 0; i < log.size(); ++i) {
    CAPTURE(i);
    CHECK(found.jobs[i].first_start.ns() == ns(std::stod(expected[i].at("expected_start_s"))));
    CHECK(found.jobs[i].ended.ns() == ns(std::stod(expected[i].at("expected_end_s"))));
    CHECK(found.nodes[i] == machines_of(expected[i].at("expected_machines")));
  }
}

}  // namespace

}  // namespace colossim::oracle
