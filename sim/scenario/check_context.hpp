// What the checks of a scenario share.
#pragma once

#include <string>
#include <utility>
#include <vector>

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
};

template <class Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

void check_jobs(const CheckContext& check);
void check_services(const CheckContext& check);
void check_contracts(const CheckContext& check);

}  // namespace colossim
