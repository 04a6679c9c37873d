// SPDX-License-Identifier: BSD-3-Clause
#include "pose/estimate/improve.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pose/estimate/linearised.hpp"

namespace driftwood::pose {
namespace {

/// The step of Gauss and Newton, if there is one.
bool take_step(const NormalEquations& equations, Pose<double>& pose) {
  const PoseStep step = equations.step();
  if (!std::isfinite(dot(step, step))) return false;
  pose = moved(pose, step);
  return true;
}

/// For the least squares of residuals in units of thresholds.
bool step_over(std::span<const Correspondence> members, Pose<double>& pose) {
  NormalEquations equations;
  for (const Correspondence& c : members) {
    equations.add(Linearised(pose, c), weight_of(c));
  }
  return take_step(equations, pose);
}

/// For the sum of p = 1 / (1 + exp((s - 1) / width)), s = (residual / threshold)^2, which counts
/// inliers where the width is small. Its slope is p (1 - p); a little of p keeps the step
/// determined where few are at the edge.
bool step_over_edge(std::span<const Correspondence> all, double width, Pose<double>& pose) {
  NormalEquations equations;
  for (const Correspondence& c : all) {
    const double ratio = residual(pose, c) / c.threshold;
    if (!(ratio < 2)) continue;
    const double p = 1 / (1 + std::exp((ratio * ratio - 1) / width));
    const double weight = p * (1.05 - p);
    if (weight > 1e-4) equations.add(Linearised(pose, c), weight * weight_of(c));
  }
  return take_step(equations, pose);
}

/// The centre for which directions of points at a rotation come nearest to bearings: least
/// sum |(I - f f^T) (R X + t)|^2, t = -R C.
std::optional<Pose<double>> centred(const Rotation<double>& rotation,
                                    std::span<const Correspondence> members) {
  Square<Vec3<double>> matrix = {};
  Vec3<double> right = {0, 0, 0};
  for (const Correspondence& c : members) {
    const Vec3<double>& f = c.bearing;
    const Vec3<double> y = rotated(rotation, c.point);
    right = right - (y - dot(f, y) * f);
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) matrix(i, j) += (i == j ? 1 : 0) - f[i] * f[j];
    }
  }
  solve(matrix, right);
  if (!std::isfinite(dot(right, right))) return std::nullopt;
  return Pose<double>{rotation, -1.0 * rotated_back(rotation, right)};
}

/// Keeps what is within twice the threshold, and the better half in any case.
void trim(const Pose<double>& pose, std::vector<Correspondence>& members) {
  std::vector<double> ratio;
  ratio.reserve(members.size());
  for (const Correspondence& c : members) {
    const double r = residual(pose, c) / c.threshold;
    ratio.push_back(std::isfinite(r) ? r : 1e300);
  }
  std::vector<double> sorted = ratio;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double limit = std::max(2.0, *middle);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (ratio[i] <= limit) members[kept++] = members[i];
  }
  members.resize(kept);
}

}  // namespace

Found fitted(std::span<const Correspondence> all, const Pose<double>& start) {
  Found best = counted(start, all);
  Pose<double> pose = start;
  std::vector<Correspondence> members;
  for (const double widening : {3.0, 2.0, 1.5, 1.2, 1.0, 1.0}) {
    members.clear();
    for (const Correspondence& c : all) {
      if (residual(pose, c) <= widening * c.threshold) members.push_back(c);
    }
    if (members.size() < 3 || !step_over(members, pose) || !step_over(members, pose)) break;
    const Found found = counted(pose, all);
    if (better(found, best)) best = found;
  }
  return best;
}

Found improved(std::span<const Correspondence> all, const Pose<double>& start) {
  Found best = fitted(all, start);
  Pose<double> pose = best.pose;
  for (const double width : {0.3, 0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05, 0.03, 0.03}) {
    if (!step_over_edge(all, width, pose)) break;
    const Found found = counted(pose, all);
    if (better(found, best)) best = found;
  }
  return best;
}

std::optional<Found> from_members(std::span<const Correspondence> all, std::span<const int> members,
                                  const Rotation<double>& near) {
  std::vector<Correspondence> kept;
  kept.reserve(members.size());
  for (const int i : members) kept.push_back(all[static_cast<std::size_t>(i)]);
  std::optional<Pose<double>> pose;
  for (int round = 0; round < 3; ++round) {
    if (kept.size() < 3) return std::nullopt;
    pose = centred(near, kept);
    if (!pose) return std::nullopt;
    if (round < 2) trim(*pose, kept);
  }
  for (int step = 0; step < 3 && step_over(kept, *pose); ++step) {
  }
  return improved(all, *pose);
}

}  // namespace driftwood::pose
