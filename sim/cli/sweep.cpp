// colossim sweep: many runs of one scenario.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <colossim/experiment/tornado.hpp>

#include "study.hpp"

namespace colossim {

namespace {

namespace po = boost::program_options;

CommandLine tornado_line() {
  CommandLine line{.usage =
                       "Usage: colossim sweep --tornado FILE [options]\n"
                       "Moves every assumption of the scenario to its low and its high, one at a "
                       "time and on the\n"
                       "same random numbers: which of them moves the result how far, and which "
                       "decides its sign.",
                   .positional = "file"};
  add_scenario_options(line.options);
  add_repetition_options(line.options);
  line.options.add_options()("tornado", "one assumption at a time")(
      "metrics", po::value<std::string>()->value_name("GLOB")->default_value("party.*.profit"),
      "what is looked at; * stands for any text")(
      "top", po::value<int>()->value_name("N")->default_value(8), "assumptions shown per metric")(
      "json", "print everything as JSON")("csv", "print everything as CSV");
  return line;
}

int tornado_command(const Words& words) {
  CommandLine line = tornado_line();
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const Words files = words_of(*values, "file");
  if (values->count("tornado") == 0 || files.size() != 1)
    throw UsageError{"sweep: expected --tornado and a scenario file"};
  const int top = (*values)["top"].as<int>();
  check_number("top", top, 1, 100'000);
  if (values->count("json") > 0 && values->count("csv") > 0)
    throw UsageError{"--json and --csv: give one"};
  const Tornado found = tornado({files.front(), files.front(), load_options(*values)},
                                (*values)["metrics"].as<std::string>(), repetitions(*values));
  if (values->count("json") > 0) {
    fmt::print("{}", tornado_json(found, COLOSSIM_VERSION));
  } else if (values->count("csv") > 0) {
    fmt::print("{}", tornado_csv(found));
  } else {
    fmt::print("{}", tornado_text(found, static_cast<std::size_t>(top)));
  }
  return exit_ok;
}

constexpr std::array actions{
    Command{"plan", "STUDY.yaml", "check a study and say what it comes to", sweep_plan},
    Command{"run", "STUDY.yaml", "run what is missing, -j processes at once", sweep_run},
    Command{"status", "", "how far it is, what failed, the hash of the results", sweep_status},
    Command{"resume", "", "go on with the study of a results file", sweep_resume},
    Command{"export", "--csv", "the results as CSV", sweep_export},
    Command{"submit", "--slurm STUDY.yaml", "a Slurm job array and a merge after it", sweep_submit},
    Command{"work", "--shard I/N", "one shard of a submitted study", sweep_work},
    Command{"merge", "", "take over what the shards have", sweep_merge},
    Command{"--tornado", "FILE", "every assumption of a scenario to its low and high, one by one",
            tornado_command},
};

void print_actions() {
  fmt::print(
      "Usage: colossim sweep ACTION ...\nMany runs of one scenario, in one results file.\n\n");
  print_commands(actions);
}

}  // namespace

int sweep_command(const Words& words) {
  if (std::find(words.begin(), words.end(), "--tornado") != words.end())
    return tornado_command(words);
  if (words.empty()) throw UsageError{"sweep: expected an action; see `colossim sweep --help`"};
  if (words.front() == "--help" || words.front() == "-h") return print_actions(), exit_ok;
  return call_command(actions, words, "sweep: unknown action");
}

}  // namespace colossim
