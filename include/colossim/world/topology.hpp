// The power tree as a graph: checked, expanded into elements and flattened into rows.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <colossim/base/diagnostic.hpp>
#include <colossim/scenario/scenario.hpp>
#include <colossim/world/power.hpp>

namespace colossim {

/// The elements of one branch group: consecutive rows.
struct BranchRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// A site's power tree, element by element; parents come before children. Ids are offsets within
/// the site.
struct PowerTree {
  std::vector<Branch> elements;
  std::map<std::string, BranchRange> groups;
  int levels = 0;
};

/// Expands a site's branches. REQUIRES: `check_topology` found nothing.
PowerTree plan_power_tree(const Scenario& scenario, const SiteSpec& site);

/// The element that feeds rack `index` of the `total` racks on a group: racks spread evenly, in
/// order.
std::size_t element_of_rack(const BranchRange& group, std::size_t index, std::size_t total);

/// Everything wrong with the power trees of a scenario: unknown parents, circles, branches that
/// racks can overload, a feed that idle racks exceed.
std::vector<Diagnostic> check_topology(const Scenario& scenario);

}  // namespace colossim
