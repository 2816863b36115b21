// Boost.Graph finds circles, reachability and depth; the rest of the simulator sees flat rows.
#include <algorithm>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/scenario/fleet.hpp>
#include <colossim/world/topology.hpp>

namespace colossim {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

constexpr Vertex feed_vertex = 0;
constexpr int unreached = -1;

/// Branch groups as a graph: vertex 0 is the feed, the others are groups in name order.
struct GroupGraph {
  Graph graph;
  std::vector<std::string> names{"feed"};

  explicit GroupGraph(const PowerSpec& power) : graph(power.branches.size() + 1) {
    for (const auto& [name, branch] : power.branches) names.push_back(name);
    for (const auto& [name, branch] : power.branches) {
      const auto parent = find(branch.parent);
      if (parent) boost::add_edge(*parent, *find(name), graph);
    }
  }
  [[nodiscard]] std::optional<Vertex> find(const std::string& name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Vertex>(found - names.begin());
  }
  /// Distance from the feed by vertex; `unreached` where no path leads.
  [[nodiscard]] std::vector<int> depths() const {
    std::vector<int> depth(names.size(), unreached);
    depth[feed_vertex] = 0;
    const auto visitor =
        boost::make_bfs_visitor(boost::record_distances(depth.data(), boost::on_tree_edge{}));
    boost::breadth_first_search(graph, feed_vertex, boost::visitor(visitor));
    return depth;
  }
  /// Groups that feed each other in a circle, one list per circle.
  [[nodiscard]] std::vector<std::vector<std::string>> circles() const {
    std::vector<int> component(names.size());
    const int count = boost::strong_components(
        graph, boost::make_iterator_property_map(component.begin(),
                                                 boost::get(boost::vertex_index, graph)));
    std::vector<std::vector<std::string>> members(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < names.size(); ++i)
      members[static_cast<std::size_t>(component[i])].push_back(names[i]);
    std::vector<std::vector<std::string>> result;
    for (const auto& group : members) {
      const auto self = find(group.front());
      if (group.size() > 1 || boost::edge(*self, *self, graph).second) result.push_back(group);
    }
    return result;
  }
};

class SiteCheck {
 public:
  SiteCheck(const Scenario& scenario, const std::string& name, const SiteSpec& site,
            std::vector<Diagnostic>& out)
      : scenario_(scenario), site_(site), path_("sites." + name + ".power"), out_(out) {}

  void run() {
    const GroupGraph groups{site_.power};
    std::int64_t elements = 0;
    for (const auto& [name, branch] : site_.power.branches) elements += branch.count;
    constexpr std::int64_t expandable = 200'000;  // more is refused by the scenario's own checks
    if (check_parents(groups) && check_circles(groups) && elements <= expandable) check_ratings();
  }

