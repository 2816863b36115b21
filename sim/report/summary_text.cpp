// The summary on one screen.
#include <algorithm>
#include <array>
#include <iterator>
#include <variant>

#include <fmt/format.h>

#include <colossim/base/calendar.hpp>
#include <colossim/base/random.hpp>
#include <colossim/report/claims.hpp>
#include <colossim/report/job_groups.hpp>
#include <colossim/report/summary.hpp>
#include <colossim/report/text.hpp>
#include <colossim/scenario/fleet.hpp>

namespace colossim {

namespace {

constexpr std::array rungs{"installed", "energised", "available", "contracted",
                           "allocated", "busy",      "useful"};
constexpr double gpu_hour = 3600;

/// The total and every party with GPU-time, in rows of what fits beside each other: a party takes
/// GPU-hours, their share and what one costs it.
std::vector<std::vector<std::string>> ladder_blocks(const Report& report) {
  std::vector<std::vector<std::string>> blocks{{"total"}};
  for (const auto& [name, party] : report.scenario.parties) {
    if (report.result.metric("ladder." + name + ".installed") <= 0) continue;
    const std::size_t most = blocks.size() == 1 ? 3 : 2;  // the total has no cost
    if (blocks.back().size() == most) blocks.emplace_back();
    blocks.back().push_back(name);
  }
  return blocks;
}

/// What its holder pays at effect [USD].
double option_fee(const OptionCase& option) {
  const LeaseOption& law = option.law;
  return (law.fee_months * law.share * (law.lease_price * (law.gpus * law.billed_month))).base();
}

class Screen {
 public:
  explicit Screen(const Report& report) : report_(report) {}

  std::string draw() {
    header();
    ladder();
    sites();
    services();
    jobs();
    contracts();
    books();
    worth();
    claims();
    balance();
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    while (text_.ends_with(' ')) text_.pop_back();
    text_ += '\n';
  }
  [[nodiscard]] double metric(const std::string& name) const { return report_.result.metric(name); }

  void header() {
    const Scenario& s = report_.scenario;
    line("{}", s.name);
    line("{} + {}   seed {}   scenario {}   {} events   colossim {}", to_string(s.start),
         human(s.duration.in(units::day), "d"), s.seed, report_.scenario_hash.substr(0, 8),
         grouped(static_cast<double>(report_.result.events), 0), report_.version);
  }

  void ladder() {
    for (const std::vector<std::string>& columns : ladder_blocks(report_)) ladder_block(columns);
  }

  void ladder_block(const std::vector<std::string>& columns) {
    std::string head = "GPU-HOURS     ";
    for (const std::string& name : columns)
      head += name == "total" ? fmt::format("{:>14}{:>9}", name, "")
                              : fmt::format("{:>14}{:>9}{:>8}", name, "", "USD/h");
    line("{}", head);
    for (const char* rung : rungs) {
      std::string row = fmt::format("  {:<12}", rung);
      for (const std::string& name : columns) {
        const double installed = metric("ladder." + name + ".installed");
        const double value = metric("ladder." + name + "." + rung);
        row += fmt::format("{:>14} {:>6.1f} %", grouped(value / gpu_hour, 0),
                           installed > 0 ? 100 * value / installed : 0);
        if (name == "total") continue;
        const double cost = metric("party." + name + ".cost_per_contracted_gpu_hour") *
                            metric("ladder." + name + ".contracted");
        row += value > 0 && cost > 0 ? fmt::format("{:>8.3f}", cost / value * gpu_hour)
                                     : fmt::format("{:>8}", "-");
      }
      line("{}", row);
    }
  }

