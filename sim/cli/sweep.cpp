// colossim sweep: many runs of one scenario.
#include <fmt/format.h>

#include <colossim/experiment/tornado.hpp>

#include "options.hpp"

namespace colossim {

namespace {

namespace po = boost::program_options;

CommandLine command_line() {
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

}  // namespace

int sweep_command(const Words& words) {
  CommandLine line = command_line();
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

}  // namespace colossim
