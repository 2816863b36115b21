// What is wrong with the user's input, and where.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace colossim {

/// A place in a text the user wrote. `line` and `column` count from 1; 0 means the whole file.
struct Mark {
  std::string file;
  int line = 0;
  int column = 0;
};

/// One problem: what was expected, what was found, what to do.
struct Diagnostic {
  Mark mark;
  std::string path;     // scenario path such as `sites.colossus_1.tariff.energy`; may be empty
  std::string message;  // expected and found
  std::string hint;     // what to do; may be empty

  /// `file:line:col: path: message; hint`
  [[nodiscard]] std::string text() const;
};

/// All problems of a scenario at once; the command line prints them and leaves with exit code 2.
class ScenarioError : public std::runtime_error {
 public:
  explicit ScenarioError(std::vector<Diagnostic> diagnostics);
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace colossim
