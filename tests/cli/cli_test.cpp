// The command line as scripts see it: exit codes, streams and files.
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "../support/process.hpp"

using namespace colossim;
using namespace colossim::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

const std::string good = COLOSSIM_SOURCE_DIR "/tests/cli/bad/base/good.yaml";
const std::string catalog = COLOSSIM_SOURCE_DIR "/scenarios/catalog";
const std::set<std::string> documented{"summary.json",   "series.csv",     "ledger.csv",
                                       "ledger.journal", "statements.csv", "jobs.csv",
                                       "job_groups.csv", "resolved.yaml",  "manifest.json"};

Words with_catalog(Words words) {
  words.insert(words.end(), {"--catalog", catalog});
  return words;
}

Finished run_good(const Words& more, const std::function<void()>& prepare = {}) {
  Words words{"run", good};
  words.insert(words.end(), more.begin(), more.end());
  return run_executable(with_catalog(words), prepare);
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  if (!fs::exists(folder)) return names;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder})
    names.insert(entry.path().filename().string());
  return names;
}

std::string bytes_of(const fs::path& file) {
  return read_file(file, std::size_t{64} << 20);
}

/// A wrong command line: exit code 2, the reason on stderr, nothing on stdout.
void check_usage(const Words& words, const Words& parts) {
  const Finished finished = run_executable(words);
  INFO("stderr: " << finished.standard_error);
  CHECK(finished.exit_code == 2);
  CHECK(finished.standard_output.empty());
  for (const std::string& part : parts)
    CHECK_MESSAGE(holds(finished.standard_error, part), "expected the text: " << part);
}

/// A world that fails: exit code 3, the reason on stderr.
void check_io(const Finished& finished, const std::string& part) {
  INFO("stderr: " << finished.standard_error);
  CHECK(finished.exit_code == 3);
  CHECK_MESSAGE(holds(finished.standard_error, part), "expected the text: " << part);
}

}  // namespace

TEST_CASE(
    "jobs.csv names every job of a trace and tells its tenant, its first start and its time on "
    "nodes") {
  const TemporaryFolder folder;
  const Finished finished =
      run_executable({"run", COLOSSIM_SOURCE_DIR "/scenarios/three_teams.yaml", "--set",
                      "duration=2 d", "--out", folder.path().string()});
  REQUIRE(finished.exit_code == 0);
  const std::string jobs = bytes_of(folder.path() / "jobs.csv");
  INFO(
      "the first row of scenarios/traces/three_teams.csv: 512 GPUs for 25,347 s from 0 on; it "
      "saves "
      "for 1 min after each 30 min of work: 14 times, 26,187 s in all");
  CHECK(holds(
      jobs,
      "stream,number,id,tenant,node,gpus,submitted_s,started_s,ended_s,held_s,preemptions\n"));
  CHECK(holds(jobs, "\nwork,1,j1,pretraining,hgx_h100,512,0.000,0.000,26187.000,26187.000,0\n"));
}

