// A recursive-descent parser over axes and numbers with units.
#include "where.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/base/trimmed.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

struct Where::Term {
  char operation = 'n';  // + - * /, n: a number, a: an axis
  double number = 0;
  std::size_t axis = 0;
  Dimension dimension;
  std::shared_ptr<const Term> left;
  std::shared_ptr<const Term> right;

  [[nodiscard]] double value(const StudyPoint& point) const {
    switch (operation) {
      case 'n':
        return number;
      case 'a':
        return point[axis].base;
      case '+':
        return left->value(point) + right->value(point);
      case '-':
        return left->value(point) - right->value(point);
      case '*':
        return left->value(point) * right->value(point);
      default:
        return left->value(point) / right->value(point);
    }
  }
};

class Where::Parser {
 public:
  using Ptr = std::shared_ptr<const Term>;

  Parser(std::string_view text, const std::vector<Axis>& axes) : text_(text), axes_(axes) {}

  Ptr sum() {
    Ptr left = product();
    for (char sign = peek(); sign == '+' || sign == '-'; sign = peek()) {
      ++at_;
      Ptr right = product();
      if (left->dimension != right->dimension)
        throw WhereError{fmt::format("\"{}\" adds unlike things", text_)};
      left = std::make_shared<Term>(Term{sign, 0, 0, left->dimension, left, right});
    }
    return left;
  }
  void expect_end() {
    if (peek() != '\0')
      throw WhereError{fmt::format("expected an operator, found \"{}\"", text_.substr(at_))};
  }

