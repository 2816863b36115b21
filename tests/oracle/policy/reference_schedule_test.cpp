// Tests the brute-force scheduler itself: small schedules worked by hand, and public traces whose
// every start and end is known.
#include "reference_schedule.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace colossim::reference;

namespace {

using Times = std::vector<std::int64_t>;

Setup setup(Policy policy, std::int64_t capacity) {
  Setup setup;
  setup.policy = policy;
  setup.capacity = capacity;
  setup.costs.checkpoint = 0;
  return setup;
}

Times starts(const std::vector<Job>& jobs, const Setup& setup) {
  Times times;
  for (const Outcome& outcome : schedule(jobs, setup)) times.push_back(outcome.first_start);
  return times;
}

Times ends(const std::vector<Job>& jobs, const Setup& setup) {
  Times times;
  for (const Outcome& outcome : schedule(jobs, setup)) times.push_back(outcome.end);
  return times;
}

Times preemptions(const std::vector<Job>& jobs, const Setup& setup) {
  Times counts;
  for (const Outcome& outcome : schedule(jobs, setup)) counts.push_back(outcome.preemptions);
  return counts;
}

Times lost(const std::vector<Job>& jobs, const Setup& setup) {
  Times times;
  for (const Outcome& outcome : schedule(jobs, setup)) times.push_back(outcome.lost);
  return times;
}

/// The first holds 3 of 4 units until 10, though it said 12; the second needs all 4.
const std::vector<Job>& blocked_by_a_wide_job() {
  static const std::vector<Job> jobs = {
      {.submit = 0, .runtime = 10, .size = 3, .estimate = 12},
      {.submit = 1, .runtime = 5, .size = 4},
      {.submit = 2, .runtime = 9, .size = 1},
      {.submit = 2, .runtime = 2, .size = 1},
  };
  return jobs;
}

Job of_tenant(int tenant, std::int64_t submit, std::int64_t runtime, std::int64_t size) {
  return {.submit = submit, .runtime = runtime, .size = size, .tenant = tenant};
}

}  // namespace

TEST_CASE("reference: fifo and first fit") {
  const auto& jobs = blocked_by_a_wide_job();
  INFO("fifo: the wide job holds up the others until the first has ended");
  CHECK(starts(jobs, setup(Policy::fifo, 4)) == Times{0, 10, 15, 15});
  INFO(
      "first fit: the third takes the last unit at 2; the fourth goes at 10 before the wide one, "
      "which needs the third's end at 11 and the fourth's at 12");
  CHECK(starts(jobs, setup(Policy::first_fit, 4)) == Times{0, 12, 2, 10});
}

TEST_CASE("reference: shortest job first, strict and skipping") {
  const auto& jobs = blocked_by_a_wide_job();
  INFO("the fourth (2 s) goes at 2; the wide job (5 s) then holds up the third (9 s)");
  CHECK(starts(jobs, setup(Policy::sjf, 4)) == Times{0, 10, 15, 2});
  INFO("skipping, the third follows the fourth at 4 and the wide one needs its end at 13");
  CHECK(starts(jobs, setup(Policy::sjf_skip, 4)) == Times{0, 13, 4, 2});
}

TEST_CASE("reference: EASY") {
  const auto& jobs = blocked_by_a_wide_job();
  INFO(
      "at 2 the shadow is 12 by the estimate, extra 3 + 1 - 4 = 0: the third ends at 11 and goes; "
      "at 10 the shadow is 11, so the fourth (until 12) waits; the wide one goes at 11");
  CHECK(starts(jobs, setup(Policy::easy, 4)) == Times{0, 11, 2, 16});
  INFO("shortest first: the fourth goes at 2; at 4 the third would end at 13 > 12");
  CHECK(starts(jobs, setup(Policy::easy_sjf, 4)) == Times{0, 10, 15, 2});
}

TEST_CASE("reference: conservative backfilling promises a time to every job, EASY to one") {
  const std::vector<Job> jobs = {
      {.submit = 0, .runtime = 10, .size = 2},
      {.submit = 1, .runtime = 10, .size = 3},
      {.submit = 2, .runtime = 10, .size = 4},
      {.submit = 3, .runtime = 30, .size = 1},
  };
  INFO("EASY: shadow 10, extra 4 - 3 = 1 lets the fourth run 3..33, and the third waits for it");
  CHECK(starts(jobs, setup(Policy::easy, 4)) == Times{0, 10, 33, 3});
  INFO("conservative: the second has 10..20, the third 20..30, the fourth would cross it");
  CHECK(starts(jobs, setup(Policy::conservative, 4)) == Times{0, 10, 20, 30});
  INFO("plans are made anew: when the first ends at 10 and not 12 the others move up");
  CHECK(starts(blocked_by_a_wide_job(), setup(Policy::conservative, 4)) == Times{0, 11, 2, 16});
}

