// The brute-force scheduler: plain vectors, everything recomputed whenever it is asked for.
#include "reference_schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace colossim::reference {

namespace {

using Seconds = std::int64_t;
using Units = std::int64_t;
using Index = std::size_t;  // of a job: its place in file order

struct State {
  Seconds work_left = 0;      // when this run began, or would begin
  Seconds began = 0;          // this run
  Seconds completes = 0;      // this run, if nothing stops it
  std::int64_t attained = 0;  // in the runs before this one [unit-seconds]
};

/// Work done in the present run, and what of it a preemption now would keep.
struct Progress {
  Seconds made = 0;
  Seconds kept = 0;
};

/// When the blocked head can start by the estimates, and the units it then leaves.
struct Shadow {
  Seconds at = 0;
  Units extra = 0;
};

/// Free units from an instant to that of the next step, in the last step for ever.
struct Step {
  Seconds from = 0;
  Units free = 0;
};
using Profile = std::vector<Step>;

/// A time and machines promised to a job that waits.
struct Reservation {
  std::vector<int> machines;
  Seconds from = 0;
  Seconds until = 0;
};

void cut(Profile& profile, Seconds at) {
  Index i = 0;
  while (i + 1 < profile.size() && profile[i + 1].from <= at) ++i;
  if (profile[i].from != at)
    profile.insert(profile.begin() + static_cast<std::ptrdiff_t>(i) + 1, {at, profile[i].free});
}

void occupy(Profile& profile, Seconds from, Seconds until, Units size) {
  cut(profile, from);
  cut(profile, until);
  for (Step& step : profile)
    if (step.from >= from && step.from < until) step.free -= size;
}

bool fits_from(const Profile& profile, Index begin, Units size, Seconds length) {
  for (Index i = begin; i < profile.size(); ++i) {
    if (i > begin && profile[i].from >= profile[begin].from + length) break;
    if (profile[i].free < size) return false;
  }
  return true;
}

/// Free units grow only where a step begins, so the earliest slot begins with one.
Seconds earliest_slot(const Profile& profile, Units size, Seconds length) {
  Index begin = 0;
  while (!fits_from(profile, begin, size, length)) ++begin;
  return profile[begin].from;
}

void move(Index job, std::vector<Index>& from, std::vector<Index>& to) {
  from.erase(std::find(from.begin(), from.end(), job));
  to.push_back(job);
  std::sort(to.begin(), to.end());
}

bool contains(const std::vector<Index>& jobs, Index job) {
  return std::find(jobs.begin(), jobs.end(), job) != jobs.end();
}

class Scheduler {
 public:
  Scheduler(std::vector<Job> jobs, Setup setup);
  std::vector<Outcome> run();

 private:
  std::optional<Seconds> next_event() const;
  void average_until(Seconds next);
  void complete_and_arrive();
  void pass();

  void start_in_order(const std::vector<Index>& order, bool skip);
  std::vector<Index> shortest_first() const;
  void pass_easy(bool shortest_first);
  Shadow shadow(Units size) const;
  void pass_conservative();
  void pass_easy_machines();
  Reservation slot_on_machines(Index job, const std::optional<Reservation>& promised) const;
  std::vector<int> machines_free(Seconds from, Seconds until,
                                 const std::optional<Reservation>& promised) const;
  void pass_preemptive();
  std::array<std::int64_t, 2> key(Index job) const;
  void pass_fair_share();
  bool start_fairest();
  void pass_quota();
  bool start_entitled(bool entitled);
  std::optional<std::vector<Index>> victims_for(Index head) const;

  Units free() const;
  Units held(int tenant) const;
  bool fits(Index job) const { return jobs_[job].size <= free(); }
  Seconds estimated_end(Index job) const { return states_[job].began + jobs_[job].estimate; }
  std::vector<Index> heads() const;  // each tenant's earliest waiting job, in file order
  Seconds restart_time(Index job) const;
  Seconds time_to_complete(Seconds work) const;
  Progress progress(Index job) const;
  Seconds remaining(Index job) const;
  std::int64_t attained(Index job) const;
  std::int64_t level(Index job) const;
  void start(Index job);
  void preempt(Index job);

