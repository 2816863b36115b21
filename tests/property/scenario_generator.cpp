// The dice behind random scenarios; ranges stay within what the scenario's checks accept.
#include "scenario_generator.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "contract_generator.hpp"

namespace colossim::test {

namespace {

struct NodeChoice {
  const char* name;
  const char* gpu;
  std::int64_t gpus;
  double idle;  // kW at the wall, as in the catalog
  double peak;
  std::int64_t most_per_rack;
};

const std::vector<NodeChoice> node_choices = {
    {"hgx_a100", "a100_sxm", 8, 1.5, 5.3, 8},     {"hgx_h100", "h100_sxm", 8, 1.9, 8.4, 8},
    {"hgx_h100_air", "h100_sxm", 8, 1.9, 8.4, 4}, {"hgx_h200", "h200_sxm", 8, 1.9, 8.4, 8},
    {"hgx_b200", "b200_sxm", 8, 2.7, 10.2, 8},    {"gb200_tray", "gb200", 4, 1.4, 6.95, 18},
};

}  // namespace

Date DrawnScenario::date(std::int64_t day) const {
  return Date{std::chrono::sys_days{start} + std::chrono::days{day}};
}

std::string date_text(Date date) {
  return Text{"{:04}-{:02}-{:02}", static_cast<int>(date.year()),
              static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())}
      .string;
}

ScenarioGenerator::ScenarioGenerator(std::uint64_t number)
    : dice_(StreamName{.seed = 20260506, .path = "property", .ordinal = number}) {}

std::string ScenarioGenerator::text() {
  out_.clear();
  drawn_ = {};
  open_run();
  const std::int64_t sites = dice_.chance(0.25) ? 2 : 1;
  out_ += "sites:\n";
  for (std::int64_t row = 0; row < sites; ++row) add_site(static_cast<std::size_t>(row));
  add_services();
  add_jobs();
  out_ += ContractGenerator{dice_, drawn_}.text();
  add_pools();
  return out_;
}

std::string ScenarioGenerator::day(std::int64_t first, std::int64_t last) {
  return date_text(drawn_.date(dice_.integer(first, last)));
}

void ScenarioGenerator::open_run() {
  const auto month = std::chrono::month{static_cast<unsigned>(dice_.integer(1, 12))};
  const auto first =
      std::chrono::day{static_cast<unsigned>(dice_.chance(0.3) ? 1 : dice_.integer(1, 28))};
  drawn_.start = std::chrono::year{2026} / month / first;
  drawn_.days = dice_.integer(1, 9);
  if (dice_.chance(0.2)) drawn_.days = dice_.integer(29, dice_.chance(0.3) ? 70 : 40);
  drawn_.hours = drawn_.days * 24 - (dice_.chance(0.3) ? dice_.integer(0, 23) : 0);
  drawn_.parties = {"ada", "bob"};
  if (dice_.chance(0.5)) drawn_.parties.emplace_back("cleo");
  out_ =
      Text{
          "schema: 1\nname: random\nstart: {}\nduration: {} h\nseed: {}\n"
          "record: {{every: {} min}}\nparties: {{grid: {{}}",
          date_text(drawn_.start), drawn_.hours, dice_.integer(0, 1'000'000),
          dice_.one_of<int>({30, 60, 97, 360})}
          .string;
  for (const std::string& name : drawn_.parties) out_ += Text{", {}: {}", name, party()}.string;
  out_ += "}\n";
}

std::string ScenarioGenerator::party() {
  std::string text = Text{"{{discount: {} %", dice_.integer(0, 30)}.string;
  if (dice_.chance(0.3)) text += Text{", tax: {} %", dice_.integer(1, 50)}.string;
  if (dice_.chance(0.4)) text += Text{", cash: {:.3f} MUSD", dice_.between(0, 20)}.string;
  if (dice_.chance(0.3))
    text += Text{", internal_value: {:.2f} USD/gpu/h", dice_.between(0, 4)}.string;
  return text + "}";
}

