// Oracle for verdicts: claims of the seeds judged by hand (models 8.4, 1.3).
#include <limits>

#include <doctest/doctest.h>

#include <colossim/model/verdict.hpp>

using namespace colossim;

namespace {

Verdict simulated(ClaimBounds claim, ClaimBounds hull) {
  return judge(claim, {.simulated = hull});
}

}  // namespace

TEST_CASE("C6: $2 to 3M a day is implausible against a simulated $0.22M to 0.36M, by 5.6") {
  INFO("F = a/u = 2/0.36 = 5.556 > 1.25");
  CHECK(misfit_factor({2, 3}, {.22, .36}) == doctest::Approx(5.5556).epsilon(1e-4));
  CHECK(simulated({2, 3}, {.22, .36}) == Verdict::implausible);
}

TEST_CASE("a claim that overlaps the simulated range is plausible with factor 1") {
  CHECK(misfit_factor({3, 4}, {3.5, 6}) == 1);
  CHECK(misfit_factor({3, 4}, {4, 6}) == 1);
  CHECK(simulated({3, 4}, {1, 9}) == Verdict::plausible);
}

TEST_CASE("missing by a factor of exactly 1.25 is still plausible, on either side") {
  INFO("a/u = 10/8, l/b = 10/8");
  CHECK(simulated({10, 12}, {4, 8}) == Verdict::plausible);
  CHECK(simulated({4, 8}, {10, 12}) == Verdict::plausible);
  CHECK(simulated({10, 12}, {4, 7.9}) == Verdict::implausible);
  CHECK(simulated({4, 7.9}, {10, 12}) == Verdict::implausible);
}

TEST_CASE("below zero the factor is that of the mirrored ranges, across zero it is infinite") {
  INFO("-5 and -3 are the near ends of [-6, -5] and [-3, -2]: 5/3");
  CHECK(misfit_factor({-3, -2}, {-6, -5}) == doctest::Approx(5.0 / 3));
  CHECK(misfit_factor({-6, -5}, {-3, -2}) == misfit_factor({2, 3}, {5, 6}));
  CHECK(misfit_factor({2, 3}, {-1, 0}) == std::numeric_limits<double>::infinity());
  CHECK(misfit_factor({-3, -2}, {0, 1}) == std::numeric_limits<double>::infinity());
}

TEST_CASE("C7 contradicts C1: 30,000 to 50,000 GPUs are not 220,000") {
  INFO("220/50 = 4.4 > 1.25");
  CHECK(contradict({30e3, 50e3}, {220e3, 220e3}));
  CHECK(contradict({220e3, 220e3}, {30e3, 50e3}));
  CHECK_FALSE(contradict({200e3, 200e3}, {220e3, 230e3}));
  CHECK(judge({30e3, 50e3}, {.simulated = {}, .is_input = false, .is_contradicted = true}) ==
        Verdict::contradicts);
}

TEST_CASE("an input is assumed whatever it is, a claim without a metric is untestable") {
  CHECK(judge({1, 2}, {.simulated = ClaimBounds{1, 2}, .is_input = true}) == Verdict::assumed);
  CHECK(judge({1, 2}, {}) == Verdict::untestable);
  const Evidence both{.simulated = ClaimBounds{1, 2}, .is_input = false, .is_contradicted = true};
  CHECK(judge({1, 2}, both) == Verdict::plausible);
}

TEST_CASE("every verdict has a word") {
  CHECK(verdict_name(Verdict::plausible) == "plausible");
  CHECK(verdict_name(Verdict::implausible) == "implausible");
  CHECK(verdict_name(Verdict::contradicts) == "contradicts");
  CHECK(verdict_name(Verdict::assumed) == "assumed");
  CHECK(verdict_name(Verdict::untestable) == "untestable");
}
