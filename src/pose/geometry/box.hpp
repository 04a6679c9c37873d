// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Boxes of rotations. Chart c holds the quaternions e_c + sum_(a != c) x_a e_a with |x_a| <= 1,
/// those whose component c is the largest in magnitude: four charts tile the rotations, and overlap
/// where components are equal alone. A box of level L is a cube of half size 2^-L in a chart.

#include "pose/geometry/rotation.hpp"

namespace driftwood::pose {

inline constexpr int charts = 4;
/// Centres are exact in single precision down to it.
inline constexpr int deepest_level = 18;

/// Which box: chart in bits 59 and 60, level in bits 54 to 58, and in those below the path from the
/// root, three bits a level (Morton order), the last level lowest.
struct BoxKey {
  std::uint64_t word;

  KOKKOS_FORCEINLINE_FUNCTION constexpr BoxKey(int chart, int level, std::uint64_t path)
      : word((static_cast<std::uint64_t>(chart) << 59) | (static_cast<std::uint64_t>(level) << 54) |
             path) {}
  KOKKOS_FORCEINLINE_FUNCTION explicit constexpr BoxKey(std::uint64_t stored) : word(stored) {}

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr int chart() const {
    return static_cast<int>(word >> 59);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr int level() const {
    return static_cast<int>((word >> 54) & 31);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr std::uint64_t path() const {
    return word & ((std::uint64_t{1} << 54) - 1);
  }

  /// Part 0 ... 7 of this box; the level is below `deepest_level`.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr BoxKey child(int part) const {
    return {chart(), level() + 1, (path() << 3) | static_cast<std::uint64_t>(part)};
  }

  /// Boxes of the deepest level that lie in this one, and the number of the first of them: where
  /// the boxes of a list, sorted by it, follow each other without gap from 0 to `all_units`, they
  /// tile the rotations.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr std::uint64_t units() const {
    return std::uint64_t{1} << (3 * (deepest_level - level()));
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr std::uint64_t first_unit() const {
    return (static_cast<std::uint64_t>(chart()) << (3 * deepest_level)) | (path() * units());
  }

  friend constexpr bool operator==(const BoxKey&, const BoxKey&) = default;
};
inline constexpr std::uint64_t all_units = std::uint64_t{charts} << (3 * deepest_level);

/// Whether these are the bits of a box.
[[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr bool is_key(std::uint64_t word) {
  const BoxKey key(word);
  return word >> 61 == 0 && key.level() <= deepest_level && key.path() >> (3 * key.level()) == 0;
}

/// A cube of a gnomonic chart of the unit sphere in N + 1 dimensions; `centre` leaves component
/// `chart` out.
template <class T, int N>
struct GnomonicBox {
  int chart;
  Vec<T, N> centre;
  T half;

  /// The point at `x` of the chart, not normalised.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Vec<T, N + 1> at(const Vec<T, N>& x) const {
    Vec<T, N + 1> out;
    for (int a = 0; a < N; ++a) out[a + (a >= chart ? 1 : 0)] = x[a];
    out[chart] = T(1);
    return out;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Vec<T, N + 1> middle() const { return at(centre); }

  /// The tangent of the largest angle between a point of the box and its middle. Points within an
  /// angle below pi/2 of the middle are a convex cone, whose trace in the chart is convex: it
  /// contains the box where it contains the vertices. Centres are 0 or at least `half` away from
  /// it in each coordinate, so that no vertex is pi/2 or more away.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION T tangent_of_radius() const {
    const T square = fma(T(1), T(1), dot(centre, centre));
    T largest = T(0);
    for (int corner = 0; corner < (1 << N); ++corner) {
      T along = T(0);
      for (int a = 0; a < N; ++a) along += (((corner >> a) & 1) != 0 ? half : -half) * centre[a];
      const T across = T(N) * half * half * square - along * along;
      const T tangent = sqrt(across) / (square + along);
      largest = max(largest, tangent);
    }
    return largest;
  }
};

/// A box of rotations: quaternions of one chart.
template <class T>
using Box = GnomonicBox<T, 3>;

/// The angle beta within which the rotations of a box differ from that of its middle: attained at
/// a vertex.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Angle<T> radius_of(const Box<T>& box) {
  return doubled(box.tangent_of_radius());
}

template <Real T>
KOKKOS_FORCEINLINE_FUNCTION Box<T> box_of(const BoxKey& key) {
  const int level = key.level();
  std::uint32_t place[3] = {0, 0, 0};
  for (int l = 0; l < level; ++l) {
    const auto part = static_cast<std::uint32_t>(key.path() >> (3 * (level - 1 - l)));
    for (int a = 0; a < 3; ++a) place[a] = (place[a] << 1) | ((part >> a) & 1);
  }
  const T half = T(1) / static_cast<T>(std::uint32_t{1} << level);
  Box<T> out = {key.chart(), {}, half};
  for (int a = 0; a < 3; ++a) {
    out.centre[a] = static_cast<T>(2 * place[a] + 1) * half - T(1);
  }
  return out;
}

/// The box of a level that a quaternion other than 0 lies in.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION BoxKey box_around(const Quaternion<T>& q, int level) {
  int chart = 0;
  for (int a = 1; a < charts; ++a) chart = abs(q[a]) > abs(q[chart]) ? a : chart;
  const auto cells = std::int64_t{1} << level;
  std::uint64_t place[3];
  for (int a = 0; a < 3; ++a) {
    const T x = q[a + (a >= chart ? 1 : 0)] / q[chart];
    const auto cell = static_cast<std::int64_t>((x + T(1)) / T(2) * static_cast<T>(cells));
    place[a] = static_cast<std::uint64_t>(min(max(cell, std::int64_t{0}), cells - 1));
  }
  std::uint64_t path = 0;
  for (int l = level - 1; l >= 0; --l) {
    for (int a = 2; a >= 0; --a) path = (path << 1) | ((place[a] >> l) & 1);
  }
  return {chart, level, path};
}

}  // namespace driftwood::pose
