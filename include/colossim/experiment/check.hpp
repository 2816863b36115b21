// Regression: scenarios against their goldens and expectations.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <colossim/report/check_report.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

struct CheckOptions {
  LoadOptions load;
  unsigned threads = 0;  // 0: one per processor
  std::string version;   // of colossim
  // Goldens are written instead of being held against: for files that are named, and for those in
  // folders that have one already. What was written by hand (tolerances, which metrics) stays.
  bool update = false;
  bool all = false;             // of the update: also metrics that a golden does not have
  std::string reason;           // of the update; kept in the golden
  std::string tolerance = "0";  // of metrics that are new in a golden
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// Scenarios among files and folders: a folder stands for the scenarios below it that have a golden
/// or `expect:`; files of catalogs, studies and goldens are none. In the order of their names.
/// Throws std::system_error when a path does not exist.
std::vector<std::filesystem::path> scenarios_in(const std::vector<std::filesystem::path>& paths);

/// Runs every scenario and compares, several at once. A scenario that cannot be loaded or breaks an
/// invariant is faulty, and the others go on.
std::vector<CheckedScenario> check_scenarios(const std::vector<std::filesystem::path>& scenarios,
                                             const CheckOptions& options);

}  // namespace colossim
