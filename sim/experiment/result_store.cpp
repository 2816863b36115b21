// The tables of a results file, and what is written into them.
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <colossim/base/check.hpp>
#include <colossim/experiment/result_store.hpp>
#include <colossim/scenario/unit.hpp>

#include "file_lock.hpp"
#include "sqlite.hpp"
#include "store_facts.hpp"

namespace colossim {

namespace {

namespace fs = std::filesystem;
using sqlite::quoted_name;
using sqlite::quoted_text;

/// A run's key as two numbers.
using Key = std::array<std::uint64_t, 2>;

Key parse_key(std::string_view hex) {
  Key key{};
  std::from_chars(hex.data(), hex.data() + 16, key[0], 16);
  std::from_chars(hex.data() + 16, hex.data() + 32, key[1], 16);
  return key;
}

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS study (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS columns (position INTEGER PRIMARY KEY, name TEXT, kind TEXT, unit TEXT,
                                    meaning TEXT);
CREATE TABLE IF NOT EXISTS plan (run INTEGER PRIMARY KEY, point INTEGER, replicate INTEGER, key TEXT);
CREATE TABLE IF NOT EXISTS results (id INTEGER PRIMARY KEY, key TEXT UNIQUE, status TEXT, message TEXT);
CREATE TABLE IF NOT EXISTS deaths (key TEXT PRIMARY KEY, count INTEGER, message TEXT);
CREATE TABLE IF NOT EXISTS series_names (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS cells (result INTEGER, series INTEGER, interval INTEGER, end_h REAL,
                                  mean REAL, min REAL, max REAL,
                                  PRIMARY KEY (result, series, interval)) WITHOUT ROWID;
)";

constexpr double hour_ns = 3.6e12;

}  // namespace

class ResultStore::Impl {
 public:
  Impl(const fs::path& file, const Plan& plan, bool shared_disk)
      : plan_(plan), lock_(file), database_(open(file)) {
    // A write-ahead log needs memory that processes share, which network disks have not.
    database_.run(shared_disk ? "PRAGMA journal_mode=DELETE" : "PRAGMA journal_mode=WAL");
    database_.run("PRAGMA synchronous=NORMAL");
    keys_.reserve(plan.runs());
    std::map<Key, std::size_t> first;
    for (std::size_t run = 0; run < plan.runs(); ++run) {
      keys_.push_back(plan.key_of(run));
      first_of_key_.push_back(first.try_emplace(parse_key(keys_.back()), run).first->second);
    }
    sqlite::Transaction all{database_};
    database_.run(schema);
    write_facts();
    write_columns();
    write_points();
    database_.run("DELETE FROM plan");
    all.commit();
    read_known();
  }

  ~Impl() {
    // Without a log beside it the file is all there is, and readers leave none behind.
    insert_.reset();
    cell_.reset();
    try {
      database_.run("PRAGMA journal_mode=DELETE");
    } catch (const std::system_error&) {
      // Somebody reads it: the log stays, and is read with the file.
    }
  }

  [[nodiscard]] std::optional<RunStatus> status(std::size_t run) const {
    const auto found = known_.find(parse_key(keys_[run]));
    if (found == known_.end()) return std::nullopt;
    return found->second;
  }

  [[nodiscard]] std::optional<double> metric(std::size_t run, std::size_t metric) const {
    auto select = database_.prepare(fmt::format("SELECT {} FROM results WHERE key = ?",
                                                quoted_name(plan_.metrics[metric].name)));
    select.bind(1, std::string_view{keys_[run]});
    if (!select.step() || select.is_null(0)) return std::nullopt;
    return select.real(0);
  }

  [[nodiscard]] std::size_t first_of_key(std::size_t run) const { return first_of_key_[run]; }

  void ask_for(const std::vector<std::size_t>& runs) {
    sqlite::Transaction all{database_};
    auto insert = database_.prepare("INSERT OR IGNORE INTO plan VALUES (?, ?, ?, ?)");
    for (const std::size_t run : runs) {
      insert.bind(1, static_cast<std::int64_t>(run))
          .bind(2, static_cast<std::int64_t>(plan_.point_of(run)))
          .bind(3, static_cast<std::int64_t>(plan_.replicate_of(run)))
          .bind(4, std::string_view{keys_[run]})
          .run();
    }
    all.commit();
  }

  void record(std::size_t run, const RunRecord& record) {
    sqlite::Transaction all{database_};
    if (!insert_) insert_.emplace(database_.prepare(insert_text()));
    insert_->bind(1, std::string_view{keys_[run]})
        .bind(2, to_string(record.status))
        .bind(3, std::string_view{record.message});
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
      const double value = m < record.metrics.size() ? record.metrics[m] : std::nan("");
      insert_->bind(static_cast<int>(m) + 4, value / plan_.metrics[m].factor);
    }
    insert_->run();
    record_series(database_.last_row(), record.series);
    all.commit();
    known_[parse_key(keys_[run])] = record.status;
  }