  void sites() {
    for (const auto& [name, site] : report_.scenario.sites) {
      const auto m = [&, prefix = "site." + name + "."](const char* metric_name) {
        return metric(prefix + metric_name);
      };
      line("POWER {}, {} GPUs", name,
           grouped(static_cast<double>(gpu_count(report_.scenario, site)), 0));
      const auto w = [&](const char* metric_name) { return human(m(metric_name), "W"); };
      line("  drawn   mean {}, peak {} of {}   IT mean {}, peak {}   capped {:.1f} h",
           w("power.mean"), w("power.peak"), human(site.power.feed.base(), "W"), w("it_power.mean"),
           w("it_power.peak"), m("capped_time") / 3600);
      line(
          "  PUE {:.3f} (peak hour {:.3f})   water {}   coolant {:.1f}, air {:.1f}, die {:.1f} C "
          "at most",
          m("pue"), m("pue_peak_hour"), grouped(m("water"), 0) + " m3", m("coolant.peak"),
          m("air.peak"), m("die.peak"));
      line("  energy {}, cost {} = {} per MWh, {} per day", human(m("energy") / 3600, "Wh"),
           human(m("electricity.cost"), "USD"), human(m("electricity.price") * 3.6e9, "USD"),
           human(m("electricity.cost_per_day") * 86400, "USD"));
    }
  }

  void services() {
    if (report_.scenario.services.empty()) return;
    line("{:<18}{:>15} {:>13} {:>8} {:>9} {:>9} {:>13} {:>9}", "SERVICES", "asked", "served",
         "lost", "TPOT", "peak load", "to saturation", "replicas");
    for (const auto& [name, service] : report_.scenario.services) {
      const auto m = [&, prefix = "service." + name + "."](const char* metric_name) {
        return metric(prefix + metric_name);
      };
      const double load = m("load.peak");
      line("  {:<16}{:>15} {:>13} {:>6.2f} % {:>9} {:>9} {:>13} {:>9}", name,
           human(m("demand"), "token"), human(m("served"), "token"), 100 * m("lost_share"),
           m("tpot") > 0 ? fmt::format("{:.1f} ms", m("tpot") * 1e3) : "-",
           load > 9.995 ? ">1000 %" : fmt::format("{:.0f} %", 100 * load),
           m("saturation.distance") < 0 ? "beyond"
                                        : fmt::format("{:.0f} %", 100 * m("saturation.distance")),
           grouped(m("replicas.mean"), 0));
    }
  }

  void jobs() {
    if (report_.scenario.jobs.empty()) return;
    line("{:<18}{:>13} {:>12} {:>10} {:>10} {:>11} {:>14}", "JOBS", "submitted", "done", "running",
         "waiting", "mean wait", "GPU-hours");
    for (const auto& [name, job] : report_.scenario.jobs) {
      const auto m = [&, prefix = "jobs." + name + "."](const char* metric_name) {
        return metric(prefix + metric_name);
      };
      line("  {:<16}{:>13} {:>12} {:>10} {:>10} {:>9.2f} h {:>14}", name,
           grouped(m("submitted"), 0), grouped(m("done"), 0), grouped(m("running"), 0),
           grouped(m("waiting"), 0), m("wait.mean") / 3600, grouped(m("gpu_hours") / gpu_hour, 0));
    }
    for (const auto& [name, job] : report_.scenario.jobs) {
      const auto* trace = std::get_if<TraceSpec>(&job);
      if (trace == nullptr || trace->behind == 0) continue;
      line("  {}: {} more jobs of its trace are submitted after the run's end", name,
           grouped(static_cast<double>(trace->behind), 0));
    }
    pools();
    job_groups();
  }

  void pools() {
    const auto kind_of = [](const auto& spec) {
      return std::visit([](const auto& kind) { return std::remove_cvref_t<decltype(kind)>::kind; },
                        spec);
    };
    for (const auto& [name, pool] : report_.scenario.pools) {
      const std::string prefix = "pool." + name + ".";
      line("  pool {}: {}, {}   {} jobs wait on average; {} free GPUs that none of them fits", name,
           kind_of(pool.queue), kind_of(pool.placement),
           grouped(metric(prefix + "queue_length"), 1),
           grouped(metric(prefix + "fragmentation"), 1));
    }
  }

