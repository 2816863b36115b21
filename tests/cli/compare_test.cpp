// Comparisons, decisions, readings and hand-over plans on the command line.
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "../support/process.hpp"

using namespace colossim;
using namespace colossim::test;
namespace fs = std::filesystem;

namespace {

const std::string catalog = COLOSSIM_SOURCE_DIR "/scenarios/catalog";

/// A week of a site that its owner keeps, and the same half leased, with a reading of the price.
class Deals {
 public:
  Deals() {
    const std::string good = COLOSSIM_SOURCE_DIR "/tests/cli/bad/base/good.yaml";
    write_file(folder_.path() / "lease.yaml", read_file(good, 1 << 20));
    write_file(file("keep"),
               "extends: lease.yaml\nname: kept\ncontracts: null\nservices: null\nclaims: []\n");
    write_file(file("read"),
               "extends: lease.yaml\nreadings: {press: {source: assumption, title: as the press "
               "has it, set: [contracts.lease.price=1 USD/gpu/h]}}\nclaims:\n  - {claim: a week "
               "of rent, metric: contract.lease.fee, says: [110 kUSD, 130 kUSD]}\n");
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return (folder_.path() / (name + ".yaml")).string();
  }

 private:
  TemporaryFolder folder_;
};

Finished run(std::vector<std::string> words) {
  words.insert(words.end(), {"--catalog", catalog});
  return run_executable(words);
}

}  // namespace

TEST_CASE("compare shows both sides of two scenarios, why they differ, and the same as JSON") {
  const Deals deals;
  const Finished text = run({"compare", deals.file("keep"), deals.file("lease")});
  INFO(text.standard_error);
  CHECK(text.exit_code == 0);
  for (const char* part : {"OWNER owner", "TENANT tenant", "AGAINST A", "WHY owner", "volume",
                           "of it held", "profit"}) {
    INFO(part << "\n" << text.standard_output);
    CHECK(holds(text.standard_output, part));
  }
  const Finished json = run({"compare", deals.file("keep"), deals.file("lease"), "--json"});
  const auto tree = nlohmann::json::parse(json.standard_output);
  CHECK(tree["scenarios"].size() == 2);
  const auto& why = tree["scenarios"][1]["waterfalls"][0];
  double sum = 0;
  for (const auto& [part, usd] : why["volume_by_usd"].items()) sum += usd.get<double>();
  INFO("the parts of the volume add up to it: " << why.dump());
  CHECK(sum == doctest::Approx(why["steps_usd"]["volume"].get<double>()).epsilon(1e-9));
}

TEST_CASE("the same comparison has the same bytes on one thread and on two") {
  const Deals deals;
  const auto with = [&](const char* threads) {
    return run({"compare", deals.file("keep"), deals.file("lease"), "--reps", "3", "--threads",
                threads})
        .standard_output;
  };
  CHECK(with("1") == with("2"));
}

TEST_CASE("a condition that is met ends with exit code 1 and says by whom") {
  const Deals deals;
  const auto with = [&](const char* condition) {
    return run({"compare", deals.file("keep"), deals.file("lease"), "--reps", "2", "--fail-on",
                condition});
  };
  const Finished met = with("owner.revenue > 1 kUSD");
  CHECK(met.exit_code == 1);
  CHECK(holds(met.standard_output, "AGAINST A"));
  CHECK(holds(met.standard_error, "--fail-on owner.revenue > 1 kUSD: lease against keep: "));
  const Finished fine = with("owner.revenue < -1%");
  CHECK(fine.exit_code == 0);
  CHECK(fine.standard_error.empty());
  const Finished wrong = with("owner.revenu < 1 %");
  CHECK(wrong.exit_code == 2);
  CHECK(holds(wrong.standard_error, "did you mean \"owner.revenue\"?"));
  CHECK(with("owner.revenue < 1 MW").exit_code == 2);
  CHECK(with("owner.revenue = 1 USD").exit_code == 2);
}

TEST_CASE("jobs that draw as nobody else does are told") {
  const Deals deals;
  const Finished text = run(
      {"compare", deals.file("keep"), deals.file("lease"), "--set", "jobs.batch.draws_as=others"});
  CHECK_FALSE(holds(text.standard_output, "nothing else here does"));
  write_file(deals.file("own"), "extends: lease.yaml\njobs: {batch: {draws_as: batsch}}\n");
  CHECK(holds(run({"compare", deals.file("lease"), deals.file("own")}).standard_output,
              "batch of B draws as batsch, and nothing else here does"));
}

