// The columns of a log by their names.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/scenario/csv.hpp>

namespace colossim {

/// Where the columns that a log's reader asks for stand.
class TableColumns {
 public:
  void set(std::span<const CsvField> header) {
    for (const CsvField& field : header) names_.emplace_back(field.text);
  }
  void set(const std::vector<std::string>& names) { names_ = names; }

  [[nodiscard]] bool is_set() const { return !names_.empty(); }
  [[nodiscard]] std::size_t count() const { return names_.size(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] bool is_twice(std::string_view name) const {
    return std::count(names_.begin(), names_.end(), name) > 1;
  }
  /// The number of the column `name`, from 0; nothing when there is none.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return i;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace colossim
