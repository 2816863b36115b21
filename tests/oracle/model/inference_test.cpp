// Oracle for serving: V4 in closed form, and the measured rows of models 2.2 (V15).
#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/model/inference.hpp>

using namespace colossim;
using units::gpu;
using units::millisecond;
using units::second;
using units::token;
using units::watt;

namespace {

const ReplicaLaw llama_70b_h100{16.35 * millisecond, 0.1375 * millisecond};

struct Measured {
  double batch;
  double tokens_per_second;  // per GPU
};

struct Row {
  const char* name;
  ReplicaLaw law;
  double gpus;
  double tolerance;
  std::vector<Measured> points;
};

// models 2.2: ML.ENERGY benchmark v3
const std::array<Row, 8> rows{{
    {"Llama-3.1-70B BF16, 4 H100",
     llama_70b_h100,
     4,
     .04,
     {{8, 117}, {64, 628}, {128, 969}, {256, 1229}, {512, 1480}}},
    {"Llama-3.1-405B FP8, 8 H100",
     {30.97 * millisecond, 0.2903 * millisecond},
     8,
     .05,
     {{8, 29}, {64, 169}, {128, 237}, {256, 295}}},
    {"Qwen3-235B-A22B FP8, 8 H100",
     {25.95 * millisecond, 0.1375 * millisecond},
     8,
     .07,
     {{8, 39}, {64, 220}, {128, 355}, {256, 540}, {512, 668}}},
    {"gpt-oss-120b, 2 H100",
     {8.21 * millisecond, 0.0872 * millisecond},
     2,
     .23,
     {{8, 553}, {64, 1953}, {128, 2714}, {256, 4111}, {512, 5072}}},
    {"Llama-3.1-8B BF16, 1 H100",
     {6.73 * millisecond, 0.0881 * millisecond},
     1,
     .03,
     {{8, 1070}, {64, 5147}, {128, 7037}, {256, 9010}, {512, 9806}}},
    {"Llama-3.1-70B BF16, 2 B200",
     {16.84 * millisecond, 0.1018 * millisecond},
     2,
     .12,
     {{8, 238}, {64, 1299}, {128, 1989}, {256, 2686}, {512, 3567}}},
    {"Llama-3.1-405B FP8, 4 B200",
     {28.89 * millisecond, 0.2375 * millisecond},
     4,
     .03,
     {{8, 66}, {64, 359}, {128, 543}, {256, 720}, {512, 847}}},
    {"DeepSeek-V3.1 FP8, 8 B200",
     {21.38 * millisecond, 0.1169 * millisecond},
     8,
     .26,
     {{8, 56}, {64, 222}, {128, 363}, {256, 567}, {512, 698}}},
}};

double mean_of(std::span<const double> p) {
  double sum = 0;
  for (std::size_t n = 0; n < p.size(); ++n) sum += static_cast<double>(n) * p[n];
  return sum;
}

}  // namespace

TEST_CASE("V4: at load 0.6 a 70B replica holds 179.9 requests for 14.43 s at 41.2 ms per token") {
  INFO("r = 16.35/.1375 = 118.909; (1 + r)·.6/.4 = 179.864; 350·16.4875 ms/.4 = 14.4266 s");
  CHECK(mean_occupancy(llama_70b_h100, 0.6) == doctest::Approx(179.8636364).epsilon(1e-9));
  CHECK(mean_decode_time(llama_70b_h100, 0.6, 350).in(second) ==
        doctest::Approx(14.4265625).epsilon(1e-12));
  CHECK(tpot(llama_70b_h100, 0.6).in(millisecond) == doctest::Approx(41.21875).epsilon(1e-12));
}

TEST_CASE("V4: at load 0.3 it holds 51.4 requests for 8.24 s") {
  INFO("119.909·.3/.7 = 51.3896; 350·16.4875 ms/.7 = 8.24375 s");
  CHECK(mean_occupancy(llama_70b_h100, 0.3) == doctest::Approx(51.3896104).epsilon(1e-9));
  CHECK(mean_decode_time(llama_70b_h100, 0.3, 350).in(second) ==
        doctest::Approx(8.24375).epsilon(1e-12));
}

TEST_CASE("V4: occupancy, arrival rate and decode time obey Little's law") {
  constexpr double tokens = 350;
  for (const double rho : {0.1, 0.5, 0.9, 0.99}) {
    const Frequency arrivals = rho * (saturation(llama_70b_h100) / token) / tokens;
    INFO("N = λ·T with λ = ρ/(L·t1), ρ = ", rho);
    CHECK(arrivals * mean_decode_time(llama_70b_h100, rho, tokens) ==
          doctest::Approx(mean_occupancy(llama_70b_h100, rho)).epsilon(1e-12));
  }
}

TEST_CASE("a mean TPOT of 50 ms allows load 0.67, which is 1,219 token/s per GPU") {
  const double load = slo_load(llama_70b_h100, 50.0 * millisecond);
  INFO("1 − 16.4875/50 = .67025; .67025/.1375 ms/4 = 1,218.6");
  CHECK(load == doctest::Approx(.67025).epsilon(1e-12));
  const TokenRate per_gpu = saturation(llama_70b_h100) * load / 4;
  CHECK(per_gpu / (token / second) == doctest::Approx(1218.636).epsilon(1e-6));
  CHECK(tpot(llama_70b_h100, load).in(millisecond) == doctest::Approx(50).epsilon(1e-12));
  CHECK(slo_load(llama_70b_h100, 10.0 * millisecond) == 0);
}

