// The job trace: what it may say, and what is said about it when it may not.
#include <random>

#include <doctest/doctest.h>

#include "../../support/tables.hpp"

using namespace colossim;
using test::jobs_of;
using test::problems_of_trace;

namespace {

const std::string header = "id,submit_s,runtime_s,gpus\n";
const TraceOptions drop{.bad_rows = BadRowPolicy::drop};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
std::ptrdiff_t lines_in(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n') + 1;
}

TraceOptions limited(TraceLimits limits) {
  return {.limits = std::move(limits)};
}

}  // namespace

TEST_CASE("all columns are read, in any order") {
  const std::vector<TraceJob> jobs = jobs_of(
      "# a comment, \"of any\" kind\n"
      "gpu,priority,group,tenant,estimate_s,nodes,runtime_s,submit_s,id\r\n"
      "h100,-5,g1,acme,7200,4,4.709164,0,a\r\n"
      ",,,,,1,0,12.5,\"b, \"\"c\"\"\"");
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0] == TraceJob{.line = 3,
                            .id = "a",
                            .submit = {},
                            .runtime = Duration{4'709'164'000},
                            .size = 4,
                            .estimate = 7200 * one_second,
                            .tenant = "acme",
                            .group = "g1",
                            .gpu = "h100",
                            .priority = -5});
  CHECK(jobs[1] == TraceJob{.line = 4,
                            .id = "b, \"c\"",
                            .submit = Duration{12'500'000'000},
                            .runtime = {},
                            .size = 1});
}

TEST_CASE("the columns of a trace are known before its first row") {
  const test::TemporaryFile file{"id,submit_s,runtime_s,nodes,tenant\n"};
  const TraceReader reader{file.path()};
  CHECK(reader.columns().nodes);
  CHECK(reader.columns().tenant);
  CHECK_FALSE(reader.columns().estimate);
}

TEST_CASE("a job that is reused keeps nothing of the row before") {
  const auto jobs =
      jobs_of("id,submit_s,runtime_s,gpus,estimate_s,tenant,priority\na,0,1,1,5,x,9\nb,0,1,1,,,\n");
  CHECK_FALSE(jobs.at(1).estimate);
  CHECK(jobs.at(1).tenant.empty());
  CHECK(jobs.at(1).priority == 0);
}

TEST_CASE("empty lines are allowed at the very end only") {
  CHECK(jobs_of(header + "a,0,1,1\n\n\r\n\n").size() == 1);
  CHECK(problems_of_trace(header + "a,0,1,1\n\n\nb,0,1,1\n") ==
        "trace.csv:3:1: expected a row, found an empty line; remove it\n"
        "trace.csv:4:1: expected a row, found an empty line; remove it");
}