 private:
  static bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '%';
  }

  /// The next sign that is no blank; 0 at the end.
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void deepen() {
    if (++depth_ > 50) throw WhereError{"more than 50 brackets within each other"};
  }

  Ptr product() {
    Ptr left = factor();
    for (char sign = peek(); sign == '*' || sign == '/'; sign = peek()) {
      ++at_;
      Ptr right = factor();
      if (sign == '/' && right->operation == 'n' && right->number == 0)
        throw WhereError{fmt::format("\"{}\" divides by 0", text_)};
      const Dimension dimension =
          sign == '*' ? left->dimension + right->dimension : left->dimension - right->dimension;
      left = std::make_shared<Term>(Term{sign, 0, 0, dimension, left, right});
    }
    return left;
  }

  Ptr factor() {
    const char first = peek();
    if (first == '(') {
      deepen();
      ++at_;
      Ptr inner = sum();
      if (peek() != ')') throw WhereError{fmt::format("\"{}\" lacks a )", text_)};
      ++at_;
      --depth_;
      return inner;
    }
    if (first == '-' && !is_digit(at_ + 1)) {
      deepen();
      ++at_;
      const Ptr right = factor();
      --depth_;
      const Ptr zero = std::make_shared<Term>(Term{'n', 0, 0, right->dimension, {}, {}});
      return std::make_shared<Term>(Term{'-', 0, 0, right->dimension, zero, right});
    }
    if (is_digit(at_) || first == '-' || first == '.') return number();
    return axis();
  }

  /// `62 USD/MWh`: the unit's own slashes have no blanks around them.
  Ptr number() {
    const std::size_t from = at_;
    if (text_[at_] == '-') ++at_;
    while (at_ < text_.size() && (is_digit(at_) || text_[at_] == '.' || is_exponent(at_))) ++at_;
    const std::size_t digits_end = at_;
    if (is_word(peek())) {
      while (at_ < text_.size() &&
             (is_word(text_[at_]) ||
              (text_[at_] == '/' && at_ + 1 < text_.size() && is_word(text_[at_ + 1]))))
        ++at_;
    } else {
      at_ = digits_end;
    }
    std::string problem;
    const auto value = parse_measured(text_.substr(from, at_ - from), problem);
    if (!value) throw WhereError{problem};
    return std::make_shared<Term>(Term{'n', value->base, 0, value->dimension, {}, {}});
  }
  [[nodiscard]] bool is_digit(std::size_t at) const {
    return at < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at])) != 0;
  }
  /// The e of 1e6, and the sign after it.
  [[nodiscard]] bool is_exponent(std::size_t at) const {
    const char c = text_[at];
    if (c == 'e' || c == 'E')
      return is_digit(at + 1) ||
             (at + 1 < text_.size() && text_[at + 1] == '-' && is_digit(at + 2));
    return c == '-' && at > 0 && (text_[at - 1] == 'e' || text_[at - 1] == 'E');
  }

  Ptr axis() {
    const std::size_t from = at_;
    while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '-')) ++at_;
    const std::string name{text_.substr(from, at_ - from)};
    std::vector<std::string> names;
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      if (axes_[i].name == name) {
        if (axes_[i].dates)
          throw WhereError{fmt::format(
              "{} has dates: compare it alone with one, as in {} < 2026-07-01", name, name)};
        if (!axes_[i].numeric)
          throw WhereError{fmt::format("{} has texts: compare it with = or != alone", name)};
        return std::make_shared<Term>(Term{'a', 0, i, axes_[i].dimension, {}, {}});
      }
      names.push_back(axes_[i].name);
    }
    if (name.empty())
      throw WhereError{fmt::format("expected an axis or a number in \"{}\"", text_)};
    throw WhereError{fmt::format("there is no axis \"{}\"; {}", name, did_you_mean(name, names))};
  }

  std::string_view text_;
  const std::vector<Axis>& axes_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Where::Where(std::string_view text, const std::vector<Axis>& axes) {
  static constexpr std::array<std::pair<std::string_view, Relation>, 7> relations{
      {{"<=", Relation::at_most},
       {"==", Relation::equal},
       {">=", Relation::at_least},
       {"!=", Relation::unlike},
       {"<", Relation::less},
       {">", Relation::greater},
       {"=", Relation::equal}}};
  for (const std::string_view joint : {" and ", " && ", " or ", " || "}) {
    if (text.find(joint) != std::string_view::npos)
      throw WhereError{fmt::format(
          "expected one comparison, found \"{}\"; those that all must hold are items of the list",
          trimmed(joint))};
  }
  const std::size_t at = text.find_first_of("<>=!");
  const auto* relation = std::find_if(relations.begin(), relations.end(), [&](const auto& each) {
    return at != std::string_view::npos && text.substr(at).starts_with(each.first);
  });
  if (relation == relations.end())
    throw WhereError{"expected a comparison with <, <=, >, >=, = or !="};
  relation_ = relation->second;
  const std::string_view left = trimmed(text.substr(0, at));
  const std::string_view right = trimmed(text.substr(at + relation->first.size()));
  const auto named =
      std::find_if(axes.begin(), axes.end(), [&](const Axis& axis) { return axis.name == left; });
  if (named != axes.end() && !named->numeric) {
    const bool is_order = relation_ != Relation::equal && relation_ != Relation::unlike;
    if (is_order && !named->dates)
      throw WhereError{fmt::format("{} has texts: compare it with = or !=", named->name)};
    if (named->dates && !parse_date(right))
      throw WhereError{fmt::format("{} has dates: \"{}\" is none", named->name, right)};
    axis_ = static_cast<std::size_t>(named - axes.begin());
    text_ = right;
    compares_text_ = true;
    if (!is_order && std::none_of(named->values.begin(), named->values.end(),
                                  [&](const AxisValue& value) { return value.text == text_; }))
      throw WhereError{fmt::format("{} never is \"{}\"", named->name, text_)};
    return;
  }
  Parser parse_left{left, axes};
  left_ = parse_left.sum();
  parse_left.expect_end();
  Parser parse_right{right, axes};
  right_ = parse_right.sum();
  parse_right.expect_end();
  if (left_->dimension != right_->dimension)
    throw WhereError{fmt::format("\"{}\" and \"{}\" have different units", left, right)};
}

bool Where::holds(const StudyPoint& point) const {
  // The texts of dates have the order of the dates.
  if (compares_text_) return compare(point[axis_].text, text_);
  return compare(left_->value(point), right_->value(point));
}

template <class T>
bool Where::compare(const T& left, const T& right) const {
  switch (relation_) {
    case Relation::less:
      return left < right;
    case Relation::at_most:
      return left <= right;
    case Relation::greater:
      return left > right;
    case Relation::at_least:
      return left >= right;
    case Relation::equal:
      return left == right;
    case Relation::unlike:
      break;
  }
  return left != right;
}

}  // namespace colossim