  std::vector<Job> jobs_;
  Setup setup_;
  std::vector<State> states_;
  std::vector<Outcome> outcomes_;
  int tenants_ = 0;
  Seconds now_ = 0;
  Index arrived_ = 0;           // so many have arrived
  std::vector<Index> waiting_;  // in file order, like the next
  std::vector<Index> running_;
  std::vector<double> average_;  // each tenant's decayed average holding [units]
};

Scheduler::Scheduler(std::vector<Job> jobs, Setup setup)
    : jobs_(std::move(jobs)),
      setup_(std::move(setup)),
      states_(jobs_.size()),
      outcomes_(jobs_.size()) {
  for (Index i = 0; i < jobs_.size(); ++i) {
    jobs_[i].estimate = std::max(jobs_[i].estimate, time_to_complete(jobs_[i].runtime));
    states_[i].work_left = jobs_[i].runtime;
    tenants_ = std::max(tenants_, jobs_[i].tenant + 1);
  }
  average_.resize(static_cast<Index>(tenants_));
}

std::vector<Outcome> Scheduler::run() {
  while (const std::optional<Seconds> next = next_event()) {
    average_until(*next);
    now_ = *next;
    complete_and_arrive();
    pass();
  }
  return outcomes_;
}

std::optional<Seconds> Scheduler::next_event() const {
  std::vector<Seconds> times;
  if (arrived_ < jobs_.size()) times.push_back(jobs_[arrived_].submit);
  for (const Index i : running_) {
    times.push_back(states_[i].completes);
    if (setup_.policy != Policy::las) continue;
    for (const std::int64_t threshold : setup_.thresholds) {
      if (threshold <= attained(i)) continue;
      const std::int64_t missing = threshold - states_[i].attained;
      times.push_back(states_[i].began + (missing + jobs_[i].size - 1) / jobs_[i].size);
    }
  }
  if (times.empty()) return std::nullopt;
  return *std::min_element(times.begin(), times.end());
}

/// Holdings were constant since the last event, so dE/dt = (A - E)·ln 2/h has the solution
///   E(t + d) = A + (E(t) - A)·2^(-d/h)
void Scheduler::average_until(Seconds next) {
  if (setup_.policy != Policy::fair_share) return;
  const double decay = std::exp2(-static_cast<double>(next - now_) / setup_.half_life);
  for (int t = 0; t < tenants_; ++t) {
    double& average = average_[static_cast<Index>(t)];
    const auto holding = static_cast<double>(held(t));
    average = holding + (average - holding) * decay;
  }
}

void Scheduler::complete_and_arrive() {
  for (const Index i : std::vector<Index>(running_)) {
    if (states_[i].completes != now_) continue;
    outcomes_[i].end = now_;
    running_.erase(std::find(running_.begin(), running_.end(), i));
  }
  while (arrived_ < jobs_.size() && jobs_[arrived_].submit == now_) {
    waiting_.push_back(arrived_++);
    std::sort(waiting_.begin(), waiting_.end());
  }
}

void Scheduler::pass() {
  switch (setup_.policy) {
    case Policy::fifo:
      return start_in_order(waiting_, false);
    case Policy::first_fit:
      return start_in_order(waiting_, true);
    case Policy::sjf:
      return start_in_order(shortest_first(), false);
    case Policy::sjf_skip:
      return start_in_order(shortest_first(), true);
    case Policy::easy:
      return pass_easy(false);
    case Policy::easy_sjf:
      return pass_easy(true);
    case Policy::conservative:
      return pass_conservative();
    case Policy::srtf:
    case Policy::priority:
    case Policy::las:
      return pass_preemptive();
    case Policy::fair_share:
      return pass_fair_share();
    case Policy::quota:
      return pass_quota();
    case Policy::easy_machines:
      return pass_easy_machines();
  }
}

// ---- Orders without preemption

void Scheduler::start_in_order(const std::vector<Index>& order, bool skip) {
  for (const Index i : std::vector<Index>(order)) {
    if (fits(i)) {
      start(i);
    } else if (!skip) {
      return;
    }
  }
}

std::vector<Index> Scheduler::shortest_first() const {
  std::vector<Index> order = waiting_;
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return jobs_[a].runtime < jobs_[b].runtime; });
  return order;
}

void Scheduler::pass_easy(bool shortest_first) {
  while (!waiting_.empty() && fits(waiting_.front())) start(waiting_.front());
  if (waiting_.empty()) return;
  const Index head = waiting_.front();
  const auto [shadow_time, extra] = shadow(jobs_[head].size);
  Units spare = extra;
  std::vector<Index> candidates(waiting_.begin() + 1, waiting_.end());
  if (shortest_first)
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](Index a, Index b) { return jobs_[a].estimate < jobs_[b].estimate; });
  for (const Index i : candidates) {
    if (!fits(i)) continue;
    if (now_ + jobs_[i].estimate <= shadow_time) {
      start(i);
    } else if (jobs_[i].size <= spare) {
      spare -= jobs_[i].size;
      start(i);
    }
  }
}

Shadow Scheduler::shadow(Units size) const {
  std::set<Seconds> ends;
  for (const Index i : running_) ends.insert(estimated_end(i));
  for (const Seconds end : ends) {
    Units free_then = free();
    for (const Index i : running_)
      if (estimated_end(i) <= end) free_then += jobs_[i].size;
    if (free_then >= size) return {end, free_then - size};
  }
  return {};  // not reached: when all have ended, every job fits
}

