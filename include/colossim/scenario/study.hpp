// A study: which inputs of a scenario are varied over which values, and what is kept of every run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// A distribution of whatever dimension its first number has, or a choice between texts.
struct AnyDistribution {
  DistributionData data;
  std::vector<std::string> texts;  // of a choice: `data` draws rows of it
  Dimension dimension;
  std::string unit;  // of its first number, as written
};

struct RangeSpec {
  static constexpr std::string_view doc =
      "Evenly spaced values: from, from + step, ... up to `to`; dates by days or months.";
  std::string from;
  std::string to;
  std::string step;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("from", from, required, "the first");
    v.field("to", to, required, "the last, if the steps meet it");
    v.field("step", step, required, "from one to the next; more than 0");
  }
};

struct LinspaceSpec {
  static constexpr std::string_view doc =
      "So many evenly spaced values or dates, the ends among them.";
  std::string from;
  std::string to;
  std::int64_t points = 2;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("from", from, required, "the first");
    v.field("to", to, required, "the last");
    v.field("points", points, required.within(2, 1e6).choice(), "how many");
  }
};

struct AxisSpec {
  static constexpr std::string_view doc = "One input that is varied: its path and its values.";
  std::string path;
  std::optional<std::vector<std::string>> list;
  std::optional<RangeSpec> range;
  std::optional<LinspaceSpec> linspace;
  std::optional<AnyDistribution> distribution;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("path", path, required, "as for --set: contracts.lease.price");
    v.field("list", list, optional,
            "values as --set takes them; quoted text may be any YAML value");
    v.field("range", range, optional, "or evenly spaced by a step");
    v.field("linspace", linspace, optional, "or so many, evenly spaced");
    v.field("distribution", distribution, optional,
            "or {uniform, exponential, normal, lognormal or choice: ...}, for lhs and sobol");
  }
};

struct StopSpec {
  static constexpr std::string_view doc =
      "When a point has replicates enough: once the 95 % interval of a metric's mean is narrow.";
  std::string metric;
  std::string half_width;
  std::int64_t least = 5;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("metric", metric, required, "its full name, or a party's without `party.`");
    v.field("half_width", half_width, required,
            "at most; with the metric's unit, or % of the mean");
    v.field("least", least, optional.within(2, 10'000).choice(),
            "replicates before the first look, and between two looks");
  }
};

struct StudySpec {
  static constexpr std::string_view doc = "Many runs of one scenario.";
  std::int64_t schema = 1;
  std::string study;
  std::string scenario;
  std::map<std::string, AxisSpec> axes;
  std::vector<std::vector<std::string>> zip;
  std::vector<std::string> where;
  std::string sampling = "grid";
  std::optional<std::int64_t> points;
  std::optional<std::int64_t> seed;
  std::int64_t replicates = 1;
  std::optional<StopSpec> stop;
  std::vector<std::string> metrics;
  std::vector<std::string> series;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("schema", schema, required.within(1, 1).choice(), "version of this language: 1");
    v.field("study", study, required, "its title, one line; a results file holds one study");
    v.field("scenario", scenario, required, "a file, relative to this one");
    v.field("axes", axes, optional, "what is varied, by a name of yours");
    v.field("zip", zip, optional, "lists of axes that go together, value by value");
    v.field(
        "where", where, optional,
        "which points are run: `price * 2 <= rent`, over axes, numbers and + - * /; all must hold");
    v.field("sampling", sampling, optional.one_of("grid lhs sobol"),
            "every combination, a latin hypercube, or a Sobol sequence");
    v.field("points", points, optional.within(1, 1e6).choice(), "of lhs and sobol");
    v.field("seed", seed, optional.within(0, 9e15).choice(), "of lhs and sobol (default: 1)");
    v.field("replicates", replicates, optional.within(1, 1e6).choice(),
            "independent repetitions of every point, on the same random numbers at each; the most "
            "of them where `stop` is given");
    v.field("stop", stop, optional, "fewer where they are enough");
    v.field("metrics", metrics, required, "what is kept: names, * stands for any text");
    v.field("series", series, optional, "columns of series.csv that are kept as well");
  }
};

struct Study {
  StudySpec spec;
  std::filesystem::path file;
  std::string text;                   // of the file
  std::map<std::string, Mark> marks;  // by path, where each value was written

  [[nodiscard]] std::filesystem::path scenario_file() const {
    return file.parent_path() / spec.scenario;
  }
  /// A problem at a path of the study.
  [[nodiscard]] Diagnostic problem(const std::string& path, std::string message,
                                   std::string hint = {}) const;
};

/// Reads a study strictly, as scenarios are. All problems are thrown as one ScenarioError, I/O
/// errors as std::system_error.
Study load_study(const std::filesystem::path& file);
/// The same from its text; `file` says where its scenario is.
Study parse_study(const std::filesystem::path& file, std::string text);

}  // namespace colossim
