// Composition rules: maps merge, lists replace, null deletes, a changed `kind` replaces its map.
#include "compose.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>
#include <colossim/base/trimmed.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_limit = std::size_t{8} << 20;  // bytes of one YAML file
constexpr std::size_t extends_limit = 16;

/// Maps that are one value: the overlay replaces them whole instead of mixing two values.
bool is_one_value(const Tree& map) {
  constexpr std::array keys{"value",     "uniform", "exponential", "normal",
                            "lognormal", "choice",  "file",        "values"};
  return std::any_of(keys.begin(), keys.end(),
                     [&](const char* key) { return map.find(key) != nullptr; });
}

bool is_annotation_key(const std::string& key) {
  return std::find(annotation_keys.begin(), annotation_keys.end(), key) != annotation_keys.end();
}

bool merges(const Tree& base, const Tree& overlay) {
  if (!base.is_map() || !overlay.is_map() || is_one_value(base) || is_one_value(overlay))
    return false;
  const Tree* old_kind = base.find("kind");
  const Tree* new_kind = overlay.find("kind");
  return new_kind == nullptr || old_kind == nullptr || new_kind->text == old_kind->text;
}

void merge(Tree& base, Tree overlay) {
  if (!merges(base, overlay)) {
    base = std::move(overlay);
    return;
  }
  for (TreeEntry& entry : overlay.entries) {
    const auto old = std::find_if(base.entries.begin(), base.entries.end(),
                                  [&](const TreeEntry& e) { return e.key == entry.key; });
    if (entry.value.is_null()) {
      // A null that deletes nothing stays: the reader tells the user.
      if (old != base.entries.end()) {
        base.entries.erase(old);
      } else {
        base.entries.push_back(std::move(entry));
      }
    } else if (old == base.entries.end()) {
      base.entries.push_back(std::move(entry));
    } else {
      old->place = entry.place;
      merge(old->value, std::move(entry.value));
    }
  }
}

class Composer {
 public:
  Composer(const LoadOptions& options, Diagnostics& diagnostics)
      : options_(options), diagnostics_(diagnostics) {}

  std::optional<Composition> compose(const fs::path& file) {
    result_.folder = file.parent_path().empty() ? fs::path{"."} : file.parent_path();
    auto scenario = read_with_bases(file, file);
    auto catalog = read_catalog();
    if (!scenario || !catalog) return std::nullopt;
    result_.tree = {.kind = Tree::Kind::map, .place = scenario->place};
    result_.tree.entries.push_back({"catalog", {}, std::move(*catalog)});
    merge(result_.tree, std::move(*scenario));
    return std::move(result_);
  }

  Composition change(Composition composition, const std::vector<Override>& more) {
    result_ = std::move(composition);
    for (const Override& change : options_.overrides) apply(change);
    for (const Override& change : more) apply(change);
    if (options_.seed) apply({"seed", fmt::format("{}", *options_.seed)});
    return std::move(result_);
  }

  std::optional<Composition> compose_catalog() {
    auto catalog = read_catalog();
    if (!catalog) return std::nullopt;
    result_.tree = std::move(*catalog);
    return std::move(result_);
  }

 private:
  std::optional<Tree> complain(Place place, std::string path, std::string message,
                               std::string hint = {}) {
    diagnostics_.add(
        {result_.files.mark(place), std::move(path), std::move(message), std::move(hint)});
    return std::nullopt;
  }

  std::optional<Tree> read_one(const fs::path& path, const std::string& shown_name) {
    const std::string text = read_file(path, file_limit);
    const std::uint16_t file = result_.files.add(shown_name);
    auto tree = parse_yaml(text, file, result_.files, diagnostics_);
    if (tree && !tree->is_map()) {
      return complain({file, 1, 1}, "",
                      fmt::format("expected a map of keys, found {}", tree->describe()),
                      "start with `schema: 1`");
    }
    return tree;
  }

  /// Reads `path` and merges it over what it extends.
  std::optional<Tree> read_with_bases(const fs::path& path, const fs::path& shown) {
    chain_.push_back(fs::weakly_canonical(path));
    auto tree = read_one(path, shown.string());
    if (!tree) return std::nullopt;
    if (tree->find("study") != nullptr)
      return complain(tree->place, "", "this is a study, not a scenario",
                      "see `colossim sweep --help`");
    if (tree->find("golden") != nullptr)
      return complain(tree->place, "", "this is a golden, not a scenario",
                      "give the scenario it lies beside");
    const auto extends =
        std::find_if(tree->entries.begin(), tree->entries.end(),
                     [](const TreeEntry& entry) { return entry.key == "extends"; });
    if (extends == tree->entries.end()) return tree;
    const Tree named = extends->value;
    tree->entries.erase(extends);
    const auto base_path = resolve_base(named, path);
    if (!base_path) return std::nullopt;
    auto base = read_with_bases(*base_path, shown.parent_path() / named.text);
    if (!base) return std::nullopt;
    merge(*base, std::move(*tree));
    return base;
  }

