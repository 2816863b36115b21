// colossim solve: the value of one input at which a metric meets a target.
#include <fmt/format.h>

#include <colossim/experiment/solve.hpp>

#include "options.hpp"

namespace colossim {

namespace {

namespace po = boost::program_options;

CommandLine solve_line() {
  CommandLine line{
      .usage =
          "Usage: colossim solve FILE --vary PATH[=LOW..HIGH] --target 'METRIC = VALUE' [options]\n"
          "Finds where a metric meets a target as one number of the scenario is varied: "
          "break-even.\n"
          "Every value runs on the same random numbers. Exit code 1 when nothing in the range "
          "does.",
      .positional = "file"};
  add_scenario_options(line.options);
  add_repetition_options(line.options);
  line.options.add_options()("vary", po::value<std::string>()->value_name("PATH[=LOW..HIGH]"),
                             "the number, as contracts.lease.price='1..4 USD/gpu/h' (default "
                             "range: its low and high, else "
                             "a quarter to four times its value)")(
      "target", po::value<std::string>()->value_name("CONDITION"), "as 'xai.profit = 0 USD'")(
      "points", po::value<int>()->value_name("N")->default_value(9),
      "values looked at first, evenly spaced: crossings between two of them are found")(
      "tolerance", po::value<double>()->value_name("SHARE")->default_value(1e-6, "1e-6"),
      "of the range: how closely a root is found")("json", "print everything as JSON");
  return line;
}

std::string text_of(const po::variables_map& values, const char* name, const char* expected) {
  if (values.count(name) == 0) throw UsageError{fmt::format("solve: expected {}", expected)};
  return values[name].as<std::string>();
}

std::string one_file(const po::variables_map& values) {
  const Words files = words_of(values, "file");
  if (files.size() != 1) throw UsageError{"solve: expected a scenario file"};
  return files.front();
}

SolveOptions solve_options(const po::variables_map& values) {
  const CompareOptions runs = repetitions(values);
  SolveOptions options{.replications = runs.replications,
                       .threads = runs.threads,
                       .points = values["points"].as<int>(),
                       .tolerance = values["tolerance"].as<double>(),
                       .progress = [](std::size_t done) { show_progress(done, 0); }};
  check_number("points", options.points, 2, 10'000);
  if (!(options.tolerance >= 1e-12 && options.tolerance <= 0.1))
    throw UsageError{fmt::format("--tolerance {}: expected 1e-12 to 0.1", options.tolerance)};
  return options;
}

}  // namespace

int solve_command(const Words& words) {
  CommandLine line = solve_line();
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const std::string file = one_file(*values);
  const std::string vary = text_of(*values, "vary", "--vary PATH[=LOW..HIGH]");
  const std::string target = text_of(*values, "target", "--target 'METRIC = VALUE'");
  const SolveOptions options = solve_options(*values);
  const ScenarioSource source{file, file, load_options(*values)};
  try {
    const Scenario scenario = load(source.file, source.options);
    if (target.find('=') == std::string::npos || target.find_first_of("<>") != std::string::npos)
      throw UsageError{fmt::format("--target '{}': expected METRIC = VALUE", target)};
    const MetricCondition condition = parse_condition(target, metric_definitions(scenario));
    const Solution solution = solve(source, parse_varied(vary), condition, options);
    show_progress(1, 1);
    fmt::print("{}", values->count("json") > 0 ? solution_json(solution, COLOSSIM_VERSION)
                                               : solution_text(solution));
    return solution.crossings.empty() ? exit_difference : exit_ok;
  } catch (const ConditionError& error) {
    throw UsageError{fmt::format("solve: {}", error.what())};
  }
}

}  // namespace colossim
