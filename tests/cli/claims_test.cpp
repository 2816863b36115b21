// Claims on the command line: other scenarios are run beside, and what is written can be run again.
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

/// A good scenario and one that extends it with twice the price, and claims against it.
class Deal {
 public:
  Deal() {
    const std::string good = COLOSSIM_SOURCE_DIR "/tests/cli/bad/base/good.yaml";
    write_file(folder_.path() / "cheap.yaml", read_file(good, 1 << 20));
    write_file(file(), R"(extends: cheap.yaml
contracts: {lease: {price: 4.6 USD/gpu/h}}
claims:
  - {claim: twice the fee, metric: contract.lease.fee, against: cheap.yaml, as: ratio, says: [2, 2]}
  - {claim: the same power, metric: site.here.energy, over: site.here.energy, says: [1, 1]}
)");
  }
  [[nodiscard]] fs::path folder() const { return folder_.path(); }
  [[nodiscard]] fs::path file() const { return folder_.path() / "dear.yaml"; }

 private:
  TemporaryFolder folder_;
};

Finished run(std::vector<std::string> words) {
  words.insert(words.end(), {"--catalog", catalog});
  return run_executable(words);
}

std::string bytes_of(const fs::path& file) {
  return read_file(file, std::size_t{64} << 20);
}

}  // namespace

TEST_CASE("a claim against another scenario runs it beside and names it") {
  const Deal deal;
  const Finished text = run({"run", deal.file().string()});
  INFO(text.standard_error);
  CHECK(text.exit_code == 0);
  CHECK(text.standard_output.find("found 2 times cheap: plausible") != std::string::npos);
  const auto summary =
      nlohmann::json::parse(run({"run", deal.file().string(), "--json"}).standard_output);
  REQUIRE(summary["claims"].size() == 2);
  CHECK(summary["claims"][0]["against"] == "cheap");
  CHECK(summary["claims"][0]["as"] == "ratio");
  CHECK(summary["claims"][0]["tested_by"] == "comparison");
  CHECK(summary["claims"][1]["tested_by"] == "run");
}

TEST_CASE("resolved.yaml with its bases runs again to the same bytes") {
  const Deal deal;
  const fs::path once = deal.folder() / "once";
  const fs::path twice = deal.folder() / "twice";
  const Finished first = run({"run", deal.file().string(), "--seed", "5", "--set",
                              "sites.here.tariff.energy=50 USD/MWh", "--out", once.string()});
  CHECK(first.exit_code == 0);
  CHECK(fs::exists(once / "bases/cheap.yaml"));
  const Finished second = run({"run", (once / "resolved.yaml").string(), "--out", twice.string()});
  INFO(second.standard_error);
  CHECK(second.standard_output == first.standard_output);
  for (const char* name : {"resolved.yaml", "bases/cheap.yaml", "manifest.json"})
    CHECK_MESSAGE(bytes_of(once / name) == bytes_of(twice / name), name);
}

TEST_CASE("--hull judges a claim against another scenario on the range of the ratio") {
  const Deal deal;
  const Finished moved = run({"run", deal.file().string(), "--hull"});
  INFO(moved.standard_error);
  CHECK(moved.exit_code == 0);
  CHECK(moved.standard_output.find("found 2 times cheap: plausible") != std::string::npos);
}

TEST_CASE("validate refuses a claim whose base covers another time") {
  const Deal deal;
  CHECK(run({"validate", deal.file().string()}).exit_code == 0);
  write_file(deal.file(), bytes_of(deal.file()) + "duration: 3 d\n");
  const Finished refused = run({"validate", deal.file().string()});
  CHECK(refused.exit_code == 2);
  CHECK(refused.standard_error.find("claims[0].against: cheap.yaml covers 7 days") !=
        std::string::npos);
}
