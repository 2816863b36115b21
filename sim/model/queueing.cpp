// Erlang's formulas and mean waits.
#include <colossim/model/queueing.hpp>

namespace colossim {

double erlang_b(double offered, int servers) {
  double blocked = 1.0;
  for (int k = 1; k <= servers; ++k) {
    blocked = offered * blocked / (static_cast<double>(k) + offered * blocked);
  }
  return blocked;
}

double erlang_c(double offered, int servers) {
  if (offered >= static_cast<double>(servers)) return 1.0;
  const double blocked = erlang_b(offered, servers);
  const double used = offered / static_cast<double>(servers);
  return blocked / (1.0 - used * (1.0 - blocked));
}

double utilization(const Station& station) {
  return station.arrival_rate * station.mean_service / station.servers;
}

Time mmc_wait(const Station& station) {
  const double offered = station.arrival_rate * station.mean_service;
  const double idle_servers = static_cast<double>(station.servers) - offered;
  return erlang_c(offered, station.servers) / idle_servers * station.mean_service;
}

Time pollaczek_khinchine_wait(const Station& station) {
  const double used = station.arrival_rate * station.mean_service;
  return used / (1.0 - used) * (1.0 + station.service_scv) / 2.0 * station.mean_service;
}

Time allen_cunneen_wait(const Station& station) {
  return mmc_wait(station) * ((station.arrival_scv + station.service_scv) / 2.0);
}

}  // namespace colossim
