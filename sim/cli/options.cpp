// Strict parsing on top of Program_options.
#include "options.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

#include <boost/program_options/parsers.hpp>
#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/world/topology.hpp>

namespace colossim {

namespace po = boost::program_options;

namespace {

std::vector<std::string> names_of(const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back("--" + option->long_name());
  return names;
}

}  // namespace

std::optional<po::variables_map> parse(CommandLine& line, const Words& words) {
  line.options.add_options()("help", "print this help");
  po::options_description all;
  all.add(line.options);
  all.add_options()(line.positional.c_str(), po::value<Words>());
  po::positional_options_description positional;
  positional.add(line.positional.c_str(), line.positionals);
  constexpr int style =
      po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map values;
  try {
    po::store(po::command_line_parser(words).options(all).positional(positional).style(style).run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& error) {
    throw UsageError{fmt::format("unknown option {}; {}", error.get_option_name(),
                                 did_you_mean(error.get_option_name(), names_of(line.options)))};
  } catch (const po::error& error) {
    throw UsageError{error.what()};
  }
  if (values.count("help") > 0) {
    fmt::print("{}\n\n", line.usage);
    std::cout << line.options;
    return std::nullopt;
  }
  return values;
}

void add_catalog_option(po::options_description& options) {
  options.add_options()("catalog", po::value<std::string>()->value_name("DIR"),
                        "read the catalog from here");
}

std::vector<std::filesystem::path> catalog_folders(const po::variables_map& values) {
  std::vector<std::filesystem::path> folders = load_options(values).catalog_folders;
  if (values.count("catalog") == 0) folders.insert(folders.begin(), "catalog");
  return folders;
}

void add_scenario_options(po::options_description& options) {
  add_catalog_option(options);
  options.add_options()("set", po::value<Words>()->value_name("PATH=VALUE"),
                        "change one value of the scenario; may be repeated")(
      "seed", po::value<std::int64_t>()->value_name("N"), "seed of all random streams");
}

LoadOptions load_options(const po::variables_map& values) {
  LoadOptions options;
  if (values.count("set") > 0) {
    for (const std::string& text : values["set"].as<Words>()) {
      const std::optional<Override> change = parse_override(text);
      if (!change) throw UsageError{fmt::format("--set {}: expected path=value", text)};
      const auto same = [&](const Override& other) { return other.path == change->path; };
      if (std::any_of(options.overrides.begin(), options.overrides.end(), same))
        throw UsageError{fmt::format("--set {}: given twice", change->path)};
      const auto inside = [&](const Override& other) {
        return other.path.starts_with(change->path + ".") ||
               other.path.starts_with(change->path + "[");
      };
      const auto lost = std::find_if(options.overrides.begin(), options.overrides.end(), inside);
      if (lost != options.overrides.end())
        throw UsageError{fmt::format("--set {}: give it before --set {}, which is part of it",
                                     change->path, lost->path)};
      if (change->path == "seed" && values.count("seed") > 0)
        throw UsageError{"--seed and --set seed: give one"};
      options.overrides.push_back(*change);
    }
  }
  if (values.count("seed") > 0) {
    const auto seed = values["seed"].as<std::int64_t>();
    if (seed < 0 || seed > 9'000'000'000'000'000)
      throw UsageError{fmt::format("--seed {}: expected 0 to 9000000000000000", seed)};
    options.seed = seed;
  }
  if (values.count("catalog") > 0) {
    options.catalog_folders = {values["catalog"].as<std::string>()};
    options.catalog_is_explicit = true;
    if (!std::filesystem::is_directory(options.catalog_folders.front())) {
      throw UsageError{fmt::format("--catalog {}: there is no such folder",
                                   options.catalog_folders.front().string())};
    }
  } else {
    // Without an installation that of a clone, wherever the scenario lies.
    options.catalog_folders = {COLOSSIM_CATALOG, std::filesystem::absolute("scenarios/catalog")};
  }
  options.checks.emplace_back(check_topology);
  return options;
}

void add_repetition_options(po::options_description& options) {
  options.add_options()("reps", po::value<std::int64_t>()->value_name("N")->default_value(1),
                        "independent repetitions of every run; differences get intervals")(
      "threads", po::value<int>()->value_name("N")->default_value(0),
      "runs at once (default: one per processor)");
}

CompareOptions repetitions(const po::variables_map& values) {
  CompareOptions options{.replications = values["reps"].as<std::int64_t>(),
                         .progress = show_progress};
  check_number("reps", options.replications, 1, 10'000);
  check_number("threads", values["threads"].as<int>(), 0, 1024);
  options.threads = static_cast<unsigned>(values["threads"].as<int>());
  return options;
}

Words words_of(const po::variables_map& values, const char* name) {
  return values.count(name) > 0 ? values[name].as<Words>() : Words{};
}

void check_number(const char* option, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value < least || value > most)
    throw UsageError{fmt::format("--{} {}: expected {} to {}", option, value, least, most)};
}

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

void show_progress(std::size_t done, std::size_t all) {
  if (::isatty(STDERR_FILENO) != 1) return;
  if (all == 0) {
    fmt::print(stderr, "\rrun {}", done);
  } else if (done < all) {
    fmt::print(stderr, "\rrun {} of {}", done, all);
  } else {
    fmt::print(stderr, "\r\033[K");
  }
  std::fflush(stderr);
}

void print_commands(std::span<const Command> commands) {
  std::size_t name_width = 0;
  std::size_t arguments_width = 0;
  for (const Command& command : commands) {
    name_width = std::max(name_width, command.name.size());
    arguments_width = std::max(arguments_width, command.arguments.size());
  }
  for (const Command& command : commands)
    fmt::print("  {:<{}}  {:<{}}  {}\n", command.name, name_width, command.arguments,
               arguments_width, command.doc);
}

int call_command(std::span<const Command> commands, const Words& words, std::string_view unknown) {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (words.front() == command.name) return command.call({words.begin() + 1, words.end()});
    names.emplace_back(command.name);
  }
  throw UsageError{
      fmt::format("{} \"{}\"; {}", unknown, words.front(), did_you_mean(words.front(), names))};
}

}  // namespace colossim
