// A sweep that is killed again and again loses nothing.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>

#include "../support/sweeps.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

/// Starts `colossim sweep run -j 2` in a process group of its own.
::pid_t start(const SmallStudy& study) {
  const std::vector<std::string> arguments{COLOSSIM_EXECUTABLE,
                                           "sweep",
                                           "run",
                                           study.study().string(),
                                           "-j",
                                           "2",
                                           "--results",
                                           study.results().string(),
                                           "--catalog",
                                           COLOSSIM_SOURCE_DIR "/scenarios/catalog"};
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open("/dev/null", O_RDWR), STDOUT_FILENO);
    ::dup2(STDOUT_FILENO, STDERR_FILENO);
    std::vector<char*> words;
    for (const std::string& argument : arguments)
      words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(COLOSSIM_EXECUTABLE, words.data());
    ::_exit(127);
  }
  return child;
}

}  // namespace

TEST_CASE("kill -9 at 200 random moments of a sweep: nothing lost, doubled or half-written") {
#if defined(__SANITIZE_ADDRESS__)
  const std::string points = "80";  // a start alone takes a second
  const int usual = 20;
#else
  const std::string points = "150";
  const int usual = 200;
#endif
  const SmallStudy study{
      "axes: {price: {path: contracts.lease.price, linspace: {from: 1 USD/gpu/h, to: 3 USD/gpu/h, "
      "points: " +
      points + "}}}\nreplicates: 2\nseries: [\"*it_power*\"]\n"};
  const auto begun = std::chrono::steady_clock::now();
  REQUIRE(study.run("whole.db").exit_code == 0);
  const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - begun;
  const std::string wanted = study.content("whole.db");
  const char* runs = std::getenv("COLOSSIM_PROPERTY_RUNS");
  const int kills = runs != nullptr ? std::atoi(runs) : usual;
  Stream moments{StreamName{.seed = 9, .path = "kill", .purpose = "moments"}};
  int ended = 0;
  for (int i = 0; i < kills; ++i) {
    const ::pid_t child = start(study);
    // Starts over and over take longer than one sweep; a few reach its end.
    std::this_thread::sleep_for(whole * (0.2 * moments.uniform()));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ended += WIFEXITED(status) ? 1 : 0;
  }
  INFO(kills << " kills, " << ended << " of them after the end");
  const Finished last = study.run();
  INFO(last.standard_output << last.standard_error);
  CHECK(last.exit_code == 0);
  CHECK(study.content() == wanted);
  CHECK(study.sweep({"export", "--csv"}).standard_output ==
        study.sweep({"export", "--csv"}, "whole.db").standard_output);
}
