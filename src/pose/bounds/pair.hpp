// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What two inliers say about the rotation alone.
///
/// Let bearings f_i and f_j enclose the angle theta > 2 eps, and both points X_i and X_j be inliers
/// of (R, C): seen in directions g_i and g_j within eps of the bearings. Then v = R (X_i - X_j) /
/// |X_i - X_j| is a positive combination of g_i and -g_j. With m = (f_i - f_j) / |f_i - f_j|,
/// n = f_i x f_j / sin theta and sin delta = sin eps / sin(theta / 2):
///   wedge:  cos delta |n v| <= sin delta (m v), as the hemispheres of the normals
///           sin delta m +- cos delta n are at an angle pi/2 - eps to f_i and -f_j;
///   sector: the angle of v and m is at most (pi - theta) / 2 + eps, as the cap of that radius,
///           below pi/2, is convex and contains the caps of radius eps around f_i and -f_j;
///   plane:  |n v| <= sin delta, which the wedge implies as (m v)^2 <= 1 - (n v)^2.
/// For rotations within beta of R_0, v is within beta of R_0 (X_i - X_j) / |X_i - X_j|, and each
/// set grows by at most beta.

#include "pose/bounds/slack.hpp"
#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

enum class PairKind {
  tested,
  always,  ///< of bearings within 2 eps of each other: no constraint
  never,   ///< of one point, seen in two directions
};

/// The constraint of one pair, in double precision.
struct Pair {
  PairKind kind = PairKind::always;
  Vec3<double> normal = {};     ///< n
  Vec3<double> middle = {};     ///< m
  Vec3<double> direction = {};  ///< of X_i - X_j
  double length = 0;            ///< |X_i - X_j|
  Angle<double> half = {};      ///< theta / 2
  Angle<double> tilt = {};      ///< delta
  Angle<double> radius = {};    ///< (pi - theta) / 2 + eps

  Pair() = default;
  Pair(const Correspondence& i, const Correspondence& j) {
    const Angle<double> eps = angle_of(max(i.threshold, j.threshold));
    const Vec3<double> apart = i.bearing - j.bearing;
    const Vec3<double> together = i.bearing + j.bearing;
    half = {norm(apart) / 2, norm(together) / 2};
    // Bearings are unit vectors but for rounding. pi/2 and more is no threshold at all.
    if (!(half.sine > eps.sine + Rounding<double>::test) || !(eps.cosine > 0)) return;
    const Vec3<double> between = i.point - j.point;
    length = norm(between);
    if (between[0] == 0 && between[1] == 0 && between[2] == 0) {
      kind = PairKind::never;
      return;
    }
    // Otherwise its square is no number that says how long it is.
    if (!(length > 1e-140 && length < 1e140)) return;
    kind = PairKind::tested;
    direction = 1 / length * between;
    // Of lengths that rounding makes unequal, bearings close to each other have a difference that
    // is not quite orthogonal to their sum.
    middle = normalised(apart);
    if (half.sine < half.cosine) {
      const Vec3<double> between_bearings = normalised(together);
      middle = normalised(middle - dot(middle, between_bearings) * between_bearings);
    }
    // f_i x f_j without its cancellation. Where bearings are opposite, any n orthogonal to m will
    // do.
    normal = half.cosine > 1e-6 ? normalised(cross(middle, together)) : orthogonal_to(middle);
    // Up by what it is rounded by, as its cosine may be small.
    tilt.sine = min(eps.sine / half.sine * (1 + 8 * Rounding<double>::unit), 1.0);
    tilt.cosine = sqrt((1 - tilt.sine) * (1 + tilt.sine));
    radius = {fma(half.cosine, eps.cosine, half.sine * eps.sine),
              fma(half.sine, eps.cosine, -(half.cosine * eps.sine))};
    // v is within `radius` of m, whatever n is.
    if (!(half.cosine > 1e-6)) {
      tilt.sine = min(max(tilt.sine, radius.sine * (1 + 8 * Rounding<double>::unit)), 1.0);
      tilt.cosine = sqrt((1 - tilt.sine) * (1 + tilt.sine));
    }
  }
};

/// How far a scalar product of the middle of a cap of radius `radius` + `slack` is above the
/// least that points of it have; 1 where the cap is all of the sphere.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R cap_margin(const R& along, const Angle<R>& radius,
                                         const Angle<R>& slack) {
  constexpr value_of<R> test = Rounding<value_of<R>>::test;
  const R least = fma(radius.cosine, slack.cosine, -(radius.sine * slack.sine));
  const auto partial = less(R(test), radius.cosine + slack.cosine);
  return select(partial, along - least + R(test), R(1));
}

/// A pair as it is tested on directions v, to which the middle of a ball of rotations turns that of
/// X_i - X_j; in each of the lanes of `R`.
template <class R>
struct DirectPair {
  static constexpr int numbers = 13;

  Vec3<R> normal;
  Vec3<R> middle;
  Vec3<R> direction;
  Angle<R> tilt;
  Angle<R> radius;

