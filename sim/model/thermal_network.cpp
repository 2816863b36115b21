// Modes of a thermal network, and its state in them. The only user of Eigen for temperatures.
#include <cmath>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <colossim/base/check.hpp>
#include <colossim/base/math.hpp>
#include <colossim/model/exponential_sum.hpp>
#include <colossim/model/thermal_network.hpp>

namespace colossim {

namespace {

constexpr int max_size = static_cast<int>(ThermalNetwork::max_nodes);
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, max_size, max_size>;

/// A mode this much slower than the fastest is rounding noise around one that does not decay.
constexpr double slowest_over_fastest = 1e-14;

/// Share of a node's heat in the drifting modes above which it belongs to them; a node of a part
/// that touches a boundary has the square of the rounding error, about 1e-30.
constexpr double floating_share = 1e-20;

void check(const ThermalLayout& layout) {
  const std::size_t nodes = layout.nodes.size();
  const std::size_t boundaries = layout.boundaries.size();
  COLOSSIM_CHECK(nodes >= 1 && nodes <= ThermalNetwork::max_nodes, "nodes={}", nodes);
  COLOSSIM_CHECK(boundaries <= ThermalNetwork::max_boundaries, "boundaries={}", boundaries);
  for (const ThermalNode& node : layout.nodes) {
    const double capacity = node.capacity.base();
    COLOSSIM_CHECK(capacity > 0, "capacity={}", capacity);
  }
  for (const ThermalLink& link : layout.links) {
    const double conductance = link.conductance.base();
    COLOSSIM_CHECK(link.a < nodes && link.b < nodes && link.a != link.b, "a={} b={}", link.a,
                   link.b);
    COLOSSIM_CHECK(conductance >= 0, "a={} b={} conductance={}", link.a, link.b, conductance);
  }
  for (const BoundaryLink& link : layout.boundary_links) {
    const double conductance = link.conductance.base();
    COLOSSIM_CHECK(link.node < nodes && link.boundary < boundaries, "node={} boundary={}",
                   link.node, link.boundary);
    COLOSSIM_CHECK(conductance >= 0, "node={} conductance={}", link.node, conductance);
  }
}

/// Heat that leaves each node per kelvin of each node: the conductance matrix [W/K].
Matrix conductance_matrix(const ThermalLayout& layout) {
  const auto size = static_cast<Eigen::Index>(layout.nodes.size());
  Matrix matrix = Matrix::Zero(size, size);
  for (const ThermalLink& link : layout.links) {
    const auto a = static_cast<Eigen::Index>(link.a);
    const auto b = static_cast<Eigen::Index>(link.b);
    const double conductance = link.conductance.base();
    matrix(a, a) += conductance;
    matrix(b, b) += conductance;
    matrix(a, b) -= conductance;
    matrix(b, a) -= conductance;
  }
  for (const BoundaryLink& link : layout.boundary_links) {
    const auto node = static_cast<Eigen::Index>(link.node);
    matrix(node, node) += link.conductance.base();
  }
  return matrix;
}

}  // namespace

ThermalNetwork::ThermalNetwork(const ThermalLayout& layout) {
  check(layout);
  nodes_ = layout.nodes.size();
  boundaries_ = layout.boundaries.size();
  PerNode initial{};
  for (std::size_t i = 0; i < nodes_; ++i) {
    capacity_[i] = layout.nodes[i].capacity.base();
    initial[i] = layout.nodes[i].initial.base();
  }
  for (std::size_t k = 0; k < boundaries_; ++k) boundary_[k] = layout.boundaries[k].base();
  for (const BoundaryLink& link : layout.boundary_links) {
    boundary_conductance_[link.node][link.boundary] += link.conductance.base();
  }
  decompose(layout);
  set_modes(initial);
  update_targets();
}

// With x = √C·T the equation becomes x' = −S·x + ..., S = K/√(C_i·C_j) symmetric, S = U·Λ·Uᵀ.
void ThermalNetwork::decompose(const ThermalLayout& layout) {
  Matrix matrix = conductance_matrix(layout);
  for (std::size_t i = 0; i < nodes_; ++i) {
    const double scale = 1.0 / std::sqrt(capacity_[i]);
    matrix.row(static_cast<Eigen::Index>(i)) *= scale;
    matrix.col(static_cast<Eigen::Index>(i)) *= scale;
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(matrix);
  const double fastest = solver.eigenvalues()(matrix.rows() - 1);
  for (std::size_t j = 0; j < nodes_; ++j) {
    const auto mode = static_cast<Eigen::Index>(j);
    const double decay = solver.eigenvalues()(mode);
    const bool drifts = decay <= slowest_over_fastest * fastest;
    decay_[j] = drifts ? 0.0 : decay;
    if (drifts) drifting_ = j + 1;
    for (std::size_t i = 0; i < nodes_; ++i) {
      const double part = solver.eigenvectors()(static_cast<Eigen::Index>(i), mode);
      shape_[i][j] = part / std::sqrt(capacity_[i]);
      if (drifts && part * part > floating_share) floating_[i] = true;
    }
  }
}

void ThermalNetwork::set_modes(const PerNode& temperatures) {
  for (std::size_t j = 0; j < nodes_; ++j) {
    mode_[j] = 0;
    for (std::size_t i = 0; i < nodes_; ++i) {
      mode_[j] += shape_[i][j] * capacity_[i] * temperatures[i];
    }
  }
}

void ThermalNetwork::update_targets() {
  target_ = {};
  for (std::size_t i = 0; i < nodes_; ++i) {
    double input = heat_[i];
    for (std::size_t k = 0; k < boundaries_; ++k) {
      input += boundary_conductance_[i][k] * boundary_[k];
    }
    for (std::size_t j = 0; j < nodes_; ++j) target_[j] += shape_[i][j] * input;
  }
  for (std::size_t j = drifting_; j < nodes_; ++j) target_[j] /= decay_[j];
}

Temperature ThermalNetwork::temperature(std::size_t node) const {
  double sum = 0;
  for (std::size_t j = 0; j < nodes_; ++j) sum += shape_[node][j] * mode_[j];
  return Temperature{sum};
}

std::optional<Temperature> ThermalNetwork::steady_state(std::size_t node) const {
  if (floating_[node]) return std::nullopt;
  double sum = 0;
  for (std::size_t j = drifting_; j < nodes_; ++j) sum += shape_[node][j] * target_[j];
  return Temperature{sum};
}

std::optional<Time> ThermalNetwork::time_to(std::size_t node, Temperature threshold,
                                            Time horizon) const {
  if (temperature(node) == threshold) return Time{};
  ExponentialSum excess;
  excess.constant = -threshold.base();
  for (std::size_t j = 0; j < drifting_; ++j) {
    excess.constant += shape_[node][j] * mode_[j];
    excess.slope += shape_[node][j] * target_[j];
  }
  for (std::size_t j = drifting_; j < nodes_; ++j) {
    excess.constant += shape_[node][j] * target_[j];
    const double amplitude = shape_[node][j] * (mode_[j] - target_[j]);
    excess.terms[excess.size++] = {amplitude, decay_[j]};
  }
  const std::optional<double> root = first_root(excess, horizon.base());
  return root ? std::optional(Time{*root}) : std::nullopt;
}

void ThermalNetwork::advance(Time dt) {
  for (std::size_t j = 0; j < drifting_; ++j) mode_[j] += target_[j] * dt.base();
  for (std::size_t j = drifting_; j < nodes_; ++j) {
    mode_[j] = target_[j] + (mode_[j] - target_[j]) * math::exp(-decay_[j] * dt.base());
  }
}

void ThermalNetwork::set_heat(std::size_t node, Power heat) {
  heat_[node] = heat.base();
  update_targets();
}

void ThermalNetwork::set_boundary(std::size_t boundary, Temperature temperature) {
  boundary_[boundary] = temperature.base();
  update_targets();
}

void ThermalNetwork::set_temperature(std::size_t node, Temperature temperature) {
  PerNode temperatures{};
  for (std::size_t i = 0; i < nodes_; ++i) temperatures[i] = this->temperature(i).base();
  temperatures[node] = temperature.base();
  set_modes(temperatures);
}

Time adiabatic_time(HeatCapacity capacity, Power heat, Temperature rise) {
  return capacity * rise / heat;
}

}  // namespace colossim
