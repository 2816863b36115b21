// What must hold between the values of a scenario, each problem at its place.
#pragma once

#include <colossim/scenario/scenario.hpp>
#include <colossim/scenario/tree.hpp>

namespace colossim {

/// Reports every contradiction: an unreachable objective, a job larger than the site, two leases
/// that promise the same GPU, a branch that its racks can overload, a claim on an unknown metric,
/// ... References are already known to exist.
void check_meaning(const Scenario& scenario, Diagnostics& diagnostics);

/// Reads the traces of a scenario once, reports their bad rows and notes what is in them.
void read_traces(Scenario& scenario, Diagnostics& diagnostics);

}  // namespace colossim
