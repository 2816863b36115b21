// Proves that the executable takes no mathematics from the machine's libm: its last bits differ
// from one system to the next, and ours may not.
#include <array>
#include <cstdio>
#include <set>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <vector>

#include <doctest/doctest.h>

namespace colossim::style {

// Shared by the style tests; source_text_test.cpp defines it.
std::string one_per_line(const std::vector<std::string>& lines);

namespace {

/// sqrt, floor and ceil are exact by IEEE 754 and therefore allowed.
const std::set<std::string>& forbidden_functions() {
  static const std::set<std::string> names = {
      "exp",     "exp2",   "exp10",  "expm1",     "log",    "log2",  "log10",  "log1p",
      "pow",     "sin",    "cos",    "tan",       "sincos", "asin",  "acos",   "atan",
      "atan2",   "sinh",   "cosh",   "tanh",      "asinh",  "acosh", "atanh",  "cbrt",
      "hypot",   "tgamma", "lgamma", "erf",       "erfc",   "fmod",  "round",  "lround",
      "llround", "rint",   "trunc",  "nearbyint", "ldexp",  "frexp", "scalbn", "remainder"};
  return names;
}

/// The function that a name like `powf@GLIBC_2.27` belongs to.
std::string function_of(const std::string& symbol) {
  const auto name = symbol.substr(0, symbol.find('@'));
  const bool suffixed = name.ends_with('f') || name.ends_with('l');
  const auto stem = name.substr(0, name.size() - (suffixed ? 1 : 0));
  return forbidden_functions().contains(name) ? name : stem;
}

/// The forbidden names in the output of nm, one symbol at the end of each line.
std::vector<std::string> forbidden_in(const std::string& symbols) {
  std::vector<std::string> found;
  std::istringstream lines(symbols);
  for (std::string line; std::getline(lines, line);) {
    const auto symbol = line.substr(line.find_last_of(' ') + 1);
    if (forbidden_functions().contains(function_of(symbol))) {
      found.push_back(symbol);
    }
  }
  return found;
}

struct Output {
  std::string text;
  int status;
};

Output output_of(const std::string& command) {
  auto* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 1; n > 0; text.append(buffer.data(), n)) {
    n = fread(buffer.data(), 1, buffer.size(), pipe);
  }
  const int status = pclose(pipe);
  return {text, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

}  // namespace

TEST_CASE("the executable calls nothing of libm but sqrt, floor and ceil") {
  const auto symbols = output_of("nm -D --undefined-only '" COLOSSIM_EXECUTABLE "'");
  REQUIRE(symbols.status == 0);
  REQUIRE_MESSAGE(!symbols.text.empty(), "nm lists no symbols: is this a dynamic executable?");
  CHECK(one_per_line(forbidden_in(symbols.text)) == "");
}

TEST_CASE("a libm symbol is found with its suffix and its version") {
  CHECK(one_per_line(forbidden_in("                 U exp@GLIBC_2.29\n                 U powf\n"
                                  "                 w llroundl@GLIBC_2.2.5\n")) ==
        "exp@GLIBC_2.29\npowf\nllroundl@GLIBC_2.2.5\n");
}

TEST_CASE("exact functions and names that only look alike pass") {
  CHECK(forbidden_in(" U sqrt@GLIBC_2.2.5\n U floor\n U ceilf\n U printf\n U _Z3expd\n U logf_\n")
            .empty());
}

}  // namespace colossim::style
