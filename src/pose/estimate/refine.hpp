// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "pose/estimate/consensus.hpp"
#include "pose/estimate/linearised.hpp"

namespace driftwood::pose {

/// The pose of least squares over its inliers.
struct Refined {
  Pose<double> pose;
  int inliers;
  double cost;  ///< as in `Found`
  double rms;   ///< of the residuals of inliers, in radians
  /// Of (omega, c) where the true pose is exp([omega]) R, C + c: sigma^2 (J^T W J)^-1 row by row,
  /// sigma^2 as the residuals show it, W of `weight_of`. Infinite where the inliers do not
  /// determine the pose or leave nothing over to show sigma.
  std::array<double, 36> covariance;
  bool converged;  ///< to a pose that the inliers determine
};

/// Refines a pose that is right but for noise. Levenberg-Marquardt over the inliers of `start`;
/// from there graduated non-convexity over all correspondences (Yang, Antonante, Tzoumas and
/// Carlone 2020, "Graduated non-convexity for robust spatial perception", with the weights of
/// Geman and McClure), its scale from twice the thresholds down to them; then Levenberg-Marquardt
/// over the inliers of the result, as they are counted anew, at most five times. Of these least
/// squares the one of least `cost`, which may explain less than `start` does: compare `inliers`.
/// The result depends on `start` through its inliers alone, but for rounding.
[[nodiscard]] Refined refined(std::span<const Correspondence> all, const Pose<double>& start,
                              Noise noise = Noise::bearings);

}  // namespace driftwood::pose
