// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Search over where the z axis goes, a point p of the sphere, with the angle phi about it swept.
///
/// Every R with R e_z = p is S Q_0 R_z(phi), where Q_0 e_z = p_0 and S is the smallest rotation
/// from p_0 to p: for p within alpha of p_0, R u is within alpha of Q_0 R_z(phi) u. A constraint on
/// that is a set of intervals of phi, and the most constraints that hold at one phi bound those
/// that hold for any rotation of the cell.

#include <cstdint>
#include <span>
#include <vector>

#include "pose/bounds/intervals.hpp"
#include "pose/bounds/pair.hpp"

namespace driftwood::pose {

/// A square of the gnomonic chart of one of six faces of a cube: of the axis `square.chart`, or
/// the opposite one.
struct SphereCell {
  GnomonicBox<double, 2> square;
  bool opposite;

  /// p_0.
  [[nodiscard]] Vec3<double> middle() const {
    return (opposite ? -1.0 : 1.0) * normalised(square.middle());
  }
  /// alpha.
  [[nodiscard]] Angle<double> radius() const {
    const double tangent = square.tangent_of_radius();
    const double scale = 1 / sqrt(fma(tangent, tangent, 1.0));
    return {tangent * scale, scale};
  }
};

/// Which cell: face in bits 61 to 63, level in bits 54 to 60, and in those below the path from the
/// face, two bits a level, the last level lowest.
struct SphereKey {
  static constexpr int faces = 6;
  static constexpr int deepest_level = 26;

  std::uint64_t word;

