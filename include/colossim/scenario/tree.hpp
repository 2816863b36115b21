// A scenario file as a tree of maps, lists and scalars, each with the place where it was written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/diagnostic.hpp>

namespace colossim {

/// A line and column in one of the files of a scenario; `file` is a row of `Tree files`.
struct Place {
  std::uint16_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct TreeEntry;

/// One node of the tree. Maps keep the order of the text.
struct Tree {
  enum class Kind : std::uint8_t { null, scalar, map, list };

  Kind kind = Kind::null;
  bool quoted = false;  // a quoted scalar is text, never a number or a switch
  Place place;
  std::string text;                // of a scalar
  std::vector<TreeEntry> entries;  // of a map
  std::vector<Tree> items;         // of a list

  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_list() const { return kind == Kind::list; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  [[nodiscard]] const Tree* find(std::string_view key) const;
  [[nodiscard]] Tree* find(std::string_view key);
  /// "a map", "a list", "nothing" or the scalar in quotes: for messages.
  [[nodiscard]] std::string describe() const;
};

struct TreeEntry {
  std::string key;
  Place place;
  Tree value;
};

/// Keys of a map that stands for one value and says where it comes from.
inline constexpr std::array annotation_keys{"value", "source", "confidence", "note", "low", "high"};

/// The names of the files a tree was composed from, indexed by `Place::file`.
class FileNames {
 public:
  std::uint16_t add(std::string name);
  [[nodiscard]] Mark mark(Place place) const;

 private:
  std::vector<std::string> names_;
};

/// Collects problems; keeps at most `limit` and counts the rest.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] std::vector<Diagnostic> take();

 private:
  static constexpr std::size_t limit = 100;
  std::vector<Diagnostic> list_;
  std::size_t dropped_ = 0;
};

/// Parses one YAML document. Syntax errors (at most one) and violations of the subset (anchors,
/// tags, several documents, duplicate keys, depth over 64, more than 200,000 nodes, bytes that are
/// not UTF-8 text) go to `diagnostics` and nothing is returned.
std::optional<Tree> parse_yaml(const std::string& text, std::uint16_t file, const FileNames& files,
                               Diagnostics& diagnostics);

}  // namespace colossim
