// Every queue policy against the brute-force scheduler of reference_schedule.hpp, which shares no
// code with the simulator, on random jobs. A unit of the reference's time is one nanosecond here,
// so nothing is rounded.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <colossim/base/random.hpp>
#include <colossim/world/replay.hpp>

#include "reference_schedule.hpp"

namespace colossim::oracle {

namespace {

constexpr int instances = 1000;

/// Random numbers of one instance.
class Dice {
 public:
  explicit Dice(std::uint64_t instance)
      : stream_(StreamName{.seed = 4, .path = "schedules", .ordinal = instance}) {}
  std::int64_t integer(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(stream_.uniform() * static_cast<double>(high - low + 1));
  }
  bool chance(double p) { return stream_.uniform() < p; }

 private:
  Stream stream_;
};

struct Instance {
  std::vector<reference::Job> jobs;
  reference::Setup setup;
};

/// Jobs in bursts and alone, short and long, of every size up to the whole pool.
Instance draw(std::uint64_t number, reference::Policy policy) {
  Dice dice{number};
  Instance instance;
  instance.setup.policy = policy;
  instance.setup.capacity = dice.integer(1, 24);
  const std::int64_t count = dice.integer(1, 60);
  const std::int64_t tenants = dice.integer(1, 5);
  const std::int64_t longest = dice.chance(0.5) ? 10 : 300;
  std::int64_t now = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (dice.chance(0.7)) now += dice.integer(0, longest / 2);
    const std::int64_t widest = dice.chance(0.7)
                                    ? std::max<std::int64_t>(1, instance.setup.capacity / 3)
                                    : instance.setup.capacity;
    reference::Job job{.submit = now,
                       .runtime = dice.integer(1, longest),
                       .size = dice.integer(1, widest),
                       .tenant = static_cast<int>(dice.integer(0, tenants - 1)),
                       .priority = dice.integer(0, 3)};
    job.estimate = dice.chance(0.3) ? job.runtime : dice.integer(1, 2 * longest);
    instance.jobs.push_back(job);
  }
  for (std::int64_t i = 0, left = instance.setup.capacity; i < tenants; ++i) {
    // Unlike numbers, so that no two shares are equal but by having nothing.
    instance.setup.weights.push_back(0.5 + static_cast<double>(dice.integer(1, 1'000'000)) * 3e-6);
    instance.setup.guaranteed.push_back(dice.integer(0, left));
    left -= instance.setup.guaranteed.back();
  }
  instance.setup.half_life = static_cast<double>(dice.integer(5, 500));
  for (std::int64_t level = 0; level < 3; ++level)
    instance.setup.thresholds.push_back(1 + level * 200 + dice.integer(0, 150));
  if (dice.chance(0.7)) {
    instance.setup.costs.checkpoint = dice.chance(0.3) ? 0 : dice.integer(1, 40);
    if (*instance.setup.costs.checkpoint > 0) instance.setup.costs.write = dice.integer(0, 4);
  }
  instance.setup.costs.restart = dice.integer(0, 6);
  return instance;
}

std::string tenant_name(std::size_t tenant) {
  return fmt::format("t{}", tenant);
}

QueueSpec queue_of(const reference::Setup& setup) {
  switch (setup.policy) {
    case reference::Policy::fifo:
      return FifoSpec{};
    case reference::Policy::first_fit:
      return FirstFitSpec{};
    case reference::Policy::sjf:
      return SjfSpec{};
    case reference::Policy::sjf_skip:
      return SjfSkipSpec{};
    case reference::Policy::srtf:
      return SrtfSpec{};
    case reference::Policy::easy:
      return EasySpec{};
    case reference::Policy::easy_sjf:
      return EasySjfSpec{};
    case reference::Policy::conservative:
      return ConservativeSpec{};
    case reference::Policy::priority:
      return PrioritySpec{};
    case reference::Policy::easy_machines:
      return EasyMachinesSpec{};
    case reference::Policy::las: {
      LasSpec spec;
      spec.thresholds.clear();
      for (const std::int64_t threshold : setup.thresholds)
        spec.thresholds.emplace_back(static_cast<double>(threshold) * 1e-9);
      return spec;
    }
    case reference::Policy::fair_share: {
      FairShareSpec spec;
      for (std::size_t i = 0; i < setup.weights.size(); ++i)
        spec.weights[tenant_name(i)] = setup.weights[i];
      spec.half_life = Time{setup.half_life * 1e-9};
      return spec;
    }
    case reference::Policy::quota:
      break;
  }
  QuotaSpec spec;
  for (std::size_t i = 0; i < setup.guaranteed.size(); ++i)
    spec.shares[tenant_name(i)] =
        static_cast<double>(setup.guaranteed[i]) / static_cast<double>(setup.capacity);
  return spec;
}

std::vector<reference::Outcome> simulate(const Instance& instance) {
  const reference::Setup& setup = instance.setup;
  const bool named = setup.policy == reference::Policy::easy_machines;
  const auto capacity = static_cast<std::uint32_t>(setup.capacity);
  ReplaySetup replayed{
      .cluster = named ? ReplayCluster{.nodes = capacity, .gpus_per_node = 1}
                       : ReplayCluster::pool(capacity),
      .queue = queue_of(setup),
      .placement = named ? PlacementSpec{FirstFitPlacement{}} : PlacementSpec{CountPlacement{}}};
  if (setup.costs.checkpoint) replayed.checkpoint.every = Duration{*setup.costs.checkpoint};
  replayed.checkpoint.write = Duration{setup.costs.write};
  replayed.checkpoint.restart = Duration{setup.costs.restart};
  for (std::size_t i = 0; i < setup.weights.size(); ++i)
    replayed.accounts.push_back(tenant_name(i));
  std::vector<reference::Outcome> found(instance.jobs.size());
  std::size_t next = 0;
  replay(
      replayed,
      [&](ReplayJob& job) {
        if (next == instance.jobs.size()) return false;
        const reference::Job& row = instance.jobs[next++];
        job = {.submitted = SimTime{row.submit},
               .runtime = Duration{row.runtime},
               .estimate = Duration{row.estimate},
               .gpus = row.size,
               .account = static_cast<std::uint32_t>(row.tenant),
               .priority = row.priority};
        return true;
      },
      [&](const JobOutcome& job, std::span<const NodePart> parts) {
        reference::Outcome& row = found[static_cast<std::size_t>(job.number - 1)];
        row = {.first_start = job.first_start.ns(),
               .end = job.ended.ns(),
               .preemptions = job.preemptions,
               .lost = job.lost.ns()};
        for (const NodePart& part : parts)
          if (named) row.machines.push_back(static_cast<int>(part.node));
      });
  return found;
}

/// The first difference in words; empty when there is none.
std::string difference(const std::vector<reference::Outcome>& expected,
                       const std::vector<reference::Outcome>& found) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const reference::Outcome& a = expected[i];
    const reference::Outcome& b = found[i];
    if (a.first_start == b.first_start && a.end == b.end && a.preemptions == b.preemptions &&
        a.lost == b.lost && a.machines == b.machines)
      continue;
    return fmt::format(
        "job {} of {}: the brute-force schedule has it start at {}, end at {}, {} times preempted "
        "with {} lost; found {}, {}, {}, {}",
        i, expected.size(), a.first_start, a.end, a.preemptions, a.lost, b.first_start, b.end,
        b.preemptions, b.lost);
  }
  return {};
}

