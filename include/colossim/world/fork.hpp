// Two futures of one past.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <colossim/scenario/scenario.hpp>
#include <colossim/world/contracts.hpp>

namespace colossim {

/// What a path names that may change while a world goes on: an option of a contract, or a
/// reallocation policy.
struct ForkPath {
  std::string contract;
  std::string option;
  std::string reallocation;  // empty: it is the option

  /// Reads `contracts.C.options.O.FIELD` (not `then`, which decides what is built) and
  /// `reallocation.R.FIELD`; nothing for paths that are built into the world.
  static std::optional<ForkPath> parse(std::string_view path);
};

/// What decides in a world from now on is what decides in `changed`, a world built from the
/// scenario with these paths changed: terms of options that are not used yet, and policies, which
/// begin anew. A notice that runs goes on. REQUIRES: both are of one scenario but for the paths.
void adopt(ContractTables& present, const ContractTables& changed, std::span<const ForkPath> paths);

}  // namespace colossim
