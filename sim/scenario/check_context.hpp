// What the checks of a scenario share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <colossim/scenario/scenario.hpp>
#include <colossim/scenario/tree.hpp>

namespace colossim {

struct CheckContext {
  const Scenario& scenario;
  Diagnostics& diagnostics;

  /// Reports at the place of `path`, or of the nearest enclosing path that was written.
  void report(const std::string& path, std::string message, std::string hint = {}) const {
    diagnostics.add({scenario.mark_at(path), path, std::move(message), std::move(hint)});
  }
  /// `path (file:line)`: the other place of a contradiction, for messages.
  [[nodiscard]] std::string at(const std::string& path) const {
    const Mark mark = scenario.mark_at(path);
    if (mark.file.empty()) return path;
    return mark.line > 0 ? fmt::format("{} ({}:{})", path, mark.file, mark.line)
                         : fmt::format("{} ({})", path, mark.file);
  }
};

template <class Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

/// Books hold micro-dollars up to 9 trillion dollars; nothing sensible comes near.
void check_amount(const CheckContext& check, const std::string& path, double usd);

void check_jobs(const CheckContext& check);
void check_pools(const CheckContext& check);
void check_services(const CheckContext& check);
void check_prices(const CheckContext& check);
/// Each contract by itself, its options, and all of them together.
void check_contracts(const CheckContext& check);
void check_reallocation(const CheckContext& check);
/// Claims and expectations.
void check_claims(const CheckContext& check);

}  // namespace colossim
