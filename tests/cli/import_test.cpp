// colossim import: exit codes, places of problems, and that nothing is left of a failure.
#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "../support/process.hpp"

using namespace colossim;
using namespace colossim::test;
namespace fs = std::filesystem;

namespace {

const std::string good_swf =
    "; a comment\n1 5 0 60 4 -1 -1 4 120 -1 1 3 1 -1 1 1 -1 -1\n"
    "2 4 0 0 4 -1 -1 4 120 -1 5 3 1 -1 1 1 -1 -1\n";

struct Attempt {
  Finished finished;
  std::string trace;                // empty when there is none
  std::vector<std::string> others;  // files of the folder besides log and trace
};

Attempt import_text(const std::string& format, const std::string& text,
                    const std::vector<std::string>& more = {},
                    const std::function<void()>& prepare = {}) {
  const TemporaryFolder folder;
  write_file(folder.path() / "log.txt", text);
  std::vector<std::string> words{"import",
                                 format,
                                 (folder.path() / "log.txt").string(),
                                 "-o",
                                 (folder.path() / "trace.csv").string(),
                                 "--catalog",
                                 (fs::path{COLOSSIM_SOURCE_DIR} / "scenarios/catalog").string()};
  words.insert(words.end(), more.begin(), more.end());
  Attempt attempt{.finished = run_executable(words, prepare)};
  for (const fs::directory_entry& entry : fs::directory_iterator{folder.path()}) {
    const std::string name = entry.path().filename().string();
    if (name == "trace.csv") attempt.trace = read_file(entry.path(), 1 << 20);
    if (name != "trace.csv" && name != "log.txt") attempt.others.push_back(name);
  }
  return attempt;
}

void check_refused(const std::string& format, const std::string& text, const std::string& expected,
                   const std::vector<std::string>& more = {}) {
  const Attempt attempt = import_text(format, text, more);
  INFO(attempt.finished.standard_error);
  CHECK(attempt.finished.exit_code == 2);
  CHECK(attempt.finished.standard_output.empty());
  CHECK(holds(attempt.finished.standard_error, expected));
  CHECK(attempt.trace.empty());
  CHECK(attempt.others.empty());
}

}  // namespace

TEST_CASE("a log becomes a trace, with what is left out on both streams") {
  const Attempt attempt = import_text("swf", good_swf);
  INFO(attempt.finished.standard_error);
  CHECK(attempt.finished.exit_code == 0);
  CHECK(holds(attempt.finished.standard_output, "1 of 2 rows"));
  CHECK(holds(attempt.finished.standard_output, "left out  not run: 1 row\n"));
  CHECK(holds(attempt.finished.standard_error, "left out: not run: 1 row"));
  CHECK(attempt.others.empty());
  CHECK(attempt.trace ==
        "# colossim job trace: one job a row, times in seconds since the first submit\n"
        "# made by `colossim import swf` from \"log.txt\"; submit_s 0 is 5 s on the log's clock\n"
        "id,submit_s,runtime_s,gpus,estimate_s,tenant,group\n1,0,60,4,120,u3,g1\n");
}

TEST_CASE("where no row becomes a job, what became of them is told") {
  check_refused("swf", "1 2 3\n4 5 6\n", "left out: bad: 2 rows", {"--lenient"});
  check_refused("swf", "1 2 3\n4 5 6\n", "none of the log's 2 rows is a job", {"--lenient"});
}

TEST_CASE("the summary of an import is JSON on demand") {
  const Attempt attempt = import_text("swf", good_swf, {"--json"});
  const auto report = nlohmann::json::parse(attempt.finished.standard_output);
  CHECK(report["rows_read"] == 2);
  CHECK(report["rows_written"] == 1);
  CHECK(report["left_out"]["not_run"] == 1);
  CHECK(report["size_unit"] == "gpus");
}

