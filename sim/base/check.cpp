// How a broken invariant is worded.
#include <colossim/base/check.hpp>

namespace colossim {

void fail_check(std::string_view condition, std::string_view file, int line,
                const std::string& values) {
  const auto slash = file.find_last_of('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  throw InvariantBroken(
      fmt::format("{}:{}: broken invariant: {} ({})", file, line, condition, values));
}

}  // namespace colossim
