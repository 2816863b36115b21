// G5: the same work on larger fleets. An event must not cost more because more nodes stand idle.
#include <fmt/format.h>

#include "runs.hpp"

namespace colossim::bench {

namespace {

/// Racks of eight HGX nodes; six racks on a busway, four busways on a transformer; a transformer of
/// the plant for each 2,000 nodes, as in colossus_1.
std::string fleet_text(std::int64_t nodes) {
  const std::int64_t racks = nodes / 8;
  return fmt::format(R"(
sites:
  here:
    owner: owner
    utility: utility
    weather: {{kind: synthetic}}
    power:
      feed: {} MW
      branches:
        mv: {{loss: mv_transformer, rating: 2.5 MW, count: {}}}
        busway: {{loss: busway_pdu, rating: 600 kW, count: {}, parent: mv}}
        mv_plant: {{loss: mv_transformer, rating: 2.5 MW, count: {}}}
    halls:
      hall: {{racks: {{hopper: {{node: hgx_h100, nodes: 8, count: {}, branch: busway, in_service: 2025-05-06}}}}}}
    cooling:
      branch: mv_plant
      liquid: {{rejection: {{kind: tower}}}}
      air: {{supply: 24 C, rejection: {{kind: chiller, chiller: doe2_centrifugal_5_50}}}}
    tariff: {{energy: 40 USD/MWh, demand: 15 USD/kW}}
)",
                     nodes / 50, racks / 24 + 1, racks / 6 + 1, nodes / 2'000 + 1, racks);
}

/// About 100,000 jobs a year that hold 2,400 GPUs on average, and a service of about 1,500: both
/// fit into 1,000 nodes.
std::string work_text() {
  return R"(
services:
  chat:
    tenant: owner
    site: here
    model: llm_405b_fp8
    on: [h100_sxm]
    users: {daily: 4 Muser, requests_per_user: 12 request/user/d, tokens_per_request: 500 token/request, shape: chat, noise: 5 %}
jobs:
  batch:
    kind: batch
    tenant: owner
    site: here
    on: [h100_sxm]
    arrivals: 11.4 1/h
    gpus: {choice: {1 gpu: 30 %, 8 gpu: 40 %, 64 gpu: 25 %, 256 gpu: 5 %}}
    runtime: {lognormal: {median: 4 h, sigma: 1, max: 168 h}}
)";
}

std::string growth_text(std::int64_t nodes, Effort effort) {
  return fmt::format(
             "schema: 1\nname: growth\nstart: 2026-01-01\nduration: {} d\n"
             "parties: {{owner: {{}}, utility: {{}}}}\n",
             effort.scaled(365, 30)) +
         fleet_text(nodes) + work_text();
}

Figures run_fleet(std::int64_t nodes, Effort effort) {
  return isolated([&] { return simulate_once(load_text(growth_text(nodes, effort))); });
}

/// Small and large fleet in turns, so that both see the same neighbours of the machine.
void compare_fleets(std::int64_t small, std::int64_t large, double bar, Effort effort,
                    double calibration) {
  Figures few = run_fleet(small, effort);
  Figures many = run_fleet(large, effort);
  for (int i = 1; i < effort.repetitions(); ++i) {
    few = least(few, run_fleet(small, effort));
    many = least(many, run_fleet(large, effort));
  }
  print_row(fmt::format("same work on {} nodes", small), few, calibration);
  print_row(fmt::format("same work on {} nodes", large), many, calibration);
  print_ratio(fmt::format("ns per event at {} nodes / at {} nodes", large, small),
              many.ns_per_event() / few.ns_per_event(), bar);
}

}  // namespace

void bench_growth(Effort effort, double calibration) {
  compare_fleets(1'000, 10'000, 1.3, effort, calibration);
  compare_fleets(3'000, 30'000, 1.3, effort, calibration);
}

}  // namespace colossim::bench
