// What a scenario may say about pools and traces, and what is told when it is wrong.
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/experiment/claim_runs.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

const std::string header = "id,submit_s,runtime_s,gpus,estimate_s,tenant\n";
const std::string rows = "a,0,60,8,100,red\nb,5,60,16,,blue\n";

std::string trace_job(const std::string& more = {}) {
  return "jobs:\n  log: {kind: trace, tenant: owner, site: here, on: [h100_sxm], trace: log.csv" +
         more + "}\n";
}

/// A scenario beside a trace: its problems, or the scenario.
class Folder {
 public:
  Folder(const std::string& trace, const std::string& text,
         const std::string& site = test::small_site()) {
    write_file(folder_.path() / "log.csv", trace);
    write_file(folder_.path() / "scenario.yaml", site + text);
  }
  [[nodiscard]] Scenario scenario() const {
    return load(folder_.path() / "scenario.yaml", test::shipped_catalog());
  }
  [[nodiscard]] std::string problems() const {
    try {
      static_cast<void>(scenario());
      return {};
    } catch (const ScenarioError& error) {
      return error.what();
    }
  }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

bool has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  MESSAGE(text);
  return false;
}

std::string problems(const std::string& trace, const std::string& text) {
  return Folder{trace, text}.problems();
}

std::string pool(const std::string& more) {
  return "pools:\n  main: {site: here, tenant: owner" + more + "}\n";
}

}  // namespace

TEST_CASE("a trace is read at load: its tenants and its checksum are noted") {
  const Scenario scenario = Folder{header + rows, trace_job()}.scenario();
  const auto& spec = std::get<TraceSpec>(scenario.jobs.at("log"));
  CHECK(spec.accounts == std::set<std::string>{"blue", "red"});
  CHECK(spec.checksum.size() == 16);
}

TEST_CASE("bad rows of a trace are located in the trace") {
  CHECK(has(problems(header + "a,0,60,648,100,red\n", trace_job()), "log.csv:2:8: gpus:"));
  CHECK(has(problems(header + "a,0,-60,8,100,red\n", trace_job()), "log.csv:2:5: runtime_s:"));
  CHECK(has(problems(header + "a,9,60,8,,red\nb,5,60,8,,red\n", trace_job()),
            "log.csv:3:3: submit_s:"));
  CHECK(has(problems("id,submit_s,gpus\na,0,8\n", trace_job()), "runtime_s"));
  CHECK(has(problems("id,submit_s,runtime_s,gpus,gpu\na,0,60,8,h200_sxm\n", trace_job()),
            "log.csv:2:"));
}

TEST_CASE("a tenant of a trace that the queue's shares do not name is unknown") {
  const std::string shares = pool(", queue: {kind: quota, shares: {red: 50 %, bleu: 50 %}}");
  CHECK(has(problems(header + rows, shares + trace_job()), "log.csv:3:"));
  CHECK(has(problems(header + rows, shares + trace_job()), "bleu"));
  CHECK(has(
      problems(header + rows, pool(", queue: {kind: fair_share, weights: {red: 1}}") + trace_job()),
      "log.csv:3:"));
  CHECK(problems(header + rows, pool(", queue: fair_share") + trace_job()).empty());
}

TEST_CASE("jobs without a tenant are the stream's, which then needs a share too") {
  const auto quota = [](const char* shares) {
    return pool(std::string{", queue: {kind: quota, borrow: false, shares: {"} + shares + "}}") +
           trace_job();
  };
  const std::string mixed = header + "a,0,60,8,,red\nb,5,60,16,,\n";
  CHECK(
      has(problems(mixed, quota("red: 50 %")),
          "log.csv:3:12: tenant: expected a tenant: the pool's queue tells tenants apart by name, "
          "and has no share for log"));
  CHECK(has(problems(header + "b,5,60,16,,\na,6,60,8,,red\n", quota("red: 50 %")),
            "log.csv:2:12: tenant: expected a tenant"));
  CHECK(problems(mixed, quota("red: 50 %, log: 50 %")).empty());
  CHECK(has(problems(header + "b,5,60,328,,\n", quota("red: 50 %, log: 50 %")),
            "the share of log, found \"328\""));
  CHECK(problems(mixed, pool(", queue: fair_share") + trace_job()).empty());
}

