// Contradictions in jobs and services.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include <colossim/model/inference.hpp>
#include <colossim/scenario/fleet.hpp>

#include "check_context.hpp"

namespace colossim {

namespace {

void check_window(const CheckContext& check, const std::string& path,
                  const std::optional<Date>& from, const std::optional<Date>& until) {
  if (until && *until <= from.value_or(check.scenario.start)) {
    check.report(path + ".until", "expected a day after the first, found an earlier or equal one");
  }
}

/// GPU types a list names must exist at the site and differ.
void check_types(const CheckContext& check, const std::string& path, const std::vector<Ref>& on,
                 const std::string& site) {
  const auto present = gpus_by_type(check.scenario, check.scenario.sites.at(site));
  std::set<std::string> seen;
  if (on.empty()) check.report(path + ".on", "expected at least one GPU type");
  for (const Ref& type : on) {
    if (present.count(type.name) == 0) {
      check.report(path + ".on", fmt::format("site {} has no {}", site, type.name),
                   fmt::format("it has: {}", fmt::join(names_of(present), ", ")));
    }
    if (!seen.insert(type.name).second)
      check.report(path + ".on", fmt::format("{} is named twice", type.name));
  }
}

template <class Job>
std::int64_t largest_for(const CheckContext& check, const Job& job) {
  return largest_type(check.scenario, check.scenario.sites.at(job.site.name), job.on).gpus;
}

void check_whole_gpus(const CheckContext& check, const std::string& path, double gpus) {
  if (gpus != std::floor(gpus))
    check.report(path, fmt::format("expected whole GPUs, found {}", gpus));
}

void check_job(const CheckContext& check, const std::string& path, const BatchSpec& job) {
  check_types(check, path, job.on, job.site.name);
  check_window(check, path, job.from, job.until);
  const DistributionData& size = job.gpus.data;
  if (size.least() < 1)
    check.report(path + ".gpus", "a job may come out smaller than 1 GPU", "use uniform or choice");
  const auto largest = static_cast<double>(largest_for(check, job));
  if (size.greatest() > largest) {
    check.report(
        path + ".gpus",
        fmt::format("a job may need more GPUs than the {} the site has of its types", largest),
        "add `max:`, or list a larger type");
  }
  if (size.kind == DistributionData::Kind::constant)
    check_whole_gpus(check, path + ".gpus", size.a);
  for (const double value : size.values) check_whole_gpus(check, path + ".gpus", value);
  const double count = job.arrivals.base() * check.scenario.duration.base();
  if (count > 2e7)
    check.report(path + ".arrivals", fmt::format("{:.3g} jobs are more than a run can hold", count),
                 "lower the rate");
}

void check_job(const CheckContext& check, const std::string& path, const TrainingSpec& job) {
  check_types(check, path, job.on, job.site.name);
  check_window(check, path, job.from, job.until);
  check_whole_gpus(check, path + ".gpus", job.gpus.base());
  const std::int64_t largest = largest_for(check, job);
  if (job.gpus.base() > static_cast<double>(largest)) {
    check.report(path + ".gpus",
                 fmt::format("expected at most {}, the most GPUs of one listed type; found {}",
                             largest, job.gpus.base()));
  }
}

void check_job(const CheckContext& check, const std::string& path, const StandingSpec& job) {
  check_types(check, path, job.on, job.site.name);
  check_window(check, path, job.from, job.until);
}

void check_job(const CheckContext& check, const std::string& path, const TraceSpec& job) {
  check_types(check, path, job.on, job.site.name);
}

void check_service_type(const CheckContext& check, const std::string& path,
                        const ServiceSpec& service, const std::string& type) {
  const Catalog& catalog = check.scenario.catalog;
  const ModelSpec& model = catalog.models.at(service.model.name);
  const auto replica = model.on.find(type);
  if (replica == model.on.end()) {
    check.report(path + ".on",
                 fmt::format("model {} has no performance on {}", service.model.name, type),
                 fmt::format("it has: {}", fmt::join(names_of(model.on), ", ")));
    return;
  }
  const ReplicaLaw law{replica->second.t0, replica->second.t1};
  if (slo_load(law, service.tpot) <= 0) {
    check.report(path + ".tpot",
                 fmt::format("expected more than {:.3g} ms, what one sequence alone takes on {}",
                             (law.t0 + law.t1).in(units::millisecond), type));
  }
  const GpuSpec& gpu = catalog.gpus.at(type);
  const int cap = batch_cap({.gpus = GpuCount{static_cast<double>(replica->second.gpus)},
                             .memory_per_gpu = gpu.memory,
                             .weights = model.weights,
                             .kv_per_token = Bytes{model.kv_per_token.base()},
                             .context_tokens = service.users.context.base()});
  if (cap < 1)
    check.report(path + ".users.context",
                 fmt::format("one sequence does not fit into the memory of a replica on {}", type));
  for (const auto& [name, node] : catalog.nodes) {
    const std::int64_t gpus = replica->second.gpus;
    if (node.gpu.name == type && gpus % node.gpus != 0 && node.gpus % gpus != 0) {
      check.report(path + ".on",
                   fmt::format("a replica of {} GPUs neither fills whole {} nodes nor divides one",
                               gpus, name));
    }
  }
}

}  // namespace

void check_amount(const CheckContext& check, const std::string& path, double usd) {
  if (usd <= most_money) return;
  check.report(
      path,
      fmt::format("comes to {:.3g} USD over the run, more than the 1e12 USD a book can hold safely",
                  usd),
      "check the unit's prefix");
}

namespace {

/// A log replayed for somebody who never has a node there would wait for ever.
void check_place(const CheckContext& check, const std::string& path, const Ref& tenant,
                 const Ref& site) {
  if (check.scenario.sites.at(site.name).owner == tenant) return;
  for (const auto& [name, contract] : check.scenario.contracts) {
    const CapacityTerms* terms = capacity_of(contract);
    if (terms != nullptr && terms->site == site && terms->holder == tenant) return;
  }
  check.report(
      path + ".tenant",
      fmt::format("{} neither owns {} nor holds a contract on its nodes", tenant.name, site.name),
      "its jobs would wait for ever");
}

/// Two that draw the same numbers would not be two.
void check_draws(const CheckContext& check) {
  std::map<std::string, std::string> drawn;  // by whose numbers: who draws them
  for (const auto& [name, job] : check.scenario.jobs) {
    const auto* batch = std::get_if<BatchSpec>(&job);
    if (batch == nullptr) continue;
    if (batch->draws_as && batch->draws_as->empty())
      check.report(fmt::format("jobs.{}.draws_as", name), "expected the name of jobs");
    const auto [other, first] = drawn.emplace(batch->draws_as.value_or(name), name);
    if (first) continue;
    const std::string& asking = batch->draws_as ? name : other->second;
    check.report(fmt::format("jobs.{}.draws_as", asking),
                 fmt::format("jobs.{} draws the random numbers of {} already",
                             asking == name ? other->second : name, other->first),
                 "name jobs that this scenario does not have: those these take the place of");
  }
}

}  // namespace

void check_jobs(const CheckContext& check) {
  check_draws(check);
  for (const auto& [name, job] : check.scenario.jobs) {
    const std::string path = "jobs." + name;
    std::visit(
        [&](const auto& spec) {
          check_job(check, path, spec);
          if constexpr (requires { spec.trace; }) check_place(check, path, spec.tenant, spec.site);
        },
        job);
  }
}

void check_services(const CheckContext& check) {
  for (const auto& [name, service] : check.scenario.services) {
    const std::string path = "services." + name;
    check_types(check, path, service.on, service.site.name);
    check_window(check, path, service.from, service.until);
    for (const Ref& type : service.on) {
      if (check.scenario.catalog.gpus.count(type.name) > 0)
        check_service_type(check, path, service, type.name);
    }
    const double steps = 3600 / service.every.base();
    const bool divides =
        steps >= 1 ? steps == std::floor(steps) : 1 / steps == std::floor(1 / steps);
    if (!divides)
      check.report(path + ".every", "expected a step that divides an hour, or whole hours");
    check_whole_gpus(check, path + ".reserve", service.reserve.base());
    const auto present = gpus_by_type(check.scenario, check.scenario.sites.at(service.site.name));
    std::int64_t usable = 0;
    for (const Ref& type : service.on)
      usable += present.count(type.name) > 0 ? present.at(type.name) : 0;
    if (service.reserve.base() > static_cast<double>(usable)) {
      check.report(
          path + ".reserve",
          fmt::format("expected at most the {} GPUs of its types at the site, found {:.0f}", usable,
                      service.reserve.base()));
    }
    const DemandSpec& users = service.users;
    const double tokens =
        (users.daily * users.requests_per_user * users.tokens_per_request).base() *
        check.scenario.duration.base();
    if (tokens > 1e24)
      check.report(path + ".users.requests_per_user",
                   fmt::format("{:.3g} tokens over the run are beyond reason", tokens),
                   "check the units' prefixes");
    if (service.revenue) check_amount(check, path + ".revenue", service.revenue->base() * tokens);
    if (service.subscription) {
      const auto paid = *service.subscription * users.daily * check.scenario.duration;
      check_amount(check, path + ".subscription", paid.base());
    }
  }
}

}  // namespace colossim