void ScenarioGenerator::add_site(std::size_t row) {
  DrawnSite site;
  site.name = row == 0 ? "north" : "south";
  site.owner = dice_.one_of(drawn_.parties);
  site.zone = static_cast<int>(dice_.integer(-12, 12));
  const double overhead = dice_.chance(0.3) ? 0 : dice_.between(0, 0.15);
  const std::vector<Branch> branches = draw_branches();
  draw_groups(site, overhead);
  for (DrawnGroup& group : site.groups) {
    group.branch =
        static_cast<std::size_t>(dice_.integer(0, static_cast<std::int64_t>(branches.size()) - 1));
  }
  out_ +=
      Text{
          "  {}:\n    owner: {}\n    utility: grid\n    utc_offset: {} h\n    it_overhead: {}\n"
          "    weather: {{kind: synthetic, mean: {:.1f} C, sigma: {:.1f} K}}\n",
          site.name,
          site.owner,
          site.zone * 0.5,
          overhead,
          dice_.between(-5, 35),
          dice_.between(0, 8)}
          .string;
  write_power(site, branches);
  write_halls(site);
  write_plant(branches.size());
  write_books();
  drawn_.sites.push_back(std::move(site));
}

void ScenarioGenerator::draw_groups(DrawnSite& site, double overhead) {
  const std::int64_t groups = dice_.integer(1, 3);
  for (std::int64_t i = 0; i < groups; ++i) {
    const NodeChoice& node = dice_.one_of(node_choices);
    DrawnGroup group{.node = node.name, .gpu = node.gpu};
    group.nodes_per_rack = dice_.integer(1, node.most_per_rack);
    group.racks = dice_.integer(1, dice_.chance(0.1) ? 30 : 8);
    group.node_gpus = node.gpus;
    site.step = std::gcd(site.groups.empty() ? 0 : site.step, node.gpus);
    const double nodes = static_cast<double>(group.nodes_per_rack) * (1 + overhead);
    group.rack_idle = nodes * node.idle;
    group.rack_peak = nodes * node.peak;
    const std::int64_t gpus = group.racks * group.nodes_per_rack * node.gpus;
    site.gpus[group.gpu] += gpus;
    std::int64_t of_this_node = gpus;
    for (const DrawnGroup& other : site.groups) {
      if (other.node == group.node)
        of_this_node += other.nodes_per_rack * other.racks * other.node_gpus;
    }
    std::int64_t& largest = site.largest[group.gpu];
    largest = std::max(largest, of_this_node);
    site.all_gpus += gpus;
    site.groups.push_back(group);
  }
}

std::vector<ScenarioGenerator::Branch> ScenarioGenerator::draw_branches() {
  std::vector<Branch> branches;
  const std::int64_t groups = dice_.integer(1, 5);
  for (std::int64_t i = 0; i < groups; ++i) {
    Branch branch{.count = dice_.integer(1, 6)};
    branch.parent = static_cast<int>(
        dice_.integer(dice_.chance(0.3) ? -1 : std::max<std::int64_t>(0, i - 2), i - 1));
    if (branch.parent >= 0) {
      branch.depth = branches[static_cast<std::size_t>(branch.parent)].depth + 1;
      if (branch.depth > 4) branch = {.count = branch.count};
    }
    branches.push_back(branch);
  }
  return branches;
}

/// Each rating is a little to a lot above what the racks below one element can draw.
void ScenarioGenerator::write_power(DrawnSite& site, const std::vector<Branch>& branches) {
  std::vector<double> most(branches.size());
  double idle = 0;
  double peak = 0;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    std::int64_t racks = 0;
    double tallest = 0;
    for (const DrawnGroup& group : site.groups) {
      if (group.branch != i) continue;
      racks += group.racks;
      tallest = std::max(tallest, group.rack_peak);
      idle += static_cast<double>(group.racks) * group.rack_idle;
      peak += static_cast<double>(group.racks) * group.rack_peak;
    }
    most[i] =
        tallest * std::ceil(static_cast<double>(racks) / static_cast<double>(branches[i].count));
  }
  site.feed = dice_.chance(0.5) ? idle * dice_.between(1.3, 2.2) : peak * dice_.between(1.2, 3);
  out_ += Text{"    power:\n      feed: {:.3f} kW\n      branches:\n", site.feed}.string;
  for (std::size_t i = branches.size(); i-- > 0;) {
    const Branch& branch = branches[i];
    const auto loss = dice_.one_of<std::string>(
        {"hv_transformer", "mv_transformer", "ups_modern", "ups_eco", "busway_pdu"});
    const double rating = std::max(most[i], 5.0) * dice_.between(1.05, 2);
    out_ +=
        Text{"        b{}: {{loss: {}, rating: {:.3f} kW, count: {}", i, loss, rating, branch.count}
            .string;
    if (branch.parent >= 0) {
      const auto parent = static_cast<std::size_t>(branch.parent);
      out_ += Text{", parent: b{}", parent}.string;
      const auto children = static_cast<double>(branch.count);
      // What one element loses is at most 4.2 % of its rating.
      most[parent] += std::ceil(children / static_cast<double>(branches[parent].count)) *
                      (most[i] + 0.042 * rating);
    }
    out_ += "}\n";
  }
}