TEST_CASE("--help and --version go to stdout with exit code 0") {
  const Finished help = run_executable({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(help.standard_error.empty());
  for (const char* command : {"run", "validate", "list", "explain"})
    CHECK(holds(help.standard_output, command));
  const Finished version = run_executable({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.standard_output.starts_with("colossim "));
  const Finished run_help = run_executable({"run", "--help"});
  CHECK(run_help.exit_code == 0);
  for (const char* option : {"--set", "--seed", "--out", "--json", "--paranoid", "--trace"})
    CHECK(holds(run_help.standard_output, option));
}

TEST_CASE("a wrong command line says what was meant and leaves with 2") {
  check_usage({}, {"expected a command", "--help"});
  check_usage({"rnu"}, {"unknown command \"rnu\"", "did you mean \"run\"?"});
  check_usage({"run"}, {"run: expected a scenario file"});
  check_usage({"validate"}, {"validate: expected a scenario file"});
  check_usage({"run", good, "--sed", "3"}, {"unknown option --sed", "did you mean"});
  check_usage({"run", good, "second.yaml"}, {"too many"});
  check_usage({"run", good, "--seed", "many"}, {"many", "seed"});
  check_usage({"run", good, "--seed", "-1"}, {"--seed -1", "expected 0 to"});
  check_usage({"run", good, "--set", "duration"}, {"--set duration", "path=value"});
  check_usage({"run", good, "--trace"}, {"--trace", "--out"});
  check_usage({"run", good, "--out"}, {"--out"});
  check_usage({"run", good, "--catalog", "/nonexistent"},
              {"--catalog /nonexistent", "no such folder"});
  check_usage({"list", "gpsu"}, {"\"gpsu\"", "did you mean \"gpus\"?"});
  check_usage({"explain", "leese"}, {"\"leese\"", "did you mean \"lease\"?"});
}

TEST_CASE("option names are never guessed from their beginning") {
  for (const char* option : {"--jso", "--paranoi", "--trac", "--js"})
    check_usage({"run", good, option}, {"unknown option"});
}

TEST_CASE("a seed that a scenario could not hold is refused on the command line too") {
  check_usage(with_catalog({"run", good, "--seed", "9223372036854775807"}),
              {"seed", "9000000000000000"});
}

TEST_CASE("a scenario file that cannot be read is exit code 3") {
  check_io(run_executable({"run", "/nonexistent/scenario.yaml"}), "/nonexistent/scenario.yaml");
  check_io(run_executable({"run", COLOSSIM_SOURCE_DIR}), "directory");
}

TEST_CASE("--json prints one JSON value and nothing else") {
  const Finished finished = run_good({"--json"});
  CHECK(finished.exit_code == 0);
  CHECK(finished.standard_error.empty());
  const auto summary = nlohmann::json::parse(finished.standard_output, nullptr, false);
  REQUIRE_FALSE(summary.is_discarded());
  CHECK(summary["name"] == "small site, half leased");
  CHECK(summary["seed"] == 1);
  CHECK(summary["metrics"]["site.here.pue"]["value"].get<double>() > 1);
}

TEST_CASE("--set and --seed change the run") {
  const auto changed = nlohmann::json::parse(
      run_good({"--json", "--seed", "7", "--set", "sites.here.tariff.energy=80 USD/MWh"})
          .standard_output);
  const auto plain = nlohmann::json::parse(run_good({"--json", "--seed", "7"}).standard_output);
  CHECK(changed["seed"] == 7);
  const auto cost = [](const nlohmann::json& summary) {
    return summary["metrics"]["site.here.electricity.cost"]["value"].get<double>();
  };
  CHECK(cost(changed) > 1.2 * cost(plain));
  CHECK(run_good({"--json", "--seed", "8"}).standard_output !=
        run_good({"--json", "--seed", "7"}).standard_output);
}

TEST_CASE("a bad --set is a diagnostic that names the option") {
  check_usage(with_catalog({"run", good, "--set", "sites.here.tarif=3"}),
              {"--set sites.here.tarif", "did you mean \"tariff\"?"});
  check_usage(with_catalog({"run", good, "--set", "claims[7].says=3"}),
              {"--set claims[7].says", "does not name a place"});
  check_usage(with_catalog({"run", good, "--set", "sites.here.tariff.energy=40"}),
              {"--set sites.here.tariff.energy", "USD/MWh", "add the unit"});
  check_usage(with_catalog({"run", good, "--set", "sites.here.tariff.energy=40 MW"}),
              {"USD/MWh", "found \"40 MW\""});
  check_usage(with_catalog({"run", good, "--set", "seed=["}), {"--set seed", "not valid YAML"});
}

TEST_CASE("--out holds exactly the documented files, and events.csv with --trace") {
  const TemporaryFolder folder;
  CHECK(run_good({"--out", (folder.path() / "plain").string()}).exit_code == 0);
  CHECK(names_in(folder.path() / "plain") == documented);
  std::set<std::string> traced = documented;
  traced.insert("events.csv");
  CHECK(run_good({"--trace", "--out", (folder.path() / "a/b").string()}).exit_code == 0);
  CHECK(names_in(folder.path() / "a/b") == traced);
  CHECK_FALSE(nlohmann::json::parse(bytes_of(folder.path() / "plain/summary.json"), nullptr, false)
                  .is_discarded());
  CHECK_FALSE(nlohmann::json::parse(bytes_of(folder.path() / "plain/manifest.json"), nullptr, false)
                  .is_discarded());
}

TEST_CASE("two runs give the same bytes") {
  const TemporaryFolder folder;
  const Finished first = run_good({"--trace", "--out", (folder.path() / "first").string()});
  const Finished second = run_good({"--trace", "--out", (folder.path() / "second").string()});
  CHECK(first.exit_code == 0);
  CHECK(first.standard_output == second.standard_output);
  for (const std::string& name : names_in(folder.path() / "first")) {
    INFO(name);
    CHECK(bytes_of(folder.path() / "first" / name) == bytes_of(folder.path() / "second" / name));
  }
}

TEST_CASE("running resolved.yaml gives the same bytes in every file") {
  const TemporaryFolder folder;
  const fs::path first = folder.path() / "first";
  const fs::path again = folder.path() / "again";
  REQUIRE(run_good({"--trace", "--seed", "5", "--out", first.string()}).exit_code == 0);
  const Finished finished = run_executable(
      {"run", (first / "resolved.yaml").string(), "--trace", "--out", again.string()});
  CHECK_MESSAGE(finished.exit_code == 0, finished.standard_error);
  for (const std::string& name : names_in(first)) {
    INFO(name);
    CHECK((fs::exists(again / name) && bytes_of(first / name) == bytes_of(again / name)));
  }
}

TEST_CASE("an --out that cannot be made is exit code 3 and leaves nothing") {
  const TemporaryFolder folder;
  write_file(folder.path() / "file", "mine");
  check_io(run_good({"--out", (folder.path() / "file/out").string()}), "file/out");
  check_io(run_good({"--out", (folder.path() / "file").string()}), "file");
  CHECK(bytes_of(folder.path() / "file") == "mine");
  CHECK(names_in(folder.path()) == std::set<std::string>{"file"});
}

TEST_CASE("a full disk is exit code 3 and leaves no half file") {
  // A limit on the size of files fails writes like a full disk does: the first, one in between.
  for (const rlim_t bytes : {rlim_t{1024}, rlim_t{20'000}, rlim_t{50'000}}) {
    const TemporaryFolder folder;
    const Finished finished = run_good({"--out", (folder.path() / "out").string()}, [bytes] {
      const ::rlimit size{bytes, bytes};
      ::setrlimit(RLIMIT_FSIZE, &size);
      std::signal(SIGXFSZ, SIG_IGN);
    });
    INFO(bytes << " bytes");
    check_io(finished, "File too large");
    const TemporaryFolder whole;
    REQUIRE(run_good({"--out", whole.path().string()}).exit_code == 0);
    for (const std::string& name : names_in(folder.path() / "out")) {
      INFO(name);
      CHECK(documented.count(name) == 1);
      CHECK((documented.count(name) == 0 ||
             bytes_of(folder.path() / "out" / name) == bytes_of(whole.path() / name)));
    }
  }
}

TEST_CASE("a file that cannot be put in place leaves no temporary beside it") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "series.csv");
  check_io(run_good({"--out", folder.path().string()}), "series.csv");
  for (const std::string& name : names_in(folder.path()))
    CHECK_MESSAGE(documented.count(name) == 1, name);
}

TEST_CASE("results that stdout cannot take are exit code 3, not 0") {
  const auto full = [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); };
  check_io(run_good({"--json"}, full), "space");
  check_io(run_good({}, full), "space");
  check_io(run_executable({"list", "units"}, full), "space");
}

