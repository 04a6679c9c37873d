// SPDX-License-Identifier: BSD-3-Clause
// RANSAC with Kneip's P3P and the nonlinear refinement of OpenGV, for pose_peers.py: reads doubles
// of this machine from standard input, N, the largest angle of an inlier, the most iterations, and
// N rows of point and bearing; writes the rotation from the world into the camera row by row, the
// centre, and the seconds taken.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <opengv/absolute_pose/CentralAbsoluteAdapter.hpp>
#include <opengv/absolute_pose/methods.hpp>
#include <opengv/sac/Ransac.hpp>
#include <opengv/sac_problems/absolute_pose/AbsolutePoseSacProblem.hpp>
#include <vector>

namespace {

using Problem = opengv::sac_problems::absolute_pose::AbsolutePoseSacProblem;

double number() {
  double out = 0;
  if (std::fread(&out, sizeof out, 1, stdin) != 1) std::exit(2);
  return out;
}
Eigen::Vector3d vector() {
  const double x = number();
  const double y = number();
  return {x, y, number()};
}

}  // namespace

int main() {
  const auto count = static_cast<std::size_t>(number());
  const double angle = number();
  const int iterations = static_cast<int>(number());
  opengv::points_t points;
  opengv::bearingVectors_t bearings;
  for (std::size_t i = 0; i < count; ++i) {
    points.push_back(vector());
    bearings.push_back(vector());
  }
  const auto began = std::chrono::steady_clock::now();
  opengv::absolute_pose::CentralAbsoluteAdapter adapter(bearings, points);
  opengv::sac::Ransac<Problem> ransac;
  ransac.sac_model_ = std::make_shared<Problem>(adapter, Problem::KNEIP, false);
  ransac.threshold_ = 1 - std::cos(angle);
  ransac.max_iterations_ = iterations;
  if (!ransac.computeModel()) return 1;
  opengv::transformation_t pose = ransac.model_coefficients_;
  ransac.sac_model_->optimizeModelCoefficients(ransac.inliers_, ransac.model_coefficients_, pose);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) std::printf("%.17g ", pose(j, i));
  }
  for (int i = 0; i < 3; ++i) std::printf("%.17g ", pose(i, 3));
  std::printf("%.17g\n", seconds.count());
}
