// Studies on the command line: what is run, kept, repeated and refused.
#include <algorithm>
#include <csignal>
#include <numeric>
#include <set>
#include <sqlite3.h>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <colossim/experiment/result_store.hpp>

#include "../support/scenarios.hpp"
#include "../support/sweeps.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

bool contains(const Finished& finished, const std::string& part) {
  return (finished.standard_output + finished.standard_error).find(part) != std::string::npos;
}

void check_ended(const Finished& finished, int code, const std::string& part) {
  INFO(finished.standard_output << finished.standard_error);
  CHECK(finished.exit_code == code);
  CHECK(contains(finished, part));
}

void change_by_sql(const std::filesystem::path& file, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a study gives the same results with one worker and with two") {
  const SmallStudy study;
  check_ended(run_executable({"sweep", "plan", study.study().string(), "--catalog",
                              COLOSSIM_SOURCE_DIR "/scenarios/catalog"}),
              0, "grid: 6 points x 2 replicates = 12 runs");
  check_ended(study.run("one.db", "1"), 0, "12 of 12 runs done: 12 now, 0 before");
  check_ended(study.run("two.db", "2"), 0, "12 of 12 runs done: 12 now, 0 before");
  CHECK(study.content("one.db") == study.content("two.db"));
  const std::string csv = study.sweep({"export", "--csv"}, "one.db").standard_output;
  INFO(csv);
  CHECK(lines_in(csv) == 13);
  CHECK(csv.find("run,point,replicate,status,energy [USD/MWh],price [USD/gpu/h],"
                 "site.here.power.mean [MW],") == 0);
  CHECK(csv.find("\n11,5,1,done,60,2.5,") != std::string::npos);
  check_ended(study.sweep({"export", "--csv", "--table", "columns"}, "one.db"), 0,
              "contracts.lease.price");
  check_ended(study.run("one.db"), 0, "12 of 12 runs done: 0 now, 12 before");
  std::filesystem::remove(study.study());  // the results file has its text
  check_ended(study.sweep({"resume", "-j", "1"}, "one.db"), 0, "0 now, 12 before");
  // It also knows the catalog, wherever it is read.
  check_ended(run_executable({"sweep", "resume", "--results", study.results("one.db").string()},
                             [] { CHECK(::chdir("/") == 0); }),
              0, "0 now, 12 before");
  const auto json =
      nlohmann::json::parse(study.sweep({"status", "--json"}, "one.db").standard_output);
  CHECK(json["done"] == 12);
  CHECK(json["left"] == 0);
}

TEST_CASE("a changed axis runs what is new, and a value back again nothing") {
  const SmallStudy study;
  REQUIRE(study.run().exit_code == 0);
  const std::string before = study.content();
  std::string axes = small_axes;
  axes.replace(axes.find("2.5 USD"), 7, "3 USD");
  study.write(axes);
  check_ended(study.run(), 0, "12 of 12 runs done: 6 now, 6 before");
  CHECK(study.content() != before);
  // 2.0 and 0.04 USD/kWh are other words for the same.
  std::string same = small_axes;
  same.replace(same.find("[2 USD"), 6, "[2.0 USD");
  study.write(same);
  check_ended(study.run(), 0, "12 of 12 runs done: 0 now, 12 before");
  CHECK(study.content() == before);
}

TEST_CASE("equal points of a sample are run once and stand in every row") {
  const SmallStudy study{
      "axes: {gpus: {path: contracts.lease.gpus, distribution: {choice: {160 gpu: 25 %, 320 gpu: "
      "75 "
      "%}}}}\nsampling: lhs\npoints: 20\nreplicates: 2\n"};
  check_ended(study.run("one.db", "1"), 0, "40 of 40 runs done: 40 now, 0 before");
  check_ended(study.run("two.db", "2"), 0, "40 of 40 runs done: 40 now, 0 before");
  CHECK(study.content("one.db") == study.content("two.db"));
  CHECK(lines_in(study.sweep({"export", "--csv"}, "one.db").standard_output) == 41);
}

TEST_CASE("values that make sense together only are a study") {
  const std::string axes =
      "axes:\n  count: {path: sites.here.halls.hall.racks.hopper.count, list: ['10', '4']}\n  "
      "gpus: "
      "{path: contracts.lease.gpus, list: [320 gpu, 128 gpu]}\n";
  const SmallStudy study{axes + "zip: [[count, gpus]]\n"};
  check_ended(study.run(), 0, "2 of 2 runs done");
  study.write(axes);  // four racks and 320 GPUs are one faulty point of four
  check_ended(study.run(), 1, "3 of 4 runs done: 1 now, 2 before; 1 failed");
}

