// What is done with capacity at review times: the strategies an owner can follow within its
// contracts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>

namespace colossim {

/// What a reallocation policy sees of one contract at a review.
struct ReallocationView {
  std::int64_t idle = 0;           // the owner's free GPUs
  std::int64_t waiting = 0;        // GPUs of the owner's waiting jobs
  double load = 0;                 // highest load of the owner's services, 1 = at the objective
  std::int64_t flexible_out = 0;   // GPUs delivered beyond the commitment
  std::int64_t flexible_most = 0;  // how many may be
  double price = 0;                // of the market the policy watches, per GPU-hour [USD/gpu/s]
  bool may_exercise = false;       // the option the policy speaks of is open
};

/// What the world is to do. Nothing set: nothing.
struct ReallocationCommand {
  std::int64_t deliver = 0;    // flexible GPUs to hand over
  std::int64_t take_back = 0;  // flexible GPUs to take back
  bool exercise = false;       // give notice under the option
};

/// A strategy asked at review times.
class ReallocationPolicy {
 public:
  ReallocationPolicy() = default;
  ReallocationPolicy(const ReallocationPolicy&) = default;
  ReallocationPolicy& operator=(const ReallocationPolicy&) = delete;
  virtual ~ReallocationPolicy() = default;

  [[nodiscard]] virtual ReallocationCommand decide(const ReallocationView& view) const = 0;
  [[nodiscard]] virtual std::unique_ptr<ReallocationPolicy> clone() const = 0;
};

struct KeepSpec {
  static constexpr std::string_view kind = "keep";
  static constexpr std::string_view doc = "Changes nothing: what others are measured against.";
  Ref contract;
  Time review = 1.0 * units::day;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("contract", contract, required.to("contracts"), "the contract it watches");
    v.field("review", review, optional.within(300, 31536000).choice(), "time between reviews");
  }
};

struct HarvestIdleSpec {
  static constexpr std::string_view kind = "harvest_idle";
  static constexpr std::string_view doc =
      "Lends idle GPUs beyond the commitment, as many as the contract allows, and takes them back "
      "when the owner's jobs wait.";
  Ref contract;
  Time review = 1.0 * units::hour;
  double keep_free = 0.05;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("contract", contract, required.to("contracts"), "a lease with `flexible` GPUs");
    v.field("review", review, optional.within(300, 31536000).choice(), "time between reviews");
    v.field("keep_free", keep_free, optional.fraction(), "of the idle GPUs, left for the owner");
  }
};

struct ReclaimOnSurgeSpec {
  static constexpr std::string_view kind = "reclaim_on_surge";
  static constexpr std::string_view doc =
      "Uses an option when the owner's own demand is more than its machines carry.";
  Ref contract;
  std::string option;
  Time review = 1.0 * units::day;
  GpuCount waiting{1e9};
  double load = 100;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("contract", contract, required.to("contracts"), "the contract with the option");
    v.field("option", option, required, "name of the option it uses");
    v.field("review", review, optional.within(300, 31536000).choice(), "time between reviews");
    v.field("waiting", waiting, optional.positive(),
            "GPUs of the owner's waiting jobs beyond its idle ones at which it acts");
    v.field("load", load, optional.within(0, 1000),
            "load of the owner's services at which it acts");
  }
};

struct PriceThresholdSpec {
  static constexpr std::string_view kind = "price_threshold";
  static constexpr std::string_view doc =
      "Uses an option when the market price is beyond a threshold.";
  Ref contract;
  std::string option;
  Ref market;
  Time review = 1.0 * units::day;
  std::optional<GpuPrice> above;
  std::optional<GpuPrice> below;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("contract", contract, required.to("contracts"), "the contract with the option");
    v.field("option", option, required, "name of the option it uses");
    v.field("market", market, required.to("markets"), "the price it watches");
    v.field("review", review, optional.within(300, 31536000).choice(), "time between reviews");
    v.field("above", above, optional.within(0, 1), "acts at this price or more; this or `below`");
    v.field("below", below, optional.within(0, 1), "acts at this price or less");
  }
};

using ReallocationSpec =
    std::variant<KeepSpec, HarvestIdleSpec, ReclaimOnSurgeSpec, PriceThresholdSpec>;

/// The strategy of a description.
std::unique_ptr<ReallocationPolicy> make_policy(const ReallocationSpec& spec);

}  // namespace colossim
