// Shipped scenarios against their stored summaries, and against the hashes of every output file:
// one golden for all compilers, optimisation levels and sanitizers. COLOSSIM_UPDATE_GOLDENS=1
// rewrites them; say why in the commit.
#include <cstdlib>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/report/summary.hpp>

#include "../support/process.hpp"
#include "../support/scenarios.hpp"

using namespace colossim;

namespace {

void compare(const std::filesystem::path& golden, const std::string& found) {
  if (std::getenv("COLOSSIM_UPDATE_GOLDENS") != nullptr) {
    std::filesystem::create_directories(golden.parent_path());
    write_file(golden, found);
  }
  INFO(golden.filename().string());
  CHECK(read_file(golden, 1 << 20) == found);
}

void check_scenario(const std::string& name) {
  const test::TemporaryFolder out;
  const std::filesystem::path folder =
      std::filesystem::path{COLOSSIM_SOURCE_DIR} / "tests/golden" / name;
  const test::Finished run = test::run_executable(
      {"run", test::shipped(name + ".yaml").string(), "--out", out.path().string()});
  INFO(run.standard_error);
  REQUIRE(run.exit_code == 0);
  compare(folder / "summary.txt", run.standard_output);
  compare(folder / "manifest.json", read_file(out.path() / "manifest.json", 1 << 20));
}

}  // namespace

TEST_CASE("hello") {
  check_scenario("hello");
}
TEST_CASE("colossus_1") {
  check_scenario("colossus_1");
}
TEST_CASE("full_lease") {
  check_scenario("full_lease");
}

TEST_CASE("the summary of the lease fits one screen of 100 columns and 45 lines") {
  const std::string text = read_file(
      std::filesystem::path{COLOSSIM_SOURCE_DIR} / "tests/golden/full_lease/summary.txt", 1 << 20);
  std::size_t lines = 0;
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const std::size_t end = text.find('\n', at);
    widest = std::max(widest, end - at);
    at = end + 1;
  }
  CHECK(lines <= 45);
  CHECK(widest <= 100);
}

TEST_CASE("the README shows hello.yaml and its real output") {
  const std::filesystem::path root{COLOSSIM_SOURCE_DIR};
  const std::string readme = read_file(root / "README.md", 1 << 20);
  CHECK(readme.find(read_file(root / "scenarios/hello.yaml", 1 << 20)) != std::string::npos);
  CHECK(readme.find(read_file(root / "tests/golden/hello/summary.txt", 1 << 20)) !=
        std::string::npos);
}
