// Conditions between axes: `price * 2 <= 60 USD/MWh`, `queue = easy`.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/experiment/study_points.hpp>

namespace colossim {

/// What is wrong with a condition.
class WhereError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A comparison of two expressions over axes and numbers with units; or `axis = text` (`!=`; with
/// dates also < and >).
class Where {
 public:
  /// Throws a WhereError when `text` is none, names no axis, or compares unlike things.
  Where(std::string_view text, const std::vector<Axis>& axes);

  [[nodiscard]] bool holds(const StudyPoint& point) const;

 private:
  template <class T>
  [[nodiscard]] bool compare(const T& left, const T& right) const;

  struct Term;  // an operation on numbers, or a leaf
  class Parser;
  enum class Relation { less, at_most, greater, at_least, equal, unlike };

  std::shared_ptr<const Term> left_;
  std::shared_ptr<const Term> right_;
  Relation relation_ = Relation::equal;
  std::size_t axis_ = 0;  // of a comparison with text
  std::string text_;
  bool compares_text_ = false;
};

}  // namespace colossim
