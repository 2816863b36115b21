// What others see of a results file.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/random.hpp>
#include <colossim/experiment/decision.hpp>
#include <colossim/experiment/result_store.hpp>
#include <colossim/scenario/csv.hpp>

#include "sqlite.hpp"
#include "store_facts.hpp"

namespace colossim {

namespace {

namespace fs = std::filesystem;

/// One value as it stands in a CSV file: numbers with as many digits as tell them apart.
void append_value(std::string& line, const sqlite::Statement& row, int at) {
  if (row.is_null(at)) return;
  if (row.is_text(at)) {
    append_csv_field(line, row.text(at));
  } else if (row.is_integer(at)) {
    fmt::format_to(std::back_inserter(line), "{}", row.integer(at));
  } else {
    fmt::format_to(std::back_inserter(line), "{}", row.real(at));
  }
}

void each_line(const sqlite::Database& database, const std::string& table,
               const std::function<void(std::string_view)>& use) {
  const std::string order = table == "runs"     ? "run"
                            : table == "series" ? "run, series, interval"
                                                : "position";
  std::map<std::string, std::string> units;
  for (auto select = database.prepare("SELECT name, unit FROM columns"); select.step();)
    units[select.text(0)] = select.text(1);
  auto select = database.prepare("SELECT * FROM " + table + " ORDER BY " + order);
  std::string line;
  for (int i = 0; i < select.columns(); ++i) {
    const std::string name = select.name(i);
    const std::string unit = table == "runs" ? units[name] : "";
    if (i > 0) line += ',';
    append_csv_field(line, unit.empty() ? name : fmt::format("{} [{}]", name, unit));
  }
  use(line + "\n");
  while (select.step()) {
    line.clear();
    for (int i = 0; i < select.columns(); ++i) {
      if (i > 0) line += ',';
      append_value(line, select, i);
    }
    use(line += '\n');
  }
}

/// ` (price = 3 USD/gpu/h, queue = easy)`: the axes of a run.
std::string axes_text(const sqlite::Database& database, std::int64_t run) {
  std::vector<std::pair<std::string, std::string>> axes;  // name and unit
  for (auto select =
           database.prepare("SELECT name, unit FROM columns WHERE kind = 'axis' ORDER BY position");
       select.step();)
    axes.emplace_back(select.text(0), select.text(1));
  if (axes.empty()) return "";
  std::string names;
  for (const auto& [name, unit] : axes)
    names += (names.empty() ? "" : ", ") + sqlite::quoted_name(name);
  auto row = database.prepare("SELECT " + names + " FROM runs WHERE run = ?");
  row.bind(1, run);
  if (!row.step()) return "";
  std::string text;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    text += fmt::format("{}{} = ", i == 0 ? " (" : ", ", axes[i].first);
    append_value(text, row, static_cast<int>(i));
    if (!axes[i].second.empty()) text += " " + axes[i].second;
  }
  return text + ")";
}

/// What a rule of the study asks for and some points do not have; empty when there is nothing to
/// tell.
std::string unmet_rule(const sqlite::Database& database, const Facts& facts) {
  const auto metric = facts.find("stop_metric");
  if (metric == facts.end() || metric->second.empty()) return "";
  const bool is_share = facts.at("stop_kind") != "half-width";
  const double limit = std::stod(facts.at("stop_limit"));
  const std::size_t most = std::stoul(facts.at("replicates"));
  std::map<std::int64_t, std::vector<double>> points;
  auto select = database.prepare(
      fmt::format("SELECT point, {0} FROM runs WHERE status = 'done' AND {0} IS NOT NULL",
                  sqlite::quoted_name(metric->second)));
  while (select.step()) points[select.integer(0)].push_back(select.real(1));
  const auto wide = std::count_if(points.begin(), points.end(), [&](const auto& point) {
    if (point.second.size() < most) return false;
    const Estimate mean = estimate(point.second);
    return mean.half_width > (is_share ? limit * std::abs(mean.value) : limit);
  });
  if (wide == 0) return "";
  return fmt::format("{} point{} took all {} replicates and {} not as narrow as `stop:` asks", wide,
                     wide == 1 ? "" : "s", most, wide == 1 ? "is" : "are");
}

}  // namespace

bool Shard::holds(const Plan& plan, std::size_t run) const {
  if (count == 1) return true;
  const std::size_t all = plan.stop ? plan.points.points.size() : plan.runs();
  const std::size_t which = plan.stop ? plan.point_of(run) : run;
  // Steps of the golden section spread evenly; those without a common divisor reach every place.
  auto step = static_cast<std::size_t>(0.6180339887 * static_cast<double>(all)) + 1;
  while (std::gcd(step, all) != 1) ++step;
  return which * step % all * count / all == index;
}

StoreStatus store_status(const fs::path& file) {
  const sqlite::Database database = open_results(file);
  const Facts facts = read_facts(database);
  StoreStatus status{
      .title = facts.at("title"), .version = facts.at("colossim"), .problems = {}, .content = {}};
  if (const auto shards = facts.find("shards"); shards != facts.end())
    status.shards = std::stoul(shards->second);
  const auto count = [&](const std::string& where) {
    return static_cast<std::size_t>(database
                                        .integer("SELECT count(*) FROM plan LEFT JOIN results "
                                                 "USING (key) " +
                                                 where)
                                        .value_or(0));
  };
  status.planned = count("");
  status.done = count("WHERE status = 'done'");
  status.failed = count("WHERE status = 'failed'");
  status.quarantined = count("WHERE status = 'quarantined'");
  auto problems = database.prepare(
      "SELECT count(*), message, min(run) FROM plan JOIN results USING (key) WHERE status != "
      "'done' "
      "GROUP BY message ORDER BY 1 DESC, 2");
  while (problems.step())
    status.problems.push_back(
        fmt::format("{} x, first in run {}{}: {}", problems.integer(0), problems.integer(2),
                    axes_text(database, problems.integer(2)), problems.text(1)));
  if (std::string unmet = unmet_rule(database, facts); !unmet.empty())
    status.problems.push_back(std::move(unmet));
  TextHash hash;
  for (const char* table : {"runs", "series"})
    each_line(database, table, [&](std::string_view line) { hash.add(line); });
  status.content = fmt::format("{:016x}", hash.value());
  return status;
}

std::map<std::string, std::string> store_facts(const fs::path& file) {
  return read_facts(open_results(file));
}

void export_csv(const fs::path& file, const std::string& table,
                const std::function<void(std::string_view)>& write) {
  each_line(open_results(file), table, write);
}

fs::path shard_folder(const fs::path& results) {
  return results.string() + ".shards";
}

fs::path shard_file(const fs::path& results, std::size_t index) {
  return shard_folder(results) / fmt::format("{:04}.db", index);
}

}  // namespace colossim