 private:
  void report(const std::string& path, std::string message, std::string hint = {}) {
    out_.push_back({scenario_.mark_at(path), path, std::move(message), std::move(hint)});
  }
  bool check_parents(const GroupGraph& groups) {
    bool good = !site_.power.branches.contains("feed");
    if (!good)
      report(path_ + ".branches.feed", "\"feed\" names the utility's feed itself",
             "choose another name");
    for (const auto& [name, branch] : site_.power.branches) {
      if (groups.find(branch.parent)) continue;
      report(path_ + ".branches." + name + ".parent",
             fmt::format("there is no branch \"{}\"", branch.parent),
             did_you_mean(branch.parent, groups.names));
      good = false;
    }
    return good;
  }
  bool check_circles(const GroupGraph& groups) {
    bool good = true;
    for (const auto& circle : groups.circles()) {
      report(path_ + ".branches." + circle.front() + ".parent",
             fmt::format("branches feed each other in a circle: {}", fmt::join(circle, ", ")),
             "one of them must hang on `feed`");
      good = false;
    }
    const std::vector<int> depth = groups.depths();
    for (std::size_t i = 1; good && i < depth.size(); ++i) {
      if (depth[i] != unreached) continue;
      report(path_ + ".branches." + groups.names[i], "no path leads from the feed to this branch");
      good = false;
    }
    return good;
  }
  /// Racks at their peak, from the leaves up with losses.
  void check_ratings() {
    PowerTree tree = plan_power_tree(scenario_, site_);
    Power idle;
    std::vector<Power> out(tree.elements.size());
    place_racks(tree, out, idle);
    for (std::size_t i = tree.elements.size(); i-- > 0;) {
      const Branch& element = tree.elements[i];
      if (element.parent.exists())
        out[element.parent.row()] += out[i] + loss(element.loss, element.rating, out[i]);
    }
    for (const auto& [name, range] : tree.groups) {
      const Power worst =
          *std::max_element(out.begin() + static_cast<std::ptrdiff_t>(range.first),
                            out.begin() + static_cast<std::ptrdiff_t>(range.first + range.count));
      const Power rating = site_.power.branches.at(name).rating;
      if (worst <= rating) continue;
      report(path_ + ".branches." + name + ".rating",
             fmt::format("expected at least {:.4g} kW, the peak of the racks below one element; "
                         "found {:.4g} kW",
                         worst.in(units::kilowatt), rating.in(units::kilowatt)),
             "only the feed may be oversubscribed");
    }
    if (idle > site_.power.feed)
      report(path_ + ".feed", fmt::format("expected at least {:.4g} MW, what idle racks draw",
                                          idle.in(units::megawatt)));
  }
  void place_racks(const PowerTree& tree, std::vector<Power>& out, Power& idle) {
    std::map<std::string, std::size_t> total;
    std::map<std::string, std::size_t> placed;
    each_group([&](const RackGroupSpec& group) {
      total[group.branch] += static_cast<std::size_t>(group.count);
    });
    each_group([&](const RackGroupSpec& group) {
      const auto range = tree.groups.find(group.branch);
      if (range == tree.groups.end()) return;  // reported by the scenario's own checks
      const RackPower rack = rack_power(scenario_, site_, group);
      idle += static_cast<double>(group.count) * rack.idle;
      for (std::int64_t i = 0; i < group.count; ++i) {
        out[element_of_rack(range->second, placed[group.branch]++, total[group.branch])] +=
            rack.peak;
      }
    });
  }
  template <class Use>
  void each_group(Use use) {
    for (const auto& [hall_name, hall] : site_.halls) {
      for (const auto& [name, group] : hall.racks) use(group);
    }
  }

  const Scenario& scenario_;
  const SiteSpec& site_;
  std::string path_;
  std::vector<Diagnostic>& out_;
};

}  // namespace

PowerTree plan_power_tree(const Scenario& scenario, const SiteSpec& site) {
  const GroupGraph groups{site.power};
  const std::vector<int> depth = groups.depths();
  std::vector<std::size_t> order(groups.names.size() - 1);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i + 1;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return depth[a] < depth[b]; });
  PowerTree tree;
  for (const std::size_t vertex : order) {
    const std::string& name = groups.names[vertex];
    const BranchSpec& spec = site.power.branches.at(name);
    const BranchKindSpec& curve = scenario.catalog.branches.at(spec.loss.name);
    const BranchRange range{tree.elements.size(), static_cast<std::size_t>(spec.count)};
    for (std::size_t i = 0; i < range.count; ++i) {
      Branch element;
      element.loss = {curve.a, curve.b, curve.c};
      element.rating = spec.rating;
      element.level = depth[vertex] - 1;
      if (spec.parent != "feed") {
        const BranchRange& parent = tree.groups.at(spec.parent);
        element.parent = BranchId{element_of_rack(parent, i, range.count)};
      }
      tree.elements.push_back(element);
    }
    tree.groups[name] = range;
    tree.levels = std::max(tree.levels, depth[vertex]);
  }
  return tree;
}

std::size_t element_of_rack(const BranchRange& group, std::size_t index, std::size_t total) {
  return group.first + index * group.count / total;
}

std::vector<Diagnostic> check_topology(const Scenario& scenario) {
  std::vector<Diagnostic> problems;
  for (const auto& [name, site] : scenario.sites) SiteCheck{scenario, name, site, problems}.run();
  return problems;
}

}  // namespace colossim
