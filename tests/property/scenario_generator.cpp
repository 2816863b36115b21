// The dice behind random scenarios; ranges stay within what the scenario's checks accept.
#include "scenario_generator.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

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

ScenarioGenerator::ScenarioGenerator(std::uint64_t number)
    : dice_(StreamName{.seed = 20260506, .path = "property", .ordinal = number}) {}

std::string ScenarioGenerator::text() {
  out_.clear();
  sites_.clear();
  open_run();
  const std::int64_t sites = chance(0.25) ? 2 : 1;
  out_ += "sites:\n";
  for (std::int64_t row = 0; row < sites; ++row) add_site(static_cast<std::size_t>(row));
  add_leases();
  add_services();
  add_jobs();
  return out_;
}

std::int64_t ScenarioGenerator::integer(std::int64_t low, std::int64_t high) {
  const auto values = static_cast<double>(high - low + 1);
  return std::min(high, low + static_cast<std::int64_t>(dice_.uniform() * values));
}

std::string ScenarioGenerator::day(std::int64_t first, std::int64_t last) {
  const Date date{std::chrono::sys_days{start_} + std::chrono::days{integer(first, last)}};
  return Text{"{:04}-{:02}-{:02}", static_cast<int>(date.year()),
              static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())}
      .string;
}

void ScenarioGenerator::open_run() {
  const auto month = std::chrono::month{static_cast<unsigned>(integer(1, 12))};
  const auto first = std::chrono::day{static_cast<unsigned>(chance(0.3) ? 1 : integer(1, 28))};
  start_ = std::chrono::year{2026} / month / first;
  days_ = chance(0.2) ? integer(29, 40) : integer(1, 9);
  const std::int64_t hours = days_ * 24 - (chance(0.3) ? integer(0, 23) : 0);
  parties_ = {"ada", "bob"};
  if (chance(0.5)) parties_.emplace_back("cleo");
  out_ =
      Text{
          "schema: 1\nname: random\nstart: {}\nduration: {} h\nseed: {}\n"
          "record: {{every: {} min}}\nparties: {{grid: {{}}",
          day(0, 0), hours, integer(0, 1'000'000), one_of<int>({30, 60, 97, 360})}
          .string;
  for (const std::string& party : parties_) out_ += Text{", {}: {{}}", party}.string;
  out_ += "}\n";
}

void ScenarioGenerator::add_site(std::size_t row) {
  Site site;
  site.name = row == 0 ? "north" : "south";
  site.owner = one_of(parties_);
  site.zone = static_cast<int>(integer(-12, 12));
  const double overhead = chance(0.3) ? 0 : between(0, 0.15);
  const std::vector<Branch> branches = draw_branches();
  draw_groups(site, overhead);
  for (Group& group : site.groups) {
    group.branch =
        static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(branches.size()) - 1));
  }
  out_ +=
      Text{
          "  {}:\n    owner: {}\n    utility: grid\n    utc_offset: {} h\n    it_overhead: {}\n"
          "    weather: {{kind: synthetic, mean: {:.1f} C, sigma: {:.1f} K}}\n",
          site.name,
          site.owner,
          site.zone * 0.5,
          overhead,
          between(-5, 35),
          between(0, 8)}
          .string;
  write_power(site, branches);
  write_halls(site);
  write_plant(branches.size());
  write_books();
  sites_.push_back(std::move(site));
}

void ScenarioGenerator::draw_groups(Site& site, double overhead) {
  const std::int64_t groups = integer(1, 3);
  for (std::int64_t i = 0; i < groups; ++i) {
    const NodeChoice& node = one_of(node_choices);
    Group group{.node = node.name, .gpu = node.gpu};
    group.nodes_per_rack = integer(1, node.most_per_rack);
    group.racks = integer(1, chance(0.1) ? 30 : 8);
    const double nodes = static_cast<double>(group.nodes_per_rack) * (1 + overhead);
    group.rack_idle = nodes * node.idle;
    group.rack_peak = nodes * node.peak;
    const std::int64_t gpus = group.racks * group.nodes_per_rack * node.gpus;
    site.gpus[group.gpu] += gpus;
    std::int64_t of_this_node = group.nodes_per_rack * group.racks;
    for (const Group& other : site.groups) {
      if (other.node == group.node) of_this_node += other.nodes_per_rack * other.racks;
    }
    const std::int64_t per_node = gpus / (group.nodes_per_rack * group.racks);
    std::int64_t& largest = site.largest[group.gpu];
    largest = std::max(largest, of_this_node * per_node);
    site.all_gpus += gpus;
    site.groups.push_back(group);
  }
}

