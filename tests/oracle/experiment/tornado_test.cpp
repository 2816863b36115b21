// Assumptions moved one at a time, against closed forms.
#include <algorithm>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <colossim/experiment/tornado.hpp>
#include <colossim/world/simulate.hpp>

#include "../../support/scenarios.hpp"

using namespace colossim;

namespace {

/// A lease whose price and the owner's staff have ranges.
struct Lease {
  test::TemporaryFolder folder;
  ScenarioSource source;

  Lease() : source{"lease", folder.path() / "lease.yaml", test::shipped_catalog()} {
    std::string site = test::small_site();
    const std::string staff = "staff: 1 MUSD/yr";
    site.replace(site.find(staff), staff.size(),
                 "staff: {value: 1 MUSD/yr, source: assumption, high: 1.5 MUSD/yr}");
    const std::string month = "duration: 30 d";
    site.replace(site.find(month), month.size(), "duration: 6 d");
    write_file(source.file,
               site + test::small_service("tenant") +
                   "contracts: {lease: {kind: lease, owner: owner, tenant: tenant, site: here, "
                   "gpus: 320 gpu, price: {value: 2 USD/gpu/h, source: assumption, low: 0.1 "
                   "USD/gpu/h, high: 3 USD/gpu/h}, ramp: 320 gpu/d}}\n");
  }
  [[nodiscard]] double metric(const std::string& name) const {
    for (const MetricValue& value : simulate(load(source.file, source.options)).metrics) {
      if (value.name == name) return value.value;
    }
    return 0;
  }
};

const TornadoBar& bar_of(const Tornado& tornado, const std::string& path) {
  const auto found = std::find_if(tornado.bars.begin(), tornado.bars.end(),
                                  [&](const TornadoBar& bar) { return bar.path == path; });
  REQUIRE(found != tornado.bars.end());
  return *found;
}

}  // namespace

TEST_CASE("an assumption moves profit by its change times what it multiplies") {
  const Lease lease;
  const Tornado found = tornado(lease.source, "party.owner.profit");
  REQUIRE(found.metrics.size() == 1);
  const double hours = lease.metric("contract.lease.fee") / 2;
  const TornadoBar& price = bar_of(found, "contracts.lease.price");
  INFO("the fee is price times H = " << hours << " GPU-hours billed");
  CHECK(price.at_low[0].value == doctest::Approx(-1.9 * hours).epsilon(1e-9));
  CHECK(price.at_high[0].value == doctest::Approx(hours).epsilon(1e-9));
  const TornadoBar& staff = bar_of(found, "sites.here.operating.staff");
  CHECK(staff.at_low.empty());
  INFO("half a million dollars a year of 8,760 h, for 6 days of 24 h");
  CHECK(staff.at_high[0].value == doctest::Approx(-0.5e6 * 144 / 8760).epsilon(1e-6));
  CHECK(found.base[0] == doctest::Approx(lease.metric("party.owner.profit")));
}

TEST_CASE("the assumption that decides the sign is told") {
  const Lease lease;
  const Tornado found = tornado(lease.source, "party.owner.profit", {.replications = 2});
  REQUIRE(found.base[0] < 0);
  const TornadoBar& price = bar_of(found, "contracts.lease.price");
  REQUIRE(found.base[0] + price.at_high[0].value > 0);
  CHECK(found.turns(price, 0));
  CHECK_FALSE(found.turns(bar_of(found, "sites.here.operating.staff"), 0));
  const std::string text = tornado_text(found);
  INFO(text);
  CHECK(text.find("assumptions decides the sign") != std::string::npos);
  CHECK(text.find("contracts.lease.price 0.1 .. 3 USD/gpu/h") <
        text.find("sites.here.operating.staff"));
  const auto json = nlohmann::json::parse(tornado_json(found, "1"));
  const auto& first = json["metrics"][0]["assumptions"][0];
  CHECK(first["path"] == "contracts.lease.price");
  CHECK(first["decides_sign"] == true);
  CHECK(first["ends"].size() == 2);
  CHECK(tornado_csv(found).find("party.owner.profit,USD,") != std::string::npos);
}

TEST_CASE("a tornado is the same on one thread and on several, and says what it cannot do") {
  const Lease lease;
  const auto with = [&](unsigned threads) {
    return tornado_json(tornado(lease.source, "*.profit", {.replications = 2, .threads = threads}),
                        "1");
  };
  CHECK(with(1) == with(2));
  CHECK_THROWS_AS(static_cast<void>(tornado(lease.source, "nothing")), ScenarioError);
}
