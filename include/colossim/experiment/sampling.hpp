// Designs: where in the unit cube a study looks, and what a coordinate stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <colossim/base/values.hpp>

namespace colossim {

/// Points of a unit cube, all of one dimension; coordinates lie in (0, 1).
using Design = std::vector<std::vector<double>>;

/// A latin hypercube (McKay, Beckman and Conover, 1979): in each dimension every interval
/// [i/points, (i+1)/points) holds exactly one coordinate, at a random place; the order is random
/// and independent by dimension.
Design latin_hypercube(std::size_t points, std::size_t dimensions, std::uint64_t seed);

/// The first points of a Sobol sequence (Sobol, 1967) with the directions of Joe and Kuo (2008),
/// moved by a random digital shift. In each dimension, and in the first two together, the first 2^m
/// points have exactly one in every elementary interval of volume 2^-m. REQUIRES: `dimensions` ≤
/// 3667.
Design sobol_sequence(std::size_t points, std::size_t dimensions, std::uint64_t seed);
inline constexpr std::size_t most_sobol_dimensions = 3667;

/// The x below which a standard normal variable lies with probability `p` in (0, 1), to 1e-15 of
/// it. (Wichura, AS 241, 1988)
double normal_quantile(double p);

/// The value below which a draw of the distribution lies with probability `p` in (0, 1). A choice
/// takes its values in the order they are written.
double quantile(const DistributionData& distribution, double p);

}  // namespace colossim
