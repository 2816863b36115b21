// `colossim run --fork`.
#pragma once

#include <string>

#include <boost/program_options/variables_map.hpp>

namespace colossim {

/// Runs a scenario and what `--set` makes of it from the instant of `--fork` on, and prints the
/// difference.
int fork_run(const std::string& file, const boost::program_options::variables_map& values);

}  // namespace colossim
