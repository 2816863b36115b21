// Lines of at most 100 columns with aligned cells, and gains in colour.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <colossim/report/compare_text.hpp>
#include <colossim/report/text.hpp>

namespace colossim {

inline constexpr std::size_t screen_width = 100;  // columns

/// The unit amounts of a table are printed in.
struct MoneyUnit {
  double usd = 1e3;
  std::string_view name = "kUSD";

  /// The smallest of kUSD, MUSD, GUSD in which `largest` has at most five digits.
  static MoneyUnit of(double largest) {
    if (largest >= 1e11) return {1e9, "GUSD"};
    return largest >= 1e8 ? MoneyUnit{1e6, "MUSD"} : MoneyUnit{};
  }
};

/// `amount` in `unit`, with a decimal where it leaves a blank in a cell of `width`.
inline std::string amount_text(double amount, MoneyUnit unit, std::size_t width) {
  std::string text = grouped(amount / unit.usd, 1);
  return text.size() < width ? text : grouped(amount / unit.usd, 0);
}

/// `12.3 ±4.5` in `unit`, or the value alone when it has no interval.
inline std::string estimate_text(const Estimate& estimate, MoneyUnit unit, std::size_t width) {
  if (estimate.half_width == 0) return amount_text(estimate.value, unit, width);
  const auto text = [&](int decimals) {
    return fmt::format("{} ±{}", grouped(estimate.value / unit.usd, decimals),
                       grouped(estimate.half_width / unit.usd, decimals));
  };
  const std::string exact = text(1);
  return exact.size() <= width ? exact : text(0);  // ± is two bytes and one column
}

/// `1.20 MUSD ±30.0 kUSD`, both in `unit` before it is made readable; the value alone for one run.
inline std::string interval_text(const Estimate& estimate, std::string_view unit) {
  const std::string value = human(estimate.value, unit);
  return estimate.half_width == 0 ? value
                                  : fmt::format("{} ±{}", value, human(estimate.half_width, unit));
}

/// Right-aligned.
inline std::string cell(const std::string& text, std::size_t width) {
  return fmt::format("{:>{}}", text, width);
}

/// The same for a text that may hold ±, which is two bytes and one column; after a blank at least.
inline std::string right(const std::string& text, std::size_t width) {
  const std::size_t columns = text.size() - (text.find("±") == std::string::npos ? 0 : 1);
  return std::string(columns < width ? width - columns : 1, ' ') + text;
}

/// The first letters of a text, as many as columns; no letter of several bytes is torn.
inline std::string cut(const std::string& text, std::size_t columns) {
  std::size_t letters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U;
    if (begins && ++letters > columns) return text.substr(0, i);
  }
  return text;
}

/// Green for a gain, red for a loss; plain unless asked for.
inline std::string coloured(const std::string& text, double gain, bool colour) {
  if (!colour || gain == 0) return text;
  return fmt::format("\033[{}m{}\033[0m", gain > 0 ? 32 : 31, text);
}

/// `OWNER xai, MUSD`: the name is cut so that the unit, and a blank, fit into `width`.
inline std::string heading(std::string_view what, const std::string& party, MoneyUnit unit,
                           std::size_t width) {
  const std::size_t others = what.size() + unit.name.size() + 4;
  const std::string name = cut(party, std::max(width, others + 1) - others);
  return fmt::format("{:<{}}", fmt::format("{} {}, {}", what, name, unit.name), width);
}

/// What a scenario is called in the columns of a table; letters repeat after 26.
inline char letter(std::size_t row) {
  return static_cast<char>('A' + static_cast<int>(row % 26));
}

/// `A colossus_1`, cut to `width`.
inline std::string tagged(std::size_t row, const std::string& name, std::size_t width) {
  return fmt::format("{:<{}}", cut(fmt::format("{} {}", letter(row), name), width - 1), width);
}

/// Text that grows line by line; blanks at the end of a line are dropped.
class Lines {
 public:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    while (text_.ends_with(' ')) text_.pop_back();
    text_ += '\n';
    ++count_;
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  void append(const Lines& other) {
    text_ += other.text_;
    count_ += other.count_;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace colossim
