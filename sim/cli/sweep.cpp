// colossim sweep: many runs of one scenario.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
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

struct Action {
  std::string_view name;
  std::string_view arguments;
  std::string_view doc;
  int (*call)(const Words&);
};

constexpr std::array actions{
    Action{"plan", "STUDY.yaml", "check a study and say what it comes to", sweep_plan},
    Action{"run", "STUDY.yaml", "run what is missing, -j processes at once", sweep_run},
    Action{"status", "", "how far it is, what failed, the hash of the results", sweep_status},
    Action{"resume", "", "go on with the study of a results file", sweep_resume},
    Action{"export", "--csv", "the results as CSV", sweep_export},
    Action{"submit", "--slurm STUDY.yaml", "a Slurm job array and a merge after it", sweep_submit},
    Action{"work", "--shard I/N", "one shard of a submitted study", sweep_work},
    Action{"merge", "", "take over what the shards have", sweep_merge},
};

void print_actions() {
  fmt::print(
      "Usage: colossim sweep ACTION ...\nMany runs of one scenario, in one results file.\n\n");
  for (const Action& action : actions)
    fmt::print("  {:<7} {:<19} {}\n", action.name, action.arguments, action.doc);
  fmt::print("  {:<7} {:<19} {}\n", "", "--tornado FILE",
             "every assumption of a scenario to its low and high, one at a time");
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

}  // namespace

int sweep_command(const Words& words) {
  if (std::find(words.begin(), words.end(), "--tornado") != words.end())
    return tornado_command(words);
  if (words.empty()) throw UsageError{"sweep: expected an action; see `colossim sweep --help`"};
  if (words.front() == "--help" || words.front() == "-h") return print_actions(), exit_ok;
  std::vector<std::string> names;
  for (const Action& action : actions) {
    if (words.front() == action.name) return action.call({words.begin() + 1, words.end()});
    names.emplace_back(action.name);
  }
  throw UsageError{fmt::format("sweep: unknown action \"{}\"; {}", words.front(),
                               did_you_mean(words.front(), names))};
}

}  // namespace colossim
