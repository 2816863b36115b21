// A site as a scenario describes it: racks, power, cooling, weather, tariff, books.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>
#include <colossim/scenario/fabric.hpp>

namespace colossim {

struct SyntheticWeatherSpec {
  static constexpr std::string_view kind = "synthetic";
  static constexpr std::string_view doc =
      "Yearly and daily cosine plus an Ornstein-Uhlenbeck deviation. The defaults are Memphis. "
      "[models_7]";
  Temperature mean{17.4};
  Temperature seasonal{11.4};
  std::int64_t coldest_day = 17;
  Temperature daily{5};
  double hottest_hour = 15;
  Temperature sigma{4};
  double sigma_season = 0;
  Time tau = 2.0 * units::day;
  Temperature dew_point_depression{7};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("mean", mean, optional.within(-30, 50), "yearly mean dry-bulb temperature");
    v.field("seasonal", seasonal, optional.within(0, 40), "amplitude of the yearly cosine");
    v.field("coldest_day", coldest_day, optional.within(1, 365), "day of the year");
    v.field("daily", daily, optional.within(0, 20), "amplitude of the daily cosine");
    v.field("hottest_hour", hottest_hour, optional.within(0, 24), "local hour of the day");
    v.field("sigma", sigma, optional.within(0, 15), "standard deviation of the random part");
    v.field("sigma_season", sigma_season, optional.fraction(),
            "how much larger it is in winter, smaller in summer");
    v.field("tau", tau, optional.positive(), "correlation time of the random part");
    v.field("dew_point_depression", dew_point_depression, optional.within(0, 40),
            "daily mean temperature less dew point");
  }
};

struct SignalWeatherSpec {
  static constexpr std::string_view kind = "signal";
  static constexpr std::string_view doc = "Measured or typical hourly weather.";
  Signal<Temperature::dimension> dry_bulb;
  Signal<Temperature::dimension> wet_bulb;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("dry_bulb", dry_bulb, required.within(-60, 60), "dry-bulb temperature");
    v.field("wet_bulb", wet_bulb, required.within(-60, 60), "wet-bulb temperature");
  }
};

struct BranchSpec {
  static constexpr std::string_view doc =
      "Equal elements of the power tree; children are spread evenly over them, in order.";
  Ref loss;
  Power rating;
  std::int64_t count = 1;
  std::string parent = "feed";

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("loss", loss, required.to("branches"), "loss curve");
    v.field("rating", rating, required.positive().up_to(most_power),
            "greatest output of one element");
    v.field("count", count, optional.within(1, 100000), "how many");
    v.field("parent", parent, optional, "the branch that feeds it, or `feed`");
  }
};

struct PowerSpec {
  static constexpr std::string_view doc = "The power tree from the feed down to the racks.";
  Power feed;
  std::map<std::string, BranchSpec> branches;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("feed", feed, required.positive().up_to(most_power),
            "firm power the utility delivers; the site never draws more");
    v.field("branches", branches, required, "transformers, UPS, busways");
  }
};

struct RackGroupSpec {
  static constexpr std::string_view doc = "Equal racks.";
  Ref node;
  std::int64_t nodes = 8;
  std::int64_t count = 1;
  std::string branch;
  Date in_service = std::chrono::year{2000} / 1 / 1;
  std::optional<Date> energised;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("node", node, required.to("nodes"), "server type");
    v.field("nodes", nodes, required.within(1, 32), "servers per rack");
    v.field("count", count, required.within(1, 200000), "racks");
    v.field("branch", branch, required, "the branch that feeds them");
    v.field("in_service", in_service, required, "the day their depreciation began");
    v.field("energised", energised, optional, "the day they get power (default: before the run)");
  }
};

struct HallSpec {
  static constexpr std::string_view doc = "A room of racks.";
  std::map<std::string, RackGroupSpec> racks;
  std::int64_t racks_per_cdu = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("racks", racks, required, "groups of equal racks");
    v.field("racks_per_cdu", racks_per_cdu, optional.within(1, 1024),
            "consecutive racks of a group on one coolant distribution unit");
  }
};