TEST_CASE("jobs of the span that are submitted after the run's end are counted") {
  const std::string rows_of_a_year = header + "a,0,60,8,,\nb,31536000,60,8,,\nc,40000000,60,8,,\n";
  const auto behind = [&](const std::string& more) {
    return std::get<TraceSpec>(Folder{rows_of_a_year, trace_job(more)}.scenario().jobs.at("log"))
        .behind;
  };
  CHECK(behind("") == 2);
  CHECK(behind(", until: 35000000 s") == 1);
  CHECK(behind(", scale_time: 1e-6") == 0);
}

TEST_CASE("work of somebody who never has a node at the site is refused") {
  std::string job = trace_job();
  job.replace(job.find("tenant: owner"), 13, "tenant: utility");
  CHECK(has(problems(header + rows, job),
            "jobs.log.tenant: utility neither owns here nor holds a contract on its nodes"));
}

TEST_CASE("what a job can never have is told: more than its type, its share or its least size") {
  const auto quota = [](const char* borrow) {
    return pool(std::string{", queue: {kind: quota, shares: {red: 50 %, blue: 50 %}, borrow: "} +
                borrow + "}") +
           trace_job();
  };
  const std::string big = header + "a,0,60,400,,red\n";
  CHECK(has(problems(big, quota("false")),
            "log.csv:2:8: gpus: expected at most 320, which is not lent, the share of red, found"));
  CHECK(problems(big, quota("true")).empty());
  const std::string large = header + "a,0,60,1280,,red\n";
  CHECK(problems(large, trace_job(", elastic: {least: 0.5, most: 1}")).empty());
  // 51 % of 1,254 is 640 GPUs, of 1,255 one more.
  const std::string shrunk = trace_job(", elastic: {least: 0.51, most: 1}");
  CHECK(problems(header + "a,0,60,1254,,red\n", shrunk).empty());
  CHECK(has(problems(header + "a,0,60,1255,,red\n", shrunk), "log.csv:2:8"));
  std::string site = test::small_site();
  site.replace(site.find("count: 10"), 9, "count: 9");
  site.replace(site.find("hopper:"), 0,
               "next: {node: hgx_h200, nodes: 8, count: 1, branch: busway, in_service: "
               "2025-05-06}, ");
  const std::string types =
      "jobs:\n  log: {kind: trace, tenant: owner, site: here, on: [h100_sxm, h200_sxm], trace: "
      "log.csv}\n";
  const auto typed = [&](const char* row) {
    return Folder{std::string{"id,submit_s,runtime_s,gpus,gpu\n"} + row + "\n", types, site}
        .problems();
  };
  CHECK(has(typed("a,0,60,65,h200_sxm"), "expected at most 64, all there is of h200_sxm, found"));
  CHECK(typed("a,0,60,64,h200_sxm").empty());
  CHECK(typed("a,0,60,65,").empty());
}

TEST_CASE("another content, no file and an empty span are told") {
  CHECK(has(problems(header + rows, trace_job(", checksum: 0123456789abcdef")), "checksum"));
  CHECK(has(problems(header + rows, trace_job(", from: 1 h")), "no job of the trace"));
  CHECK(has(problems(header + rows, trace_job(", from: 1 h, until: 1 min")), "until"));
  const Folder folder{header + rows, trace_job()};
  std::filesystem::remove(folder.path() / "log.csv");
  CHECK(has(folder.problems(), "cannot read it"));
}

