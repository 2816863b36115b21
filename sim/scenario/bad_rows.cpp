// Bad rows as diagnostics.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <colossim/scenario/bad_rows.hpp>

namespace colossim {

Mark table_mark(std::string file, std::int64_t line, std::size_t column) {
  constexpr int most = std::numeric_limits<int>::max();
  return {std::move(file), static_cast<int>(std::min<std::int64_t>(line, most)),
          static_cast<int>(std::min<std::size_t>(column, most))};
}

void BadRows::keep(const CellPlace& place, CellProblem problem) {
  first_.push_back({table_mark(file_, place.line, place.column), std::string{place.name},
                    std::move(problem.message), std::move(problem.hint)});
}

std::vector<Diagnostic> BadRows::all() const {
  std::vector<Diagnostic> list = first_;
  const auto more = count_ - static_cast<std::int64_t>(first_.size());
  if (more > 0) {
    list.push_back(
        {{file_}, "", fmt::format("... and {} more bad row{}", more, more == 1 ? "" : "s"), ""});
  }
  return list;
}

void BadRows::refuse() const {
  if (must_refuse()) throw ScenarioError{all()};
}

}  // namespace colossim
