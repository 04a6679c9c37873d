// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "base/portability.hpp"
#include "pose/bounds/sight.hpp"
#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// How many correspondences cells of camera centres may explain at one rotation: many cells at
/// once, where kernels run, in single precision that leans to the side of too many.
class CentreCounts {
 public:
  /// Those of `all`, whose points lie in the unit ball, that `members` names.
  CentreCounts(std::span<const Correspondence> all, std::span<const int> members);

  /// The rotation, and what it may be off: a threshold with it is below pi/2.
  void turn(const Rotation<double>& rotation, const Angle<double>& slack);

  /// No centre of a cell explains more at any rotation within the slack.
  void operator()(std::span<const CentreCell<double>> cells, std::span<int> counts);

  /// How many this very centre explains, within thresholds and slack; in double precision.
  [[nodiscard]] int exactly(const Centre<double>& centre) const;

  [[nodiscard]] int size() const { return size_; }

 private:
  /// (quantity, correspondence), padded to whole lanes by such as count nothing.
  using Rows = Kokkos::View<float**, Kokkos::LayoutRight, Memory>;
  using Cells = Kokkos::View<CentreCell<float>*, Memory>;

  struct Member {
    Vec3<double> bearing;
    Angle<double> threshold;
    Sight<double> sight;  ///< at the rotation
  };

  std::vector<Member> members_;
  int size_ = 0;
  Rows rows_;
  Rows::HostMirror host_rows_;
  Cells cells_;
  Kokkos::View<int*, Memory> counts_;
};

}  // namespace driftwood::pose
