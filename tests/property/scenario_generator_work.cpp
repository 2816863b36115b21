// Random leases, services and jobs on the sites the generator has drawn.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "scenario_generator.hpp"

namespace colossim::test {

namespace {

struct ModelChoice {
  const char* name;
  std::vector<std::string> on;
  double rate;  // token/s of one GPU near saturation, roughly
};

const std::vector<ModelChoice> model_choices = {
    {"llm_8b_bf16", {"h100_sxm", "h200_sxm"}, 11000},
    {"llm_70b_bf16", {"h100_sxm", "h200_sxm", "b200_sxm", "gb200"}, 2000},
    {"llm_405b_fp8", {"h100_sxm", "h200_sxm", "b200_sxm", "gb200"}, 450},
    {"llm_235b_moe_fp8", {"h100_sxm", "h200_sxm"}, 900},
    {"deepseek_671b_fp8", {"b200_sxm", "gb200"}, 1000},
};

std::string list_of(const std::vector<std::string>& names) {
  return Text{"[{}]", fmt::join(names, ", ")}.string;
}

}  // namespace

void ScenarioGenerator::add_leases() {
  const std::int64_t leases = integer(0, 2);
  if (leases == 0) return;
  out_ += "contracts:\n";
  std::map<std::string, std::int64_t> promised;
  for (std::int64_t i = 0; i < leases; ++i) {
    const Site& site = one_of(sites_);
    std::int64_t& sum = promised[site.name];
    constexpr std::int64_t node =
        8;  // GPUs of the largest node: a multiple is whole nodes of any type
    if (site.all_gpus - sum < node) continue;
    std::int64_t gpus = node * integer(1, (site.all_gpus - sum) / node);
    const bool all = sum == 0 && chance(0.4);
    if (all) gpus = site.all_gpus;
    sum += gpus;
    add_lease(site, i, all ? "all" : Text{"{} gpu", gpus}.string);
  }
  if (out_.ends_with("contracts:\n")) out_ += "  {}\n";
}

void ScenarioGenerator::add_lease(const Site& site, std::int64_t number, const std::string& gpus) {
  std::vector<std::string> tenants;
  for (const std::string& party : parties_) {
    if (party != site.owner) tenants.push_back(party);
  }
  // The shortest term is a month, so that in runs of 32 days and more nodes come back.
  const std::int64_t latest = days_ > 28 ? std::max<std::int64_t>(0, days_ - 32) : days_ + 1;
  out_ +=
      Text{
          "  lease{}: {{kind: lease, owner: {}, tenant: {}, site: {}, gpus: {}, price: {:.2f} "
          "USD/gpu/h, "
          "start: {}, term: {} month, take_or_pay: {} %, ramp: {:.2f} gpu/d}}\n",
          number,
          site.owner,
          one_of(tenants),
          site.name,
          gpus,
          between(0, 4),
          day(0, latest),
          chance(0.8) ? 1 : 2,
          integer(0, 100),
          static_cast<double>(site.all_gpus) / between(0.3, static_cast<double>(days_))}
          .string;
}

void ScenarioGenerator::add_services() {
  const std::int64_t services = integer(0, 2);
  std::string before = out_;
  out_ += "services:\n";
  const std::size_t empty = out_.size();
  for (std::int64_t i = 0; i < services; ++i) add_service(i);
  if (out_.size() == empty) out_ = std::move(before);
}

void ScenarioGenerator::add_service(std::int64_t number) {
  const Site& site = one_of(sites_);
  const ModelChoice& model = one_of(model_choices);
  std::vector<std::string> types = some_types(site);
  std::erase_if(types, [&](const std::string& type) {
    return std::find(model.on.begin(), model.on.end(), type) == model.on.end();
  });
  if (types.empty()) return;
  const double users = static_cast<double>(site.all_gpus) * model.rate *
                       between(0.01, chance(0.2) ? 4 : 0.8) * 86400 / 6000;
  out_ +=
      Text{
          "  service{}:\n    tenant: {}\n    site: {}\n    model: {}\n    on: {}\n"
          "    users: {{daily: {:.3f} user, growth: {} %/month, requests_per_user: 12 "
          "request/user/d, "
          "tokens_per_request: 500 token/request, context: {} token/request, shape: {}, noise: {} "
          "%}}\n",
          number,
          one_of(parties_),
          site.name,
          model.name,
          list_of(types),
          users,
          integer(-30, 60),
          integer(500, 9000),
          one_of<std::string>({"chat", "coding", "flat", "office_hours"}),
          chance(0.3) ? 0 : integer(1, 60)}
          .string;
  std::int64_t usable = 0;
  for (const std::string& type : types) usable += site.gpus.at(type);
  const auto step =
      days_ > 28 ? one_of<int>({30, 60, 120}) : one_of<int>({5, 10, 15, 20, 30, 60, 180});
  out_ +=
      Text{
          "    tpot: {} ms\n    headroom: {} %\n    every: {} min\n    hold: {} min\n    "
          "cold_start: "
          "{} s\n"
          "    reserve: {} gpu\n",
          integer(40, 120),
          integer(0, 40),
          step,
          one_of<int>({0, 7, 30, 120}),
          one_of<int>({0, 1, 300, 480, 601, 5000}),
          chance(0.4) ? integer(0, usable) : 0}
          .string;
  if (chance(0.5)) out_ += Text{"    revenue: {:.2f} USD/Mtoken\n", between(0, 5)}.string;
  out_ += window();
}

void ScenarioGenerator::add_jobs() {
  const std::int64_t streams = integer(0, 3);
  if (streams == 0) return;
  out_ += "jobs:\n";
  for (std::int64_t i = 0; i < streams; ++i) {
    const Site& site = one_of(sites_);
    if (chance(0.7)) {
      add_batch(site, i);
    } else {
      add_training(site, i);
    }
  }
}

void ScenarioGenerator::add_batch(const Site& site, std::int64_t number) {
  const std::vector<std::string> types = some_types(site);
  std::int64_t largest = 0;
  for (const std::string& type : types) largest = std::max(largest, site.largest.at(type));
  out_ +=
      Text{
          "  batch{}:\n    kind: batch\n    tenant: {}\n    site: {}\n    on: {}\n    arrivals: "
          "{:.3f} "
          "1/h\n"
          "    gpus: {}\n    runtime: {}\n    activity: {} %\n    clock_insensitive: {} %\n",
          number,
          one_of(parties_),
          site.name,
          list_of(types),
          between(0.05, chance(0.3) ? 12 : 3),
          sizes(largest),
          runtimes(),
          integer(0, 100),
          integer(0, 100)}
          .string;
  out_ += window();
}

/// Sub-node sizes, whole nodes, and sizes that are neither.
std::string ScenarioGenerator::sizes(std::int64_t largest) {
  const std::int64_t most = std::max<std::int64_t>(1, chance(0.2) ? largest : largest / 4);
  switch (integer(0, 3)) {
    case 0:
      return Text{"{} gpu", integer(1, std::min<std::int64_t>(8, most))}.string;
    case 1:
      return Text{"{{uniform: {{from: 1 gpu, to: {} gpu}}}}", most}.string;
    case 2:
      return Text{"{{choice: {{1 gpu: 50 %, {} gpu: 50 %}}}}",
                  std::max<std::int64_t>(
                      2, most / 8 * 8 > 1 ? most / 8 * 8 : std::min<std::int64_t>(2, largest))}
          .string;
    default:
      return Text{"{} gpu", integer(1, most)}.string;
  }
}

std::string ScenarioGenerator::runtimes() {
  switch (integer(0, 3)) {
    case 0:
      return Text{"{} min", integer(1, 600)}.string;
    case 1:
      return Text{"{{uniform: {{from: 1 s, to: {} h}}}}", integer(1, 40)}.string;
    case 2:
      return Text{"{{exponential: {{mean: {} min}}}}", integer(5, 2000)}.string;
    default:
      return Text{"{{lognormal: {{median: {} min, sigma: {:.2f}, max: 300 h}}}}", integer(5, 600),
                  between(0, 2)}
          .string;
  }
}

void ScenarioGenerator::add_training(const Site& site, std::int64_t number) {
  const std::vector<std::string> types = some_types(site);
  std::int64_t largest = 0;
  for (const std::string& type : types) largest = std::max(largest, site.largest.at(type));
  const std::int64_t gpus = integer(1, chance(0.3) ? largest : (largest + 1) / 2);
  // Hours at about 400 TFLOP/s a GPU, 6 FLOP per parameter and token.
  const double tokens = static_cast<double>(gpus) * between(1, 60) * 3600 * 4e14 / (6 * 7e9);
  out_ +=
      Text{
          "  training{}:\n    kind: training\n    tenant: {}\n    site: {}\n    on: {}\n    gpus: "
          "{} "
          "gpu\n"
          "    parameters: 7.0e9\n    tokens: {:.6f} Gtoken\n    runs: {}\n    pause: {} min\n    "
          "activity: {} %\n",
          number,
          one_of(parties_),
          site.name,
          list_of(types),
          gpus,
          tokens * 1e-9,
          integer(1, 20),
          chance(0.3) ? 0 : integer(1, 3000),
          integer(30, 100)}
          .string;
  out_ += window();
}

std::string ScenarioGenerator::window() {
  std::string text;
  const std::int64_t from = chance(0.4) ? integer(0, days_) : 0;
  if (from > 0) text += Text{"    from: {}\n", day(from, from)}.string;
  if (chance(0.3))
    text += Text{"    until: {}\n", day(from + 1, std::max(from + 1, days_ + 2))}.string;
  return text;
}

std::vector<std::string> ScenarioGenerator::some_types(const Site& site) {
  std::vector<std::string> types;
  for (const auto& [type, gpus] : site.gpus) types.push_back(type);
  for (std::size_t i = types.size(); i-- > 1;) {
    std::swap(types[i], types[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(i)))]);
  }
  types.resize(
      static_cast<std::size_t>(integer(chance(0.7) ? static_cast<std::int64_t>(types.size()) : 1,
                                       static_cast<std::int64_t>(types.size()))));
  return types;
}

}  // namespace colossim::test
