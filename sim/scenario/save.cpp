// save(): the resolved scenario as YAML that reads back to the same values.
#include <string>
#include <type_traits>

#include <fmt/format.h>

#include <colossim/base/calendar.hpp>
#include <colossim/scenario/scenario.hpp>
#include <colossim/scenario/unit.hpp>

#include "leaf_text.hpp"
#include "reader.hpp"

namespace colossim {

namespace {

// Whether a scalar the user wrote means exactly `leaf`: then their own words are kept.
bool means(const std::string& text, double base, Dimension dimension) {
  std::string problem;
  const auto value = parse_measured(text, problem);
  return value && value->base == base && value->dimension == dimension;
}
bool means(const std::string& text, double leaf) {
  return means(text, leaf, {});
}
template <Dimension D>
bool means(const std::string& text, Quantity<D> leaf) {
  return means(text, leaf.base(), D);
}
template <Dimension D>
bool means(const std::string& text, const Distribution<D>& leaf) {
  return leaf.data.kind == DistributionData::Kind::constant && means(text, leaf.data.a, D);
}
template <Dimension D>
bool means(const std::string& text, const Signal<D>& leaf) {
  return leaf.data.is_constant() && means(text, leaf.data.values.front(), D);
}
bool means(const std::string& text, const GpuShare& leaf) {
  return leaf.all ? text == "all" : means(text, leaf.count);
}
bool means(const std::string& text, Period leaf) {
  return leaf.months % 12 == 0 && text == fmt::format("{} yr", leaf.months / 12);
}
template <class T>
bool means(const std::string& /*text*/, const T& /*leaf*/) {
  return false;
}

template <class T>
concept Struct = requires {
  T::doc;
};

/// The visitor that writes one map, two spaces deeper than its parent.
class Writer {
 public:
  Writer(const Scenario& scenario, std::string& out, std::string path, int depth)
      : scenario_(scenario), out_(out), path_(std::move(path)), depth_(depth) {}

  template <class T>
  void field(std::string_view name, const T& member, const auto& /*rule*/,
             std::string_view /*doc*/) {
    write(std::string{name}, member);
  }
  void line(const std::string& text) { out_ += fmt::format("{:{}}{}\n", "", depth_ * 2, text); }
  /// Only list items (claims) and readings keep a source of their own: everywhere else each leaf
  /// states its source, so that nothing is inherited when the text is read again.
  void write_own_source() {
    const auto source = scenario_.sources.find(path_);
    if (source == scenario_.sources.end()) return;
    line("source: " + source_text(source->second));
    if (!source->second.confidence.empty() && !source->second.free_text)
      line("confidence: " + source->second.confidence);
  }

 private:
  [[nodiscard]] Writer below(const std::string& name) const {
    return {scenario_, out_, path_.empty() ? name : path_ + "." + name, depth_ + 1};
  }
  [[nodiscard]] static std::string source_text(const Provenance& p) {
    if (!p.free_text) return quoted(p.source);
    const std::string confidence = p.confidence.empty() ? "" : ", confidence: " + p.confidence;
    return fmt::format("{{name: {}{}}}", quoted(p.source), confidence);
  }

  template <Struct T>
  void write(const std::string& name, const T& value) {
    line(name + ":");
    Writer writer = below(name);
    if constexpr (requires { T::kind; }) writer.line(fmt::format("kind: {}", T::kind));
    if constexpr (requires { T::keeps_source; }) writer.write_own_source();
    const_cast<T&>(value).describe(writer);  // NOLINT: one describe() serves readers and writers
  }
  template <class... Kinds>
  void write(const std::string& name, const std::variant<Kinds...>& value) {
    std::visit([&](const auto& kind) { write(name, kind); }, value);
  }
  template <class T>
  void write(const std::string& name, const std::optional<T>& value) {
    if (value) write(name, *value);
  }
  template <class T>
  void write(const std::string& name, const std::map<std::string, T>& entries) {
    if (entries.empty()) return;
    line(name + ":");
    Writer writer = below(name);
    for (const auto& [key, value] : entries) writer.write(key, value);
  }
  template <Struct T>
  void write(const std::string& name, const std::vector<T>& items) {
    if (items.empty()) return;
    line(name + ":");
    for (std::size_t i = 0; i < items.size(); ++i) {
      line("-");
      Writer writer{scenario_, out_, fmt::format("{}[{}]", below(name).path_, i), depth_ + 1};
      writer.write_own_source();
      const_cast<T&>(items[i]).describe(writer);  // NOLINT: likewise
    }
  }
  template <class T>
  void write(const std::string& name, const T& leaf) {
    const auto known = scenario_.leaves.find(below(name).path_);
    if (known == scenario_.leaves.end()) return line(name + ": " + default_text(leaf));
    const Provenance& p = known->second.provenance;
    const std::string text = known->second.text.empty() || std::is_same_v<T, std::string> ||
                                     std::is_same_v<T, TraceFile> ||
                                     !means(known->second.text, leaf)
                                 ? leaf_text(leaf)
                                 : known->second.text;
    if (p.source.empty() && p.low.empty() && p.high.empty() && p.note.empty())
      return line(name + ": " + text);
    std::string annotated = "{value: " + text;
    if (!p.source.empty()) annotated += ", source: " + source_text(p);
    if (!p.confidence.empty() && !p.free_text) annotated += ", confidence: " + p.confidence;
    if (!p.low.empty()) annotated += ", low: " + p.low;
    if (!p.high.empty()) annotated += ", high: " + p.high;
    if (!p.note.empty()) annotated += ", note: " + quoted(p.note);
    line(name + ": " + annotated + "}");
  }
  /// A number nobody wrote says that it is the program's default.
  template <class T>
  [[nodiscard]] std::string default_text(const T& leaf) const {
    if (!is_number<T> || is_choice_) return leaf_text(leaf);
    return fmt::format("{{value: {}, source: default}}", leaf_text(leaf));
  }
  const Scenario& scenario_;
  std::string& out_;
  std::string path_;
  int depth_;
  bool is_choice_ = false;  // of the field being written
};

}  // namespace

std::string save(const Scenario& scenario) {
  std::string out;
  Writer writer{scenario, out, "", 0};
  const_cast<Scenario&>(scenario).describe(
      writer);  // NOLINT: one describe() serves readers and writers
  return out;
}

}  // namespace colossim
