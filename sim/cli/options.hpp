// What subcommands share: reading options and finding catalogs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>

#include <colossim/experiment/compare.hpp>
#include <colossim/scenario/scenario.hpp>

#include "commands.hpp"

namespace colossim {

/// A subcommand's options: `usage` is its first help line, at most `positionals` words stand alone.
struct CommandLine {
  std::string_view usage;
  boost::program_options::options_description options;
  std::string positional;  // name of the option that takes the lone words
  int positionals = 1;
};

/// Parses strictly: no guessing of names, unknown options are a UsageError with a suggestion.
/// Returns nothing after printing help.
std::optional<boost::program_options::variables_map> parse(CommandLine& line, const Words& words);

/// `--catalog` alone.
void add_catalog_option(boost::program_options::options_description& options);
/// Where commands without a scenario look for the catalog: `--catalog`, else catalog below here,
/// else the installed one, else scenarios/catalog below here.
std::vector<std::filesystem::path> catalog_folders(
    const boost::program_options::variables_map& values);
/// `--catalog`, `--set` and `--seed`.
void add_scenario_options(boost::program_options::options_description& options);
LoadOptions load_options(const boost::program_options::variables_map& values);

/// `--reps` and `--threads`.
void add_repetition_options(boost::program_options::options_description& options);
/// What they say, with one line of progress on a terminal's stderr.
CompareOptions repetitions(const boost::program_options::variables_map& values);

/// The words of an option that may be repeated, or of the positional one.
Words words_of(const boost::program_options::variables_map& values, const char* name);
/// UsageError unless the option's value lies between the two.
void check_number(const char* option, std::int64_t value, std::int64_t least, std::int64_t most);
/// Gains and losses are coloured for people at a terminal who did not ask for none.
bool wants_colour();
/// One line on a terminal's stderr, gone when all is done; silent elsewhere. `all` may be 0: nobody
/// knows.
void show_progress(std::size_t done, std::size_t all);

}  // namespace colossim
