// The executable: picks the subcommand and turns failures into exit codes.
#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/base/diagnostic.hpp>

#include "commands.hpp"

namespace colossim {

namespace {

constexpr std::array commands{
    Command{"run", "FILE", "simulate a scenario and print who earned what", run_command},
    Command{"compare", "A B...", "simulate scenarios side by side and explain the differences",
            compare_command},
    Command{"solve", "FILE", "find the input at which a metric meets a target: break-even",
            solve_command},
    Command{"sweep", "ACTION ...",
            "many runs: a study over axes, on one machine or on Slurm; tornado", sweep_command},
    Command{"check", "PATH...", "hold scenarios against their goldens and expectations",
            check_command},
    Command{"handover", "FILE", "which racks to hand over so that the cuts are clean",
            handover_command},
    Command{"import", "FORMAT FILE", "turn a public job log into a job trace", import_command},
    Command{"validate", "FILE", "check a scenario without running it", validate_command},
    Command{"list", "KIND", "list GPUs, nodes, models, metrics, units, ...", list_command},
    Command{"explain", "NAME", "explain a section, kind, catalog entry or metric", explain_command},
};

void print_help() {
  fmt::print(
      "colossim {}: simulates GPU datacenters that change hands\n\nUsage: colossim COMMAND ...\n\n",
      COLOSSIM_VERSION);
  print_commands(commands);
  fmt::print(
      "\n  --help          this text; `colossim COMMAND --help` for one command\n  --version       "
      "the version\n\n"
      "Exit codes: 0 ok, 1 a difference or violated expectation, 2 bad scenario or usage, 3 "
      "input/output, 70 "
      "bug,\n  75 stopped before the end, can go on\n");
}

int call(const Words& words) {
  if (words.empty()) throw UsageError{"expected a command; see `colossim --help`"};
  if (words.front() == "--help" || words.front() == "-h" || words.front() == "help")
    return print_help(), exit_ok;
  if (words.front() == "--version") return fmt::print("colossim {}\n", COLOSSIM_VERSION), exit_ok;
  return call_command(commands, words, "unknown command");
}

int guarded(const Words& words) {
  try {
    const int code = call(words);
    if (std::fflush(stdout) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot write the results");
    return code;
  } catch (const UsageError& error) {
    fmt::print(stderr, "colossim: {}\n", error.what());
    return exit_usage;
  } catch (const ScenarioError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return exit_usage;
  } catch (const InvariantBroken& error) {
    fmt::print(stderr, "colossim: this is a bug: {}\n", error.what());
    return exit_bug;
  } catch (const std::system_error& error) {
    fmt::print(stderr, "colossim: {}\n", error.what());
    return exit_io;
  }
}

}  // namespace

}  // namespace colossim

int main(int argc, char** argv) {
  try {
    return colossim::guarded({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "colossim: this is a bug: {}\n", error.what());
    return colossim::exit_bug;
  }
}