TEST_CASE("reference: EASY on machines keeps the named ones") {
  const std::vector<Job> jobs = {
      {.submit = 0, .runtime = 3, .size = 1},
      {.submit = 0, .runtime = 10, .size = 2},
      {.submit = 4, .runtime = 2, .size = 2},
      {.submit = 5, .runtime = 20, .size = 1},
  };
  INFO(
      "at 4 machine 0 is free, 1 and 2 are until 10: the third is promised 0 and 1 at 10, so the "
      "fourth cannot have 0 at 5; in a pool the extra unit lets it");
  CHECK(starts(jobs, setup(Policy::easy, 3)) == Times{0, 0, 10, 5});
  CHECK(starts(jobs, setup(Policy::easy_machines, 3)) == Times{0, 0, 10, 10});
  const auto outcomes = schedule(jobs, setup(Policy::easy_machines, 3));
  CHECK(outcomes[0].machines == std::vector<int>{0});
  CHECK(outcomes[1].machines == std::vector<int>{1, 2});
  CHECK(outcomes[2].machines == std::vector<int>{0, 1});
  CHECK(outcomes[3].machines == std::vector<int>{2});
}

TEST_CASE("reference: a job without length makes a further pass at its instant") {
  const std::vector<Job> jobs = {
      {.submit = 7, .runtime = 0},
      {.submit = 7, .runtime = 5},
  };
  for (const Policy policy :
       {Policy::fifo, Policy::first_fit, Policy::sjf, Policy::sjf_skip, Policy::srtf, Policy::easy,
        Policy::easy_sjf, Policy::conservative, Policy::priority, Policy::las, Policy::fair_share,
        Policy::quota, Policy::easy_machines}) {
    CAPTURE(static_cast<int>(policy));
    Setup one = setup(policy, 1);
    one.half_life = 10;
    one.weights = {1};
    one.guaranteed = {1};
    CHECK(starts(jobs, one) == Times{7, 7});
    CHECK(ends(jobs, one) == Times{7, 12});
  }
}

TEST_CASE("reference: shortest remaining time first") {
  const std::vector<Job> jobs = {
      {.submit = 0, .runtime = 10},
      {.submit = 2, .runtime = 3},
      {.submit = 3, .runtime = 2},
  };
  Setup one = setup(Policy::srtf, 1);
  INFO("at 2: 8 s left against 3; at 3: 2 s left against 2, file order; 0..2, 2..5, 5..7, 7..15");
  CHECK(starts(jobs, one) == Times{0, 2, 5});
  CHECK(ends(jobs, one) == Times{15, 5, 7});
  CHECK(preemptions(jobs, one) == Times{1, 0, 0});
  CHECK(lost(jobs, one) == Times{0, 0, 0});
  INFO("without checkpoints the first begins again at 7 and has lost 2 s");
  one.costs.checkpoint.reset();
  CHECK(ends(jobs, one) == Times{17, 5, 7});
  CHECK(lost(jobs, one) == Times{2, 0, 0});
}

TEST_CASE("reference: a running job's remaining time counts work that is not saved") {
  Setup one = setup(Policy::srtf, 1);
  one.costs.checkpoint.reset();
  INFO("at 6 the first has 4 s left if it goes on, 10 s if it is stopped: it goes on");
  CHECK(ends({{.submit = 0, .runtime = 10}, {.submit = 6, .runtime = 5}}, one) == Times{10, 15});
}

TEST_CASE("reference: priority, and what a preemption costs") {
  std::vector<Job> jobs = {
      {.submit = 0, .runtime = 30},
      {.submit = 27, .runtime = 5, .priority = 1},
  };
  Setup one = setup(Policy::priority, 1);
  one.costs = {.checkpoint = 10, .write = 2, .restart = 3};
  INFO(
      "cycles of 10 + 2: at 27 two are complete, 20 s kept and 3 lost; after 32 it needs 3 + 10, "
      "and no save when its work is complete");
  CHECK(ends(jobs, one) == Times{45, 32});
  CHECK(lost(jobs, one) == Times{3, 0});
  INFO("undisturbed: 30 + 2·2");
  CHECK(ends({jobs[0]}, one) == Times{34});
  INFO("at 23 it has made 20 s and is writing the second save: 10 kept, 10 lost");
  jobs[1].submit = 23;
  CHECK(lost(jobs, one) == Times{10, 0});
  INFO("28 + 3 + 10 + 2 + 10");
  CHECK(ends(jobs, one) == Times{53, 28});
  INFO("saved continuously: at 23 7 s are left, 28 + 3 + 7");
  one.costs.checkpoint = 0;
  CHECK(ends(jobs, one) == Times{38, 28});
  INFO("never saved: 28 + 3 + 30");
  one.costs.checkpoint.reset();
  CHECK(ends(jobs, one) == Times{61, 28});
  CHECK(lost(jobs, one) == Times{23, 0});
}

