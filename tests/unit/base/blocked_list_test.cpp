// The blocked list against a sorted set: what is in it, and what searches from both ends find.
#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

#include <doctest/doctest.h>

#include <colossim/base/blocked_list.hpp>
#include <colossim/base/random.hpp>

using namespace colossim;

namespace {

struct Least {
  int value = std::numeric_limits<int>::max();
  void add(int item) { value = std::min(value, item % 97); }
};

}  // namespace

TEST_CASE("a blocked list holds and finds what a sorted set does") {
  Stream dice{StreamName{.seed = 1, .path = "blocked_list", .purpose = "test"}};
  BlockedList<int, Least> list;
  std::set<int> set;
  for (int i = 0; i < 4'000; ++i) {
    const int item = static_cast<int>(dice.next() % 2'000);
    if (set.insert(item).second) {
      list.insert(item);
    } else {
      set.erase(item);
      list.erase(item);
    }
    REQUIRE(list.size() == set.size());
    const int end = static_cast<int>(dice.next() % 2'001);
    const int most = static_cast<int>(dice.next() % 97);
    const auto wanted = [&](int value) { return value % 97 <= most; };
    const auto possible = [&](const Least& least) { return least.value <= most; };
    const auto from = std::make_reverse_iterator(set.lower_bound(end));
    const auto value_of = [](const int* found) { return found == nullptr ? -1 : *found; };
    REQUIRE(value_of(list.before(end)) == (from == set.rend() ? -1 : *from));
    const auto last = std::find_if(from, set.rend(), wanted);
    REQUIRE(value_of(list.find_last(end, possible, wanted)) == (last == set.rend() ? -1 : *last));
    const auto first = std::find_if(set.begin(), set.end(), wanted);
    REQUIRE(value_of(list.find(possible, wanted)) == (first == set.end() ? -1 : *first));
  }
}
