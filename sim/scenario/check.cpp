// Contradictions between the values of a scenario. Structure first; work, prices, contracts,
// policies and claims in files of their own.
#include "check.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/scenario/fleet.hpp>

#include "check_context.hpp"

namespace colossim {

namespace {

void check_catalog(const CheckContext& check) {
  const Catalog& catalog = check.scenario.catalog;
  for (const auto& [name, gpu] : catalog.gpus) {
    if (gpu.idle > gpu.tdp)
      check.report("catalog.gpus." + name + ".idle", "expected at most the TDP, found more");
  }
  for (const auto& [name, node] : catalog.nodes) {
    if (node.idle > node.peak)
      check.report("catalog.nodes." + name + ".idle", "expected at most the peak, found more");
  }
  for (const auto& [name, shape] : catalog.shapes) {
    const std::string path = "catalog.shapes." + name;
    double sum = 0;
    for (const double ratio : shape.weekday) sum += ratio;
    for (const double ratio : shape.weekend) sum += ratio;
    if (shape.weekday.size() != 24)
      check.report(path + ".weekday",
                   fmt::format("expected 24 hourly ratios, found {}", shape.weekday.size()));
    if (shape.weekend.size() != 24)
      check.report(path + ".weekend",
                   fmt::format("expected 24 hourly ratios, found {}", shape.weekend.size()));
    if (sum <= 0) check.report(path, "expected some demand, found only zeros");
  }
  for (const auto& [name, chiller] : catalog.chillers) {
    const std::string path = "catalog.chillers." + name;
    if (chiller.capacity.size() != 6) check.report(path + ".capacity", "expected six coefficients");
    if (chiller.input_ratio.size() != 6)
      check.report(path + ".input_ratio", "expected six coefficients");
    if (chiller.part_load.size() != 3)
      check.report(path + ".part_load", "expected three coefficients");
  }
}

/// A replica cannot read its weights faster than memory allows, nor compute faster than the cores
/// do.
void check_replica(const CheckContext& check, const std::string& path, const ModelSpec& model,
                   const ReplicaSpec& replica, const GpuSpec& gpu) {
  const auto gpus = static_cast<double>(replica.gpus);
  const Time read = model.weights / (gpus * gpu.memory_bandwidth);
  if (replica.t0 < read) {
    check.report(
        path + ".t0",
        fmt::format("expected at least {:.3g} ms, the time to read the weights once from memory",
                    read.in(units::millisecond)));
  }
  const Time compute = Flops{2 * model.active_parameters} / (gpus * gpu.low_precision);
  if (replica.t1 < compute) {
    check.report(
        path + ".t1",
        fmt::format("expected at least {:.3g} ms, the arithmetic of one sequence at peak rate",
                    compute.in(units::millisecond)));
  }
  if (model.weights > 0.9 * (gpus * gpu.memory)) {
    check.report(path + ".gpus", "expected enough memory for the weights (90 % of HBM), found less",
                 "use more GPUs per replica");
  }
}

void check_models(const CheckContext& check) {
  const Catalog& catalog = check.scenario.catalog;
  for (const auto& [name, model] : catalog.models) {
    for (const auto& [gpu_name, replica] : model.on) {
      const std::string path = fmt::format("catalog.models.{}.on.{}", name, gpu_name);
      const auto gpu = catalog.gpus.find(gpu_name);
      if (gpu == catalog.gpus.end()) {
        check.report(path, fmt::format("there is no \"{}\" in gpus", gpu_name),
                     did_you_mean(gpu_name, names_of(catalog.gpus)));
        continue;
      }
      check_replica(check, path, model, replica, gpu->second);
      const auto ascending = [](const PowerPointSpec& a, const PowerPointSpec& b) {
        return a.batch >= b.batch;
      };
      const bool good = !replica.power.empty() &&
                        std::adjacent_find(replica.power.begin(), replica.power.end(), ascending) ==
                            replica.power.end();
      if (!good) check.report(path + ".power", "expected measured points with rising batch");
    }
  }
}

void check_cooling(const CheckContext& check, const SiteSpec& site, const std::string& path) {
  if (site.power.branches.find(site.cooling.branch) == site.power.branches.end()) {
    check.report(path + ".cooling.branch",
                 fmt::format("there is no branch \"{}\"", site.cooling.branch),
                 did_you_mean(site.cooling.branch, names_of(site.power.branches)));
  }
}

void check_signals(const CheckContext& check, const SiteSpec& site, const std::string& path) {
  const Calendar calendar{check.scenario.start, to_duration(site.utc_offset)};
  const auto covered = [&](const SignalData& signal, const std::string& name) {
    if (!signal.is_constant() && signal.every.ns() % one_hour.ns() != 0) {
      check.report(path + "." + name,
                   "expected `every:` in whole hours: prices and weather change on the hour");
    }
    if (!signal.covers(check.scenario.end(), calendar)) {
      check.report(path + "." + name, "the signal does not cover the whole run",
                   "add values, `begins:`, or `wrap: year`");
    }
  };
  covered(site.tariff.energy.data, "tariff.energy");
  if (const auto* weather = std::get_if<SignalWeatherSpec>(&site.weather)) {
    covered(weather->dry_bulb.data, "weather.dry_bulb");
    covered(weather->wet_bulb.data, "weather.wet_bulb");
    const std::vector<double>& dry = weather->dry_bulb.data.values;
    const std::vector<double>& wet = weather->wet_bulb.data.values;
    for (std::size_t i = 0; dry.size() == wet.size() && i < dry.size(); ++i) {
      if (wet[i] <= dry[i] + 0.5) continue;
      check.report(path + ".weather.wet_bulb",
                   fmt::format("expected at most the dry bulb; value {} is {} C against {} C",
                               i + 1, wet[i], dry[i]));
      break;
    }
  }
}

void check_sites(const CheckContext& check) {
  for (const auto& [name, site] : check.scenario.sites) {
    const std::string path = "sites." + name;
    for (const auto& [hall_name, hall] : site.halls) {
      for (const auto& [group_name, group] : hall.racks) {
        if (group.in_service >
            std::max(check.scenario.start, group.energised.value_or(check.scenario.start))) {
          check.report(fmt::format("{}.halls.{}.racks.{}.in_service", path, hall_name, group_name),
                       "expected no later than the day the racks get power: they would work before "
                       "they cost anything");
        }
        if (site.power.branches.find(group.branch) != site.power.branches.end()) continue;
        check.report(fmt::format("{}.halls.{}.racks.{}.branch", path, hall_name, group_name),
                     fmt::format("there is no branch \"{}\"", group.branch),
                     did_you_mean(group.branch, names_of(site.power.branches)));
      }
    }
    if (to_duration(site.utc_offset).ns() % (30 * one_minute.ns()) != 0) {
      check.report(path + ".utc_offset",
                   "expected whole half hours, as demand is metered in half hours");
    }
    std::int64_t elements = 0;
    for (const auto& [branch_name, branch] : site.power.branches) elements += branch.count;
    if (elements > 200'000)
      check.report(path + ".power.branches",
                   fmt::format("expected at most 200,000 elements, found {}", elements));
    if (gpu_count(check.scenario, site) > 10'000'000)
      check.report(path + ".halls", "expected at most 10,000,000 GPUs at a site");
    check_cooling(check, site, path);
    check_signals(check, site, path);
  }
}

/// What a reading changes; whether the values fit is seen when it is loaded.
void check_readings(const CheckContext& check) {
  if (check.scenario.readings.size() > 100)
    check.report("readings", "expected at most 100 readings");
  for (const auto& [name, reading] : check.scenario.readings) {
    const std::string path = "readings." + name + ".set";
    if (reading.set.empty()) check.report(path, "expected something to change, found nothing");
    if (check.scenario.sources.count("readings." + name) == 0)
      check.report("readings." + name, "expected a `source:` that reads it so, found none");
    for (const std::string& text : reading.set) {
      const std::optional<Override> change = parse_override(text);
      if (!change) {
        check.report(path, fmt::format("expected `path=value`, found \"{}\"", text));
        continue;
      }
      const std::string root = change->path.substr(0, change->path.find_first_of(".["));
      for (const char* own :
           {"readings", "seed", "replication", "claims", "expect", "schema", "start", "duration"}) {
        if (root == own)
          check.report(path, fmt::format("a reading cannot change {}: all are judged alike on the "
                                         "same random numbers",
                                         change->path));
      }
    }
  }
}

}  // namespace

void check_meaning(const Scenario& scenario, Diagnostics& diagnostics) {
  const CheckContext check{scenario, diagnostics};
  if (scenario.parties.count("total") > 0)
    check.report("parties.total", "\"total\" names the sum over parties", "choose another name");
  if (scenario.claims.size() + scenario.expect.size() > 1000)
    check.report("claims", "expected at most 1,000 claims and expectations");
  for (const auto& [name, site] : scenario.sites) {
    if (site.power.branches.size() > 2000)
      check.report("sites." + name + ".power.branches",
                   "expected at most 2,000 groups of branches");
  }
  if (scenario.parties.size() > 1000) check.report("parties", "expected at most 1,000 parties");
  const double intervals = scenario.duration / scenario.record.every;
  if (intervals > 200'000)
    check.report(
        "record.every",
        fmt::format("{:.3g} intervals are more than series.csv can hold (200,000)", intervals),
        "record less often");
  check_catalog(check);
  check_models(check);
  check_sites(check);
  check_jobs(check);
  check_pools(check);
  check_services(check);
  check_prices(check);
  check_contracts(check);
  check_reallocation(check);
  if (scenario.claims.size() + scenario.expect.size() <= 1000) check_claims(check);
  check_readings(check);
}

}  // namespace colossim
