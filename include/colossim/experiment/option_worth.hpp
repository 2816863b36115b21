// What the options of a scenario's leases are worth, whatever the run makes of them.
#pragma once

#include <vector>

#include <colossim/scenario/option_case.hpp>

namespace colossim {

/// Every option that is valued on a market, by least squares on 20,000 fresh price paths; a second
/// for some ten of them. The result does not depend on the run or its replication. [models_8_4]
std::vector<ValuedOption> option_worths(const Scenario& scenario);

}  // namespace colossim