std::vector<ScenarioGenerator::Branch> ScenarioGenerator::draw_branches() {
  std::vector<Branch> branches;
  const std::int64_t groups = integer(1, 5);
  for (std::int64_t i = 0; i < groups; ++i) {
    Branch branch{.count = integer(1, 6)};
    branch.parent =
        static_cast<int>(integer(chance(0.3) ? -1 : std::max<std::int64_t>(0, i - 2), i - 1));
    if (branch.parent >= 0) {
      branch.depth = branches[static_cast<std::size_t>(branch.parent)].depth + 1;
      if (branch.depth > 4) branch = {.count = branch.count};
    }
    branches.push_back(branch);
  }
  return branches;
}

/// Each rating is a little to a lot above what the racks below one element can draw.
void ScenarioGenerator::write_power(const Site& site, const std::vector<Branch>& branches) {
  std::vector<double> most(branches.size());
  double idle = 0;
  double peak = 0;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    std::int64_t racks = 0;
    double tallest = 0;
    for (const Group& group : site.groups) {
      if (group.branch != i) continue;
      racks += group.racks;
      tallest = std::max(tallest, group.rack_peak);
      idle += static_cast<double>(group.racks) * group.rack_idle;
      peak += static_cast<double>(group.racks) * group.rack_peak;
    }
    most[i] =
        tallest * std::ceil(static_cast<double>(racks) / static_cast<double>(branches[i].count));
  }
  const double feed = chance(0.5) ? idle * between(1.3, 2.2) : peak * between(1.2, 3);
  out_ += Text{"    power:\n      feed: {:.3f} kW\n      branches:\n", feed}.string;
  for (std::size_t i = branches.size(); i-- > 0;) {
    const Branch& branch = branches[i];
    const auto loss = one_of<std::string>(
        {"hv_transformer", "mv_transformer", "ups_modern", "ups_eco", "busway_pdu"});
    const double rating = std::max(most[i], 5.0) * between(1.05, 2);
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

void ScenarioGenerator::write_halls(const Site& site) {
  out_ += "    halls:\n";
  for (std::size_t i = 0; i < site.groups.size(); ++i) {
    const Group& group = site.groups[i];
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
    if (chance(0.3)) out_ += Text{", energised: {}", day(-2, days_ + 1)}.string;
    out_ += "}}}\n";
  }
}

std::string ScenarioGenerator::loop_text(const std::string& supply) {
  std::string rejection =
      Text{"{{kind: chiller, chiller: doe2_centrifugal_5_50, rise: {} K}}", integer(5, 20)}.string;
  if (chance(0.4)) rejection = "{kind: tower}";
  if (chance(0.3)) rejection = "{kind: dry_cooler}";
  return Text{"{{supply: {}, rejection: {}, inertia: {:.2f} s/K}}", supply, rejection,
              between(0.5, 20)}
      .string;
}

void ScenarioGenerator::write_plant(std::size_t branches) {
  out_ +=
      Text{"    cooling:\n      branch: b{}\n", integer(0, static_cast<std::int64_t>(branches) - 1)}
          .string;
  out_ += "      liquid: " + loop_text(Text{"{} C", integer(18, 50)}.string) + "\n";
  out_ += "      air: " + loop_text(Text{"{} C", integer(18, 35)}.string) + "\n";
}

void ScenarioGenerator::write_books() {
  if (chance(0.3)) {
    std::string prices;
    for (int i = 0; i < 24; ++i)
      prices += Text{"{}{:.1f}", i == 0 ? "" : ", ", between(-10, 90)}.string;
    out_ +=
        Text{
            "    tariff: {{energy: {{values: [{}], unit: USD/MWh, every: 20 d, zone: {}, begins: "
            "2025-12-01}}",
            prices, chance(0.5) ? "local" : "utc"}
            .string;
  } else {
    out_ += Text{"    tariff: {{energy: {:.2f} USD/MWh", between(0, 90)}.string;
  }
  out_ += Text{", demand: {} USD/kW}}\n", integer(0, 20)}.string;
  if (chance(0.6))
    out_ += Text{"    assets: {{node_life: {} month, node_residual: {} %, facility: {} MUSD}}\n",
                 integer(6, 72), integer(0, 40), integer(0, 50)}
                .string;
  if (chance(0.6))
    out_ += Text{"    operating: {{staff: {} MUSD/yr, maintenance: {} %/yr}}\n", integer(0, 9),
                 integer(0, 5)}
                .string;
}

}  // namespace colossim::test
