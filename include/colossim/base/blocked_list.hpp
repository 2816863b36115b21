// A sorted sequence in short blocks, each with a summary: for searches that a sum or a least value
// can cut short.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <colossim/base/check.hpp>

namespace colossim {

/// Items in ascending order. `Item` has a total order `<`; no two items are equal. `Summary` is
/// default-constructed empty and takes items by `add(const Item&)`. A change costs a binary search
/// over the blocks and one pass over a block of at most 64 items; a search reads one summary per
/// block it can skip. A value: copies are independent.
template <class Item, class Summary>
class BlockedList {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The least item. REQUIRES: not empty.
  [[nodiscard]] const Item& front() const { return blocks_.front().items.front(); }
  /// The greatest item. REQUIRES: not empty.
  [[nodiscard]] const Item& back() const { return blocks_.back().items.back(); }

  void insert(const Item& item) {
    ++size_;
    std::size_t at = block_of(item);
    if (blocks_.empty()) {
      blocks_.push_back(std::move(spare_));
    } else if (at == blocks_.size()) {
      --at;
    }
    if (blocks_[at].items.size() == most_items) at = split(at, item);
    std::vector<Item>& items = blocks_[at].items;
    items.insert(std::upper_bound(items.begin(), items.end(), item), item);
    blocks_[at].summary.add(item);
  }

  /// REQUIRES: an item equal to `item` is there.
  void erase(const Item& item) {
    const std::size_t at = block_of(item);
    COLOSSIM_CHECK(at < blocks_.size(), "size={}", size_);
    std::vector<Item>& items = blocks_[at].items;
    const auto found = std::lower_bound(items.begin(), items.end(), item);
    COLOSSIM_CHECK(found != items.end() && !(item < *found), "size={}", size_);
    items.erase(found);
    --size_;
    if (items.empty()) {
      blocks_[at].summary = Summary{};
      spare_ = std::move(blocks_[at]);
      blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      resummarize(blocks_[at]);
    }
  }

  /// The first item that `wanted(item)` accepts; blocks whose summary `possible(summary)` refuses
  /// are not read. Null when there is none.
  template <class Possible, class Wanted>
  [[nodiscard]] const Item* find(const Possible& possible, const Wanted& wanted) const {
    for (const Block& block : blocks_) {
      if (!possible(block.summary)) continue;
      for (const Item& item : block.items) {
        if (wanted(item)) return &item;
      }
    }
    return nullptr;
  }

  /// The last item before `end`; null when there is none.
  [[nodiscard]] const Item* before(const Item& end) const {
    return find_last(
        end, [](const Summary&) { return true; }, [](const Item&) { return true; });
  }
  /// The last item before `end` that `wanted(item)` accepts; blocks whose summary
  /// `possible(summary)` refuses are not read. Null when there is none.
  template <class Possible, class Wanted>
  [[nodiscard]] const Item* find_last(const Item& end, const Possible& possible,
                                      const Wanted& wanted) const {
    for (std::size_t at = std::min(block_of(end) + 1, blocks_.size()); at-- > 0;) {
      const Block& block = blocks_[at];
      if (!possible(block.summary)) continue;
      for (auto item = block.items.rbegin(); item != block.items.rend(); ++item) {
        if (*item < end && wanted(*item)) return &*item;
      }
    }
    return nullptr;
  }

  /// Calls `use(item)` in ascending order until it returns false.
  template <class Use>
  void each(const Use& use) const {
    for (const Block& block : blocks_) {
      for (const Item& item : block.items) {
        if (!use(item)) return;
      }
    }
  }
  /// The same from the first item that is not less than `from`.
  template <class Use>
  void each_from(const Item& from, const Use& use) const {
    for (std::size_t at = block_of(from); at < blocks_.size(); ++at) {
      for (const Item& item : blocks_[at].items) {
        if (!(item < from) && !use(item)) return;
      }
    }
  }

 private:
  static constexpr std::size_t most_items = 64;

  struct Block {
    std::vector<Item> items;
    Summary summary;
  };

  static void resummarize(Block& block) {
    block.summary = Summary{};
    for (const Item& item : block.items) block.summary.add(item);
  }

  /// The first block whose last item is not less than `item`.
  [[nodiscard]] std::size_t block_of(const Item& item) const {
    const auto found = std::lower_bound(
        blocks_.begin(), blocks_.end(), item,
        [](const Block& block, const Item& it) { return block.items.back() < it; });
    return static_cast<std::size_t>(found - blocks_.begin());
  }

  /// Makes room in a full block; returns the block `item` belongs into. What is appended, as
  /// arrivals are, leaves full blocks behind.
  std::size_t split(std::size_t at, const Item& item) {
    const auto next = blocks_.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    if (blocks_[at].items.back() < item) {
      blocks_.insert(next, Block{});
      return at + 1;
    }
    std::vector<Item>& items = blocks_[at].items;
    Block upper;
    upper.items.assign(items.begin() + most_items / 2, items.end());
    items.resize(most_items / 2);
    resummarize(blocks_[at]);
    resummarize(upper);
    const bool lower = item < upper.items.front();
    blocks_.insert(next, std::move(upper));
    return lower ? at : at + 1;
  }

  std::vector<Block> blocks_;
  Block spare_;  // empty: a list of few items allocates nothing as they come and go
  std::size_t size_ = 0;
};

/// For a list that is only searched from its front.
struct NoSummary {
  template <class Item>
  void add(const Item& /*item*/) {}
};

}  // namespace colossim
