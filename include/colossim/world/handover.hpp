// Which racks to hand over so that the cuts of power, coolant and fabric are clean. A pure planner:
// a site as plain rows in, plans out; nothing here knows of time or money.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <colossim/scenario/scenario.hpp>

namespace colossim {

enum class ElementKind : std::uint8_t { power, coolant, array, pod };

/// Something that serves several racks.
struct HandoverElement {
  ElementKind kind = ElementKind::power;
  std::uint32_t group = 0;              // row of `HandoverSite::groups`
  bool common = false;                  // made to serve several parties; else it is indivisible
  Power rating;                         // greatest output; power elements only
  std::int64_t uplinks = 0;             // links to the tier above; arrays and pods only
  std::optional<std::uint32_t> parent;  // the element that feeds it; a loop's hall, an array's pod
};

struct HandoverRack {
  std::int64_t gpus = 0;
  std::int64_t gpus_per_node = 1;       // a rack can be divided by nodes
  Power peak;                           // wall power, every GPU at full activity, network included
  bool on_offer = true;                 // else it stays in every plan
  std::vector<std::uint32_t> elements;  // its branch first, loop, array; their parents serve it too
};

/// Consecutive racks of one group of a hall.
struct HandoverRow {
  std::string name;  // `hall_1.h100`
  std::string gpu;   // type
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// A site as the planner sees it. Racks stand in the order in which the world builds them: halls by
/// name, groups by name, then by number.
struct HandoverSite {
  std::string name;
  Power feed;
  std::int64_t links_per_gpu = 1;
  ByteRate link_rate;
  std::vector<std::string>
      groups;  // branches from the feed down, then `cdu`, `hall`, `array`, `pod`
  std::vector<HandoverElement> elements;  // parents before their children
  std::vector<HandoverRow> rows;
  std::vector<HandoverRack> racks;