struct TowerSpec {
  static constexpr std::string_view kind = "tower";
  static constexpr std::string_view doc = "Evaporative cooling tower.";
  Temperature approach{4};
  double fan_share = 0.008;
  double cycles = 4;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("approach", approach, optional.within(1, 15),
            "leaving water less wet bulb at design heat");
    v.field("fan_share", fan_share, optional.within(0, 0.2), "fan power at design / design heat");
    v.field("cycles", cycles, optional.within(1.5, 20),
            "cycles of concentration: sets the make-up water");
  }
};

struct DryCoolerSpec {
  static constexpr std::string_view kind = "dry_cooler";
  static constexpr std::string_view doc = "Air-cooled liquid cooler without evaporation.";
  Temperature approach{8};
  double fan_share = 0.025;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("approach", approach, optional.within(1, 25),
            "leaving water less dry bulb at design heat");
    v.field("fan_share", fan_share, optional.within(0, 0.2), "fan power at design / design heat");
  }
};

struct ChillerPlantSpec {
  static constexpr std::string_view kind = "chiller";
  static constexpr std::string_view doc =
      "Water-cooled chillers behind towers, with a waterside economiser.";
  Ref chiller;
  Temperature chilled{10};
  Temperature rise{10};
  double margin = 1.2;
  double unit_share = 0.1;
  TowerSpec tower;
  bool economiser = true;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("chiller", chiller, required.to("chillers"), "performance curves");
    v.field("chilled", chilled, optional.within(4, 20),
            "chilled water temperature behind the chillers");
    v.field("rise", rise, optional.within(1, 40),
            "warming of the water across the racks: how far the economiser helps");
    v.field("margin", margin, optional.within(1, 3), "installed capacity / design heat");
    v.field("unit_share", unit_share, optional.within(0.001, 1),
            "capacity of one machine / installed");
    v.field("tower", tower, optional, "the towers that cool the condensers");
    v.field("economiser", economiser, optional, "cold weather replaces compressors");
  }
};

using RejectionSpec = std::variant<TowerSpec, DryCoolerSpec, ChillerPlantSpec>;

struct LoopSpec {
  static constexpr std::string_view doc = "A heat path from the racks to the outside.";
  Temperature supply{32};
  RejectionSpec rejection;
  double mover_share = 0.015;
  Quantity<Dimension{.time = 1, .temperature = -1}> inertia{3.4};
  Quantity<Dimension{.time = 1, .temperature = -1}> facility_inertia{28};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("supply", supply, optional.within(5, 60),
            "temperature held at the racks' side when weather allows");
    v.field("rejection", rejection, required, "how the heat leaves");
    v.field("mover_share", mover_share, optional.within(0, 0.3),
            "pumps (or fans) at design / design heat");
    v.field("inertia", inertia, optional.within(0.1, 10000),
            "heat capacity of the rack side / design heat");
    v.field("facility_inertia", facility_inertia, optional.within(0.1, 10000),
            "heat capacity of the facility side / design heat");
  }
};

struct CoolingSpec {
  static constexpr std::string_view doc = "Liquid and air heat paths; PUE follows from them.";
  LoopSpec liquid;
  LoopSpec air;
  double auxiliary = 0.005;
  std::string branch;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("liquid", liquid, required, "heat of cold plates");
    v.field("air", air, required, "heat that leaves by air or rear door");
    v.field("auxiliary", auxiliary, optional.within(0, 0.2),
            "lights, offices, controls / IT power");
    v.field("branch", branch, required, "the branch that feeds the plant");
  }
};

struct TariffSpec {
  static constexpr std::string_view doc = "Two-part tariff.";
  Signal<EnergyPrice::dimension> energy;
  bool negative_prices = false;
  PowerPrice demand;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("energy", energy, required.within(-1e-5, 1e-5), "price of energy");
    v.field("negative_prices", negative_prices, optional,
            "energy may cost less than nothing; without it a price below 0 is a mistake");
    v.field("demand", demand, optional.within(0, 100),
            "price per kW of the calendar month's highest 30-minute mean, per month");
  }
};

