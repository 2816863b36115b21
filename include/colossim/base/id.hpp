// Typed row numbers and the columns they index: a NodeId cannot be used to look up a rack.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <colossim/base/check.hpp>

namespace colossim {

/// A row of the table of `Tag`. Rows never move, so an id stays valid for the whole run and in
/// copies.
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(std::size_t row) : row_(static_cast<std::uint32_t>(row)) {}
  [[nodiscard]] constexpr std::uint32_t row() const { return row_; }
  /// False for a default-constructed id, which names no row.
  [[nodiscard]] constexpr bool exists() const { return row_ != none; }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t row_ = none;
};

/// One column of a table: a vector indexed by a typed id.
template <class Row, class T>
class Column {
 public:
  Column() = default;
  explicit Column(std::size_t rows, T value = T{}) : values_(rows, std::move(value)) {}

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  T& operator[](Row row) {
    COLOSSIM_DCHECK(row.row() < values_.size(), "row={} size={}", row.row(), values_.size());
    return values_[row.row()];
  }
  const T& operator[](Row row) const {
    COLOSSIM_DCHECK(row.row() < values_.size(), "row={} size={}", row.row(), values_.size());
    return values_[row.row()];
  }
  Row push_back(T value) {
    values_.push_back(std::move(value));
    return Row{values_.size() - 1};
  }
  /// The id the next `push_back` will return.
  [[nodiscard]] Row next() const { return Row{values_.size()}; }
  auto begin() { return values_.begin(); }
  auto end() { return values_.end(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::vector<T> values_;
};

}  // namespace colossim
