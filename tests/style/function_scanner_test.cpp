// Finds the functions of a C++ text and their lengths by matching braces: no compiler needed.
#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace colossim::style {

// Shared by the style tests; source_text_test.cpp defines them.
std::string code_only(std::string_view text);
std::vector<std::size_t> places_of_word(std::string_view text, std::string_view word);

namespace {

/// What a `{` opens: a namespace or type, a function's body, a lambda outside functions, or a
/// value.
enum class Scope { open, function, lambda, value };

struct Function {
  std::string head;  ///< its signature
  int line;          ///< of the first word of its signature
  int lines;         ///< from there to its closing brace
};

/// Blanks preprocessor lines with their continuations: their braces need not match.
std::string without_directives(std::string code) {
  bool directive = false;
  for (std::size_t begin = 0; begin < code.size();) {
    const auto end = std::min(code.find('\n', begin), code.size());
    const auto first = code.find_first_not_of(" \t", begin);
    directive = directive || (first < end && code[first] == '#');
    const bool continues = directive && end > begin && code[end - 1] == '\\';
    if (directive) {
      std::fill(code.begin() + static_cast<std::ptrdiff_t>(begin),
                code.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    }
    directive = continues;
    begin = end + 1;
  }
  return code;
}

/// Replaces every closed group by its empty brackets: `f(int a[3])` → `f()`.
std::string with_groups_emptied(const std::string& head) {
  std::string flat;
  std::vector<std::size_t> opened;
  for (const char c : head) {
    if (c == '(' || c == '[') {
      opened.push_back(flat.size());
    } else if ((c == ')' || c == ']') && !opened.empty()) {
      flat.resize(opened.back() + 1);
      opened.pop_back();
    }
    flat += c;
  }
  return flat;
}

/// One past the `>` that closes the `<` at `open`.
std::size_t end_of_angles(const std::string& text, std::size_t open) {
  int depth = 0;
  for (auto i = open; i < text.size(); ++i) {
    depth += text[i] == '<' ? 1 : 0;
    depth -= text[i] == '>' ? 1 : 0;
    if (depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

/// Drops `template <...>` lists, whose `class` and `=` are not the declaration's.
std::string without_template_lists(std::string flat) {
  for (auto at = flat.find("template"); at != std::string::npos; at = flat.find("template", at)) {
    const auto open = flat.find_first_not_of(" \n", at + std::string_view("template").size());
    const bool list = open != std::string::npos && flat[open] == '<';
    list ? flat.erase(at, end_of_angles(flat, open) - at) : flat.replace(at, 1, "_");
  }
  return flat;
}

/// Gives `operator<=`, `operator()` and their kind the name `operator_`.
std::string with_operators_named(std::string head) {
  constexpr std::string_view symbols = "+-*/%^&|~!=<>,\"";
  for (const auto at : places_of_word(head, "operator")) {
    const auto begin = at + std::string_view("operator").size();
    const auto pair = head.substr(begin, 2);
    const auto symbol_end = std::min(head.find_first_not_of(symbols, begin), head.size());
    const auto end = pair == "()" || pair == "[]" ? begin + 2 : symbol_end;
    head.replace(begin, end - begin, std::string(end - begin, '_'));
  }
  return head;
}

/// The declaration before a `{` with all that could mislead removed.
std::string flattened(const std::string& head) {
  return without_template_lists(with_groups_emptied(with_operators_named(head)));
}

bool has_word(const std::string& text, std::string_view word) {
  return !places_of_word(text, word).empty();
}

bool opens_scope(const std::string& flat) {
  constexpr std::array<std::string_view, 6> words = {"namespace", "class", "struct",
                                                     "union",     "enum",  "TEST_SUITE"};
  const auto in_flat = [&](std::string_view word) { return has_word(flat, word); };
  const bool linkage = has_word(flat, "extern") && flat.find('(') == std::string::npos;
  return linkage || std::any_of(words.begin(), words.end(), in_flat);
}

bool ends_in_lambda(const std::string& flat) {
  static const std::regex lambda(
      R"((^|[=(,{?:\[]|\breturn)\s*\[\](\s*<[^<>]*>)?(\s*\(\))?)"
      R"((\s*\b(mutable|constexpr|noexcept|const)\b)*(\s*->[^()={}]+)?\s*$)");
  return flat.find("[]") != std::string::npos && std::regex_search(flat, lambda);
}

/// Whether a bracket is still open: closed groups are empty by now.
bool is_inside_parentheses(const std::string& flat) {
  const auto count = [&](char c) { return std::count(flat.begin(), flat.end(), c); };
  return count('(') != count(')') || count('[') != count(']');
}

/// Where `mark` stands alone, as `=` in `a = b` but not in `a <= b`; npos when nowhere.
std::size_t alone(const std::string& text, char mark, std::string_view neighbours,
                  std::size_t from = 0) {
  for (auto at = text.find(mark, from); at != std::string::npos; at = text.find(mark, at + 1)) {
    const bool before = at > 0 && neighbours.find(text[at - 1]) != std::string_view::npos;
    const bool after = at + 1 < text.size() && (text[at + 1] == mark);
    if (!before && !after) {
      return at;
    }
  }
  return std::string::npos;
}

bool is_qualifier(const std::string& word) {
  constexpr std::array<std::string_view, 9> words = {
      "const", "volatile", "noexcept", "override", "final", "try", "mutable", "[]", ""};
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether what stands after the parameter list still belongs to a signature.
bool ends_like_signature(const std::string& flat) {
  const auto tail_begin = flat.rfind("()");
  if (tail_begin == std::string::npos) {
    return false;
  }
  if (has_word(flat, "requires")) {
    return !flat.ends_with("requires") && !flat.ends_with("requires()");
  }
  std::string tail = flat.substr(tail_begin + 2);
  std::replace(tail.begin(), tail.end(), '&', ' ');
  std::istringstream words(tail);
  return flat.find("->") != std::string::npos ||
         std::all_of(std::istream_iterator<std::string>(words), {}, is_qualifier);
}

/// In `A::A() : a_{1}, b_(2) {` the last brace follows a closed initialiser, not a name.
bool ends_like_initialisers(const std::string& flat) {
  return flat.ends_with(')') || flat.ends_with('}') || flat.ends_with("...");
}

Scope scope_opened_by(const std::string& head) {
  auto flat = flattened(head);
  flat.erase(flat.find_last_not_of(" \n") + 1);
  if (ends_in_lambda(flat)) {
    return Scope::lambda;
  }
  if (is_inside_parentheses(flat)) {
    return Scope::value;
  }
  if (opens_scope(flat)) {
    return Scope::open;
  }
  if (alone(flat, '=', "=<>!") != std::string::npos) {
    return Scope::value;
  }
  const auto parameters = flat.find("()");
  const bool initialisers =
      parameters != std::string::npos && alone(flat, ':', ":", parameters) != std::string::npos;
  const bool body = initialisers ? ends_like_initialisers(flat) : ends_like_signature(flat);
  return body ? Scope::function : Scope::value;
}

/// A brace initialiser holds values and lambdas only; its head may be long, its tail decides.
Scope scope_inside_value(const std::string& head) {
  const auto tail = head.substr(head.size() - std::min<std::size_t>(head.size(), 200));
  return ends_in_lambda(with_groups_emptied(tail)) ? Scope::lambda : Scope::value;
}

std::string name_in(const std::string& head) {
  static const std::regex name(
      R"(\b(?!requires|noexcept|alignas|explicit|decltype)([~\w:]+)\s*\(\)(?!\s*[>,]))");
  std::smatch match;
  const auto flat = flattened(head);
  return std::regex_search(flat, match, name) ? match[1].str() : "lambda";
}

/// Walks blanked code once; `head_` is the text since the last statement or brace.
class FunctionFinder {
 public:
  explicit FunctionFinder(std::string code) : code_(std::move(code)) {}

  std::vector<Function> run() {
    for (const char c : code_) {
      function_depth_ > 0 ? step_in_function(c) : step_outside(c);
      line_ += c == '\n' ? 1 : 0;
    }
    return found_;
  }

  /// Whether every brace met its partner: otherwise the answer means nothing.
  [[nodiscard]] bool is_balanced() const { return balanced_ && open_.empty(); }

 private:
  struct Frame {
    Scope scope;
    std::string head;
    int line;
  };

  void step_in_function(char c) {
    function_depth_ += c == '{' ? 1 : 0;
    function_depth_ -= c == '}' ? 1 : 0;
    if (function_depth_ == 0) {
      close();
    }
  }

  void step_outside(char c) {
    if (c == '{') {
      open();
    } else if (c == '}') {
      close();
    } else if (c == ';') {
      head_.clear();
    } else {
      append(c);
    }
  }

  void append(char c) {
    if (head_.empty()) {
      if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        return;
      }
      head_line_ = line_;
    }
    head_ += c;
    if (head_ == "public:" || head_ == "private:" || head_ == "protected:") {
      head_.clear();
    }
  }

  void open() {
    const bool inside_value = !open_.empty() && open_.back().scope == Scope::value;
    const Scope scope = inside_value ? scope_inside_value(head_) : scope_opened_by(head_);
    open_.push_back({scope, head_, head_.empty() ? line_ : head_line_});
    head_.clear();
    function_depth_ = scope == Scope::function || scope == Scope::lambda ? 1 : 0;
  }

  void close() {
    head_.clear();
    if (open_.empty()) {
      balanced_ = false;
      return;
    }
    const Frame frame = std::move(open_.back());
    open_.pop_back();
    if (frame.scope == Scope::function || frame.scope == Scope::lambda) {
      found_.push_back(
          {frame.scope == Scope::lambda ? "" : frame.head, frame.line, line_ - frame.line + 1});
    }
    if (frame.scope == Scope::value || frame.scope == Scope::lambda) {
      head_ = frame.head + "{}";
      head_line_ = frame.line;
    }
  }

  std::string code_;
  std::vector<Frame> open_;
  std::vector<Function> found_;
  std::string head_;
  int line_ = 1;
  int head_line_ = 1;
  int function_depth_ = 0;
  bool balanced_ = true;
};

FunctionFinder finder_of(const std::string& text) {
  return FunctionFinder(without_directives(code_only(text)));
}

/// "name:line+lines" of every function in a snippet, for the scanner's own tests.
std::string functions_in(const std::string& text) {
  std::string names;
  auto finder = finder_of(text);
  for (const auto& function : finder.run()) {
    names += (names.empty() ? "" : " ") + name_in(function.head) + ":" +
             std::to_string(function.line) + "+" + std::to_string(function.lines);
  }
  return names + (finder.is_balanced() ? "" : " unbalanced");
}

}  // namespace

/// "line: name has n lines, limit m" for every function of `text` that is longer than `limit`.
std::vector<std::string> functions_over(int limit, const std::string& text) {
  std::vector<std::string> found;
  auto finder = finder_of(text);
  for (const auto& function : finder.run()) {
    if (function.lines > limit) {
      found.push_back(std::to_string(function.line) + ": " + name_in(function.head) + " has " +
                      std::to_string(function.lines) + " lines, limit " + std::to_string(limit));
    }
  }
  if (!finder.is_balanced()) {
    found.emplace_back("1: braces do not match, the functions cannot be measured");
  }
  return found;
}

TEST_CASE("a function is reported when it passes the limit") {
  CHECK(functions_over(4, "\nvoid f() {\n\n\n}\n").empty());
  CHECK(functions_over(3, "\nvoid f() {\n\n\n}\n").at(0) == "2: f has 4 lines, limit 3");
  CHECK(functions_over(3, "{").size() == 1);
}

TEST_CASE("functions are found in namespaces, classes and after access labels") {
  CHECK(functions_in("namespace a::b {\nint f(int x) {\n  if (x) { return 1; }\n}\n}") == "f:2+3");
  CHECK(functions_in("class A final : public B<int> {\n public:\n  int f() const { return x_; }\n"
                     " private:\n  int x_ = 0; };") == "f:3+1");
  CHECK(functions_in("extern \"C\" { void f() {} }") == "f:1+1");
  CHECK(functions_in("TEST_SUITE(\"s\") {\nTEST_CASE(\"a { b\") {\n}\n}") == "TEST_CASE:2+2");
}

TEST_CASE("every tail of a signature is understood") {
  CHECK(functions_in("void f() const noexcept(true) override {}") == "f:1+1");
  CHECK(functions_in("auto f() -> std::vector<int> {}") == "f:1+1");
  CHECK(functions_in("template <class T>\nvoid f(T) requires std::integral<T> {\n}") == "f:1+3");
  CHECK(functions_in("template <class T = int> requires(T{} != 0) class A {\n void f() {} };") ==
        "f:2+1");
  CHECK(functions_in("[[nodiscard]] bool A::operator==(const A& b) const { return true; }") ==
        "A::operator__:1+1");
  CHECK(functions_in("int A::operator()(int) && {}") == "A::operator__:1+1");
  CHECK(functions_in("A operator\"\"_kw(double x) {}") == "operator___kw:1+1");
  CHECK(functions_in("void f(Options o = {.a = 1}, int b = {}) {\n}") == "f:1+2");
  CHECK(functions_in("std::function<void(int)> f(struct tm& t) {\n}") == "f:1+2");
}

TEST_CASE("member initialisers do not hide the body") {
  CHECK(functions_in("A::A(int x)\n    : a_{x},\n      b_(x) {\n  f();\n}") == "A::A:1+5");
  CHECK(functions_in("A::A() : B<C>{1}, a_{[] { return 1; }()} {\n}") == "lambda:1+1 A::A:1+2");
  CHECK(functions_in("A::A() : a_{1} {}\nvoid f() {}") == "A::A:1+1 f:2+1");
}

TEST_CASE("values, types and concepts are no functions") {
  CHECK(functions_in("int a{3};\nstd::function<void(int)> b{};\nint c[] = {1, 2};\n"
                     "enum class D { x, y };\nalignas(8) char e[4]{};\nvoid f() {}") == "f:6+1");
  CHECK(functions_in("template <class T>\nconcept C = requires(T t) { t.f(); };\nvoid f() {}") ==
        "f:3+1");
  CHECK(functions_in("template <class T> requires requires(T t) { t.f(); }\nvoid g(T t) {\n}") ==
        "g:1+3");
  CHECK(functions_in("struct A { int x = 0; int y{1}; A() = default; };").empty());
}

TEST_CASE("a lambda belongs to the function around it, and counts alone outside of one") {
  CHECK(functions_in("void f() {\n  auto g = [] {\n  };\n}") == "f:1+4");
  CHECK(functions_in("const auto f = [](int x) -> int {\n  return x;\n};") == "lambda:1+3");
  CHECK(functions_in("const T t = {{\"a\", [](int) {\n}}, {\"b\", nullptr}};").starts_with("lamb"));
}

TEST_CASE("braces in literals, comments and directives do not count") {
  CHECK(functions_in("void f() {\n  g('{', \"{\", R\"({)\");  // {\n  /* { */\n}") == "f:1+4");
  CHECK(functions_in("#define X(a) { \\\n  a {\nvoid f() {\n#if X {\n#endif\n}") == "f:3+4");
  CHECK(functions_in("int a = 1'000;\nvoid f() { int b = 2'000; }") == "f:2+1");
}

TEST_CASE("unmatched braces are admitted") {
  CHECK(functions_in("void f() {") == " unbalanced");
  CHECK(functions_in("}") == " unbalanced");
}

}  // namespace colossim::style