/// A job of no length that has just started holds its units until the next event, though not in
/// the plan: a job planned for now then waits for the pass that follows at once.
void Scheduler::pass_conservative() {
  Profile profile = {{now_, setup_.capacity}};
  for (const Index i : running_) occupy(profile, now_, estimated_end(i), jobs_[i].size);
  for (const Index i : std::vector<Index>(waiting_)) {
    const Seconds slot = earliest_slot(profile, jobs_[i].size, jobs_[i].estimate);
    occupy(profile, slot, slot + jobs_[i].estimate, jobs_[i].size);
    if (slot == now_ && fits(i)) start(i);
  }
}

// ---- EASY on numbered machines

void Scheduler::pass_easy_machines() {
  std::optional<Reservation> promised;
  for (const Index i : std::vector<Index>(waiting_)) {
    const Reservation slot = slot_on_machines(i, promised);
    bool idle = true;
    for (const Index j : running_)
      for (const int machine : outcomes_[j].machines)
        for (const int wanted : slot.machines) idle = idle && machine != wanted;
    if (slot.from == now_ && idle) {
      outcomes_[i].machines = slot.machines;
      start(i);
    } else if (!promised) {
      promised = slot;
    }
  }
}

Reservation Scheduler::slot_on_machines(Index job,
                                        const std::optional<Reservation>& promised) const {
  std::set<Seconds> times = {now_};
  for (const Index i : running_) times.insert(estimated_end(i));
  if (promised) times.insert(promised->until);
  const auto size = static_cast<Index>(jobs_[job].size);
  for (const Seconds from : times) {
    const Seconds until = from + jobs_[job].estimate;
    std::vector<int> machines = machines_free(from, until, promised);
    if (machines.size() < size) continue;
    machines.resize(size);
    return {machines, from, until};
  }
  return {};  // not reached: when all have ended, every job fits
}

std::vector<int> Scheduler::machines_free(Seconds from, Seconds until,
                                          const std::optional<Reservation>& promised) const {
  std::vector<bool> busy(static_cast<Index>(setup_.capacity), false);
  for (const Index i : running_)
    for (const int machine : outcomes_[i].machines)
      if (from < estimated_end(i)) busy[static_cast<Index>(machine)] = true;
  if (promised && from < promised->until && promised->from < until)
    for (const int machine : promised->machines) busy[static_cast<Index>(machine)] = true;
  std::vector<int> machines;
  for (int machine = 0; machine < static_cast<int>(setup_.capacity); ++machine)
    if (!busy[static_cast<Index>(machine)]) machines.push_back(machine);
  return machines;
}

// ---- Orders with preemption

void Scheduler::pass_preemptive() {
  std::vector<Index> order = waiting_;
  order.insert(order.end(), running_.begin(), running_.end());
  std::sort(order.begin(), order.end());
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return key(a) < key(b); });
  std::vector<Index> admitted;
  Units left = setup_.capacity;
  for (const Index i : order) {
    if (jobs_[i].size > left) continue;
    left -= jobs_[i].size;
    admitted.push_back(i);
  }
  for (const Index i : std::vector<Index>(running_))
    if (!contains(admitted, i)) preempt(i);
  for (const Index i : admitted)
    if (contains(waiting_, i)) start(i);
}

/// Smaller goes first; file order decides between equals.
std::array<std::int64_t, 2> Scheduler::key(Index job) const {
  if (setup_.policy == Policy::srtf) return {remaining(job), 0};
  if (setup_.policy == Policy::las) return {level(job), 0};
  return {-jobs_[job].priority, contains(running_, job) ? 0 : 1};
}

// ---- Tenants

void Scheduler::pass_fair_share() {
  while (start_fairest()) {
  }
}

/// Starts the head of the tenant with the least usage for its weight among those whose head fits.
bool Scheduler::start_fairest() {
  std::optional<Index> best;
  std::pair<double, int> best_rank;
  for (const Index head : heads()) {
    const int tenant = jobs_[head].tenant;
    const auto t = static_cast<Index>(tenant);
    const double usage = (static_cast<double>(held(tenant)) + average_[t]) /
                         (setup_.weights[t] * static_cast<double>(setup_.capacity));
    const std::pair<double, int> rank = {usage, tenant};
    if (!fits(head) || (best && best_rank <= rank)) continue;
    best = head;
    best_rank = rank;
  }
  if (best) start(*best);
  return best.has_value();
}

void Scheduler::pass_quota() {
  while (start_entitled(true) || start_entitled(false)) {
  }
}

