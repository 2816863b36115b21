// Grids and samples over the axes of a study.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <colossim/experiment/sampling.hpp>
#include <colossim/experiment/study_points.hpp>

#include "varied_input.hpp"
#include "where.hpp"

namespace colossim {

namespace {

/// Axes that go together: one coordinate of the design.
using Bundle = std::vector<std::size_t>;

std::vector<Bundle> bundles_of(const Study& study, const std::vector<Axis>& axes) {
  const auto row_of = [&](const std::string& name) {
    return static_cast<std::size_t>(
        std::find_if(axes.begin(), axes.end(), [&](const Axis& a) { return a.name == name; }) -
        axes.begin());
  };
  std::vector<Bundle> bundles;
  std::vector<bool> taken(axes.size());
  for (std::size_t z = 0; z < study.spec.zip.size(); ++z) {
    Bundle bundle;
    for (const std::string& name : study.spec.zip[z]) {
      const std::size_t row = row_of(name);
      bundle.push_back(row);
      taken[row] = true;
      if (axes[row].values.size() != axes[bundle.front()].values.size())
        throw ScenarioError{{study.problem(
            fmt::format("zip[{}]", z),
            fmt::format("{} has {} values and {} has {}", axes[bundle.front()].name,
                        axes[bundle.front()].values.size(), name, axes[row].values.size()))}};
    }
    bundles.push_back(std::move(bundle));
  }
  for (std::size_t row = 0; row < axes.size(); ++row) {
    if (!taken[row]) bundles.push_back({row});
  }
  std::sort(bundles.begin(), bundles.end(), [](const Bundle& a, const Bundle& b) {
    return *std::min_element(a.begin(), a.end()) < *std::min_element(b.begin(), b.end());
  });
  return bundles;
}

std::vector<Where> conditions_of(const Study& study, const std::vector<Axis>& axes) {
  std::vector<Where> conditions;
  std::vector<Diagnostic> problems;
  for (std::size_t i = 0; i < study.spec.where.size(); ++i) {
    try {
      conditions.emplace_back(study.spec.where[i], axes);
    } catch (const WhereError& error) {
      problems.push_back(study.problem(fmt::format("where[{}]", i), error.what()));
    }
  }
  if (!problems.empty()) throw ScenarioError{std::move(problems)};
  return conditions;
}

/// A quantile, or the multiple of the grid it belongs to: all those of a uniform distribution have
/// the same share, its ends as well.
double draw(const DistributionData& distribution, double grid, double p) {
  if (grid == 0) return quantile(distribution, p);
  if (distribution.kind != DistributionData::Kind::uniform)
    return nearest_multiple(quantile(distribution, p), grid);
  const double first = std::ceil(distribution.a / grid - 1e-9);
  const double last = std::floor(distribution.b / grid + 1e-9);
  if (first > last) return nearest_multiple(distribution.a, grid);
  return distribution.bounded((first + std::floor(p * (last - first + 1))) * grid);
}

class Layout {
 public:
  Layout(const Study& study, const std::map<std::string, double>& grids) : study_(study) {
    out_.axes = study_axes(study);
    for (const Axis& axis : out_.axes) {
      const auto grid = grids.find(axis.name);
      grids_.push_back(grid == grids.end() ? 0 : grid->second);
    }
    bundles_ = bundles_of(study, out_.axes);
    conditions_ = conditions_of(study, out_.axes);
  }

  StudyPoints lay_out() {
    const std::string& sampling = study_.spec.sampling;
    if (sampling == "grid") {
      lay_grid();
    } else {
      const auto points = static_cast<std::size_t>(*study_.spec.points);
      const auto seed = static_cast<std::uint64_t>(study_.spec.seed.value_or(1));
      if (sampling == "sobol" && bundles_.size() > most_sobol_dimensions)
        throw ScenarioError{{study_.problem(
            "axes", fmt::format("expected at most {} axes", most_sobol_dimensions))}};
      take(sampling == "lhs" ? latin_hypercube(points, bundles_.size(), seed)
                             : sobol_sequence(points, bundles_.size(), seed));
    }
    if (out_.points.empty())
      throw ScenarioError{
          {study_.problem("where", fmt::format("excludes all {} points", out_.excluded))}};
    return std::move(out_);
  }

 private:
  void lay_grid() {
    double count = 1;
    for (const Bundle& bundle : bundles_)
      count *= static_cast<double>(out_.axes[bundle.front()].values.size());
    if (count > most_points)
      throw ScenarioError{{study_.problem(
          "axes", fmt::format("expected at most {:.0f} points, found {:.3g}", most_points, count),
          "fewer values, or sampling: lhs or sobol with `points:`")}};
    std::vector<std::size_t> at(bundles_.size());
    for (double i = 0; i < count; ++i) {
      StudyPoint point(out_.axes.size());
      for (std::size_t b = 0; b < bundles_.size(); ++b) set(point, bundles_[b], at[b]);
      keep(std::move(point));
      for (std::size_t b = bundles_.size(); b-- > 0;) {
        if (++at[b] < out_.axes[bundles_[b].front()].values.size()) break;
        at[b] = 0;
      }
    }
  }

  void take(const Design& design) {
    for (const std::vector<double>& coordinates : design) {
      StudyPoint point(out_.axes.size());
      for (std::size_t b = 0; b < bundles_.size(); ++b) {
        const Axis& first = out_.axes[bundles_[b].front()];
        if (first.distribution) {
          const double drawn =
              draw(*first.distribution, grids_[bundles_[b].front()], coordinates[b]);
          point[bundles_[b].front()] = first.values.empty()
                                           ? tidy_value(first, drawn)
                                           : first.values[static_cast<std::size_t>(drawn)];
        } else {
          const auto values = static_cast<double>(first.values.size());
          set(point, bundles_[b], static_cast<std::size_t>(coordinates[b] * values));
        }
      }
      keep(std::move(point));
    }
  }

  void set(StudyPoint& point, const Bundle& bundle, std::size_t value) const {
    for (const std::size_t row : bundle) point[row] = out_.axes[row].values[value];
  }

  void keep(StudyPoint&& point) {
    const bool wanted = std::all_of(conditions_.begin(), conditions_.end(),
                                    [&](const Where& each) { return each.holds(point); });
    if (wanted) {
      out_.points.push_back(std::move(point));
    } else {
      ++out_.excluded;
    }
  }

  const Study& study_;
  StudyPoints out_;
  std::vector<double> grids_;  // by axis
  std::vector<Bundle> bundles_;
  std::vector<Where> conditions_;
};

}  // namespace

StudyPoints study_points(const Study& study, const std::map<std::string, double>& grids) {
  StudyPoints points = Layout{study, grids}.lay_out();
  const double runs =
      static_cast<double>(points.points.size()) * static_cast<double>(study.spec.replicates);
  if (runs > most_runs)
    throw ScenarioError{{study.problem(
        "replicates", fmt::format("expected at most {:.0f} runs, found {:.3g}", most_runs, runs))}};
  return points;
}

}  // namespace colossim
