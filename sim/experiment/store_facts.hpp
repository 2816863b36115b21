// What a results file says of itself, and whether it belongs to a study.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <colossim/experiment/plan.hpp>

#include "sqlite.hpp"

namespace colossim {

using Facts = std::map<std::string, std::string>;

/// Opens for reading. Throws a ScenarioError when the file is no results file; one without tables,
/// which a process left that was killed at once, is one if it `may_be_empty`.
sqlite::Database open_results(const std::filesystem::path& file, bool may_be_empty = false);
/// Empty when the file is new.
Facts read_facts(const sqlite::Database& database);
/// What is written for a plan.
Facts facts_of(const Plan& plan);
/// Throws a ScenarioError unless a file with these facts may hold the plan's results: none, or the
/// same study by the same version.
void require_match(const std::filesystem::path& file, const Facts& facts, const Plan& plan);
/// Throws a ScenarioError unless study and scenario are the very same.
void require_same_plan(const std::filesystem::path& file, const Facts& facts, const Plan& plan);

}  // namespace colossim
