// Look-ups and wording of scenario trees.
#include <utility>

#include <fmt/format.h>

#include <colossim/scenario/tree.hpp>

namespace colossim {

const Tree* Tree::find(std::string_view key) const {
  for (const TreeEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Tree* Tree::find(std::string_view key) {
  return const_cast<Tree*>(std::as_const(*this).find(key));  // NOLINT: same look-up, mutable result
}

std::string Tree::describe() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::map:
      return "a map";
    case Kind::list:
      return "a list";
    case Kind::scalar:
      break;
  }
  constexpr std::size_t shown = 60;
  if (text.size() > shown) return fmt::format("\"{}...\"", text.substr(0, shown));
  return fmt::format("\"{}\"", text);
}

std::uint16_t FileNames::add(std::string name) {
  names_.push_back(std::move(name));
  return static_cast<std::uint16_t>(names_.size() - 1);
}

Mark FileNames::mark(Place place) const {
  if (place.file >= names_.size()) return {};
  // A change on the command line has no lines.
  if (names_[place.file].starts_with("--set ")) return {names_[place.file], 0, 0};
  return {names_[place.file], static_cast<int>(place.line), static_cast<int>(place.column)};
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (list_.size() < limit) {
    list_.push_back(std::move(diagnostic));
  } else {
    ++dropped_;
  }
}

std::vector<Diagnostic> Diagnostics::take() {
  if (dropped_ > 0) list_.push_back({{}, "", fmt::format("and {} more", dropped_), ""});
  dropped_ = 0;
  return std::exchange(list_, {});
}

}  // namespace colossim
