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
    {"pue", none, "1", "energy drawn / IT energy, over hours with IT power"},
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
constexpr Dimension seconds{.time = 1};
constexpr Row job_rows[] = {
    {"submitted", none, "1", "jobs that arrived"},
    {"done", none, "1", "jobs that finished"},
    {"running", none, "1", "jobs running at the end"},
    {"waiting", none, "1", "jobs waiting at the end"},
    {"wait.mean", Dimension{.time = 1}, "h", "mean time on no nodes, of all jobs so far"},
    {"gpu_hours", gpu_time, "gpu-h", "GPU-hours held by its jobs"},
    {"evicted", none, "1", "times a job had to leave its nodes"},
    {"lost", gpu_time, "gpu-h", "progress that had to be made again"},
    {"preempted", none, "1", "times a job had to leave its nodes for another"},
    {"resized", none, "1", "times a running elastic job changed its size"},
    {"wait.median", seconds, "h", "of finished jobs: time on no nodes"},
    {"wait.p90", seconds, "h", "of finished jobs"},
    {"wait.p99", seconds, "h", "of finished jobs"},
    {"completion.mean", seconds, "h", "of finished jobs: from submission to end"},
    {"completion.median", seconds, "h", "of finished jobs"},
    {"completion.p90", seconds, "h", "of finished jobs"},
    {"completion.p99", seconds, "h", "of finished jobs"},
    {"slowdown.mean", none, "1",
     "of finished jobs: bounded slowdown, completion / run time of at least 10 s, at least 1"},
    {"slowdown.median", none, "1", "of finished jobs"},
    {"slowdown.p90", none, "1", "of finished jobs"},
    {"slowdown.p99", none, "1", "of finished jobs"},
    {"makespan", seconds, "h", "from the first submission to the last end of a finished job"},
    {"utilization", none, "1",
     "size times undisturbed run time of finished jobs / GPUs of the tenant's nodes at the end of "
     "the run * makespan; elastic jobs count with the size they asked for"},
};
constexpr Row pool_rows[] = {
    {"queue_length", none, "1", "mean number of waiting jobs, over the whole run"},
    {"fragmentation", Dimension{.gpu = 1}, "gpu",
     "mean number of free GPUs while jobs wait and none of them fits, over the whole run"},
};
constexpr Dimension gpus{.gpu = 1};
constexpr Dimension gpu_price{.time = -1, .money = 1, .gpu = -1};
constexpr Row contract_rows[] = {
    {"paid", money, "USD",
     "what the holder paid, less credits and what it defaulted on, without option fees; units at "
     "what they were taken for; interest and principal of a loan"},
    {"option_fees", money, "USD", "what the users of its options paid for that"},
};
constexpr Row capacity_rows[] = {
    {"delivered", gpu_time, "gpu-h", "GPU-hours of nodes handed over"},
    {"used", gpu_time, "gpu-h", "GPU-hours the tenant allocated on them"},
    {"undelivered", gpu_time, "gpu-h",
     "GPU-hours that were promised from the first day and not delivered (a memo beside the "
     "ladder)"},
    {"late", gpu_time, "gpu-h", "of them, those that were due by the tranches"},
    {"fee", money, "USD", "fee, revenue share, value of compute or price of what was sold"},
    {"fee_per_gpu_hour", gpu_price, "USD/gpu/h", "fee / delivered"},
    {"paid_per_gpu_hour", gpu_price, "USD/gpu/h", "paid / delivered"},
    {"credits", money, "USD", "service credits"},
    {"transfer_cost", money, "USD", "cost of all stages of its transfers"},
    {"transfer.shortest", Dimension{.time = 1}, "h", "shortest transfer of an array"},
    {"transfer.longest", Dimension{.time = 1}, "h", "longest transfer of an array"},
    {"ramp_time", Dimension{.time = 1}, "d", "from the start to the last arrival at the holder"},
    {"gpus.end", gpus, "gpu", "GPUs under the contract at the end of the run"},
    {"stranded", gpus, "gpu",
     "GPUs that stay with the owner on power, cooling or fabric elements they share with what "
     "went"},
    {"options_used", none, "1", "notices given under its options"},
};
constexpr Row purchase_rows[] = {
    {"energy", energy, "MWh", "energy taken"},
};
constexpr Row loan_rows[] = {
    {"dscr.min", none, "1", "lowest debt service coverage of a month; 0: none was due"},
    {"breaches", none, "1", "months below the covenant"},
    {"shortfall", money, "USD", "debt service that cash did not allow when it was due"},
    {"balance", money, "USD", "what is owed at the end"},
};
constexpr Row equity_rows[] = {
    {"units", none, "1", "units issued"},
    {"units_sold", none, "1", "of them sold"},
    {"units_value", money, "USD", "those held at the end, at the price of the last day"},
    {"units_cost", money, "USD", "those held at the end, at what they were taken for"},
    {"units_proceeds", money, "USD", "cash from those sold"},
};
constexpr Dimension token_price{.money = 1, .token = -1};
constexpr Row party_rows[] = {
    {"revenue", money, "USD", "income of all kinds"},
    {"cost", money, "USD", "expenses of all kinds, depreciation included"},
    {"profit", money, "USD", "revenue less cost"},
    {"cash", money, "USD", "change of cash"},
    {"residual_value", money, "USD",
     "what it has at the end, at the start: nodes where their site states a `residual`, units at "
     "the last price less the discount of their sale, loans given less debts, prepayments"},
    {"npv", money, "USD",
     "its cash flow and what it pays in own units, month by month, at its discount rate, and "
     "residual_value"},
    {"own_work_hours", gpu_time, "gpu-h", "useful GPU-hours of its own jobs, which earn no money"},
    {"own_work_hours_discounted", gpu_time, "gpu-h",
     "the same, each month's discounted as money is"},
    {"own_work", money, "USD", "own_work_hours at the party's internal value; no money flows"},
    {"value", money, "USD", "profit plus own work at its internal value"},
    {"npv_with_own_work", money, "USD",
     "npv plus own work at its internal value, discounted alike"},
    {"cost_per_contracted_gpu_hour", gpu_price, "USD/gpu/h",
     "fees less credits and running costs / contracted; 0: none"},
    {"cost_per_allocated_gpu_hour", gpu_price, "USD/gpu/h", "the same / allocated"},
    {"cost_per_useful_gpu_hour", gpu_price, "USD/gpu/h", "the same / useful"},
    {"full_cost_per_useful_gpu_hour", gpu_price, "USD/gpu/h",
     "the same with the annuity of what it owns / useful"},
    {"cost_per_mtoken", token_price, "USD/Mtoken", "fees less credits and running costs / tokens"},
    {"gpu_share", none, "1", "its share of all installed GPU-hours"},
};
constexpr Row concentration_rows[] = {
    {"before", none, "1", "Herfindahl-Hirschman index of GPUs by user before the run, 0 to 10,000"},
    {"after", none, "1", "the same at the end"},
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
  add_each(table, pool_rows, "pool", scenario.pools);
  for (const auto& [name, contract] : scenario.contracts) {
    const std::string prefix = "contract." + name;
    const std::string whose = "[" + name + "]";
    table.add(contract_rows, prefix, whose);
    if (capacity_of(contract) != nullptr) table.add(capacity_rows, prefix, whose);
    if (std::holds_alternative<PowerPurchaseSpec>(contract))
      table.add(purchase_rows, prefix, whose);
    if (std::holds_alternative<FinancingSpec>(contract)) table.add(loan_rows, prefix, whose);
    if (std::holds_alternative<EquitySwapSpec>(contract)) table.add(equity_rows, prefix, whose);
  }
  add_each(table, party_rows, "party", scenario.parties);
  table.add(concentration_rows, "concentration", "");
  return table.take();
}

std::vector<MetricDefinition> metric_patterns() {
  Table table;
  table.add(ladder_rows, "ladder.total|<party>", "");
  table.add(site_rows, "site.<site>", "");
  table.add(service_rows, "service.<service>", "");
  table.add(job_rows, "jobs.<jobs>", "");
  table.add(pool_rows, "pool.<pools>", "");
  table.add(contract_rows, "contract.<contract>", "");
  table.add(capacity_rows, "contract.<contract>", "[contracts that move nodes]");
  table.add(purchase_rows, "contract.<contract>", "[power_purchase]");
  table.add(loan_rows, "contract.<contract>", "[financing]");
  table.add(equity_rows, "contract.<contract>", "[equity_swap]");
  table.add(party_rows, "party.<party>", "");
  table.add(concentration_rows, "concentration", "");
  return table.take();
}

}  // namespace colossim
