// For serving: how fast a replica decodes, how many requests it holds, and what its GPUs draw.
#pragma once

#include <span>
#include <vector>

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Decode speed of one replica (all its GPUs together): an iteration over a batch of b requests
/// takes t0 + t1·b and gives each of them one token. Fits to measurements: [ml_energy_v3].
struct ReplicaLaw {
  Time t0;  // per iteration: weights are read once
  Time t1;  // per request in the batch: its cache is read, its arithmetic done; > 0
};

/// Output tokens per second of a replica at batch `b` ≥ 0: b / (t0 + t1·b).
TokenRate throughput(const ReplicaLaw& law, double batch);

/// The rate [token/s] that throughput approaches as the batch grows: 1/t1. [models_4_2]
TokenRate saturation(const ReplicaLaw& law);

/// Mean time per output token at load ρ = token rate asked for / saturation, in [0, 1), for
/// Poisson requests in one continuous batch. Continuous batching is processor sharing with a
/// state-dependent rate, so the distribution of lengths does not matter [cohen1979].
///   TPOT = (t0 + t1) / (1 − ρ)                                                     [models_4_3]
Time tpot(const ReplicaLaw& law, double rho);

/// The highest load at which *mean* TPOT meets `tpot_slo`: 1 − (t0 + t1)/TPOT; 0 where a request
/// alone is too slow. A percentile target needs `occupancy_distribution`. [models_4_3]
double slo_load(const ReplicaLaw& law, Time tpot_slo);

/// Mean number of requests in decode at load `rho` in [0, 1): (1 + t0/t1)·ρ/(1 − ρ). [models_4_3]
double mean_occupancy(const ReplicaLaw& law, double rho);

/// Mean time a request of `mean_output_tokens` spends in decode: tokens × TPOT. [models_4_3]
Time mean_decode_time(const ReplicaLaw& law, double rho, double mean_output_tokens);

/// Probability of n = 0..cap requests in decode at load `rho` ≥ 0 for a replica that turns away
/// what its batch cannot hold: negative binomial, cut at `cap` ≥ 0 and renormalised.
///   p_n / p_(n−1) = ρ·(n + t0/t1)/n                                                [models_4_3]
/// Built outwards from the most likely n, so no load underflows.
std::vector<double> occupancy_distribution(const ReplicaLaw& law, double rho, int cap);

/// Memory that bounds a replica's batch.
struct KvBudget {
  GpuCount gpus;
  Bytes memory_per_gpu;
  double usable = 0.9;        // of it [models_4_2]
  Bytes weights;              // of the replica, all GPUs together
  Bytes kv_per_token;         // key-value cache of one token, > 0
  double context_tokens = 0;  // held per request: prompt and output so far, > 0
};

/// Requests whose caches fit beside the weights: ⌊(n·HBM·usable − weights)/(KV·context)⌋, 0 where
/// the weights alone do not fit. [models_4_2]
int batch_cap(const KvBudget& budget);

/// A measured point of GPU power against the replica's batch.
struct PowerPoint {
  double batch = 0;
  Power power;  // of one GPU
};

/// Power [W] of one GPU at `batch` by straight lines between measured `points`; the first or last
/// value outside them. Requires at least one point, batches ascending. [ml_energy_v3]
Power power_at_batch(std::span<const PowerPoint> points, double batch);

}  // namespace colossim
