// Edit distance with transpositions (optimal string alignment) over short names.
#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>

namespace colossim {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view found, std::span<const std::string> known) {
  constexpr std::size_t longest_name = 64;  // a pasted paragraph is not a typo
  if (known.empty()) return {};
  const std::string* nearest = nullptr;
  std::size_t distance = std::max<std::size_t>(1, found.size() / 3) + 1;
  for (const std::string& name : known) {
    if (found.size() > longest_name) break;
    const std::size_t d = edit_distance(found, name);
    if (d < distance) {
      distance = d;
      nearest = &name;
    }
  }
  if (nearest != nullptr) return fmt::format("did you mean \"{}\"?", *nearest);
  constexpr std::size_t longest_list = 24;
  const std::size_t shown = std::min(known.size(), longest_list);
  return fmt::format(
      "known: {}{}",
      fmt::join(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
      shown < known.size() ? ", ..." : "");
}

}  // namespace colossim
