// Common random numbers: jobs that draw as others do meet the same chances.
#include <string>

#include <doctest/doctest.h>

#include <colossim/world/simulate.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

/// Metrics of one stream of jobs, called `name`, with more in its map.
std::vector<MetricValue> metrics_of(const std::string& name, const std::string& more,
                                    std::int64_t seed = 1) {
  const std::string text =
      "jobs: {" + name +
      ": {kind: batch, tenant: owner, site: here, on: [h100_sxm], arrivals: 2 1/h, gpus: {choice: "
      "{8 gpu: 60 %, 64 gpu: 40 %}}, runtime: {lognormal: {median: 3 h, sigma: 1}}" +
      more + "}}\n";
  return simulate(test::load_text(test::small_site() + text, {{"seed", std::to_string(seed)}}))
      .metrics;
}

}  // namespace

TEST_CASE("jobs that draw as others do are those jobs, whatever they are called") {
  const std::vector<MetricValue> first = metrics_of("ours", "");
  const std::vector<MetricValue> same = metrics_of("theirs", ", draws_as: ours");
  const std::vector<MetricValue> apart = metrics_of("theirs", "");
  REQUIRE(first.size() == same.size());
  std::size_t differ = 0;
  for (std::size_t m = 0; m < first.size(); ++m) {
    INFO("a stream's key is hashed from the name it draws as: " << first[m].name << ", "
                                                                << same[m].name);
    CHECK(first[m].value == same[m].value);
    differ += first[m].value != apart[m].value ? 1 : 0;
  }
  CHECK(differ > 10);
}

TEST_CASE("paired draws cut the variance of a difference as their correlation says") {
  // Var(A - B) = Var A + Var B - 2 Cov: without common numbers the covariance is nought. The
  // second stream has a tenth more arrivals, so that it is not the first again.
  constexpr int seeds = 24;
  const auto energy = [](const std::string& name, const std::string& more, int seed) {
    for (const MetricValue& value : metrics_of(name, more, seed)) {
      if (value.name == "site.here.energy") return value.value;
    }
    return 0.0;
  };
  const auto variance_of_difference = [&](const std::string& more) {
    double sum = 0;
    double squares = 0;
    for (int seed = 1; seed <= seeds; ++seed) {
      const double d = energy("theirs", ", activity: 75 %" + more, seed) - energy("ours", "", seed);
      sum += d;
      squares += d * d;
    }
    return (squares - sum * sum / seeds) / (seeds - 1);
  };
  const double paired = variance_of_difference(", draws_as: ours");
  const double apart = variance_of_difference("");
  INFO("paired " << paired << ", apart " << apart);
  CHECK(paired < apart / 5);
}