struct ResidualSpec {
  static constexpr std::string_view doc =
      "What nodes earn after the run, up to the end of `node_life`: every owner lets them at the "
      "market, at the running cost they had. It counts in net present values. [models_8_4]";
  Ref market;
  double useful = 0.8;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("market", market, required.to("markets"),
            "price of a GPU-hour, as expected at the end");
    v.field("useful", useful, required.fraction(), "share of the hours that is paid");
  }
};

struct AssetsSpec {
  static constexpr std::string_view doc = "What the owner depreciates, straight-line.";
  Period node_life{60};
  double node_residual = 0;
  Dollars network;
  Period network_life{60};
  Dollars cooling;
  Period cooling_life{168};
  Dollars facility;
  Period facility_life{168};
  Date facility_in_service = std::chrono::year{2000} / 1 / 1;
  std::optional<ResidualSpec> residual;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("node_life", node_life, optional.within(1, 1200), "useful life of nodes");
    v.field("node_residual", node_residual, optional.fraction(), "value left at the end of life");
    v.field("network", network, optional.within(0, most_money),
            "switches and storage, in service with the facility");
    v.field("network_life", network_life, optional.within(1, 1200), "useful life of the network");
    v.field("cooling", cooling, optional.within(0, most_money),
            "cooling plant, where it is not part of `facility`");
    v.field("cooling_life", cooling_life, optional.within(1, 1200), "useful life of the plant");
    v.field("facility", facility, optional.within(0, most_money), "building and power");
    v.field("facility_life", facility_life, optional.within(1, 1200),
            "useful life of the facility");
    v.field("facility_in_service", facility_in_service, optional, "the day its depreciation began");
    v.field("residual", residual, optional, "what nodes are worth at the end of the run");
  }
};

struct OperatingSpec {
  static constexpr std::string_view doc =
      "What running the site costs its owner besides electricity.";
  MoneyRate staff;
  Frequency maintenance;
  Quantity<Dimension{.length = -3, .money = 1}> water;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("staff", staff, optional.within(0, most_money_rate), "wages");
    v.field("maintenance", maintenance, optional.within(0, 1e-7),
            "share of the nodes' price per year");
    v.field("water", water, optional.within(0, 1000), "price of make-up water");
  }
};

struct SiteSpec {
  static constexpr std::string_view doc = "A place with racks, power and cooling.";
  Ref owner;
  Ref utility;
  Time utc_offset;
  std::variant<SyntheticWeatherSpec, SignalWeatherSpec> weather;
  PowerSpec power;
  std::map<std::string, HallSpec> halls;
  Power common_above = 10.0 * units::megawatt;
  double it_overhead = 0.08;
  FabricSpec fabric;
  CoolingSpec cooling;
  TariffSpec tariff;
  AssetsSpec assets;
  OperatingSpec operating;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("owner", owner, required.to("parties"), "who owns racks and facility");
    v.field("utility", utility, required.to("parties"), "who sells the electricity");
    v.field("utc_offset", utc_offset, optional.within(-14 * 3600, 14 * 3600).choice(),
            "local time less UTC");
    v.field("weather", weather, required, "outdoor temperatures");
    v.field("power", power, required, "power tree");
    v.field("halls", halls, required, "rooms of racks");
    v.field("it_overhead", it_overhead, optional.fraction(),
            "network, storage and CPU nodes / GPU nodes' power");
    v.field("common_above", common_above, optional.positive().up_to(most_power),
            "in a handover power elements rated above this, and those that feed the cooling plant, "
            "may serve both parties");
    v.field("fabric", fabric, optional, "network between the racks");
    v.field("cooling", cooling, required, "heat paths");
    v.field("tariff", tariff, required, "electricity prices");
    v.field("assets", assets, optional, "depreciation");
    v.field("operating", operating, optional, "staff and maintenance");
  }
};

}  // namespace colossim
