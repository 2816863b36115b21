// The policy that README.md shows how to add, at work.
#include "largest_first.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/world/replay.hpp>

using namespace colossim;

TEST_CASE("largest_first starts the largest job that fits, whoever came first") {
  // At 0 a job of 4 takes the pool of 4 until 10; at 1 jobs of 1, 3, 2 and 1 arrive. At 10 the 3
  // starts and leaves room for the first of the 1s; both end at 20. Then the 2 goes, and the
  // other 1.
  const std::vector<std::int64_t> sizes{4, 1, 3, 2, 1};
  std::size_t next = 0;
  std::map<std::int64_t, std::int64_t> starts;
  replay(
      {.cluster = ReplayCluster::pool(4), .placement = CountPlacement{}},
      std::make_unique<LargestFirst>(),
      [&](ReplayJob& job) {
        if (next == sizes.size()) return false;
        job = {.submitted = SimTime{next == 0 ? 0 : 1},
               .runtime = Duration{10},
               .gpus = sizes[next++]};
        return true;
      },
      [&](const JobOutcome& job, std::span<const NodePart>) {
        starts[job.number] = job.first_start.ns();
      });
  CHECK(starts == std::map<std::int64_t, std::int64_t>{{1, 0}, {2, 10}, {3, 10}, {4, 20}, {5, 20}});
}
