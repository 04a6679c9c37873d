// SPDX-License-Identifier: BSD-3-Clause
#include "pose/estimate/minimax.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pose/bounds/exchange.hpp"
#include "pose/estimate/linearised.hpp"

namespace driftwood::pose {
namespace {

constexpr int most_steps = 40;
constexpr int most_exchanges = 300;
/// Of ratios, at which a fit is done.
constexpr double tolerance = 1e-9;

double largest_ratio(std::span<const Correspondence> all, std::span<const int> members,
                     const Pose<double>& pose) {
  double most = 0;
  for (const int i : members) {
    const Correspondence& c = all[static_cast<std::size_t>(i)];
    const double ratio = residual(pose, c) / c.threshold;
    most = ratio <= most ? most : ratio;  // what is not a number counts
  }
  return most;
}

/// Tangents of residuals, in those of thresholds, and their derivatives by z: a turn by
/// `reach` z_0, z_1, z_2 in the frame of the camera, and a shift by `reach` `distance` z_3, z_4, z_5.
class LinearResiduals {
 public:
  LinearResiduals(std::span<const Correspondence> all, std::span<const int> members)
      : all_(all), members_(members), size_(members.size()), values_(2 * 7 * size_), now_(2 * size_) {}

  /// False where a point is not in front of the camera.
  bool look(const Pose<double>& pose) {
    std::vector<double> lengths;
    lengths.reserve(size_);
    for (const int i : members_) {
      lengths.push_back(norm(all_[static_cast<std::size_t>(i)].point - pose.centre));
    }
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(size_ / 2);
    std::nth_element(lengths.begin(), middle, lengths.end());
    distance_ = *middle;
    for (std::size_t k = 0; k < size_; ++k) {
      const Correspondence& c = all_[static_cast<std::size_t>(members_[k])];
      const Vec3<double> y = rotated(pose.rotation, c.point - pose.centre);
      const double depth = dot(c.bearing, y);
      if (!(depth > 0)) return false;
      const double scale = 1 / (depth * std::tan(c.threshold));
      const Vec3<double> u = orthogonal_to(c.bearing);
      const Vec3<double> basis[2] = {u, cross(c.bearing, u)};
      for (int side = 0; side < 2; ++side) {
        // Of (e y) / (f y): by y, (e - (e y / f y) f) / f y.
        const double off = dot(basis[side], y) / depth;
        const Vec3<double> by_point = scale * (basis[side] - off * c.bearing);
        const Vec3<double> turn = cross(y, by_point);
        value(side, 0)[k] = off * depth * scale;
        for (int j = 0; j < 3; ++j) {
          value(side, 1 + j)[k] = turn[j];
          value(side, 4 + j)[k] = -distance_ * by_point[j];
        }
      }
    }
    return true;
  }

  struct Best {
    double z[Exchange::variables] = {};
    double ratio = 0;  ///< that the fit promises
  };
  /// The least largest length of the two residuals of a member, |z_j| <= 1.
  [[nodiscard]] Best fit(double reach) {
    Exchange::Row first;
    next_row(Best{}.z, reach, first);
    Exchange exchange(first, 0);
    for (int step = 0; step < most_exchanges; ++step) {
      if (exchange.enter_side()) continue;
      Exchange::Row row;
      if (next_row(exchange.z(), reach, row) <= exchange.s() + tolerance ||
          !exchange.enter_row(row, 0)) {
        break;
      }
    }
    Best out;
    for (int j = 0; j < Exchange::variables; ++j) out.z[j] = std::clamp(exchange.z()[j], -1.0, 1.0);
    out.ratio = exchange.s();
    return out;
  }

  [[nodiscard]] Pose<double> moved_by(const Pose<double>& pose, const Best& step,
                                      double reach) const {
    const Vec3<double> shift =
        rotated_back(pose.rotation, reach * distance_ * Vec3<double>{step.z[3], step.z[4], step.z[5]});
    return moved(pose, {reach * step.z[0], reach * step.z[1], reach * step.z[2], shift[0], shift[1],
                        shift[2]});
  }

 private:
  [[nodiscard]] double* value(int side, int j) {
    return values_.data() + static_cast<std::size_t>(side * 7 + j) * size_;
  }

  /// Of the longest residual at z, in its direction.
  double next_row(const double* z, double reach, Exchange::Row& row) {
    for (int side = 0; side < 2; ++side) {
      double* const to = now_.data() + static_cast<std::size_t>(side) * size_;
      const double* const c[] = {value(side, 0), value(side, 1), value(side, 2), value(side, 3),
                                 value(side, 4), value(side, 5), value(side, 6)};
      double x[Exchange::variables];
      for (int j = 0; j < Exchange::variables; ++j) x[j] = reach * z[j];
      for (std::size_t k = 0; k < size_; ++k) {
        to[k] = c[0][k] + x[0] * c[1][k] + x[1] * c[2][k] + x[2] * c[3][k] + x[3] * c[4][k] +
                x[4] * c[5][k] + x[5] * c[6][k];
      }
    }
    const double* const p = now_.data();
    const double* const q = p + size_;
    std::size_t most = 0;
    double square = -1;
    for (std::size_t k = 0; k < size_; ++k) {
      const double here = p[k] * p[k] + q[k] * q[k];
      if (here > square) {
        square = here;
        most = k;
      }
    }
    const double length = std::sqrt(square);
    const double u = length > 0 ? p[most] / length : 1;
    const double v = length > 0 ? q[most] / length : 0;
    const auto along = [&](int j) { return u * value(0, j)[most] + v * value(1, j)[most]; };
    row.e = 1;
    row.b = along(0);
    for (int j = 0; j < Exchange::variables; ++j) row.a[j] = reach * along(1 + j);
    return length;
  }

  std::span<const Correspondence> all_;
  std::span<const int> members_;
  std::size_t size_;
  double distance_ = 1;
  std::vector<double> values_;  ///< (side, 1 or variable, member)
  std::vector<double> now_;
};

}  // namespace

std::optional<Minimax> minimax(std::span<const Correspondence> all, std::span<const int> members,
                               const Pose<double>& start, double enough) {
  if (members.empty()) return std::nullopt;
  LinearResiduals residuals(all, members);
  Minimax best = {start, largest_ratio(all, members, start)};
  if (!residuals.look(start)) return std::nullopt;
  double threshold = 0;
  for (const int i : members) threshold = max(threshold, all[static_cast<std::size_t>(i)].threshold);
  // Steps by as much as residuals are off, so that what is not linear is small.
  double reach = min(0.2, 4 * threshold * max(best.ratio, 1.0));
  for (int step = 0; step < most_steps && best.ratio > enough; ++step) {
    const LinearResiduals::Best fit = residuals.fit(reach);
    if (!(fit.ratio < best.ratio - tolerance)) break;
    const Pose<double> there = residuals.moved_by(best.pose, fit, reach);
    const double ratio = largest_ratio(all, members, there);
    // What came of what was promised.
    const double share = (best.ratio - ratio) / (best.ratio - fit.ratio);
    if (!(share > 0.9)) reach *= share > 0.5 ? 0.5 : 0.25;
    if (share > 0.1) {
      best = {there, ratio};
      if (!residuals.look(there)) break;
    }
    if (reach < 1e-12) break;
  }
  return best;
}

}  // namespace driftwood::pose
