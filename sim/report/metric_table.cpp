// Metrics side by side.
#include "metric_table.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <colossim/report/metric_differences.hpp>

namespace colossim {

namespace {

constexpr std::size_t value_width = 14;
constexpr std::size_t relative_width = 15;

std::string value_text(const std::optional<double>& value, const std::string& unit) {
  return value ? human(*value, unit) : "-";
}

/// `12.3 %`, with its interval; beyond a thousand per cent as a factor.
std::string relative_text(const MetricDifference& row) {
  const std::optional<Estimate> relative = row.relative();
  if (!relative) return row.gain && row.gain->value != 0 ? "from 0" : "-";
  if (std::abs(relative->value) >= 10) return fmt::format("x {}", grouped(1 + relative->value, 1));
  const std::string text = fmt::format("{:.2f}", relative->value * 100);
  return relative->half_width == 0 ? text + " %"
                                   : fmt::format("{} ±{:.2f} %", text, relative->half_width * 100);
}

Lines table(std::string_view title, char other, const std::vector<MetricDifference>& rows,
            bool intervals) {
  const std::size_t gain_width = intervals ? 28 : 16;
  std::size_t label = screen_width - 2 * value_width - gain_width -
                      (intervals ? relative_width : relative_width - 4);
  // A line grows before two names become one.
  for (const MetricDifference& row : rows) label = std::max(label, row.name.size() + 3);
  Lines lines;
  lines.add("{:<{}}{:>{}}{:>{}}{:>{}}{:>{}}", title, label, "A", value_width, other, value_width,
            fmt::format("{} - A", other), gain_width, "of A",
            intervals ? relative_width : relative_width - 4);
  for (const MetricDifference& row : rows) {
    lines.add("  {:<{}}{}{}{}{}", row.name, label - 2,
              right(value_text(row.base, row.unit), value_width),
              right(value_text(row.value, row.unit), value_width),
              right(row.gain ? interval_text(*row.gain, row.unit) : "-", gain_width),
              right(relative_text(row), intervals ? relative_width : relative_width - 4));
  }
  return lines;
}

/// The difference over the greater of the two values, at most 2: a share of a value near 0 would
/// come before everything else. What changes its sign leads.
double prominence(const MetricDifference& row) {
  const double greater = std::max(std::abs(*row.base), std::abs(row.value.value_or(0)));
  return std::abs(row.gain->value) / greater;
}

/// Whether the interval of the difference leaves out 0.
bool is_certain(const MetricDifference& row) {
  return std::abs(row.gain->value) > row.gain->half_width;
}

/// Drops what is equal; returns how many that were.
std::size_t keep_different(std::vector<MetricDifference>& rows) {
  return std::erase_if(rows, [](const MetricDifference& row) { return row.equal(); });
}

}  // namespace

Lines metric_tables(const Comparison& comparison, std::string_view pattern) {
  Lines lines;
  for (std::size_t s = 1; s < comparison.scenarios.size(); ++s) {
    std::vector<MetricDifference> rows = metric_differences(comparison, s, pattern);
    const std::size_t equal = keep_different(rows);
    if (!rows.empty())
      lines.append(table("METRICS THAT DIFFER", letter(s), rows, comparison.replications > 1));
    if (equal > 0)
      lines.add("  {} {} equal in A and {}", equal, equal == 1 ? "is" : "are", letter(s));
  }
  return lines;
}

Lines greatest_differences(const Comparison& comparison, std::size_t lines) {
  constexpr std::size_t fewest = 3;
  constexpr std::size_t most = 10;
  Lines none;
  if (lines < fewest + 2) return none;
  std::vector<MetricDifference> rows = metric_differences(comparison, 1);
  keep_different(rows);
  const std::size_t all = rows.size();
  if (all == 0) {
    none.add("no metric differs{}", comparison.fork
                                        ? ": what changed decides nothing between the fork and the "
                                          "end, or it is what it was"
                                        : "");
    return none;
  }
  std::erase_if(rows, [](const MetricDifference& row) { return !row.relative(); });
  std::stable_sort(
      rows.begin(), rows.end(), [](const MetricDifference& a, const MetricDifference& b) {
        // What may be chance comes last.
        return std::pair{is_certain(a), prominence(a)} > std::pair{is_certain(b), prominence(b)};
      });
  rows.resize(std::min({rows.size(), lines - 2, most}));
  if (rows.empty()) return none;
  Lines table_lines =
      table("METRICS, what differs most", letter(1), rows, comparison.replications > 1);
  table_lines.add("  {} of {} that differ; --metrics '*' shows all", rows.size(), all);
  return table_lines;
}

}  // namespace colossim