void ScenarioGenerator::write_halls(DrawnSite& site) {
  site.first_power = drawn_.days + 1;
  out_ += "    halls:\n";
  for (std::size_t i = 0; i < site.groups.size(); ++i) {
    const DrawnGroup& group = site.groups[i];
    out_ +=
        Text{
            "      hall{}: {{racks: {{r: {{node: {}, nodes: {}, count: {}, branch: b{}, "
            "in_service: {}",
            i,
            group.node,
            group.nodes_per_rack,
            group.racks,
            group.branch,
            day(-900, 0)}
            .string;
    std::int64_t power = 0;
    if (dice_.chance(0.3)) {
      power = dice_.integer(-2, drawn_.days + 1);
      out_ += Text{", energised: {}", date_text(drawn_.date(power))}.string;
    }
    site.first_power = std::min(site.first_power, power);
    out_ += "}}}\n";
  }
}

std::string ScenarioGenerator::loop_text(const std::string& supply) {
  std::string rejection =
      Text{"{{kind: chiller, chiller: doe2_centrifugal_5_50, rise: {} K}}", dice_.integer(5, 20)}
          .string;
  if (dice_.chance(0.4)) rejection = "{kind: tower}";
  if (dice_.chance(0.3)) rejection = "{kind: dry_cooler}";
  return Text{"{{supply: {}, rejection: {}, inertia: {:.2f} s/K}}", supply, rejection,
              dice_.between(0.5, 20)}
      .string;
}

void ScenarioGenerator::write_plant(std::size_t branches) {
  out_ += Text{"    cooling:\n      branch: b{}\n",
               dice_.integer(0, static_cast<std::int64_t>(branches) - 1)}
              .string;
  out_ += "      liquid: " + loop_text(Text{"{} C", dice_.integer(18, 50)}.string) + "\n";
  out_ += "      air: " + loop_text(Text{"{} C", dice_.integer(18, 35)}.string) + "\n";
}

void ScenarioGenerator::write_books() {
  if (dice_.chance(0.3)) {
    std::string prices;
    for (int i = 0; i < 24; ++i)
      prices += Text{"{}{:.1f}", i == 0 ? "" : ", ", dice_.between(-10, 90)}.string;
    out_ +=
        Text{
            "    tariff: {{energy: {{values: [{}], unit: USD/MWh, every: 20 d, zone: {}, begins: "
            "2025-12-01}}, negative_prices: true",
            prices, dice_.chance(0.5) ? "local" : "utc"}
            .string;
  } else {
    out_ += Text{"    tariff: {{energy: {:.2f} USD/MWh", dice_.between(0, 90)}.string;
  }
  out_ += Text{", demand: {} USD/kW}}\n", dice_.integer(0, 20)}.string;
  if (dice_.chance(0.6)) {
    out_ += Text{"    assets: {{node_life: {} month, node_residual: {} %, facility: {} MUSD",
                 dice_.integer(6, 72), dice_.integer(0, 40), dice_.integer(0, 50)}
                .string;
    if (dice_.chance(0.5))
      out_ += Text{", network: {} MUSD, network_life: {} month", dice_.integer(0, 9),
                   dice_.integer(1, 90)}
                  .string;
    if (dice_.chance(0.5)) out_ += Text{", cooling: {} MUSD", dice_.integer(0, 9)}.string;
    if (dice_.chance(0.5)) out_ += ", facility_in_service: " + day(-900, 0);
    out_ += "}\n";
  }
  if (dice_.chance(0.6))
    out_ += Text{"    operating: {{staff: {} MUSD/yr, maintenance: {} %/yr, water: {} USD/m3}}\n",
                 dice_.integer(0, 9), dice_.integer(0, 5), dice_.integer(0, 4)}
                .string;
}

}  // namespace colossim::test