/// Starts the first head that can start among the entitled ones, or else among the others; only
/// for entitled ones are jobs preempted.
bool Scheduler::start_entitled(bool entitled) {
  for (const Index head : heads()) {
    const int tenant = jobs_[head].tenant;
    const Units guaranteed = setup_.guaranteed[static_cast<Index>(tenant)];
    if ((held(tenant) + jobs_[head].size <= guaranteed) != entitled) continue;
    if (!fits(head)) {
      const auto victims = entitled ? victims_for(head) : std::nullopt;
      if (!victims) continue;
      for (const Index victim : *victims) preempt(victim);
    }
    start(head);
    return true;
  }
  return false;
}

/// The jobs to preempt until `head` fits; none if it would not fit even so.
std::optional<std::vector<Index>> Scheduler::victims_for(Index head) const {
  std::vector<Index> victims;
  std::vector<Units> holding;
  for (int t = 0; t < tenants_; ++t) holding.push_back(held(t));
  Units freed = free();
  while (freed < jobs_[head].size) {
    std::optional<Index> next;
    for (const Index i : running_) {  // in file order, so the later one wins a tie
      const auto tenant = static_cast<Index>(jobs_[i].tenant);
      if (holding[tenant] <= setup_.guaranteed[tenant] || contains(victims, i)) continue;
      if (!next || states_[i].began >= states_[*next].began) next = i;
    }
    if (!next) return std::nullopt;
    victims.push_back(*next);
    holding[static_cast<Index>(jobs_[*next].tenant)] -= jobs_[*next].size;
    freed += jobs_[*next].size;
  }
  return victims;
}

// ---- What holds now

Units Scheduler::free() const {
  Units sum = setup_.capacity;
  for (const Index i : running_) sum -= jobs_[i].size;
  return sum;
}

Units Scheduler::held(int tenant) const {
  Units sum = 0;
  for (const Index i : running_)
    if (jobs_[i].tenant == tenant) sum += jobs_[i].size;
  return sum;
}

std::vector<Index> Scheduler::heads() const {
  std::vector<Index> heads;
  std::set<int> seen;
  for (const Index i : waiting_)
    if (seen.insert(jobs_[i].tenant).second) heads.push_back(i);
  return heads;
}

Seconds Scheduler::restart_time(Index job) const {
  return outcomes_[job].preemptions > 0 ? setup_.costs.restart : 0;
}

/// No save follows when the work is complete.
Seconds Scheduler::time_to_complete(Seconds work) const {
  const Seconds interval = setup_.costs.checkpoint.value_or(0);
  if (interval == 0 || work == 0) return work;
  return work + setup_.costs.write * ((work - 1) / interval);
}

Progress Scheduler::progress(Index job) const {
  const Seconds elapsed = std::max<Seconds>(0, now_ - states_[job].began - restart_time(job));
  if (!setup_.costs.checkpoint) return {.made = elapsed, .kept = 0};
  const Seconds interval = *setup_.costs.checkpoint;
  if (interval == 0) return {.made = elapsed, .kept = elapsed};
  const Seconds cycle = interval + setup_.costs.write;
  const Seconds saves = elapsed / cycle;
  const Seconds since_save = std::min(elapsed - saves * cycle, interval);
  return {.made = saves * interval + since_save, .kept = saves * interval};
}

Seconds Scheduler::remaining(Index job) const {
  return states_[job].work_left - (contains(running_, job) ? progress(job).made : 0);
}

std::int64_t Scheduler::attained(Index job) const {
  const Seconds elapsed = contains(running_, job) ? now_ - states_[job].began : 0;
  return states_[job].attained + jobs_[job].size * elapsed;
}

std::int64_t Scheduler::level(Index job) const {
  const std::int64_t service = attained(job);
  return std::count_if(setup_.thresholds.begin(), setup_.thresholds.end(),
                       [&](std::int64_t threshold) { return threshold <= service; });
}

// ---- What changes it

void Scheduler::start(Index job) {
  if (outcomes_[job].preemptions == 0) outcomes_[job].first_start = now_;
  State& state = states_[job];
  state.began = now_;
  state.completes = now_ + restart_time(job) + time_to_complete(state.work_left);
  move(job, waiting_, running_);
}

void Scheduler::preempt(Index job) {
  const auto [made, kept] = progress(job);
  const std::int64_t service = attained(job);
  move(job, running_, waiting_);
  State& state = states_[job];
  state.work_left -= kept;
  state.attained = service;
  outcomes_[job].lost += made - kept;
  ++outcomes_[job].preemptions;
}

}  // namespace

std::vector<Outcome> schedule(const std::vector<Job>& jobs, const Setup& setup) {
  return Scheduler(jobs, setup).run();
}

}  // namespace colossim::reference
