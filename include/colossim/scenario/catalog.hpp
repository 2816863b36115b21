// Catalog entries: GPUs, nodes, power branches, models, demand shapes, chillers. Adding one needs
// no C++.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>
#include <colossim/scenario/transfer.hpp>

namespace colossim {

struct GpuSpec {
  static constexpr std::string_view doc =
      "A GPU package as its datasheet states it; all FLOP rates are dense.";
  Power tdp;
  Power idle;
  FlopRate bf16;
  FlopRate low_precision;
  Bytes memory;
  ByteRate memory_bandwidth;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("tdp", tdp, required.positive(), "board power at full load");
    v.field("idle", idle, required.non_negative(), "board power without work");
    v.field("bf16", bf16, required.positive(), "dense BF16 rate: sets the length of training runs");
    v.field("low_precision", low_precision, required.positive(),
            "dense FP8 (or INT8) rate: bounds a serving model's time per sequence");
    v.field("memory", memory, required.positive(), "HBM capacity: bounds a replica's batch");
    v.field("memory_bandwidth", memory_bandwidth, required.positive(),
            "HBM bandwidth: bounds a serving model's time per iteration");
  }
};

struct NodeSpec {
  static constexpr std::string_view doc =
      "A server: the unit of failure, wiping and gang placement. Power is at the wall, after the "
      "PSU.";
  Ref gpu;
  std::int64_t gpus = 8;
  Power idle;
  Power peak;
  double liquid_share = 0;
  ThermalResistance die_resistance{0.04};
  Temperature die_limit{87};
  Dollars price;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("gpu", gpu, required.to("gpus"), "GPU type");
    v.field("gpus", gpus, required.within(1, 72), "GPUs per node");
    v.field("idle", idle, required.positive().up_to(1e6), "wall power with idle GPUs");
    v.field("peak", peak, required.positive().up_to(1e6),
            "wall power with every GPU at full activity");
    v.field("liquid_share", liquid_share, optional.fraction(),
            "share of its heat that leaves by liquid");
    v.field("die_resistance", die_resistance, optional.positive(), "die to coolant, per GPU");
    v.field("die_limit", die_limit, optional.within(40, 120),
            "the die temperature that power capping holds");
    v.field("price", price, required.within(0, 1e8),
            "what the node costs with its share of the network");
  }
};

struct BranchKindSpec {
  static constexpr std::string_view doc =
      "Losses of a power element: rating * (a + b x + c x^2), x = output / rating.";
  double a = 0;
  double b = 0;
  double c = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("a", a, required.within(0, 0.2), "loss without load");
    v.field("b", b, required.within(-0.2, 0.2), "loss linear in load");
    v.field("c", c, required.within(0, 0.2), "loss quadratic in load");
  }
};

struct PowerPointSpec {
  static constexpr std::string_view doc = "A measured point: power per GPU at a decode batch.";
  double batch = 1;
  Power power;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("batch", batch, required.positive(), "sequences decoded together in a replica");
    v.field("power", power, required.positive(), "power per GPU");
  }
};

struct ReplicaSpec {
  static constexpr std::string_view doc =
      "A model replica on one GPU type: an iteration over b sequences takes t0 + t1 b.";
  std::int64_t gpus = 8;
  Time t0;
  Time t1;
  std::vector<PowerPointSpec> power;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("gpus", gpus, required.within(1, 4096), "GPUs per replica");
    v.field("t0", t0, required.positive(), "iteration time without sequences");
    v.field("t1", t1, required.positive(), "iteration time per sequence");
    v.field("power", power, required, "measured points, ascending by batch");
  }
};

struct ModelSpec {
  static constexpr std::string_view doc = "An inference model and how it performs on GPU types.";
  double active_parameters = 0;
  Bytes weights;
  Quantity<Dimension{.token = -1, .byte = 1}> kv_per_token;
  std::map<std::string, ReplicaSpec> on;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("active_parameters", active_parameters, required.positive(),
            "parameters used per token");
    v.field("weights", weights, required.positive(),
            "bytes of weights a replica holds and reads per iteration");
    v.field("kv_per_token", kv_per_token, required.positive(),
            "key-value cache per token of context");
    v.field("on", on, required, "performance by GPU type");
  }
};

struct ShapeSpec {
  static constexpr std::string_view doc =
      "How demand varies over the week: 24 hourly ratios for weekdays and weekends. Scaled to a "
      "weekly mean of one.";
  std::vector<double> weekday;
  std::vector<double> weekend;
  bool local = false;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("weekday", weekday, required.non_negative(), "ratios by hour, Monday to Friday");
    v.field("weekend", weekend, required.non_negative(), "ratios by hour, Saturday and Sunday");
    v.field("local", local, optional, "hours are the site's local time (default: UTC)");
  }
};

struct ChillerSpec {
  static constexpr std::string_view doc =
      "An electric chiller as DOE-2 and EnergyPlus describe it.";
  double reference_cop = 5.5;
  std::vector<double> capacity;     // of (leaving chilled, entering condenser)
  std::vector<double> input_ratio;  // of (leaving chilled, entering condenser)
  std::vector<double> part_load;    // of the part-load ratio

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("reference_cop", reference_cop, required.within(1, 20),
            "cooling per power at the rating point");
    v.field("capacity", capacity, required.within(-10, 10),
            "six coefficients of the capacity curve");
    v.field("input_ratio", input_ratio, required.within(-10, 10),
            "six coefficients of the energy input ratio curve");
    v.field("part_load", part_load, required.within(-10, 10),
            "three coefficients of the part-load curve");
  }
};

struct SourceSpec {
  static constexpr std::string_view doc = "Where facts come from; `source:` values name these.";
  std::string title;
  std::string where;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("title", title, required, "what it is");
    v.field("where", where, optional, "publication, repository or page");
  }
};

struct Catalog {
  static constexpr std::string_view doc =
      "Things scenarios are built from. A scenario's own entries win over the shipped ones.";
  std::map<std::string, GpuSpec> gpus;
  std::map<std::string, NodeSpec> nodes;
  std::map<std::string, BranchKindSpec> branches;
  std::map<std::string, ModelSpec> models;
  std::map<std::string, ShapeSpec> shapes;
  std::map<std::string, ChillerSpec> chillers;
  std::map<std::string, TransferSpec> transfers;
  std::map<std::string, SourceSpec> sources;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("gpus", gpus, optional, "GPU types");
    v.field("nodes", nodes, optional, "servers");
    v.field("branches", branches, optional, "power elements with their losses");
    v.field("models", models, optional, "inference models");
    v.field("shapes", shapes, optional, "daily demand shapes");
    v.field("chillers", chillers, optional, "chiller curves");
    v.field("transfers", transfers, optional, "stages of a change of tenant");
    v.field("sources", sources, optional, "sources");
  }
};

}  // namespace colossim
