// The one-screen summary of a run and its files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <colossim/record/result.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/scenario/option_case.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// A run ready to be reported.
struct Report {
  const Scenario& scenario;
  const Result& result;
  std::string_view version;
  std::string_view scenario_hash;
  ClaimRuns claim_runs = {};  // where claims are held against other runs
  std::vector<ValuedOption> options = {};
};

/// The summary for people: at most 100 columns, and 45 lines for a site, two parties, two services.
std::string summary_text(const Report& report);
/// The summary for machines.
std::string summary_json(const Report& report);
/// Version, seed, scenario hash and a hash of every other file.
struct WrittenFile {
  std::string name;
  std::string hash;
};
std::string manifest_json(const Report& report, const std::vector<WrittenFile>& files);

/// Hash of a text as 16 hex digits.
std::string content_hash(std::string_view text);

std::string series_csv(const Report& report);
std::string ledger_csv(const Report& report);
std::string job_groups_csv(const Report& report);

}  // namespace colossim