  DirectPair() = default;
  KOKKOS_FORCEINLINE_FUNCTION explicit DirectPair(const Pair& pair)
      : normal(rounded<R>(pair.normal)),
        middle(rounded<R>(pair.middle)),
        direction(rounded<R>(pair.direction)),
        tilt{static_cast<R>(pair.tilt.sine), static_cast<R>(pair.tilt.cosine)},
        radius{static_cast<R>(pair.radius.sine), static_cast<R>(pair.radius.cosine)} {}

  /// Each is negative only where no rotation within `slack` is that of two inliers.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R plane_margin(const Vec3<R>& v,
                                                           const Angle<R>& slack) const {
    const Angle<R> sum = sum_up_to_pi(tilt, slack);
    const R most = select(less(R(test), sum.cosine), sum.sine, R(1));
    return most - abs(dot(normal, v)) + R(test);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R wedge_margin(const Vec3<R>& v,
                                                           const Angle<R>& slack) const {
    const R margin =
        fma(tilt.sine, dot(middle, v), slack.sine) - tilt.cosine * abs(dot(normal, v)) + R(test);
    return select(less(R(0), slack.cosine), margin, R(1));
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R sector_margin(const Vec3<R>& v,
                                                            const Angle<R>& slack) const {
    return cap_margin(dot(middle, v), radius, slack);
  }
  /// The wedge and the sector.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R margin(const Vec3<R>& v,
                                                     const Angle<R>& slack) const {
    return min(wedge_margin(v, slack), sector_margin(v, slack));
  }
  /// Of one ball.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R margin(const auto& ball) const {
    return margin(rotated(ball.middle, direction), ball.slack);
  }
  /// Whether a rotation excludes the pair, without any leaning: for what is reached, not bounded.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION mask_of<R> excludes(const Vec3<R>& v) const {
    const R along = dot(middle, v);
    return less(tilt.sine * along, tilt.cosine * abs(dot(normal, v))) | less(along, radius.cosine);
  }

 private:
  static constexpr value_of<R> test = Rounding<value_of<R>>::test;
};

/// A line through the turned point Y in the direction of its bearing f, with its moment Y x f: the
/// ray by which the camera, wherever it is, sees that point.
template <class R>
struct Ray {
  Vec3<R> bearing;
  Vec3<R> point;
  Vec3<R> moment;

  KOKKOS_FORCEINLINE_FUNCTION Ray(const Rotation<R>& rotation, const Vec3<R>& f, const Vec3<R>& x)
      : bearing(f), point(rotated(rotation, x)), moment(cross(point, f)) {}
};

/// f_i l_j + f_j l_i = (f_i x f_j) (Y_i - Y_j) = sin theta |X_i - X_j| (n v); 0 where the lines
/// meet, which they do at the camera.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R reciprocal_product(const Ray<R>& i, const Ray<R>& j) {
  return dot(i.bearing, j.moment) + dot(j.bearing, i.moment);
}
/// f_i Y_i + f_j Y_j - f_i Y_j - f_j Y_i = 2 sin(theta / 2) |X_i - X_j| (m v).
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R gap(const Ray<R>& i, const Ray<R>& j) {
  return (dot(i.bearing, i.point) + dot(j.bearing, j.point)) -
         (dot(i.bearing, j.point) + dot(j.bearing, i.point));
}

/// A pair as it is tested on rays: five numbers, and updates of rank six for all pairs of a block.
/// What the tests divide by, sin theta |X_i - X_j|, may be small: it magnifies the rounding of the
/// products, so that the slack stands inside.
template <class R>
struct LinePair {
  R across;         ///< cos delta / (sin theta |X_i - X_j|)
  R along;          ///< 1 / (2 sin(theta / 2) |X_i - X_j|)
  R sine_of_tilt;   ///< sin delta
  Angle<R> radius;  ///< of the sector

  LinePair() = default;
  KOKKOS_FORCEINLINE_FUNCTION explicit LinePair(const Pair& pair) {
    using T = value_of<R>;
    const double sine = 2 * pair.half.sine * pair.half.cosine;  // of theta
    // Without the wedge where bearings are opposite.
    across =
        R(static_cast<T>(pair.half.cosine > 1e-6 ? pair.tilt.cosine / (sine * pair.length) : 0.0));
    along = R(static_cast<T>(1 / (2 * pair.half.sine * pair.length)));
    sine_of_tilt = R(static_cast<T>(pair.tilt.sine));
    radius = {R(static_cast<T>(pair.radius.sine)), R(static_cast<T>(pair.radius.cosine))};
  }

  /// Negative only where no rotation within `slack` is that of two inliers, by wedge or sector.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R margin(const R& product, const R& gap_product,
                                                     const Angle<R>& slack) const {
    using Error = Rounding<value_of<R>>;
    const R middle = along * (gap_product + R(Error::gap));  // m v
    const R side = across * (abs(product) - R(Error::moment));
    const R wedge = fma(sine_of_tilt, middle, slack.sine) - side + R(Error::test);
    return min(select(less(R(0), slack.cosine), wedge, R(1)), cap_margin(middle, radius, slack));
  }
};

}  // namespace driftwood::pose
