// Tables for tests: text in, jobs or problems out.
#pragma once

#include <string>
#include <vector>

#include <colossim/base/atomic_file.hpp>
#include <colossim/scenario/import.hpp>
#include <colossim/scenario/trace.hpp>

#include "scenarios.hpp"

namespace colossim::test {

/// A file of a folder that disappears with the value.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text, const std::string& name = "trace.csv")
      : path_(folder_.path() / name) {
    write_file(path_, text);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_;
};

inline std::vector<TraceJob> all_jobs(TraceReader& reader) {
  std::vector<TraceJob> jobs;
  for (TraceJob job; reader.next(job);) jobs.push_back(job);
  return jobs;
}

/// The jobs of a trace given as text.
inline std::vector<TraceJob> jobs_of(const std::string& text, TraceOptions options = {}) {
  const TemporaryFile file{text};
  TraceReader reader{file.path(), std::move(options)};
  return all_jobs(reader);
}

/// What a trace is refused for, a line per problem, without the folder's name; empty when it is
/// good.
inline std::string problems_of_trace(const std::string& text, TraceOptions options = {}) {
  const TemporaryFile file{text};
  try {
    check_trace(file.path(), std::move(options));
    return {};
  } catch (const ScenarioError& error) {
    std::string problems = error.what();
    const std::string folder = file.folder().string() + "/";
    for (auto at = problems.find(folder); at != std::string::npos; at = problems.find(folder))
      problems.erase(at, folder.size());
    return problems;
  }
}

}  // namespace colossim::test
