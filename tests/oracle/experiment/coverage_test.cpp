// Whether the interval of a difference holds what it says, on queues whose mean wait is known.
#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/random.hpp>
#include <colossim/experiment/decision.hpp>

using namespace colossim;

namespace {

constexpr double arrivals = 0.5;  // per unit of time

/// Mean wait of an M/M/1 queue: ρ/(μ − λ).
double known_wait(double rate) {
  return arrivals / rate / (rate - arrivals);
}

/// Mean wait of 200 customers, the first of whom finds the queue in its stationary state: nobody
/// with probability 1 − ρ, else an exponential wait of mean 1/(μ − λ). So no warm-up is left out.
double simulated_wait(double rate, std::uint64_t replication) {
  const auto stream = [&](std::string_view purpose) {
    return Stream{
        StreamName{.seed = 400, .path = "queue", .purpose = purpose, .replication = replication}};
  };
  Stream first = stream("first");
  Stream gaps = stream("gaps");
  Stream services = stream("services");
  const double there = first.uniform();
  const double long_wait = exponential(first, 1 / (rate - arrivals));
  double wait = there < arrivals / rate ? long_wait : 0;
  constexpr int customers = 200;
  double sum = 0;
  for (int i = 0; i < customers; ++i) {
    sum += wait;
    const double service = exponential(services, 1) / rate;
    const double gap = exponential(gaps, 1 / arrivals);
    wait = std::max(0.0, wait + service - gap);
  }
  return sum / customers;
}

}  // namespace

TEST_CASE("the 95 % interval of a paired difference covers the known one in 93 to 97 % of 400") {
  const double known = known_wait(1.0) - known_wait(1.1);
  constexpr int experiments = 400;
  constexpr int pairs = 30;
  int covered = 0;
  double paired = 0;
  double apart = 0;
  for (int e = 0; e < experiments; ++e) {
    std::vector<double> differences;
    std::vector<double> one;
    std::vector<double> other;
    for (int r = 0; r < pairs; ++r) {
      const auto replication = static_cast<std::uint64_t>(e * pairs + r);
      one.push_back(simulated_wait(1.0, replication));
      other.push_back(simulated_wait(1.1, replication));
      differences.push_back(one.back() - other.back());
    }
    const Estimate found = estimate(differences);
    covered += std::abs(found.value - known) <= found.half_width ? 1 : 0;
    const double width_one = estimate(one).half_width;
    const double width_other = estimate(other).half_width;
    paired += found.half_width * found.half_width;
    apart += width_one * width_one + width_other * width_other;
  }
  const double share = static_cast<double>(covered) / experiments;
  INFO("W(1) - W(1.1) = 0.5/(1·0.5) - 0.5/(1.1·0.6) = " << known << "; covered in " << covered
                                                        << " of 400");
  CHECK(share >= 0.93);
  CHECK(share <= 0.97);
  INFO("unpaired over paired variance: " << apart / paired);
  CHECK(apart > 5 * paired);
}