TEST_CASE("a reader that leaves early does not spoil the files") {
  const TemporaryFolder folder;
  int ends[2] = {-1, -1};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  ::close(ends[0]);
  const Finished finished = run_good({"--out", folder.path().string()}, [&] {
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(ends[1], STDOUT_FILENO);
  });
  ::close(ends[1]);
  // Like other tools it may die of the signal or report input/output; it never reports a bug.
  CHECK((finished.exit_code == 128 + SIGPIPE || finished.exit_code == 3));
  CHECK(names_in(folder.path()) == documented);
}

TEST_CASE("a closed stdout never ends up in an output file") {
  const TemporaryFolder folder;
  const TemporaryFolder whole;
  const Finished finished =
      run_good({"--out", folder.path().string()}, [] { ::close(STDOUT_FILENO); });
  REQUIRE(run_good({"--out", whole.path().string()}).exit_code == 0);
  CHECK((finished.exit_code == 0 || finished.exit_code == 3));
  for (const std::string& name : documented) {
    INFO(name);
    CHECK((fs::exists(folder.path() / name) &&
           bytes_of(folder.path() / name) == bytes_of(whole.path() / name)));
  }
}

TEST_CASE("a violated expectation is exit code 1 with all results written") {
  const TemporaryFolder folder;
  const Finished finished =
      run_good({"--out", folder.path().string(), "--set", "expect[0].at_most=1.001"});
  CHECK(finished.exit_code == 1);
  CHECK(holds(finished.standard_output, "site.here.pue"));
  CHECK(names_in(folder.path()) == documented);
}

