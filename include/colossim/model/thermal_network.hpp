// For cooling: temperatures of lumped masses joined by conductances, exact between events.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <colossim/base/quantity.hpp>

namespace colossim {

/// A well-mixed mass: a die with its cold plate, the water of a loop, the air of a hall.
struct ThermalNode {
  HeatCapacity capacity;  // > 0
  Temperature initial;
};

/// Heat flows between nodes `a` ≠ `b` in proportion to their temperature difference, both ways.
struct ThermalLink {
  std::size_t a = 0;
  std::size_t b = 0;
  ThermalConductance conductance;  // ≥ 0
};

/// Heat flows between a node and a surrounding whose temperature is given.
struct BoundaryLink {
  std::size_t node = 0;
  std::size_t boundary = 0;
  ThermalConductance conductance;  // ≥ 0
};

/// What a `ThermalNetwork` is made from. At most 8 nodes and 4 boundaries.
struct ThermalLayout {
  std::vector<ThermalNode> nodes;
  std::vector<Temperature> boundaries;
  std::vector<ThermalLink> links;
  std::vector<BoundaryLink> boundary_links;
};

/// Lumped thermal network at one instant:
///   C_i dT_i/dt = Σ_j G_ij (T_j − T_i) + Σ_k H_ik (B_k − T_i) + Q_i    [incropera2011, ch. 5]
/// With heat inputs Q and boundaries B constant between events the solution is a sum of
/// exponentials, held here in the network's own modes: `advance` is exact for any step and
/// allocates nothing. No advection (a flow carries heat one way: not symmetric) and no radiation.
/// A part of the network that touches no boundary has no steady state: its mean drifts with its
/// heat input. Invariant: decay_ ascends, and is exactly 0 for the `drifting_` first modes.
class ThermalNetwork {
 public:
  static constexpr std::size_t max_nodes = 8;
  static constexpr std::size_t max_boundaries = 4;

  /// Decomposes the network. A layout outside the ranges stated above is a broken invariant.
  explicit ThermalNetwork(const ThermalLayout& layout);

  [[nodiscard]] std::size_t nodes() const { return nodes_; }
  [[nodiscard]] Temperature temperature(std::size_t node) const;

  /// Where the node's temperature tends to if nothing changes; none for a node whose part of the
  /// network touches no boundary.
  [[nodiscard]] std::optional<Temperature> steady_state(std::size_t node) const;

  /// Time until the node first is at `threshold`, from either side, within `horizon` ≥ 0 [s]: 0 if
  /// it is there now, none if it never is. At the returned time the threshold is reached or passed
  /// by less than rounding; a peak that touches it by less than rounding may be missed. After a
  /// crossing, ask for the next threshold, not for the one the temperature now sits on.
  [[nodiscard]] std::optional<Time> time_to(std::size_t node, Temperature threshold,
                                            Time horizon) const;

  /// Lets `dt` ≥ 0 pass.
  void advance(Time dt);
  void set_heat(std::size_t node, Power heat);
  void set_boundary(std::size_t boundary, Temperature temperature);
  void set_temperature(std::size_t node, Temperature temperature);

 private:
  using PerNode = std::array<double, max_nodes>;

  void decompose(const ThermalLayout& layout);
  void set_modes(const PerNode& temperatures);
  void update_targets();

  // Fixed by the layout.
  std::size_t nodes_ = 0;
  std::size_t boundaries_ = 0;
  std::size_t drifting_ = 0;                // modes that do not decay; they come first
  std::array<bool, max_nodes> floating_{};  // the node takes part in a drifting mode
  PerNode capacity_{};                      // [J/K]
  PerNode decay_{};                         // of each mode [1/s]
  std::array<PerNode, max_nodes> shape_{};  // shape_[node][mode]: share of a mode in a node
  std::array<std::array<double, max_boundaries>, max_nodes> boundary_conductance_{};  // [W/K]

  // Set from outside.
  PerNode heat_{};                                 // [W]
  std::array<double, max_boundaries> boundary_{};  // [°C]

  // Moves with time; target_ follows heat_ and boundary_.
  PerNode mode_{};    // amplitude now
  PerNode target_{};  // amplitude in the end; of a drifting mode, its rate [1/s]
};

/// Time for a mass that loses no heat to warm by `rise` ≥ 0 under `heat` > 0: C·ΔT/P. How long a
/// GPU lasts when its coolant stops. [models_7]
Time adiabatic_time(HeatCapacity capacity, Power heat, Temperature rise);

}  // namespace colossim
