// The power tree as arrays, the activities that load it, and the meter at the feed. Powers are
// whole microwatts, so that changes can travel as exact deltas and both sides of the energy balance
// are integers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <colossim/base/int128.hpp>
#include <colossim/base/time.hpp>
#include <colossim/model/loss_curve.hpp>
#include <colossim/record/ledger.hpp>
#include <colossim/world/ids.hpp>

namespace colossim {

/// Fixed-point speed of work: `full_speed` is the uncapped rate.
inline constexpr std::int64_t full_speed = std::int64_t{1} << 20;

/// One way for GPUs to draw power: a job stream, a service on one server type, or the idle base of
/// a type.
struct Activity {
  std::string name;
  SiteId site;
  NodeModelId model;
  PartyId tenant;                       // whose work; none for the base
  bool is_base = false;                 // drawn by every powered GPU; a cap cannot reach it
  std::int64_t uncapped_uw = 0;         // per GPU above the base (per powered GPU for a base)
  std::int64_t drawn_uw = 0;            // per GPU under the present cap
  double idle_share = 0;                // of one GPU's uncapped power: what a cap cannot take away
  double die_power = 0;                 // W of one GPU at uncapped activity
  double clock_insensitive = 0;         // share of time a lower clock does not stretch
  std::int64_t gpus = 0;                // in total
  std::vector<std::int32_t> by_branch;  // GPUs below each branch of the site
  std::size_t branch_begin = 0;         // its GPUs are below branches in [begin, end)
  std::size_t branch_end = 0;

  // How far work of this activity got: ∫ speed dt [full_speed · ns].
  std::int64_t speed = full_speed;
  Int128 progress = 0;
  SimTime progress_since;

  // For who bears which part of the bill, up to the site's `since` of the last settle.
  std::int64_t settled_uw = 0;    // GPUs · draw of the last settle
  std::int64_t settled_lost = 0;  // GPUs · (full speed − speed) of the last settle
  Int128 energy = 0;              // µW·ns
  Int128 curtailed = 0;           // full_speed · GPU·ns lost to caps
  Int128 hour_energy = 0;         // both at the start of the hour
  Int128 hour_curtailed = 0;
};

/// One element of the tree, as built.
struct Branch {
  BranchId parent;  // none: fed by the feed
  LossCurve loss;
  Power rating;
  int level = 0;  // 0 at the feed
};

/// The powers of one element. Apart from `Branch` because every demand step sweeps over them.
struct BranchPower {
  ScaledLoss loss;        // in microwatts
  double per_rating = 0;  // 1 / rating
  BranchId parent;
  std::int64_t loss_uw = 0;
  std::int64_t in_uw = 0;  // what the parent saw at the last propagation
};

/// The feed of a site and everything metered there.
struct Feed {
  std::int64_t limit_uw = 0;
  std::int64_t drawn_uw = 0;
  std::int64_t peak_uw = 0;
  std::int64_t loss_uw = 0;        // of all branches
  std::int64_t mechanical_uw = 0;  // cooling plant and auxiliaries
  std::int64_t it_uw = 0;
  std::int64_t it_peak_uw = 0;
  int cap_percent = 100;  // of the power above idle
  bool dirty = true;
  std::size_t deepest = 0;      // offset of the first branch of the deepest level
  std::size_t sweep_begin = 0;  // offsets of branches that changed together: see `propagate`
  std::size_t sweep_end = 0;    // equal to begin: no sweep is due
  SimTime since;
  Int128 metered = 0;       // ∫ drawn dt [µW·ns]
  Int128 it_energy = 0;     // ∫ IT dt
  Int128 loads_energy = 0;  // ∫ (Σ loads + losses + plant) dt: the certificate's other path
  std::int64_t purchased_uw = 0;  // volume of the power purchases in force
  Int128 purchased = 0;           // ∫ min(drawn, volume) dt
  Int128 loads_purchased = 0;     // the same from the loads
  Duration capped;                // time below 100 %
  double branch_peak = 0;         // highest output / rating of any branch so far

  std::size_t first_branch = 0;  // rows of the site's branches
  std::size_t branches = 0;
  std::vector<BranchId> plant;  // where the cooling plant is connected, in equal parts
  std::vector<std::int64_t> plant_uw;
  std::vector<std::vector<BranchId>> dirty_by_level;
};

struct PowerTables {
  Column<SiteId, Feed> feeds;
  Column<BranchId, Branch> branches;
  Column<BranchId, std::int64_t> out_uw;  // what each element delivers
  Column<BranchId, BranchPower> flows;
  Column<BranchId, std::uint8_t> dirty;  // in `Feed::dirty_by_level`
  Column<ActivityId, Activity> activities;
  std::vector<std::vector<ActivityId>> by_site;
  bool drops_next_delta = false;  // fault injection for the certificate's own test
};

/// `gpus` more (or fewer) GPUs below `branch` do activity `id`.
void add_gpus(PowerTables& power, ActivityId id, BranchId branch, std::int64_t gpus);
/// The load of a branch changes by `delta_uw`.
void add_load(PowerTables& power, SiteId site, BranchId branch, std::int64_t delta_uw);
/// The uncapped draw of an activity changes; takes effect at the present cap.
void set_uncapped(PowerTables& power, ActivityId id, std::int64_t uncapped_uw);
/// Applies a cap to every activity of a site: draw, and speed by the clock law.
void apply_cap(PowerTables& power, SiteId site, int percent, SimTime now);
/// Brings losses and inputs up to date from the leaves to the feed.
void propagate(PowerTables& power, SiteId site);
/// Σ GPUs · draw over the activities of a site: IT power from the loads' side.
std::int64_t sum_of_loads(const PowerTables& power, SiteId site);
/// Moves the meters of a feed to `now`, under the powers of the last settle.
void advance_meters(Feed& feed, SimTime now);
/// Moves the energy and the losses to caps of a site's activities to `now`, under the powers of the
/// last settle; call it where `advance_meters` is called, before.
void advance_activities(PowerTables& power, SiteId site, SimTime now);
/// Notes the powers of a settle.
void note_settled(PowerTables& power, SiteId site);
/// ∫ speed dt of an activity up to `now`.
Int128 progress_at(const Activity& activity, SimTime now);

}  // namespace colossim
