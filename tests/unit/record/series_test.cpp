// Checks recorded step functions against integrals of the same steps, by hand and by brute force.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/base/random.hpp>
#include <colossim/record/series.hpp>

using namespace colossim;

namespace {

SimTime at(std::int64_t seconds) {
  return SimTime{} + seconds * one_second;
}

Series one_column() {
  return Series{{{.header = "it_power_mw", .scale = 1e-6}}};
}

void check_cell(const Series::Cell& cell, double mean, double min, double max) {
  CHECK(cell.mean == doctest::Approx(mean).epsilon(1e-12));
  CHECK(cell.min == min);
  CHECK(cell.max == max);
}

/// The value of a step function second by second; what holds during second i is `values[i]`.
struct Seconds {
  std::vector<double> values;

  [[nodiscard]] Series::Cell cell(std::size_t from, std::size_t to) const {
    Series::Cell cell{0, values[from], values[from]};
    for (std::size_t i = from; i < to; ++i) {
      cell.mean += values[i] / static_cast<double>(to - from);
      cell.min = std::min(cell.min, values[i]);
      cell.max = std::max(cell.max, values[i]);
    }
    return cell;
  }
};

Seconds draw_seconds(Stream& stream, std::size_t length) {
  Seconds seconds;
  double value = 0;
  for (std::size_t i = 0; i < length; ++i) {
    if (stream.uniform() < 0.3) value = uniform_between(stream, -50, 100);
    seconds.values.push_back(value);
  }
  return seconds;
}

}  // namespace

TEST_CASE("an interval holds the integral mean, the least and the greatest value") {
  Series series = one_column();
  series.set(0, at(0), 10);
  series.set(0, at(2), 40);  // 10 for 2 s, 40 for 3 s, -5 for 5 s
  series.set(0, at(5), -5);
  series.close_interval(at(10));
  REQUIRE(series.interval_ends().size() == 1);
  CHECK(series.interval_ends()[0] == at(10));
  check_cell(series.cell(0, 0), (10 * 2 + 40 * 3 - 5 * 5) / 10.0, -5, 40);
}

TEST_CASE("a value is carried over into the next intervals") {
  Series series = one_column();
  series.set(0, at(3), 8);
  series.close_interval(at(4));
  series.close_interval(at(6));
  check_cell(series.cell(0, 0), 2, 0, 8);
  check_cell(series.cell(1, 0), 8, 8, 8);
  CHECK(series.value(0) == 8);
}

TEST_CASE("a change at the start of an interval replaces the value carried over") {
  Series series = one_column();
  series.set(0, at(0), 100);  // the initial zero held for no time
  series.close_interval(at(10));
  series.set(0, at(10), 500);
  series.set(0, at(10), 20);  // neither 100 nor 500 holds in this interval
  series.close_interval(at(20));
  check_cell(series.cell(0, 0), 100, 100, 100);
  check_cell(series.cell(1, 0), 20, 20, 20);
}

TEST_CASE("a change at the start counts even when the integral is zero a moment later") {
  Series series = one_column();
  series.set(0, at(0), 0);
  series.set(0, at(4), 6);
  series.close_interval(at(8));
  check_cell(series.cell(0, 0), 3, 0, 6);
}

TEST_CASE("an excursion within an interval is not lost") {
  Series series = one_column();
  series.set(0, at(0), 1);
  series.set(0, at(1), 1000);
  series.set(0, at(2), 1);
  series.close_interval(at(3600));
  check_cell(series.cell(0, 0), (3599 + 1000) / 3600.0, 1, 1000);
}

TEST_CASE("columns are independent") {
  Series series{{{.header = "a"}, {.header = "b", .scale = 2}}};
  series.set(0, at(0), 1);
  series.set(1, at(5), 4);
  series.close_interval(at(10));
  REQUIRE(series.columns().size() == 2);
  CHECK(series.columns()[1].header == "b");
  CHECK(series.columns()[1].scale == 2);
  check_cell(series.cell(0, 0), 1, 1, 1);
  check_cell(series.cell(0, 1), 2, 0, 4);
}

TEST_CASE("the whole weighs intervals by their length") {
  Series series = one_column();
  CHECK(series.whole(0).mean == 0);
  series.set(0, at(0), 2);
  series.close_interval(at(10));
  series.set(0, at(10), 6);
  series.close_interval(at(40));
  series.set(0, at(40), 1e9);  // the open interval does not count
  check_cell(series.whole(0), (2 * 10 + 6 * 30) / 40.0, 2, 6);
}

TEST_CASE("an interval must have a length") {
  Series series = one_column();
  CHECK_THROWS_AS(series.close_interval(at(0)), InvariantBroken);
  series.close_interval(at(1));
  CHECK_THROWS_AS(series.close_interval(at(1)), InvariantBroken);
}

TEST_CASE("random step functions have the cells a second-by-second sum gives") {
  Stream stream{StreamName{.seed = 5, .path = "series"}};
  for (int round = 0; round < 30; ++round) {
    const std::size_t length = 60;
    const std::size_t every = 1 + stream.next() % 15;
    const Seconds seconds = draw_seconds(stream, length - length % every);
    Series series = one_column();
    for (std::size_t i = 0; i < seconds.values.size(); ++i) {
      const SimTime now = at(static_cast<std::int64_t>(i));
      if (i > 0 && i % every == 0) series.close_interval(now);
      if (i == 0 || seconds.values[i] != seconds.values[i - 1])
        series.set(0, now, seconds.values[i]);
    }
    series.close_interval(at(static_cast<std::int64_t>(seconds.values.size())));
    for (std::size_t i = 0; i < series.interval_ends().size(); ++i) {
      const Series::Cell expected = seconds.cell(i * every, (i + 1) * every);
      const Series::Cell found = series.cell(i, 0);
      CHECK(std::abs(found.mean - expected.mean) < 1e-9);
      CHECK(found.min == expected.min);
      CHECK(found.max == expected.max);
    }
    const Series::Cell expected = seconds.cell(0, seconds.values.size());
    CHECK(std::abs(series.whole(0).mean - expected.mean) < 1e-9);
    CHECK(series.whole(0).min == expected.min);
    CHECK(series.whole(0).max == expected.max);
  }
}
