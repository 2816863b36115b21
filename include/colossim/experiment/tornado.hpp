// One assumption at a time: which of them moves a metric how far.
#pragma once

#include <string>

#include <colossim/experiment/compare.hpp>
#include <colossim/report/tornado.hpp>

namespace colossim {

/// Runs the scenario as it is and with every `low` and `high` of its assumptions outside its
/// claims, one moved at a time, all replications on the same random numbers. `metrics` is a pattern
/// with `*` for any text. Of the options, owner and tenant say nothing. The result does not depend
/// on the threads. Throws what `load` throws, and a ScenarioError when no assumption has a range or
/// no metric matches.
Tornado tornado(const ScenarioSource& source, const std::string& metrics,
                const CompareOptions& options = {});

}  // namespace colossim
