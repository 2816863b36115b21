// Small scenarios for tests: text in, scenario or result out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <colossim/base/atomic_file.hpp>
#include <colossim/scenario/scenario.hpp>
#include <colossim/world/simulate.hpp>
#include <colossim/world/topology.hpp>

namespace colossim::test {

/// A folder that disappears with the value.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "colossim-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline LoadOptions shipped_catalog() {
  LoadOptions options;
  options.catalog_folders = {std::filesystem::path{COLOSSIM_SOURCE_DIR} / "scenarios/catalog"};
  options.catalog_is_explicit = true;
  options.checks.emplace_back(check_topology);
  return options;
}

inline std::filesystem::path shipped(const std::string& name) {
  return std::filesystem::path{COLOSSIM_SOURCE_DIR} / "scenarios" / name;
}

/// Loads a scenario given as text, with the shipped catalog.
inline Scenario load_text(const std::string& text, std::vector<Override> overrides = {}) {
  const TemporaryFolder folder;
  write_file(folder.path() / "scenario.yaml", text);
  LoadOptions options = shipped_catalog();
  options.overrides = std::move(overrides);
  return load(folder.path() / "scenario.yaml", options);
}

/// The problems a text has; empty when it loads.
inline std::string problems_of(const std::string& text) {
  try {
    load_text(text);
    return {};
  } catch (const ScenarioError& error) {
    return error.what();
  }
}

/// Ten racks of eight HGX nodes (640 GPUs) with everything a site needs, a month of hours; tests
/// append contracts, services and jobs.
inline std::string small_site() {
  return R"(schema: 1
name: small site
start: 2026-05-06
duration: 30 d
parties: {owner: {title: owner}, tenant: {title: tenant}, utility: {title: utility}}
sites:
  here:
    owner: owner
    utility: utility
    utc_offset: -6 h
    weather: {kind: synthetic}
    power:
      feed: 2 MW
      branches:
        mv: {loss: mv_transformer, rating: 2.5 MW}
        busway: {loss: busway_pdu, rating: 400 kW, count: 2, parent: mv}
    halls:
      hall:
        racks: {hopper: {node: hgx_h100, nodes: 8, count: 10, branch: busway, in_service: 2025-05-06}}
    cooling:
      branch: mv
      liquid: {rejection: {kind: tower}}
      air: {supply: 24 C, rejection: {kind: chiller, chiller: doe2_centrifugal_5_50}}
    tariff: {energy: 40 USD/MWh, demand: 15 USD/kW}
    operating: {staff: 1 MUSD/yr, maintenance: 2 %/yr}
)";
}

/// A stream of small jobs for a tenant of the small site.
inline std::string small_jobs(const std::string& tenant) {
  return R"(jobs:
  batch:
    kind: batch
    tenant: )" +
         tenant + R"(
    site: here
    on: [h100_sxm]
    arrivals: 2 1/h
    gpus: {choice: {1 gpu: 40 %, 8 gpu: 40 %, 40 gpu: 20 %}}
    runtime: {lognormal: {median: 3 h, sigma: 1, max: 48 h}}
)";
}

/// A service for a tenant of the small site that uses about a third of it.
inline std::string small_service(const std::string& tenant) {
  return R"(services:
  chat:
    tenant: )" +
         tenant + R"(
    site: here
    model: llm_405b_fp8
    on: [h100_sxm]
    users: {daily: 0.4 Muser, requests_per_user: 12 request/user/d, tokens_per_request: 500 token/request, shape: chat, noise: 5 %}
)";
}

}  // namespace colossim::test