  /// Streams whose jobs belong to several tenants, tenant by tenant.
  void job_groups() {
    std::vector<JobGroup> groups;
    for (const FinishedJobs& finished : report_.result.finished) {
      const std::vector<JobGroup> tenants = tenant_groups(finished);
      groups.insert(groups.end(), tenants.begin(), tenants.end());
      const auto job = report_.scenario.jobs.find(finished.stream);
      const bool is_trace =
          job != report_.scenario.jobs.end() && std::holds_alternative<TraceSpec>(job->second);
      if (!tenants.empty() || !is_trace || finished.jobs.jobs() == 0) continue;
      groups.push_back(all_jobs(finished));
      groups.back().group = finished.stream;
    }
    if (groups.empty()) return;
    line("{:<18}{:>9} {:>10} {:>9} {:>9} {:>9} {:>11} {:>12} {:>9}", "  FINISHED, whose", "jobs",
         "wait mean", "p90", "p99", "slowdown", "preempted", "GPU-hours", "lost");
    for (const JobGroup& group : groups) {
      line("    {:<14}{:>9} {:>8.2f} h {:>7.2f} h {:>7.2f} h {:>9.2f} {:>11} {:>12} {:>9}",
           group.group.substr(0, 14), grouped(static_cast<double>(group.jobs), 0),
           group.wait.mean / 3600, group.wait.p90 / 3600, group.wait.p99 / 3600,
           group.slowdown.mean, grouped(static_cast<double>(group.preemptions), 0),
           grouped(group.gpu_hours, 0), grouped(group.lost_gpu_hours, 0));
    }
  }

  void contracts() {
    for (const auto& [name, contract] : report_.scenario.contracts) {
      const std::string_view kind = std::visit(
          [](const auto& spec) { return std::remove_cvref_t<decltype(spec)>::kind; }, contract);
      const auto m = [&, prefix = "contract." + name + "."](const char* metric_name) {
        return metric(prefix + metric_name);
      };
      std::string text =
          fmt::format("CONTRACT {} ({})   paid {}", name, kind, human(m("paid"), "USD"));
      if (capacity_of(contract) != nullptr) {
        if (!std::holds_alternative<AssetSaleSpec>(contract))
          text +=
              fmt::format(" = {:.3f} USD per delivered GPU-hour", m("paid_per_gpu_hour") * 3600);
        line("{}", text);
        line("  delivered {}, used {}, late {}   at the end {} GPUs",
             human(m("delivered") / gpu_hour, "gpu-h"), human(m("used") / gpu_hour, "gpu-h"),
             human(m("late") / gpu_hour, "gpu-h"), grouped(m("gpus.end"), 0));
        if (m("transfer.longest") > 0)
          line("  arrays took {:.1f} to {:.1f} h, the last came after {:.1f} d; cost {}",
               m("transfer.shortest") / 3600, m("transfer.longest") / 3600, m("ramp_time") / 86400,
               human(m("transfer_cost"), "USD"));
      } else {
        line("{}", text);
      }
      kind_line(name, contract);
      for (const ContractRecord& record : report_.result.contracts)
        if (record.contract == name) history(record);
    }
    drills();
    options();
  }

  /// The options that were used, and how it ended. A reclaim is told with its drill.
  void history(const ContractRecord& record) {
    const Calendar utc{report_.scenario.start, Duration{}};
    const auto day = [&](SimTime t) { return utc.text(t).substr(0, 10); };
    for (const OptionUseRecord& use : record.uses) {
      const std::string back =
          use.gpus > 0 ? fmt::format(", {} GPUs back", grouped(static_cast<double>(use.gpus), 0))
                       : "";
      const std::string fee = use.fee != Money{}
                                  ? fmt::format(", fee {}", human(use.fee.quantity().base(), "USD"))
                                  : "";
      line("  {} {} by {}: notice {}, effect {}{}{}", use.kind, use.option, use.by,
           day(use.noticed), day(use.effective), back, fee);
    }
    if (!record.outcome.empty()) line("  {} on {}", record.outcome, day(record.at));
  }

