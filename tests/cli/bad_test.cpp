// Every scenario in bad/ is refused in one run, at the right place, quickly and without a trace.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "../support/process.hpp"

using namespace colossim;
using namespace colossim::test;
namespace fs = std::filesystem;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool limits_memory = false;  // the sanitizer reserves terabytes of addresses
constexpr double longest_s = 10;
#else
constexpr bool limits_memory = true;
constexpr double longest_s = 1;
#endif
constexpr rlim_t memory_bytes = rlim_t{200} << 20;
constexpr std::size_t fewest_cases = 60;

const fs::path folder = fs::path{COLOSSIM_SOURCE_DIR} / "tests/cli/bad";

/// What `name.expected` says: the place in the scenario itself (`0`: in another file or nowhere)
/// and texts that stand on stderr.
struct Expected {
  std::string place;
  std::vector<std::string> texts;
};

Expected read_expected(fs::path scenario) {
  std::ifstream file{scenario.replace_extension(".expected")};
  REQUIRE_MESSAGE(file.good(), scenario.string() << " is missing");
  Expected expected;
  std::getline(file, expected.place);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) expected.texts.push_back(line);
  }
  return expected;
}

std::vector<fs::path> cases() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void limit() {
  const ::rlimit memory{memory_bytes, memory_bytes};
  if (limits_memory) ::setrlimit(RLIMIT_AS, &memory);
  ::alarm(static_cast<unsigned>(4 * longest_s));  // survives exec: a hang becomes a failure
}

Finished run(const fs::path& scenario, const fs::path& out) {
  return run_executable({"run", scenario.string(), "--out", out.string(), "--catalog",
                         (fs::path{COLOSSIM_SOURCE_DIR} / "scenarios/catalog").string()},
                        limit);
}

void check_refused(const fs::path& scenario) {
  const Expected expected = read_expected(scenario);
  const TemporaryFolder temporary;
  const fs::path out = temporary.path() / "out";
  const auto begin = std::chrono::steady_clock::now();
  const Finished finished = run(scenario, out);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  INFO(scenario.filename().string() << " printed:\n" << finished.standard_error);
  CHECK(finished.exit_code == 2);
  if (finished.exit_code != 2) return;  // the rest would only repeat it
  CHECK_MESSAGE(finished.standard_output.empty(), "results on stdout");
  CHECK_MESSAGE(!fs::exists(out), "--out was created");
  CHECK(seconds.count() < longest_s);
  if (expected.place != "0") {
    const std::string place = scenario.filename().string() + ":" + expected.place + ":";
    CHECK_MESSAGE(holds(finished.standard_error, place), "expected the place " << place);
  }
  for (const std::string& text : expected.texts) {
    CHECK_MESSAGE(holds(finished.standard_error, text), "expected the text: " << text);
  }
}

}  // namespace

TEST_CASE("the scenario that bad ones are made from is good") {
  const TemporaryFolder temporary;
  const Finished finished = run(folder / "base/good.yaml", temporary.path() / "out");
  CHECK_MESSAGE(finished.exit_code == 0, finished.standard_error);
}

TEST_CASE("there are at least sixty bad scenarios and each says what it expects") {
  const std::vector<fs::path> files = cases();
  CHECK(files.size() >= fewest_cases);
  for (const fs::path& file : files) {
    const Expected expected = read_expected(file);
    INFO(file.filename().string());
    CHECK_FALSE(expected.place.empty());
    CHECK_FALSE(expected.texts.empty());
  }
}

TEST_CASE("every bad scenario is refused with exit code 2, its place and no output") {
  for (const fs::path& file : cases()) check_refused(file);
}

TEST_CASE("a bad scenario leaves an existing --out folder as it was") {
  const TemporaryFolder temporary;
  write_file(temporary.path() / "summary.json", "older");
  const Finished finished = run(cases().front(), temporary.path());
  CHECK(finished.exit_code == 2);
  CHECK(read_file(temporary.path() / "summary.json", 100) == "older");
  CHECK(std::distance(fs::directory_iterator{temporary.path()}, fs::directory_iterator{}) == 1);
}