TEST_CASE("samples of whole inputs are whole, GPUs by nodes") {
  const SmallStudy study{
      "sampling: lhs\npoints: 5\naxes:\n  gpus: {path: contracts.lease.gpus, distribution: "
      "{uniform: "
      "{from: 80 gpu, to: 560 gpu}}}\n  months: {path: contracts.lease.term, distribution: "
      "{uniform: {from: 2 month, to: 40 month}}}\n"};
  check_ended(study.run(), 0, "5 of 5 runs done");
  const std::string csv = study.sweep({"export", "--csv"}).standard_output;
  INFO(csv);
  std::size_t at = csv.find('\n') + 1;
  for (int row = 0; row < 5; ++row, at = csv.find('\n', at) + 1) {
    std::size_t cell = at;
    for (int comma = 0; comma < 4; ++comma) cell = csv.find(',', cell) + 1;
    const std::size_t second = csv.find(',', cell) + 1;
    CHECK(std::stoi(csv.substr(cell)) % 8 == 0);
    CHECK(csv.substr(cell, second - cell).find('.') == std::string::npos);
    CHECK(csv.substr(second, csv.find(',', second) - second).find('.') == std::string::npos);
  }
}

TEST_CASE("series are kept when asked for") {
  const SmallStudy study{"replicates: 1\nseries: [here_it_power_mw]\n"};
  REQUIRE(study.run().exit_code == 0);
  const std::string csv = study.sweep({"export", "--csv", "--table", "series"}).standard_output;
  CHECK(csv.find("run,point,replicate,series,interval,end_h,mean,min,max\n") == 0);
  CHECK(lines_in(csv) == 1 + 7 * 24);
}

TEST_CASE("a point ends once its mean is known well enough") {
  const SmallStudy study{
      "axes: {price: {path: contracts.lease.price, list: [2 USD/gpu/h, 2.5 USD/gpu/h]}}\n"
      "replicates: 8\nstop: {metric: owner.profit, half_width: 1000 %, least: 3}\n"};
  check_ended(study.run("one.db", "1"), 0, "6 of 6 runs done");
  check_ended(study.run("two.db", "2"), 0, "6 of 6 runs done");
  CHECK(study.content("one.db") == study.content("two.db"));
  study.write(
      "axes: {price: {path: contracts.lease.price, list: [2 USD/gpu/h, 2.5 USD/gpu/h]}}\n"
      "replicates: 8\nstop: {metric: owner.profit, half_width: 1e-9 USD, least: 3}\n");
  const Finished all = study.run("one.db", "2");
  check_ended(all, 0, "16 of 16 runs done: 10 now, 6 before");
  const char* unmet = "2 points took all 8 replicates and are not as narrow as `stop:` asks";
  CHECK(contains(all, unmet));
  CHECK(contains(study.sweep({"status"}, "one.db"), unmet));
}

TEST_CASE("a faulty point fails and the rest is run") {
  const SmallStudy study{
      "axes: {start: {path: start, list: [2026-05-06, 2026-05-07]}, price: {path: "
      "contracts.lease.price, linspace: {from: 1 USD/gpu/h, to: 2 USD/gpu/h, points: 2}}, late: "
      "{path: contracts.lease.start, list: [2026-05-06, 2026-05-07]}}\n"};
  const Finished finished = study.run();
  check_ended(finished, 1, "6 of 8 runs done: 6 now, 0 before; 2 failed, 0 quarantined");
  CHECK(contains(finished, "contracts.lease.start"));
  CHECK(contains(finished, "(late = 2026-05-06, price = 1 USD/gpu/h, start = 2026-05-07): "));
  check_ended(study.run(), 1, "2 failed");
  check_ended(study.sweep({"run", study.study().string(), "--retry"}), 1,
              "0 now, 6 before; 2 failed");
}

TEST_CASE("a run that kills its workers is quarantined and the rest is run") {
  const SmallStudy study{
      "axes: {duration: {path: duration, list: [7 d, 8 d, 7000 d]}, rate: {path: "
      "jobs.batch.arrivals, list: [20 1/h]}}\n"};
  const auto finished = study.sweep({"run", study.study().string(), "-j", "2"}, "results.db", [] {
    const rlimit seconds{4, 4};
    ::setrlimit(RLIMIT_CPU, &seconds);
  });
  check_ended(finished, 1, "2 of 3 runs done: 2 now, 0 before; 0 failed, 1 quarantined");
  CHECK(contains(finished, "killed by signal"));
}

TEST_CASE("what does not belong together is refused") {
  const SmallStudy study;
  REQUIRE(study.run().exit_code == 0);
  study.write(small_axes, "another");
  check_ended(study.run(), 2, "holds the study \"a small study\", not \"another\"");
  study.write(small_axes);
  change_by_sql(study.results(), "UPDATE study SET value = '0.0.1' WHERE name = 'colossim'");
  check_ended(study.run(), 2, "was written by colossim 0.0.1");
  write_file(study.results("text.db"),
             "this is text, and long enough to be read as a header, "
             "which has one hundred bytes in a database file.\n");
  check_ended(study.run("text.db"), 2, "this is no results file");
  check_ended(study.sweep({"status"}, "none.db"), 3, "none.db");
  check_ended(study.sweep({"run", (study.folder() / "good.yaml").string()}), 2, "study");
  check_ended(run_executable({"run", study.study().string()}), 2, "this is a study");
}