  /// What only some kinds have to say.
  void kind_line(const std::string& name, const ContractSpec& contract) {
    const auto m = [&, prefix = "contract." + name + "."](const char* metric_name) {
      return metric(prefix + metric_name);
    };
    if (std::holds_alternative<FinancingSpec>(contract))
      line("  owed at the end {}   lowest DSCR {:.2f}, breaches {}, {} not paid in time",
           human(m("balance"), "USD"), m("dscr.min"), grouped(m("breaches"), 0),
           human(m("shortfall"), "USD"));
    if (std::holds_alternative<PowerPurchaseSpec>(contract))
      line("  energy {}", human(m("energy") / 3600, "Wh"));
    if (std::holds_alternative<EquitySwapSpec>(contract))
      line("  units {}, sold {} for {}; held at the end {} (cost {})", grouped(m("units"), 0),
           grouped(m("units_sold"), 0), human(m("units_proceeds"), "USD"),
           human(m("units_value"), "USD"), human(m("units_cost"), "USD"));
  }

  void drills() {
    const Calendar utc{report_.scenario.start, Duration{}};
    const auto after = [](SimTime from, const std::optional<SimTime>& to) {
      return to ? fmt::format("{:.1f} d", (*to - from).quantity() / units::day)
                : std::string{"not yet"};
    };
    for (const DrillRecord& drill : report_.result.drills) {
      line("RECLAIM {} of {}   notice {}, effect {}: {} GPUs", drill.option, drill.contract,
           utc.text(drill.noticed).substr(0, 10), utc.text(drill.effective).substr(0, 10),
           grouped(static_cast<double>(drill.gpus), 0));
      line("  from notice: effect {}, first array back {}, all back {}, owner's first use {}",
           after(drill.noticed, drill.effective), after(drill.noticed, drill.first_back),
           after(drill.noticed, drill.all_back), after(drill.noticed, drill.first_use));
      const auto lost = [](const WorkLossRecord& loss) {
        return fmt::format("{} ({}) and repeats {}", human(loss.tokens, "token"),
                           human(loss.usd, "USD"), human(loss.gpu_hours, "gpu-h"));
      };
      line("  its tenant lost until then {},", lost(drill.until_back));
      line("  to the next reclaim or the end {};", lost(drill.until_end));
      line("  it misses {} and saves {} of fees{}", human(drill.missing_gpu_hours, "gpu-h"),
           human(drill.fee_saved, "USD"),
           drill.elsewhere ? fmt::format("; elsewhere they cost {}", human(*drill.elsewhere, "USD"))
                           : "");
    }
  }

  void options() {
    for (const auto& [option, value] : report_.options) {
      line("OPTION {} of {}   worth {} to {}, 95 %: {} to {}", option.option, option.contract,
           human(value.value.base(), "USD"), option.holder, human(value.low.base(), "USD"),
           human(value.high.base(), "USD"));
      line("  from the lease's start by market {} at {:.4g} %/yr: used on {:.1f} % of its paths{}",
           option.market, 100 * option.outlook.annual_rate, 100 * value.exercise_probability,
           value.mean_exercise_month ? fmt::format(", month {:.1f}", *value.mean_exercise_month)
                                     : "");
      line("  each use costs a fee of {} and {} for the switch", human(option_fee(option), "USD"),
           human(option.law.switching_cost.base(), "USD"));
    }
  }

  [[nodiscard]] double sum(std::size_t party, std::initializer_list<Account> accounts) const {
    Money total;
    for (const Account account : accounts)
      total -= report_.result.ledger.balance(PartyId{party}, account);
    return total.quantity().base();
  }

  /// Books in millions, or in thousands when that is all there is.
  [[nodiscard]] double book_unit() const {
    double largest = 0;
    for (const auto& [name, party] : report_.scenario.parties)
      largest = std::max(largest, metric("party." + name + ".cost"));
    return largest >= 1e8 ? 1e6 : 1e3;
  }

