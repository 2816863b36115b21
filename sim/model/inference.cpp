// Decode speed, occupancy and power of an inference replica.
#include <algorithm>
#include <cmath>

#include <colossim/base/check.hpp>
#include <colossim/model/inference.hpp>

namespace colossim {

TokenRate throughput(const ReplicaLaw& law, double batch) {
  return batch * units::token / (law.t0 + law.t1 * batch);
}

TokenRate saturation(const ReplicaLaw& law) {
  return units::token / law.t1;
}

Time tpot(const ReplicaLaw& law, double rho) {
  return (law.t0 + law.t1) / (1.0 - rho);
}

double slo_load(const ReplicaLaw& law, Time tpot_slo) {
  return std::max(0.0, 1.0 - (law.t0 + law.t1) / tpot_slo);
}

double mean_occupancy(const ReplicaLaw& law, double rho) {
  return (1.0 + law.t0 / law.t1) * rho / (1.0 - rho);
}

Time mean_decode_time(const ReplicaLaw& law, double rho, double mean_output_tokens) {
  return mean_output_tokens * tpot(law, rho);
}

std::vector<double> occupancy_distribution(const ReplicaLaw& law, double rho, int cap) {
  COLOSSIM_CHECK(cap >= 0, "cap={}", cap);
  const double ratio = law.t0 / law.t1;
  const auto step = [&](std::size_t n) {  // p_n / p_(n−1)
    return rho * (static_cast<double>(n) + ratio) / static_cast<double>(n);
  };
  const auto last = static_cast<std::size_t>(cap);
  std::size_t mode = 0;
  while (mode < last && step(mode + 1) >= 1.0) ++mode;
  std::vector<double> p(last + 1);
  p[mode] = 1.0;
  for (std::size_t n = mode; n > 0; --n) p[n - 1] = p[n] / step(n);
  for (std::size_t n = mode + 1; n <= last; ++n) p[n] = p[n - 1] * step(n);
  double total = 0;
  for (const double weight : p) total += weight;
  for (double& weight : p) weight /= total;
  return p;
}

int batch_cap(const KvBudget& budget) {
  const Bytes memory = budget.memory_per_gpu * (budget.gpus / units::gpu) * budget.usable;
  const double caches = (memory - budget.weights) / (budget.kv_per_token * budget.context_tokens);
  return caches > 0 ? static_cast<int>(std::floor(caches)) : 0;
}

Power power_at_batch(std::span<const PowerPoint> points, double batch) {
  COLOSSIM_CHECK(!points.empty(), "batch={}", batch);
  if (batch <= points.front().batch) return points.front().power;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const PowerPoint& left = points[i - 1];
    const PowerPoint& right = points[i];
    if (batch > right.batch) continue;
    const double share = (batch - left.batch) / (right.batch - left.batch);
    return left.power + (right.power - left.power) * share;
  }
  return points.back().power;
}

}  // namespace colossim
