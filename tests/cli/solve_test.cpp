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
  const std::string exit = COLOSSIM_SOURCE_DIR "/scenarios/tenant_exit_90_days.yaml";
  const std::string notice = "contracts.lease.options.leave.notice=30 d";
  const Finished text = run({"run", exit, "--fork", "at=2026-07-01", "--set", notice});
  INFO(text.standard_output << text.standard_error);
  CHECK(text.exit_code == 0);
  CHECK(holds(text.standard_output, "B forked"));
  CHECK(holds(text.standard_output, "FORK  one past until 2026-07-01"));
  const Finished csv = run({"run", exit, "--fork", "at=2026-07-01", "--set", notice, "--csv",
                            "--metrics", "xai.profit"});
  CHECK(holds(csv.standard_output, "\nforked,party.xai.profit,USD,"));
  const Finished late = run({"run", exit, "--fork", "at=2026-11-01", "--set", notice});
  INFO("the notice was given in August: " << late.standard_output);
  CHECK(holds(late.standard_output, "no metric differs: what changed decides nothing"));
  CHECK(holds(text.standard_output, "WHY xai"));
  const auto refused = [&](std::vector<std::string> words, const char* reason) {
    words.insert(words.begin(), {"run", exit});
    const Finished finished = run(words);
    INFO(finished.standard_error);
    CHECK(finished.exit_code == 2);
    CHECK(holds(finished.standard_error, reason));
  };
  refused({"--fork", "2026-07-01", "--set", notice}, "expected at=YYYY-MM-DD");
  refused({"--fork", "at=2026-02-30", "--set", notice}, "expected at=YYYY-MM-DD");
  refused({"--fork", "at=2026-05-06", "--set", notice}, "within the run");
  refused({"--fork", "at=2026-07-01"}, "expected --set");
  refused({"--fork", "at=2026-07-01", "--set", "contracts.lease.price=1 USD/gpu/h"},
          "cannot adopt");
  refused({"--fork", "at=2026-07-01", "--set", notice, "--out", "x"}, "--out says nothing");
  refused({"--reps", "2"}, "--reps belongs to --fork");
  refused({"--metrics", "*"}, "--metrics belongs to --fork");
  refused({"--fork", "at=2026-07-01", "--set", "contracts.leas.options.leav.notice=30 d",
           "--metrics", "*.profit"},
          "has none of this name");
  refused({"--fork", "at=2026-07-01", "--set", "contracts.lease.option.leave.notice=30 d"},
          "did you mean \"contracts.lease.options.leave.notice\"?");
}