TEST_CASE("V4: the occupancy distribution has the closed form's mean when the cap does not bind") {
  for (const double rho : {0.0, 0.3, 0.6, 0.9}) {
    const auto p = occupancy_distribution(llama_70b_h100, rho, 5'000);
    INFO("negative binomial, ρ = ", rho, ": mean (1 + r)ρ/(1 − ρ)");
    CHECK(std::accumulate(p.begin(), p.end(), 0.0) == doctest::Approx(1).epsilon(1e-12));
    CHECK(mean_of(p) == doctest::Approx(mean_occupancy(llama_70b_h100, rho)).epsilon(1e-9));
  }
}

TEST_CASE("with t0 = t1 the occupancy weights are (n + 1)·rho^n") {
  const ReplicaLaw law{1.0 * millisecond, 1.0 * millisecond};
  const auto p = occupancy_distribution(law, 0.5, 3);
  INFO("1, 2/2, 3/4, 4/8 over their sum 3.25");
  CHECK(p[0] == doctest::Approx(1 / 3.25).epsilon(1e-14));
  CHECK(p[1] == doctest::Approx(1 / 3.25).epsilon(1e-14));
  CHECK(p[2] == doctest::Approx(.75 / 3.25).epsilon(1e-14));
  CHECK(p[3] == doctest::Approx(.5 / 3.25).epsilon(1e-14));
}

TEST_CASE("cut occupancy balances arrivals against decode rates state by state, also overloaded") {
  constexpr int cap = 300;
  for (const double rho : {0.5, 0.97, 0.9999, 1.3}) {
    const auto p = occupancy_distribution(llama_70b_h100, rho, cap);
    double flow_error = 0;
    for (int n = 1; n <= cap; ++n) {
      const auto i = static_cast<std::size_t>(n);
      const double up = p[i - 1] * rho * (saturation(llama_70b_h100) / (token / second));
      const double down = p[i] * (throughput(llama_70b_h100, n) / (token / second));
      flow_error = std::max(flow_error, std::abs(up - down) / (up + down + 1e-300));
    }
    INFO("p_(n−1)·ρ/t1 = p_n·n/(t0 + t1·n), ρ = ", rho);
    CHECK(flow_error < 1e-12);
  }
}

TEST_CASE("near saturation the weights span more than a double, yet the distribution holds") {
  const auto p = occupancy_distribution(llama_70b_h100, 0.9999, 100'000);
  INFO("from p_0 = 1 the weights would grow as n^r/r!, r = 118.9, past the largest double");
  CHECK(std::accumulate(p.begin(), p.end(), 0.0) == doctest::Approx(1).epsilon(1e-12));
  CHECK(mean_of(p) > 90'000);
}

TEST_CASE("V15: affine fits give the measured throughput within each row's tolerance") {
  for (const Row& row : rows) {
    for (const Measured& point : row.points) {
      const double fit = throughput(row.law, point.batch) / (token / second) / row.gpus;
      INFO(row.name, " at batch ", point.batch, ": b/(t0 + t1·b)/gpus = ", fit, ", measured ",
           point.tokens_per_second);
      CHECK(std::abs(fit / point.tokens_per_second - 1) <= row.tolerance);
    }
  }
}

TEST_CASE("the batch cap is the memory left by the weights over the cache of one request") {
  const KvBudget budget{.gpus = 4.0 * gpu,
                        .memory_per_gpu = Bytes{80e9},
                        .weights = Bytes{141e9},
                        .kv_per_token = Bytes{327'680},
                        .context_tokens = 2'000};
  INFO("(4·80e9·.9 − 141e9)/(327,680·2,000) = 147e9/655.36e6 = 224.3");
  CHECK(batch_cap(budget) == 224);
  KvBudget too_big = budget;
  too_big.weights = Bytes{300e9};
  CHECK(batch_cap(too_big) == 0);
}

TEST_CASE("V15: GPU power is the measured one at measured batches and on straight lines between") {
  const std::array<PowerPoint, 5> llama{{{8, 441.0 * watt},
                                         {64, 500.0 * watt},
                                         {128, 546.0 * watt},
                                         {256, 589.0 * watt},
                                         {512, 623.0 * watt}}};
  for (const PowerPoint& point : llama) CHECK(power_at_batch(llama, point.batch) == point.power);
  INFO("halfway between 64 and 128: (500 + 546)/2 = 523 W");
  CHECK(power_at_batch(llama, 96).in(watt) == doctest::Approx(523).epsilon(1e-14));
  CHECK(power_at_batch(llama, 1) == 441.0 * watt);
  CHECK(power_at_batch(llama, 4'000) == 623.0 * watt);
  CHECK(power_at_batch(std::span(llama).first(1), 100) == 441.0 * watt);
}