  void books() {
    const double unit = book_unit();
    const auto amount = [&](double usd) { return grouped(usd / unit, 1); };
    line("{:<15}{:>10} {:>10} {:>11} {:>9} {:>10} {:>9} {:>10}",
         unit == 1e6 ? "BOOKS, MUSD" : "BOOKS, kUSD", "income", "contracts", "electricity",
         "running", "write-off", "other", "profit");
    std::size_t row = 0;
    for (const auto& [name, party] : report_.scenario.parties) {
      const std::size_t p = row++;
      const double income = metric("party." + name + ".revenue");
      const double cost = metric("party." + name + ".cost");
      const double profit = metric("party." + name + ".profit");
      const double contracts = sum(
          p, {Account::lease_cost, Account::share_cost, Account::license_cost, Account::fee_cost});
      const double electricity = sum(p, {Account::energy_cost, Account::demand_cost});
      const double running =
          sum(p, {Account::operating_cost, Account::water_cost, Account::transfer_cost});
      const double written_off = sum(p, {Account::depreciation});
      const char* note = income == 0 && cost != 0   ? "no income"
                         : cost == 0 && income != 0 ? "no cost"
                                                    : "";
      line("  {:<13}{:>10} {:>10} {:>11} {:>9} {:>10} {:>9} {:>10} {}", name, amount(income),
           amount(contracts), amount(electricity), amount(running), amount(written_off),
           amount(profit - income - contracts - electricity - running - written_off),
           amount(profit), note);
    }
  }

  /// What it all is worth at the start to those who hold GPUs or own them.
  void worth() {
    const double unit = book_unit();
    bool first = true;
    for (const auto& [name, party] : report_.scenario.parties) {
      const auto m = [&, prefix = "party." + name + "."](const char* metric_name) {
        return metric(prefix + metric_name) / unit;
      };
      if (metric("ladder." + name + ".installed") <= 0 && m("residual_value") == 0) continue;
      if (first)
        line("{:<15}{:>13} {:>16} {:>13} {:>13} {:>15}", unit == 1e6 ? "NPV, MUSD" : "NPV, kUSD",
             "of cash", "of what is left", "of own work", "in all", "discounted at");
      first = false;
      line("  {:<13}{:>13} {:>16} {:>13} {:>13} {:>10.4g} %/yr", name,
           grouped(m("npv") - m("residual_value"), 1), grouped(m("residual_value"), 1),
           grouped(m("npv_with_own_work") - m("npv"), 1), grouped(m("npv_with_own_work"), 1),
           100 * party.discount);
    }
  }

  void claims() {
    const std::vector<ClaimResult> judged =
        judge_claims(report_.scenario, report_.result, report_.claim_runs);
    if (!judged.empty())
      line("CLAIMS{}", report_.claim_runs.hulls.empty()
                           ? " (against this run; --hull adds the range of the assumptions)"
                           : "");
    text_ += claims_text(judged);
    for (const std::string& violation : violated_expectations(report_.scenario, report_.result))
      line("EXPECTATION VIOLATED  {}", violation);
  }

  /// One residual for each kind of balance: the worst.
  void balance() {
    const auto worst = [&](std::string_view kind) {
      std::string residual;
      for (const BalanceRow& row : report_.result.certificate) {
        if (row.what.starts_with(kind) && (residual.empty() || !row.residual.starts_with("0")))
          residual = row.residual;
      }
      return residual;
    };
    line("BALANCE  GPU-time {}, energy {}, money {} ({} paths, {} postings)", worst("GPU-time"),
         worst("Energy"), worst("Money"), report_.result.certificate.size(),
         grouped(static_cast<double>(report_.result.ledger.journal().size()), 0));
  }

  const Report& report_;
  std::string text_;
};

}  // namespace

std::string summary_text(const Report& report) {
  return Screen{report}.draw();
}

std::string content_hash(std::string_view text) {
  return fmt::format("{:016x}", hash_text(text));
}

}  // namespace colossim
