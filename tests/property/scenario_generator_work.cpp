// Random services and jobs on the sites the generator has drawn.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

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

void ScenarioGenerator::add_services() {
  const std::int64_t services = dice_.integer(0, 2);
  const std::string before = out_;
  out_ += "services:\n";
  const std::size_t empty = out_.size();
  for (std::int64_t i = 0; i < services; ++i) add_service(i);
  if (out_.size() == empty) out_ = before;
}

void ScenarioGenerator::add_service(std::int64_t number) {
  const DrawnSite& site = dice_.one_of(drawn_.sites);
  const ModelChoice& model = dice_.one_of(model_choices);
  std::vector<std::string> types = some_types(site);
  std::erase_if(types, [&](const std::string& type) {
    return std::find(model.on.begin(), model.on.end(), type) == model.on.end();
  });
  if (types.empty()) return;
  const std::string& tenant = dice_.one_of(drawn_.parties);
  const double users = static_cast<double>(site.all_gpus) * model.rate *
                       dice_.between(0.01, dice_.chance(0.2) ? 4 : 0.8) * 86400 / 6000;
  out_ +=
      Text{
          "  service{}:\n    tenant: {}\n    site: {}\n    model: {}\n    on: {}\n"
          "    users: {{daily: {:.3f} user, growth: {} %/month, requests_per_user: 12 "
          "request/user/d, "
          "tokens_per_request: 500 token/request, context: {} token/request, shape: {}, noise: {} "
          "%}}\n",
          number,
          tenant,
          site.name,
          model.name,
          list_of(types),
          users,
          dice_.integer(-30, 60),
          dice_.integer(500, 9000),
          dice_.one_of<std::string>({"chat", "coding", "flat", "office_hours"}),
          dice_.chance(0.3) ? 0 : dice_.integer(1, 60)}
          .string;
  std::int64_t usable = 0;
  for (const std::string& type : types) usable += site.gpus.at(type);
  const auto step = drawn_.days > 28 ? dice_.one_of<int>({30, 60, 120})
                                     : dice_.one_of<int>({5, 10, 15, 20, 30, 60, 180});
  out_ +=
      Text{
          "    tpot: {} ms\n    headroom: {} %\n    every: {} min\n    hold: {} min\n    "
          "cold_start: "
          "{} s\n"
          "    reserve: {} gpu\n",
          dice_.integer(40, 120),
          dice_.integer(0, 40),
          step,
          dice_.one_of<int>({0, 7, 30, 120}),
          dice_.one_of<int>({0, 1, 300, 480, 601, 5000}),
          dice_.chance(0.4) ? dice_.integer(0, usable) : 0}
          .string;
  DrawnService service{Text{"service{}", number}.string, tenant, site.name};
  out_ += income(service) + window();
  drawn_.services.push_back(service);
}

std::string ScenarioGenerator::income(DrawnService& service) {
  std::string text;
  if (dice_.chance(0.5))
    text += Text{"    revenue: {:.2f} USD/Mtoken\n", dice_.between(0, 5)}.string;
  if (dice_.chance(0.3))
    text += Text{"    subscription: {:.3f} USD/user/month\n", dice_.between(0, 2)}.string;
  service.earns = !text.empty();
  return text;
}

void ScenarioGenerator::add_jobs() {
  const std::int64_t streams = dice_.integer(0, 3);
  if (streams == 0) return;
  out_ += "jobs:\n";
  for (std::int64_t i = 0; i < streams; ++i) {
    const DrawnSite& site = dice_.one_of(drawn_.sites);
    if (dice_.chance(0.6)) {
      add_batch(site, i);
    } else if (dice_.chance(0.5)) {
      add_training(site, i);
    } else {
      add_standing(site, i);
    }
  }
}

void ScenarioGenerator::add_batch(const DrawnSite& site, std::int64_t number) {
  const DrawnStream stream{Text{"batch{}", number}.string, dice_.one_of(drawn_.parties), site.name};
  drawn_.streams.push_back(stream);
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
          stream.tenant,
          site.name,
          list_of(types),
          dice_.between(0.05, dice_.chance(0.3) ? 12 : 3),
          sizes(largest),
          runtimes(),
          dice_.integer(0, 100),
          dice_.integer(0, 100)}
          .string;
  out_ += checkpoint();
  out_ += preemption();
  out_ += window();
}

