// SPDX-License-Identifier: BSD-3-Clause
#include "pose/estimate/improve.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pose/estimate/linearised.hpp"

namespace driftwood::pose {
namespace {

bool finite(const PoseStep& step) { return std::isfinite(dot(step, step)); }

/// One step of Gauss and Newton over correspondences, each weighted by its threshold. Returns
/// whether there was one.
template <class Range, class Weight>
bool step_over(const Range& members, const Weight& weight, Pose<double>& pose) {
  NormalEquations equations;
  for (const Correspondence& c : members) {
    const double w = weight(c);
    if (w > 0) equations.add(Linearised(pose, c), w / (c.threshold * c.threshold));
  }
  const PoseStep step = equations.step();
  if (!finite(step)) return false;
  pose = moved(pose, step);
  return true;
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

Found improved(std::span<const Correspondence> all, const Pose<double>& start) {
  Found best = counted(start, all);
  Pose<double> pose = start;
  std::vector<Correspondence> members;
  for (const double widening : {3.0, 2.0, 1.5, 1.2, 1.0, 1.0}) {
    members.clear();
    for (const Correspondence& c : all) {
      if (residual(pose, c) <= widening * c.threshold) members.push_back(c);
    }
    const auto same = [](const Correspondence&) { return 1.0; };
    if (members.size() < 3 || !step_over(members, same, pose) || !step_over(members, same, pose)) {
      break;
    }
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
  const auto same = [](const Correspondence&) { return 1.0; };
  for (int step = 0; step < 3; ++step) {
    if (!step_over(kept, same, *pose)) break;
  }
  return improved(all, *pose);
}

}  // namespace driftwood::pose