TEST_CASE("a bad header is one located error that lists the columns") {
  const auto refused = [](const std::string& text, const std::string& place,
                          const std::string& problem) {
    const std::string said = problems_of_trace(text);
    INFO(said);
    CHECK(lines_in(said) == 1);
    CHECK(said.starts_with("trace.csv:" + place + ": expected a header with the columns id, "));
    CHECK(holds(said, problem));
  };
  refused("", "1:1", "the file has none");
  refused("# only a comment\n", "1:1", "the file has none");
  refused("\n" + header, "1:1", "this line is empty");
  refused("# c\nid,submit_s,runtime_s\n", "2:1", "gpus (or nodes) is missing");
  refused("id,submit_s,gpus\n", "1:1", "runtime_s is missing");
  refused("id,submit_s,runtime_s,gpus,nodes\n", "1:1", "both gpus and nodes");
  refused("id,submit_s,runtime_s,gpus,id\n", "1:28", "found id twice");
  refused("id,submit,runtime_s,gpus\n", "1:4", "did you mean \"submit_s\"?");
  refused("id,submit_s,runtime_s,gpus,colour\n", "1:28", "found \"colour\"");
  refused("id,submit_s,\"runtime_s,gpus\n", "1:13", "a quote is not closed");
  refused("id,submit_s,\xff\n", "1:13", "not UTF-8");
  refused(std::string(100'000, 'x') + "\n", "1:1", "more than 65536 bytes");
}

TEST_CASE("each bad cell is located and named") {
  const auto refused = [](const std::string& row, const std::string& expected) {
    const std::string said = problems_of_trace(header + row + "\n");
    INFO(said);
    CHECK(lines_in(said) == 1);
    CHECK(said.starts_with("trace.csv:2:" + expected));
  };
  refused(",0,1,1", "1: id: expected a name, found nothing");
  refused("a,-1,1,1", "3: submit_s: expected at least 0 s, found \"-1\"");
  refused("a,x,1,1", "3: submit_s: expected seconds such as");
  refused("a,0,-0.5,1", "5: runtime_s: expected at least 0 s, found \"-0.5\"");
  refused("a,0,1.0123456789,1", "5: runtime_s: expected at most nine decimals");
  refused("a,0,2000000000,1", "5: runtime_s: expected at most 1000000000 s");
  refused("a,0,,1", "5: runtime_s: expected seconds");
  refused("a,0,1,0", "7: gpus: expected a whole number from 1, found \"0\"");
  refused("a,0,1,1.5", "7: gpus: expected a whole number from 1");
  refused("a,0,1,99999999999999999999", "7: gpus: expected a whole number from 1");
  refused("a,0,1", "1: expected 4 fields, found 3");
  refused("a,0,1,1,2", "9: expected 4 fields, found 5");
  refused("a,0,\"1,1", "5: a quote is not closed on its line");
  refused("a\xff,0,1,1", "2: the line is not UTF-8 text");
  refused(std::string{"a,0\0,1,1", 8}, "4: the line holds a NUL byte");
  refused("a," + std::string(70'000, '0') + ",1,1", "1: the line has more than 65536 bytes");
}

TEST_CASE("submission never falls") {
  CHECK(problems_of_trace(header + "a,0,1,1\nb,5.5,1,1\nc,5.4,1,1\nd,5.5,1,1\n") ==
        "trace.csv:4:3: submit_s: expected at least the 5.5 of the row before, found \"5.4\"; sort "
        "the rows by submit_s; `colossim import` does");
}

TEST_CASE("priorities are whole numbers within a billion") {
  const std::string top = "id,submit_s,runtime_s,gpus,priority\n";
  CHECK(jobs_of(top + "a,0,1,1,-1000000000\n").at(0).priority == -1'000'000'000);
  CHECK(holds(problems_of_trace(top + "a,0,1,1,1000000001\n"), "trace.csv:2:9: priority: "));
  CHECK(holds(problems_of_trace(top + "a,0,1,1,1.5\n"), "expected a whole number"));
}

TEST_CASE("limits are kept: size, tenants and GPU types") {
  const std::string top = "id,submit_s,runtime_s,gpus,tenant,gpu\n";
  const TraceOptions size =
      limited({.greatest_size = 256, .greatest_size_is = "the 256 GPUs of pool main"});
  CHECK(problems_of_trace(top + "a,0,1,256,,\n", size).empty());
  CHECK(holds(problems_of_trace(top + "a,0,1,257,,\n", size),
              "trace.csv:2:7: gpus: expected at most the 256 GPUs of pool main, found \"257\""));
  const TraceOptions names = limited({.tenants = Names{"anthropic", "xai"}, .gpus = Names{"h100"}});
  CHECK(problems_of_trace(top + "a,0,1,1,xai,h100\nb,0,1,1,,\n", names).empty());
  CHECK(
      holds(problems_of_trace(top + "a,0,1,1,antropic,h100\n", names),
            "trace.csv:2:9: tenant: there is no tenant \"antropic\"; did you mean \"anthropic\"?"));
  CHECK(
      holds(problems_of_trace(top + "a,0,1,1,xai,h10\n", names),
            "trace.csv:2:13: gpu: the stream runs on no GPU type \"h10\"; did you mean \"h100\"?"));
}

TEST_CASE("bad rows are all looked for; twenty are told and the rest counted") {
  std::string text = header;
  for (int i = 0; i < 25; ++i) text += "a,0,x,1\nb,0,1,1\n";
  const std::string said = problems_of_trace(text);
  CHECK(lines_in(said) == 21);
  CHECK(said.ends_with("trace.csv: ... and 5 more bad rows"));
  const test::TemporaryFile file{text};
  TraceReader reader{file.path()};
  TraceJob job;
  CHECK_THROWS_AS(reader.next(job), ScenarioError);
}

TEST_CASE("bad rows are dropped and counted when that is asked for") {
  const std::string text = header + "a,5,1,1\nb,4,1,1\n\nc,x,1,1\nd,6,1,1\n";
  CHECK(jobs_of(text, drop).size() == 2);
  const test::TemporaryFile file{text};
  const TraceSummary summary = check_trace(file.path(), drop);
  CHECK(summary.rows == 2);
  CHECK(summary.dropped_rows == 3);
  REQUIRE(summary.first_dropped.size() == 3);
  CHECK(summary.first_dropped[1].mark.line == 4);
}

TEST_CASE("a summary holds what a trace holds") {
  const std::string text =
      "id,submit_s,runtime_s,gpus,tenant,gpu\na,1,9,8,x,h100\nb,2,3,64,y,\nc,2.5,1,1,x,h100\n";
  const test::TemporaryFile file{text};
  const TraceSummary summary = check_trace(file.path());
  CHECK(summary.rows == 3);
  CHECK(summary.first_submit == one_second);
  CHECK(summary.last_submit == Duration{2'500'000'000});
  CHECK(summary.longest_runtime == 9 * one_second);
  CHECK(summary.greatest_size == 64);
  CHECK(summary.tenants == Names{"x", "y"});
  CHECK(summary.gpus == Names{"h100"});
  CHECK(summary.content_hash == hash_text(text));
}

TEST_CASE("a column with a name per row is no column of tenants") {
  std::string text = "id,submit_s,runtime_s,gpus,tenant\n";
  for (int i = 0; i < 10'002; ++i) text += "a,0,1,1,t" + std::to_string(i) + "\n";
  CHECK(holds(problems_of_trace(text), "trace.csv:10002:1: tenant: this is the 10001th name"));
}

TEST_CASE("a copy of a reader goes on from the same row, the original too") {
  std::string text = header;
  for (int i = 0; i < 30'000; ++i)
    text += "job" + std::to_string(i) + "," + std::to_string(i) + ",1,1\n";
  const test::TemporaryFile file{text};
  TraceReader reader{file.path()};
  TraceJob job;
  for (int i = 0; i < 20'000; ++i) reader.next(job);
  TraceReader copy = reader;
  const auto rest = test::all_jobs(reader);
  REQUIRE(rest.size() == 10'000);
  CHECK(rest.front().id == "job20000");
  CHECK(test::all_jobs(copy) == rest);
  CHECK_FALSE(reader.next(job));
}

TEST_CASE("rows that are written are read back as they were") {
  const TraceColumns columns{.nodes = false,
                             .estimate = true,
                             .tenant = true,
                             .group = true,
                             .priority = true,
                             .gpu = true};
  const std::vector<TraceJob> jobs{{.line = 2,
                                    .id = "a,\"b\"",
                                    .submit = Duration{1},
                                    .runtime = Duration{4'709'164'000},
                                    .size = 7,
                                    .estimate = one_hour,
                                    .tenant = " x\t",
                                    .group = "#",
                                    .gpu = "\t",
                                    .priority = -3},
                                   {.line = 3, .id = "#c", .submit = one_day, .size = 1}};
  std::string text = trace_header(columns);
  for (const TraceJob& job : jobs) append_trace_row(text, columns, job);
  CHECK(jobs_of(text) == jobs);
}

TEST_CASE("random bytes and random changes of a good trace never crash the reader") {
  std::mt19937 dice{7};
  const auto roll = [&](std::size_t sides) { return dice() % sides; };
  std::string good = "# c\nid,submit_s,runtime_s,gpus,tenant,priority\n";
  for (int i = 0; i < 40; ++i)
    good += "\"j,\"\"" + std::to_string(i) + "\"," + std::to_string(i) + ".25,17,8,t,-1\r\n";
  REQUIRE(problems_of_trace(good).empty());
  constexpr std::string_view spice{"\",\n\r\0#-.9\xff\xc3;", 13};
  for (int round = 0; round < 400; ++round) {
    std::string text = good;
    if (round % 4 == 0) {
      text.assign(roll(3'000), ' ');
      for (char& c : text) c = static_cast<char>(dice());
      if (round % 8 == 0) text.insert(0, header);
    }
    for (std::size_t changes = roll(6); changes > 0 && !text.empty(); --changes) {
      const std::size_t at = roll(text.size());
      if (roll(3) == 0)
        text.erase(at, roll(40));
      else if (roll(2) == 0)
        text.insert(std::min(at, text.size()), 1, spice[roll(spice.size())]);
      else
        text[at] = static_cast<char>(dice());
    }
    const std::string said = problems_of_trace(text);
    CHECK(lines_in(said) <= 21);
    if (said.empty()) continue;
    CHECK(said.starts_with("trace.csv:"));
    const test::TemporaryFile file{text};
    try {
      check_trace(file.path(), drop);
    } catch (const ScenarioError& error) {
      CHECK(error.diagnostics().size() == 1);  // the header
    }
  }
}