  std::optional<fs::path> resolve_base(const Tree& named, const fs::path& from) {
    const auto refuse = [&](std::string message, std::string hint) {
      complain(named.place, "extends", std::move(message), std::move(hint));
      return std::nullopt;
    };
    if (!named.is_scalar())
      return refuse(fmt::format("expected a file name, found {}", named.describe()), "");
    const fs::path path = from.parent_path() / named.text;
    const fs::path canonical = fs::weakly_canonical(path);
    const fs::path relative = canonical.lexically_relative(fs::weakly_canonical(result_.folder));
    if (fs::path{named.text}.is_absolute() || relative.empty() || *relative.begin() == "..") {
      return refuse(fmt::format("{} lies outside the scenario's folder", named.describe()),
                    "keep bases below the first file's folder");
    }
    if (std::find(chain_.begin(), chain_.end(), canonical) != chain_.end()) {
      return refuse(fmt::format("{} extends itself in a circle", named.describe()),
                    "break the circle");
    }
    if (chain_.size() >= extends_limit)
      return refuse("more than 16 files extend each other", "flatten the chain");
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
      return refuse(fmt::format("there is no file {}", named.describe()),
                    "give a path relative to this file");
    }
    return path;
  }

  /// All entries of the first catalog folder that exists, as the tree of `catalog:`.
  std::optional<Tree> read_catalog() {
    Tree catalog{.kind = Tree::Kind::map};
    std::vector<fs::path> folders = options_.catalog_folders;
    if (!options_.catalog_is_explicit) folders.insert(folders.begin(), result_.folder / "catalog");
    std::error_code error;
    const auto folder = std::find_if(folders.begin(), folders.end(), [&](const fs::path& path) {
      return fs::is_directory(path, error);
    });
    if (folder == folders.end()) {
      for (const fs::path& sought : folders) result_.catalog_sought.push_back(sought.string());
      return catalog;
    }
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator{*folder}) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      auto tree = read_one(file, file.string());
      if (!tree) return std::nullopt;
      tree->entries.erase(
          std::remove_if(tree->entries.begin(), tree->entries.end(),
                         [](const TreeEntry& entry) { return entry.key == "schema"; }),
          tree->entries.end());
      merge(catalog, std::move(*tree));
    }
    return catalog;
  }

  /// `--set a.b[0].c=value`. The value is YAML; `null` deletes.
  void apply(const Override& change) {
    const std::uint16_t file = result_.files.add("--set " + change.path);
    if (change.value.empty()) {
      complain({file}, change.path, "expected a value, found nothing", "null deletes");
      return;
    }
    auto document = parse_yaml("value: " + change.value, file, result_.files, diagnostics_);
    if (!document) return;
    Tree value = document->entries.empty() ? Tree{} : std::move(document->entries.front().value);
    // Text, dates and switches stand for themselves; numbers get `--set` as their source.
    const bool is_number =
        value.is_scalar() && parse_number(value.text.substr(0, value.text.find(' '))).has_value();
    const Found found = walk(change.path, file);
    if (found.target == nullptr) return;
    if (value.is_null()) {
      remove(result_.tree, found.target);
    } else if (is_number && found.value == nullptr) {
      merge(*found.target, annotated(std::move(value), file));
    } else if (found.value != nullptr && !is_number) {
      *found.target = std::move(value);  // a value is replaced whole, and so is a part of it
    } else {
      merge(*found.target, std::move(value));
    }
    if (found.value != nullptr && !found.is_remark) remark(*found.value, file);
  }

  /// Removes the entry or item that is `target`. True when it was found.
  static bool remove(Tree& tree, const Tree* target) {
    const auto is_target = [&](const Tree& other) { return &other == target; };
    const auto holds = [&](const TreeEntry& entry) { return is_target(entry.value); };
    return std::erase_if(tree.entries, holds) > 0 || std::erase_if(tree.items, is_target) > 0 ||
           std::any_of(tree.entries.begin(), tree.entries.end(),
                       [&](TreeEntry& entry) { return remove(entry.value, target); }) ||
           std::any_of(tree.items.begin(), tree.items.end(),
                       [&](Tree& item) { return remove(item, target); });
  }

  /// What the change of a part says of the whole value: that its source is the command line.
  static void remark(Tree& value, std::uint16_t file) {
    Tree* inner = value.is_map() ? value.find("value") : nullptr;
    value = annotated(inner != nullptr ? Tree{*inner} : std::move(value), file);
  }

  static Tree annotated(Tree value, std::uint16_t file) {
    const Place place{file, 1, 1};
    Tree map{.kind = Tree::Kind::map, .place = place};
    map.entries.push_back({"value", place, std::move(value)});
    map.entries.push_back(
        {"source", place, {.kind = Tree::Kind::scalar, .place = place, .text = "--set"}});
    return map;
  }

  /// The place a path names, and the value it is a part of: a parameter of a distribution has no
  /// source of its own.
  struct Found {
    Tree* target = nullptr;
    Tree* value = nullptr;   // null: the target is a value itself, or holds values
    bool is_remark = false;  // the target is what is said of the value: its source, low or high
  };

  /// The place is created where it is missing. Null deletes, so a missing key is a fresh null.
  Found walk(const std::string& path, std::uint16_t file) {
    Found found{.target = &result_.tree};
    std::string_view rest = path;
    while (!rest.empty()) {
      const std::size_t dot = rest.find('.');
      std::string_view part = rest.substr(0, dot);
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
      const std::size_t bracket = part.find('[');
      found = step(found, std::string{part.substr(0, bracket)}, file);
      if (found.target != nullptr && bracket != std::string_view::npos)
        found = item(found, part.substr(bracket));
      if (found.target == nullptr) {
        complain({file, 1, 1}, path, "the path does not name a place in the scenario",
                 "see `colossim explain scenario`");
        return {};
      }
    }
    return found;
  }
  static Found step(Found at, const std::string& key, std::uint16_t file) {
    Tree* inside = at.target;
    if (inside->is_scalar() && is_annotation_key(key)) {
      Tree annotated{.kind = Tree::Kind::map, .place = inside->place};
      annotated.entries.push_back({"value", inside->place, std::move(*inside)});
      *inside = std::move(annotated);
    }
    if (at.value == nullptr && inside->is_map() && is_one_value(*inside)) {
      at.value = inside;
      Tree* bare = inside->find("value");
      at.is_remark = bare != nullptr && key != "value" && is_annotation_key(key);
      // `runtime.lognormal` is there also when `runtime` is {value: {lognormal: ...}, source: ...}.
      if (bare != nullptr && !is_annotation_key(key)) inside = bare;
    }
    at.target = child(*inside, key, file);
    return at;
  }
  static Tree* child(Tree& map, const std::string& key, std::uint16_t file) {
    if (map.is_null()) map.kind = Tree::Kind::map;
    if (!map.is_map() || key.empty()) return nullptr;
    if (Tree* found = map.find(key)) return found;
    map.entries.push_back({key, {file, 1, 1}, {.place = {file, 1, 1}}});
    return &map.entries.back().value;
  }
  static Found item(Found at, std::string_view bracket) {
    Tree* bare = at.target->is_map() ? at.target->find("value") : nullptr;
    Tree& list = bare != nullptr ? *bare : *at.target;
    std::size_t index = 0;
    const char* end = bracket.data() + bracket.size();
    const auto [stop, error] = std::from_chars(bracket.data() + 1, end, index);
    const bool good =
        error == std::errc{} && stop + 1 == end && *stop == ']' && index < list.items.size();
    if (!good) return {};
    // A list of numbers is one value; a list of maps holds several.
    if (at.value == nullptr && list.items[index].is_scalar()) at.value = at.target;
    at.target = &list.items[index];
    return at;
  }

  const LoadOptions& options_;
  Diagnostics& diagnostics_;
  Composition result_;
  std::vector<fs::path> chain_;  // canonical paths of the files being read
};

}  // namespace

