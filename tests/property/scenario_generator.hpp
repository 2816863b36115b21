// Random small scenarios that are valid by construction: the input of the property tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <colossim/base/calendar.hpp>
#include <colossim/base/random.hpp>

namespace colossim::test {

/// A formatted text. Its arguments stand in braces, which C++ evaluates from left to right: dice
/// thrown in them fall in the same order with every compiler.
struct Text {
  template <class... Values>
  explicit Text(fmt::format_string<Values...> format, Values&&... values)
      : string(fmt::format(format, std::forward<Values>(values)...)) {}

  std::string string;
};

/// Writes one random scenario as text; the same number always gives the same text, on every
/// machine.
///
/// One or two sites of one to three rack groups on a random power tree, some with a feed so tight
/// that caps bind; leases that start, ramp and end within the run; services from idle to far beyond
/// capacity; jobs smaller than a node, larger, and not a multiple of it.
class ScenarioGenerator {
 public:
  explicit ScenarioGenerator(std::uint64_t number);

  /// The scenario as YAML.
  std::string text();

 private:
  struct Group {
    std::string node;
    std::string gpu;
    std::int64_t nodes_per_rack = 1;
    std::int64_t racks = 1;
    std::size_t branch = 0;
    double rack_idle = 0;  // kW with network
    double rack_peak = 0;
  };
  struct Branch {
    std::int64_t count = 1;
    int parent = -1;  // the feed
    int depth = 1;
  };
  struct Site {
    std::string name;
    std::string owner;
    int zone = 0;  // half hours from UTC
    std::vector<Group> groups;
    std::map<std::string, std::int64_t> gpus;     // by type
    std::map<std::string, std::int64_t> largest;  // of one server type, by GPU type
    std::int64_t all_gpus = 0;
  };

  // Dice.
  std::int64_t integer(std::int64_t low, std::int64_t high);
  double between(double low, double high) { return uniform_between(dice_, low, high); }
  bool chance(double probability) { return dice_.uniform() < probability; }
  template <class Value>
  const Value& one_of(const std::vector<Value>& values) {
    return values[static_cast<std::size_t>(
        integer(0, static_cast<std::int64_t>(values.size()) - 1))];
  }
  /// A day from `first` to `last` days after the run's first.
  std::string day(std::int64_t first, std::int64_t last);

  // Parts of the text.
  void open_run();
  void add_site(std::size_t row);
  void draw_groups(Site& site, double overhead);
  std::vector<Branch> draw_branches();
  void write_power(const Site& site, const std::vector<Branch>& branches);
  void write_halls(const Site& site);
  void write_plant(std::size_t branches);
  void write_books();
  std::string loop_text(const std::string& supply);
  void add_leases();
  void add_lease(const Site& site, std::int64_t number, const std::string& gpus);
  void add_services();
  void add_service(std::int64_t number);
  void add_jobs();
  void add_batch(const Site& site, std::int64_t number);
  void add_training(const Site& site, std::int64_t number);
  std::string window();
  std::string sizes(std::int64_t largest);
  std::string runtimes();
  /// Random present types in random order.
  std::vector<std::string> some_types(const Site& site);

  Stream dice_;

  // Filled by open_run() and add_site(), read by the rest.
  Date start_{};
  std::int64_t days_ = 1;
  std::vector<std::string> parties_;
  std::vector<Site> sites_;
  std::string out_;
};

}  // namespace colossim::test
