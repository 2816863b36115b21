// Running the executable and keeping what it printed.
#pragma once

#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <colossim/base/atomic_file.hpp>

#include "scenarios.hpp"

namespace colossim::test {

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Finished {
  int exit_code = -1;  // 128 + signal when it was killed
  std::string standard_output;
  std::string standard_error;
};

/// Runs the executable under test; `prepare` runs in the child (limits, closed descriptors).
inline Finished run_executable(const std::vector<std::string>& arguments,
                               const std::function<void()>& prepare = {}) {
  const TemporaryFolder folder;
  const std::filesystem::path out = folder.path() / "out";
  const std::filesystem::path err = folder.path() / "err";
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    if (prepare) prepare();
    std::vector<char*> words{const_cast<char*>(COLOSSIM_EXECUTABLE)};
    for (const std::string& argument : arguments)
      words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(COLOSSIM_EXECUTABLE, words.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  constexpr std::size_t limit = std::size_t{64} << 20;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_file(out, limit),
          read_file(err, limit)};
}

}  // namespace colossim::test