  [[nodiscard]] std::int64_t gpus() const;
  [[nodiscard]] std::int64_t gpus_on_offer() const;
};

/// The racks of a site and what they share: the power tree; loops of `racks_per_cdu` racks, when
/// more than one, and the facility loop of each hall; arrays and pods of the fabric [models_1_1].
/// Common, so never a reason to strand anything: power elements rated above the site's
/// `common_above` (substation transformers and UPS have metered feeders), those that also feed the
/// cooling plant, facility loops, and pods. REQUIRES: the scenario was loaded with
/// `check_topology`; `site` exists.
HandoverSite handover_site(const Scenario& scenario, const std::string& site);

/// What a division of a site leaves in joint hands. An element is *shared* when GPUs below it go
/// and others stay; a rack whose nodes are divided is shared too.
struct Stranded {
  std::int64_t gpus = 0;      // of racks, of both parties, that are or hang on something shared and
                              // indivisible: they cannot change hands without the other party
  std::int64_t moved = 0;     // those of them that go
  std::int64_t elements = 0;  // indivisible things that are shared, divided racks included
  Power power;                // rating of the shared indivisible power elements, outermost only
  Power coolant;              // peak of the racks on shared coolant loops
  std::int64_t uplinks = 0;   // from the leaves of shared arrays to the spines
};

/// Stranded capacity when of each rack `handed` GPUs go. REQUIRES: one number per rack, from 0 to
/// the rack's GPUs. [models_9]
Stranded stranded(const HandoverSite& site, std::span<const std::int64_t> handed);

/// An undirected edge of a network.
struct NetworkEdge {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::int64_t capacity = 0;
};

/// Capacity of the least cut between `source` and `sink`: the maximum flow, by push-relabel.
/// REQUIRES: capacities >= 0, `source` != `sink`, both below `vertices`.
std::int64_t least_cut(std::uint32_t vertices, std::span<const NetworkEdge> edges,
                       std::uint32_t source, std::uint32_t sink);

/// Links to cut so that no path joins the two parties: the least cut of the fabric between the
/// racks that go and those that stay. Leaves, spines and core fall to the side that is cheaper.
std::int64_t links_cut(const HandoverSite& site, std::span<const std::int64_t> handed);

/// GPUs to hand over, by rack, and which elements the search minded.
struct Division {
  std::vector<std::int64_t> handed;
  std::string over;  // `power, coolant, arrays`, or less when those overlap too much
};

/// The division of `gpus` GPUs (or of the nearest number, not 0, that whole racks and at most one
/// rack divided by nodes can make) that strands the fewest GPUs; among these the one that shares
/// the fewest elements, then the one with the fewest changes between neighbours in the order of the
/// power tree. Exact. Nothing when the site is too large for that (beyond some 10,000 racks).
/// REQUIRES: 0 <= gpus <= site.gpus_on_offer().
std::optional<Division> least_stranded(const HandoverSite& site, std::int64_t gpus);

/// Divisions that strand nothing, nearest to `gpus` from below (more than 0) and from above.
struct CleanDivisions {
  std::optional<Division> below;  // at most `gpus`
  std::optional<Division> above;  // at least `gpus`
};
CleanDivisions clean_divisions(const HandoverSite& site, std::int64_t gpus);

/// How the elements of a group fall.
struct GroupCut {
  std::string group;
  std::int64_t moved = 0;
  std::int64_t kept = 0;
  std::int64_t shared = 0;
  std::int64_t stranding = 0;  // of the shared ones, those that are indivisible
};

struct HandoverPlan {
  std::string name;                  // `exact`, `clean_below`, `clean_above`, `arrays`, `in_order`
  std::string searched;              // what an exact search minded; empty for the plans without one
  std::vector<std::int64_t> handed;  // GPUs by rack
  std::int64_t gpus = 0;
  std::int64_t racks = 0;    // whole
  std::int64_t divided = 0;  // GPUs of the rack that is divided by nodes
  std::int64_t arrays = 0;   // touched, whole or not [models_9]
  Power peak;                // wall power of what goes, every GPU at full activity
  Power nameplate;           // rating of the branches their racks hang on, by share of peak
  Power feed;                // the site's feed by share of peak: with plant and losses
  Stranded stranded;
  std::int64_t links_cut = 0;
  std::vector<GroupCut> cuts;  // by group of elements
};

/// Plans for `gpus` GPUs, the best first:
///   exact        that many GPUs, fewest stranded (see `least_stranded`)
///   clean_below  as many as can go without stranding anything, at most `gpus`
///   clean_above  the fewest, at least `gpus`, that strand nothing
///   arrays       consecutive whole arrays, about as many GPUs: what a rule of thumb would take
///   in_order     the first racks of the site: what no planning would take
/// Plans that take the same racks as one before them are left out. A site too large for an exact
/// search gets those of the others that can be had, the one first that strands or misses the fewest
/// GPUs. REQUIRES: 1 <= gpus <= site.gpus_on_offer().
std::vector<HandoverPlan> plan_handover(const HandoverSite& site, std::int64_t gpus);
std::vector<HandoverPlan> plan_handover(const Scenario& scenario, const std::string& site,
                                        std::int64_t gpus);

/// All racks of a site (numbers in the order of `HandoverSite::racks`), so that taking them from
/// the front until `gpus` GPUs are reached gives the best plan: whole racks that go, the divided
/// one, the others.
std::vector<std::uint32_t> handover_order(const HandoverSite& site, std::int64_t gpus);
std::vector<std::uint32_t> handover_order(const Scenario& scenario, const std::string& site,
                                          std::int64_t gpus);

/// Consecutive racks of a row that go, counted within the row. A divided rack is a run of its own.
struct RackRun {
  std::uint32_t row = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::int64_t gpus = 0;  // that go
  bool divided = false;   // only some of its nodes go
};
std::vector<RackRun> rack_runs(const HandoverSite& site, std::span<const std::int64_t> handed);

}  // namespace colossim
