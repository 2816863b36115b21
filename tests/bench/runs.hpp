// Whole runs as benchmarks.
#pragma once

#include <filesystem>
#include <string>

#include <colossim/scenario/scenario.hpp>

#include "bench.hpp"

namespace colossim::bench {

/// A scenario file with the shipped catalog; `duration` replaces the written one unless empty.
Scenario load_shipped(const std::filesystem::path& file, const std::string& duration);

/// A scenario written to a temporary file and loaded from there.
Scenario load_text(const std::string& text);

/// Simulates once; the time excludes loading.
Figures simulate_once(const Scenario& scenario);

}  // namespace colossim::bench
