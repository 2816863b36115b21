// colossim check: scenarios against their goldens and expectations.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/experiment/check.hpp>
#include <colossim/scenario/unit.hpp>

#include "options.hpp"

namespace colossim {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

CommandLine check_line() {
  CommandLine line{
      .usage =
          "Usage: colossim check PATH... [options]\nRuns scenarios and holds them against "
          "NAME.golden.yaml beside them and their own `expect:`.\nA folder stands for the "
          "scenarios below it that have either. Exit code 1 when one drifts.",
      .positional = "path",
      .positionals = -1};
  add_catalog_option(line.options);
  line.options.add_options()("update", "write the goldens instead; needs --reason")(
      "all", "with --update: also metrics that a golden does not have yet")(
      "reason", po::value<std::string>()->value_name("TEXT"),
      "why the answers move; kept in the golden")(
      "tolerance", po::value<std::string>()->value_name("SHARE")->default_value("0"),
      "of metrics that are new in a golden, such as '0.1 %'")(
      "threads", po::value<int>()->value_name("N")->default_value(0),
      "scenarios at once (default: one per processor)")(
      "junit", po::value<std::string>()->value_name("FILE"), "write JUnit XML as well")(
      "markdown", po::value<std::string>()->value_name("FILE"), "write a markdown summary as well");
  return line;
}

/// As CI servers set it: `true`, `1`, ...
bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  const std::string_view text = value == nullptr ? "" : value;
  return !text.empty() && text != "false" && text != "0";
}

CheckOptions check_options(const po::variables_map& values) {
  CheckOptions options{.load = load_options(values),
                       .version = COLOSSIM_VERSION,
                       .update = values.count("update") > 0,
                       .all = values.count("all") > 0,
                       .reason = {},
                       .tolerance = values["tolerance"].as<std::string>(),
                       .progress = show_progress};
  check_number("threads", values["threads"].as<int>(), 0, 1024);
  options.threads = static_cast<unsigned>(values["threads"].as<int>());
  if (values.count("reason") > 0) options.reason = values["reason"].as<std::string>();
  if (options.update && options.reason.find_first_not_of(' ') == std::string::npos)
    throw UsageError{"--update: expected --reason 'why the answers move'"};
  for (const char* option : {"reason", "all"}) {
    if (!options.update && values.count(option) > 0)
      throw UsageError{fmt::format("--{} belongs to --update", option)};
  }
  if (options.update && is_set("CI"))
    throw UsageError{
        "--update: CI=true never writes goldens; write them where people look at them"};
  if (!options.update && !values["tolerance"].defaulted())
    throw UsageError{"--tolerance belongs to --update: it is for metrics that are new"};
  std::string problem;
  const auto tolerance = parse_measured(options.tolerance, problem);
  const bool is_share = tolerance && tolerance->dimension == Dimension{} && tolerance->base >= 0;
  if (!is_share || (tolerance->base > 0 && !options.tolerance.ends_with('%')))
    throw UsageError{fmt::format("--tolerance {}: expected 0 or a share in %", options.tolerance)};
  return options;
}

/// GitHub shows what is appended there on the page of the run.
void append_summary(const std::string& markdown) {
  const char* file = std::getenv("GITHUB_STEP_SUMMARY");
  if (file == nullptr || *file == '\0') return;
  constexpr std::size_t limit = std::size_t{16} << 20;
  std::string before;
  if (fs::exists(file)) before = read_file(file, limit);
  write_file(file, before + markdown);
}

int exit_code(const std::vector<CheckedScenario>& scenarios) {
  const auto any = [&](CheckState state) {
    return std::any_of(scenarios.begin(), scenarios.end(),
                       [&](const CheckedScenario& checked) { return checked.state == state; });
  };
  if (any(CheckState::faulty)) return exit_usage;
  return any(CheckState::drift) || any(CheckState::violated) ? exit_difference : exit_ok;
}

}  // namespace

int check_command(const Words& words) {
  CommandLine line = check_line();
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const Words paths = words_of(*values, "path");
  if (paths.empty()) throw UsageError{"check: expected scenarios, or folders with them"};
  const CheckOptions options = check_options(*values);
  std::vector<fs::path> scenarios = scenarios_in({paths.begin(), paths.end()});
  if (options.update) {
    // In a folder only goldens that are there are written anew.
    std::erase_if(scenarios, [&](const fs::path& file) {
      return std::find(paths.begin(), paths.end(), file.string()) == paths.end() &&
             !fs::exists(golden_file(file));
    });
  }
  if (scenarios.empty() && options.update)
    throw UsageError{fmt::format(
        "check: no golden to update in {}; a first golden is written for a file that is named",
        fmt::join(paths, ", "))};
  if (scenarios.empty())
    throw UsageError{
        fmt::format("check: no scenario with a golden or `expect:` in {}", fmt::join(paths, ", "))};
  const std::vector<CheckedScenario> checked = check_scenarios(scenarios, options);
  fmt::print("{}", check_text(checked));
  if (is_set("GITHUB_ACTIONS")) fmt::print("{}", check_annotations(checked));
  const std::string markdown = check_markdown(checked);
  append_summary(markdown);
  if (values->count("markdown") > 0) write_file((*values)["markdown"].as<std::string>(), markdown);
  if (values->count("junit") > 0)
    write_file((*values)["junit"].as<std::string>(), check_junit(checked));
  return exit_code(checked);
}

}  // namespace colossim
