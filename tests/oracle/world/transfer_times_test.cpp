// Oracle for transfers: an array's hours from the shipped stages by closed form, and Colossus 1
// handed over within the month at 17 arrays a day. [models_9]
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include <doctest/doctest.h>

#include "../../support/scenarios.hpp"

using namespace colossim;
using namespace colossim::test;

namespace {

/// Ten racks of eight nodes, of which one array, eight racks with 512 GPUs, goes to the tenant.
Scenario one_array(const std::string& kind) {
  return load_text(small_site() +
                   "contracts: {lease: {kind: lease, owner: owner, tenant: tenant, site: here, "
                   "gpus: 512 gpu, price: 2 USD/gpu/h, billing_from: serve, transfer: " +
                   kind + "}}\n");
}

/// Hours from order to arrival of the array's first nodes, one run per replication.
std::vector<double> array_hours(Scenario scenario, int runs) {
  std::vector<double> hours;
  for (int run = 0; run < runs; ++run) {
    scenario.replication = run;
    hours.push_back(simulate(scenario).metric("contract.lease.transfer.shortest") / 3600);
  }
  return hours;
}

/// No node fails and no stage is repeated.
Scenario flawless(Scenario scenario, const std::string& kind) {
  TransferSpec& transfer = scenario.catalog.transfers.at(kind);
  transfer.accept.reject = transfer.fabric_test.reject = 0;
  return scenario;
}

/// Least, mean and greatest sum of uniform stages, and the sum's standard deviation [h].
struct StageSum {
  double least = 0;
  double mean = 0;
  double greatest = 0;
  double deviation = 0;
};

StageSum sum_of_stages(const TransferSpec& transfer) {
  StageSum sum;
  double variance = 0;
  for (const StageSpec* stage :
       {&transfer.export_data, &transfer.sanitize, &transfer.repartition, &transfer.image,
        &transfer.accept, &transfer.fabric_test, &transfer.load, &transfer.ramp}) {
    const double least = stage->duration.data.least() / 3600;
    const double greatest = stage->duration.data.greatest() / 3600;
    sum.least += least;
    sum.greatest += greatest;
    sum.mean += (least + greatest) / 2;
    variance += (greatest - least) * (greatest - least) / 12;
  }
  sum.deviation = std::sqrt(variance);
  return sum;
}

void check_hours(const std::string& kind, double least, double greatest, int runs) {
  const Scenario scenario = flawless(one_array(kind), kind);
  const StageSum sum = sum_of_stages(scenario.catalog.transfers.at(kind));
  const std::vector<double> hours = array_hours(scenario, runs);
  double mean = 0;
  for (const double each : hours) mean += each / runs;
  const double error = sum.deviation / std::sqrt(runs);
  INFO(kind << ": sum of uniform stages " << sum.least << " to " << sum.greatest << " h, mean "
            << sum.mean << " h; mean of " << runs << " arrays " << mean << " +- " << error << " h");
  CHECK(sum.least >= least);
  CHECK(sum.greatest <= greatest);
  CHECK(*std::min_element(hours.begin(), hours.end()) >= sum.least - 1e-9);
  CHECK(*std::max_element(hours.begin(), hours.end()) <= sum.greatest + 1e-9);
  CHECK(std::abs(mean - sum.mean) < 4 * error);
}

/// Colossus 1 and a lease of all of it at 17 arrays a day, warm.
Scenario whole_site(const TemporaryFolder& folder) {
  std::filesystem::copy_file(shipped("colossus_1.yaml"), folder.path() / "colossus_1.yaml");
  write_file(folder.path() / "handed_over.yaml", R"(extends: colossus_1.yaml
name: handed over
duration: 40 d
parties: {tenant: {title: tenant}}
claims: []
expect: []
contracts:
  handover: {kind: lease, owner: xai, tenant: tenant, site: colossus_1, price: 2 USD/gpu/h, ramp: 8803 gpu/d, transfer: warm, billing_from: serve}
)");
  return load(folder.path() / "handed_over.yaml", shipped_catalog());
}

/// GPUs that serve the holder.
std::int64_t serving(const World& world, const Contract& contract) {
  const GpuMeter& meter = world.fleet.agreements[contract.agreement].meter;
  return meter.total() - meter.gpus(GpuState::moving) - meter.gpus(GpuState::accepted);
}

}  // namespace

TEST_CASE("a warm transfer of one array takes 4 to 8 hours") {
  check_hours("warm", 4, 8, 200);
}

TEST_CASE("a cold transfer of one array takes 4 to 8 days") {
  check_hours("cold", 4 * 24, 8 * 24, 100);
}

TEST_CASE("with rejects and repeats nearly all of a warm array is there in 8 hours") {
  constexpr int runs = 200;
  const std::vector<double> hours = array_hours(one_array("warm"), runs);
  const auto late = std::count_if(hours.begin(), hours.end(), [](double h) { return h > 8; });
  INFO("5 % of arrays repeat the fabric test of 55 to 75 min, on at most 7.25 h: " << late << " of "
                                                                                   << runs);
  CHECK(*std::min_element(hours.begin(), hours.end()) >= 4);
  CHECK(late <= runs / 20);
}

TEST_CASE("Colossus 1 changes hands within the month at 17 arrays a day") {
  const TemporaryFolder folder;
  const Scenario scenario = whole_site(folder);
  World world = build(scenario);
  advance(world, SimTime{}, {});
  const Contract& contract = world.contracts.contracts[ContractId{0}];
  constexpr std::int64_t all = 4 * 586 * 64 + 782 * 64 + 278 * 72;
  INFO("586 x 4 + 782 racks of 64 and 278 of 72: " << all << " GPUs; 8,803 a day are 17.2 arrays");
  INFO("of 512, so ceil(" << all << "/8,803) = 26 tranches from 6 May on");
  const SimTime start = contract.start;
  for (int day = 1; day <= 26; ++day) {
    advance(world, start + day * one_day - one_minute, {});
    const double ordered = std::min<double>(static_cast<double>(all), 8803.0 * day);
    INFO("by the end of day " << day << " all but repairs (1.5 %) of " << ordered << " GPUs serve");
    CHECK(static_cast<double>(serving(world, contract)) > 0.98 * ordered);
    CHECK(static_cast<double>(serving(world, contract)) <= ordered);
  }
  INFO("31 May: all but a few nodes in repair");
  CHECK(static_cast<double>(serving(world, contract)) > 0.999 * static_cast<double>(all));
  INFO("3,404 racks in arrays of 8 are 426; each of 26 tranches may begin and end within one");
  CHECK(contract.moves_opened >= 426);
  CHECK(contract.moves_opened <= 426 + 2 * 26);
  advance(world, world.end, {});
  CHECK(serving(world, contract) == all);
}
