// Leaves as YAML text that reads back to the same value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/calendar.hpp>
#include <colossim/base/values.hpp>
#include <colossim/scenario/unit.hpp>
#include <colossim/scenario/work.hpp>

namespace colossim {

/// A YAML scalar: quoted when plain text would read as something else.
inline std::string quoted(const std::string& text) {
  const bool plain =
      !text.empty() && text.find_first_of(":#{}[],&*!|>'\"%@`\n\t") == std::string::npos &&
      text.front() != ' ' && text.back() != ' ' && text.front() != '-' && text.front() != '?' &&
      text != "null" && text != "~" && text != "true" && text != "false";
  if (plain) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result + "\"";
}

inline std::string leaf_text(double value) {
  return to_text(value, {});
}
inline std::string leaf_text(std::int64_t value) {
  return fmt::format("{}", value);
}
inline std::string leaf_text(bool value) {
  return value ? "true" : "false";
}
inline std::string leaf_text(const std::string& value) {
  return quoted(value);
}
inline std::string leaf_text(const Ref& value) {
  return quoted(value.name);
}
/// Absolute: the text may be read in another folder.
inline std::string leaf_text(const TraceFile& value) {
  return quoted(std::filesystem::absolute(value.path).lexically_normal().string());
}
inline std::string leaf_text(Date value) {
  return to_string(value);
}
inline std::string leaf_text(Period value) {
  return fmt::format("{} month", value.months);
}
template <Dimension D>
inline std::string leaf_text(Quantity<D> value) {
  return to_text(value.base(), D);
}
inline std::string leaf_text(const AnyQuantity& value) {
  return to_text(value.base, value.dimension);
}
inline std::string leaf_text(const WhenRule& value) {
  return fmt::format("{} {} {} for {}", value.metric, value.below ? "<" : ">",
                     leaf_text(value.threshold), leaf_text(value.hold.quantity()));
}
inline std::string leaf_text(const GpuShare& value) {
  return value.all ? "all" : to_text(value.count.base(), GpuCount::dimension);
}
inline std::string leaf_text(const DistributionData& d, Dimension dimension) {
  const auto number = [&](double value) { return to_text(value, dimension); };
  const std::string max = d.max ? fmt::format(", max: {}", number(*d.max)) : "";
  switch (d.kind) {
    case DistributionData::Kind::constant:
      return number(d.a);
    case DistributionData::Kind::uniform:
      return fmt::format("{{uniform: {{from: {}, to: {}{}}}}}", number(d.a), number(d.b), max);
    case DistributionData::Kind::exponential:
      return fmt::format("{{exponential: {{mean: {}{}}}}}", number(d.a), max);
    case DistributionData::Kind::lognormal:
      return fmt::format("{{lognormal: {{median: {}, sigma: {}{}}}}}", number(d.a), d.b, max);
    case DistributionData::Kind::normal:
      return fmt::format("{{normal: {{mean: {}, sd: {}{}{}}}}}", number(d.a), number(d.b),
                         d.min ? fmt::format(", min: {}", number(*d.min)) : "", max);
    case DistributionData::Kind::choice:
      break;
  }
  std::string entries;
  double before = 0;
  for (std::size_t i = 0; i < d.values.size(); ++i) {
    entries += fmt::format("{}{}: {}", i == 0 ? "" : ", ", number(d.values[i]),
                           d.cumulative_weights[i] - before);
    before = d.cumulative_weights[i];
  }
  return "{choice: {" + entries + "}}";
}
template <Dimension D>
inline std::string leaf_text(const Distribution<D>& value) {
  return leaf_text(value.data, D);
}
template <Dimension D>
inline std::string leaf_text(const Signal<D>& value) {
  const SignalData& s = value.data;
  if (s.is_constant()) return to_text(s.values.front(), D);
  std::string begins = s.begins ? fmt::format(", begins: {}", to_string(*s.begins)) : "";
  return fmt::format("{{unit: {}, every: {}, zone: {}, wrap: {}{}, values: [{}]}}", stored_unit(D),
                     leaf_text(s.every.quantity()), s.local ? "local" : "utc",
                     s.wraps_year ? "year" : "none", begins, fmt::join(s.values, ", "));
}
template <class T>
inline std::string leaf_text(const std::vector<T>& values) {
  std::string items;
  for (const T& value : values) items += (items.empty() ? "" : ", ") + leaf_text(value);
  return "[" + items + "]";
}

}  // namespace colossim
