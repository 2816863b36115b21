// The parts of `build`, split by domain. Each adds rows for what the scenario names, in name order.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <colossim/scenario/scenario.hpp>
#include <colossim/world/topology.hpp>
#include <colossim/world/world.hpp>

namespace colossim {

/// What the parts of `build` look up.
struct BuildContext {
  const Scenario& scenario;
  World& world;
  std::map<std::string, PartyId> parties;
  std::map<std::string, SiteId> sites;
  std::vector<Calendar> calendars;   // by site
  std::vector<AgreementId> own_use;  // by site
  std::map<std::string, AgreementId> by_contract;
  std::vector<std::vector<NodeModelId>> models;  // by site
  std::vector<double> overhead;                  // by site: 1 + network share
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<PoolId>>
      pools;  // by site and tenant: by model

  [[nodiscard]] StreamName stream(const std::string& path, std::string_view purpose) const {
    return {.seed = static_cast<std::uint64_t>(scenario.seed),
            .path = path,
            .purpose = purpose,
            .replication = static_cast<std::uint64_t>(scenario.replication)};
  }
  [[nodiscard]] SimTime at(SiteId site, const std::optional<Date>& date, SimTime otherwise) const {
    return date ? calendars[site.row()].at(*date) : otherwise;
  }
  [[nodiscard]] std::uint16_t cause(const std::string& name) const {
    world.books.causes.push_back(name);
    return static_cast<std::uint16_t>(world.books.causes.size() - 1);
  }
};

/// Power model of a server type, and what the site's network adds to it.
NodePower node_power_of(const Scenario& scenario, const std::string& node);
/// Wall power per GPU above idle at an activity, network included [µW].
std::int64_t above_idle_uw(const NodePower& node, double activity, double overhead);
/// A new activity of GPUs of one server type.
ActivityId add_activity(BuildContext& context, Activity activity);

void build_sites(BuildContext& context);
void build_agreements(BuildContext& context);
void build_pools(BuildContext& context);
void build_jobs(BuildContext& context);
void build_services(BuildContext& context);
void build_contracts(BuildContext& context);
void build_series(BuildContext& context);
void power_up(BuildContext& context);

}  // namespace colossim
