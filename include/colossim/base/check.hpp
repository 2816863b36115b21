// Invariant checks: what must be true whatever the user wrote.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace colossim {

/// A broken invariant: always a bug, never reachable by user input. `simulate` adds the simulated
/// time and the event number; the executable prints it and leaves with exit code 70.
class InvariantBroken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_check(std::string_view condition, std::string_view file, int line,
                             const std::string& values);

}  // namespace colossim

/// Always on; for cheap facts. `COLOSSIM_CHECK(a <= b, "a={} b={}", a, b)`.
#define COLOSSIM_CHECK(condition, ...)                                                    \
  do {                                                                                    \
    if (!(condition)) [[unlikely]]                                                        \
      ::colossim::fail_check(#condition, __FILE__, __LINE__, ::fmt::format(__VA_ARGS__)); \
  } while (false)

/// On in debug builds only; for facts that cost more than the work they guard.
#ifdef NDEBUG
#define COLOSSIM_DCHECK(condition, ...) static_cast<void>(0)
#else
#define COLOSSIM_DCHECK(condition, ...) COLOSSIM_CHECK(condition, __VA_ARGS__)
#endif
