// What a run leaves behind: metrics, books, series and the proof that they balance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <colossim/record/ledger.hpp>
#include <colossim/record/series.hpp>

namespace colossim {

/// One reported number, in base units.
struct MetricValue {
  std::string name;
  double value = 0;
};

/// One balance: the same quantity from two independently computed paths.
struct BalanceRow {
  std::string what;
  std::string one;  // the first path's value, exactly
  std::string other;
  std::string residual;  // with unit
  bool closes = false;
};

/// The range of a metric over the scenario's low, base and high assumptions, one moved at a time.
struct MetricHull {
  double low = 0;
  double high = 0;
  std::string low_by;  // the assumption that reaches the low end; empty: the base run
  std::string high_by;
};

struct Result {
  std::vector<MetricValue> metrics;
  std::vector<BalanceRow> certificate;
  Ledger ledger;
  std::vector<std::string> parties;  // by PartyId
  std::vector<std::string> causes;   // by Posting::cause
  Series series;
  std::uint64_t events = 0;
  std::vector<MetricHull> hulls;  // parallel to `metrics`; empty unless asked for

  /// The value of a metric the run reports. REQUIRES: it does.
  [[nodiscard]] double metric(const std::string& name) const;
  [[nodiscard]] bool balances() const;
};

}  // namespace colossim
