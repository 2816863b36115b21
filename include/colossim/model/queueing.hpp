// For waiting times: the classical queues with one or many servers, in closed form.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Probability that an arrival is lost when `servers` ≥ 0 without a queue are offered
/// `offered` ≥ 0 erlang (arrival rate × mean service). [erlang1917]
///   B_0 = 1,  B_k = a·B_(k−1) / (k + a·B_(k−1))                                    [models_4_3]
double erlang_b(double offered, int servers);

/// Probability that an arrival must wait when the queue is unlimited: B / (1 − (a/c)(1 − B)); 1 if
/// the servers are overloaded (offered ≥ servers). [erlang1917], [models_4_3]
double erlang_c(double offered, int servers);

/// A station that serves in order of arrival. Requires arrival_rate × mean_service < servers.
struct Station {
  Frequency arrival_rate;
  Time mean_service;
  int servers = 1;
  double arrival_scv = 1;  // squared coefficient of variation between arrivals; 1 is Poisson
  double service_scv = 1;  // of service times; 1 is exponential, 0 constant
};

/// Share of the servers' time that is used, λ·E[S]/c.
double utilization(const Station& station);

/// Mean wait [s] in M/M/c: C / (cμ − λ). Ignores both variabilities. [kleinrock1975]
Time mmc_wait(const Station& station);

/// Mean wait [s] in M/G/1, exact: ρ·E[S]·(1 + c_s²) / (2(1 − ρ)). Ignores `servers` and
/// `arrival_scv`. [pollaczek1930], [models_4_3]
Time pollaczek_khinchine_wait(const Station& station);

/// Mean wait [s] in G/G/c, an approximation that is exact for M/M/c and M/G/1:
///   W ≈ C/(cμ − λ) · (c_a² + c_s²)/2                              [allen1990], [models_4_3]
Time allen_cunneen_wait(const Station& station);

}  // namespace colossim