TEST_CASE("bad rows of every format are refused at their place, and nothing is left") {
  check_refused("swf", good_swf + "3 x\n", "log.txt:4:1: expected 18 fields, found 2");
  check_refused("swf", good_swf + std::string(70'000, '1') + "\n",
                "log.txt:4:1: the line has more than 65536 bytes");
  check_refused("swf", std::string{"1 \0", 3}, "log.txt:1:3: the line holds a NUL byte");
  check_refused("sacct", "JobIDRaw|Submit|ElapsedRaw|NNodes\n1|never|1|1\n",
                "log.txt:2:3: Submit: expected a time");
  check_refused("csv", "a,b\n1,2\n", "log.txt:1:1: id: the map takes it from column \"job_id\"",
                {"--map", "helios"});
  check_refused("swf", "", "none of the log's 0 rows is a job that ran");
}

TEST_CASE("--lenient drops bad rows and says which") {
  const Attempt attempt = import_text("swf", good_swf + "3 x\n", {"--lenient"});
  CHECK(attempt.finished.exit_code == 0);
  CHECK(holds(attempt.finished.standard_error, "not run: 1 row, bad: 1 row"));
  CHECK(holds(attempt.finished.standard_error, "log.txt:4:1: expected 18 fields"));
  CHECK(attempt.trace.ends_with("1,0,60,4,120,u3,g1\n"));
}

TEST_CASE("wrong words are usage errors") {
  check_refused("sfw", good_swf, "there is no format \"sfw\"; did you mean \"swf\"?");
  check_refused("csv", "a\n", "expected --map, one of acme, alibaba_pai, helios, philly");
  check_refused("swf", good_swf, "--map is for csv only", {"--map", "helios"});
  check_refused("csv", "a\n", "did you mean \"helios\"?", {"--map", "helois"});
  check_refused("swf", good_swf, "unknown option", {"--lenent"});
  check_refused("swf", good_swf, "--gpu-type h100: expected NAME=TYPE", {"--gpu-type", "h100"});
  CHECK(run_executable({"import", "swf"}).exit_code == 2);
  CHECK(run_executable({"import", "swf", "x"}).exit_code == 2);
}

TEST_CASE("a log is never written over, other files are") {
  const TemporaryFolder folder;
  const std::string log = (folder.path() / "log.txt").string();
  const std::string trace = (folder.path() / "trace.csv").string();
  write_file(log, good_swf);
  write_file(trace, "older");
  const Finished onto_itself =
      run_executable({"import", "swf", log, "-o", (folder.path() / "." / "log.txt").string()});
  CHECK(onto_itself.exit_code == 2);
  CHECK(holds(onto_itself.standard_error, "this is the log itself"));
  CHECK(read_file(log, 1'000) == good_swf);
  write_file(folder.path() / "bad.txt", "x\n");
  const std::string bad = (folder.path() / "bad.txt").string();
  CHECK(run_executable({"import", "swf", bad, "-o", trace}).exit_code == 2);
  CHECK(read_file(trace, 1'000) == "older");
  CHECK(run_executable({"import", "swf", log, "-o", trace}).exit_code == 0);
  CHECK(read_file(trace, 1'000).starts_with("# colossim job trace"));
}

TEST_CASE("what cannot be opened or written is exit code 3") {
  const TemporaryFolder folder;
  const std::string log = (folder.path() / "log.txt").string();
  write_file(log, good_swf);
  CHECK(run_executable({"import", "swf", log + "x", "-o", log + ".csv"}).exit_code == 3);
  CHECK(run_executable({"import", "swf", log, "-o", log + "/no/trace.csv"}).exit_code == 3);
  CHECK(run_executable({"import", "swf", "/dev/null", "-o", log + ".csv"}).exit_code == 3);
  const Attempt full = import_text("swf", good_swf, {}, [] {
    ::signal(SIGXFSZ, SIG_IGN);
    const ::rlimit small{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &small);
  });
  CHECK(full.finished.exit_code == 3);
  CHECK(full.trace.empty());
  CHECK(full.others.empty());
}

TEST_CASE("the help of import names the formats, the sacct command and the keys of a map") {
  const Finished help = run_executable({"import", "--help"});
  CHECK(help.exit_code == 0);
  for (const char* text : {"--lenient", "sacct --allusers", "field 8", "gpus", "%Y %m %d"})
    CHECK(holds(help.standard_output, text));
}

TEST_CASE("in a clone the shipped maps are found without --catalog, as the README says") {
  const TemporaryFolder folder;
  write_file(
      folder.path() / "log.csv",
      "job_id,user,vc,jobname,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,"
      "duration,queue\n"
      "1,u,v,a,8,32,1,COMPLETED,2020-04-01 00:00:00,2020-04-01 00:10:00,2020-04-01 01:10:00,"
      "3600,600\n");
  const auto enter_clone = [] {
    if (::chdir(COLOSSIM_SOURCE_DIR) != 0) ::_exit(126);
  };
  const Finished finished =
      run_executable({"import", "csv", "--map", "helios", (folder.path() / "log.csv").string(),
                      "-o", (folder.path() / "trace.csv").string()},
                     enter_clone);
  INFO(finished.standard_error);
  CHECK(finished.exit_code == 0);
  CHECK(holds(read_file(folder.path() / "trace.csv", 1 << 20), "1,0,3600,8"));
}
