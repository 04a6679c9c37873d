// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "unit/pose/draws.hpp"

namespace driftwood::pose::testing {

/// How near to their bounds samples come, and how many are beyond.
struct LemmaCheck {
  int samples = 0;
  int violations = 0;
  double plane = 0;   ///< largest |n v| / sin delta
  double wedge = 0;   ///< largest cos delta |n v| / (sin delta (m v))
  double sector = 0;  ///< largest angle of v and m / ((pi - theta) / 2 + eps)
};

/// Lemmas 1 to 3 on directions v = a g_i - b g_j of sight lines within eps of bearings, and on
/// directions within a slack of these.
inline LemmaCheck check_lemmas(int component, int samples) {
  Draws draws(component);
  LemmaCheck out;
  for (int k = 0; k < samples; ++k) {
    const double eps = draws.scale(1e-3, 0.1);
    const double theta =
        draws.below(2) == 0 ? draws.uniform(2.02 * eps, pi) : draws.scale(2.02 * eps, pi);
    const Vec3<double> fi = draws.direction();
    const Vec3<double> fj = draws.off(fi, theta);
    const auto seen = [&](const Vec3<double>& f) {
      return draws.off(f,
                       eps * (1 - 1e-9) * (draws.below(2) == 0 ? 1 : std::sqrt(draws.uniform())));
    };
    const Vec3<double> gi = seen(fi);
    const Vec3<double> gj = seen(fj);
    const double a = draws.scale(1e-3, 1);
    const double b = draws.scale(1e-3, 1);
    // Any points would do whose difference has this direction.
    const Pair pair({a * gi, fi, eps}, {b * gj, fj, eps});
    if (pair.kind != PairKind::tested) continue;
    ++out.samples;
    const DirectPair<double> test(pair);
    const Vec3<double> v = pair.direction;
    const double beta = draws.below(2) == 0 ? draws.scale(1e-6, 0.3) : 0;
    const Angle<double> slack = angle_of(beta);
    const Vec3<double> near = beta > 0 ? draws.off(v, beta * (1 - 1e-9) * draws.uniform()) : v;
    const bool holds = test.plane_margin(near, slack) >= 0 && test.wedge_margin(near, slack) >= 0 &&
                       test.sector_margin(near, slack) >= 0;
    out.violations += holds ? 0 : 1;
    const double side = std::abs(dot(pair.normal, v));
    const double along = dot(pair.middle, v);
    out.plane = std::max(out.plane, side / pair.tilt.sine);
    if (along > 0) {
      out.wedge = std::max(out.wedge, pair.tilt.cosine * side / (pair.tilt.sine * along));
    }
    out.sector = std::max(out.sector, angle_between(v, pair.middle) / ((pi - theta) / 2 + eps));
  }
  return out;
}

}  // namespace driftwood::pose::testing
