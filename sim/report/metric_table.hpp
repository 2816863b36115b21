// The metrics that differ, as lines of a comparison's text.
#pragma once

#include <cstddef>
#include <string_view>

#include <colossim/report/compare_text.hpp>

#include "screen.hpp"

namespace colossim {

/// For every scenario but the base, the metrics that match `pattern` and differ: both values, the
/// difference with its interval, and the same relative to the base.
Lines metric_tables(const Comparison& comparison, std::string_view pattern);

/// The metrics of two scenarios that differ most, relative to the base, in at most `lines` lines of
/// which the last says what is left out; nothing where that is too short.
Lines greatest_differences(const Comparison& comparison, std::size_t lines);

}  // namespace colossim