/// Sub-node sizes, whole nodes, and sizes that are neither.
std::string ScenarioGenerator::sizes(std::int64_t largest) {
  const std::int64_t most = std::max<std::int64_t>(1, dice_.chance(0.2) ? largest : largest / 4);
  switch (dice_.integer(0, 3)) {
    case 0:
      return Text{"{} gpu", dice_.integer(1, std::min<std::int64_t>(8, most))}.string;
    case 1:
      return Text{"{{uniform: {{from: 1 gpu, to: {} gpu}}}}", most}.string;
    case 2:
      return Text{"{{choice: {{1 gpu: 50 %, {} gpu: 50 %}}}}",
                  std::max<std::int64_t>(
                      2, most / 8 * 8 > 1 ? most / 8 * 8 : std::min<std::int64_t>(2, largest))}
          .string;
    default:
      return Text{"{} gpu", dice_.integer(1, most)}.string;
  }
}

std::string ScenarioGenerator::runtimes() {
  switch (dice_.integer(0, 3)) {
    case 0:
      return Text{"{} min", dice_.integer(1, 600)}.string;
    case 1:
      return Text{"{{uniform: {{from: 1 s, to: {} h}}}}", dice_.integer(1, 40)}.string;
    case 2:
      return Text{"{{exponential: {{mean: {} min}}}}", dice_.integer(5, 2000)}.string;
    default:
      return Text{"{{lognormal: {{median: {} min, sigma: {:.2f}, max: 300 h}}}}",
                  dice_.integer(5, 600), dice_.between(0, 2)}
          .string;
  }
}

void ScenarioGenerator::add_training(const DrawnSite& site, std::int64_t number) {
  const DrawnStream stream{Text{"training{}", number}.string, dice_.one_of(drawn_.parties),
                           site.name};
  drawn_.streams.push_back(stream);
  const std::vector<std::string> types = some_types(site);
  std::int64_t largest = 0;
  for (const std::string& type : types) largest = std::max(largest, site.largest.at(type));
  const std::int64_t gpus = dice_.integer(1, dice_.chance(0.3) ? largest : (largest + 1) / 2);
  // Hours at about 400 TFLOP/s a GPU, 6 FLOP per parameter and token.
  const double tokens = static_cast<double>(gpus) * dice_.between(1, 60) * 3600 * 4e14 / (6 * 7e9);
  out_ +=
      Text{
          "  training{}:\n    kind: training\n    tenant: {}\n    site: {}\n    on: {}\n    gpus: "
          "{} "
          "gpu\n"
          "    parameters: 7.0e9\n    tokens: {:.6f} Gtoken\n    runs: {}\n    pause: {} min\n    "
          "activity: {} %\n",
          number,
          stream.tenant,
          site.name,
          list_of(types),
          gpus,
          tokens * 1e-9,
          dice_.integer(1, 20),
          dice_.chance(0.3) ? 0 : dice_.integer(1, 3000),
          dice_.integer(30, 100)}
          .string;
  out_ += checkpoint();
  out_ += preemption();
  out_ += window();
}

void ScenarioGenerator::add_standing(const DrawnSite& site, std::int64_t number) {
  const DrawnStream stream{Text{"standing{}", number}.string, dice_.one_of(drawn_.parties),
                           site.name};
  drawn_.streams.push_back(stream);
  out_ +=
      Text{
          "  standing{}:\n    kind: standing\n    tenant: {}\n    site: {}\n    on: {}\n"
          "    occupancy: {} %\n    activity: {} %\n",
          number,
          stream.tenant,
          site.name,
          list_of(some_types(site)),
          dice_.integer(1, 100),
          dice_.integer(0, 100)}
          .string;
  out_ += checkpoint() + window();
}

std::string ScenarioGenerator::checkpoint() {
  saves_ = dice_.chance(0.5);
  if (!saves_) return {};
  return Text{"    checkpoint: {} min\n", dice_.integer(1, 600)}.string;
}