  int count_death(std::size_t run, const std::string& how) {
    auto insert = database_.prepare(
        "INSERT INTO deaths VALUES (?1, 1, ?2) "
        "ON CONFLICT (key) DO UPDATE SET count = count + 1, message = ?2");
    insert.bind(1, std::string_view{keys_[run]}).bind(2, std::string_view{how}).run();
    auto select = database_.prepare("SELECT count FROM deaths WHERE key = ?");
    select.bind(1, std::string_view{keys_[run]}).step();
    return static_cast<int>(select.integer(0));
  }

  void retry() {
    database_.run("DELETE FROM results WHERE status != 'done'; DELETE FROM deaths");
    std::erase_if(known_, [](const auto& entry) { return entry.second != RunStatus::done; });
  }

  void freeze_shards(std::size_t count) { write_fact("shards", std::to_string(count)); }

  void take_over(const fs::path& other) {
    require_same_study(other);
    database_.run("ATTACH " + quoted_text(other.string()) + " AS other");
    {
      sqlite::Transaction all{database_};
      database_.run(
          "DELETE FROM results WHERE status != 'done' AND key IN "
          "(SELECT key FROM other.results WHERE status = 'done')");
      const std::int64_t before = database_.integer("SELECT max(id) FROM results").value_or(0);
      std::string names = "key, status, message";
      for (const MetricDefinition& d : plan_.metrics) names += ", " + quoted_name(d.name);
      database_.run("INSERT OR IGNORE INTO results (" + names + ") SELECT " + names +
                    " FROM other.results ORDER BY id");
      database_.run(fmt::format(
          "INSERT INTO cells SELECT mine.id, c.series, c.interval, c.end_h, c.mean, c.min, c.max "
          "FROM other.cells c JOIN other.results theirs ON theirs.id = c.result "
          "JOIN main.results mine ON mine.key = theirs.key WHERE mine.id > {}",
          before));
      database_.run(
          "INSERT OR IGNORE INTO plan SELECT * FROM other.plan;"
          "INSERT OR IGNORE INTO deaths SELECT * FROM other.deaths");
      all.commit();
    }
    database_.run("DETACH other");
    read_known();
  }

 private:
  static sqlite::Database open(const fs::path& file) {
    std::error_code error;
    if (fs::exists(file, error) && fs::file_size(file, error) > 0) open_results(file, true);
    return {file, sqlite::Mode::create};
  }

  void write_fact(const std::string& name, const std::string& value) {
    auto insert = database_.prepare("INSERT OR REPLACE INTO study VALUES (?, ?)");
    insert.bind(1, std::string_view{name}).bind(2, std::string_view{value}).run();
  }

  void write_facts() {
    const Facts had = read_facts(database_);
    require_match(database_.file(), had, plan_);
    for (const auto& [name, value] : facts_of(plan_)) write_fact(name, value);
  }

  void write_columns() {
    database_.run("DELETE FROM columns; DROP VIEW IF EXISTS runs; DROP VIEW IF EXISTS series");
    auto insert = database_.prepare("INSERT INTO columns VALUES (NULL, ?, ?, ?, ?)");
    std::string selected;
    const auto add = [&](const std::string& name, const char* kind, const std::string& unit,
                         const std::string& meaning, const std::string& from) {
      insert.bind(1, std::string_view{name})
          .bind(2, std::string_view{kind})
          .bind(3, std::string_view{unit})
          .bind(4, std::string_view{meaning})
          .run();
      selected += (selected.empty() ? "" : ", ") + from + "." + quoted_name(name);
    };
    add("run", "number", "", "counts from 0: all replicates of a point, then the next", "plan");
    add("point", "number", "", "values of the axes", "plan");
    add("replicate", "number", "", "counts from 0; equal ones have equal random numbers", "plan");
    add("status", "text", "", "done, failed or quarantined", "results");
    for (const Axis& axis : plan_.points.axes)
      add(axis.name, "axis", axis.unit, axis.path, "points");
    std::map<std::string, bool> has;
    for (auto names = database_.prepare("SELECT name FROM pragma_table_info('results')");
         names.step();)
      has[names.text(0)] = true;
    for (const MetricDefinition& d : plan_.metrics) {
      if (!has[d.name])
        database_.run("ALTER TABLE results ADD COLUMN " + quoted_name(d.name) + " REAL");
      add(d.name, "metric", d.unit == "1" ? "" : d.unit, d.doc, "results");
    }
    database_.run("CREATE VIEW runs AS SELECT " + selected +
                  " FROM plan JOIN points USING (point) JOIN results USING (key)");
    database_.run(
        "CREATE VIEW series AS SELECT plan.run, plan.point, plan.replicate, series_names.name AS "
        "series, cells.interval, cells.end_h, cells.mean, cells.min, cells.max FROM plan "
        "JOIN results USING (key) JOIN cells ON cells.result = results.id "
        "JOIN series_names ON series_names.id = cells.series");
    auto name = database_.prepare("INSERT OR IGNORE INTO series_names (name) VALUES (?)");
    for (const std::string& header : plan_.series) name.bind(1, std::string_view{header}).run();
    for (auto names = database_.prepare("SELECT name, id FROM series_names"); names.step();)
      series_ids_[names.text(0)] = names.integer(1);
  }

