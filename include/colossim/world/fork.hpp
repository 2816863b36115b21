// Two futures of one past.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <colossim/scenario/scenario.hpp>
#include <colossim/world/contracts.hpp>

namespace colossim {

/// What a path names that may change while a world goes on: an option of a contract, a reallocation
/// policy, or the policies of a pool.
struct ForkPath {
  std::string contract;  // and its option; empty: it is none
  std::string option;
  std::string reallocation;  // empty: it is none
  std::string pool;          // empty: it is none

  /// Reads `contracts.C.options.O.FIELD` (not `then`, which decides what is built),
  /// `reallocation.R.FIELD` and `pools.P.queue` or `.placement` with what is below; nothing for
  /// paths that are built into the world.
  static std::optional<ForkPath> parse(std::string_view path);
};

/// What decides in a world from now on is what decides in `changed`, a world built from the
/// scenario with these paths changed: terms of options that are not used yet, and reallocation
/// policies, which begin anew. A notice that runs goes on. Paths of pools are for `adopt_policies`.
/// REQUIRES: both are of one scenario but for the paths.
void adopt(ContractTables& present, const ContractTables& changed, std::span<const ForkPath> paths);

}  // namespace colossim