/// What losing nodes costs, and other sizes; only batch jobs are elastic.
std::string ScenarioGenerator::preemption() {
  std::string text;
  if (saves_ && dice_.chance(0.5))
    text += Text{"    checkpoint_write: {} s\n", dice_.integer(1, 60)}.string;
  if (dice_.chance(0.3)) text += Text{"    restart: {} s\n", dice_.integer(1, 3000)}.string;
  if (dice_.chance(0.2) && drawn_.streams.back().name.starts_with("batch"))
    text += Text{"    elastic: {{least: {} %, most: {}, exponent: {:.2f}{}}}\n",
                 dice_.integer(1, 100), dice_.integer(1, 4), dice_.between(0, 1),
                 dice_.chance(0.5) ? Text{", resize_after: {} min", dice_.integer(1, 300)}.string
                                   : std::string{}}
                .string;
  return text;
}

/// A random queue policy for these streams.
std::string ScenarioGenerator::queue(const std::vector<std::string>& streams) {
  const auto kind = dice_.one_of<std::string>({"first_fit", "sjf", "sjf_skip", "srtf", "easy",
                                               "easy_sjf", "easy_machines", "conservative",
                                               "priority", "las", "fair_share", "quota"});
  if (kind == "las")
    return Text{"{{kind: las, thresholds: [{} gpu-h, {} gpu-h]}}", dice_.integer(1, 20),
                dice_.integer(21, 400)}
        .string;
  if (kind != "quota" && kind != "fair_share") return kind;
  std::vector<std::string> values;
  for (const std::string& stream : streams)
    values.push_back(
        Text{"{}: {} %", stream, dice_.integer(1, 100 / static_cast<std::int64_t>(streams.size()))}
            .string);
  const std::string named = Text{"{{{}}}", fmt::join(values, ", ")}.string;
  if (kind == "quota")
    return Text{"{{kind: quota, shares: {}, borrow: {}}}", named, dice_.chance(0.8)}.string;
  return Text{"{{kind: fair_share, weights: {}, half_life: {} h}}", named, dice_.integer(1, 200)}
      .string;
}

/// Some of the queues that jobs were drawn for get a policy and a placement.
void ScenarioGenerator::add_pools() {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> queues;
  for (const DrawnStream& stream : drawn_.streams)
    queues[{stream.site, stream.tenant}].push_back(stream.name);
  std::string text;
  for (const auto& [whose, streams] : queues) {
    if (dice_.chance(0.3)) continue;
    const std::string policy = queue(streams);
    auto placement = dice_.one_of<std::string>(
        {"rack_local", "count", "first_fit", "consolidate", "best_fit", "spread", "random"});
    if (policy == "easy_machines") placement = "first_fit";
    text += Text{"  {0}_{1}: {{site: {0}, tenant: {1}, queue: {2}, placement: {3}}}\n", whose.first,
                 whose.second, policy, placement}
                .string;
  }
  if (!text.empty()) out_ += "pools:\n" + text;
}

std::string ScenarioGenerator::window() {
  std::string text;
  const std::int64_t from = dice_.chance(0.4) ? dice_.integer(0, drawn_.days) : 0;
  if (from > 0) text += Text{"    from: {}\n", day(from, from)}.string;
  if (dice_.chance(0.3))
    text += Text{"    until: {}\n", day(from + 1, std::max(from + 1, drawn_.days + 2))}.string;
  return text;
}

std::vector<std::string> ScenarioGenerator::some_types(const DrawnSite& site) {
  std::vector<std::string> types;
  for (const auto& [type, gpus] : site.gpus) types.push_back(type);
  for (std::size_t i = types.size(); i-- > 1;) {
    std::swap(types[i],
              types[static_cast<std::size_t>(dice_.integer(0, static_cast<std::int64_t>(i)))]);
  }
  types.resize(static_cast<std::size_t>(
      dice_.integer(dice_.chance(0.7) ? static_cast<std::int64_t>(types.size()) : 1,
                    static_cast<std::int64_t>(types.size()))));
  return types;
}

}  // namespace colossim::test
