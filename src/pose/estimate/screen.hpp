// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

/// Counts as `is_inlier` does but for rounding, many at a time.
class Screen {
 public:
  explicit Screen(std::span<const Correspondence> all) : size_(all.size()) {
    for (auto& column : columns_) column.resize(size_);
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t a = 0; a < 3; ++a) {
        columns_[a][i] = all[i].point[static_cast<int>(a)];
        columns_[3 + a][i] = all[i].bearing[static_cast<int>(a)];
      }
      columns_[6][i] = std::cos(std::min(all[i].threshold, pi / 2));
    }
  }

  /// Of those from `first` on, up to `last`.
  [[nodiscard]] int inliers(const Pose<double>& pose, std::size_t first, std::size_t last) const {
    const Rotation<double>& r = pose.rotation;
    const Vec3<double> t = rotated(r, pose.centre);
    const double* const x = columns_[0].data();
    const double* const y = columns_[1].data();
    const double* const z = columns_[2].data();
    const double* const f = columns_[3].data();
    const double* const g = columns_[4].data();
    const double* const h = columns_[5].data();
    const double* const cosine = columns_[6].data();
    int count = 0;
    for (std::size_t i = first; i < last; ++i) {
      const double a = r(0, 0) * x[i] + r(0, 1) * y[i] + r(0, 2) * z[i] - t[0];
      const double b = r(1, 0) * x[i] + r(1, 1) * y[i] + r(1, 2) * z[i] - t[1];
      const double c = r(2, 0) * x[i] + r(2, 1) * y[i] + r(2, 2) * z[i] - t[2];
      const double along = f[i] * a + g[i] * b + h[i] * c;
      count += along >= cosine[i] * std::sqrt(a * a + b * b + c * c) ? 1 : 0;
    }
    return count;
  }

 private:
  std::size_t size_;
  std::array<std::vector<double>, 7> columns_;
};

}  // namespace driftwood::pose
