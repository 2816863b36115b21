// What becomes of the rows of a table that cannot be used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <colossim/base/diagnostic.hpp>

namespace colossim {

/// `refuse`: all bad rows are looked for, then the table is refused. `drop`: they are left out and
/// counted.
enum class BadRowPolicy : std::uint8_t { refuse, drop };

/// Where a problem stands: line and byte column from 1, and the name of the column.
struct CellPlace {
  std::int64_t line = 0;
  std::size_t column = 1;
  std::string_view name;
};

/// What is wrong with a cell, and what to do.
struct CellProblem {
  std::string message;
  std::string hint;
};

/// Counts bad rows and keeps the first 20.
class BadRows {
 public:
  static constexpr std::size_t kept = 20;

  BadRows(std::string file, BadRowPolicy policy) : file_(std::move(file)), policy_(policy) {}

  /// Counts a row. `describe()` returns its CellProblem; it is called for rows that are kept only,
  /// as words and hints cost more than reading a row does.
  template <class Describe>
  void add(const CellPlace& place, const Describe& describe) {
    ++count_;
    if (first_.size() < kept) keep(place, describe());
  }

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] const std::vector<Diagnostic>& first() const { return first_; }
  /// The first rows, and how many more there are.
  [[nodiscard]] std::vector<Diagnostic> all() const;
  /// A bad row was met that the policy does not forgive.
  [[nodiscard]] bool must_refuse() const { return policy_ == BadRowPolicy::refuse && count_ > 0; }
  /// Throws ScenarioError when `must_refuse`.
  void refuse() const;

 private:
  void keep(const CellPlace& place, CellProblem problem);

  std::string file_;
  BadRowPolicy policy_;
  std::int64_t count_ = 0;
  std::vector<Diagnostic> first_;
};

/// A place in a table for diagnostics; lines beyond the range of int are given as its greatest.
Mark table_mark(std::string file, std::int64_t line, std::size_t column);

}  // namespace colossim
