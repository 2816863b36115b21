// Exact deltas up the power tree, caps, and the meters at the feed.
#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/model/power_cap.hpp>
#include <colossim/world/power.hpp>

namespace colossim {

namespace {

inline void mark(Feed& feed, PowerTables& power, BranchId id) {
  std::uint8_t& dirty = power.dirty[id];
  if (dirty != 0) return;
  dirty = 1;
  feed.dirty = true;
  feed.dirty_by_level[static_cast<std::size_t>(power.branches[id].level)].push_back(id);
}

/// The cheap way when an activity reaches much of the tree: no marks, one sweep.
void shift_everywhere(PowerTables& power, const Activity& activity, Feed& feed,
                      std::int64_t delta_uw) {
  std::int64_t* out = &power.out_uw[BranchId{feed.first_branch}];
  const std::int32_t* gpus = activity.by_branch.data();
  for (std::size_t i = activity.branch_begin; i < activity.branch_end; ++i)
    out[i] += gpus[i] * delta_uw;
  const bool due = feed.sweep_begin < feed.sweep_end;
  feed.sweep_begin =
      due ? std::min(feed.sweep_begin, activity.branch_begin) : activity.branch_begin;
  feed.sweep_end = std::max(feed.sweep_end, activity.branch_end);
  feed.dirty = true;
}

/// Each GPU of `activity` draws `delta_uw` more from now on.
void shift_draw(PowerTables& power, Activity& activity, std::int64_t delta_uw) {
  if (delta_uw == 0) return;
  activity.drawn_uw += delta_uw;
  Feed& feed = power.feeds[activity.site];
  const std::size_t reach = activity.branch_end - activity.branch_begin;
  if (activity.gpus > 0 && reach * 16 > feed.branches) {
    shift_everywhere(power, activity, feed, delta_uw);
    return;
  }
  for (std::size_t offset = activity.branch_begin; offset < activity.branch_end; ++offset) {
    const std::int64_t gpus = activity.by_branch[offset];
    if (gpus == 0) continue;
    const BranchId id{feed.first_branch + offset};
    power.out_uw[id] += gpus * delta_uw;
    mark(feed, power, id);
  }
}

std::int64_t capped(const Activity& activity, int percent) {
  return activity.is_base ? activity.uncapped_uw : activity.uncapped_uw * percent / 100;
}

/// Speed of work when a cap leaves it `share` of its power above idle. The clock law speaks of the
/// GPU's whole power; below the lowest clock work is duty-cycled, so that nothing runs on idle
/// power alone.
std::int64_t speed_at(const Activity& activity, double share) {
  const double floor_ratio = power_at_clock(ClockLaw{}.min_clock);
  const double floor_share =
      std::max(0.0, (floor_ratio - activity.idle_share) / (1 - activity.idle_share));
  const double ratio = activity.idle_share + share * (1 - activity.idle_share);
  const double duty = share < floor_share ? share / floor_share : 1.0;
  const double clocked =
      throughput_at_clock(clock_at_cap(std::max(ratio, floor_ratio)), activity.clock_insensitive);
  return math::round_to_int(clocked * duty * static_cast<double>(full_speed));
}

void set_speed(Activity& activity, std::int64_t speed, SimTime now) {
  activity.progress = progress_at(activity, now);
  activity.progress_since = now;
  activity.speed = speed;
}

}  // namespace

void add_load(PowerTables& power, SiteId site, BranchId branch, std::int64_t delta_uw) {
  if (delta_uw == 0) return;
  power.out_uw[branch] += delta_uw;
  mark(power.feeds[site], power, branch);
}

void add_gpus(PowerTables& power, ActivityId id, BranchId branch, std::int64_t gpus) {
  Activity& activity = power.activities[id];
  Feed& feed = power.feeds[activity.site];
  const std::size_t offset = branch.row() - feed.first_branch;
  activity.gpus += gpus;
  activity.by_branch[offset] += static_cast<std::int32_t>(gpus);
  if (activity.gpus == gpus) activity.branch_begin = activity.branch_end = offset;  // it had none
  activity.branch_begin = std::min(activity.branch_begin, offset);
  activity.branch_end = std::max(activity.branch_end, offset + 1);
  if (power.drops_next_delta && !activity.is_base && activity.drawn_uw != 0) {
    power.drops_next_delta = false;
    return;
  }
  power.out_uw[branch] += gpus * activity.drawn_uw;
  mark(feed, power, branch);
}

void set_uncapped(PowerTables& power, ActivityId id, std::int64_t uncapped_uw) {
  Activity& activity = power.activities[id];
  if (activity.uncapped_uw == uncapped_uw) return;
  activity.uncapped_uw = uncapped_uw;
  const int percent = power.feeds[activity.site].cap_percent;
  shift_draw(power, activity, capped(activity, percent) - activity.drawn_uw);
}

void apply_cap(PowerTables& power, SiteId site, int percent, SimTime now) {
  power.feeds[site].cap_percent = percent;
  for (const ActivityId id : power.by_site[site.row()]) {
    Activity& activity = power.activities[id];
    if (activity.is_base) continue;
    shift_draw(power, activity, capped(activity, percent) - activity.drawn_uw);
    set_speed(activity, percent == 100 ? full_speed : speed_at(activity, percent / 100.0), now);
  }
}

namespace {

/// What a propagation adds up, kept in registers while it runs.
struct Tally {
  std::int64_t loss_uw = 0;
  double branch_peak = 0;
};

/// Brings one element up to date and returns how much more its parent must deliver.
inline std::int64_t refresh(Tally& tally, BranchPower& flow, std::int64_t out_uw) {
  const auto output = static_cast<double>(out_uw);
  tally.branch_peak = std::max(tally.branch_peak, output * flow.per_rating);
  const auto loss_uw = static_cast<std::int64_t>(flow.loss(output) + 0.5);
  tally.loss_uw += loss_uw - flow.loss_uw;
  flow.loss_uw = loss_uw;
  const std::int64_t delta = out_uw + loss_uw - flow.in_uw;
  flow.in_uw += delta;
  return delta;
}

/// The changed stretch of the deepest level, then everything above it, children before parents.
/// Siblings are neighbours, so what their parent must deliver is added up in a register and stored
/// once.
class Sweep {
 public:
  Sweep(PowerTables& power, Feed& feed, Tally& tally)
      : flows_(&power.flows[BranchId{0}]),
        out_(&power.out_uw[BranchId{0}]),
        feed_(feed),
        tally_(tally) {}

