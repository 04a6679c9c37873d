// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

#include "pose/bounds/pair.hpp"
#include "random/normal.hpp"

namespace driftwood::pose::testing {

inline constexpr std::uint64_t seed = 190310175;

/// Random numbers of a test, one after the other.
class Draws {
 public:
  explicit Draws(int component) : stream_(seed, random::Purpose::probe, component) {}

  double uniform(double low = 0, double high = 1) {
    return low + (high - low) * random::uniform(word());
  }
  int below(int n) { return static_cast<int>(word() % static_cast<std::uint64_t>(n)); }
  double normal() {
    double a;
    double b;
    const std::uint64_t first = word();
    random::normal_pair<double>(first, word(), 1.0, a, b);
    return a;
  }
  /// Log-uniform.
  double scale(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }
  Vec3<double> direction() { return normalised(Vec3<double>{normal(), normal(), normal()}); }
  Quaternion<double> quaternion() { return {normal(), normal(), normal(), normal()}; }
  /// At an angle from `axis`, any way around it.
  Vec3<double> off(const Vec3<double>& axis, double angle) {
    const Vec3<double> a = orthogonal_to(axis);
    const double around = uniform(0, 2 * pi);
    const Vec3<double> side = std::cos(around) * a + std::sin(around) * cross(axis, a);
    return std::cos(angle) * axis + std::sin(angle) * side;
  }
  /// A box of any level up to `deepest`.
  BoxKey box(int deepest) { return box_around(quaternion(), below(deepest + 1)); }
  /// A rotation of the box: inside, or on a face, an edge or a vertex.
  Quaternion<double> member(const Box<double>& box) {
    Vec3<double> x = box.centre;
    const bool outside = below(2) == 0;
    for (int a = 0; a < 3; ++a) {
      const double t = uniform(-1, 1);
      x[a] += box.half * (outside && below(3) > 0 ? (t < 0 ? -1 : 1) : t);
    }
    return box.at(x);
  }

 private:
  std::uint64_t word() { return stream_.words<double>({0}, next_++).word[0]; }

  random::Stream stream_;
  std::uint64_t next_ = 0;
};

/// Two inliers of a camera, their points in the unit ball.
struct InlierPair {
  Correspondence i;
  Correspondence j;
};

/// Of a pose with this rotation and a threshold between these. Half of them are as far off as the
/// wedge allows: both sight lines touch the plane that touches both caps. A third of the pairs have
/// points close to each other.
inline InlierPair inlier_pair(Draws& draws, const Rotation<double>& rotation, double least = 1e-3,
                              double most = 0.1) {
  const double eps = draws.scale(least, most);
  // What positions of points are rounded by is seen under up to 1e-13.
  const double within = std::min(1 - 1e-9, 1 - 1e-12 / eps);
  const double theta = draws.below(3) == 0 ? draws.uniform(2.02 * eps, pi)
                                           : draws.scale(2.02 * eps, std::max(1.0, 2.1 * eps));
  const Vec3<double> fi = draws.direction();
  const Vec3<double> fj = draws.off(fi, theta);
  Vec3<double> gi = draws.off(fi, eps * within * std::sqrt(draws.uniform()));
  Vec3<double> gj = draws.off(fj, eps * within * (draws.below(2) == 0 ? 1 : draws.uniform()));
  if (draws.below(2) == 0) {
    const double sine = std::sin(eps * within);
    const double tilt = sine / std::sin(theta / 2);
    const double sign = draws.below(2) == 0 ? 1 : -1;
    const Vec3<double> touching =
        tilt * normalised(fi - fj) + sign * std::sqrt(1 - tilt * tilt) * normalised(cross(fi, fj));
    gi = normalised(fi - sine * touching);
    gj = normalised(fj + sine * touching);
  }
  const double di = draws.scale(1e-3, 0.5);
  const double dj =
      draws.below(3) == 0 ? di * (1 + draws.scale(1e-6, 0.1)) : draws.scale(1e-3, 0.5);
  const Vec3<double> centre = draws.uniform(0, 0.5) * draws.direction();
  return {{rotated_back(rotation, di * gi) + centre, fi, eps},
          {rotated_back(rotation, dj * gj) + centre, fj, eps}};
}

}  // namespace driftwood::pose::testing
