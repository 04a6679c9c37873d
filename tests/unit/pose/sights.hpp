// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <vector>

#include "pose/search/rotation_problem.hpp"
#include "unit/pose/problems.hpp"

namespace driftwood::pose::testing {

/// What a camera at 0 sees, and its rotation.
struct Sights {
  std::vector<Correspondence> all;
  Rotation<double> truth;
  int right = 0;  ///< explained by it
};

/// Directions all over the sphere, off by up to 0.8 of thresholds of about a degree; the others
/// lead anywhere.
inline Sights sights(Draws& draws, int n, double outliers) {
  Sights out;
  out.truth = rotation_of(draws.quaternion());
  const auto wrong = static_cast<int>(std::lround(outliers * n));
  for (int i = 0; i < n; ++i) {
    const double threshold = draws.uniform(0.01, 0.02);
    const Vec3<double> x = draws.uniform(0.1, 3) * draws.direction();
    const Vec3<double> seen = normalised(rotated(out.truth, x));
    const Vec3<double> f = i < wrong
                               ? draws.direction()
                               : draws.off(seen, 0.8 * threshold * std::sqrt(draws.uniform()));
    out.all.push_back({x, f, threshold});
  }
  out.right = inliers({out.truth, {}}, out.all);
  return out;
}

}  // namespace driftwood::pose::testing
