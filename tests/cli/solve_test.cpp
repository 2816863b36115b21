// Break-even, tornado and forks on the command line.
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "../support/process.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

const std::string lease = COLOSSIM_SOURCE_DIR "/tests/cli/bad/base/good.yaml";

Finished run(std::vector<std::string> words) {
  words.insert(words.end(), {"--catalog", COLOSSIM_SOURCE_DIR "/scenarios/catalog"});
  return run_executable(words);
}

}  // namespace

TEST_CASE("solve prints the price at which the owner breaks even, and that it is one") {
  const std::vector<std::string> words{"solve",    lease,
                                       "--vary",   "contracts.lease.price=0.01..9 USD/gpu/h",
                                       "--target", "owner.profit = 0 USD",
                                       "--points", "3"};
  const Finished text = run(words);
  INFO(text.standard_output << text.standard_error);
  CHECK(text.exit_code == 0);
  CHECK(holds(text.standard_output,
              "SOLVE  party.owner.profit = 0.000 USD by contracts.lease.price"));
  CHECK(holds(text.standard_output, "ROOT  "));
  std::vector<std::string> as_json = words;
  as_json.emplace_back("--json");
  const auto json = nlohmann::json::parse(run(as_json).standard_output);
  REQUIRE(json["crossings"].size() == 1);
  const double price = json["crossings"][0]["input"];
  // At this price the profit is nothing against what it is at the ends.
  const Finished check = run({"solve", lease, "--vary", "contracts.lease.price=0.01..9 USD/gpu/h",
                              "--target", "owner.profit = 100 GUSD", "--points", "2"});
  CHECK(check.exit_code == 1);
  CHECK(holds(check.standard_output, "NO ROOT"));
  CHECK(price > 0.01);
  CHECK(price < 9);
}

TEST_CASE("bad questions to solve and sweep are refused") {
  const auto refused = [](const std::vector<std::string>& words, const char* reason) {
    const Finished finished = run(words);
    INFO(finished.standard_error);
    CHECK(finished.exit_code == 2);
    CHECK(finished.standard_output.empty());
    CHECK(holds(finished.standard_error, reason));
  };
  refused({"solve", lease}, "--vary");
  refused({"solve", lease, "--vary", "contracts.lease.price"}, "--target");
  refused({"solve", "--vary", "a", "--target", "b"}, "a scenario file");
  refused({"solve", lease, "--vary", "contracts.lease.price", "--target", "owner.profit < 0 USD"},
          "expected METRIC = VALUE");
  refused({"solve", lease, "--vary", "contracts.lease.pric=1..2 USD/gpu/h", "--target",
           "owner.profit = 0 USD"},
          "pric");
  refused({"solve", lease, "--vary", "contracts.lease.price", "--target", "owner.profit = 0 USD",
           "--points", "1"},
          "--points 1");
  refused(
      {"solve", lease, "--seed", "3", "--vary", "seed=1..4", "--target", "owner.profit = 0 USD"},
      "--seed sets it");
  refused({"sweep", lease}, "unknown action");
  refused({"sweep", "--tornado", lease, "--metrics", "nothing"}, "no metric matches");
  refused({"sweep", "--tornado", lease, "--reps", "0"}, "--reps 0");
}

TEST_CASE("a tornado says of a metric that nothing moves that nothing does") {
  const Finished found =
      run({"sweep", "--tornado", lease, "--metrics", "ladder.total.installed", "--top", "1"});
  INFO(found.standard_output << found.standard_error);
  CHECK(holds(found.standard_output, "none of the assumptions moves it"));
}

TEST_CASE("run --fork compares two futures, and refuses what it cannot fork") {
  const TemporaryFolder folder;
  write_file(folder.path() / "good.yaml", read_file(lease, 1 << 20));
  const std::string exit = (folder.path() / "exit.yaml").string();
  write_file(
      exit,
      "extends: good.yaml\nclaims: []\nexpect: []\ncontracts: {lease: {options: {leave: {kind: "
      "exit, by: tenant, notice: 1 d, exercise: {kind: date, on: 2026-05-08}}}}}\n");
  const std::string notice = "contracts.lease.options.leave.notice=3 d";
  const auto fork = [&](const char* at, const std::string& set,
                        const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"run", exit, "--fork", at, "--set", set};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const Finished text = fork("at=2026-05-07", notice);
  INFO(text.standard_output << text.standard_error);
  CHECK(text.exit_code == 0);
  CHECK(holds(text.standard_output, "B forked"));
  CHECK(holds(text.standard_output, "FORK  one past until 2026-05-07"));
  CHECK(holds(text.standard_output, "WHY owner"));
  const Finished csv = fork("at=2026-05-07", notice, {"--csv", "--metrics", "owner.profit"});
  CHECK(holds(csv.standard_output, "\nforked,party.owner.profit,USD,"));
  const Finished late = fork("at=2026-05-09", notice);
  INFO("the notice was given the day before: " << late.standard_output);
  CHECK(holds(late.standard_output, "no metric differs: what changed decides nothing"));
  const auto refused = [&](std::vector<std::string> words, const char* reason) {
    words.insert(words.begin(), {"run", exit});
    const Finished finished = run(words);
    INFO(finished.standard_error);
    CHECK(finished.exit_code == 2);
    CHECK(holds(finished.standard_error, reason));
  };
  refused({"--fork", "2026-05-07", "--set", notice}, "expected at=YYYY-MM-DD");
  refused({"--fork", "at=2026-02-30", "--set", notice}, "expected at=YYYY-MM-DD");
  refused({"--fork", "at=2026-05-06", "--set", notice}, "after the run's start");
  refused({"--fork", "at=2026-05-07"}, "expected --set");
  refused({"--fork", "at=2026-05-07", "--set", "contracts.lease.price=1 USD/gpu/h"},
          "cannot adopt");
  refused({"--fork", "at=2026-05-07", "--set", notice, "--out", "x"}, "--out says nothing");
  refused({"--reps", "2"}, "--reps belongs to --fork");
  refused({"--metrics", "*"}, "--metrics belongs to --fork");
  refused({"--fork", "at=2026-05-07", "--set", "contracts.leas.options.leav.notice=30 d",
           "--metrics", "*.profit"},
          "has none of this name");
  refused({"--fork", "at=2026-05-07", "--set", "contracts.lease.option.leave.notice=30 d"},
          "did you mean \"contracts.lease.options.leave.notice\"?");
}
