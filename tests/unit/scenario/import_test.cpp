// Public logs into traces: what each format says of a job, and what is left out.
#include <random>

#include <doctest/doctest.h>

#include "../../support/tables.hpp"

using namespace colossim;

namespace {

struct Imported {
  std::string trace;  // without its comment lines
  ImportSummary summary;
  std::size_t files_left = 0;  // in the folder, the log included
};

Imported import_text(const std::string& text, ImportOptions options) {
  const test::TemporaryFile log{text, "log"};
  const auto trace = log.folder() / "trace.csv";
  Imported imported{.summary = import_log(log.path(), trace, options)};
  imported.trace = read_file(trace, 1 << 26);
  while (imported.trace.starts_with('#')) imported.trace.erase(0, imported.trace.find('\n') + 1);
  for (const auto& entry : std::filesystem::directory_iterator{log.folder()})
    imported.files_left += entry.is_regular_file() ? 1 : 0;
  return imported;
}

/// The problems of a log that is refused; nothing may be left of the attempt.
std::string refusal(const std::string& text, const ImportOptions& options) {
  const test::TemporaryFile log{text, "log"};
  try {
    import_log(log.path(), log.folder() / "trace.csv", options);
  } catch (const ScenarioError& error) {
    CHECK(std::distance(std::filesystem::directory_iterator{log.folder()}, {}) == 1);
    std::string problems = error.what();
    const std::string folder = log.folder().string() + "/";
    for (auto at = problems.find(folder); at != std::string::npos; at = problems.find(folder))
      problems.erase(at, folder.size());
    return problems;
  }
  return "";
}

const ImportOptions swf{.format = LogFormat::swf};
const ImportOptions sacct{.format = LogFormat::sacct};

ImportOptions with_map(const std::string& yaml) {
  const test::TemporaryFile file{"schema: 1\ntitle: test\n" + yaml, "map.yaml"};
  return {.format = LogFormat::csv,
          .map = load_trace_map(file.path(), test::shipped_catalog().catalog_folders)};
}
ImportOptions shipped_map(const std::string& name) {
  const auto folders = test::shipped_catalog().catalog_folders;
  return {.format = LogFormat::csv,
          .map = load_trace_map(folders.front() / "traces" / (name + ".yaml"), folders)};
}
std::string map_problems(const std::string& yaml) {
  try {
    with_map(yaml);
    return "";
  } catch (const ScenarioError& error) {
    return error.what();
  }
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// An SWF line from its fields of interest.
std::string swf_line(const std::string& job, const std::string& submit, const std::string& run,
                     const std::string& given, const std::string& asked, const std::string& limit,
                     const std::string& status = "1") {
  return job + " " + submit + "  10 " + run + " " + given + " -1 -1 " + asked + " " + limit +
         " -1 " + status + " 7 3 -1 1 1 -1 -1\n";
}

}  // namespace

TEST_CASE("swf: requested processors, the estimate as it stands, user and group") {
  const Imported imported =
      import_text("; Version: 2.2\n;\xff latin\n" + swf_line("1", "100", "50", "8", "16", "40") +
                      swf_line("2", "103.5", "60", "4", "-1", "-1"),
                  swf);
  CHECK(imported.trace ==
        "id,submit_s,runtime_s,gpus,estimate_s,tenant,group\n1,0,50,16,40,u7,g3\n"
        "2,3.5,60,4,,u7,g3\n");
  CHECK(imported.summary.origin == "100 s");
  CHECK(imported.files_left == 2);
}

TEST_CASE("swf: what never ran and parts of jobs are left out and counted") {
  const Imported imported = import_text(
      swf_line("1", "0", "50", "8", "8", "40") + swf_line("2", "1", "-1", "8", "8", "40", "5") +
          swf_line("3", "2", "0", "8", "8", "40", "0") + swf_line("4", "3", "9", "0", "-1", "40") +
          swf_line("5", "4", "9", "1", "1", "40", "2"),
      swf);
  const LeftOut& left_out = imported.summary.left_out;
  CHECK(imported.summary.rows_read == 5);
  CHECK(imported.summary.rows_written == 1);
  CHECK(left_out.not_run == 2);
  CHECK(left_out.without_size == 1);
  CHECK(left_out.parts == 1);
}

TEST_CASE("swf: bad lines are located, or dropped and counted") {
  const std::string text = "; c\n" + swf_line("1", "0", "50", "8", "8", "40") + "1 2 3\n" +
                           swf_line("2", "x", "1", "1", "1", "1") + "\xff\n";
  CHECK(refusal(text, swf) ==
        "log:3:1: expected 18 fields, found 3; is this a file in the Standard Workload Format?\n"
        "log:4:3: submit time: expected a number, found \"x\"\n"
        "log:5:1: the line is not UTF-8 text");
  ImportOptions lenient = swf;
  lenient.bad_rows = BadRowPolicy::drop;
  const Imported imported = import_text(text, lenient);
  CHECK(imported.summary.rows_written == 1);
  CHECK(imported.summary.left_out.bad == 3);
  CHECK(imported.summary.first_bad.size() == 3);
}

TEST_CASE("a log without a job leaves no trace") {
  const test::TemporaryFile log{"; nothing\n", "log"};
  CHECK(import_log(log.path(), log.folder() / "trace.csv", swf).rows_written == 0);
  CHECK(std::distance(std::filesystem::directory_iterator{log.folder()}, {}) == 1);
  CHECK(holds(refusal("", sacct), "expected a header line, found an empty file"));
}

TEST_CASE("sacct: resources, limits, steps, jobs that never ran or have not ended") {
  const Imported imported = import_text(
      "JobIDRaw|Submit|Start|End|ElapsedRaw|AllocTRES|ReqTRES|NNodes|Timelimit|Account|User|"
      "Priority|State\n"
      "9|2024-05-06T12:00:10|2024-05-06T12:01:00|2024-05-06T13:01:00|3600|cpu=64,gres/gpu:a100=8,"
      "gres/gpu=8,mem=1T,node=2||2|1-00:00:00|phys|ann|4294967295|COMPLETED\n"
      "9.batch|2024-05-06T12:00:10|2024-05-06T12:01:00|2024-05-06T13:01:00|3600||||||||COMPLETED\n"
      "8|2024-05-06T12:00:00|2024-05-06T12:01:00|2024-05-06T13:01:00|60||gres/gpu:h100=4|1|"
      "UNLIMITED|chem|bob||CANCELLED by 7\n"
      "7|2024-05-06T12:00:00|Unknown|Unknown|0||gres/gpu=4|1|10:00|chem|bob|1|PENDING\n"
      "6|2024-05-06T12:00:00|2024-05-06T12:01:00|Unknown|60||gres/"
      "gpu=4|1|10:00|chem|bob|1|RUNNING\n"
      "5|2024-05-06T12:00:00|2024-05-06T12:01:00|2024-05-06T13:01:00|60|cpu=1|cpu=1|1|10:00|chem|"
      "bob|1|COMPLETED\n",
      sacct);
  CHECK(imported.trace ==
        "id,submit_s,runtime_s,gpus,estimate_s,tenant,group,priority,gpu\n"
        "8,0,60,4,,chem,bob,0,h100\n9,10,3600,8,86400,phys,ann,1000000000,a100\n");
  const LeftOut& left_out = imported.summary.left_out;
  CHECK(left_out.parts == 1);
  CHECK(left_out.not_run == 1);
  CHECK(left_out.unfinished == 1);
  CHECK(left_out.without_size == 1);
  CHECK(imported.summary.origin == "2024-05-06 12:00:00");
}

TEST_CASE("types of GPUs are renamed, or dropped") {
  const std::string log =
      "JobID|Submit|Elapsed|AllocTRES\n1|1714996800|1:00|gres/gpu:h100=8\n"
      "2|1714996800|1:00|gres/gpu:mig=1\n3|1714996800|1:00|gres/gpu:b200=4\n";
  ImportOptions options = sacct;
  options.gpu_types = {{"h100", "h100_sxm"}, {"mig", ""}};
  CHECK(import_text(log, options).trace ==
        "id,submit_s,runtime_s,gpus,gpu\n1,0,60,8,h100_sxm\n2,0,60,1,\n3,0,60,4,b200\n");
}

TEST_CASE("sacct: nodes when no job has GPUs, a bar behind the last field, seconds as dates") {
  const Imported imported = import_text(
      "JobID|Submit|Start|End|NNodes|TimelimitRaw|\n1_4|1714996800|1714996805|1714996865|3|90|\n",
      sacct);
  CHECK(imported.trace == "id,submit_s,runtime_s,nodes,estimate_s\n1_4,0,60,3,5400\n");
}

TEST_CASE("sacct: a header that lacks a column and bad cells are located") {
  CHECK(holds(refusal("JobIDRaw|Submit|ElapsedRaw\n", sacct), "log:1:1: expected a header with"));
  const std::string top = "JobIDRaw|Submit|Elapsed|AllocTRES\n";
  CHECK(holds(refusal(top + "1|yesterday|1|gres/gpu=1\n", sacct),
              "log:2:3: Submit: expected a time"));
  CHECK(holds(refusal(top + "1|1714996800|1:x|gres/gpu=1\n", sacct), "log:2:14: Elapsed: "));
  CHECK(holds(refusal(top + "1|1714996800|1:00|gres/gpu=x\n", sacct), "log:2:19: AllocTRES: "));
  CHECK(holds(refusal(top + "1|1714996800|1:00|a|b\n", sacct), "log:2:1: expected 4 fields"));
}

TEST_CASE("csv: dates with fractions and offsets, values to keep, sizes by product") {
  const ImportOptions options = with_map(R"(
separator: semicolon
id: [job, task]
submit: {column: at, format: "%d.%m.%Y %H:%M:%S"}
runtime: {column: took, unit: ms}
gpus: {column: percent, per: 100, times: count}
estimate: {column: limit, unit: min}
priority: rank
keep: [{column: state, values: [done, failed]}]
absent: [NA]
)");
  const Imported imported = import_text(
      "job;task;at;took;percent;count;limit;rank;state\n"
      "a;w;06.05.2024 12:00:00.25+02:00;1500;50;3;2;7;done\n"
      "b;w;06.05.2024 10:00:00Z;2500.5;100.0;2.0;NA;;failed\n"
      "c;w;06.05.2024 10:00:00;1;100;1;1;1;killed\n"
      "d;w;6.5.2024 10:00:00;NA;100;1;1;1;done\n"
      "e;w;6.5.2024 10:00:00;7;0;1;1;1;done\n",
      options);
  CHECK(
      imported.trace ==
      "id,submit_s,runtime_s,gpus,estimate_s,priority\nb/w,0,2.5005,2,,0\na/w,0.25,1.5,2,120,7\n");
  CHECK(imported.summary.left_out.filtered == 1);
  CHECK(imported.summary.left_out.not_run == 1);
  CHECK(imported.summary.left_out.without_size == 1);
}

TEST_CASE("csv: a column the log does not have is named, and bad cells are located") {
  const std::string map = "submit: {column: at}\nruntime: {column: took}\nnodes: {column: n}\n";
  CHECK(refusal("at,tok,n\n", with_map(map)) ==
        "log:1:1: runtime: the map takes it from column \"took\", which the log does not have; did "
        "you mean \"tok\"?");
  CHECK(refusal("at,took,n,took\n", with_map(map)) ==
        "log:1:1: runtime: the log has two columns \"took\"");
  CHECK(refusal("at,took,n\n0,1,1\nx,1,1\n0,1,-\n0,1\n", with_map(map)) ==
        "log:3:1: at: expected a number, found \"x\"\n"
        "log:4:5: n: expected a number up to 1e9, found \"-\"\n"
        "log:5:1: expected 3 fields, found 2");
  CHECK(import_text("at,took,n\n5,1,3\n", with_map(map)).trace ==
        "id,submit_s,runtime_s,nodes\n2,0,1,3\n");
}

TEST_CASE("a map is read as strictly as a scenario") {
  const std::string good = "submit: {column: at}\nruntime: {column: took}\nnodes: {column: n}\n";
  CHECK(map_problems(good).empty());
  CHECK(holds(map_problems(good + "tennant: x\n"), "did you mean \"tenant\"?"));
  CHECK(holds(map_problems(good + "gpus: {column: g}\n"), "expected one of `gpus:` and `nodes:`"));
  CHECK(holds(map_problems(good + "source: nobody\n"), "there is no \"nobody\" in sources"));
  CHECK(holds(map_problems(good + "columns: [at, at]\n"), "\"at\" is there twice"));
  CHECK(holds(map_problems(good + "separator: colon\n"), "expected one of comma, semicolon"));
  CHECK(holds(map_problems("submit: {column: at}\nnodes: {column: n}\n"), "expected `runtime:`"));
  CHECK(holds(map_problems("submit: {column: at, format: \"%Y-%q\"}\nruntime: {column: took}\n"
                           "nodes: {column: n}\n"),
              "submit: expected %Y %m %d %H %M %S %F %T, found %q"));
}

TEST_CASE("the shipped maps read logs laid out as they are published") {
  CHECK(import_text("job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,"
                    "duration,queue\n"
                    "5,u1,v1,2,8,1,FAILED,2020-04-01 00:00:07,2020-04-01 00:00:09,"
                    "2020-04-01 00:00:19,10,2\n",
                    shipped_map("helios"))
            .trace == "id,submit_s,runtime_s,gpus,tenant,group\n5,0,10,2,v1,u1\n");
  CHECK(import_text("job_id,user,node_num,gpu_num,cpu_num,mem_per_pod_GB,shared_mem_per_pod,type,"
                    "state,submit_time,start_time,end_time,fail_time,stop_time,duration,queue,"
                    "gpu_time\n"
                    "k,u2,1,8,64,9,9.0,Other,FAILED,2023-05-01 08:00:00+00:00,"
                    "2023-05-01 08:00:10+00:00,2023-05-01 08:01:00+00:00,,,60,10.0,480.0\n",
                    shipped_map("acme"))
            .trace == "id,submit_s,runtime_s,gpus,tenant,group\nk,0,50,8,u2,Other\n");
  CHECK(import_text("j,worker,3.0,Terminated,500.0,620.0,600.0,29.3,50.0,MISC\n"
                    "j,ps,1.0,Running,500.0,,600.0,29.3,,\n"
                    "j,tf,1.0,Waiting,,,600.0,29.3,50.0,\n",
                    shipped_map("alibaba_pai"))
            .trace == "id,submit_s,runtime_s,gpus\nj/worker,0,120,2\n");
  CHECK(import_text("user,vc,jobname,gpu_num,state,submit_time,start_time,end_time,duration\n"
                    "u3,v3,p1,4,Pass,2017-10-03 01:00:00,2017-10-03 01:00:05,2017-10-03 01:00:35,"
                    "30\n",
                    shipped_map("philly"))
            .trace == "id,submit_s,runtime_s,gpus,tenant,group\np1,0,30,4,v3,u3\n");
}

TEST_CASE("jobs are sorted by submission, and jobs submitted together keep their order") {
  std::mt19937 dice{3};
  std::string text;
  std::vector<std::pair<unsigned, int>> order;
  for (int i = 0; i < 5'000; ++i) {
    const auto submit = static_cast<unsigned>(dice() % 1'000);
    order.emplace_back(submit, i);
    text += swf_line(std::to_string(i), std::to_string(submit), "1", "1", "1", "-1");
  }
  std::sort(order.begin(), order.end());
  std::string expected = "id,submit_s,runtime_s,gpus,tenant,group\n";
  for (const auto& [submit, i] : order)
    expected +=
        std::to_string(i) + "," + std::to_string(submit - order.front().first) + ",1,1,u7,g3\n";
  const Imported at_once = import_text(text, swf);
  CHECK(at_once.trace == expected);
  ImportOptions small = swf;
  for (const std::size_t bytes : {1U, 1'000U, 200'000U}) {  // from a run per job to a few
    small.sort_bytes = bytes;
    const Imported spilled = import_text(text, small);
    CHECK(spilled.trace == at_once.trace);
    CHECK(spilled.files_left == 2);
  }
}

TEST_CASE("what import writes is a trace, and its reader finds every job") {
  const test::TemporaryFile log{
      swf_line("1", "10", "5", "8", "8", "-1") + swf_line("2", "9", "6", "8", "8", "60"), "log"};
  const auto path = log.folder() / "trace.csv";
  ImportOptions options = swf;
  options.made_by = "made by a test from \"log\"";
  import_log(log.path(), path, options);
  const TraceSummary summary = check_trace(path);
  CHECK(summary.rows == 2);
  CHECK(summary.greatest_size == 8);
  CHECK(summary.tenants == Names{"u7"});
  CHECK(read_file(path, 1'000) ==
        "# colossim job trace: one job a row, times in seconds since the first submit\n"
        "# made by a test from \"log\"; submit_s 0 is 9 s on the log's clock\n"
        "id,submit_s,runtime_s,gpus,estimate_s,tenant,group\n2,0,6,8,60,u7,g3\n1,1,5,8,,u7,g3\n");
}

TEST_CASE("a log whose clock jumps by decades is refused") {
  CHECK(holds(refusal(swf_line("1", "0", "5", "8", "8", "-1"),
                      with_map("submit: {column: a}\n"
                               "runtime: {column: b}\ngpus: {column: c}\ncolumns: [a]\n")),
              "which the log does not have"));
  CHECK(holds(refusal("0,1,1\n1600000000,1,1\n",
                      with_map("submit: {column: a}\nruntime: {column: b}\ngpus: {column: c}\n"
                               "columns: [a, b, c]\n")),
              "the job of line 2 was submitted more than 1e9 s after that of line 1"));
}

TEST_CASE("random changes of good logs never crash an import") {
  std::mt19937 dice{11};
  const std::string swf_text = swf_line("1", "0", "50", "8", "8", "40");
  const std::string sacct_text =
      "JobIDRaw|Submit|Start|End|Elapsed|AllocTRES|Timelimit\n"
      "9|2024-05-06T12:00:10|2024-05-06T12:01:00|2024-05-06T13:01:00|1:00:00|gres/"
      "gpu:a=8|1-0:0:0\n";
  const std::string csv_text = "a,b,c\n2024-05-06 12:00:10.5+08:00,\"1\",2.5\n";
  const ImportOptions csv =
      with_map("submit: {column: a, format: \"%F %T\"}\nruntime: {column: b}\ngpus: {column: c}\n");
  constexpr std::string_view spice = "\"|,;:-.=%9 \n\t";
  for (int round = 0; round < 300; ++round) {
    std::string text = round % 3 == 0 ? swf_text : round % 3 == 1 ? sacct_text : csv_text;
    for (auto changes = 1 + dice() % 5; changes > 0; --changes) {
      const std::size_t at = dice() % text.size();
      if (dice() % 3 == 0)
        text.insert(at, 1, spice[dice() % spice.size()]);
      else
        text[at] = dice() % 2 == 0 ? spice[dice() % spice.size()] : static_cast<char>(dice());
    }
    ImportOptions options = round % 3 == 0 ? swf : round % 3 == 1 ? sacct : csv;
    options.bad_rows = round % 2 == 0 ? BadRowPolicy::drop : BadRowPolicy::refuse;
    const test::TemporaryFile log{text, "log"};
    try {
      const ImportSummary summary = import_log(log.path(), log.folder() / "trace.csv", options);
      const bool is_written = std::filesystem::exists(log.folder() / "trace.csv");
      CHECK(is_written == (summary.rows_written > 0));
      if (is_written) CHECK(check_trace(log.folder() / "trace.csv").rows == summary.rows_written);
    } catch (const ScenarioError& error) {
      CHECK_FALSE(error.diagnostics().empty());
    }
  }
}
