// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "sde/given_noise.hpp"
#include "sde/propagator.hpp"

namespace driftwood::sde {

/// The noise of some paths on several grids, each twice as fine as the one before. Gaussian kinds
/// are one Brownian path seen on all grids: the coarser ones are joined from the finest, areas
/// included. Two- and three-point variables are drawn for each grid anew, as they stand for no
/// path.
class NoiseLevels {
 public:
  struct Shape {
    random::Increments kind;
    int noises;
    double end;             ///< [time]
    std::int64_t coarsest;  ///< steps of level 0
    int levels;
    std::int64_t paths;  ///< at most, at a time
  };

  NoiseLevels(const Shape& shape, std::uint64_t seed);

  /// Draws the noise of these paths. Throws `Error` for more than the shape allows.
  void draw(const PathRange& paths);

  [[nodiscard]] const GivenNoise& level(int l) const {
    return levels_[static_cast<std::size_t>(l)];
  }

  /// Memory for one path [bytes].
  [[nodiscard]] static std::int64_t bytes_per_path(const Shape& shape);

 private:
  void draw_level(std::size_t level, const PathRange& paths);
  void join(std::size_t coarse);

  Shape shape_;
  std::uint64_t seed_;
  std::vector<GivenNoise> levels_;
};

}  // namespace driftwood::sde
