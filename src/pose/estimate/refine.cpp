// SPDX-License-Identifier: BSD-3-Clause
#include "pose/estimate/refine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace driftwood::pose {
namespace {

using Members = std::vector<Correspondence>;

Members inliers_of(const Pose<double>& pose, std::span<const Correspondence> all) {
  Members out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const Correspondence& c) { return is_inlier(pose, c); });
  return out;
}

NormalEquations equations_of(const Pose<double>& pose, const Members& members, Noise noise) {
  NormalEquations out;
  for (const Correspondence& c : members) out.add(Linearised(pose, c, noise), weight_of(c, noise));
  return out;
}
double cost_of(const Pose<double>& pose, const Members& members, Noise noise) {
  double out = 0;
  for (const Correspondence& c : members) {
    out += weight_of(c, noise) * Linearised(pose, c, noise).square();
  }
  return out;
}

bool finite(const PoseStep& step) { return std::isfinite(dot(step, step)); }

struct Minimum {
  Pose<double> pose;
  bool converged;
};

/// In units in which the cost changes by its square.
double size_of(const PoseStep& step, const NormalEquations& equations) {
  double out = 0;
  for (int a = 0; a < 6; ++a) out = std::max(out, std::abs(step[a]) / equations.scale(a));
  return out;
}

/// Steps of Gauss and Newton until they are rounding, which the cost does not resolve.
Minimum polished(const Members& members, Noise noise, const Pose<double>& start) {
  Minimum out = {start, false};
  double last = std::numeric_limits<double>::infinity();
  for (int k = 0; k < 20 && last > 1e-13; ++k) {
    const NormalEquations equations = equations_of(out.pose, members, noise);
    const PoseStep step = equations.step();
    if (!finite(step)) return {start, false};
    const double size = size_of(step, equations);
    if (!(size < last)) break;
    last = size;
    out.pose = moved(out.pose, step);
  }
  out.converged = last < 1e-6;
  return out.converged ? out : Minimum{start, false};
}

/// Levenberg-Marquardt, damping in proportion to the diagonal.
Minimum minimised(const Members& members, Noise noise, Pose<double> pose) {
  if (members.size() < 3) return {pose, false};
  double damping = 1e-4;
  double cost = cost_of(pose, members, noise);
  for (int k = 0; k < 60; ++k) {
    const PoseStep step = equations_of(pose, members, noise).step(damping);
    if (!finite(step)) return {pose, false};
    const Pose<double> trial = moved(pose, step);
    const double reached = cost_of(trial, members, noise);
    const bool lower = reached < cost;
    const bool settled = std::abs(reached - cost) <= 1e-9 * cost;
    if (lower) {
      pose = trial;
      cost = reached;
    }
    if (settled) break;
    damping = lower ? std::max(damping / 10, 1e-12) : damping * 10;
    if (damping > 1e10) break;
  }
  return polished(members, noise, pose);
}

/// Least squares with weights (mu / (s + mu))^2, s = (residual / threshold)^2, mu from 4 to 1.
Pose<double> graduated(std::span<const Correspondence> all, Noise noise, Pose<double> pose) {
  const double factor = 1.4;
  for (double mu = 4; mu > 1 / factor; mu /= factor) {
    const double scale = std::max(mu, 1.0);
    for (int k = 0; k < 20; ++k) {
      NormalEquations equations;
      for (const Correspondence& c : all) {
        if (!(residual(pose, c) < pi / 3)) continue;  // what is behind has the wrong slope
        const Linearised linearised(pose, c, noise);
        const double w = scale / (linearised.square() * weight_of(c, noise) + scale);
        equations.add(linearised, w * w * weight_of(c, noise));
      }
      const PoseStep step = equations.step();
      if (!finite(step)) return pose;
      pose = moved(pose, step);
      if (size_of(step, equations) < 1e-9) break;
    }
  }
  return pose;
}

constexpr double infinite = std::numeric_limits<double>::infinity();

/// The inverse of the normal matrix; all infinite where a parameter follows from the others but for
/// rounding: the diagonal of the inverse of the scaled matrix says by how much.
std::array<double, 36> inverse_of(const NormalEquations& equations) {
  std::array<double, 36> out;
  for (int a = 0; a < 6; ++a) {
    Square<PoseStep> matrix;
    PoseStep column = {};
    column[a] = 1;
    for (int i = 0; i < 6; ++i) {
      for (int j = 0; j < 6; ++j) matrix(i, j) = equations.scaled(i, j);
    }
    solve(matrix, column);
    if (!(column[a] > 0 && column[a] < 1e12) || !finite(column)) {
      out.fill(infinite);
      return out;
    }
    for (int b = 0; b < 6; ++b) {
      out[static_cast<std::size_t>(6 * a + b)] =
          equations.scale(a) * equations.scale(b) * column[b];
    }
  }
  for (std::size_t a = 0; a < 6; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const double mean = (out[6 * a + b] + out[6 * b + a]) / 2;
      out[6 * a + b] = out[6 * b + a] = mean;
    }
  }
  return out;
}

/// What there is to say of a pose that least squares came to.
Refined described(const Minimum& minimum, std::span<const Correspondence> all, Noise noise) {
  const Members members = inliers_of(minimum.pose, all);
  const double count = static_cast<double>(members.size());
  double squares = 0;
  for (const Correspondence& c : members) {
    const double r = residual(minimum.pose, c);
    squares += r * r;
  }
  const Found found = counted(minimum.pose, all);
  const NormalEquations equations = equations_of(minimum.pose, members, noise);
  Refined out = {found.pose,
                 found.inliers,
                 found.cost,
                 std::sqrt(squares / count),
                 inverse_of(equations),
                 minimum.converged};
  if (out.covariance[0] == infinite) out.converged = false;
  const double spare = 2 * count - 6;
  const double variance = spare > 0 ? equations.cost() / spare : infinite;
  for (double& entry : out.covariance) entry = spare > 0 ? entry * variance : infinite;
  return out;
}

}  // namespace

Refined refined(std::span<const Correspondence> all, const Pose<double>& start, Noise noise) {
  Minimum best = minimised(inliers_of(start, all), noise, start);
  Found explained = counted(best.pose, all);
  Pose<double> pose = graduated(all, noise, best.pose);
  for (int round = 0; round < 5; ++round) {
    const Members members = inliers_of(pose, all);
    const Minimum minimum = minimised(members, noise, pose);
    const Found found = counted(minimum.pose, all);
    if (minimum.converged && (!best.converged || found.cost < explained.cost)) {
      best = minimum;
      explained = found;
    }
    if (inliers_of(minimum.pose, all).size() == members.size()) break;
    pose = minimum.pose;
  }
  return described(best, all, noise);
}

}  // namespace driftwood::pose
