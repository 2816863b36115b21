// A scenario that is loaded again and again.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// The files of a scenario and its catalog, read and parsed once: that is most of what `load` does.
/// Copies share them.
class ScenarioFiles {
 public:
  ScenarioFiles() = default;  // of no scenario: not to be loaded
  /// Throws a ScenarioError for faults of the text, a std::system_error for files that cannot be
  /// opened.
  ScenarioFiles(const std::filesystem::path& file, const LoadOptions& options);

  /// The scenario with the overrides of the options, then `more`. Throws like `load`.
  [[nodiscard]] Scenario load(const std::vector<Override>& more) const;

  /// The scalar that stands at a path with the overrides of the options, also within a value:
  /// `4 h` at `jobs.j.runtime.lognormal.median`. Nothing where none stands.
  [[nodiscard]] std::optional<std::string> text_at(const std::string& path) const;

 private:
  struct Text;
  std::shared_ptr<const Text> text_;
};

}  // namespace colossim