TEST_CASE("JSON tells no interval of single runs, and which conditions are met") {
  const Deals deals;
  const auto with = [&](const char* reps) {
    return nlohmann::json::parse(
        run({"compare", deals.file("keep"), deals.file("lease"), "--json", "--reps", reps,
             "--fail-on", "owner.revenue > 1 USD", "--fail-on", "owner.revenue < 0 USD"})
            .standard_output);
  };
  const auto one = with("1");
  const auto gain = [](const nlohmann::json& json) {
    return json["scenarios"][1]["metrics"]["party.owner.revenue"]["gain"];
  };
  CHECK(gain(one)["half_width"].is_null());
  CHECK(one["scenarios"][1]["parties"]["owner"]["npv_gain_usd"]["half_width"].is_null());
  CHECK(gain(with("2"))["half_width"].is_number());
  REQUIRE(one["fail_on"].size() == 2);
  CHECK(one["fail_on"][0]["condition"] == "owner.revenue > 1 USD");
  CHECK(one["fail_on"][0]["met"].size() == 1);
  CHECK(one["fail_on"][1]["met"].empty());
}

TEST_CASE("CSV of a comparison has every metric of every scenario") {
  const Deals deals;
  const Finished csv =
      run({"compare", deals.file("keep"), deals.file("lease"), "--csv", "--metrics", "*.pue"});
  CHECK(csv.exit_code == 0);
  CHECK(csv.standard_output.starts_with("scenario,metric,unit,base,value,difference,"));
  CHECK(holds(csv.standard_output, "\nlease,site."));
  CHECK(run({"compare", deals.file("keep"), deals.file("lease"), "--csv", "--json"}).exit_code ==
        2);
}

TEST_CASE("a scenario and its readings show which conclusions depend on the source") {
  const Deals deals;
  const Finished text = run({"compare", deals.file("read"), "--readings"});
  INFO(text.standard_output << text.standard_error);
  CHECK(text.exit_code == 0);
  CHECK(holds(text.standard_output, "B press (assumption): as the press has it"));
  CHECK(holds(text.standard_output, "* a week of rent"));
  const Finished decide =
      run({"compare", "--decide", deals.file("read"), deals.file("lease"), "--readings"});
  CHECK(decide.exit_code == 0);
  CHECK(holds(decide.standard_output, "as written"));
  CHECK(holds(decide.standard_output, "press"));
}

TEST_CASE("comparisons that make no sense are refused with a reason") {
  const Deals deals;
  const auto refused = [&](const std::vector<std::string>& words, const char* reason) {
    const Finished finished = run(words);
    INFO(finished.standard_error);
    CHECK(finished.exit_code == 2);
    CHECK(finished.standard_output.empty());
    CHECK(holds(finished.standard_error, reason));
  };
  refused({"compare", deals.file("lease")}, "two scenario files");
  refused({"compare", deals.file("lease"), "--readings"}, "expected readings");
  refused({"compare", deals.file("read"), deals.file("lease"), "--readings"}, "one scenario file");
  refused({"compare", "--decide", deals.file("read"), deals.file("lease"), "--readings", "--world",
           "a:1"},
          "give one");
  refused({"compare", deals.file("keep"), deals.file("lease"), "--world", "a:1"}, "--decide");
  refused({"compare", deals.file("keep"), deals.file("lease"), "--party", "nobody"},
          "no such party");
  refused({"compare", deals.file("keep"), deals.file("lease"), "--set",
           "jobs.batch.runtime.lognormal.median=2 h", "--set", "jobs.batch.runtime=3 h"},
          "give it before");
  refused({"compare", deals.file("keep"), deals.file("lease"), "--metrics", ""},
          "--metrics: expected a name");
  refused({"compare", deals.file("keep"), deals.file("lease"), "--set", "seed=3", "--seed", "4"},
          "--seed and --set seed");
  refused(
      {"compare", deals.file("keep"), deals.file("lease"), "--set", "seed=3", "--set", "seed=4"},
      "--set seed: given twice");
}

TEST_CASE("a hand-over plan is printed, and faults in what is asked are refused") {
  const Deals deals;
  const Finished plan = run({"handover", deals.file("keep"), "--gpus", "320"});
  INFO(plan.standard_output << plan.standard_error);
  CHECK(plan.exit_code == 0);
  CHECK(holds(plan.standard_output, "HANDOVER of 320 of 640 GPUs"));
  const Finished json = run({"handover", deals.file("keep"), "--gpus", "320", "--json"});
  CHECK(nlohmann::json::parse(json.standard_output)["plans"].size() > 1);
  CHECK(run({"handover", deals.file("keep")}).exit_code == 2);
  CHECK(run({"handover", deals.file("keep"), "--gpus", "700"}).exit_code == 2);
  CHECK(run({"handover", deals.file("keep"), "--gpus", "-8"}).exit_code == 2);
}
