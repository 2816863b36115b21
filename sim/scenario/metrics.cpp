// The metric table: one row per name, with the entities of a scenario filled in.
#include <span>
#include <string_view>

#include <fmt/format.h>

#include <colossim/scenario/metrics.hpp>
#include <colossim/scenario/unit.hpp>

namespace colossim {

namespace {

struct Row {
  std::string_view name;
  Dimension dimension;
  std::string_view unit;
  std::string_view doc;
};

constexpr Dimension none{};
constexpr Dimension gpu_time{.time = 1, .gpu = 1};
constexpr Dimension power{.energy = 1, .time = -1};
constexpr Dimension energy{.energy = 1};
constexpr Dimension money{.money = 1};
constexpr Dimension money_rate{.time = -1, .money = 1};

constexpr Row ladder_rows[] = {
    {"installed", gpu_time, "gpu-h", "GPU-hours of all nodes"},
    {"energised", gpu_time, "gpu-h", "installed less dark (not yet powered)"},
    {"available", gpu_time, "gpu-h", "energised less in transfer between tenants"},
    {"contracted", gpu_time, "gpu-h", "available less unassigned; own use counts"},
    {"allocated", gpu_time, "gpu-h", "contracted less idle"},
    {"busy", gpu_time, "gpu-h", "allocated less stalled (replicas loading)"},
    {"useful", gpu_time, "gpu-h",
     "busy less wasted (serving headroom, lost tokens, slowed clocks)"},
};
constexpr Row site_rows[] = {
    {"power.mean", power, "MW", "mean power drawn from the feed"},
    {"power.peak", power, "MW", "highest power drawn from the feed at any instant"},
    {"it_power.mean", power, "MW", "mean power of nodes, network and storage"},
    {"it_power.peak", power, "MW", "highest IT power"},
    {"pue", none, "1", "energy drawn / IT energy"},
    {"pue_peak_hour", none, "1", "highest hourly mean of power / IT power"},
    {"energy", energy, "MWh", "energy drawn from the feed"},
    {"branch_load.peak", none, "1", "highest output / rating of any branch of the power tree"},
    {"capped_time", Dimension{.time = 1}, "h", "time under a power or thermal cap"},
    {"coolant.peak", Dimension{.temperature = 1}, "C",
     "highest temperature of the racks' coolant loop"},
    {"air.peak", Dimension{.temperature = 1}, "C", "highest hall air temperature"},
    {"die.peak", Dimension{.temperature = 1}, "C", "highest GPU die temperature"},
    {"water", Dimension{.length = 3}, "m3", "make-up water of the towers"},
    {"electricity.cost", money, "USD", "energy and demand charges"},
    {"electricity.cost_per_day", money_rate, "USD/d", "electricity.cost / days of the run"},
    {"electricity.cost_per_month", money_rate, "USD/month", "electricity.cost per 730 h"},
    {"electricity.price", Dimension{.energy = -1, .money = 1}, "USD/MWh",
     "electricity.cost / energy"},
};
constexpr Row service_rows[] = {
    {"demand", Dimension{.token = 1}, "token", "tokens asked for"},
    {"served", Dimension{.token = 1}, "token", "tokens served within the objective"},
    {"lost_share", none, "1", "tokens not served / asked for"},
    {"tpot", Dimension{.time = 1}, "ms", "token-weighted mean time per output token"},
    {"load.peak", none, "1",
     "highest demand / what the replicas carry at the objective; 100 stands for no capacity"},
    {"saturation.distance", none, "1",
     "1 - highest demand / what the replicas carry at any latency their memory allows; negative: "
     "beyond saturation"},
    {"replicas.mean", none, "1", "mean replicas held"},
};
constexpr Row job_rows[] = {
    {"submitted", none, "1", "jobs that arrived"},
    {"done", none, "1", "jobs that finished"},
    {"running", none, "1", "jobs running at the end"},
    {"waiting", none, "1", "jobs waiting at the end"},
    {"wait.mean", Dimension{.time = 1}, "h",
     "mean wait of started jobs and, so far, of waiting ones"},
    {"gpu_hours", gpu_time, "gpu-h", "GPU-hours held by its jobs"},
};
constexpr Row contract_rows[] = {
    {"delivered", gpu_time, "gpu-h", "GPU-hours of nodes handed over"},
    {"used", gpu_time, "gpu-h", "GPU-hours the tenant allocated on them"},
    {"undelivered", gpu_time, "gpu-h",
     "committed GPU-hours that were not delivered (a memo beside the ladder)"},
    {"fee", money, "USD", "what the tenant paid"},
    {"fee_per_gpu_hour", Dimension{.time = -1, .money = 1, .gpu = -1}, "USD/gpu/h",
     "fee / delivered"},
};
constexpr Row party_rows[] = {
    {"revenue", money, "USD", "income of all kinds"},
    {"cost", money, "USD", "expenses of all kinds, depreciation included"},
    {"profit", money, "USD", "revenue less cost"},
    {"cash", money, "USD", "change of cash"},
};

/// GPU-hours are written with a hyphen in reports; `1` is a pure number.
double factor_of(std::string_view unit) {
  if (unit == "1") return 1;
  if (unit == "gpu-h") return 3600;
  std::string problem;
  return parse_measured(fmt::format("1 {}", unit), problem)->base;
}

/// Site metrics that grow with the site: powers, energies, volumes and money, not ratios and
/// levels.
bool is_additive(const Row& row) {
  return row.dimension == power || row.dimension == energy || row.dimension == money ||
         row.dimension == money_rate || row.dimension == Dimension{.length = 3};
}

class Table {
 public:
  void add(std::span<const Row> rows, const std::string& prefix, const std::string& whose) {
    for (const Row& row : rows) {
      definitions_.push_back({.name = fmt::format("{}.{}", prefix, row.name),
                              .dimension = row.dimension,
                              .unit = std::string{row.unit},
                              .factor = factor_of(row.unit),
                              .doc = fmt::format("{} {}", row.doc, whose),
                              .additive = is_additive(row)});
    }
  }
  std::vector<MetricDefinition> take() { return std::move(definitions_); }

 private:
  std::vector<MetricDefinition> definitions_;
};

template <class Map>
void add_each(Table& table, std::span<const Row> rows, const std::string& prefix,
              const Map& entities) {
  for (const auto& [name, entity] : entities)
    table.add(rows, prefix + "." + name, "[" + name + "]");
}

}  // namespace

std::vector<MetricDefinition> metric_definitions(const Scenario& scenario) {
  Table table;
  table.add(ladder_rows, "ladder.total", "[all tenants]");
  add_each(table, ladder_rows, "ladder", scenario.parties);
  add_each(table, site_rows, "site", scenario.sites);
  add_each(table, service_rows, "service", scenario.services);
  add_each(table, job_rows, "jobs", scenario.jobs);
  add_each(table, contract_rows, "contract", scenario.contracts);
  add_each(table, party_rows, "party", scenario.parties);
  return table.take();
}

std::vector<MetricDefinition> metric_patterns() {
  Table table;
  table.add(ladder_rows, "ladder.total|<party>", "");
  table.add(site_rows, "site.<site>", "");
  table.add(service_rows, "service.<service>", "");
  table.add(job_rows, "jobs.<jobs>", "");
  table.add(contract_rows, "contract.<contract>", "");
  table.add(party_rows, "party.<party>", "");
  return table.take();
}

}  // namespace colossim
