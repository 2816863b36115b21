// Goldens and expectations on the command line.
#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../support/process.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

constexpr std::size_t text_limit = std::size_t{16} << 20;

/// A scenario of two days in a folder of its own.
class Project {
 public:
  Project() { write(""); }

  /// The scenario with more at its end.
  void write(const std::string& more) const {
    std::string text =
        read_file(COLOSSIM_SOURCE_DIR "/tests/cli/bad/base/good.yaml", text_limit) + more;
    const std::string seven = "duration: 7 d";
    text.replace(text.find(seven), seven.size(), "duration: 2 d");
    write_file(scenario(), text);
  }
  [[nodiscard]] std::filesystem::path scenario() const { return folder_.path() / "good.yaml"; }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return folder_.path() / name;
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    return read_file(file(name), text_limit);
  }
  [[nodiscard]] Finished check(std::vector<std::string> words,
                               const char* variable = nullptr) const {
    words.insert(words.begin(), {"check", scenario().string()});
    words.insert(words.end(), {"--catalog", COLOSSIM_SOURCE_DIR "/scenarios/catalog"});
    return run_executable(words, [=] {
      ::unsetenv("CI");
      ::unsetenv("GITHUB_ACTIONS");
      ::unsetenv("GITHUB_STEP_SUMMARY");
      if (variable != nullptr) ::setenv(variable, "true", 1);
    });
  }
  void accept(const std::string& tolerance = "0") const {
    const Finished finished =
        check({"--update", "--reason", "first \"answers\"", "--tolerance", tolerance});
    INFO(finished.standard_output << finished.standard_error);
    REQUIRE(finished.exit_code == 0);
  }
  /// The events of a run of the scenario as it is.
  [[nodiscard]] std::string events(const std::string& folder) const {
    REQUIRE(run_executable({"run", scenario().string(), "--trace", "--out", file(folder).string(),
                            "--catalog", COLOSSIM_SOURCE_DIR "/scenarios/catalog"})
                .exit_code == 0);
    return text(folder + "/events.csv");
  }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string content = text(name);
    REQUIRE(content.find(from) != std::string::npos);
    write_file(file(name), content.replace(content.find(from), from.size(), to));
  }

 private:
  TemporaryFolder folder_;
};

