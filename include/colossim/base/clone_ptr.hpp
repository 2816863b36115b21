// A pointer to a polymorphic value: copying it copies the value, so a world that holds policies is
// a value.
#pragma once

#include <memory>
#include <utility>

namespace colossim {

/// Owns a `T` that offers `std::unique_ptr<T> clone() const`. Never null once constructed with a
/// value.
template <class T>
class ClonePtr {
 public:
  explicit ClonePtr(std::unique_ptr<T> value) : value_(std::move(value)) {}
  ClonePtr(const ClonePtr& other) : value_(other.value_->clone()) {}
  ClonePtr(ClonePtr&&) noexcept = default;
  ClonePtr& operator=(const ClonePtr& other) {
    value_ = other.value_->clone();
    return *this;
  }
  ClonePtr& operator=(ClonePtr&&) noexcept = default;
  ~ClonePtr() = default;

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace colossim
