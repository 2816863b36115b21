// Money: integer micro-dollars, and accruals that never lose one.
#pragma once

#include <compare>
#include <cstdint>

#include <colossim/base/math.hpp>
#include <colossim/base/quantity.hpp>

namespace colossim {

/// An amount in micro-dollars [1e-6 USD]; ±9.2e12 USD.
class Money {
 public:
  constexpr Money() = default;
  constexpr explicit Money(std::int64_t micro_dollars) : micro_(micro_dollars) {}

  [[nodiscard]] constexpr std::int64_t micro() const { return micro_; }
  [[nodiscard]] constexpr Dollars quantity() const {
    return Dollars{static_cast<double>(micro_) * 1e-6};
  }

  constexpr Money& operator+=(Money other) {
    micro_ += other.micro_;
    return *this;
  }
  constexpr Money& operator-=(Money other) {
    micro_ -= other.micro_;
    return *this;
  }
  friend constexpr auto operator<=>(const Money&, const Money&) = default;
  friend constexpr Money operator+(Money a, Money b) { return Money{a.micro_ + b.micro_}; }
  friend constexpr Money operator-(Money a, Money b) { return Money{a.micro_ - b.micro_}; }
  friend constexpr Money operator-(Money a) { return Money{-a.micro_}; }

 private:
  std::int64_t micro_ = 0;
};

/// The nearest micro-dollar.
inline Money to_money(Dollars amount) {
  return Money{math::round_to_int(amount.base() * 1e6)};
}

/// A continuously growing amount posted in whole micro-dollars: each `due` is the rounded
/// cumulative amount minus what was posted before, so the sum of all postings is the rounded total,
/// whatever the steps.
class Accrual {
 public:
  Money due(Dollars cumulative) { return due(to_money(cumulative)); }
  Money due(Money total) {
    const Money step = total - posted_;
    posted_ = total;
    return step;
  }
  [[nodiscard]] Money posted() const { return posted_; }

 private:
  Money posted_;
};

}  // namespace colossim