std::optional<Composition> compose(const fs::path& file, const LoadOptions& options,
                                   Diagnostics& diagnostics) {
  return Composer{options, diagnostics}.compose(file);
}

Composition change(Composition composition, const LoadOptions& options,
                   const std::vector<Override>& more, Diagnostics& diagnostics) {
  return Composer{options, diagnostics}.change(std::move(composition), more);
}

std::optional<std::string> text_at(const Tree& tree, const std::string& path) {
  const Tree* at = &tree;
  const auto bare = [](const Tree* value) {
    const Tree* inside = value->is_map() ? value->find("value") : nullptr;
    return inside != nullptr ? inside : value;
  };
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(".[", 1);
    std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    if (part.starts_with('[')) {
      const Tree* list = bare(at);
      std::size_t index = 0;
      const char* stop = part.data() + part.size();
      const auto [read, error] = std::from_chars(part.data() + 1, stop, index);
      if (error != std::errc{} || read + 1 != stop || index >= list->items.size())
        return std::nullopt;
      at = &list->items[index];
      continue;
    }
    if (part.starts_with('.')) part.remove_prefix(1);
    const bool is_remark = is_annotation_key(std::string{part});
    const Tree* map = is_remark ? at : bare(at);
    at = map->is_map() ? map->find(part) : nullptr;
    if (at == nullptr) return std::nullopt;
  }
  at = bare(at);
  return at->is_scalar() ? std::optional{at->text} : std::nullopt;
}

std::optional<Composition> compose_catalog(const std::vector<fs::path>& folders,
                                           Diagnostics& diagnostics) {
  const LoadOptions options{.catalog_folders = folders, .catalog_is_explicit = true};
  return Composer{options, diagnostics}.compose_catalog();
}

std::optional<Override> parse_override(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Override change{std::string{trimmed(text.substr(0, equals))},
                  std::string{trimmed(text.substr(equals + 1))}};
  if (change.path.empty()) return std::nullopt;
  return change;
}

}  // namespace colossim
