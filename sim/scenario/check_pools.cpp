// Contradictions in pools, and the traces that are replayed on them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/scenario/fleet.hpp>
#include <colossim/scenario/trace.hpp>

#include "check.hpp"
#include "check_context.hpp"

namespace colossim {

namespace {

/// The tenants a queue policy tells apart by name; nothing when it takes any.
std::optional<Names> named_tenants(const QueueSpec& queue) {
  const auto names = [](const std::map<std::string, double>& values) {
    Names result;
    for (const auto& [name, value] : values) result.insert(name);
    return result;
  };
  if (const auto* quota = std::get_if<QuotaSpec>(&queue)) return names(quota->shares);
  const auto* fair = std::get_if<FairShareSpec>(&queue);
  if (fair != nullptr && !fair->weights.empty()) return names(fair->weights);
  return std::nullopt;
}

const PoolSpec* pool_of(const Scenario& scenario, const Ref& site, const Ref& tenant) {
  for (const auto& [name, pool] : scenario.pools) {
    if (pool.site == site && pool.tenant == tenant) return &pool;
  }
  return nullptr;
}

/// The streams of a pool that name no tenants of their own are known to its policy by their names.
void check_streams(const CheckContext& check, const std::string& path, const PoolSpec& pool) {
  const std::optional<Names> known = named_tenants(pool.queue);
  std::size_t streams = 0;
  for (const auto& [name, job] : check.scenario.jobs) {
    std::visit(
        [&, &stream = name](const auto& spec) {
          if (spec.site != pool.site || spec.tenant != pool.tenant) return;
          ++streams;
          if constexpr (requires { spec.accounts; }) return;
          if (known && known->count(stream) == 0) {
            check.report(
                path + ".queue", fmt::format("jobs.{} shares this pool and has no share", stream),
                did_you_mean(stream, std::vector<std::string>(known->begin(), known->end())));
          }
        },
        job);
  }
  if (streams == 0) {
    check.report(path, fmt::format("{} has no jobs at {} to share out nodes among",
                                   pool.tenant.name, pool.site.name));
  }
}

/// A policy that names nodes leaves nothing to a placement.
void check_placement(const CheckContext& check, const std::string& path, const PoolSpec& pool) {
  const bool names_nodes = std::holds_alternative<EasyMachinesSpec>(pool.queue);
  if (names_nodes && !std::holds_alternative<FirstFitPlacement>(pool.placement))
    check.report(path, "expected first_fit: easy_machines takes the lowest-numbered nodes",
                 "use `easy` to choose a placement");
}

void check_queue(const CheckContext& check, const std::string& path, const QueueSpec& queue) {
  if (const auto* quota = std::get_if<QuotaSpec>(&queue)) {
    double sum = 0;
    for (const auto& [name, share] : quota->shares) sum += share;
    if (sum > 1 + 1e-9)
      check.report(path + ".shares", fmt::format("expected at most 1 in all, found {:.6g}", sum));
  }
  if (const auto* las = std::get_if<LasSpec>(&queue)) {
    const auto& levels = las->thresholds;
    const bool ascend =
        std::adjacent_find(levels.begin(), levels.end(), std::greater_equal<>{}) == levels.end();
    if (levels.empty() || !ascend)
      check.report(path + ".thresholds", "expected at least one, each greater than the one before");
  }
}

TraceLimits limits_of(const Scenario& scenario, const std::string& stream, const TraceSpec& spec,
                      bool in_nodes) {
  const SiteSpec& site = scenario.sites.at(spec.site.name);
  // Sizes of the trace that come to no more than this when they are scaled and shrunk.
  const auto unscaled = [&](std::int64_t most) {
    const double least = spec.elastic ? spec.elastic->least : 1;
    const double asked = std::floor(static_cast<double>(most) / least + 1e-9);
    return static_cast<std::int64_t>(std::floor((asked + 0.49) / spec.scale_size));
  };
  const auto of_type = [&](const std::vector<Ref>& on) {
    const LargestType largest = largest_type(scenario, site, on);
    return in_nodes ? largest.nodes : largest.gpus;
  };
  TraceLimits limits;
  limits.greatest_size = unscaled(of_type(spec.on));
  limits.greatest_size_is = fmt::format(
      "what the {} {} of the largest server type at {} can run{}", of_type(spec.on),
      in_nodes ? "nodes" : "GPUs", spec.site.name,
      spec.scale_size == 1 ? "" : fmt::format(" at scale_size {:.6g}", spec.scale_size));
  limits.gpus.emplace();
  for (const Ref& gpu : spec.on) {
    limits.gpus->insert(gpu.name);
    limits.of_gpu.emplace(gpu.name, unscaled(of_type({gpu})));
  }
  const PoolSpec* pool = pool_of(scenario, spec.site, spec.tenant);
  if (pool == nullptr) return limits;
  limits.tenants = named_tenants(pool->queue);
  limits.nameless = stream;
  const auto* quota = std::get_if<QuotaSpec>(&pool->queue);
  if (quota == nullptr || quota->borrow || in_nodes) return limits;
  for (const auto& [tenant, share] : quota->shares) {
    const double gpus = share * static_cast<double>(gpu_count(scenario, site));
    limits.of_tenant.emplace(tenant, unscaled(static_cast<std::int64_t>(std::floor(gpus + 1e-6))));
  }
  return limits;
}

/// Saves that take longer than the work between them are a mistake, and would stretch jobs beyond
/// the clock.
void check_checkpoints(const CheckContext& check) {
  for (const auto& [name, job] : check.scenario.jobs) {
    std::visit(
        [&, path = "jobs." + name](const auto& spec) {
          if constexpr (requires { spec.checkpoint_write; }) {
            const bool saves = spec.checkpoint && spec.checkpoint->base() > 0;
            if (spec.checkpoint_write.base() > 0 && !saves) {
              check.report(path + ".checkpoint_write",
                           "expected a `checkpoint` above 0, the work between two saves");
            } else if (saves && spec.checkpoint_write > *spec.checkpoint) {
              check.report(path + ".checkpoint_write",
                           "expected at most `checkpoint`, the work between two saves");
            }
          }
        },
        job);
  }
}

void check_span(const CheckContext& check, const std::string& path, const TraceSpec& spec,
                const TraceSummary& summary) {
  if (spec.until && *spec.until <= spec.from) {
    check.report(path + ".until", "expected a time after `from`, found an earlier or equal one");
    return;
  }
  constexpr double longest = 3e9;  // s: 95 years
  if (summary.last_submit.quantity().base() * spec.scale_time > longest) {
    check.report(path + ".scale_time", "the last job would be submitted more than 95 years later");
    return;
  }
  const double first = summary.first_submit.quantity().base();
  const double last = summary.last_submit.quantity().base();
  const bool empty =
      summary.rows == 0 || last < spec.from.base() || (spec.until && first >= spec.until->base());
  if (empty)
    check.report(path + ".trace",
                 fmt::format("no job of the trace is submitted in the span that is "
                             "replayed; it has {} jobs from {:.6g} s to {:.6g} s",
                             summary.rows, first, last));
}

/// Rows that name no tenant belong to the stream, which then needs a share of its own.
void check_tenants(const CheckContext& check, const std::string& stream, const TraceSpec& spec,
                   const TraceSummary& summary) {
  const PoolSpec* pool = pool_of(check.scenario, spec.site, spec.tenant);
  if (pool == nullptr || summary.columns.tenant) return;
  const std::optional<Names> known = named_tenants(pool->queue);
  if (known && known->count(stream) == 0)
    check.report(
        fmt::format("jobs.{}.trace", stream),
        fmt::format("expected a column `tenant`, or a share for {}: the pool's queue tells "
                    "tenants apart by name",
                    stream));
}

/// Reads a whole trace once: every bad row is told, and what is found is noted.
void read_trace(const CheckContext& check, const std::string& stream, TraceSpec& spec) {
  const std::string path = "jobs." + stream;
  const double from = spec.from.base();
  const double until = spec.until ? spec.until->base() : std::numeric_limits<double>::infinity();
  const double end = from + check.scenario.duration.base() / spec.scale_time;
  spec.behind = 0;
  try {
    const bool in_nodes = TraceReader{spec.trace.path}.columns().nodes;
    const TraceSummary summary =
        check_trace(spec.trace.path, {.limits = limits_of(check.scenario, stream, spec, in_nodes)},
                    [&](const TraceJob& job) {
                      const double submit = job.submit.quantity().base();
                      spec.behind += submit >= from && submit < until && submit >= end ? 1 : 0;
                    });
    check_span(check, path, spec, summary);
    check_tenants(check, stream, spec, summary);
    const std::string checksum = fmt::format("{:016x}", summary.content_hash);
    if (!spec.checksum.empty() && spec.checksum != checksum)
      check.report(path + ".checksum", fmt::format("expected a trace with this checksum, found one "
                                                   "with {}: its content has changed",
                                                   checksum));
    spec.checksum = checksum;
    spec.accounts.insert(summary.tenants.begin(), summary.tenants.end());
  } catch (const ScenarioError& error) {
    for (const Diagnostic& problem : error.diagnostics()) check.diagnostics.add(problem);
  } catch (const std::system_error& error) {
    check.report(path + ".trace", fmt::format("cannot read it: {}", error.what()));
  }
}

}  // namespace

void check_pools(const CheckContext& check) {
  check_checkpoints(check);
  std::map<std::pair<std::string, std::string>, std::string> seen;
  for (const auto& [name, pool] : check.scenario.pools) {
    const std::string path = "pools." + name;
    const auto [other, is_new] =
        seen.try_emplace(std::pair{pool.site.name, pool.tenant.name}, path);
    if (!is_new)
      check.report(path, fmt::format("{} has its nodes at {} shared out already, by {}",
                                     pool.tenant.name, pool.site.name, check.at(other->second)));
    check_streams(check, path, pool);
    check_queue(check, path + ".queue", pool.queue);
    check_placement(check, path + ".placement", pool);
  }
}

void read_traces(Scenario& scenario, Diagnostics& diagnostics) {
  const CheckContext check{scenario, diagnostics};
  for (auto& [name, job] : scenario.jobs) {
    if (auto* trace = std::get_if<TraceSpec>(&job)) read_trace(check, name, *trace);
  }
}

}  // namespace colossim
