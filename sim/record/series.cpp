// Integration of step functions between the moments they change.
#include <algorithm>
#include <utility>

#include <colossim/base/check.hpp>
#include <colossim/record/series.hpp>

namespace colossim {

Series::Series(std::vector<SeriesColumn> columns)
    : columns_(std::move(columns)), open_(columns_.size()) {}

void Series::set(std::size_t column, SimTime now, double value) {
  Open& open = open_[column];
  if (now > open.since) {
    open.integral += open.value * (now - open.since).quantity().base();
    open.since = now;
  } else if (now == interval_start_ && open.integral == 0) {
    // The value at the very start of an interval replaces the one carried over, which held for no
    // time.
    open.min = value;
    open.max = value;
  }
  open.value = value;
  open.min = std::min(open.min, value);
  open.max = std::max(open.max, value);
}

void Series::close_interval(SimTime now) {
  COLOSSIM_CHECK(now > interval_start_, "now={} interval_start={}", now.ns(), interval_start_.ns());
  const double length = (now - interval_start_).quantity().base();
  for (Open& open : open_) {
    open.integral += open.value * (now - open.since).quantity().base();
    cells_.push_back({open.integral / length, open.min, open.max});
    open = {open.value, 0, open.value, open.value, now};
  }
  ends_.push_back(now);
  interval_start_ = now;
}

Series::Cell Series::whole(std::size_t column) const {
  if (ends_.empty()) return {};
  Cell whole{0, cell(0, column).min, cell(0, column).max};
  SimTime start;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    const Cell& part = cell(i, column);
    whole.mean += part.mean * (ends_[i] - start).quantity().base();
    whole.min = std::min(whole.min, part.min);
    whole.max = std::max(whole.max, part.max);
    start = ends_[i];
  }
  whole.mean /= (ends_.back() - SimTime{}).quantity().base();
  return whole;
}

}  // namespace colossim