  void write_points() {
    database_.run("DROP TABLE IF EXISTS points");
    std::string columns = "point INTEGER PRIMARY KEY";
    std::string marks = "?";
    for (const Axis& axis : plan_.points.axes) {
      columns += ", " + quoted_name(axis.name) + (axis.numeric ? " REAL" : " TEXT");
      marks += ", ?";
    }
    database_.run("CREATE TABLE points (" + columns + ")");
    auto insert = database_.prepare("INSERT INTO points VALUES (" + marks + ")");
    for (std::size_t p = 0; p < plan_.points.points.size(); ++p) {
      insert.bind(1, static_cast<std::int64_t>(p));
      for (std::size_t a = 0; a < plan_.points.axes.size(); ++a) {
        const AxisValue& value = plan_.points.points[p][a];
        const int at = static_cast<int>(a) + 2;
        if (plan_.points.axes[a].numeric) {
          insert.bind(at, value.number);
        } else {
          insert.bind(at, std::string_view{value.text});
        }
      }
      insert.run();
    }
  }

  void read_known() {
    known_.clear();
    for (auto select = database_.prepare("SELECT key, status FROM results"); select.step();) {
      const std::string status = select.text(1);
      known_[parse_key(select.text(0))] = status == "done"     ? RunStatus::done
                                          : status == "failed" ? RunStatus::failed
                                                               : RunStatus::quarantined;
    }
  }

  [[nodiscard]] std::string insert_text() const {
    std::string names = "key, status, message";
    std::string marks = "?, ?, ?";
    for (const MetricDefinition& d : plan_.metrics) {
      names += ", " + quoted_name(d.name);
      marks += ", ?";
    }
    return "INSERT INTO results (" + names + ") VALUES (" + marks + ")";
  }

  void record_series(std::int64_t result, const std::vector<SeriesRecord>& all) {
    if (all.empty()) return;
    if (!cell_) cell_.emplace(database_.prepare("INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?, ?)"));
    for (const SeriesRecord& series : all) {
      const std::int64_t id = series_ids_.at(series.header);
      for (std::size_t i = 0; i < series.cells.size(); ++i) {
        cell_->bind(1, result)
            .bind(2, id)
            .bind(3, static_cast<std::int64_t>(i))
            .bind(4, static_cast<double>(series.ends[i].ns()) / hour_ns)
            .bind(5, series.cells[i].mean)
            .bind(6, series.cells[i].min)
            .bind(7, series.cells[i].max)
            .run();
      }
    }
  }

  void require_same_study(const fs::path& other) const {
    sqlite::Database theirs = open_results(other);
    require_match(other, read_facts(theirs), plan_);
    require_same_plan(other, read_facts(theirs), plan_);
  }

  const Plan& plan_;
  FileLock lock_;
  sqlite::Database database_;
  std::vector<std::string> keys_;          // by run
  std::vector<std::size_t> first_of_key_;  // by run
  std::map<Key, RunStatus> known_;
  std::map<std::string, std::int64_t> series_ids_;
  std::optional<sqlite::Statement> insert_;
  std::optional<sqlite::Statement> cell_;
};

std::string_view to_string(RunStatus status) {
  switch (status) {
    case RunStatus::done:
      return "done";
    case RunStatus::failed:
      return "failed";
    case RunStatus::quarantined:
      break;
  }
  return "quarantined";
}

ResultStore::ResultStore(const fs::path& file, const Plan& plan, bool shared_disk)
    : impl_(std::make_unique<Impl>(file, plan, shared_disk)) {}
ResultStore::ResultStore(ResultStore&&) noexcept = default;
ResultStore::~ResultStore() = default;

std::size_t ResultStore::first_of_key(std::size_t run) const {
  return impl_->first_of_key(run);
}
std::optional<RunStatus> ResultStore::status(std::size_t run) const {
  return impl_->status(run);
}
std::optional<double> ResultStore::metric(std::size_t run, std::size_t metric) const {
  return impl_->metric(run, metric);
}
void ResultStore::ask_for(const std::vector<std::size_t>& runs) {
  impl_->ask_for(runs);
}
void ResultStore::record(std::size_t run, const RunRecord& record) {
  impl_->record(run, record);
}
int ResultStore::count_death(std::size_t run, const std::string& how) {
  return impl_->count_death(run, how);
}
void ResultStore::retry() {
  impl_->retry();
}
void ResultStore::freeze_shards(std::size_t count) {
  impl_->freeze_shards(count);
}
void ResultStore::take_over(const fs::path& other) {
  impl_->take_over(other);
}
void ResultStore::close() {
  impl_.reset();
}

}  // namespace colossim