  void run() {
    const std::size_t deepest = feed_.first_branch + feed_.deepest;
    const std::size_t begin = std::max(deepest, feed_.first_branch + feed_.sweep_begin);
    refresh_rows(begin, std::max(begin, feed_.first_branch + feed_.sweep_end));
    refresh_rows(feed_.first_branch, deepest);
    feed_.sweep_begin = feed_.sweep_end = 0;
  }

 private:
  void refresh_rows(std::size_t begin, std::size_t end) {
    std::int64_t sum = 0;
    BranchId above;
    const auto deliver = [&] { (above.exists() ? out_[above.row()] : feed_.drawn_uw) += sum; };
    for (std::size_t row = end; row-- > begin;) {
      if (flows_[row].parent != above) {
        deliver();
        sum = 0;
        above = flows_[row].parent;
      }
      sum += refresh(tally_, flows_[row], out_[row]);
    }
    deliver();
  }

  BranchPower* flows_;
  std::int64_t* out_;
  Feed& feed_;
  Tally& tally_;
};

/// Marked elements, level by level.
void follow_marks(PowerTables& power, Feed& feed, Tally& tally) {
  for (std::size_t level = feed.dirty_by_level.size(); level-- > 0;) {
    for (const BranchId id : feed.dirty_by_level[level]) {
      power.dirty[id] = 0;
      const std::int64_t delta = refresh(tally, power.flows[id], power.out_uw[id]);
      const BranchId parent = power.flows[id].parent;
      if (!parent.exists()) {
        feed.drawn_uw += delta;
      } else if (delta != 0) {
        power.out_uw[parent] += delta;
        mark(feed, power, parent);
      }
    }
    feed.dirty_by_level[level].clear();
  }
}

}  // namespace

void propagate(PowerTables& power, SiteId site) {
  Feed& feed = power.feeds[site];
  Tally tally{.branch_peak = feed.branch_peak};
  // The sweep comes first: marks on the deepest level outside its stretch follow, and their parents
  // again.
  if (feed.sweep_begin < feed.sweep_end) Sweep{power, feed, tally}.run();
  follow_marks(power, feed, tally);
  feed.loss_uw += tally.loss_uw;
  feed.branch_peak = tally.branch_peak;
}

std::int64_t sum_of_loads(const PowerTables& power, SiteId site) {
  std::int64_t sum = 0;
  for (const ActivityId id : power.by_site[site.row()]) {
    const Activity& activity = power.activities[id];
    sum += activity.gpus * activity.drawn_uw;
  }
  return sum;
}

void advance_meters(Feed& feed, SimTime now) {
  const std::int64_t elapsed = (now - feed.since).ns();
  if (elapsed == 0) return;
  feed.metered += static_cast<Int128>(feed.drawn_uw) * elapsed;
  feed.it_energy += static_cast<Int128>(feed.it_uw) * elapsed;
  feed.loads_energy +=
      static_cast<Int128>(feed.it_uw + feed.loss_uw + feed.mechanical_uw) * elapsed;
  if (feed.purchased_uw > 0) {
    const std::int64_t loads_uw = feed.it_uw + feed.loss_uw + feed.mechanical_uw;
    feed.purchased += static_cast<Int128>(std::min(feed.drawn_uw, feed.purchased_uw)) * elapsed;
    feed.loads_purchased += static_cast<Int128>(std::min(loads_uw, feed.purchased_uw)) * elapsed;
  }
  if (feed.cap_percent < 100) feed.capped = feed.capped + (now - feed.since);
  feed.since = now;
}

void advance_activities(PowerTables& power, SiteId site, SimTime now) {
  const std::int64_t elapsed = (now - power.feeds[site].since).ns();
  if (elapsed == 0) return;
  for (const ActivityId id : power.by_site[site.row()]) {
    Activity& activity = power.activities[id];
    activity.energy += static_cast<Int128>(activity.settled_uw) * elapsed;
    activity.curtailed += static_cast<Int128>(activity.settled_lost) * elapsed;
  }
}

void note_settled(PowerTables& power, SiteId site) {
  for (const ActivityId id : power.by_site[site.row()]) {
    Activity& activity = power.activities[id];
    activity.settled_uw = activity.gpus * activity.drawn_uw;
    activity.settled_lost = activity.gpus * (full_speed - activity.speed);
  }
}

Int128 progress_at(const Activity& activity, SimTime now) {
  return activity.progress +
         static_cast<Int128>(activity.speed) * (now - activity.progress_since).ns();
}

}  // namespace colossim