void compare(const char* name, reference::Policy policy) {
  int wrong = 0;
  for (int number = 0; number < instances; ++number) {
    const Instance instance = draw(static_cast<std::uint64_t>(number), policy);
    const std::string differs =
        difference(reference::schedule(instance.jobs, instance.setup), simulate(instance));
    if (differs.empty()) continue;
    if (++wrong <= 3) MESSAGE(name, ", instance ", number, ": ", differs);
  }
  CHECK_MESSAGE(wrong == 0, name, ": ", wrong, " of ", instances, " schedules differ");
}

TEST_CASE("fifo, first_fit, sjf and sjf_skip are those of the brute-force scheduler") {
  compare("fifo", reference::Policy::fifo);
  compare("first_fit", reference::Policy::first_fit);
  compare("sjf", reference::Policy::sjf);
  compare("sjf_skip", reference::Policy::sjf_skip);
}

TEST_CASE("easy, easy_sjf, easy_machines and conservative are those of the brute-force scheduler") {
  compare("easy", reference::Policy::easy);
  compare("easy_sjf", reference::Policy::easy_sjf);
  compare("easy_machines", reference::Policy::easy_machines);
  compare("conservative", reference::Policy::conservative);
}

TEST_CASE("srtf, priority and las, with what preemption costs, are those of the brute force") {
  compare("srtf", reference::Policy::srtf);
  compare("priority", reference::Policy::priority);
  compare("las", reference::Policy::las);
}

TEST_CASE("fair_share and quota are those of the brute-force scheduler") {
  compare("fair_share", reference::Policy::fair_share);
  compare("quota", reference::Policy::quota);
}

}  // namespace

}  // namespace colossim::oracle