TEST_CASE("pools that contradict themselves are told") {
  const std::string jobs = trace_job();
  CHECK(has(problems(header + rows, pool(", queue: eazy") + jobs), "unknown kind \"eazy\""));
  CHECK(has(problems(header + rows,
                     pool(", queue: {kind: quota, shares: {red: 80 %, blue: 30 %}}") + jobs),
            "at most 1 in all"));
  CHECK(has(
      problems(header + rows, pool(", queue: {kind: las, thresholds: [9 gpu-h, 2 gpu-h]}") + jobs),
      "each greater"));
  CHECK(has(problems(header + rows, pool(", queue: easy_machines") + jobs), "first_fit"));
  CHECK(has(problems(header + rows, "pools:\n  main: {site: here, tenant: tenant}\n" + jobs),
            "has no jobs at here"));
  CHECK(has(
      problems(
          header + rows,
          "pools:\n  a: {site: here, tenant: owner}\n  b: {site: here, tenant: owner}\n" + jobs),
      "shared out already"));
  CHECK(has(problems(header + rows, pool(", queue: {kind: quota, shares: {red: 50 %}}") +
                                        test::small_jobs("owner")),
            "jobs.batch shares this pool"));
}

TEST_CASE("the resolved scenario names the trace wherever it is read again") {
  const Folder folder{header + rows, pool(", queue: easy, placement: count") + trace_job()};
  const std::string resolved = save(folder.scenario());
  const test::TemporaryFolder elsewhere;
  write_file(elsewhere.path() / "resolved.yaml", resolved);
  CHECK(save(load(elsewhere.path() / "resolved.yaml", test::shipped_catalog())) == resolved);
}

TEST_CASE("a scenario is the same wherever its trace lies, and another with another trace") {
  const auto hash = [](const std::string& trace) {
    return scenario_hash(Folder{trace, trace_job()}.scenario());
  };
  CHECK(hash(header + rows) == hash(header + rows));
  CHECK(hash(header + rows) != hash(header + rows + "c,9,60,1,,red\n"));
}

TEST_CASE("scaling, spans, nodes and GPU types of a trace") {
  const auto done = [](const std::string& trace, const std::string& more, const char* metric) {
    return simulate(Folder{trace, trace_job(more)}.scenario()).metric(metric);
  };
  const std::string three = header + "a,0,3600,8,,\nb,7200,3600,8,,\nc,14400,3600,8,,\n";
  CHECK(done(three, "", "jobs.log.makespan") == 18000);
  CHECK(done(three, ", scale_time: 0.5", "jobs.log.makespan") == 10800);
  CHECK(done(three, ", scale_size: 2", "jobs.log.gpu_hours") == 3 * 16 * 3600);
  CHECK(done(three, ", from: 2 h", "jobs.log.done") == 2);
  CHECK(done(three, ", until: 2 h", "jobs.log.done") == 1);
  CHECK(done("id,submit_s,runtime_s,nodes\na,0,3600,3\n", "", "jobs.log.gpu_hours") ==
        3 * 8 * 3600);
  CHECK(done("id,submit_s,runtime_s,gpus,gpu\na,0,3600,4,h100_sxm\n", "", "jobs.log.done") == 1);
}

TEST_CASE("an elastic job takes fewer GPUs when fewer are free, and takes longer") {
  // 640 GPUs: a holds 600 for a day; b asks for 80 and gets 40, half as fast when it scales
  // perfectly.
  const std::string trace = header + "a,0,86400,600,,\nb,10,3600,80,,\n";
  const Result result = simulate(
      Folder{trace, trace_job(", elastic: {least: 0.25, most: 1, exponent: 1}")}.scenario());
  CHECK(result.metric("jobs.log.completion.median") == doctest::Approx((86400 + 7200) / 2.0));
  CHECK(result.metric("jobs.log.wait.p99") == 0);
}

TEST_CASE("quota: an elastic job grows to its share, and what is taken back stays back") {
  const std::string trace = header + "a,0,3600,320,,red\nb,1,3600,320,,blue\n";
  const Result result =
      simulate(Folder{trace, pool(", queue: {kind: quota, shares: {red: 50 %, blue: 50 %}}") +
                                 trace_job(", elastic: {least: 1, most: 2}")}
                   .scenario());
  CHECK(result.metric("jobs.log.done") == 2);
  CHECK(result.metric("jobs.log.preempted") == 0);
}

