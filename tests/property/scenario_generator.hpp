// Random small scenarios that are valid by construction: the input of the property tests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <colossim/base/calendar.hpp>

#include "scenario_dice.hpp"

namespace colossim::test {

/// A group of equal racks.
struct DrawnGroup {
  std::string node;
  std::string gpu;
  std::int64_t node_gpus = 8;
  std::int64_t nodes_per_rack = 1;
  std::int64_t racks = 1;
  std::size_t branch = 0;
  double rack_idle = 0;  // kW with network
  double rack_peak = 0;
};

struct DrawnSite {
  std::string name;
  std::string owner;
  int zone = 0;     // half hours from UTC
  double feed = 0;  // kW
  std::vector<DrawnGroup> groups;
  std::map<std::string, std::int64_t> gpus;     // by type
  std::map<std::string, std::int64_t> largest;  // of one server type, by GPU type
  std::int64_t all_gpus = 0;
  std::int64_t step = 8;         // GPUs by which numbers of nodes differ
  std::int64_t first_power = 0;  // day of the run on which its first racks get power
};

struct DrawnService {
  std::string name;
  std::string tenant;
  std::string site;
  bool earns = false;
};

struct DrawnStream {
  std::string name;
  std::string tenant;
  std::string site;
};

/// What was drawn already, for what refers to it.
struct DrawnScenario {
  Date start{};
  std::int64_t days = 1;
  std::int64_t hours = 24;
  std::vector<std::string> parties;
  std::vector<DrawnSite> sites;
  std::vector<DrawnService> services;
  std::vector<DrawnStream> streams;

  /// A day, counted from the run's first.
  [[nodiscard]] Date date(std::int64_t day) const;
  /// The last day on which something may begin within the run.
  [[nodiscard]] std::int64_t last_day() const { return (hours - 1) / 24; }
};

/// `2026-05-06`.
std::string date_text(Date date);

/// Writes one random scenario as text; the same number always gives the same text, on every
/// machine.
///
/// One or two sites of one to three rack groups on a random power tree, some with a feed so tight
/// that caps bind; services from idle to far beyond capacity; jobs smaller than a node, larger, and
/// not a multiple of it; contracts of every kind (ContractGenerator).
class ScenarioGenerator {
 public:
  explicit ScenarioGenerator(std::uint64_t number);

  /// The scenario as YAML.
  std::string text();

 private:
  struct Branch {
    std::int64_t count = 1;
    int parent = -1;  // the feed
    int depth = 1;
  };

  /// A day from `first` to `last` days after the run's first.
  std::string day(std::int64_t first, std::int64_t last);

  // Parts of the text.
  void open_run();
  std::string party();
  void add_site(std::size_t row);
  void draw_groups(DrawnSite& site, double overhead);
  std::vector<Branch> draw_branches();
  void write_power(DrawnSite& site, const std::vector<Branch>& branches);
  void write_halls(DrawnSite& site);
  void write_plant(std::size_t branches);
  void write_books();
  std::string loop_text(const std::string& supply);
  void add_services();
  void add_service(std::int64_t number);
  std::string income(DrawnService& service);
  void add_jobs();
  void add_batch(const DrawnSite& site, std::int64_t number);
  void add_training(const DrawnSite& site, std::int64_t number);
  void add_standing(const DrawnSite& site, std::int64_t number);
  std::string window();
  std::string checkpoint();
  std::string preemption();
  bool saves_ = false;  // the stream at hand has a checkpoint
  void add_pools();
  std::string queue(const std::vector<std::string>& streams);
  std::string sizes(std::int64_t largest);
  std::string runtimes();
  /// Random present types in random order.
  std::vector<std::string> some_types(const DrawnSite& site);

  Dice dice_;

  // Filled by open_run(), add_site() and add_service(), read by the rest.
  DrawnScenario drawn_;
  std::string out_;
};

}  // namespace colossim::test