TEST_CASE("reference: a preemption during the restart loses nothing more") {
  const std::vector<Job> jobs = {
      {.submit = 0, .runtime = 10},
      {.submit = 4, .runtime = 1, .priority = 1},
      {.submit = 7, .runtime = 1, .priority = 1},
  };
  Setup one = setup(Policy::priority, 1);
  one.costs = {.checkpoint = 0, .restart = 5};
  INFO("0..4 made 4; 5..7 only restarts; 8 + 5 + 6");
  CHECK(ends(jobs, one) == Times{19, 5, 8});
  CHECK(preemptions(jobs, one) == Times{2, 0, 0});
}

TEST_CASE("reference: among equal priorities the running job goes on") {
  const std::vector<Job> jobs = {
      {.submit = 0, .runtime = 4, .size = 1},
      {.submit = 0, .runtime = 6, .size = 2},
      {.submit = 1, .runtime = 1, .size = 3, .priority = -1},
      {.submit = 2, .runtime = 3, .size = 3, .priority = 1},
      {.submit = 3, .runtime = 9, .size = 3},
  };
  INFO(
      "3 units: the fourth stops both at 2 and ends at 5; then the first ends at 7, the second at "
      "9; the fifth does not displace the second at 7 and runs 9..18; the third comes last");
  CHECK(ends(jobs, setup(Policy::priority, 3)) == Times{7, 9, 19, 5, 18});
  INFO("2 units: at 5 the first ends; the second, wide one is running and stays before the third");
  CHECK(ends({{.submit = 0, .runtime = 5, .size = 1},
              {.submit = 1, .runtime = 5, .size = 2},
              {.submit = 2, .runtime = 6, .size = 1}},
             setup(Policy::priority, 2)) == Times{5, 13, 8});
}

TEST_CASE("reference: least attained service by levels") {
  Setup two = setup(Policy::las, 2);
  two.thresholds = {4};
  const std::vector<Job> jobs = {
      {.submit = 0, .runtime = 6, .size = 2},
      {.submit = 1, .runtime = 3, .size = 2},
  };
  INFO(
      "at 1 both are of level 0 and the first goes on; at 2 it has 2·2 = 4 unit-seconds; at 4 the "
      "second has as much, and file order brings the first back: 4..8, then 8..9");
  CHECK(ends(jobs, two) == Times{8, 9});
  CHECK(preemptions(jobs, two) == Times{1, 1});
  Setup three = setup(Policy::las, 3);
  three.thresholds = {4};
  INFO("3 units reach 4 unit-seconds after 1 1/3 s: the pass is at 2");
  CHECK(ends({{.submit = 0, .runtime = 6, .size = 3}, {.submit = 0, .runtime = 1, .size = 3}},
             three) == Times{7, 3});
}

TEST_CASE("reference: fair share by decayed usage") {
  Setup two = setup(Policy::fair_share, 2);
  two.half_life = 10;
  two.weights = {1, 1};
  const std::vector<Job> jobs = {of_tenant(0, 0, 10, 2), of_tenant(0, 1, 10, 2),
                                 of_tenant(1, 2, 10, 2), of_tenant(1, 3, 10, 2)};
  INFO("at 10 E = (1, 0): the third; at 20 E = (0.5, 1): the second; at 30 E = (1.25, 0.5)");
  CHECK(starts(jobs, two) == Times{0, 20, 10, 30});
  INFO("with weight 4 tenant 1 has 1/4 < 0.5 at 20");
  two.weights = {1, 4};
  CHECK(starts(jobs, two) == Times{0, 30, 10, 20});
}

