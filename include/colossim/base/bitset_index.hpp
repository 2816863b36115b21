// An ordered set of small integers for hot paths: the lowest free node, the next rack with work.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <colossim/base/check.hpp>

namespace colossim {

/// Ordered set of the integers in [0, size), as a hierarchy of bitmaps with 64 children per word.
/// Every operation costs at most one word per level: 1 level up to 64, 2 to 4,096, 3 to 262,144,
/// 6 for any 32-bit size. A value: copies are independent and compare by content.
class BitsetIndex {
 public:
  /// The empty set over [0, size).
  explicit BitsetIndex(std::uint32_t size);

  /// Adds `value`; nothing happens if it is there. Requires value < size().
  void insert(std::uint32_t value);

  /// Removes `value`; nothing happens if it is not there. Requires value < size().
  void erase(std::uint32_t value);

  /// Whether `value` is in the set; false for anything outside [0, size).
  bool contains(std::uint32_t value) const;

  /// Whether the set has no element.
  bool empty() const { return words_.back() == 0; }

  /// One past the largest integer the set can hold.
  std::uint32_t size() const { return size_; }

  /// Smallest element.
  std::optional<std::uint32_t> first() const;

  /// Smallest element ≥ `from`; any `from` is allowed.
  std::optional<std::uint32_t> next(std::uint32_t from) const;

  friend bool operator==(const BitsetIndex&, const BitsetIndex&) = default;

 private:
  static constexpr std::size_t max_levels = 6;  // 64^6 > 2^32
  static constexpr std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << (i % 64); }

  std::uint32_t descend(std::size_t level, std::size_t index) const;

  // Set at construction. Level 0 holds one bit per integer; a bit of level n + 1 is set exactly
  // when the word of level n it stands for is not zero. The top level is one word, the last.
  std::uint32_t size_;
  std::size_t levels_ = 0;
  std::array<std::size_t, max_levels + 1> begin_{};  // first word of each level, then the end

  // Changed by insert and erase.
  std::vector<std::uint64_t> words_;
};

inline BitsetIndex::BitsetIndex(std::uint32_t size) : size_(size) {
  std::size_t count = size;
  do {
    count = count == 0 ? 1 : (count + 63) / 64;
    begin_[levels_ + 1] = begin_[levels_] + count;
    ++levels_;
  } while (count > 1);
  words_.resize(begin_[levels_]);
}

inline void BitsetIndex::insert(std::uint32_t value) {
  COLOSSIM_DCHECK(value < size_, "value={} size={}", value, size_);
  std::size_t index = value;
  for (std::size_t level = 0; level < levels_; ++level) {
    std::uint64_t& word = words_[begin_[level] + index / 64];
    const bool known_above = word != 0;
    word |= bit(index);
    if (known_above) return;
    index /= 64;
  }
}

inline void BitsetIndex::erase(std::uint32_t value) {
  COLOSSIM_DCHECK(value < size_, "value={} size={}", value, size_);
  std::size_t index = value;
  for (std::size_t level = 0; level < levels_; ++level) {
    std::uint64_t& word = words_[begin_[level] + index / 64];
    word &= ~bit(index);
    if (word != 0) return;
    index /= 64;
  }
}

inline bool BitsetIndex::contains(std::uint32_t value) const {
  return value < size_ && (words_[value / 64] & bit(value)) != 0;
}

inline std::optional<std::uint32_t> BitsetIndex::first() const {
  if (empty()) return std::nullopt;
  return descend(levels_, 0);
}

inline std::optional<std::uint32_t> BitsetIndex::next(std::uint32_t from) const {
  std::size_t index = from;
  for (std::size_t level = 0; level < levels_; ++level) {
    const std::size_t position = begin_[level] + index / 64;
    if (position >= begin_[level + 1]) return std::nullopt;
    const std::uint64_t rest = words_[position] >> (index % 64);
    if (rest != 0) return descend(level, index + static_cast<std::size_t>(std::countr_zero(rest)));
    index = index / 64 + 1;  // the words after this one, seen from the level above
  }
  return std::nullopt;
}

/// Smallest element below bit `index` of `level`; requires that bit to be set.
inline std::uint32_t BitsetIndex::descend(std::size_t level, std::size_t index) const {
  while (level > 0) {
    --level;
    const std::uint64_t word = words_[begin_[level] + index];
    index = index * 64 + static_cast<std::size_t>(std::countr_zero(word));
  }
  return static_cast<std::uint32_t>(index);
}

}  // namespace colossim