  /// All of a face.
  [[nodiscard]] static constexpr SphereKey face(int number) {
    return {static_cast<std::uint64_t>(number) << 61};
  }
  [[nodiscard]] constexpr int level() const { return static_cast<int>((word >> 54) & 127); }
  [[nodiscard]] constexpr std::uint64_t path() const {
    return word & ((std::uint64_t{1} << 54) - 1);
  }
  /// Part 0 ... 3 of this cell; the level is below `deepest_level`.
  [[nodiscard]] constexpr SphereKey child(int part) const {
    return {(((word >> 54) + 1) << 54) | (path() << 2) | static_cast<std::uint64_t>(part)};
  }
  [[nodiscard]] SphereCell cell() const {
    std::uint64_t place[2] = {0, 0};
    for (int l = level() - 1; l >= 0; --l) {
      for (int a = 0; a < 2; ++a) place[a] = (place[a] << 1) | ((path() >> (2 * l + a)) & 1);
    }
    const int number = static_cast<int>(word >> 61);
    const double half = 1 / static_cast<double>(std::uint64_t{1} << level());
    SphereCell out = {{number % 3, {}, half}, number >= 3};
    for (int a = 0; a < 2; ++a) {
      out.square.centre[a] = static_cast<double>(2 * place[a] + 1) * half - 1;
    }
    return out;
  }
};

/// Q_0 R_z(phi).
[[nodiscard]] inline Rotation<double> rotation_onto(const Vec3<double>& p0, double phi) {
  const Rotation<double> frame = frame_onto(p0);
  const Angle<double> turn = angle_of(phi);
  Rotation<double> out = frame;
  for (int i = 0; i < 3; ++i) {
    out(i, 0) = fma(frame(i, 0), turn.cosine, frame(i, 1) * turn.sine);
    out(i, 1) = fma(frame(i, 1), turn.cosine, -(frame(i, 0) * turn.sine));
  }
  return out;
}

/// Adds where on [0, 2 pi] a cos phi + b sin phi + c is in [-s, s], widened by rounding in `T`: up
/// to three intervals, as they may cross the end.
template <Real T>
void add_intervals(T a, T b, T c, T s, std::vector<Interval>& to) {
  constexpr double turn = 2 * pi;
  constexpr double wider = 4 * static_cast<double>(Rounding<T>::angle);
  // Inverse functions in double precision: steep where a cosine is near 1.
  const double x = static_cast<double>(a);
  const double y = static_cast<double>(b);
  const double rho = sqrt(fma(x, x, y * y));
  const double most = static_cast<double>(s) + static_cast<double>(Rounding<T>::test);
  const double upper = most - static_cast<double>(c);
  const double lower = -most - static_cast<double>(c);
  if (upper < -rho || lower > rho) return;
  const auto angle = [rho](double cosine) {  // acos(cosine / rho)
    if (cosine >= rho) return 0.0;
    if (cosine <= -rho) return pi;
    return radians(Angle<double>{sqrt((rho - cosine) * (rho + cosine)) / rho, cosine / rho});
  };
  const double near = angle(upper) - wider;
  const double far = angle(lower) + wider;
  const double middle =
      rho > 0 ? (y < 0 ? -1 : 1) * radians(Angle<double>{abs(y) / rho, x / rho}) : 0;
  const auto add = [&](double low, double high) {
    if (high - low >= turn) {
      to.push_back({0, turn});
      return;
    }
    if (low < 0) {
      low += turn;
      high += turn;
    }
    if (low >= turn) {
      low -= turn;
      high -= turn;
    }
    to.push_back({low, min(high, turn)});
    if (high >= turn) to.push_back({0, high - turn});
  };
  if (near <= 0 && far >= pi) {
    to.push_back({0, turn});
  } else if (near <= 0) {
    add(middle - far, middle + far);
  } else if (far >= pi) {
    add(middle + near, middle + turn - near);
  } else {
    add(middle + near, middle + far);
    add(middle - far, middle - near);
  }
}

/// The most pairs whose plane, |n (R u)| <= sin delta, any one rotation of the cell is in; with the
/// angle phi where that is, for directions within `slack` of those of p_0.
template <Real T>
[[nodiscard]] Stab most_planes(const Vec3<double>& p0, const Angle<double>& slack,
                               const std::vector<DirectPair<T>>& pairs) {
  const Rotation<T> frame = rounded<T>(frame_onto(p0));
  const Angle<T> wide = rounded_up<T>(slack);
  std::vector<Interval> intervals;
  intervals.reserve(2 * pairs.size());
  for (const DirectPair<T>& pair : pairs) {
    const Vec3<T> n = rotated_back(frame, pair.normal);
    const Vec3<T>& u = pair.direction;
    const Angle<T> sum = sum_up_to_pi(pair.tilt, wide);
    const T most = less(T(0), sum.cosine) ? sum.sine : T(1);
    add_intervals<T>(fma(n[0], u[0], n[1] * u[1]), fma(n[1], u[0], -(n[0] * u[1])), n[2] * u[2],
                     most, intervals);
  }
  return most_overlapping(intervals);
}

/// The most of these that any one rotation of the cell explains, of a camera at 0: points are unit
/// vectors that it turns to within the threshold of the bearing. With the angle phi where that is,
/// for directions within `slack` of those of p_0.
[[nodiscard]] inline Stab most_caps(const Vec3<double>& p0, const Angle<double>& slack,
                                    std::span<const Correspondence> all) {
  const Rotation<double> frame = frame_onto(p0);
  const Angle<double> wide = rounded_up<double>(slack);
  std::vector<Interval> intervals;
  intervals.reserve(2 * all.size());
  for (const Correspondence& c : all) {
    const Vec3<double> f = rotated_back(frame, c.bearing);
    const Vec3<double>& x = c.point;
    // f (R_z x) is from the cosine up to 1.
    const double least = sum_up_to_pi(angle_of(c.threshold), wide).cosine;
    add_intervals(fma(f[0], x[0], f[1] * x[1]), fma(f[1], x[0], -(f[0] * x[1])),
                  f[2] * x[2] - (1 + least) / 2, (1 - least) / 2, intervals);
  }
  return most_overlapping(intervals);
}

}  // namespace driftwood::pose
