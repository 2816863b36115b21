// The only file that knows the YAML library: its event interface builds our own tree, strictly.
#include <cstddef>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <colossim/scenario/text_check.hpp>
#include <colossim/scenario/tree.hpp>

namespace colossim {

namespace {

constexpr std::size_t depth_limit = 64;
constexpr std::size_t node_limit = 200'000;

/// Thrown out of the library's parser to stop it at the first violation.
struct Violation {
  Place place;
  std::string message;
  std::string hint;
};

/// Receives the library's events and grows the tree. The stack holds the open maps and lists.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::uint16_t file, const std::string& text) : file_(file), text_(text) {}

  Tree take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1)
      throw Violation{place(mark), "a second document starts here", "keep one per file"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    accept({.kind = Tree::Kind::null, .place = place(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse_anchor(mark, 1);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    // The library gives quoted text the tag `!`; a `!` written before plain text looks the same to
    // it.
    const bool quoted = tag == "!";
    const auto at = static_cast<std::size_t>(mark.pos);
    if (quoted && at < text_.size() && text_[at] == '!') refuse_tag(mark, "!!");
    refuse_control_characters(mark, value);
    const bool null = !quoted && (value.empty() || value == "~" || value == "null");
    accept({.kind = null ? Tree::Kind::null : Tree::Kind::scalar,
            .quoted = quoted,
            .place = place(mark),
            .text = value});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, Tree::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, Tree::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Tree tree;
    bool has_key = false;
    std::string key;
    Place key_place;
    std::set<std::string> keys;
  };

  [[nodiscard]] Place place(const YAML::Mark& mark) const {
    return {file_, static_cast<std::uint32_t>(mark.line + 1),
            static_cast<std::uint32_t>(mark.column + 1)};
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0) {
      throw Violation{place(mark), "anchors and aliases are not part of the scenario language",
                      "use `extends` or write the value again"};
    }
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Violation{place(mark), fmt::format("tag {} is not part of the scenario language", tag),
                      "remove it"};
    }
  }
  /// They can still come from escapes such as "\x01".
  void refuse_control_characters(const YAML::Mark& mark, const std::string& value) const {
    for (const char c : value) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && c != '\n') || byte == 0x7f) {
        throw Violation{place(mark), fmt::format("the text holds control character {:#04x}", byte),
                        "remove it"};
      }
    }
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            Tree::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag == "!" ? "!!" : tag);
    if (stack_.size() >= depth_limit) {
      throw Violation{place(mark), "maps and lists are nested deeper than 64",
                      "flatten the structure"};
    }
    if (!stack_.empty() && stack_.back().tree.is_map() && !stack_.back().has_key) {
      throw Violation{place(mark), "a key must be plain text", "write `key: value`"};
    }
    stack_.push_back({.tree = {.kind = kind, .place = place(mark)}});
  }
  void close() {
    Tree tree = std::move(stack_.back().tree);
    stack_.pop_back();
    accept(std::move(tree));
  }
  void accept(Tree tree) {
    if (++nodes_ > node_limit)
      throw Violation{tree.place, "the file has more than 200,000 values", "split it"};
    if (stack_.empty()) {
      root_ = std::move(tree);
      return;
    }
    Open& open = stack_.back();
    if (open.tree.is_list()) {
      open.tree.items.push_back(std::move(tree));
    } else if (!open.has_key) {
      take_key(open, tree);
    } else {
      if (tree.is_null())
        tree.place = open.key_place;  // the library marks a missing value on the next line
      open.tree.entries.push_back({std::move(open.key), open.key_place, std::move(tree)});
      open.has_key = false;
    }
  }
  static void take_key(Open& open, const Tree& tree) {
    if (!tree.is_scalar())
      throw Violation{tree.place, "a key is missing before the colon", "name it"};
    if (!open.keys.insert(tree.text).second) {
      throw Violation{tree.place, fmt::format("duplicate key \"{}\"", tree.text),
                      "keep one of the two"};
    }
    open.has_key = true;
    open.key = tree.text;
    open.key_place = tree.place;
  }

  std::uint16_t file_;
  const std::string& text_;
  Tree root_;
  std::vector<Open> stack_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

std::optional<Tree> parse_yaml(const std::string& text, std::uint16_t file, const FileNames& files,
                               Diagnostics& diagnostics) {
  const auto report = [&](Place place, std::string message, std::string hint) {
    diagnostics.add({files.mark(place), "", std::move(message), std::move(hint)});
    return std::nullopt;
  };
  if (const auto problem = check_text(text, file)) {
    return report(problem->place, std::string{problem->message}, std::string{problem->hint});
  }
  try {
    std::istringstream stream{text};
    YAML::Parser parser{stream};
    TreeBuilder builder{file, text};
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Violation& violation) {
    return report(violation.place, violation.message, violation.hint);
  } catch (const YAML::Exception& error) {
    const Place place{file, static_cast<std::uint32_t>(error.mark.line + 1),
                      static_cast<std::uint32_t>(error.mark.column + 1)};
    return report(place, "not valid YAML: " + error.msg, "check indentation, colons and brackets");
  }
}

}  // namespace colossim
