// The stages nodes go through when they change tenant.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>

namespace colossim {

struct DrainSpec {
  static constexpr std::string_view doc =
      "How work leaves. New work stops at once; requests end; jobs finish, save or die.";
  Time requests = 10.0 * units::minute;
  std::string jobs = "checkpoint";
  Time deadline = 24.0 * units::hour;
  Time write = 30.0 * units::second;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("requests", requests, optional.within(0, 86400),
            "replicas stay this long so that their requests end");
    v.field("jobs", jobs, optional.one_of("finish checkpoint kill"),
            "finish: they run on until the deadline, then save; checkpoint: they save now; kill: "
            "they lose what they have not saved");
    v.field("deadline", deadline, optional.within(0, 1e7), "for jobs that finish");
    v.field("write", write, optional.within(0, 86400), "time to save on demand");
  }
};

struct StageSpec {
  static constexpr std::string_view doc =
      "One stage of a transfer; an array goes through together.";
  Distribution<Time::dimension> duration;
  std::int64_t nodes = 0;
  Dollars cost;
  double reject = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("duration", duration, required.within(0, 1e8), "of an array");
    v.field("nodes", nodes, optional.within(0, 1000000), "how many nodes at once; 0: no limit");
    v.field("cost", cost, optional.within(0, 1e6), "per node");
    v.field("reject", reject, optional.within(0, 0.9),
            "accept: share of nodes that need repair first; else: probability that the array does "
            "the stage again");
  }
};

/// Stages in their order. Repair is a detour from acceptance.
enum class Stage : std::uint8_t {
  drain,
  export_data,
  sanitize,
  repartition,
  image,
  accept,
  fabric_test,
  load,
  ramp,
  done,
  repair
};
inline constexpr std::size_t transfer_stages = 11;
inline constexpr std::array<const char*, transfer_stages> stage_names{
    "drain",       "export", "sanitize", "repartition", "image", "accept",
    "fabric_test", "load",   "ramp",     "done",        "repair"};

struct TransferSpec {
  static constexpr std::string_view doc =
      "How nodes change tenant: array by array through drain, export, sanitize, repartition, "
      "image, "
      "accept, fabric test, load and ramp; rejected ones are repaired and come again.";
  std::int64_t array = 8;
  DrainSpec drain;
  StageSpec export_data;
  StageSpec sanitize;
  StageSpec repartition;
  StageSpec image;
  StageSpec accept;
  StageSpec fabric_test;
  StageSpec load;
  StageSpec ramp;
  StageSpec repair;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("array", array, optional.within(1, 1024), "racks that move together");
    v.field("drain", drain, optional, "how work leaves");
    v.field("export", export_data, optional, "the old tenant's data leave");
    v.field("sanitize", sanitize, optional, "drives are erased, firmware attested");
    v.field("repartition", repartition, optional, "networks are separated");
    v.field("image", image, optional, "the new tenant's system is installed");
    v.field("accept", accept, optional, "hosts are tested");
    v.field("fabric_test", fabric_test, optional, "the array's network is tested");
    v.field("load", load, optional, "weights and data arrive");
    v.field("ramp", ramp, optional, "traffic is shifted");
    v.field("repair", repair, optional, "of rejected hosts");
  }
};

/// The description of a stage other than drain and done.
const StageSpec& stage_of(const TransferSpec& transfer, Stage stage);

}  // namespace colossim
