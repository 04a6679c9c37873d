// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pose/bounds/rounding.hpp"
#include "pose/geometry/box.hpp"

namespace driftwood::pose {

/// An angle known in double precision, rounded up for tests in `T`.
template <Real T>
KOKKOS_FORCEINLINE_FUNCTION Angle<T> rounded_up(const Angle<double>& a) {
  const Angle<double> more = sum_up_to_pi(a, angle_of(static_cast<double>(Rounding<T>::angle)));
  return {static_cast<T>(more.sine), static_cast<T>(more.cosine)};
}

/// A box as pairs are tested on it: every rotation of it is within `slack` of `middle`. Computed in
/// double precision whatever `T`.
template <Real T>
struct RotationBall {
  Rotation<T> middle;
  Angle<T> slack;

  KOKKOS_FORCEINLINE_FUNCTION explicit RotationBall(const Box<double>& box)
      : middle(rounded<T>(rotation_of(box.middle()))), slack(rounded_up<T>(radius_of(box))) {}
  KOKKOS_FORCEINLINE_FUNCTION RotationBall(const Rotation<double>& of, const Angle<double>& within)
      : middle(rounded<T>(of)), slack(rounded_up<T>(within)) {}
};

}  // namespace driftwood::pose
