// The subcommands. Each gets the words after its name and returns an exit code.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace colossim {

/// 0 ok · 1 a difference or violated expectation · 2 bad scenario or usage · 3 I/O · 70 bug · 75
/// stopped, can go on.
enum ExitCode : int {
  exit_ok = 0,
  exit_difference = 1,
  exit_usage = 2,
  exit_io = 3,
  exit_bug = 70,
  exit_stopped = 75
};

/// The command line itself is wrong.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using Words = std::vector<std::string>;

/// A word that stands first and says what is done with those behind it.
struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view doc;
  int (*call)(const Words&);
};

/// A line for each, in columns.
void print_commands(std::span<const Command> commands);
/// Calls the command that the first word names. UsageError, which begins with `unknown`, when it
/// names none. REQUIRES: a word.
int call_command(std::span<const Command> commands, const Words& words, std::string_view unknown);

int run_command(const Words& words);
int compare_command(const Words& words);
int solve_command(const Words& words);
int sweep_command(const Words& words);
int check_command(const Words& words);
int handover_command(const Words& words);
int import_command(const Words& words);
int validate_command(const Words& words);
int list_command(const Words& words);
int explain_command(const Words& words);

}  // namespace colossim
