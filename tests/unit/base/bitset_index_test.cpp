// Checks the hierarchical bitmap against std::set, at the edges and under random operations.
#include <set>

#include <doctest/doctest.h>

#include <colossim/base/bitset_index.hpp>
#include <colossim/base/random.hpp>

using colossim::BitsetIndex;

namespace {

using Oracle = std::set<std::uint32_t>;

std::optional<std::uint32_t> oracle_next(const Oracle& oracle, std::uint32_t from) {
  const auto found = oracle.lower_bound(from);
  if (found == oracle.end()) return std::nullopt;
  return *found;
}

std::uint32_t draw_below(colossim::Stream& stream, std::uint32_t bound) {
  return static_cast<std::uint32_t>(stream.next() % bound);
}

/// Inserts or erases one value in both sets; `dense` sets mostly insert.
void change_both(BitsetIndex& index, Oracle& oracle, colossim::Stream& stream, bool dense) {
  const std::uint32_t value = draw_below(stream, index.size());
  const bool inserts = stream.uniform() < (dense ? 0.8 : 0.4);
  if (inserts) {
    index.insert(value);
    oracle.insert(value);
  } else {
    index.erase(value);
    oracle.erase(value);
  }
}

void compare(const BitsetIndex& index, const Oracle& oracle, std::uint32_t probe) {
  CHECK(index.empty() == oracle.empty());
  CHECK(index.contains(probe) == oracle.contains(probe));
  CHECK(index.first() == oracle_next(oracle, 0));
  CHECK(index.next(probe) == oracle_next(oracle, probe));
}

}  // namespace

TEST_CASE("a new index is empty, whatever its size") {
  for (const std::uint32_t size : {0U, 1U, 63U, 64U, 65U, 4096U, 4097U, 300'000U}) {
    const BitsetIndex index(size);
    CHECK(index.size() == size);
    CHECK(index.empty());
    CHECK_FALSE(index.first().has_value());
    CHECK_FALSE(index.next(0).has_value());
    CHECK_FALSE(index.next(size).has_value());
    CHECK_FALSE(index.contains(size));
  }
}

TEST_CASE("each single element is found from everywhere at or below it") {
  for (const std::uint32_t size : {1U, 64U, 65U, 4096U, 4097U, 5000U}) {
    BitsetIndex index(size);
    for (std::uint32_t value = 0; value < size; ++value) {
      index.insert(value);
      CHECK(index.first() == value);
      CHECK(index.next(value / 2) == value);
      CHECK(index.next(value) == value);
      CHECK_FALSE(index.next(value + 1).has_value());
      index.erase(value);
      CHECK(index.empty());
    }
  }
}

TEST_CASE("inserting twice and erasing what is not there change nothing") {
  BitsetIndex index(10'000);
  index.insert(4711);
  const BitsetIndex once = index;
  index.insert(4711);
  index.erase(4712);
  index.erase(9999);
  CHECK(index == once);
  index.erase(4711);
  index.erase(4711);
  CHECK(index == BitsetIndex(10'000));
}

TEST_CASE("a copy is independent of the original") {
  BitsetIndex original(100);
  original.insert(7);
  BitsetIndex copy = original;
  copy.erase(7);
  CHECK(original.contains(7));
  CHECK(copy.empty());
}

TEST_CASE("questions beyond the size are answered with no") {
  BitsetIndex index(70);
  index.insert(69);
  CHECK_FALSE(index.contains(70));
  CHECK_FALSE(index.contains(0xffffffffU));
  CHECK_FALSE(index.next(70).has_value());
  CHECK_FALSE(index.next(128).has_value());
  CHECK_FALSE(index.next(0xffffffffU).has_value());
}

TEST_CASE("random operations agree with std::set") {
  for (const std::uint32_t size : {1U, 10U, 64U, 100U, 4096U, 10'000U, 300'000U}) {
    for (const bool dense : {false, true}) {
      colossim::Stream stream({.seed = size, .path = "bitset_index_test", .ordinal = dense});
      BitsetIndex index(size);
      Oracle oracle;
      for (int i = 0; i < 5000; ++i) {
        change_both(index, oracle, stream, dense);
        compare(index, oracle, draw_below(stream, size));
      }
    }
  }
}

TEST_CASE("walking the index visits the elements in order") {
  colossim::Stream stream({.seed = 3, .path = "bitset_index_test"});
  BitsetIndex index(20'000);
  Oracle oracle;
  for (int i = 0; i < 500; ++i) change_both(index, oracle, stream, true);
  Oracle visited;
  for (auto value = index.first(); value; value = index.next(*value + 1)) {
    CHECK((visited.empty() || *visited.rbegin() < *value));
    visited.insert(*value);
  }
  CHECK(visited == oracle);
}