TEST_CASE("without --out nothing is written") {
  const TemporaryFolder folder;
  const Finished finished = run_good({}, [&] {
    if (::chdir(folder.path().c_str()) != 0) ::_exit(126);
  });
  CHECK(finished.exit_code == 0);
  CHECK(names_in(folder.path()).empty());
}

TEST_CASE("a pipe sees neither colour nor a progress bar") {
  const Finished finished = run_good({});
  CHECK(finished.exit_code == 0);
  CHECK(finished.standard_error.empty());
  CHECK_FALSE(holds(finished.standard_output, "\033"));
  CHECK_FALSE(holds(finished.standard_output, "\r"));
}

TEST_CASE("validate tells what is sourced and finds what run would") {
  const Finished valid = run_executable(with_catalog({"validate", good}));
  CHECK(valid.exit_code == 0);
  CHECK(holds(valid.standard_output, "valid: small site, half leased"));
  CHECK(holds(valid.standard_output, "without source: sites.here.power.feed"));
  check_usage(with_catalog({"validate", COLOSSIM_SOURCE_DIR "/tests/cli/bad/base/typo.yaml"}),
              {"typo.yaml:3:1", "did you mean \"duration\"?"});
}

TEST_CASE("list shows every kind it offers") {
  const Finished kinds = run_executable(with_catalog({"list", "everything"}));
  for (const char* kind : {"gpus", "nodes", "branches", "models", "shapes", "chillers", "sources",
                           "units", "metrics"}) {
    INFO(kind);
    CHECK(holds(kinds.standard_error, kind));
    const Finished rows = run_executable(with_catalog({"list", kind}));
    CHECK(rows.exit_code == 0);
    CHECK_FALSE(rows.standard_output.empty());
  }
  CHECK(holds(run_executable(with_catalog({"list", "gpus"})).standard_output, "h100_sxm"));
  CHECK(
      holds(run_executable(with_catalog({"list", "metrics"})).standard_output, "site.<site>.pue"));
}

TEST_CASE("explain tells fields, units and rules") {
  const Finished lease = run_executable(with_catalog({"explain", "lease"}));
  CHECK(lease.exit_code == 0);
  for (const char* word : {"take_or_pay", "price", "USD/gpu/h", "tenant"})
    CHECK(holds(lease.standard_output, word));
  CHECK(holds(run_executable(with_catalog({"explain", "h100_sxm"})).standard_output, "tdp"));
  CHECK(holds(run_executable(with_catalog({"explain", "study"})).standard_output, "replicates"));
  CHECK(holds(run_executable(with_catalog({"explain", "axes"})).standard_output, "a distribution"));
  CHECK(holds(run_executable(with_catalog({"explain", "site.<site>.pue"})).standard_output,
              "IT energy"));
}
