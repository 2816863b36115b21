// On which nodes a job or replica goes.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/base/random.hpp>
#include <colossim/policy/free_nodes.hpp>

namespace colossim {

struct CountPlacement : NoParameters {
  static constexpr std::string_view kind = "count";
  static constexpr std::string_view doc =
      "A pool of GPUs: any free ones will do, on whatever nodes they are. What schedulers without "
      "nodes assume.";
};

struct FirstFitPlacement : NoParameters {
  static constexpr std::string_view kind = "first_fit";
  static constexpr std::string_view doc = "The lowest-numbered nodes with room.";
};

struct ConsolidatePlacement : NoParameters {
  static constexpr std::string_view kind = "consolidate";
  static constexpr std::string_view doc =
      "A job within a node goes where the fewest GPUs are free; a gang takes the lowest-numbered "
      "free "
      "nodes, and its rest the node with the most free after them. [helios_artifact_2021]";
};

struct BestFitPlacement : NoParameters {
  static constexpr std::string_view kind = "best_fit";
  static constexpr std::string_view doc =
      "A job within a node, and the rest of a gang, goes where the fewest GPUs are free; a gang "
      "takes "
      "the lowest-numbered free nodes.";
};

struct RackLocalPlacement : NoParameters {
  static constexpr std::string_view kind = "rack_local";
  static constexpr std::string_view doc =
      "The fullest rack that holds the whole gang, else the emptiest racks first; a job within a "
      "node "
      "goes where the fewest GPUs are free.";
};

struct SpreadPlacement : NoParameters {
  static constexpr std::string_view kind = "spread";
  static constexpr std::string_view doc =
      "One node after the other from the emptiest rack; a job within a node goes where the most "
      "GPUs "
      "are free.";
};

struct RandomPlacement : NoParameters {
  static constexpr std::string_view kind = "random";
  static constexpr std::string_view doc =
      "A node drawn at random or, when it has no room, the next that has: what a placement has to "
      "beat.";
};

using PlacementSpec =
    std::variant<RackLocalPlacement, CountPlacement, FirstFitPlacement, ConsolidatePlacement,
                 BestFitPlacement, SpreadPlacement, RandomPlacement>;

/// A placement strategy for sizes in whole GPUs: whole nodes, and what is left on one more.
class Placement {
 public:
  Placement() = default;
  Placement(const Placement&) = default;
  Placement& operator=(const Placement&) = delete;
  virtual ~Placement() = default;

  /// Whether it finds room for `gpus` ≥ 1.
  [[nodiscard]] virtual bool fits(const FreeNodes& free, std::int64_t gpus) const;
  /// Takes the room, appending it to `parts`. REQUIRES: `fits`.
  virtual void take(FreeNodes& free, std::int64_t gpus, std::vector<NodePart>& parts) = 0;
  /// What reservations count: GPUs, or nodes.
  [[nodiscard]] virtual bool counts_gpus() const { return false; }
  [[nodiscard]] virtual std::unique_ptr<Placement> clone() const = 0;
};

/// The strategy of a description; `stream` is for those that draw.
std::unique_ptr<Placement> make_placement(const PlacementSpec& spec, Stream stream);

/// For replicas, which need no neighbours: whole nodes from the racks with the fewest free ones,
/// which leaves whole racks to gangs.
std::unique_ptr<Placement> make_fill_gaps();

}  // namespace colossim
