// Dice for random scenario texts: the same on every machine and with every compiler.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/random.hpp>

namespace colossim::test {

/// A formatted text. Its arguments stand in braces, which C++ evaluates from left to right: dice
/// thrown in them fall in the same order with every compiler.
struct Text {
  template <class... Values>
  explicit Text(fmt::format_string<Values...> format, Values&&... values)
      : string(fmt::format(format, std::forward<Values>(values)...)) {}

  std::string string;
};

class Dice {
 public:
  explicit Dice(const StreamName& name) : stream_(name) {}

  std::int64_t integer(std::int64_t low, std::int64_t high) {
    const auto values = static_cast<double>(high - low + 1);
    return std::min(high, low + static_cast<std::int64_t>(stream_.uniform() * values));
  }
  double between(double low, double high) { return uniform_between(stream_, low, high); }
  bool chance(double probability) { return stream_.uniform() < probability; }
  template <class Value>
  const Value& one_of(const std::vector<Value>& values) {
    return values[static_cast<std::size_t>(
        integer(0, static_cast<std::int64_t>(values.size()) - 1))];
  }
  /// One of a few words.
  std::string word(const std::vector<std::string>& words) { return one_of(words); }

 private:
  Stream stream_;
};

}  // namespace colossim::test
