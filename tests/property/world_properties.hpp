// What must hold at the end of a run besides the invariants of --paranoid and the certificate.
#pragma once

#include <string>
#include <vector>

#include <colossim/world/simulate.hpp>

namespace colossim::test {

/// Sentences about contracts that got or kept what is not theirs; the world must stand at its end.
std::vector<std::string> contract_problems(const World& world);

/// Sentences about books that do not add up over parties, and about balances of the wrong sign.
std::vector<std::string> book_problems(const Ledger& ledger);

/// Sentences about sites whose costs or energy are not shared out whole; after `finish`.
std::vector<std::string> site_problems(const World& world);

}  // namespace colossim::test