TEST_CASE("reference: fair share looks at each tenant's earliest job only") {
  Setup three = setup(Policy::fair_share, 3);
  three.half_life = 10;
  three.weights = {1, 1};
  INFO(
      "at 1 tenant 1's first job does not fit and hides its second; tenant 0's fits at 2; at 10 "
      "both of tenant 1 go");
  CHECK(starts({of_tenant(0, 0, 10, 2), of_tenant(1, 1, 5, 2), of_tenant(1, 1, 5, 1),
                of_tenant(0, 2, 5, 1)},
               three) == Times{0, 10, 10, 2});
}

TEST_CASE("reference: a tenant takes its guaranteed units back") {
  Setup four = setup(Policy::quota, 4);
  four.guaranteed = {2, 2};
  const std::vector<Job> jobs = {of_tenant(0, 0, 10, 2), of_tenant(0, 0, 10, 2),
                                 of_tenant(1, 3, 4, 1)};
  INFO(
      "the second starts beyond the guarantee; at 3 tenant 1 is entitled, both began at 0 and the "
      "later in the file goes; it comes back at 7 with 7 s left");
  CHECK(starts(jobs, four) == Times{0, 0, 3});
  CHECK(ends(jobs, four) == Times{10, 14, 7});
  CHECK(preemptions(jobs, four) == Times{0, 1, 0});
  four.costs.checkpoint.reset();
  INFO("without checkpoints it has lost 3 s");
  CHECK(ends(jobs, four) == Times{10, 17, 7});
  CHECK(lost(jobs, four) == Times{0, 3, 0});
}

TEST_CASE("reference: quota reclaims the latest started, and only from those above theirs") {
  Setup six = setup(Policy::quota, 6);
  six.guaranteed = {2, 2, 2};
  const std::vector<Job> jobs = {of_tenant(0, 0, 20, 1), of_tenant(0, 1, 20, 1),
                                 of_tenant(0, 2, 20, 1), of_tenant(0, 3, 20, 1),
                                 of_tenant(1, 4, 20, 2), of_tenant(2, 5, 20, 2)};
  INFO(
      "at 5 tenant 0 holds 4 of 2: its jobs of 3 and 2 go, not tenant 1's of 4; the first two end "
      "at 20 and 21, when the third (17 left) and the fourth (18 left) come back");
  CHECK(preemptions(jobs, six) == Times{0, 0, 1, 1, 0, 0});
  CHECK(ends(jobs, six) == Times{20, 21, 37, 39, 24, 25});
}

TEST_CASE("reference: under quota a tenant's first job hides its others") {
  Setup four = setup(Policy::quota, 4);
  four.guaranteed = {2, 2};
  INFO("at 1 tenant 1's job of 3 is beyond its 2 units and does not fit; its job of 1 waits too");
  CHECK(starts({of_tenant(0, 0, 5, 4), of_tenant(1, 1, 2, 3), of_tenant(1, 1, 2, 1)}, four) ==
        Times{0, 5, 5});
}

// Real traces, where the tests are told where they are.
#ifdef COLOSSIM_DATA

namespace {

/// The rows of whole numbers below a header.
std::vector<Times> read_table(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<Times> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    Times row;
    for (std::size_t begin = 0; begin <= line.size();) {
      const std::size_t comma = std::min(line.find(',', begin), line.size());
      row.push_back(std::stoll(line.substr(begin, comma - begin)));
      begin = comma + 1;
    }
    rows.push_back(row);
  }
  return rows;
}

void check_lublin(Policy policy, const std::string& name) {
  const std::filesystem::path data = COLOSSIM_DATA;
  if (!std::filesystem::exists(data)) {
    MESSAGE("skipped: no data");
    return;
  }
  std::vector<Job> jobs;
  for (const Times& row : read_table(data / "jobs" / "lublin_256.csv"))
    jobs.push_back({.submit = row[1], .runtime = row[2], .size = row[3], .estimate = row[4]});
  const std::vector<Times> expected =
      read_table(data / "oracles" / "perjob" / ("lublin_256_" + name + ".csv"));
  const std::vector<Outcome> outcomes = schedule(jobs, setup(policy, 256));
  REQUIRE(outcomes.size() == 10'000);
  REQUIRE(expected.size() == outcomes.size());
  int different = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (outcomes[i].first_start != expected[i][1] || outcomes[i].end != expected[i][2]) ++different;
  INFO(name, ": every start and end of the two programs the data was made with");
  CHECK(different == 0);
}

}  // namespace

TEST_CASE("reference: fifo and EASY start and end every job of the Lublin trace as published") {
  check_lublin(Policy::fifo, "fifo");
  check_lublin(Policy::easy, "easy");
}

#endif
