// How diagnostics are printed.
#include <utility>

#include <fmt/format.h>

#include <colossim/base/diagnostic.hpp>

namespace colossim {

namespace {

std::string join(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += diagnostic.text();
  }
  return text;
}

}  // namespace

std::string Diagnostic::text() const {
  std::string text = mark.file;
  if (mark.line > 0) text += fmt::format(":{}:{}", mark.line, mark.column);
  if (!text.empty()) text += ": ";
  // `--set a.b: a.b: ...` would say it twice.
  const bool is_named = mark.line == 0 && mark.file.ends_with(" " + path);
  if (!path.empty() && !is_named) text += path + ": ";
  text += message;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

ScenarioError::ScenarioError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(join(diagnostics)), diagnostics_(std::move(diagnostics)) {}

}  // namespace colossim
