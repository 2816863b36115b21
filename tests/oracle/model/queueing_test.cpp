// Oracle for queues: V1, V2, and Erlang's sums by their definition.
#include <array>
#include <initializer_list>

#include <doctest/doctest.h>

#include <colossim/model/queueing.hpp>

using namespace colossim;
using units::second;

namespace {

struct Case {
  double arrivals;
  int servers;
  double waits;  // probability
  double wait;   // mean, in service times
};

// models 10, V1
constexpr std::array<Case, 3> cases{{
    {8, 10, .409180, .204590},
    {90, 100, .216940, .021694},
    {18, 20, .550769, .275385},
}};

Station station(double arrivals, int servers) {
  return {.arrival_rate = arrivals / second, .mean_service = 1.0 * second, .servers = servers};
}

/// a^c/c! over Σ a^k/k!.
double erlang_b_by_sum(double offered, int servers) {
  double term = 1;
  double sum = 1;
  for (int k = 1; k <= servers; ++k) {
    term *= offered / k;
    sum += term;
  }
  return term / sum;
}

}  // namespace

TEST_CASE("V1: Erlang C gives the tabulated waiting probability and mean wait") {
  for (const Case& at : cases) {
    INFO("λ = ", at.arrivals, ", μ = 1, c = ", at.servers, ": Wq = C/(cμ − λ)");
    CHECK(erlang_c(at.arrivals, at.servers) == doctest::Approx(at.waits).epsilon(7e-7));
    CHECK(mmc_wait(station(at.arrivals, at.servers)).in(second) ==
          doctest::Approx(at.wait).epsilon(7e-7));
  }
}

TEST_CASE("V1: the mean queue at 8 offered to 10 servers is 1.636721") {
  const Station ten = station(8, 10);
  INFO("Lq = λ·Wq = 8·0.2045901");
  CHECK(ten.arrival_rate * mmc_wait(ten) == doctest::Approx(1.636721).epsilon(1e-6));
  CHECK(utilization(ten) == doctest::Approx(0.8).epsilon(1e-15));
}

TEST_CASE("the recursion for Erlang B equals the quotient of its definition") {
  for (int servers = 0; servers <= 60; ++servers) {
    for (const double offered : {0.1, 1.0, 7.5, 40.0}) {
      INFO("a^c/c! / Σ a^k/k!, a = ", offered, ", c = ", servers);
      CHECK(erlang_b(offered, servers) ==
            doctest::Approx(erlang_b_by_sum(offered, servers)).epsilon(1e-12));
    }
  }
}

TEST_CASE("one server waits as in M/M/1 and an overloaded station always waits") {
  INFO("M/M/1: C = ρ, Wq = ρ/(μ − λ) = .8/.2 = 4");
  CHECK(erlang_c(0.8, 1) == doctest::Approx(0.8).epsilon(1e-14));
  CHECK(mmc_wait(station(0.8, 1)).in(second) == doctest::Approx(4.0).epsilon(1e-12));
  CHECK(erlang_c(10, 10) == 1);
  CHECK(erlang_c(12, 10) == 1);
  CHECK(erlang_c(0, 10) == 0);
}

TEST_CASE("V2: M/G/1 at load 0.8 waits 2, 4 and 10 service times at SCV 0, 1 and 4") {
  Station queue = station(0.8, 1);
  INFO("ρ/(1 − ρ)·(1 + c²)/2 = 4·(1 + c²)/2");
  queue.service_scv = 0;
  CHECK(pollaczek_khinchine_wait(queue).in(second) == doctest::Approx(2.0).epsilon(1e-12));
  queue.service_scv = 1;
  CHECK(pollaczek_khinchine_wait(queue).in(second) == doctest::Approx(4.0).epsilon(1e-12));
  queue.service_scv = 4;
  CHECK(pollaczek_khinchine_wait(queue).in(second) == doctest::Approx(10.0).epsilon(1e-12));
}

TEST_CASE("Allen-Cunneen is exact for M/M/c and M/G/1 and halves without service variability") {
  Station many = station(18, 20);
  CHECK(allen_cunneen_wait(many) == mmc_wait(many));
  many.service_scv = 0;
  CHECK(allen_cunneen_wait(many) / mmc_wait(many) == doctest::Approx(0.5).epsilon(1e-15));
  Station one = station(0.8, 1);
  one.service_scv = 4;
  CHECK(allen_cunneen_wait(one) / pollaczek_khinchine_wait(one) ==
        doctest::Approx(1.0).epsilon(1e-12));
}