TEST_CASE("an axis over a path that does not exist is told at its place in the study") {
  const SmallStudy study{"axes: {price: {path: contracts.lease.pric, list: [2 USD/gpu/h]}}\n"};
  const Finished finished = study.run();
  check_ended(finished, 2, "study.yaml:5:");
  CHECK(contains(finished, "pric"));
  study.write("axes: {price: {path: contracts.lease.price, list: [2 MW]}}\n");
  check_ended(study.run(), 2, "contracts.lease.price = 2 MW");
  study.write(small_axes + "where: [price > 9 USD/gpu/h]\n");
  check_ended(study.run(), 2, "excludes all 6 points");
  study.write("replicates: 2\nstop: {metric: tenant.profit, half_width: 1 %, least: 2}\n");
  check_ended(study.run(), 2, "party.tenant.profit is not among `metrics:`");
  CHECK_FALSE(std::filesystem::exists(study.results()));
}

TEST_CASE("no shard has one value of an axis alone, and each has its part") {
  const SmallStudy study;
  const Plan plan = make_plan(load_study(study.study()), shipped_catalog(), "test");
  for (const std::size_t count : {2U, 3U, 5U}) {
    std::vector<std::size_t> held(count);
    std::vector<std::set<std::string>> energies(count);
    for (std::size_t run = 0; run < plan.runs(); ++run) {
      for (std::size_t shard = 0; shard < count; ++shard) {
        if (!Shard{shard, count}.holds(plan, run)) continue;
        ++held[shard];
        energies[shard].insert(plan.points.points[plan.point_of(run)][0].text);
      }
    }
    CHECK(std::accumulate(held.begin(), held.end(), std::size_t{0}) == plan.runs());
    for (std::size_t shard = 0; shard < count; ++shard) {
      CHECK(held[shard] >= plan.runs() / count);
      CHECK(held[shard] <= plan.runs() / count + 1);
      if (count <= 3) CHECK(energies[shard].size() > 1);
    }
  }
}

TEST_CASE("shards in any order come to the same results as one machine") {
  const SmallStudy study;
  REQUIRE(study.run("local.db").exit_code == 0);
  const std::string wanted = study.content("local.db");
  const auto submitted = study.sweep({"submit", "--slurm", study.study().string(), "--shards", "5",
                                      "--dry-run", "--sbatch=--partition=short"});
  check_ended(submitted, 0, "sbatch --parsable --array=0-4");
  check_ended(submitted, 0, " --partition=short ");
  check_ended(study.sweep({"status"}), 0, "12 runs: 0 done, 0 failed, 0 quarantined, 12 left");
  check_ended(study.sweep({"work", "--shard", "1/4"}), 2, "divided into 5 shards");
  for (const char* shard : {"3/5", "0/5", "4/5"})
    check_ended(study.sweep({"work", "--shard", shard}), 0, "runs done");
  check_ended(study.sweep({"merge"}), 75, "shard 1: has not begun");
  for (const char* shard : {"2/5", "1/5", "3/5"})
    check_ended(study.sweep({"work", "--shard", shard}), 0, "runs done");
  check_ended(study.sweep({"merge"}), 0, "12 runs: 12 done");
  CHECK(study.content() == wanted);
  check_ended(study.sweep({"merge"}), 0, "12 runs: 12 done");
  CHECK(study.content() == wanted);
  check_ended(study.sweep({"export", "--csv", "-o", study.results().string()}), 2,
              "the results file itself");
  std::string axes = small_axes;
  axes.replace(axes.find("2.5 USD"), 7, "3 USD");
  study.write(axes);
  check_ended(
      study.sweep({"submit", "--slurm", study.study().string(), "--shards", "4", "--dry-run"}), 2,
      "is divided into 5 shards, not 4");
}

TEST_CASE("without Slurm a submission says so, and what is there goes on by hand") {
  const SmallStudy study;
  const auto finished = study.sweep({"submit", "--slurm", study.study().string(), "--shards", "2"},
                                    "results.db", [] { ::setenv("PATH", "/nowhere", 1); });
  check_ended(finished, 3, "sbatch failed");
  check_ended(study.sweep({"work", "--shard", "0/2"}), 0, "6 of 6 runs done");
}

TEST_CASE("a full disk ends a sweep with an I/O error and loses nothing") {
  const SmallStudy study;
  const auto full = [] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit bytes{60'000, 60'000};
    ::setrlimit(RLIMIT_FSIZE, &bytes);
  };
  const auto finished = study.sweep({"run", study.study().string(), "-j", "2"}, "results.db", full);
  INFO(finished.standard_output << finished.standard_error);
  CHECK(finished.exit_code == 3);
  check_ended(study.run(), 0, "12 of 12 runs done");
  REQUIRE(study.run("other.db").exit_code == 0);
  CHECK(study.content() == study.content("other.db"));
}
