// Studies as written, and the points they come to.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/experiment/study_points.hpp>

using namespace colossim;

namespace {

Study study_of(const std::string& text) {
  return parse_study("study.yaml", "schema: 1\nstudy: s\nscenario: a.yaml\nmetrics: [x]\n" + text);
}

StudyPoints points_of(const std::string& text) {
  return study_points(study_of(text));
}

/// The values of all points: `a b|a b`.
std::string texts(const StudyPoints& points) {
  std::string out;
  for (const StudyPoint& point : points.points) {
    out += out.empty() ? "" : "|";
    for (std::size_t a = 0; a < point.size(); ++a) out += (a > 0 ? " " : "") + point[a].text;
  }
  return out;
}

/// What is said about a faulty study.
std::string fault(const std::string& text) {
  try {
    points_of(text);
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "none";
}

void check_fault(const std::string& text, const std::string& part) {
  const std::string found = fault(text);
  INFO(found);
  CHECK(found.find(part) != std::string::npos);
  CHECK(found.find("study.yaml:") == 0);
}

}  // namespace

TEST_CASE("a grid has every combination, the last axis by name turning fastest") {
  const StudyPoints points = points_of(
      "axes: {b: {path: p.b, list: [1 h, 2 h]}, a: {path: p.a, list: [fast, slow, 3]}}\n");
  CHECK(texts(points) == "fast 1 h|fast 2 h|slow 1 h|slow 2 h|3 1 h|3 2 h");
  CHECK_FALSE(points.axes[0].numeric);
  CHECK(points.axes[1].numeric);
  CHECK(points.axes[1].unit == "h");
  CHECK(points.points[1][1].number == 2);
  CHECK(points.points[1][1].base == 7200);
  // Numbers are what was written, though 30 USD/MWh is no round number of USD/J.
  const StudyPoints energy =
      points_of("axes: {a: {path: p, list: [30 USD/MWh, 60 USD/MWh, 0.09 USD/kWh]}}\n");
  CHECK(energy.points[0][0].number == 30);
  CHECK(energy.points[1][0].number == 60);
  CHECK(energy.points[2][0].number == 90);
  CHECK(points_of("axes: {a: {path: p, list: [1, 2, 1]}, b: {path: q, list: [x, x, y]}}\nzip: [[a, "
                  "b]]\n")
            .points.size() == 3);
}

TEST_CASE("a study without axes is its scenario") {
  CHECK(points_of("replicates: 3\n").points.size() == 1);
}

TEST_CASE("ranges meet their end where the steps do, linspace always") {
  CHECK(texts(points_of("axes: {a: {path: p, range: {from: 0.1, to: 0.3, step: 0.1}}}\n")) ==
        "0.1|0.2|0.3");
  CHECK(texts(points_of("axes: {a: {path: p, range: {from: 40 MW, to: 49 MW, step: 5 MW}}}\n")) ==
        "40 MW|45 MW");
  CHECK(texts(points_of("axes: {a: {path: p, linspace: {from: 9 %, to: 1 %, points: 3}}}\n")) ==
        "9 %|5 %|1 %");
}

TEST_CASE("dates are spaced by days, by calendar months, or evenly") {
  const auto dates = [](const std::string& values) {
    return texts(points_of("axes: {a: {path: p, " + values + "}}\n"));
  };
  CHECK(dates("range: {from: 2026-01-31, to: 2026-05-01, step: 1 month}") ==
        "2026-01-31|2026-02-28|2026-03-31|2026-04-30");
  CHECK(dates("range: {from: 2026-12-20, to: 2027-01-20, step: 14 d}") ==
        "2026-12-20|2027-01-03|2027-01-17");
  CHECK(dates("linspace: {from: 2026-05-01, to: 2026-05-08, points: 3}") ==
        "2026-05-01|2026-05-05|2026-05-08");
  const StudyPoints late = points_of(
      "axes: {a: {path: p, list: [2026-05-01, 2026-06-01, 2026-07-01]}}\nwhere: [a >= "
      "2026-05-15, a != 2026-07-01]\n");
  CHECK(texts(late) == "2026-06-01");
  CHECK(late.axes[0].dates);
  check_fault("axes: {a: {path: p, range: {from: 2026-01-31, to: 2026-05-01, step: 1 h}}}\n",
              "whole days or calendar months");
  check_fault("axes: {a: {path: p, range: {from: 2026-01-31, to: 3, step: 1 d}}}\n",
              "expected a date as `from` is");
  check_fault("axes: {a: {path: p, linspace: {from: 2026-01-31, to: 2026-01-01, points: 2}}}\n",
              "a later date");
  check_fault("axes: {a: {path: p, linspace: {from: 2026-01-30, to: 2026-01-31, points: 3}}}\n",
              "at most 2");
  check_fault("where: [a > 5]\naxes: {a: {path: p, list: [2026-05-01]}}\n", "\"5\" is none");
}

TEST_CASE("whole values of a uniform distribution have equal shares, ends and all") {
  const Study study = study_of(
      "sampling: lhs\npoints: 60\naxes: {n: {path: p, distribution: {uniform: {from: 29, to: "
      "32}}}, m: {path: q, distribution: {normal: {mean: 5, sd: 1}}}}\n");
  const StudyPoints points = study_points(study, {{"n", 1}, {"m", 2}});
  std::map<std::string, int> counts;
  for (const StudyPoint& point : points.points) {
    ++counts[point[1].text];
    CHECK(std::fmod(point[0].number, 2) == 0);
  }
  CHECK(counts == std::map<std::string, int>{{"29", 15}, {"30", 15}, {"31", 15}, {"32", 15}});
}

TEST_CASE("samples choose between texts by their weights") {
  const StudyPoints points = points_of(
      "sampling: sobol\npoints: 8\naxes: {a: {path: p, distribution: {choice: {easy: 25 %, fifo: "
      "75 %}}}}\n");
  REQUIRE(points.points.size() == 8);
  CHECK(std::count_if(points.points.begin(), points.points.end(),
                      [](const StudyPoint& point) { return point[0].text == "easy"; }) == 2);
  CHECK_FALSE(points.axes[0].numeric);
  check_fault(
      "sampling: lhs\npoints: 2\naxes: {a: {path: p, distribution: {choice: {easy: 25 "
      "%, fifo: 70 %}}}}\n",
      "sum to 100 %");
}

TEST_CASE("zipped axes go together, and where leaves points out") {
  const std::string axes =
      "axes: {a: {path: p, list: [1, 2, 3]}, b: {path: q, list: [10 h, 20 h, 30 h]}, c: {path: r, "
      "list: [x, y]}}\n";
  CHECK(texts(points_of(axes + "zip: [[a, b]]\n")) ==
        "1 10 h x|1 10 h y|2 20 h x|2 20 h y|3 30 h x|3 30 h y");
  const StudyPoints some = points_of(axes + "where: [\"b / 2 <= a * 5 h\", c = y]\n");
  CHECK(texts(some) == "1 10 h y|2 10 h y|2 20 h y|3 10 h y|3 20 h y|3 30 h y");
  CHECK(some.excluded == 12);
  CHECK(texts(points_of(axes + "where: [c != x, (b + 10 h) * 2 = 40 h, a > 1, a < 3]\n")) ==
        "2 10 h y");
  CHECK(texts(points_of(axes + "where: [-a >= -1, c = x, \"-(b - 5 h) * -1 > 0 h\"]\n")) ==
        "1 10 h x|1 20 h x|1 30 h x");
}

TEST_CASE("samples take finite axes evenly and distributions by their quantiles") {
  for (const char* sampling : {"lhs", "sobol"}) {
    const StudyPoints points = points_of(std::string{"sampling: "} + sampling +
                                         "\npoints: 8\naxes: {a: {path: p, list: [u, v]}, b: "
                                         "{path: q, distribution: {uniform: {from: "
                                         "10 USD/MWh, to: 18 USD/MWh}}}}\n");
    REQUIRE(points.points.size() == 8);
    int first = 0;
    std::vector<int> cells(8);
    for (const StudyPoint& point : points.points) {
      first += point[0].text == "u" ? 1 : 0;
      ++cells[static_cast<std::size_t>(point[1].number - 10)];
    }
    CHECK(first == 4);
    CHECK(cells == std::vector<int>(8, 1));
    CHECK(points.axes[1].unit == "USD/MWh");
  }
}

TEST_CASE("what is wrong with a study is told at its place") {
  const std::string one = "axes: {a: {path: p, list: [1, 2]}}\n";
  check_fault("axes: {a: {path: p}}\n", "expected one of list, range, linspace and distribution");
  check_fault("axes: {a: {path: p, list: [1], linspace: {from: 1, to: 2, points: 2}}}\n",
              "found 2");
  check_fault("axes: {a: {path: p, list: []}}\n", "expected values, found none");
  check_fault("axes: {a: {path: p, list: [1 h, 60 min]}}\n", "60 min is there twice");
  check_fault("axes: {a: {path: p, list: [x, y, x]}}\n", "x is there twice");
  check_fault("axes: {a: {path: p, list: [2026-05-01, 2026-05-01]}}\n", "is there twice");
  check_fault("where: [a + 1 d > 2026-05-01]\naxes: {a: {path: p, list: [2026-05-01]}}\n",
              "a has dates");
  check_fault("where: [a / 0 > 1]\n" + one, "divides by 0");
  check_fault("axes: {a: {path: p, list: [1]}, b: {path: p, list: [2]}}\n", "a changes p as well");
  check_fault("axes: {a: {path: p.q, list: [1]}, b: {path: p, list: [2]}}\n",
              "b changes p.q as well");
  check_fault("axes: {a: {path: replication, list: [1]}}\n", "replicates count these");
  check_fault("seed: 4\n" + one, "a grid draws nothing");
  check_fault("axes: {run: {path: p, list: [1]}}\n", "a column every results file has");
  check_fault("axes: {a: {path: p, range: {from: 1 h, to: 2 MW, step: 1 h}}}\n",
              "the unit of `from`");
  check_fault("axes: {a: {path: p, range: {from: 1, to: 2, step: 0}}}\n", "more than 0");
  check_fault("axes: {a: {path: p, range: {from: 2, to: 1, step: 1}}}\n", "more than `from`");
  check_fault("axes: {a: {path: p, range: {from: 0, to: 1e9, step: 1}}}\n",
              "at most 1000000 values");
  check_fault("axes: {a: {path: p, distribution: {uniform: {from: 1, to: 2}}}}\n", "sampling: lhs");
  check_fault("sampling: lhs\n" + one, "lhs needs `points:`");
  check_fault("points: 4\n" + one, "a grid has as many points as its axes make");
  check_fault("sampling: some\n" + one, "expected one of grid, lhs, sobol");
  check_fault("zip: [[a, z]]\n" + one, "there is no axis \"z\"");
  check_fault("zip: [[a]]\n" + one, "two axes or more");
  check_fault("zip: [[a, b]]\naxes: {a: {path: p, list: [1, 2]}, b: {path: q, list: [1, 2, 3]}}\n",
              "a has 2 values and b has 3");
  check_fault("where: [a > 5]\n" + one, "excludes all 2 points");
  check_fault("where: [a > 5 h]\n" + one, "have different units");
  check_fault("where: [b > 5]\n" + one, "there is no axis \"b\"");
  check_fault("where: [a]\n" + one, "expected a comparison");
  check_fault("where: [\"(a > 1\"]\n" + one, "lacks a )");
  check_fault("where: [a + 1 h > 2]\n" + one, "adds unlike things");
  check_fault("where: [a 1 > 2]\n" + one, "expected an operator");
  check_fault("where: [a > 1 and a < 2]\n" + one, "items of the list");
  check_fault("where: [\"" + std::string(60, '-') + "a > 1\"]\n" + one, "more than 50");
  check_fault("where: [a = z]\naxes: {a: {path: p, list: [x, y]}}\n", "never is \"z\"");
  check_fault("where: [a < x]\naxes: {a: {path: p, list: [x, y]}}\n", "compare it with = or !=");
  check_fault("replicates: 1000000\n" + one + "where: []\naxis: {}\n", "axis");
  check_fault("stop: {metric: x, half_width: 1 %, least: 5}\nreplicates: 3\n", "at most the 3");
}

TEST_CASE("a study of a million million points is refused before it is laid out") {
  std::string axes = "axes: {";
  for (const char* name : {"a", "b", "c", "d"})
    axes +=
        std::string{name} + ": {path: p." + name + ", linspace: {from: 0, to: 1, points: 1000}}, ";
  check_fault(axes + "}\n", "expected at most 1000000 points, found 1e+12");
  check_fault("replicates: 1000000\naxes: {a: {path: p, list: [1, 2, 3]}}\n",
              "expected at most 2000000 runs, found 3e+06");
}
