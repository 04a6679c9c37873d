// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pose/bounds/pair.hpp"

namespace driftwood::pose {

/// The tests of `LinePair` multiplied by what they divide by, so that four numbers and two
/// comparisons remain: with P the reciprocal product, S the gap, L = |X_i - X_j|,
///   wedge:  |P| <= tan delta cos(theta / 2) S + sin beta sin theta L / cos delta
///   sector: S >= (cos radius cos beta - sin radius sin beta) 2 sin(theta / 2) L
/// for slacks beta below pi/2, with which the sector is never all of the sphere.
///
/// Rounding moves P by 38 units and S by 65 (bounds/rounding.hpp): `Error::moment` and `Error::gap`
/// are more. What else is rounded is a few units of terms up to 1, were all divided again by what
/// they are multiplied by: `Error::test` is more, added to sin beta, and in the sector to sin beta
/// and taken from cos radius, as units of its two products are at most those of cos beta + sin
/// radius.
template <class R>
struct RayTest {
  using Error = Rounding<value_of<R>>;
  static constexpr int numbers = 4;

  R slope;   ///< tan delta cos(theta / 2)
  R offset;  ///< sin theta L / cos delta
  R least;   ///< cos radius 2 sin(theta / 2) L
  R lower;   ///< sin radius 2 sin(theta / 2) L

  RayTest() = default;
  KOKKOS_FORCEINLINE_FUNCTION RayTest(const R& a, const R& b, const R& c, const R& d)
      : slope(a), offset(b), least(c), lower(d) {}
  explicit RayTest(const Pair& pair) {
    using T = value_of<R>;
    constexpr double huge = 1e30;
    constexpr double lean = Error::test;
    slope = R(0);
    least = R(-static_cast<T>(huge));
    lower = R(0);
    offset = R(static_cast<T>(pair.kind == PairKind::never ? -huge : huge));
    if (pair.kind != PairKind::tested) return;
    const double scale = 2 * pair.half.sine * pair.length;
    least = R(static_cast<T>((pair.radius.cosine - lean) * scale));
    lower = R(static_cast<T>(pair.radius.sine * scale));
    // Without the wedge where bearings are opposite.
    if (!(pair.half.cosine > 1e-6)) return;
    slope = R(static_cast<T>(pair.tilt.sine / pair.tilt.cosine * pair.half.cosine));
    offset = R(static_cast<T>(scale * pair.half.cosine / pair.tilt.cosine));
  }

  /// Whether no rotation within the slack is that of two inliers; of an S and a sin beta to which
  /// `Error::gap` and `Error::test` are added already.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION mask_of<R> excludes(const R& product, const R& gap,
                                                                const Angle<R>& slack) const {
    const R most = fma(gap, slope, fma(slack.sine, offset, R(Error::moment)));
    const R floor = fma(slack.cosine, least, -(slack.sine * lower));
    return less(most, abs(product)) | less(gap, floor);
  }
};

}  // namespace driftwood::pose
