// Step functions of time recorded on a fixed grid: mean, minimum and maximum of each interval.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <colossim/base/time.hpp>

namespace colossim {

/// What a recorded column means. `header` carries the unit (`it_power_mw`) and `scale` turns the
/// value's base unit into it.
struct SeriesColumn {
  std::string header;
  double scale = 1;
};

/// Several step functions sampled on one grid. Every value is an integral over its interval, so
/// nothing that happens between two grid points is lost. Not a number is never recorded.
class Series {
 public:
  struct Cell {
    double mean = 0;
    double min = 0;
    double max = 0;
  };

  Series() = default;
  explicit Series(std::vector<SeriesColumn> columns);

  /// The function `column` has `value` from `now` on.
  void set(std::size_t column, SimTime now, double value);
  /// Ends the interval at `now` and starts the next.
  void close_interval(SimTime now);

  [[nodiscard]] std::span<const SeriesColumn> columns() const { return columns_; }
  [[nodiscard]] std::span<const SimTime> interval_ends() const { return ends_; }
  [[nodiscard]] const Cell& cell(std::size_t interval, std::size_t column) const {
    return cells_[interval * columns_.size() + column];
  }
  /// Over all closed intervals.
  [[nodiscard]] Cell whole(std::size_t column) const;
  /// The present value of a column.
  [[nodiscard]] double value(std::size_t column) const { return open_[column].value; }

 private:
  struct Open {
    double value = 0;
    double integral = 0;  // value · s since the interval began
    double min = 0;
    double max = 0;
    SimTime since;
  };

  std::vector<SeriesColumn> columns_;
  std::vector<Open> open_;
  SimTime interval_start_;
  std::vector<SimTime> ends_;
  std::vector<Cell> cells_;
};

}  // namespace colossim