void check_says(const Finished& finished, int code, const std::vector<std::string>& parts) {
  INFO(finished.standard_output << finished.standard_error);
  CHECK(finished.exit_code == code);
  for (const std::string& part : parts) {
    INFO("expected: " << part);
    CHECK((finished.standard_output + finished.standard_error).find(part) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("a golden holds what a scenario gave, and a check of the same passes") {
  const Project project;
  check_says(project.check({}), 0, {"no golden", "1 of 1 scenarios passed"});
  project.accept();
  const std::string golden = project.text("good.golden.yaml");
  INFO(golden);
  CHECK(golden.find("  - \"first \\\"answers\\\"\"\n") != std::string::npos);
  CHECK(golden.find("\n  party.owner.profit: {value: ") != std::string::npos);
  CHECK(project.text("good.golden.events").starts_with("colossim events 1 1\n"));
  check_says(project.check({}), 0, {"ok ", "1 of 1 scenarios passed"});
}

TEST_CASE("an input that moves only money moves no event") {
  const Project project;
  project.accept("0.1 %");
  project.replace("good.yaml", "energy: 40 USD/MWh", "energy: 44 USD/MWh");
  const Finished finished = project.check({});
  check_says(finished, 1,
             {"DRIFT", "site.here.electricity.cost ", " -> ", "tolerance 0.1 %",
              "the scenario itself has changed", "0 of 1 scenarios passed"});
  CHECK(finished.standard_output.find("diverging event") == std::string::npos);
  // Within its tolerance it passes; the hand-written tolerance outlives an update.
  project.replace("good.yaml", "energy: 44 USD/MWh", "energy: 40.001 USD/MWh");
  check_says(project.check({}), 0, {"ok "});
}

TEST_CASE("the first diverging event is the first line in which two traces differ") {
  const Project project;
  project.accept();
  const std::string before = project.events("before");
  project.replace("good.yaml", "median: 3 h", "median: 3.1 h");
  const std::string after = project.events("after");
  std::size_t number = 0;  // of the header: events count from 1
  std::size_t at = 0;
  const auto line = [&](const std::string& text) {
    return text.substr(at, text.find('\n', at) - at);
  };
  while (line(before) == line(after)) {
    at += line(before).size() + 1;
    ++number;
  }
  REQUIRE(number > 10);
  check_says(project.check({}), 1,
             {"first diverging event: no. " + std::to_string(number) + ", at ",
              "\n    now " + line(after) + "\n"});
  // Without `trace:` events may differ.
  project.accept();
  project.replace("good.golden.yaml", "\ntrace: ", "\n# trace: ");
  project.replace("good.yaml", "median: 3.1 h", "median: 3.2 h");
  const Finished loose = project.check({});
  check_says(loose, 1, {"DRIFT"});
  CHECK(loose.standard_output.find("event:") == std::string::npos);
}

TEST_CASE("an update needs a reason, keeps what people wrote, and never happens in CI") {
  const Project project;
  check_says(project.check({"--update"}), 2, {"expected --reason"});
  check_says(project.check({"--update", "--reason", "r"}, "CI"), 2, {"CI=true never writes"});
  CHECK_FALSE(std::filesystem::exists(project.file("good.golden.yaml")));
  project.accept();
  // Only one metric stays, with a tolerance.
  std::string golden = project.text("good.golden.yaml");
  golden = golden.substr(0, golden.find("metrics:\n")) +
           "metrics:\n  party.owner.profit: {value: 1 USD, tolerance: 5 kUSD}\n";
  write_file(project.file("good.golden.yaml"), golden);
  check_says(project.check({}), 1, {"party.owner.profit  1.000 USD -> ", "tolerance 5 kUSD"});
  check_says(project.check({"--update", "--reason", "second"}), 0, {"wrote "});
  const std::string updated = project.text("good.golden.yaml");
  INFO(updated);
  CHECK(updated.find("tolerance: 5 kUSD}") != std::string::npos);
  CHECK(updated.find("tenant") == std::string::npos);
  CHECK(updated.find("  - \"second\"\n") != std::string::npos);
  check_says(project.check({}), 0, {"   1 of "});
  // What a golden lacks enters it when asked for, and what is there keeps its tolerance.
  check_says(project.check({"--update", "--all", "--reason", "third", "--tolerance", "2 %"}), 0,
             {"wrote "});
  const std::string whole = project.text("good.golden.yaml");
  CHECK(whole.find("tolerance: 5 kUSD}") != std::string::npos);
  CHECK(whole.find("party.tenant.profit: {value: ") != std::string::npos);
  CHECK(whole.find("tolerance: 2 %}") != std::string::npos);
  check_says(project.check({"--all"}), 2, {"--all belongs to --update"});
  // People may write another unit of the same kind; what is no metric is told when it is dropped.
  const std::string head = whole.substr(0, whole.find("metrics:\n"));
  write_file(project.file("good.golden.yaml"),
             head + "metrics:\n  party.owner.profit: {value: 1 kUSD, tolerance: 0.1 %}\n");
  check_says(project.check({}), 1, {"party.owner.profit  1.000 kUSD -> "});
  write_file(project.file("good.golden.yaml"),
             head +
                 "metrics:\n  party.owner.profi: {value: 1 kUSD}\n  party.owner.cost: {value: 1 "
                 "kUSD}\n");
  check_says(project.check({"--update", "--reason", "fourth"}), 0,
             {"dropped party.owner.profi: there is no such metric; did you mean"});
}

TEST_CASE("servers get JUnit XML, annotations and markdown") {
  const Project project;
  project.accept();
  project.replace("good.yaml", "energy: 40 USD/MWh", "energy: 50 USD/MWh");
  const std::string junit = project.file("check.xml").string();
  const std::string markdown = project.file("check.md").string();
  check_says(project.check({"--junit", junit, "--markdown", markdown}, "GITHUB_ACTIONS"), 1,
             {"::error file=", "title=colossim check DRIFT::", "%0A"});
  CHECK(project.text("check.xml")
            .find("<testsuite name=\"colossim check\" tests=\"1\" failures=\"1\" "
                  "errors=\"0\">") != std::string::npos);
  const std::string page = project.file("page.md").string();
  write_file(page, "before\n");
  run_executable(
      {"check", project.scenario().string(), "--catalog", COLOSSIM_SOURCE_DIR "/scenarios/catalog"},
      [&] { ::setenv("GITHUB_STEP_SUMMARY", page.c_str(), 1); });
  CHECK(project.text("page.md").starts_with("before\n### colossim check: 0 of 1 scenarios passed"));
  CHECK(project.text("check.xml").find("-&gt;") != std::string::npos);
  // A screen shows twenty drifts and says where the others are.
  project.replace("good.yaml", "median: 3 h", "median: 9 h");
  const Finished screen = project.check({"--junit", junit, "--markdown", markdown});
  check_says(screen, 1, {" more: --markdown FILE and --junit FILE have all"});
  for (const char* metric : {"site.here.energy", "site.here.power.mean", "party.owner.profit"}) {
    CHECK(project.text("check.md").find(metric) != std::string::npos);
    CHECK(project.text("check.xml").find(metric) != std::string::npos);
  }
  CHECK(project.text("check.md").find("| `site.here.electricity.cost` |") != std::string::npos);
}

TEST_CASE("expectations, faulty scenarios and faulty goldens are told") {
  const Project project;
  project.replace("good.yaml", "at_most: 2.0", "at_most: 1.0");
  check_says(project.check({}), 1, {"VIOLATED", "expect: "});
  project.write("nonsense: 1\n");
  check_says(project.check({}), 2, {"FAULTY", "nonsense"});
  project.write("");
  project.accept();
  project.replace("good.golden.yaml", "golden: 1", "golden: 7");
  check_says(project.check({}), 2, {"FAULTY", "version 1"});
  project.replace("good.golden.yaml", "golden: 7", "golden: 1");
  write_file(project.file("good.golden.events"), "damaged");
  project.replace("good.yaml", "median: 3 h", "median: 4 h");
  check_says(project.check({}), 1, {".events file is missing or damaged"});
  // Nothing to hold it against is no pass.
  write_file(project.file("bare.yaml"), "extends: good.yaml\nexpect: []\n");
  check_says(run_executable({"check", project.file("bare.yaml").string(), "--catalog",
                             COLOSSIM_SOURCE_DIR "/scenarios/catalog"}),
             2, {"FAULTY", "neither a golden beside it nor `expect:`"});
  project.replace("good.golden.yaml", "golden: 1", "golden: 7");
  write_file(project.file("gone.golden.yaml"), project.text("good.golden.yaml"));
  check_says(run_executable({"check", project.scenario().parent_path().string(), "--catalog",
                             COLOSSIM_SOURCE_DIR "/scenarios/catalog"}),
             2, {"gone.yaml", "No such file"});
  check_says(run_executable({"check", project.file("none.yaml").string()}), 3, {"none.yaml"});
  check_says(run_executable({"check"}), 2, {"expected scenarios"});
  check_says(project.check({"--update", "--reason", "r", "--tolerance", "5 USD"}), 2,
             {"a share in %"});
  check_says(project.check({"--tolerance", "5 %"}), 2, {"belongs to --update"});
}