TEST_CASE("quota without borrowing leaves idle what others are guaranteed") {
  // 640 GPUs, 320 each; red's second job of 320 would need blue's half.
  const std::string trace = header + "a,0,3600,320,,red\nb,0,3600,320,,red\n";
  const auto median = [&](const char* borrow) {
    return simulate(Folder{trace, pool(fmt::format(", queue: {{kind: quota, shares: {{red: 50 %, "
                                                   "blue: 50 %}}, borrow: {}}}",
                                                   borrow)) +
                                      trace_job()}
                        .scenario())
        .metric("jobs.log.completion.p99");
  };
  CHECK(median("true") == 3600);
  CHECK(median("false") > 7100);
}

TEST_CASE("a preempted job's waits count together, in the mean as in the quantiles") {
  // srtf on 640 GPUs: a (1,000 s) starts at 0, b (100 s) takes everything from 10 to 110, a ends at
  // 1,100: it waited 100 s.
  const Result result = simulate(Folder{header + "a,0,1000,640,,\nb,10,100,640,,\n",
                                        pool(", queue: srtf") + trace_job(", checkpoint: 0 s")}
                                     .scenario());
  CHECK(result.metric("jobs.log.wait.mean") == doctest::Approx(50));
  CHECK(result.metric("jobs.log.wait.median") == doctest::Approx(50));
  CHECK(result.metric("jobs.log.preempted") == 1);
}

TEST_CASE("a trace without tenants needs a share for its stream") {
  CHECK(has(problems("id,submit_s,runtime_s,gpus\na,0,60,8\n",
                     pool(", queue: {kind: quota, shares: {red: 50 %}}") + trace_job()),
            "a column `tenant`"));
}

TEST_CASE("saves need work between them, and time its bounds") {
  CHECK(has(problems(header + rows, trace_job(", checkpoint: 1 s, checkpoint_write: 1 h")),
            "at most `checkpoint`"));
  CHECK(has(problems(header + rows, trace_job(", checkpoint_write: 1 min")), "above 0"));
  CHECK(has(problems(header + "a,1000000000,1,8,,\n", trace_job(", scale_time: 1000000")),
            "95 years"));
}

TEST_CASE("estimates are the log's, the truth or a factor of them") {
  // 640 GPUs. a holds 600 to 1,000 s, b (640) waits for it; c (40) starts beside a only when it
  // is told to end before a does.
  const std::string trace = header + "a,0,1000,600,1000,\nb,1,10,640,10,\nc,2,500,40,5000,\n";
  const auto wait_of_c = [&](const std::string& more) {
    return simulate(Folder{trace, pool(", queue: easy") + trace_job(more)}.scenario())
        .metric("jobs.log.wait.median");
  };
  CHECK(wait_of_c(", estimates: log") == doctest::Approx(999));
  CHECK(wait_of_c(", estimates: exact") == 0);
  CHECK(wait_of_c(", estimate_factor: 3") == doctest::Approx(999));
}

TEST_CASE("a world is a value in the middle of a trace: its copy ends alike") {
  std::string trace = header;
  for (int i = 0; i < 300; ++i)
    trace += fmt::format("j{},{},{},{},{},{}\n", i, i * 3000, 4000 + i * 37 % 20000,
                         8 + i * 8 % 200, 30000, i % 2 == 0 ? "red" : "blue");
  const Folder folder{trace, pool(", queue: {kind: quota, shares: {red: 30 %, blue: 70 %}}, "
                                  "placement: random") +
                                 trace_job(", checkpoint: 10 min")};
  const Scenario kept = folder.scenario();
  World world = build(kept);
  advance(world, SimTime{} + 5 * one_day, {.paranoid = true});
  World copy = world;
  advance(world, world.end, {});
  advance(copy, copy.end, {});
  const Result one = finish(world, kept);
  const Result other = finish(copy, kept);
  CHECK(one.events == other.events);
  for (std::size_t i = 0; i < one.metrics.size(); ++i)
    CHECK(one.metrics[i].value == other.metrics[i].value);
}
