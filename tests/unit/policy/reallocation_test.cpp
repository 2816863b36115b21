// Reallocation policies alone: what each decides on what it sees.
#include <memory>

#include <doctest/doctest.h>

#include <colossim/policy/reallocation.hpp>

using namespace colossim;

namespace {

constexpr GpuPrice dollar_an_hour = units::usd / units::gpu_hour;

/// A lease with 64 flexible GPUs, none of them out, and an option that is open.
ReallocationView open_view() {
  ReallocationView view;
  view.flexible_most = 64;
  view.may_exercise = true;
  return view;
}

bool does_nothing(const ReallocationCommand& command) {
  return command.deliver == 0 && command.take_back == 0 && !command.exercise;
}

ReallocationCommand decide(const ReallocationSpec& spec, const ReallocationView& view) {
  const std::unique_ptr<ReallocationPolicy> policy = make_policy(spec);
  const ReallocationCommand first = policy->decide(view);
  const ReallocationCommand second = policy->clone()->decide(view);
  CHECK(first.deliver == second.deliver);
  CHECK(first.take_back == second.take_back);
  CHECK(first.exercise == second.exercise);
  return first;
}

}  // namespace

TEST_CASE("keep does nothing whatever it sees") {
  ReallocationView view = open_view();
  view.idle = 100;
  CHECK(does_nothing(decide(KeepSpec{}, view)));
  view.waiting = 1000;
  view.load = 50;
  view.flexible_out = 64;
  view.price = 1;
  CHECK(does_nothing(decide(KeepSpec{}, view)));
}

TEST_CASE("harvest_idle lends what is idle, less what it keeps free, within the contract") {
  HarvestIdleSpec spec;
  spec.keep_free = 0.25;
  ReallocationView view = open_view();
  view.idle = 40;
  INFO("40 idle, a quarter stays: 30");
  CHECK(decide(spec, view).deliver == 30);
  view.idle = 200;
  INFO("150 could go, 64 may");
  CHECK(decide(spec, view).deliver == 64);
  view.flexible_out = 50;
  CHECK(decide(spec, view).deliver == 14);
  view.flexible_out = 64;
  CHECK(does_nothing(decide(spec, view)));
  view.flexible_most = 0;
  view.flexible_out = 0;
  CHECK(does_nothing(decide(spec, view)));
}

TEST_CASE("harvest_idle leaves idle GPUs to jobs that wait") {
  HarvestIdleSpec spec;
  spec.keep_free = 0;
  ReallocationView view = open_view();
  view.idle = 40;
  view.waiting = 32;
  CHECK(decide(spec, view).deliver == 8);
  view.waiting = 40;
  CHECK(does_nothing(decide(spec, view)));
}

TEST_CASE("harvest_idle takes back what jobs miss and no more than is out") {
  HarvestIdleSpec spec;
  ReallocationView view = open_view();
  view.idle = 8;
  view.waiting = 32;
  view.flexible_out = 64;
  INFO("32 wait, 8 are idle: 24 are missing");
  CHECK(decide(spec, view).take_back == 24);
  CHECK(decide(spec, view).deliver == 0);
  view.flexible_out = 16;
  CHECK(decide(spec, view).take_back == 16);
  view.flexible_out = 0;
  CHECK(does_nothing(decide(spec, view)));
}

TEST_CASE("reclaim_on_surge acts on jobs that the idle GPUs do not carry") {
  ReclaimOnSurgeSpec spec;
  spec.waiting = 64.0 * units::gpu;
  ReallocationView view = open_view();
  view.waiting = 63;
  CHECK(does_nothing(decide(spec, view)));
  view.waiting = 64;
  CHECK(decide(spec, view).exercise);
  view.idle = 8;
  INFO("64 wait, 8 of them have a place");
  CHECK(does_nothing(decide(spec, view)));
  view.waiting = 72;
  CHECK(decide(spec, view).exercise);
}

TEST_CASE("reclaim_on_surge acts on the load of services") {
  ReclaimOnSurgeSpec spec;
  spec.load = 1.2;
  ReallocationView view = open_view();
  view.load = 1.19;
  CHECK(does_nothing(decide(spec, view)));
  view.load = 1.2;
  CHECK(decide(spec, view).exercise);
  INFO("waiting jobs are none of its business when no number is given");
  view.load = 0;
  view.waiting = 100'000;
  CHECK(does_nothing(decide(spec, view)));
}

TEST_CASE("price_threshold acts at the price or beyond it") {
  PriceThresholdSpec above;
  above.above = 3.0 * dollar_an_hour;
  PriceThresholdSpec below;
  below.below = 2.0 * dollar_an_hour;
  ReallocationView view = open_view();
  view.price = (2.5 * dollar_an_hour).base();
  CHECK(does_nothing(decide(above, view)));
  CHECK(does_nothing(decide(below, view)));
  view.price = (3.0 * dollar_an_hour).base();
  CHECK(decide(above, view).exercise);
  CHECK(does_nothing(decide(below, view)));
  view.price = (2.0 * dollar_an_hour).base();
  CHECK(does_nothing(decide(above, view)));
  CHECK(decide(below, view).exercise);
}

TEST_CASE("no policy uses an option that is not open") {
  ReallocationView view = open_view();
  view.may_exercise = false;
  view.waiting = 1'000'000'000;
  view.load = 1000;
  view.price = 1;
  ReclaimOnSurgeSpec surge;
  surge.waiting = 1.0 * units::gpu;
  surge.load = 1;
  PriceThresholdSpec threshold;
  threshold.above = 1.0 * dollar_an_hour;
  CHECK(does_nothing(decide(surge, view)));
  CHECK(does_nothing(decide(threshold, view)));
}
